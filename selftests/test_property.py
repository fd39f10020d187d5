#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""RFC 7915, 7757, 6877: packets by chance through real translators.

Two routers: one with an explicit mapping of IPv6 hosts (a stateless NAT64), one
with the same mapping of IPv4 hosts (a CLAT).  Each packet of gen.py is held
against the reference model, octet by octet, then sent through the other router
and held against itself.  A seed makes the same packet for ever: give a seed as
argument to see what becomes of it.
"""
import ipaddress
import os
import random
import struct
import sys
import time

import gen
import ktap
from lab import HOST4, MAC_FAR, Lab, SERVER4
from model import Drop, Model, checksum, join6, put16, same4
from test_model import is_error, sound, there_and_back4, there_and_back6

PREFIX = "2001:db8:64::/96"
HOST6, HOST6_4, PEER4 = "2001:db8:6::7", "203.0.113.7", HOST4
PEER6 = "2001:db8:64::c000:221"
ROUTER4, ROUTER6 = "192.0.2.1", "2001:db8:6::1"
PAIR = [("203.0.113.0/24", "2001:db8:6::/120")]
SECONDS = int(os.environ.get("NAT64_PROPERTY_SECONDS", 60))

# A packet of each family that surely passes, to know what does not.
MARK = b"this is the mark"


def mark(src, dst, number):
    src, dst = (ipaddress.ip_address(x).packed for x in (src, dst))
    data = MARK + number.to_bytes(4, "big")
    body = gen.summed(src, dst, 17, struct.pack(
        "!4H", 7, 7, 8 + len(data), 0) + data, 6)
    if len(src) == 16:
        return struct.pack("!IHBB", 6 << 28, len(body), 17, 64) + src + dst + \
            body
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, 64,
                       17, 0) + src + dst
    return put16(head, 10, checksum(head)) + body


class Router:
    """A translator with the two functions of the model."""
    count = 0

    def __init__(self, name, option, hosts_behind_6):
        self.lab = Lab(name)
        self.lab.ctl(f"prefix add {PREFIX} private on")
        self.lab.ctl(f"eip add {PAIR[0][0]} to {PAIR[0][1]} {option}")
        # No packet comes in pieces here: test_xlat is about those.
        self.lab.ctl("set lowest-ipv6-mtu 1500")
        # Every address is there: nothing is "unreachable" seconds later.
        for dev in "eth4", "eth6":
            self.lab.ip(f"link set {dev} arp off")
        self.lab.ip(f"neigh add {HOST6} lladdr {MAC_FAR} dev eth6")
        self.lab.ip(f"route add {PAIR[0][0]} via {SERVER4}")
        self.hosts_behind_6 = hosts_behind_6

    def _through(self, packets, to, into, out):
        """What comes of packets: they and a mark are sent."""
        Router.count += 1
        ends = (HOST6, PEER6) if to == 4 else (PEER4, HOST6_4)
        if not self.hosts_behind_6:
            ends = ends[::-1]
        out.drain()
        for packet in packets:
            into.send_raw(packet)
        into.send_raw(mark(*ends, Router.count))
        got = []
        while True:
            one = out.recv_raw()
            if one is None:
                raise RuntimeError(f"no mark, {self.lab.moved()}")
            if one[-20:-4] == MARK:
                if one[-4:] == Router.count.to_bytes(4, "big"):
                    break
                continue
            got.append(one)
        return got

    def many_to4(self, packets):
        return self._through(packets, 4, self.lab.w6, self.lab.w4)

    def many_to6(self, packets):
        return self._through(packets, 6, self.lab.w4, self.lab.w6)

    def to4(self, packet):
        return self._one(self.many_to4, packet)

    def to6(self, packet):
        return self._one(self.many_to6, packet)

    @staticmethod
    def _one(many, packet):
        got = many([packet])
        if len(got) > 1:
            raise RuntimeError(f"{len(got)} packets of one")
        return got[0] if got else Drop("dropped")


def differ(want, got):
    """None, or a text for people."""
    if isinstance(want, Drop) or isinstance(got, Drop):
        if isinstance(want, Drop) and isinstance(got, Drop):
            return None
        if isinstance(want, Drop):
            return f"the model drops it ({want}), got {got.hex()}"
        return f"dropped, want {want.hex()}"
    good = same4(want, got) if got[0] >> 4 == 4 else want == got
    return None if good else f"\nwant {want.hex()}\ngot  {got.hex()}"


class Property:
    def __init__(self):
        self.bad = {}
        self.tried = {}

    def note(self, what, seed, reason):
        self.tried[what] = self.tried.get(what, 0) + 1
        if reason:
            self.bad.setdefault(what, []).append(f"seed {seed}: {reason}")

    def report(self):
        for what, tried in self.tried.items():
            bad = self.bad.get(what, [])
            ktap.ok(what, not bad, f"{len(bad)} of {tried}\n" +
                    "\n".join(bad[:4]))
            print(f"# {tried} packets", flush=True)


def both(packet, steps):
    for step in steps:
        packet = step(packet)
        if not packet:
            break
    return packet


def try_back(packet, real, model, original):
    """None, or what is wrong after two translators.  What comes back is the
    packet that was sent, but an error may have lost detail."""
    want, got = both(packet, model), both(packet, real)
    if str(want) == "fragment of ICMP":
        return None
    reason = differ(want, got)
    if not reason and got and not is_error(packet):
        reason = differ(original(packet), got)
    return reason


def places(rng, size, least=8):
    """Where to cut: from, to, more."""
    cuts = {8 * rng.randint(1, max(1, (size - 1) // 8))
            for _ in range(rng.randint(1, 6))}
    cuts = sorted({0, size} | {cut for cut in cuts if cut >= least})
    return [(a, min(b, size), b < size) for a, b in zip(cuts, cuts[1:])]


def cut6(rng, packet):
    """RFC 8200 section 4.5: all headers are in the first fragment."""
    ident = rng.getrandbits(32)
    head, body = packet[:40], packet[40:]
    out = [put16(head[:6] + b"\x2c" + head[7:], 4, 8 + b - a) + struct.pack(
        "!BBHI", head[6], 0, a | more, ident) + body[a:b]
        for a, b, more in places(rng, len(body), 24)]
    rng.shuffle(out)
    return out


def cut4(rng, packet):
    ident = rng.getrandbits(16)
    out = []
    for a, b, more in places(rng, len(packet) - 20):
        head = put16(put16(put16(packet[:20], 2, 20 + b - a), 4, ident), 6,
                     a // 8 | more << 13)
        out.append(put16(put16(head, 10, 0), 10, checksum(put16(head, 10, 0)))
                   + packet[20 + a:20 + b])
    rng.shuffle(out)
    return out


def join4(packets):
    """The packet that was cut, as if it never had been; None if a piece is
    missing, wrong, or of another one."""
    body, more = b"", True
    for one in sorted(packets, key=lambda p: int.from_bytes(p[6:8], "big")
                      & 0x1fff):
        flags = int.from_bytes(one[6:8], "big")
        if (flags & 0x1fff) * 8 != len(body) or flags & 0x4000 or \
                one[4:6] != packets[0][4:6] or checksum(one[:20]):
            return None
        body, more = body + one[20:], flags & 0x2000
    if more:
        return None
    head = put16(put16(put16(packets[0][:20], 2, 20 + len(body)), 6, 0), 10, 0)
    return put16(head, 10, checksum(head)) + body


def try_fragments(rng, packet, real, model):
    """None, or what is wrong with a packet that came in pieces."""
    six = packet[0] >> 4 == 6
    plain = packet[6] not in (0, 43, 44, 59, 60) if six else \
        packet[0] == 0x45 and not packet[6] & 0x40
    want = model(packet)
    if not plain or is_error(packet) or not want or len(packet) < 100:
        return None
    got = real((cut6 if six else cut4)(rng, packet))
    if not got:
        return f"nothing came of {packet.hex()}"
    if six:
        # Pieces go without DF, whatever they add up to.
        want = put16(put16(put16(want, 6, 0), 10, 0), 4, 0)
        want = put16(want, 10, checksum(want[:20]))
        return differ(want, join4(got) or b"\x45 no packet")
    return differ(want, got[0] if len(got) == 1 else join6(got))


def try_seed(seed, prop, nat, clat, nat_model, clat_model):
    rng = random.Random(seed)
    six = gen.ip6(rng, HOST6, PEER6)
    four = gen.ip4(rng, HOST6_4, PEER4)
    from_peer = gen.ip4(rng, PEER4, HOST6_4)
    for name, packet, real, model in (
            ("7915 5 IPv6 to IPv4 as the model has it", six, nat.to4,
             nat_model.to4),
            ("7915 4 IPv4 to IPv6 as the model has it", from_peer, nat.to6,
             nat_model.to6),
            ("6877 IPv4 to IPv6 by a CLAT as the model has it", four, clat.to6,
             clat_model.to6)):
        want = model(packet)
        if str(want) == "fragment of ICMP":
            continue
        prop.note(name, seed, differ(want, real(packet)))
    prop.note("7915 IPv6 there and back through two", seed, try_back(
        six, (nat.to4, clat.to6), (nat_model.to4, clat_model.to6),
        there_and_back6))
    prop.note("7915 IPv4 there and back through two", seed, try_back(
        four, (clat.to6, nat.to4), (clat_model.to6, nat_model.to4),
        there_and_back4))
    prop.note("6146 3.4 IPv6 fragments, cut and mixed anyhow", seed,
              try_fragments(rng, six, nat.many_to4, nat_model.to4))
    prop.note("6146 3.4 IPv4 fragments, cut and mixed anyhow", seed,
              try_fragments(rng, from_peer, nat.many_to6, nat_model.to6))
    for packet, to, before, after in (
            (six, nat.to4, gen.valid6, gen.valid4),
            (from_peer, nat.to6, gen.valid4, gen.valid6)):
        hostile = gen.mutate(rng, packet)
        if len(hostile) < 40:
            continue
        prop.note("no invalid packet from a hostile one", seed,
                  sound(hostile, to, before, after))


def main():
    # On one CPU packets stay in order.
    os.sched_setaffinity(0, {0})
    nat = Router("nat", "", True)
    clat = Router("clat", "clat on", False)
    models = (Model(PREFIX, eam=PAIR, router4=ROUTER4, router6=ROUTER6),
              Model(PREFIX, clat=PAIR, router4=ROUTER4, router6=ROUTER6))
    prop = Property()
    if len(sys.argv) > 1:
        seeds = iter([int(sys.argv[1])])
    else:
        seeds = iter(range(10 ** 9))
    end = time.monotonic() + SECONDS
    for seed in seeds:
        if time.monotonic() > end:
            break
        ktap.case(try_seed, seed, prop, nat, clat, *models)
        if ktap.failed > 2:
            break
    prop.report()
    ktap.done()


if __name__ == "__main__":
    main()
