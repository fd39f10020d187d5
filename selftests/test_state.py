#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""RFC 6146, RFC 4787: bindings, sessions, timers, pools."""
import ipaddress
import subprocess
import time

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6EchoReply, \
    ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

import ktap
from ktap import case, ok, same
from lab import CLIENT6, FASTPATH, HOST4, ROUTER4, ROUTER6, SERVER4, Lab, run

lab = Lab()
lab.ctl("set early-drop off")
P = "64:ff9b::"


def fresh(*pools, prefix="64:ff9b::/96 private on"):
    """A new configuration, all options at their defaults."""
    for noun in "eip", "binding", "pool", "prefix":
        lab.ctl(f"{noun} flush")
    lab.ctl(f"prefix add {prefix}")
    for pool in pools:
        lab.ctl(f"pool add {pool}")
    lab.w4.drain()
    lab.w6.drain()


def udp6(sport, dst=HOST4, dport=53, src=CLIENT6, data=b"x"):
    lab.w6.send(IPv6(src=src, dst=P + dst) / UDP(sport=sport, dport=dport) /
                Raw(data))
    return lab.w4.recv()


def udp4(dst, dport, src=HOST4, sport=53, data=b"y"):
    lab.w4.send(IP(src=src, dst=dst) / UDP(sport=sport, dport=dport) /
                Raw(data))


def tcp6(flags, sport=4000, dst=HOST4, dport=80):
    lab.w6.send(IPv6(src=CLIENT6, dst=P + dst) /
                TCP(sport=sport, dport=dport, flags=flags))
    return lab.w4.recv()


def tcp4(flags, dst, dport, sport=80):
    lab.w4.send(IP(src=HOST4, dst=dst) /
                TCP(sport=sport, dport=dport, flags=flags))
    return lab.w6.recv()


def sessions():
    return lab.json("session list")


def mapping():
    fresh("198.51.100.0/28")
    a = udp6(3000)
    b = udp6(3000, SERVER4)
    c = udp6(3000, HOST4, 54)
    same("4787 REQ-1 endpoint-independent mapping", {(a.src, a.sport)},
         {(p.src, p.sport) for p in (a, b, c)})
    same("one binding, three sessions", (1, 3),
         (len(lab.json("binding list")), len(sessions())))
    d = udp6(3001)
    ok("another port has a binding of its own, on the same address "
       "(REQ-2)", d.src == a.src and d.sport != a.sport, d)
    # RFC 4787 REQ-8: endpoint-independent filtering
    udp4(a.src, a.sport, SERVER4, 9999)
    got = lab.w6.recv()
    ok("4787 REQ-8 any IPv4 host may answer to a binding", got and
       (got.src, got.dport, got.sport) == ("64:ff9b::c000:202", 3000, 9999),
       got)
    lab.w4.send(IP(src=HOST4, dst=a.src) / ICMP(type=8, id=a.sport))
    ok("but not by another protocol", not lab.w6.recv(0.5))


def ranges():
    fresh("198.51.100.0/31 ports 5000-5009", "198.51.100.8/32 ports 7000-7004")
    before = lab.stats()
    seen = {}
    for i in range(25):
        got = udp6(10000 + i)
        seen[(got.src, got.sport)] = i
    same("25 ports, each once", 25, len(seen))
    ok("all inside the pools' ranges", all(
        5000 <= p <= 5009 if a != "198.51.100.8" else 7000 <= p <= 7004
        for a, p in seen), seen)
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) / UDP(sport=9, dport=53))
    got = lab.w6.recv()
    ok("3.5.1.1 exhausted: address unreachable", got and
       ICMPv6DestUnreach in got and got[ICMPv6DestUnreach].code == 3, got)
    same("and counted", 1, lab.counted("pool_exhausted", before))
    same("the pools are shown full", [20, 5],
         [p["udp"] for p in lab.json("pool")])
    ok("a port of another protocol is free", tcp6("S") is not None)
    lab.ctl("session flush")
    same("after a flush they are empty", [0, 0],
         [p["udp"] for p in lab.json("pool")])
    ok("and serve again", udp6(9) is not None)


def port_class():
    fresh("198.51.100.1")
    low = [udp6(100 + i).sport for i in range(20)]
    high = [udp6(2000 + i).sport for i in range(50)]
    ok("3.5.1.1 ports below 1024 stay below", max(low) < 1024, low)
    ok("3.5.1.1 ports above stay above", min(high) >= 1024, high)


