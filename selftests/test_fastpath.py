#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The fast path: what takes it, what does not, and what ends it at once."""
import os
import platform
import re
import time

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (ICMPv6EchoReply, ICMPv6EchoRequest,
                                ICMPv6PacketTooBig, ICMPv6TimeExceeded,
                                IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment)
from scapy.layers.l2 import Ether
from scapy.packet import Raw

import ktap
from ktap import case, ok, same
from lab import CLIENT6, HOST4, MAC_FAR, MAC_NEAR, Lab, run

lab = Lab("fast")
P = "64:ff9b::"
DATA = b"some octets"
OTHER_MAC = "02:00:00:00:00:77"
# May a packet for which nftables has rules take the fast path?  Before Linux 5.14
# nobody can tell whose rules they are.
LINUX = re.match(r"(\d+)\.(\d+)", platform.release()).groups()
RULED = int(tuple(map(int, LINUX)) >= (5, 14))


def nft(rules):
    run(["ip", "netns", "exec", lab.ns, "nft", rules])


def fast():
    return lab.stats()["fastpath"]


def counted(once, *args, times=1, **kw):
    """Packets: what came out last, and how many took the fast path."""
    before = fast()
    for _ in range(times):
        got = once(*args, **kw)
    return got, fast() - before


def once6(sport=4000, dst=HOST4, hlim=64, data=DATA, tc=0):
    lab.w6.send(IPv6(src=CLIENT6, dst=P + dst, hlim=hlim, tc=tc) /
                UDP(sport=sport, dport=53) / Raw(data))
    return lab.w4.recv(1)


def once4(to, ttl=64, data=DATA, **fields):
    lab.w4.send(IP(src=HOST4, dst=to.src, ttl=ttl, **fields) /
                UDP(sport=53, dport=to.sport) / Raw(data))
    return lab.w6.recv(1)


def udp6(*args, **kw):
    return counted(once6, *args, **kw)


def udp4(*args, **kw):
    return counted(once4, *args, **kw)


def soon(function, *args, **kw):
    """A few packets in a row: once a second one is not fast."""
    for _ in range(5):
        got, some = function(*args, times=3, **kw)
        if some:
            return got, 1
    return got, 0


def ways(function):
    """Does it pass, and by the fast path?"""
    got, one = soon(function)
    return bool(got), one


def settle(sport=4000, dst=HOST4, six=1):
    """A session of which both directions take the fast path, or one of them."""
    first, _ = udp6(sport, dst)
    udp4(first)
    got, one = soon(udp6, sport, dst)
    back, two = soon(udp4, first)
    return ok(f"port {sport}: both directions take it" if six else
              f"port {sport}: the direction without rules takes it",
              got and back and (one, two) == (six, 1),
              (got, back, one, two)) \
        and first


def fresh():
    for noun in "eip", "binding", "pool", "prefix":
        lab.ctl(f"{noun} flush")
    lab.ctl("prefix add 64:ff9b::/96 private on")
    lab.ctl("pool add 198.51.100.0/28")
    lab.ctl("set fastpath on")
    lab.w4.drain()
    lab.w6.drain()


def plain(packet):
    """Octets but for the IPv4 identification and checksum, which differ."""
    raw = bytearray(bytes(packet))
    if raw[0] >> 4 == 4:
        raw[4:6] = raw[10:12] = b"\0\0"
    return bytes(raw)


def same_octets():
    fresh()
    slow6, one = udp6(tc=0x2e)
    slow4, two = udp4(slow6, tos=0x2e, flags="DF")
    same("the first packet of each direction goes the ordinary way", (0, 0),
         (one, two))
    fast6, one = soon(udp6, tc=0x2e)
    fast4, two = soon(udp4, slow6, tos=0x2e, flags="DF")
    same("the second takes the fast path", (1, 1), (one, two))
    same("to IPv4 the same octets", plain(slow6), plain(fast6))
    same("to IPv6 the same octets", plain(slow4), plain(fast4))
    ok("the IPv4 header checksum is right", checksum_good(fast6))


def checksum_good(packet):
    again = IP(bytes(packet))
    del again.chksum
    return IP(bytes(again)).chksum == IP(bytes(packet)).chksum


