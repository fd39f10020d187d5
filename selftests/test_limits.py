#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Nobody takes it all: early drop, limits of a client, the reverse path."""
import time

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.packet import Raw

import ktap
from ktap import case, ok, same
from lab import CLIENT6, HOST4, ROUTER4, ROUTER6, SERVER4, Lab

lab = Lab()
P = "64:ff9b::"
SAME64 = CLIENT6 + "77"
OTHER64 = "2001:db8:77::2"
lab.ip(f"neigh add {SAME64} lladdr 02:00:00:00:00:02 dev eth6")


def fresh(pool="198.51.100.0/28", *settings):
    for noun in "binding", "pool", "prefix", "session":
        lab.ctl(f"{noun} flush")
    lab.ctl("prefix add 64:ff9b::/96 private on")
    lab.ctl(f"pool add {pool}")
    for setting in settings:
        lab.ctl(f"set {setting}")
    lab.w4.drain()
    lab.w6.drain()


def udp6(sport, src=CLIENT6, wait=5):
    lab.w6.send(IPv6(src=src, dst=P + HOST4) /
                UDP(sport=sport, dport=53) / Raw(b"x"))
    return lab.w4.recv(wait)


def udp4(got):
    lab.w4.send(IP(src=HOST4, dst=got.src) /
                UDP(sport=53, dport=got.sport) / Raw(b"y"))
    return lab.w6.recv()


def tcp6(sport, flags):
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                TCP(sport=sport, dport=80, flags=flags))
    return lab.w4.recv()


def tcp4(got, flags):
    lab.w4.send(IP(src=HOST4, dst=got.src) /
                TCP(sport=80, dport=got.sport, flags=flags))
    return lab.w6.recv()


def assure(sport):
    """A conversation: both have heard each other."""
    got = udp6(sport)
    udp4(got)
    return udp6(sport)


def held():
    """The ports of the sessions that there are."""
    return sorted(s["lport6"] for s in lab.json("session"))


def refused(what, reason, sport, src=CLIENT6):
    before = lab.stats()
    lab.w6.send(IPv6(src=src, dst=P + HOST4) / UDP(sport=sport, dport=53))
    same(what, 1, lab.counted(reason, before))


def early_drop():
    fresh("198.51.100.0/28", "session-max 5")
    for sport in 1, 2, 3, 4, 5:
        udp6(sport)
    before = lab.stats()
    ok("with session-max reached a new one finds room", udp6(6))
    after = lab.stats()
    same("one that nobody goes on with has made it", (1, 1, 0, 5), (
        after["session_evicted"] - before["session_evicted"],
        after["binding_ended"] - before["binding_ended"],
        after["session_limit"] - before["session_limit"], len(held())))
    lab.ctl("session flush")
    for sport in 1, 2, 3, 4:
        assure(sport)
    udp6(5)
    ok("of four that are used and one that is not", udp6(6))
    same("that one goes", [1, 2, 3, 4, 6], held())
    udp4(udp6(6))
    udp6(6)
    refused("if all are used the new one is refused", "session_limit", 7)
    same("and they stay", [1, 2, 3, 4, 6], held())
    lab.ctl("session flush")
    lab.ctl("set early-drop off")
    for sport in 1, 2, 3, 4, 5:
        udp6(sport)
    refused("6888 REQ-11 with early-drop off nothing goes", "session_limit", 6)
    same("not one", [1, 2, 3, 4, 5], held())
    lab.ctl("set early-drop on session-max 100000")


def handshakes():
    """Which TCP connections may go."""
    fresh("198.51.100.0/28", "session-max 1")

    def goes(what, want):
        before = lab.stats()["session_evicted"]
        lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                    UDP(sport=9, dport=53) / Raw(b"x"))
        time.sleep(0.3)
        same(what, want, lab.stats()["session_evicted"] - before)
        lab.ctl("session flush")
        lab.w4.drain()
        lab.w6.drain()

    got = tcp6(1000, "S")
    goes("a SYN may be forged", 1)
    got = tcp6(1000, "S")
    tcp4(got, "SA")
    goes("its server answers, whoever sent it", 1)
    got = tcp6(1000, "S")
    tcp4(got, "SA")
    tcp6(1000, "S")
    goes("a second SYN proves nothing", 1)
    got = tcp6(1000, "S")
    tcp4(got, "SA")
    tcp6(1000, "R")
    goes("who knows of nothing sends RST", 1)
    got = tcp6(1000, "S")
    tcp4(got, "SA")
    tcp6(1000, "A")
    goes("after the handshake it stays", 0)

    lab.ctl("binding add tcp 198.51.100.1 80 to " + CLIENT6)
    syn = IP(src=HOST4, dst="198.51.100.1") / TCP(sport=5, dport=80, flags="S")

    def server(flags):
        lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                    TCP(sport=80, dport=5, flags=flags))
        return lab.w4.recv()

    lab.w4.send(syn)
    lab.w6.recv()
    server("SA")
    goes("nor does a server's answer to an IPv4 host", 1)
    lab.w4.send(syn)
    lab.w6.recv()
    got = server("SA")
    tcp4(IP(src="198.51.100.1") / TCP(sport=80), "A")
    lab.w4.send(IP(src=HOST4, dst="198.51.100.1") /
                TCP(sport=5, dport=80, flags="A"))
    lab.w6.recv()
    goes("until that goes on", 0)
    lab.ctl("binding flush")
    lab.ctl("set session-max 100000")


