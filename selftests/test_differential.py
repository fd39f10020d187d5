#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The same packets through nat64 and its peers: who does what, who is right.

Stateful: Jool's NAT64, TAYGA.  Stateless: Jool's SIIT, TAYGA.  Every packet of
packets.py goes through all of them, and what comes out is compared field by
field.  Each difference must stand in the table of differences.py, and each that
stands there must appear: what is new is looked into, what is gone is struck
out.  A failing line has the words for the table after "got".

  test_differential.py		the test, in the guest
  test_differential.py --rst	the table as Documentation/peers.rst
"""
import os
import sys
import textwrap
import time

import ktap
from differences import ALWAYS, EXPECTED, RIGHT, ROWS
from ktap import case, ok, same

PEERS = {("stateful", "jool"): "jool", ("stateful", "tayga"): "tayga",
         ("stateless", "jool"): "jool-siit",
         ("stateless", "tayga"): "tayga-eam"}


class Bench:
    """nat64 and its peers of one mode, fed with the same packets."""

    def __init__(self, mode, routers):
        self.mode = mode
        self.routers = routers
        self.mtus = {6: 1500, 4: 1500}
        self.prefix = None
        self.sent = 0
        self.ready()

    def ready(self):
        """Wait for the daemons."""
        for router in self.routers:
            for side in 6, 4:
                end = time.monotonic() + 10
                while self.collect(router, side, 0.2) is None:
                    if time.monotonic() > end:
                        raise RuntimeError(f"{router.ns} passes nothing")

    def collect(self, router, side, wait=5):
        """What came out until the sentinel did; None if that is lost."""
        near, far = router.wire(side), router.wire(10 - side)
        out = []
        # What TAYGA's kernel says about its packets goes through TAYGA again.
        for _ in range(2 if router.daemon else 1):
            self.sent += 1
            router.send(side, packets.sentinel(side, self.mode, self.prefix,
                                               self.sent))
            while True:
                raw = far.recv(wait)
                if raw is None:
                    return None
                number = packets.sentinel_number(raw)
                if number == self.sent:
                    break
                if number is None:
                    out.append((10 - side, raw))
        while raw := near.recv(0):
            out.append((side, raw))
        return out

    def prepare(self, packet):
        mtus = {packet.side: 1500, 10 - packet.side: packet.mtu}
        if mtus != self.mtus:
            self.mtus = mtus
            for router in self.routers:
                for side, mtu in mtus.items():
                    router.ip(f"link set eth{side} mtu {mtu}")
        if packet.prefix != self.prefix:
            self.prefix = packet.prefix
            for router in self.routers:
                router.set_prefix(packet.prefix)
            self.ready()

    def outcomes(self, packet):
        """Of each router, what it did with a packet."""
        self.prepare(packet)
        result = []
        for router in self.routers:
            for piece in packet.pieces:
                router.send(packet.side, piece)
            outs = self.collect(router, packet.side)
            if outs is None:
                raise RuntimeError(f"{router.ns} stopped at {packet.name}")
            outcome = Outcome(outs, packet, router)
            if packet.dynamic:
                outcome.free({"src", "sport", "query"})
            result.append(outcome)
        return result


def forget_df(nat64, tayga):
    """Take DF where only TAYGA sets it out of the difference; was it there?"""
    found = False
    for (_, _, a), (_, _, b) in zip(nat64.parts, tayga.parts):
        for pre in "", "in ":
            if (a.get(pre + "df"), a.get(pre + "id")) == (0, "any") and \
                    (b.get(pre + "df"), b.get(pre + "id")) == (1, "0"):
                b.update({pre + "df": 0, pre + "id": "any"})
                found = True
    return found


def judge(name, peer, got, detail=""):
    """One KTAP line: got is what the two do if it is not the same."""
    want = EXPECTED.get((name, peer))
    if want == got is None:
        return ok(f"{peer}: {name}: as nat64")
    if got and want and got == want[:2]:
        return ok(f"{peer}: {name}: {got[0]} | {got[1]} "
                  f"({want[2]}, RFC {want[3]})")
    return ok(f"{peer}: {name}", False, "\n".join((
        'got  "%s", "%s"' % got if got else "got  the same",
        'want "%s", "%s"' % want[:2] if want else "want the same", detail)))


def compare(mode, routers):
    bench = Bench(mode, routers)
    always = {}
    for packet in packets.table(mode):
        nat64, *others = bench.outcomes(packet)
        for router, outcome in zip(routers[1:], others):
            peer = PEERS[mode, router.name]
            if router.daemon:
                always[peer] = forget_df(nat64, outcome) or always.get(peer)
            judge(packet.name, peer, differ(nat64, outcome),
                  f"sent  {packet.pieces[0].hex()}\n"
                  f"nat64 {nat64.hex()}\npeer  {outcome.hex()}")
        seen.add(packet.name)
    for peer, found in always.items():
        judge(ALWAYS, peer, EXPECTED[ALWAYS, peer][:2] if found else None)
    seen.add(ALWAYS)


def test():
    # Packets that are sent one after another by one CPU stay in order.
    os.sched_setaffinity(0, {0})
    routers = []
    try:
        for mode in "stateful", "stateless":
            mine = []
            for kind in peers.Nat64, peers.Jool, peers.Tayga:
                mine.append(kind(mode))
                routers.append(mine[-1])
            case(compare, mode, mine)
    finally:
        for router in routers:
            router.stop()
        peers.unload()
    same("packets of the table that are not sent", set(),
         {name for name, _ in EXPECTED} - seen)
    with open(f"{TOP}/Documentation/peers.rst", encoding="utf-8") as doc:
        ok("Documentation/peers.rst is made from this table",
           doc.read() == rst(), "make it anew: --rst")
    ktap.done()


RST = """\
.. SPDX-License-Identifier: GPL-2.0
.. Made by "selftests/test_differential.py --rst"; do not edit.