def other_kinds():
    fresh()
    def echo(seq):
        lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                    ICMPv6EchoRequest(id=77, seq=seq, data=DATA))
        ping = lab.w4.recv()
        lab.w4.send(IP(src=HOST4, dst=ping.src) /
                    ICMP(type=0, id=ping[ICMP].id, seq=seq) / Raw(DATA))
        return lab.w6.recv()[ICMPv6EchoReply]

    pong, some = counted(echo, 7)
    same("the first echo and its reply go the ordinary way", (77, 7, 0),
         (pong.id, pong.seq, some))
    pong, some = soon(lambda **kw: counted(echo, 8, **kw))
    same("the next ones do not", (77, 8, 1), (pong.id, pong.seq, some))


def once_tcp(sport, flags, back=None):
    if back:
        lab.w4.send(IP(src=HOST4, dst=back.src) /
                    TCP(sport=80, dport=back.sport, flags=flags) / Raw(DATA))
        return lab.w6.recv()
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                TCP(sport=sport, dport=80, flags=flags) / Raw(DATA))
    return lab.w4.recv()


def tcp(*args, **kw):
    return counted(once_tcp, *args, **kw)


def state():
    return next(s["state"] for s in lab.json("session list")
                if s["proto"] == "tcp")


def tcp_life():
    fresh()
    syn, one = tcp(5000, "S")
    _, two = tcp(5000, "SA", syn)
    _, three = soon(tcp, 5000, "A")
    _, four = soon(tcp, 5000, "A", syn)
    same("a connection that begins goes the ordinary way", (0, 0),
         (one, two))
    same("and takes the fast path when it is established", (1, 1),
         (three, four))
    _, one = soon(tcp, 5000, "PA")
    _, two = soon(tcp, 5000, "PA", syn)
    same("data take the fast path", (1, 1), (one, two))
    _, one = tcp(5000, "FA")
    same("a FIN does not, and is heard of", (0, "v6-fin"), (one, state()))
    _, one = tcp(5000, "PA", syn)
    same("nor does what follows", 0, one)
    tcp(5000, "FA", syn)
    same("the connection ends as always", "v4-v6-fin", state())


def answers():
    fresh()
    settle()
    got, one = udp6(hlim=1)
    error = lab.w6.recv()
    ok("hop limit 1 is answered", got is None and one == 0 and
       error and ICMPv6TimeExceeded in error, error)
    first, one = soon(udp6)
    same("and the session goes on", 1, one)
    got, one = udp4(first, ttl=1)
    error = lab.w4.recv()
    ok("TTL 1 is answered", got is None and one == 0 and error and
       error[ICMP].type == 11, error)
    lab.ip("link set eth4 mtu 1400")
    got, one = udp6(data=bytes(1400))
    error = lab.w6.recv()
    ok("what is too long is answered", got is None and one == 0 and error and
       ICMPv6PacketTooBig in error and error.mtu == 1420, error)
    lab.ip("link set eth4 mtu 1500")
    got, one = udp4(first, data=bytes(1350))
    ok("what must be cut is cut", one == 0 and got and
       IPv6ExtHdrFragment in got, got)
    lab.w6.drain()
    before = fast()
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) / IPv6ExtHdrDestOpt() /
                UDP(sport=4000, dport=53) / Raw(DATA))
    ok("extension headers are taken off", lab.w4.recv() and fast() == before)
    before = lab.stats()
    lab.w4.send_raw(bytes(IP(src=HOST4, dst=first.src, chksum=0x1234) /
                          UDP(sport=53, dport=first.sport) / Raw(DATA)))
    ok("a bad IPv4 header is dropped by the IP layer",
       lab.w6.recv(0.5) is None and fast() == before["fastpath"])
    # As the IP layer does, cut what a frame has too much.
    lab.w4.send_raw(bytes(IP(src=HOST4, dst=first.src) /
                          UDP(sport=53, dport=first.sport) / Raw(DATA)) +
                    bytes(7))
    got = lab.w6.recv()
    same("padding of a frame is cut", DATA, bytes(got[Raw]))