def ports():
    """Of a pool that is full."""
    fresh("198.51.100.1 ports 5000-5003 parity on")
    same("a full pool: each has a port of its own parity", [0, 1, 0, 1],
         [udp6(sport).sport % 2 for sport in (2000, 2001, 2002, 2003)])
    before = lab.stats()
    got = udp6(2004)
    ok("of a full pool a new client gets a port", got)
    after = lab.stats()
    same("that nobody went on with, of its own parity", (1, 0, 0), (
        after["session_evicted"] - before["session_evicted"],
        after["pool_exhausted"] - before["pool_exhausted"], got.sport % 2))
    ok("TCP is not asked to make room for UDP", tcp6(3000, "S"))
    lab.ctl("session flush")
    for sport in 2000, 2001, 2002, 2003:
        assure(sport)
    refused("ports in use are not taken away", "pool_exhausted", 2004)
    same("all go on", [2000, 2001, 2002, 2003], held())
    lab.ctl("session flush")
    for sport in 2000, 2001, 2002, 2003:
        for server in HOST4, SERVER4:
            lab.w6.send(IPv6(src=CLIENT6, dst=P + server) /
                        UDP(sport=sport, dport=53))
            lab.w4.recv()
    same("each port has two sessions", 8, len(held()))
    ok("who sends twice gets a port that several sessions keep",
       udp6(2004, wait=0.5) or udp6(2004))
    lab.ctl("session flush")
    for sport in 2000, 2001, 2002, 2003:
        assure(sport)
        lab.w6.send(IPv6(src=CLIENT6, dst=P + SERVER4) /
                    UDP(sport=sport, dport=53))
        lab.w4.recv()
    before = lab.stats()
    for _ in range(5):
        lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) / UDP(sport=2004, dport=53))
    same("but none of which one session is in use", 5,
         lab.counted("pool_exhausted", before, want=5))