def tcp_states():
    fresh("198.51.100.1")

    def state():
        return [(s["state"], s["expires"]) for s in sessions()]

    def near(what, want, timer):
        got = state()
        ok(what, len(got) == 1 and got[0][0] == want and
           timer - 5 <= got[0][1] <= timer, got)

    out = tcp6("S")
    near("v6 SYN -> v6-init, 4 min", "v6-init", 240)
    ok("SYN-ACK", tcp4("SA", out.src, out.sport) is not None)
    near("v4 SYN -> established, 2 h 4 min", "established", 7440)
    tcp6("A")
    near("data keeps it", "established", 7440)
    tcp4("FA", out.src, out.sport)
    near("v4 FIN -> v4-fin", "v4-fin", 7440)
    tcp6("FA")
    near("v6 FIN -> both, 4 min", "v4-v6-fin", 240)
    tcp6("S")
    near("a new SYN begins anew", "v6-init", 240)
    tcp4("SA", out.src, out.sport)
    tcp6("R")
    near("RST -> trans, 4 min", "trans", 240)
    tcp4("A", out.src, out.sport)
    near("and data brings it back", "established", 7440)
    got = tcp6("A", 4000, SERVER4)
    ok("3.5.2.2 a segment without a session passes on a binding", got and
       (got.src, got.sport) == (out.src, out.sport), got)
    same("and makes none", 1, len(sessions()))
    got = tcp4("S", out.src, out.sport, 6666)
    ok("3.5.2.2 v4 SYN to a binding", got and got.dport == 4000, got)
    ok("-> v4-init", "v4-init" in [s["state"] for s in sessions()])


def expiry():
    fresh("198.51.100.1")
    lab.ctl("set icmp-timeout 10")
    for seq in 1, 2:
        sent = time.monotonic()
        lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                    ICMPv6EchoRequest(id=77, seq=seq))
        got = lab.w4.recv()
        passed = time.monotonic()
    same("one session for both", 1, len(sessions()))
    before = lab.stats()
    while sessions() and time.monotonic() < passed + 20:
        time.sleep(0.2)
    end = time.monotonic()
    ok("it ends after icmp-timeout", end - sent >= 9 and end - passed <= 12,
       (sent, passed, end))
    lab.w4.send(IP(src=HOST4, dst=got.src) / ICMP(type=0, id=got[ICMP].id))
    same("then the IPv4 side has no binding", 1,
         lab.counted("no_binding", before))
    lab.ctl("set icmp-timeout 60")


def abandoned():
    """RFC 4787 REQ-6: what only IPv4 hosts want keeps no binding."""
    if FASTPATH:	# takes long, and echoes that begin do not go by it
        return
    fresh("198.51.100.1")
    lab.ctl("set icmp-timeout 10")
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) / ICMPv6EchoRequest(id=78))
    got = lab.w4.recv()

    def knock(src):
        lab.w4.send(IP(src=src, dst=got.src) / ICMP(type=8, id=got[ICMP].id))
        return lab.w6.recv(0.5) is not None

    begin = time.monotonic()
    passed = []
    # One host again and again, others once.
    for n in range(99):
        if knock(SERVER4) | knock(f"203.0.113.{n}"):
            passed.append(time.monotonic() - begin)
        time.sleep(0.5)
        if time.monotonic() - begin > 35 or \
                (passed and time.monotonic() - begin > passed[-1] + 4):
            break
    ok("4787 REQ-6 IPv4 hosts come in while the client has a session",
       passed and passed[0] < 3, passed)
    ok("and keep the binding not much longer", 8 < passed[-1] < 25, passed)
    same("nor the session", 0, len(sessions()))
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) / ICMPv6EchoRequest(id=78))
    got = lab.w4.recv()
    before = lab.stats()
    knock(SERVER4)
    lab.w6.send(IPv6(src=CLIENT6, dst=P + SERVER4) /
                ICMPv6EchoReply(id=78))
    lab.w4.recv()
    begin = time.monotonic()
    while time.monotonic() - begin < 15:
        here = knock(SERVER4)
        time.sleep(0.5)
    ok("what the client has answered stays", here)
    same("no binding was missed", 0, lab.stats()["no_binding"] -
         before["no_binding"])
    lab.ctl("session flush")
    # A SYN that is stored would be answered in the midst of another test.
    lab.ctl("set tcp-trans-timeout 10 syn-max 0")
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                TCP(sport=4000, dport=80, flags="S"))
    got = lab.w4.recv()
    begin, last = time.monotonic(), 0
    for sport in range(1, 99):
        lab.w4.send(IP(src=SERVER4, dst=got.src) /
                    TCP(sport=sport, dport=got.sport, flags="S"))
        if lab.w6.recv(0.5) is not None:
            last = time.monotonic() - begin
            lab.w6.send(IPv6(src=CLIENT6, dst=P + SERVER4) /
                        TCP(sport=4000, dport=sport, flags="RA"))
            lab.w4.recv()
        time.sleep(0.5)
        if time.monotonic() - begin > max(last + 4, 14):
            break
    ok("4787 REQ-6 a RST does not keep it", 5 < last < 14, last)
    lab.ctl("set tcp-trans-timeout 240 syn-max 1024 icmp-timeout 60")