def hops():
    fresh()
    settle()
    got, one = soon(udp6, hlim=2)
    same("hop limit 2 becomes TTL 1", (1, 1), (got.ttl, one))
    back, one = soon(udp4, got, ttl=2)
    same("TTL 2 becomes hop limit 1", (1, 1), (back.hlim, one))


def rules_change():
    fresh()
    first = settle()
    nft("add table ip t; add chain ip t f "
        "{ type filter hook forward priority 0; }")
    got, one = udp6()
    ok("a new chain: the ordinary way, then the fast path again",
       got and one == 0 and ways(udp6) == (True, RULED))
    nft("add rule ip t f udp dport 53 counter drop")
    got, one = udp6()
    same("a new FORWARD rule drops the very next packet", (None, 0),
         (got, one))
    got, one = udp4(first)
    ok("the other direction goes on", got and soon(udp4, first)[1] == 1)
    nft("flush chain ip t f")
    got, one = udp6()
    ok("without the rule it passes",
       got and one == 0 and ways(udp6) == (True, RULED))
    nft("add set ip t s { type ipv4_addr; }; "
        "add rule ip t f ip daddr @s drop")
    udp6()
    same("a set that does not hold the server", (True, RULED), ways(udp6))
    nft(f"add element ip t s {{ {HOST4} }}")
    same("one that does", (None, 0), udp6())
    nft("delete table ip t")
    ok("no table", udp6()[0] and soon(udp6)[1] == 1)
    nft("add table ip6 t; add chain ip6 t raw "
        "{ type filter hook prerouting priority raw; }")
    udp6()
    same("a chain in raw", (True, RULED), ways(udp6))
    nft("add rule ip6 t raw udp sport 4000 drop")
    same("a rule in raw drops the very next packet", (None, 0), udp6())
    nft("delete table ip6 t")
    nft("add table ip t; add chain ip t f "
        "{ type filter hook forward priority 0; }; "
        "add rule ip t f udp dport 53 meta mark set 7")
    udp6()
    same("what a rule marks goes the ordinary way, each packet", (0, 0),
         (udp6()[1], udp6()[1]))
    nft("delete table ip t")
    nft("add table netdev t; add chain netdev t i "
        "{ type filter hook ingress device eth6 priority 0; }")
    udp6()
    same("a chain at ingress", 1, soon(udp6)[1])
    nft("add rule netdev t i udp sport 4000 drop")
    same("what it drops does not take the fast path", (None, 0), udp6())
    nft("delete table netdev t")


def rules_that_change():
    """Rules that change packets, or change their minds."""
    fresh()
    nft("add table ip t; add chain ip t f { type filter hook forward "
        "priority 0; }; add rule ip t f udp dport 53 ip dscp set 46")
    same("what a FORWARD rule changes it changes in each packet",
         [46 << 2] * 4, [udp6()[0].tos for _ in range(4)])
    nft("delete table ip t")
    nft("add table ip t; add chain ip t p { type filter hook postrouting "
        "priority 0; }; add rule ip t p udp dport 53 ip dscp set 46")
    got = [soon(udp6) for _ in range(3)]
    same("what a POSTROUTING rule changes too", [(46 << 2, 1)] * 3,
         [(p.tos, one) for p, one in got])
    nft("add rule ip t p udp dport 53 drop")
    same("and what it drops", [None] * 3, [udp6()[0] for _ in range(3)])
    nft("delete table ip t")
    settle()
    nft("add table ip t; add set ip t s "
        "{ type ipv4_addr; flags timeout; }; add chain ip t f "
        "{ type filter hook forward priority 0; }; "
        "add rule ip t f ip daddr != @s drop; "
        f"add element ip t s {{ {HOST4} timeout 10s }}")
    same("an element of a set lets in for a time", (True, RULED), ways(udp6))
    end = time.monotonic() + 25
    while udp6()[0] and time.monotonic() < end:
        time.sleep(0.1)
    same("and then no more", None, udp6()[0])
    nft("delete table ip t")