def clients():
    fresh("198.51.100.0/28", "client-session-max 3")
    for sport in 1, 2, 3:
        assure(sport)
    refused("6888 REQ-5 client-session-max is kept", "client_sessions", 4)
    ok("old sessions go on", udp6(1))
    refused("the other hosts of the /64 are the same client",
            "client_sessions", 5, SAME64)
    ok("another /64 is another", udp6(6, OTHER64))
    lab.ctl("set client-prefix-len 128")
    ok("of longer prefixes more are", udp6(7, SAME64))
    lab.ctl("session flush")
    lab.ctl("set client-prefix-len 64")
    for sport in 1, 2, 3:
        ok("what has ended counts no more", assure(sport))
    refused("and the limit holds as before", "client_sessions", 4)
    lab.ctl("session flush")
    udp6(9, OTHER64)
    for sport in 1, 2, 3:
        udp6(sport)
    ok("sessions that nobody goes on with make room", udp6(4))
    same("one of the client's own", (4, True), (len(held()), 9 in held()))
    lab.ctl("set early-drop off")
    refused("but not with early-drop off", "client_sessions", 5)
    lab.ctl("set early-drop on")
    lab.ctl("set client-session-max 0")
    ok("without a limit there is none", udp6(4))

    fresh("198.51.100.0/28", "client-port-max 2")
    assure(1)
    udp6(2)
    udp6(3)
    same("a port that nobody goes on with makes room", [1, 3], held())
    assure(3)
    refused("6888 REQ-4 client-port-max is kept", "client_ports", 4)
    lab.w6.send(IPv6(src=CLIENT6, dst=P + SERVER4) / UDP(sport=1, dport=53))
    ok("a further session needs no port", lab.w4.recv())
    ok("another client has its own", udp6(3, OTHER64))
    lab.ctl("session flush")
    ok("a port that is given back is free", udp6(3))
    lab.ctl("set client-port-max 0")

    fresh("198.51.100.0/28", "client-session-rate 5")
    time.sleep(1.1)
    before, start = lab.stats(), int(time.monotonic())
    for i in range(100):
        lab.w6.send_raw(bytes(IPv6(src=CLIENT6, dst=P + HOST4) /
                              UDP(sport=1000 + i, dport=53)))
    end = time.monotonic() + 10
    done = {}
    while sum(done.values()) < 100 and time.monotonic() < end:
        after = lab.stats()
        done = {k: after[k] - before[k]
                for k in ("session_created", "client_rate")}
    seconds = int(time.monotonic()) - start + 2
    ok("6888 REQ-4 client-session-rate is kept, the rest is counted",
       sum(done.values()) == 100 and
       5 <= done["session_created"] <= 5 * seconds, (done, seconds))
    lab.w4.drain()
    ok("another client is not held up", udp6(3, OTHER64))
    lab.ctl("set client-session-rate 1")
    lab.ctl("binding add udp 198.51.100.1 7 to " + CLIENT6)
    before = lab.stats()
    for i in range(20):
        lab.w4.send(IP(src=HOST4, dst="198.51.100.1") /
                    UDP(sport=1000 + i, dport=7) / Raw(b"x"))
        lab.w6.recv()
    after = lab.stats()
    same("nor a server by those who come to it", (20, 0), tuple(
        after[k] - before[k] for k in ("session_created", "client_rate")))
    lab.ctl("set client-session-rate 0")

    fresh("198.51.100.0/28", "client-session-max 2")
    lab.ctl("binding add udp 198.51.100.1 7 to " + CLIENT6)
    for i in range(4):
        lab.w4.send(IP(src=HOST4, dst="198.51.100.1") /
                    UDP(sport=1000 + i, dport=7) / Raw(b"x"))
        lab.w6.recv()
    same("IPv4 hosts make room for each other", 2, len(held()))
    ok("and leave the client what is its own", udp6(1) and udp6(2))
    same("of each as many", 4, len(held()))
    lab.ctl("set client-session-max 0")


def listed():
    """What each client holds, as its limits count it."""
    def row(name):
        return [tuple(c[k] for k in ("sessions", "from4", "ports"))
                for c in lab.json(f"client list client {name}")]
    fresh()
    lab.ctl("binding add udp 198.51.100.1 7 to " + CLIENT6)
    for sport in 1, 2:
        udp6(sport)
    lab.w6.send(IPv6(src=CLIENT6, dst=P + SERVER4) / UDP(sport=1, dport=53))
    lab.w4.recv()
    udp6(3, SAME64)
    lab.w4.send(IP(src=HOST4, dst="198.51.100.1") / UDP(sport=9, dport=7))
    lab.w6.recv()
    udp6(1, OTHER64)
    same("a client's sessions, those to it, and its ports", [(4, 1, 3)],
         row("2001:db8:6::/64"))
    same("another one has its own", [(1, 0, 1)], row(OTHER64))
    same("of none there is none", [], row("2001:db8:5::/48"))
    same("all of them", ["2001:db8:6::/64", "2001:db8:77::/64"],
         sorted(c["client"] for c in lab.json("client")))
    for least, want in ((5, ["2001:db8:6::/64"]), (6, []), (1, 2)):
        got = [c["client"] for c in lab.json(f"client list sessions {least}")]
        same(f"with {least} sessions or more", want,
             got if isinstance(want, list) else len(got))
    lab.ctl("set client-session-rate 50")
    time.sleep(1.1)
    for sport in range(5):
        udp6(100 + sport)
    opened = lab.json(f"client list client {CLIENT6}")[0]["opened"]
    ok("and how many of this second", opened <= 5, opened)
    lab.ctl("set client-session-rate 0")
    lab.ctl("session flush")
    same("who has nothing is not listed", [], lab.json("client"))