def changes():
    fresh("198.51.100.0/28")
    a = udp6(3000)
    lab.ctl("prefix add 2001:db8:64::/96 private on")
    lab.ctl("pool add 198.51.100.32/28")
    b = udp6(3000)
    same("a new prefix and pool change no session", (a.src, a.sport),
         (b.src, b.sport))
    lab.ctl("prefix del 2001:db8:64::/96")
    lab.ctl("pool del 198.51.100.32/28")
    same("nor does removing another", 1, len(sessions()))
    lab.ctl("set udp-timeout 200")
    same("nor an option", 1, len(sessions()))
    lab.ctl("set udp-timeout 300")
    lab.ctl("pool del 198.51.100.0/28")
    same("a pool takes its sessions with it", 0, len(sessions()))
    before = lab.stats()
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) / UDP(sport=1, dport=2))
    same("no pool is counted", 1, lab.counted("no_pool", before))
    lab.ctl("pool add 198.51.100.0/28")
    udp6(3000)
    lab.ctl("prefix del 64:ff9b::/96")
    same("a prefix takes its sessions with it", 0, len(sessions()))
    lab.ctl("prefix add 64:ff9b::/96 private on")


def limit():
    fresh("198.51.100.0/28")
    lab.ctl("set session-max 5")
    before = lab.stats()
    for i in range(5):
        udp6(3000 + i)
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) / UDP(sport=1, dport=2))
    same("beyond session-max: counted", 1,
         lab.counted("session_limit", before))
    same("and nothing is made", (5, 5),
         (len(sessions()), len(lab.json("binding list"))))
    ok("old sessions go on", udp6(3000) is not None)
    lab.ctl("set session-max 100000")


def pmtu():
    """What the host has learned of a path towards IPv6 holds."""
    fresh("198.51.100.0/28")
    a = udp6(3000)
    lab.ip(f"-6 route add {CLIENT6} dev eth6 mtu 1400")
    before = lab.stats()
    lab.w4.send(IP(src=HOST4, dst=a.src, flags="DF") / UDP(
        sport=53, dport=a.sport) / Raw(b"x" * 1400))
    got = lab.w4.recv()
    ok("an IPv6 route's MTU is answered for", got and ICMP in got and
       got[ICMP].nexthopmtu == 1380 and
       lab.counted("too_big", before) == 1, got)
    lab.ctl("set lowest-ipv6-mtu 1500")
    udp4(a.src, a.sport, data=b"x" * 1400)
    got = lab.w6.recv()
    ok("and holds against a larger lowest-ipv6-mtu",
       got and len(bytes(got)) <= 1400, got)
    lab.w6.drain()
    lab.ctl("set lowest-ipv6-mtu 1280")
    lab.ip(f"-6 route del {CLIENT6} dev eth6 mtu 1400")


def broadcast():
    fresh("198.51.100.0/28")
    before = lab.stats()
    lab.w6.sock.send(bytes(Ether(dst="ff:ff:ff:ff:ff:ff") / IPv6(
        src=CLIENT6, dst=P + HOST4) / UDP(sport=1, dport=2)))
    ok("a packet in a broadcast frame is not for us", udp6(3000).dport == 53)
    same("and makes no session", 1,
         lab.stats()["session_created"] - before["session_created"])