def spoofed():
    """The rules let in a session by one interface, not by another."""
    fresh()
    nft("add table ip6 t; add chain ip6 t raw "
        "{ type filter hook prerouting priority raw; }; "
        "add rule ip6 t raw iifname != eth6 drop")
    settle(six=RULED)
    before = fast()
    packet = IPv6(src=CLIENT6, dst=P + HOST4) / \
        UDP(sport=4000, dport=53) / Raw(DATA)
    lab.w4.sock.send(bytes(Ether(dst=MAC_NEAR, src=MAC_FAR) / packet))
    ok("a client's packet by the wrong interface meets the rule",
       lab.w4.recv(1) is None and fast() == before)
    same("which does not end the session", (True, RULED), ways(udp6))
    nft("delete table ip6 t")


def old_rules():
    fresh()
    settle()
    old = f"ip netns exec {lab.ns} iptables-legacy"
    run(f"{old} -A FORWARD -p udp --dport 54 -j DROP")
    got, one = udp6()
    ok("rules that do not tell of changes are asked each time",
       got and one == 0 and udp6()[1] == 0)
    run(f"{old} -I FORWARD -p udp --dport 53 -j DROP")
    same("so that a new one holds at once", (None, 0), udp6())
    run(f"{old} -F")
    # Built in, its hooks stay, and keep packets off the fast path to the end.
    if not os.path.isdir("/sys/module/iptable_filter/holders"):
        return
    run("rmmod iptable_filter")
    udp6()
    same("without such rules it is the fast path again", 1, soon(udp6)[1])


def routes_change():
    fresh()
    first = settle()
    def next_hop():
        lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                    UDP(sport=4000, dport=53) / Raw(DATA))
        frame = lab.w4.sock.recv(2000)
        return ":".join(f"{b:02x}" for b in frame[:6])

    lab.ip(f"neigh replace {HOST4} lladdr {OTHER_MAC} dev eth4")
    same("a neighbour that moves is followed", (OTHER_MAC, 1),
         soon(lambda **kw: counted(next_hop, **kw)))
    lab.ip(f"neigh replace {HOST4} lladdr {MAC_FAR} dev eth4")
    lab.ip(f"route add blackhole {HOST4}/32")
    same("a route that goes", (None, 0), udp6())
    lab.ip(f"route del blackhole {HOST4}/32")
    ok("and comes", udp6()[0] and soon(udp6)[1] == 1)
    lab.ip("link add eth5 type dummy")
    lab.ip("link set eth5 up")
    lab.ip(f"route add {HOST4}/32 dev eth5")
    same("a route that changes its interface", (None, 0), udp6())
    udp6()
    nft("add table ip t; add chain ip t f { type filter hook forward "
        "priority 0; }; add rule ip t f oifname eth4 udp dport 53 drop")
    udp6()
    udp6()
    lab.ip(f"route del {HOST4}/32 dev eth5")
    same("the rules are asked about the new interface", (None, 0), udp6())
    nft("delete table ip t")
    lab.ip("link del eth5")
    lab.ip(f"addr add {HOST4}/32 dev eth4")
    same("an address that becomes the host's own", (None, 0), udp6())
    lab.ip(f"addr del {HOST4}/32 dev eth4")
    lab.w4.drain()
    ok("and no longer", udp6()[0] and soon(udp6)[1] == 1)
    ok("the other direction has seen nothing of it", udp4(first)[0])


def config_changes():
    fresh()
    first = settle()
    lab.ctl("set tos 16")
    got, one = soon(udp6)
    same("options hold for it too", (16, 1), (got.tos, one))
    lab.ctl("set tos copy")
    lab.ctl("pool add 198.51.101.0/30")
    ok("any change of configuration is followed by the ordinary way",
       udp6()[1] == 0 and soon(udp6)[1] == 1)
    lab.ctl("session flush")
    same("a session that has ended", (None, 0), udp4(first))
    settle()
    lab.ctl("prefix del 64:ff9b::/96")
    same("a prefix that has gone", (None, 0), udp6())


