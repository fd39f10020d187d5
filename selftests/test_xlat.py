#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""RFC 7915, RFC 6052: every byte of translated packets, both ways.

What is expected is built anew by scapy from the fields that the RFC names; it
knows nothing of the module.  Only what the translator is free to choose, pool
address and port and an IPv4 identification without DF, is taken from the
packet, and held against the session table.
"""
import ipaddress
import random
import sys

from scapy.layers.inet import ICMP, IP, TCP, UDP, \
    IPOption_LSRR, IPOption_NOP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6EchoReply, \
    ICMPv6EchoRequest, ICMPv6PacketTooBig, ICMPv6ParamProblem, \
    ICMPv6TimeExceeded, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, \
    IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, PadN
from scapy.packet import Raw

import ktap
from ktap import case, ok, same
from lab import HOST4, ROUTER4, ROUTER6, SERVER4, Lab

# RFC 6052 section 2.4, table 2, for 192.0.2.33
PREFIXES = {
    32: ("2001:db8::/32", "2001:db8:c000:221::"),
    40: ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
    48: ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"),
    56: ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
    64: ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
    96: ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"),
}
CLIENT = "2001:470:6::2"	# outside the prefixes of the RFC's examples
POOL = "198.51.100.0/28"

lab = None
next_port = 20000


def norm(addr):
    return str(ipaddress.ip_address(addr))


def port():
    global next_port
    next_port += 1
    return next_port


class Flow:
    """One client port, through one prefix, to one server port."""

    def __init__(self, remote6, kind):
        self.remote6 = remote6
        self.kind = kind
        self.lport6 = port()
        self.rport = 0 if kind == "icmp" else 8080
        self.local4 = self.lport4 = None

    # A packet as either family sees it, from the same fields.
    def l4(self, out, family, payload, **kw):
        lport = self.lport6 if family == 6 else self.lport4
        if self.kind == "icmp":
            request = kw.get("request", out)
            if family == 6:
                cls = ICMPv6EchoRequest if request else ICMPv6EchoReply
                return cls(id=lport, seq=7, data=payload)
            return ICMP(type=8 if request else 0, id=lport,
                        seq=7) / Raw(payload)
        sport, dport = (lport, self.rport) if out else (self.rport, lport)
        if self.kind == "udp":
            return UDP(sport=sport, dport=dport) / Raw(payload)
        return TCP(sport=sport, dport=dport, seq=0x12345678, ack=0x9abcdef0,
                   flags=kw.get("flags", "S"), window=4711, urgptr=3,
                   options=[("MSS", 1220), ("NOP", None), ("WScale", 7)]
                   ) / Raw(payload)

    def ip6(self, out, payload=b"", hlim=64, tc=0, fl=0, **kw):
        src, dst = (CLIENT, self.remote6) if out else (self.remote6, CLIENT)
        return IPv6(src=src, dst=dst, hlim=hlim, tc=tc, fl=fl) / \
            self.l4(out, 6, payload, **kw)

    def ip4(self, out, payload=b"", ttl=64, tos=0, ident=0, df=None, **kw):
        src, dst = (self.local4, HOST4) if out else (HOST4, self.local4)
        packet = IP(src=src, dst=dst, ttl=ttl, tos=tos, id=ident) / \
            self.l4(out, 4, payload, **kw)
        # RFC 7915 section 5.1: DF above 1260 bytes
        if df is None:
            df = len(bytes(packet)) > 1260
        packet.flags = "DF" if df else 0
        return IP(bytes(packet))

    def learn(self, got):
        """What the translator chose, as the packet and the table say."""
        self.local4 = got.src
        self.lport4 = got[ICMP].id if self.kind == "icmp" else got.sport
        mine = [s for s in lab.json("session list")
                if s["proto"] == self.kind and s["lport6"] == self.lport6]
        ok(f"{self.kind}: session table agrees", len(mine) == 1 and
           mine[0]["local4"] == self.local4 and
           mine[0]["lport4"] == self.lport4 and
           mine[0]["local6"] == norm(CLIENT) and
           mine[0]["remote6"] == norm(self.remote6) and
           mine[0]["remote4"] == HOST4, mine)
        ok(f"{self.kind}: address is of the pool",
           ipaddress.ip_address(self.local4) in ipaddress.ip_network(POOL),
           self.local4)

    def send64(self, what, payload=b"", hlim=64, tc=0, fl=0, packet=None,
               **kw):
        lab.w6.send(packet or self.ip6(True, payload, hlim, tc, fl, **kw))
        got = lab.w4.recv()
        if not got:
            return ok(what, False, f"nothing came, {lab.moved()}")
        if not self.local4:
            self.learn(got)
        want = self.ip4(True, payload, hlim - 1, tc, ident=got.id
                        if not got.flags.DF else 0, **kw)
        return same(what, bytes(want), bytes(got))

    def send46(self, what, payload=b"", ttl=64, tos=0, packet=None, **kw):
        lab.w4.send(packet or self.ip4(False, payload, ttl, tos, 77, True,
                                       **kw))
        got = lab.w6.recv()
        if not got:
            return ok(what, False, f"nothing came, {lab.moved()}")
        want = self.ip6(False, payload, ttl - 1, tos, **kw)
        return same(what, bytes(want), bytes(got))


def basic(length):
    """TCP, UDP, echo and an error each way, through one prefix length."""
    prefix, remote6 = PREFIXES[length]
    lab.ctl(f"prefix add {prefix} private on")
    p = f"/{length}"
    tcp = Flow(remote6, "tcp")
    tcp.send64(f"{p} tcp syn 6->4", flags="S", tc=0xb8, fl=0x12345)
    tcp.send46(f"{p} tcp syn-ack 4->6", flags="SA", tos=0x28)
    tcp.send64(f"{p} tcp odd payload 6->4", b"odd", flags="PA", hlim=2)
    tcp.send46(f"{p} tcp odd payload 4->6", b"payload", flags="PA", ttl=255)
    udp = Flow(remote6, "udp")
    udp.send64(f"{p} udp 6->4", b"question")
    udp.send46(f"{p} udp 4->6", b"answers")
    udp.send64(f"{p} udp without payload 6->4")
    udp.send64(f"{p} udp of 1260 bytes goes without DF", b"x" * 1232)
    udp.send64(f"{p} udp of 1261 bytes goes with DF", b"x" * 1233)
    icmp = Flow(remote6, "icmp")
    icmp.send64(f"{p} echo request 6->4", b"abcdefg")
    icmp.send46(f"{p} echo reply 4->6", b"abcdefg")
    for flow in tcp, udp, icmp:
        error46(flow, f"{p} {flow.kind} time exceeded 4->6", remote6,
                ICMP(type=11, code=0), ICMPv6TimeExceeded(code=0), SERVER4,
                length)
        error64(flow, f"{p} {flow.kind} port unreachable 6->4",
                ICMPv6DestUnreach(code=4), ICMP(type=3, code=3))
    # The suffix is ignored when receiving (RFC 6052 section 2.2).
    if length < 96:
        dirty = int(ipaddress.ip_address(remote6)) | 0x77
        flow = Flow(str(ipaddress.ip_address(dirty)), "udp")
        flow.send64(f"{p} suffix is ignored", b"suffix")
    lab.ctl(f"prefix del {prefix}")


def embed(addr4, length):
    """RFC 6052 section 2.2, in the words of its figure 1."""
    prefix = ipaddress.ip_network(PREFIXES[length][0])
    bits = int(ipaddress.ip_address(addr4))
    head = int(prefix.network_address)
    if length == 96:
        return str(ipaddress.ip_address(head | bits))
    before = max(0, 64 - length)		# bits in front of the u octet
    before = min(32, before)
    after = 32 - before
    value = head
    if before:
        value |= (bits >> after) << (128 - length - before)
    if after:
        value |= (bits & ((1 << after) - 1)) << (56 - after)
    return str(ipaddress.ip_address(value))


def error46(flow, what, remote6, icmp4, icmp6, source, length=96,
            keep=None, inner_ttl=9):
    """An ICMPv4 error about a packet that the client sent."""
    payload = b"the packet inside"
    inner4 = bytes(flow.ip4(True, payload, ttl=inner_ttl, df=True,
                            request=True))
    inner6 = bytes(flow.ip6(True, payload, hlim=inner_ttl, request=True))
    if keep is not None:
        inner4, inner6 = inner4[:20 + keep], inner6[:40 + keep]
    lab.w4.send(IP(src=source, dst=flow.local4, ttl=50, id=5) / icmp4 /
                Raw(inner4))
    source6 = remote6 if source == HOST4 else embed(source, length)
    want = IPv6(src=source6, dst=CLIENT, hlim=49) / icmp6 / Raw(inner6)
    got = lab.w6.recv()
    return same(what, bytes(want), bytes(got) if got else str(lab.moved()))


def error64(flow, what, icmp6, icmp4, source=CLIENT, keep=None):
    """An ICMPv6 error about a packet that the server sent."""
    payload = b"the packet inside"
    inner6 = bytes(flow.ip6(False, payload, hlim=9, request=False))
    inner4 = bytes(flow.ip4(False, payload, ttl=9, df=False, request=False))
    if keep is not None:
        inner6, inner4 = inner6[:40 + keep], inner4[:20 + keep]
    lab.w6.send(IPv6(src=source, dst=flow.remote6, hlim=50) / icmp6 /
                Raw(inner6))
    got = lab.w4.recv()
    if not got:
        return ok(what, False, f"nothing came, {lab.moved()}")
    # A router on the way has no IPv4 address, so ours tells of it.
    source4 = flow.local4 if source == CLIENT else ROUTER4
    want = IP(src=source4, dst=HOST4, ttl=49, id=got.id) / icmp4 / \
        Raw(inner4)
    return same(what, bytes(want), bytes(got))


def open_flow(kind="udp"):
    flow = Flow(PREFIXES[96][1], kind)
    flow.send64(f"{kind} opens", b"open", **(
        {"flags": "S"} if kind == "tcp" else {}))
    return flow


def error_tables():
    """RFC 7915 sections 4.2 and 5.2: types and codes."""
    flow = open_flow()
    remote6 = flow.remote6
    unreach = {0: 0, 1: 0, 5: 0, 6: 0, 7: 0, 8: 0, 11: 0, 12: 0,
               3: 4, 9: 1, 10: 1, 13: 1, 15: 1}
    for code4, code6 in unreach.items():
        error46(flow, f"4.2 unreachable {code4} -> {code6}", remote6,
                ICMP(type=3, code=code4), ICMPv6DestUnreach(code=code6),
                HOST4)
    error46(flow, "4.2 protocol unreachable -> parameter problem", remote6,
            ICMP(type=3, code=2), ICMPv6ParamProblem(code=1, ptr=6), HOST4)
    for code in 0, 1:
        error46(flow, f"4.2 time exceeded {code}", remote6,
                ICMP(type=11, code=code), ICMPv6TimeExceeded(code=code),
                HOST4)
    for mtu4, mtu6 in (1400, 1420), (1480, 1500), (576, 1280), (1500, 1500):
        error46(flow, f"4.2 fragmentation needed {mtu4} -> {mtu6}", remote6,
                ICMP(type=3, code=4, nexthopmtu=mtu4),
                ICMPv6PacketTooBig(mtu=mtu6), HOST4)
    pointers = {0: 0, 1: 1, 2: 4, 3: 4, 8: 7, 9: 6, 12: 8, 15: 8, 16: 24,
                19: 24}
    for ptr4, ptr6 in pointers.items():
        error46(flow, f"4.2 pointer {ptr4} -> {ptr6}", remote6,
                ICMP(type=12, code=0, ptr=ptr4),
                ICMPv6ParamProblem(code=0, ptr=ptr6), HOST4)
    for keep in 8, 9, 13:
        error46(flow, f"4.3 inner packet cut to {keep} bytes of UDP", remote6,
                ICMP(type=11), ICMPv6TimeExceeded(), HOST4, keep=keep)

    for code6, code4 in {0: 1, 2: 1, 3: 1, 1: 10, 4: 3}.items():
        error64(flow, f"5.2 unreachable {code6} -> {code4}",
                ICMPv6DestUnreach(code=code6), ICMP(type=3, code=code4))
    for mtu6, mtu4 in (1400, 1380), (1500, 1480), (1280, 1260), (9000, 1480):
        error64(flow, f"5.2 packet too big {mtu6} -> {mtu4}",
                ICMPv6PacketTooBig(mtu=mtu6),
                ICMP(type=3, code=4, nexthopmtu=mtu4))
    error64(flow, "5.2 unknown next header -> protocol unreachable",
            ICMPv6ParamProblem(code=1, ptr=6), ICMP(type=3, code=2))
    pointers = {0: 0, 1: 1, 4: 2, 5: 2, 6: 9, 7: 8, 8: 12, 23: 12, 24: 16,
                39: 16}
    for ptr6, ptr4 in pointers.items():
        error64(flow, f"5.2 pointer {ptr6} -> {ptr4}",
                ICMPv6ParamProblem(code=0, ptr=ptr6),
                ICMP(type=12, code=0, ptr=ptr4))
    error64(flow, "5.3 error of a router on the way",
            ICMPv6TimeExceeded(code=0), ICMP(type=11, code=0),
            source="2001:470:77::1")
    for keep in 8, 9, 13:
        error64(flow, f"5.3 inner packet cut to {keep} bytes of UDP",
                ICMPv6TimeExceeded(), ICMP(type=11), keep=keep)


def dropped(what, reason, send, packet):
    """A packet that must not come out, counted for its one reason."""
    before = lab.stats()
    send(packet)
    moved = lab.counted(reason, before)
    after = lab.stats()
    others = {k: after[k] - before[k] for k in after
              if after[k] != before[k] and k not in (reason, "icmp_answered")}
    ok(what, moved == 1 and not others, f"{reason} {moved}, others {others}")


def errors_dropped():
    flow = open_flow()
    inner4 = flow.ip4(True, b"inside")
    inner6 = flow.ip6(False, b"inside")

    def err4(icmp, inner=inner4, **kw):
        return IP(src=HOST4, dst=flow.local4, **kw) / icmp / Raw(bytes(inner))

    def err6(icmp, inner=inner6):
        return IPv6(src=CLIENT, dst=flow.remote6) / icmp / Raw(bytes(inner))

    for t, c in (3, 14), (3, 16), (4, 0), (5, 0), (12, 1), (13, 0), (17, 0):
        dropped(f"4.2 ICMPv4 {t}/{c} is dropped", "icmp_type", lab.w4.send,
                err4(ICMP(type=t, code=c)))
    dropped("4.2 pointer 6 has no counterpart", "icmp_type", lab.w4.send,
            err4(ICMP(type=12, code=0, ptr=6)))
    dropped("5.2 ICMPv6 4/2 is dropped", "icmp_type", lab.w6.send,
            err6(ICMPv6ParamProblem(code=2)))
    dropped("5.2 ICMPv6 1/5 is dropped", "icmp_type", lab.w6.send,
            err6(ICMPv6DestUnreach(code=5)))
    dropped("an error with a bad checksum", "bad_checksum", lab.w4.send,
            err4(ICMP(type=11, chksum=1)))
    dropped("an ICMPv6 error with a bad checksum", "bad_checksum",
            lab.w6.send, err6(ICMPv6TimeExceeded(cksum=1)))
    dropped("an error about an error", "icmp_type", lab.w4.send,
            err4(ICMP(type=11), IP(src=flow.local4, dst=HOST4) /
                 ICMP(type=3, code=1) / Raw(b"x" * 28)))
    dropped("an error about a session that is not", "no_session", lab.w4.send,
            err4(ICMP(type=11), IP(src=flow.local4, dst=HOST4) /
                 UDP(sport=1, dport=2)))
    other = next(str(a) for a in ipaddress.ip_network(POOL).hosts()
                 if str(a) != flow.local4)
    dropped("an error with an inner packet of another host", "bad_header",
            lab.w4.send, err4(ICMP(type=11), IP(src=other, dst=HOST4) /
                              UDP()))
    for n in 0, 1, 19, 20, 23:
        dropped(f"an inner packet of {n} bytes", "bad_header", lab.w4.send,
                err4(ICMP(type=11), bytes(inner4)[:n]))
    for n in 0, 39, 40, 43:
        dropped(f"an inner IPv6 packet of {n} bytes", "bad_header",
                lab.w6.send, err6(ICMPv6TimeExceeded(), bytes(inner6)[:n]))


def headers():
    """Extension headers, options, hop limits."""
    flow = open_flow()
    pad = PadN(optdata=b"\0" * 4)
    for name, ext in (("hop-by-hop", IPv6ExtHdrHopByHop(options=[pad])),
                      ("destination", IPv6ExtHdrDestOpt(options=[pad])),
                      ("spent routing", IPv6ExtHdrRouting(
                          segleft=0, addresses=["2001:db8::9"]))):
        flow.send64(f"5.1 {name} header is skipped", b"ext", packet=IPv6(
            src=CLIENT, dst=flow.remote6) / ext / flow.l4(True, 6, b"ext"))

    bad = IPv6(src=CLIENT, dst=flow.remote6) / IPv6ExtHdrRouting(
        segleft=1, addresses=["2001:db8::9"]) / flow.l4(True, 6, b"ext")
    dropped("5.1 routing header with segments left is dropped",
            "routing_header", lab.w6.send, bad)
    got = lab.w6.recv()
    ok("5.1 and answered with parameter problem at that field",
       got and ICMPv6ParamProblem in got and got[ICMPv6ParamProblem].code == 0
       and got[ICMPv6ParamProblem].ptr == 43 and got.src == ROUTER6, got)

    base = flow.ip4(False, b"opts")
    plain = IP(src=base.src, dst=base.dst, options=[IPOption_NOP()] * 4,
               ttl=64) / flow.l4(False, 4, b"opts")
    flow.send46("4.1 options are left out", b"opts", packet=plain)
    longest = IP(src=base.src, dst=base.dst, options=[IPOption_NOP()] * 40,
                 ttl=64) / flow.l4(False, 4, b"opts")
    flow.send46("4.1 even the most options there can be", b"opts",
                packet=longest)
    dropped("4.1 an unexpired source route is dropped", "source_route",
            lab.w4.send, IP(src=base.src, dst=base.dst, options=[
                IPOption_LSRR(routers=["192.0.2.9"])]) /
            flow.l4(False, 4, b"lsrr"))
    got = lab.w4.recv()
    ok("4.1 and answered with 3/5", got and ICMP in got and
       (got[ICMP].type, got[ICMP].code) == (3, 5), got)

    for hlim in 0, 1:
        dropped(f"4443 hop limit {hlim} 6->4", "hop_limit", lab.w6.send,
                flow.ip6(True, b"", hlim=hlim))
        got = lab.w6.recv()
        ok("and time exceeded from the router", got and
           ICMPv6TimeExceeded in got and got.src == ROUTER6, got)
    dropped("792 TTL 1 4->6", "hop_limit", lab.w4.send,
            flow.ip4(False, b"", ttl=1))
    got = lab.w4.recv()
    ok("and time exceeded from the router", got and ICMP in got and
       (got[ICMP].type, got.src) == (11, ROUTER4), got)


def mtus():
    """RFC 7915 sections 4.1 and 5.1: too big, and fragments."""
    flow = open_flow()
    lab.ip("link set eth4 mtu 1400")
    dropped("5.1 1421 bytes to a link of 1400", "too_big", lab.w6.send,
            flow.ip6(True, b"x" * (1421 - 48)))
    got = lab.w6.recv()
    ok("5.1 packet too big says 1420", got and ICMPv6PacketTooBig in got and
       got[ICMPv6PacketTooBig].mtu == 1420, got)
    flow.send64("5.1 1420 bytes fit", b"x" * (1420 - 48))
    lab.ip("link set eth4 mtu 1500")

    lab.ip("link set eth6 mtu 1400")
    dropped("4.1 1381 bytes with DF to a link of 1400", "too_big", lab.w4.send,
            flow.ip4(False, b"x" * (1381 - 28), df=True))
    got = lab.w4.recv()
    ok("4.1 fragmentation needed says 1380", got and ICMP in got and
       (got[ICMP].type, got[ICMP].code, got[ICMP].nexthopmtu) == (3, 4, 1380),
       got)
    flow.send46("4.1 1380 bytes with DF fit", b"x" * (1380 - 28))
    lab.ip("link set eth6 mtu 1500")

    flow.send46("8021 no fragment header on a whole packet without DF",
                b"x" * 500, packet=flow.ip4(False, b"x" * 500, df=False))
    payload = bytes(i & 255 for i in range(1400))
    lab.w4.send(flow.ip4(False, payload, df=False))
    got = [lab.w6.recv(), lab.w6.recv()]
    whole = bytes(flow.ip6(False, payload, 63))
    same("4.1 without DF: fragments of 1280 bytes at most", whole[40:],
         reassemble6(got, 1280))
    lab.ctl("set lowest-ipv6-mtu 1500")
    flow.send46("4.1 lowest-ipv6-mtu 1500: one piece", payload,
                packet=flow.ip4(False, payload, df=False))
    lab.ctl("set lowest-ipv6-mtu 1280")


def others_fragments():
    """What is not ours is left as it is, in pieces if it came so."""
    open_flow()
    def received(wire, dst):
        # The router may tell us that there is a shorter way.
        got = [wire.recv(1) for _ in range(4)]
        return [bytes(p) for p in got if p and p.dst == dst]

    pieces = [IPv6(src=CLIENT, dst="2001:db8:99::1", hlim=9) /
              IPv6ExtHdrFragment(nh=17, offset=at // 8, m=more, id=77) /
              Raw(bytes(64)) for at, more in ((0, 1), (64, 0))]
    for p in pieces:
        lab.w6.send(p)
    for p in pieces:
        p.hlim = 8
    same("an IPv6 fragment that passes by is left as it is",
         [bytes(p) for p in pieces], received(lab.w6, "2001:db8:99::1"))
    pieces = [IP(src=HOST4, dst="203.0.113.99", ttl=9, id=77, proto=17,
                 frag=at // 8, flags=more) / Raw(bytes(64))
              for at, more in ((0, "MF"), (64, 0))]
    for p in pieces:
        lab.w4.send(p)
    for p in pieces:
        p.ttl = 8
    same("and an IPv4 fragment", [bytes(p) for p in pieces],
         received(lab.w4, "203.0.113.99"))


def reassemble(packets, limit, read):
    """The payload of fragments that differ in nothing but their place."""
    data = {}
    ids = set()
    for p in packets:
        piece = read(p) if p and len(bytes(p)) <= limit else None
        if not piece:
            return f"not fragments of {limit}: {packets}"
        same_in_all, offset, more, payload = piece
        ids.add(same_in_all)
        data[offset * 8] = (payload, more)
    out = b""
    while len(out) in data:
        payload, more = data[len(out)]
        out += payload
        if not more:
            return out if len(ids) == 1 else f"fragments differ: {ids}"
    return f"a hole: {sorted(data)}"


def reassemble6(packets, limit):
    def read(p):
        if IPv6ExtHdrFragment not in p:
            return None
        f = p[IPv6ExtHdrFragment]
        return (f.id, f.nh, p.src, p.dst, p.hlim), f.offset, f.m, bytes(p)[48:]
    return reassemble(packets, limit, read)


def reassemble4(packets, limit):
    def read(p):
        if p.flags.DF:
            return None
        return ((p.id, p.proto, p.src, p.dst, p.ttl), p.frag, p.flags.MF,
                bytes(p)[20:])
    return reassemble(packets, limit, read)


def fragments():
    """RFC 6146 section 3.4: fragments in any order, both ways."""
    flow = open_flow()
    payload = bytes(i * 7 & 255 for i in range(2500))
    whole6 = bytes(flow.ip6(True, payload))[40:]
    whole4 = bytes(flow.ip4(True, payload))[20:]

    def pieces6(size):
        out = []
        for off in range(0, len(whole6), size):
            more = off + size < len(whole6)
            out.append(IPv6(src=CLIENT, dst=flow.remote6) / IPv6ExtHdrFragment(
                nh=17, id=0xabcd1234 + size, offset=off // 8, m=int(more)) /
                Raw(whole6[off:off + size]))
        return out

    for name, order in (("in order", 1), ("backwards", -1)):
        size = 1024 + 8 * order
        frags = pieces6(size)[::order]
        for p in frags:
            lab.w6.send(p)
        same(f"3.4 fragments 6->4 {name}, none larger than they came", whole4,
             reassemble4([lab.w4.recv() for _ in frags], 20 + size))

    back4 = flow.ip4(False, payload)
    back6 = bytes(flow.ip6(False, payload))[40:]
    data = bytes(back4)[20:]
    for name, order in (("in order", 1), ("backwards", -1)):
        size = 1024 + 8 * order
        offs = list(range(0, len(data), size))[::order]
        for off in offs:
            lab.w4.send(IP(src=HOST4, dst=flow.local4, proto=17, id=size,
                           frag=off // 8,
                           flags="MF" if off + size < len(data) else 0) /
                        Raw(data[off:off + size]))
        got = [lab.w6.recv() for _ in offs]
        same(f"3.4 fragments 4->6 {name}", back6, reassemble6(got, 1280))


def fragment_orders():
    """RFC 6146 section 3.4, RFC 5722: any order, twice, overlapping."""
    rng = random.Random(4)
    for kind in "udp", "tcp", "icmp":
        flow = open_flow(kind)
        payload = bytes(i * 3 & 255 for i in range(3500))
        kw = {"flags": "PA"} if kind == "tcp" else {}
        whole6 = bytes(flow.ip6(True, payload, **kw))[40:]
        whole4 = bytes(flow.ip4(True, payload, **kw))[20:]
        back4 = bytes(flow.ip4(False, payload, **kw))[20:]
        back6 = bytes(flow.ip6(False, payload, **kw))[40:]
        nh6 = {"udp": 17, "tcp": 6, "icmp": 58}[kind]
        nh4 = {"udp": 17, "tcp": 6, "icmp": 1}[kind]

        def piece6(data, off, size, ident, flow=flow, nh=nh6):
            return IPv6(src=CLIENT, dst=flow.remote6) / IPv6ExtHdrFragment(
                nh=nh, id=ident, offset=off // 8,
                m=int(off + size < len(data))) / Raw(data[off:off + size])

        def piece4(data, off, size, ident, flow=flow, nh=nh4):
            return IP(src=HOST4, dst=flow.local4, proto=nh, id=ident,
                      frag=off // 8, flags="MF" if off + size < len(data)
                      else 0) / Raw(data[off:off + size])

        for turn in range(4):
            frags = [piece6(whole6, off, 496, 100 + turn)
                     for off in range(0, len(whole6), 496)]
            rng.shuffle(frags)
            if turn == 3:		# the first one last
                frags.sort(key=lambda f: -f[IPv6ExtHdrFragment].offset)
            for f in frags:
                lab.w6.send(f)
            got = [lab.w4.recv() for _ in frags]
            same(f"3.4 {kind} fragments 6->4, order {turn}", whole4,
                 reassemble4(got, 516))
            frags = [piece4(back4, off, 496, 100 + turn)
                     for off in range(0, len(back4), 496)]
            rng.shuffle(frags)
            for f in frags:
                lab.w4.send(f)
            got = []
            while isinstance(out := reassemble6(got, 1280), str) and \
                    (one := lab.w6.recv(2)):
                got.append(one)
            same(f"3.4 {kind} fragments 4->6, order {turn}", back6, out)

        # RFC 8200 section 4.5 lets duplicates pass; the kernel takes what lies
        # inside an earlier fragment for one, and drops it.
        for name, at, size in ("overlapping", 400, 160), ("a duplicate", 8, 80):
            # What is left of an identification waits for its first fragment.
            ident = rng.getrandbits(16)
            spoiled = bytes(x ^ 0xff for x in whole6)
            lab.w6.send(piece6(whole6, 0, 496, ident))
            lab.w6.send(piece6(spoiled, at, size, ident))
            count = 1
            for off in range(496, len(whole6), 496):
                lab.w6.send(piece6(whole6, off, 496, ident))
                count += 1
            if at == 400:
                got = lab.w4.recv(0.5)
                ok(f"5722 {kind} fragments 6->4, {name}: dropped", not got,
                   got and repr(got))
            else:
                same(f"8200 4.5 {kind} fragments 6->4, {name} counts for "
                     "nothing", whole4, reassemble4(
                         [lab.w4.recv() for _ in range(count)], 516))
            spoiled = bytes(x ^ 0xff for x in back4)
            lab.w4.send(piece4(back4, 0, 496, ident))
            lab.w4.send(piece4(spoiled, at, size, ident))
            for off in range(496, len(back4), 496):
                lab.w4.send(piece4(back4, off, 496, ident))
            if at == 400:
                got = lab.w6.recv(0.5)
                ok(f"1858 {kind} fragments 4->6, {name}: dropped", not got,
                   got and repr(got))
            else:
                same(f"791 {kind} fragments 4->6, {name} counts for nothing",
                     back6, reassemble6([lab.w6.recv() for _ in range(3)],
                                        1280))
            lab.w4.drain()
            lab.w6.drain()


def giant():
    """A reassembled IPv6 packet may be too long for IPv4."""
    flow = open_flow("icmp")
    lab.ip("link set eth6 mtu 9000")
    for size, fits in (65515, True), (65516, False), (65535, False):
        echo = bytes(IPv6(src=CLIENT, dst=flow.remote6) / flow.l4(
            True, 6, b"x" * (size - 8), request=True))[40:]
        frags = [IPv6(src=CLIENT, dst=flow.remote6) / IPv6ExtHdrFragment(
            nh=58, id=size, offset=off // 8, m=int(off + 8192 < size)) /
            Raw(echo[off:off + 8192]) for off in range(0, size, 8192)]
        before = lab.stats()
        for f in frags:
            lab.w6.send(f)
        if fits:
            lab.ip("link set eth4 mtu 9000")
            got = []
            while p := lab.w4.recv(1):
                got.append(p)
            out = reassemble4(got, 9000)
            ok(f"{size} bytes of echo pass", isinstance(out, bytes) and
               len(out) == size, out if isinstance(out, str) else len(out))
            lab.ip("link set eth4 mtu 1500")
        else:
            same(f"{size} bytes of echo are too big", 1,
                 lab.counted("too_big", before))
    lab.ip("link set eth6 mtu 1500")


def udp_checksum():
    """RFC 7915 section 4.5."""
    flow = open_flow()
    packet = flow.ip4(False, b"no sum")
    packet[UDP].chksum = 0
    packet.chksum = None
    flow.send46("4.5 a zero checksum is computed", b"no sum",
                packet=IP(bytes(packet)))
    payload = bytes(i * 5 & 255 for i in range(2000))
    data = bytearray(bytes(flow.ip4(False, payload))[20:])
    data[6:8] = b"\0\0"
    for off in 1200, 0:
        lab.w4.send(IP(src=HOST4, dst=flow.local4, proto=17, id=77,
                       frag=off // 8, flags=0 if off else "MF") /
                    Raw(bytes(data[off:off + 1200])))
    same("6146 3.4 fragments without a checksum get one",
         bytes(flow.ip6(False, payload))[40:],
         reassemble6([lab.w6.recv(), lab.w6.recv()], 1280))
    lab.ctl("set udp-zero-checksum off")
    dropped("4.5 or the packet dropped", "udp_zero_checksum", lab.w4.send,
            IP(bytes(packet)))
    lab.ctl("set udp-zero-checksum on")
    packet = flow.ip6(True, b"no sum")
    packet[UDP].chksum = 0
    dropped("8200 8.1 no zero checksum from IPv6", "udp_zero_checksum",
            lab.w6.send, packet)


def refusals():
    flow = open_flow()
    remote6 = flow.remote6

    def udp6(src, dst):
        return IPv6(src=src, dst=dst) / UDP(sport=port(), dport=9) / Raw(b"x")

    dropped("3.5 a source inside the prefix is a loop", "loop", lab.w6.send,
            udp6("2001:db8:122:344::192.0.2.1", remote6))
    for addr in "0.0.0.1", "127.0.0.1", "224.0.0.1", "255.255.255.255":
        dropped(f"destination {addr}", "bad_destination", lab.w6.send,
                udp6(CLIENT, "2001:db8:122:344::" + addr))
    dropped("an IPv4-compatible source", "bad_source", lab.w6.send,
            udp6("::192.0.2.9", remote6))
    dropped("3.5 an error from inside the prefix is a loop as well", "loop",
            lab.w6.send, IPv6(src="2001:db8:122:344::10.0.0.1", dst=remote6) /
            ICMPv6DestUnreach(code=4) / Raw(bytes(flow.ip6(
                False, b"the packet inside", hlim=9, request=False))))
    dropped("a link-local source", "bad_source", lab.w6.send,
            udp6("fe80::2", remote6))
    dropped("no binding", "no_binding", lab.w4.send,
            IP(src=HOST4, dst="198.51.100.3") / UDP(sport=1, dport=1))
    dropped("an unsolicited multicast source", "bad_source", lab.w4.send,
            IP(src="224.1.1.1", dst=flow.local4) /
            UDP(sport=1, dport=flow.lport4))
    dropped("SCTP is not translated", "unknown_protocol", lab.w6.send,
            IPv6(src=CLIENT, dst=remote6, nh=132) / Raw(b"x" * 12))
    got = lab.w6.recv()
    ok("and answered with port unreachable", got and ICMPv6DestUnreach in got
       and got[ICMPv6DestUnreach].code == 4, got)
    dropped("a cut UDP header", "bad_header", lab.w6.send,
            IPv6(src=CLIENT, dst=remote6, nh=17) / Raw(b"x" * 7))
    dropped("a cut TCP header", "bad_header", lab.w6.send,
            IPv6(src=CLIENT, dst=remote6, nh=6) / Raw(b"\x50" * 19))
    dropped("a UDP length beyond the packet", "bad_header", lab.w6.send,
            IPv6(src=CLIENT, dst=remote6) / UDP(sport=1, dport=2, len=100))
    dropped("TCP without a session", "no_session", lab.w6.send,
            IPv6(src=CLIENT, dst=remote6) / TCP(sport=port(), dport=80,
                                                flags="A"))
    lab.ctl("prefix add 2001:db8:70::/96")
    dropped("no prefix leads to the router's neighbours unless it is told to",
            "not_global", lab.w6.send,
            udp6(CLIENT, "2001:db8:70::169.254.169.254"))
    lab.w6.drain()
    lab.ctl("prefix del 2001:db8:70::/96")
    lab.ctl("prefix add 64:ff9b:1::/96 private on")
    lab.w6.send(udp6(CLIENT, "64:ff9b:1::10.0.0.1"))
    got = lab.w4.recv()
    ok("8215 the local-use prefix carries private addresses", got and
       got.dst == "10.0.0.1", got)
    lab.ctl("prefix del 64:ff9b:1::/96")
    lab.ctl("prefix add 64:ff9b::/96")
    dropped("6052 3.1 the well-known prefix and a private address",
            "not_global", lab.w6.send, udp6(CLIENT, "64:ff9b::10.0.0.1"))
    lab.ctl("prefix del 64:ff9b::/96")
    got = lab.w6.recv()
    ok("and answered with administratively prohibited", got and
       ICMPv6DestUnreach in got and got[ICMPv6DestUnreach].code == 1, got)


def main():
    global lab
    lab = Lab()
    lab.ctl(f"pool add {POOL}")
    lab.ctl("set icmp-timeout 3600")
    for length, (prefix, remote6) in PREFIXES.items():
        same(f"2.4 nat64ctl addr, /{length}", norm(remote6),
             lab.ctl(f"addr {prefix} {HOST4}").stdout.strip())
        same(f"2.4 the test's own embedding, /{length}", norm(remote6),
             norm(embed(HOST4, length)))
        case(basic, length)
        lab.w4.drain()
        lab.w6.drain()
    lab.ctl(f"prefix add {PREFIXES[96][0]} private on")
    for test in (error_tables, errors_dropped, headers, mtus, fragments,
                 fragment_orders, others_fragments, giant, udp_checksum,
                 refusals):
        case(test)
        lab.w4.drain()
        lab.w6.drain()
    ktap.done()


sys.exit(main())