def hairpin():
    fresh("198.51.100.0/28")
    a = udp6(3000)
    other = "2001:db8:6::77"
    lab.ip(f"neigh replace {other} lladdr 02:00:00:00:00:02 dev eth6")
    lab.w6.send(IPv6(src=other, dst=P + a.src, hlim=64) /
                UDP(sport=5555, dport=a.sport) / Raw(b"hairpin"))
    got = lab.w6.recv()
    ok("3.8 one client reaches another by its pool address", got and
       got.dst == CLIENT6 and got.dport == 3000 and got.hlim == 63 and
       bytes(got[UDP].payload) == b"hairpin" and
       ipaddress.ip_address(got.src) in ipaddress.ip_network(
           "64:ff9b::198.51.100.0/124"), got)
    back = UDP(sport=3000, dport=got.sport) / Raw(b"back")
    lab.w6.send(IPv6(src=CLIENT6, dst=got.src) / back)
    got = lab.w6.recv()
    ok("and is answered", got and got.dst == other and got.dport == 5555 and
       got.src == "64:ff9b::" + hex4(a.src) and got.sport == a.sport, got)
    good = IPv6(bytes(got))
    del good[UDP].chksum
    same("its checksum is right", bytes(IPv6(bytes(good))), bytes(got))


def hex4(addr):
    n = int(ipaddress.ip_address(addr))
    return f"{n >> 16:x}:{n & 0xffff:x}"


def host_itself():
    """Pool addresses that are the router's own; its own traffic."""
    fresh(f"{ROUTER4} ports 40000-50000")
    a = udp6(3000)
    ok("the router's own address as a pool", a.src == ROUTER4 and
       40000 <= a.sport <= 50000, a)
    lab.w4.send(IP(src=HOST4, dst=ROUTER4) / ICMP(id=3, seq=4) / b"ping")
    got = lab.w4.recv()
    ok("the router itself still answers to a ping", got and
       got[ICMP].type == 0 and got.src == ROUTER4, got)
    udp4(ROUTER4, 33)
    got = lab.w4.recv()
    ok("and refuses ports that are not the translator's", got and
       got[ICMP].type == 3 and got[ICMP].code == 3, got)
    udp4(a.src, a.sport)
    got = lab.w6.recv()
    ok("while the answers go to the client", got and got.dport == 3000, got)

    # An IPv6 client that reaches the router by its IPv4 address has come in by
    # its own link: rules for "iif lo" must not let it pass.
    run(f"ip netns exec {lab.ns} nft 'add table ip t; "
        "add chain ip t inward {type filter hook input priority 0;}; "
        "add rule ip t inward iif lo counter accept; "
        "add rule ip t inward udp dport 33 iif eth6 counter drop'")
    lab.w6.send(IPv6(src=CLIENT6, dst=P + ROUTER4) /
                UDP(sport=3000, dport=33))
    end = time.monotonic() + 5
    seen = ""
    while "packets 1" not in seen and time.monotonic() < end:
        seen = run(f"ip netns exec {lab.ns} nft list table ip t").stdout
    rules = [r for r in seen.splitlines() if "counter" in r]
    ok("INPUT sees a client come in by its own link", len(rules) == 2 and
       "packets 0" in rules[0] and "packets 1" in rules[1], seen)
    run(f"ip netns exec {lab.ns} nft delete table ip t")
    got = run(f"ip netns exec {lab.ns} ping -c 1 -W 2 {ROUTER4}", check=False)
    ok("the host reaches its own shared address", got.returncode == 0,
       got.stdout)
    lab.ip("-6 route add 64:ff9b::/96 dev eth6")
    ping = subprocess.Popen(
        ["ip", "netns", "exec", lab.ns, "ping", "-c", "1", "-W", "5",
         "-I", ROUTER6, P + HOST4], stdout=subprocess.PIPE, text=True)
    got = lab.w4.recv()
    ok("the router's own packets are translated", got and ICMP in got and
       got.src == ROUTER4 and got.dst == HOST4 and got.ttl == 64, got)
    lab.w4.send(IP(src=HOST4, dst=got.src) / ICMP(
        type=0, id=got[ICMP].id, seq=got[ICMP].seq) /
        Raw(bytes(got[ICMP].payload)))
    out = ping.communicate()[0]
    ok("and their answers come to the router", ping.returncode == 0, out)
    lab.ip("-6 route del 64:ff9b::/96 dev eth6")