===================
nat64 and its peers
===================

The same packets, byte by byte, through nat64 and through Jool 4.1.9 and TAYGA
0.9.2 of Debian 12, in routers of the same shape; what came out was compared
field by field. These are all the differences. ``jool`` is Jool's NAT64, held
against nat64 with a pool and bindings (RFC 6146), and ``jool-siit`` its
stateless translator, held against nat64 with explicit mappings (RFC 7757);
``tayga`` and ``tayga-eam`` are TAYGA, held against the one and the other. All
have the options they begin with. What a translator may choose as it likes, such
as a port of the pool or the identification of a packet in one piece, counts as
no difference.

Of nat64 this means: with explicit mappings every transport protocol passes, and
errors about packets whose ports nobody sees; with a pool or bindings TCP, UDP
and echoes do. Fragments are reassembled and cut anew, with an identification of
its own. Extensions of ICMP errors (RFC 4884) are kept, and errors of routers
without an IPv4 address come from that of the interface they leave by.

"Either" is right where the RFCs leave it open, or where nat64 departs from the
letter of one for a reason that is told; "neither" and "the peer" are where
nat64 is to be mended. How often, a packet and a peer being one difference:
@COUNTS@.

A name begins with 64 if an IPv6 host sent the packet, with 46 if an IPv4 host
did. "Passes it on" means as it came, not translated; "answers" means with an
ICMP error of the translator; "sends back" means to the side it came from. Of
fields, "in" tells one of the packet inside an ICMP error, (2) one of the second
packet.

.. list-table::
   :header-rows: 1
   :widths: 25 10 20 20 25

   * - packet
     - peer
     - nat64 does
     - peer does
     - who is right and why"""


def counts():
    """Who is right how often; a packet and a peer are one difference."""
    rights = [right for _, _, right, *_ in EXPECTED.values()]
    return ", ".join(f"{RIGHT[r]} {rights.count(r)}" for r in RIGHT)


def rst():
    lines = [RST.replace("@COUNTS@", counts())]

    def cell(first, text):
        lines.append(f"   {'*' if first else ' '} - " + "\n       ".join(
            textwrap.wrap(text, 72, break_long_words=False,
                          break_on_hyphens=False)))

    for right, rfc, why, *differences in ROWS:
        for does, nat64, peer, *names in differences:
            cell(True, "; ".join(names))
            cell(False, ", ".join(does.split()))
            cell(False, nat64)
            cell(False, peer)
            cell(False, f"{RIGHT[right]} (RFC {rfc}): {why}")
    return "\n".join(lines) + "\n"


if "--rst" in sys.argv:
    print(rst(), end="")
    sys.exit()

# What wants scapy, which the host that makes the table may lack.
import packets						# noqa: E402
import peers						# noqa: E402
from compare import Outcome, differ			# noqa: E402
from lab import TOP					# noqa: E402

if not os.uname().release.startswith("6.1.0-"):
    print("ok 1 differential # SKIP the peers are those of the kernel and packages "
          "of Debian 12: KERNEL=6.1")
    print("1..1")
    sys.exit()
seen = set()
test()