def reverse_path():
    fresh()
    lab.ctl("binding add udp 198.51.100.1 7 to " + CLIENT6)
    lab.ip("-6 route add 2001:db8:88::/64 dev eth4")
    lab.ip("-6 route add unreachable 2001:db8:99::/64")
    lab.ip("route add 203.0.113.0/24 dev eth6")

    def knock(src):
        lab.w4.send(IP(src=src, dst="198.51.100.1") /
                    UDP(sport=9, dport=7) / Raw(b"x"))

    ok("off by default: whatever source", udp6(1, "2001:db8:88::1"))
    refused("but not the router's own", "bad_source", 5, ROUTER6)
    knock("203.0.113.9")
    ok("of IPv4 as well", lab.w6.recv())
    lab.ctl("session flush")
    lab.ctl("set reverse-path on")
    ok("3704 2.2 who is where the route leads to passes", udp6(1))
    ok("and is answered", udp4(udp6(1)))
    refused("3704 2.2 who is not makes no state", "spoofed", 2,
            "2001:db8:88::1")
    refused("nor who has no route at all", "spoofed", 3, "2001:db8:99::1")
    refused("nor who says to be the router", "bad_source", 4, ROUTER6)
    knock(HOST4)
    ok("3704 2.2 an IPv4 host where the route leads to", lab.w6.recv())
    before = lab.stats()
    knock("203.0.113.9")
    same("3704 2.2 and one that is not", 1, lab.counted("spoofed", before))
    same("two sessions in all", 2, len(held()))
    lab.ctl("set reverse-path off")
    lab.ip("-6 route del 2001:db8:88::/64")
    lab.ip("-6 route del unreachable 2001:db8:99::/64")
    lab.ip("route del 203.0.113.0/24")


def clat_path():
    """The reverse path towards a CLAT."""
    fresh("198.51.100.0/28", "reverse-path on")
    lab.ctl("eip add 192.0.2.33 to 2001:db8:6::464 clat on")
    lab.ip("-6 route add 64:ff9b::/96 via " + CLIENT6 + " dev eth6")

    def come(wire):
        wire.send(IPv6(src=P + "203.0.113.9", dst="2001:db8:6::464") /
                  UDP(sport=9, dport=7) / Raw(b"x"))

    come(lab.w6)
    ok("3704 2.2 what a CLAT gets from its NAT64", lab.w4.recv())
    before = lab.stats()
    come(lab.w4)
    same("3704 2.2 and what says to be from there", 1,
         lab.counted("spoofed", before))
    lab.ctl("eip flush")
    lab.ip("-6 route del 64:ff9b::/96")
    lab.ctl("set reverse-path off")


def own_sources():
    """Addresses of this host and of its IPv6 hosts do not come from elsewhere."""
    fresh()
    lab.ctl("binding add udp 198.51.100.1 7 to " + CLIENT6)
    lab.ctl("eip add 203.0.113.7 to 2001:db8:6::2")
    for dst in "198.51.100.1", "203.0.113.7":
        for what, src in (("the router's", ROUTER4),
                          ("a pool's", "198.51.100.3"),
                          ("an EIP", "203.0.113.7")):
            before = lab.stats()
            lab.w4.send(IP(src=src, dst=dst) / UDP(sport=9, dport=7) /
                        Raw(b"x"))
            same(f"to {dst}, a source that is {what}", 1,
                 lab.counted("bad_source", before))
    lab.w4.send(IP(src=HOST4, dst="203.0.113.7") / UDP(sport=9, dport=7))
    ok("others pass", lab.w6.recv())
    lab.ctl("eip flush")


def dependent():
    """Ports that are shared among remote ends, all of them in use with one."""
    fresh("198.51.100.1 ports 5000-5003 mapping address-port-dependent")
    for sport in 1, 2, 3:
        udp6(sport)
    assure(4)
    before = lab.stats()
    ok("a new session takes the port of an idle one", udp6(5))
    same("which ends", 1, lab.stats()["session_evicted"] -
         before["session_evicted"])
    for sport in 6, 7, 8, 9:
        udp6(sport)
    ok("a conversation goes on", 4 in held() and len(held()) == 4, held())
    lab.ctl("set early-drop off")
    refused("6888 REQ-11 without early drop it is refused", "pool_exhausted",
            10)
    lab.ctl("set early-drop on client-session-rate 1")
    time.sleep(1.1)
    before, start = lab.stats(), time.monotonic()
    for sport in range(11, 31):
        lab.w6.send_raw(bytes(IPv6(src=CLIENT6, dst=P + HOST4) /
                              UDP(sport=sport, dport=53)))
    refusals = lab.counted("client_rate", before, wait=1, want=19)
    ok("who has opened enough makes nobody search",
       refusals >= 18 - int(time.monotonic() - start) and refusals > 0, refusals)
    lab.ctl("set client-session-rate 0")


for test in (early_drop, handshakes, ports, clients, listed, reverse_path,
             clat_path, own_sources, dependent):
    case(test)
ktap.done()