def no_binding_icmp():
    fresh("198.51.100.0/28")
    udp4("198.51.100.1", 1)
    ok("6146 3.5.1 no binding: silence", not lab.w4.recv(0.5))
    lab.ctl("set no-binding-icmp on")
    udp4("198.51.100.1", 1)
    got = lab.w4.recv()
    ok("or host unreachable by option", got and ICMP in got and
       (got[ICMP].type, got[ICMP].code) == (3, 1), got)
    lab.ctl("set no-binding-icmp off")


def icmp_rate():
    """Answers to one client are limited, and counted when withheld."""
    fresh("198.51.100.0/28")
    a = udp6(3000)
    lab.ctl("set icmp-rate 5")

    def expired(*sources, times=100):
        """How many of so many packets are answered, and how many not."""
        time.sleep(1.1)		# the next second begins with none
        before, start = lab.stats(), int(time.monotonic())
        packets = [bytes(IPv6(src=src, dst=P + HOST4, hlim=1) /
                         UDP(sport=3000, dport=53)) for src in sources]
        for _ in range(times // len(packets)):
            for packet in packets:
                lab.w6.send_raw(packet)
        same(f"all from {len(sources)} are dropped", times,
             lab.counted("hop_limit", before, want=times))
        after = lab.stats()
        seconds = int(time.monotonic()) - start + 2
        return (seconds, *(after[k] - before[k]
                           for k in ("icmp_answered", "icmp_limited")))

    for what, *sources in (("a client", CLIENT6),
                           ("two of a /64", CLIENT6, CLIENT6 + "77")):
        seconds, answered, limited = expired(*sources)
        ok(f"{what}: no more than 5 answers a second, the rest is counted",
           5 <= answered <= 5 * seconds and answered + limited == 100,
           (seconds, answered, limited))
    _, answered, limited = expired(
        *(f"2001:db8:{i:x}::6" for i in range(100, 200)))
    ok("other clients have their own", answered > 80, (answered, limited))

    before = lab.stats()
    for _ in range(100):
        lab.w4.send(IP(src=HOST4, dst=a.src, flags="DF") /
                    UDP(sport=53, dport=a.sport) / Raw(bytes(1472)))
    same("path MTU discovery is not limited", 100,
         lab.counted("too_big", before, want=100))
    same("all are answered", (100, 0), tuple(
        lab.stats()[k] - before[k] for k in ("icmp_answered", "icmp_limited")))
    lab.ctl("set icmp-rate 0")
    same("without a limit all are", (100, 0), expired(CLIENT6)[1:])
    lab.ctl("set icmp-rate 50")
    lab.w4.drain()
    lab.w6.drain()


def outlives():
    """A binding goes on when its first session has ended."""
    fresh("198.51.100.0/28")
    lab.ctl("set icmp-timeout 10")

    def echo(dst):
        lab.w6.send(IPv6(src=CLIENT6, dst=P + dst) /
                    ICMPv6EchoRequest(id=99, data=b"x"))
        return lab.w4.recv()

    first, second = echo(HOST4), echo(SERVER4)
    same("3.1 one binding, two sessions",
         (1, 2, first.src, first[ICMP].id),
         (len(lab.json("binding")), len(lab.json("session")), second.src,
          second[ICMP].id))
    def counts():
        return [b["sessions"] for b in lab.json("binding")]

    # A session past its time is not listed, but counted until it is swept.
    end = time.monotonic() + 30
    while counts() != [1] and time.monotonic() < end:
        echo(SERVER4)
        time.sleep(1)
    same("the first session has ended, the other not", [SERVER4],
         [s["remote4"] for s in lab.json("session")])
    same("the binding counts one", [1], counts())
    again = echo(HOST4)
    same("and is used for a new one with the same host",
         (first.src, first[ICMP].id, 1, 2),
         (again.src, again[ICMP].id, len(lab.json("binding")),
          len(lab.json("session"))))
    lab.w4.send(IP(src=HOST4, dst=first.src) /
                ICMP(type=0, id=first[ICMP].id) / Raw(b"x"))
    ok("whose answers come back", lab.w6.recv())
    end = time.monotonic() + 30
    while len(lab.json("session")) > 1 and time.monotonic() < end:
        echo(SERVER4)
        time.sleep(1)
    lab.ctl("set icmp-timeout 60")


for test in (mapping, ranges, port_class, tcp_states, expiry, abandoned,
             changes, limit, pmtu, broadcast, hairpin, host_itself, no_binding_icmp,
             icmp_rate, outlives):
    case(test)
ktap.done()