def interfaces():
    fresh()
    first = settle()
    same("all interfaces have it", {"eth4": True, "eth6": True},
         {i["interface"]: i["fastpath"] for i in lab.json("interface")})
    lab.ctl("interface set eth6 fastpath off")
    udp4(first)
    same("one can be without", (0, 1), (udp6()[1], soon(udp4, first)[1]))
    lab.ctl("set fastpath off")
    same("or all", (0, 0), (udp6()[1], udp4(first)[1]))
    lab.ctl("interface set eth6 fastpath on")
    udp6()
    same("or just one can have it", (1, 0),
         (soon(udp6)[1], udp4(first)[1]))
    lab.ip("link add eth7 type dummy")
    same("a new one has what all have", False, {
        i["interface"]: i["fastpath"] for i in lab.json("interface")}["eth7"])
    lab.ctl("set fastpath on")
    lab.ip("link del eth7")
    lab.ip("link add eth7 type dummy")
    same("in the other case too", True, {
        i["interface"]: i["fastpath"] for i in lab.json("interface")}["eth7"])
    other = f"other-{lab.ns}"
    run(f"ip netns add {other}")
    lab.ip(f"link set eth7 netns {other}")
    same("one that moves away leaves it", ["eth4", "eth6"], sorted(
        i["interface"] for i in lab.json("interface")))
    run(f"ip netns del {other}")
    lab.ctl("interface set eth6 fastpath default")
    ok("a wish can be forgotten",
       "eth6 fastpath on by default" in lab.ctl("interface").stdout)
    result = lab.ctl("interface set lo fastpath on", check=False)
    ok("not the loopback device", result.returncode == 2 and
       "lo forwards nothing" in result.stderr, result.stderr)
    lab.ctl("set fastpath off")
    result = lab.ctl("interface set eth9 fastpath on")
    ok("one that is not there may come", 'note: there is no interface "eth9" now'
       in result.stderr, result.stderr)

    def has(name):
        return [(i["fastpath"], i.get("present", True))
                for i in lab.json("interface") if i["interface"] == name]
    same("it is listed as absent", [(False, False)], has("eth9"))
    lab.ip("link add eth9 type dummy")
    same("and has it when it comes", [(True, True)], has("eth9"))
    lab.ip("link del eth9")
    lab.ip("link add eth9 type dummy")
    same("and when it comes again", [(True, True)], has("eth9"))
    lab.ip("link set eth9 name eth10")
    same("the name has it, not the interface", [[(False, True)], [(False, False)]],
         [has("eth10"), has("eth9")])
    lab.ip("link set eth10 name eth9")
    same("whichever has that name", [(True, True)], has("eth9"))
    lab.ctl("interface set eth9 fastpath default")
    lab.ip("link del eth9")
    same("until that is forgotten", [], has("eth9"))


def hairpin():
    fresh()
    lab.ctl("binding add udp 198.51.100.1 700 to 2001:db8:6::2 9")
    before = fast()
    got = []
    for _ in range(3):
        lab.w6.send(IPv6(src="2001:db8:6::9", dst=P + "198.51.100.1") /
                    UDP(sport=4000, dport=700) / Raw(DATA))
        got.append(lab.w6.recv())
    ok("hairpinned packets arrive, the ordinary way",
       all(g and g.dst == CLIENT6 for g in got) and fast() == before, got)


def counters():
    fresh()
    first = settle()

    def read():
        files = " ".join(f"/proc/net/{name}" for name in
                         ("snmp", "netstat", "snmp6"))
        text = run(f"ip netns exec {lab.ns} cat {files}").stdout
        return [[int(word) for word in line.split() if word.isdigit()]
                for line in text.splitlines()
                if line.startswith(("Ip:", "IpExt:", "Ip6"))]

    def moved(function, *args):
        before = read()
        _, some = function(*args, times=4)
        return [[b - a for a, b in zip(*rows)]
                for rows in zip(before, read())], bool(some)

    ways = (udp6,), (udp4, first)
    for way in ways:
        soon(*way)
    by_fast = [moved(*way) for way in ways]
    lab.ctl("set fastpath off")
    by_slow = [moved(*way) for way in ways]
    same("one way is the fast path, the other is not", ([True, True], [False, False]),
         ([one for _, one in by_fast], [one for _, one in by_slow]))
    for i, what in enumerate(("to IPv4", "to IPv6")):
        same(f"{what} the IP layer's counters move alike", by_slow[i][0],
             by_fast[i][0])


for function in (same_octets, hops, other_kinds, tcp_life, answers,
                 rules_change, rules_that_change,
                 spoofed, routes_change, config_changes,
                 interfaces, hairpin, counters, old_rules):
    case(function)
ktap.done()
