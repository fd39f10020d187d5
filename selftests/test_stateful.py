#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""RFC 6146 whole: the TCP machine on the wire, mapping and filtering of either
kind, simultaneous open, probes, parity, hairpinning of errors."""
import time

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6EchoRequest, \
    ICMPv6TimeExceeded, IPv6
from scapy.packet import Raw

import ktap
from ktap import case, ok, same
from lab import CLIENT6, HOST4, SERVER4, Lab, run

lab = Lab()
lab.ctl("set early-drop off")
P = "64:ff9b::"
POOL = "198.51.100.0/28"
HOST6, SERVER6 = P + "c000:221", P + "c000:202"
CLIENT7 = "2001:db8:6::7"
EST, TRANS = 7440, 240


def fresh(*pools):
    for noun in "eip", "binding", "pool", "prefix":
        lab.ctl(f"{noun} flush")
    lab.ctl("prefix add 64:ff9b::/96 private on")
    for pool in pools:
        lab.ctl(f"pool add {pool}")
    lab.w4.drain()
    lab.w6.drain()


def send6(l4, dst=HOST6, src=CLIENT6, wait=5):
    lab.w6.send(IPv6(src=src, dst=dst) / l4)
    return lab.w4.recv(wait)


def send4(l4, dst, src=HOST4, wait=5):
    lab.w4.send(IP(src=src, dst=dst) / l4)
    return lab.w6.recv(wait)


def sessions(**want):
    return [s for s in lab.json("session list")
            if all(s[k] == v for k, v in want.items())]


def answered(what, packet, kind, code):
    ok(what, packet and ICMP in packet and
       (packet[ICMP].type, packet[ICMP].code) == (kind, code), packet)


class Conn:
    """A TCP connection, driven segment by segment."""
    port = 5000

    def __init__(self):
        Conn.port += 1
        self.sport = Conn.port
        self.local4 = self.lport4 = None

    def v6(self, flags, dport=80):
        got = send6(TCP(sport=self.sport, dport=dport, flags=flags))
        if got:
            self.local4, self.lport4 = got.src, got.sport
        return got

    def v4(self, flags, sport=80, **kw):
        return send4(TCP(sport=sport, dport=self.lport4, flags=flags),
                     self.local4, **kw)

    def state(self):
        mine = sessions(lport6=self.sport, rport4=80)
        return (mine[0]["state"], mine[0]["expires"]) if mine else None


# RFC 6146 section 3.5.2.2: how each state is reached from the outside.
REACH = {
    "v6-init": [("v6", "S")],
    "established": [("v6", "S"), ("v4", "SA")],
    "v4-fin": [("v6", "S"), ("v4", "SA"), ("v4", "FA")],
    "v6-fin": [("v6", "S"), ("v4", "SA"), ("v6", "FA")],
    "v4-v6-fin": [("v6", "S"), ("v4", "SA"), ("v4", "FA"), ("v6", "FA")],
    "trans": [("v6", "S"), ("v4", "SA"), ("v4", "R")],
}
# State, event -> state, and the timer that starts anew, None for none.
MACHINE = {
    "v6-init": {
        "v4 S": ("established", EST), "v4 SA": ("established", EST),
        "v6 S": ("v6-init", TRANS), "v4 A": ("v6-init", None),
        "v6 A": ("v6-init", None), "v4 R": ("v6-init", None),
        "v6 R": ("v6-init", None), "v4 FA": ("v6-init", None),
    },
    "established": {
        "v4 A": ("established", EST), "v6 A": ("established", EST),
        "v4 FA": ("v4-fin", EST), "v6 FA": ("v6-fin", EST),
        "v4 R": ("trans", TRANS), "v6 R": ("trans", TRANS),
        "v4 S": ("established", EST), "v6 S": ("established", EST),
    },
    "v4-fin": {
        "v6 FA": ("v4-v6-fin", TRANS), "v4 A": ("v4-fin", EST),
        "v6 A": ("v4-fin", EST), "v4 FA": ("v4-fin", EST),
        "v4 R": ("trans", TRANS), "v6 R": ("trans", TRANS),
    },
    "v6-fin": {
        "v4 FA": ("v4-v6-fin", TRANS), "v4 A": ("v6-fin", EST),
        "v6 A": ("v6-fin", EST), "v6 FA": ("v6-fin", EST),
        "v4 R": ("trans", TRANS), "v6 R": ("trans", TRANS),
    },
    "v4-v6-fin": {
        "v4 A": ("v4-v6-fin", None), "v6 A": ("v4-v6-fin", None),
        "v4 R": ("v4-v6-fin", None), "v6 S": ("v6-init", TRANS),
    },
    "trans": {
        "v4 A": ("established", EST), "v6 A": ("established", EST),
        "v4 S": ("established", EST), "v6 S": ("established", EST),
        "v4 R": ("trans", None), "v6 R": ("trans", None),
    },
}


def machine():
    """Each state and event; the timers told apart by their length."""
    fresh(POOL)
    for state, events in MACHINE.items():
        for event, (after, timer) in events.items():
            conn = Conn()
            for side, flags in REACH[state]:
                getattr(conn, side)(flags)
            before = conn.state()
            side, flags = event.split()
            passed = getattr(conn, side)(flags)
            now = conn.state()
            good = (passed is not None and before and now and
                    before[0] == state and now[0] == after)
            if good and timer is None:
                good = now[1] <= before[1]
            elif good:
                good = timer - 5 <= now[1] <= timer
            ok(f"6146 3.5.2.2 {state} + {event} -> {after}", good,
               f"{before} -> {now}, passed {passed is not None}")
    conn = Conn()
    conn.v6("S")
    got = conn.v4("S", sport=81)
    mine = sessions(lport6=conn.sport, rport4=81)
    ok("6146 3.5.2.2 closed + v4 S with a binding -> v4-init", got and
       mine[0]["state"] == "v4-init" and
       TRANS - 5 <= mine[0]["expires"] <= TRANS, mine)
    conn.v6("SA", dport=81)
    mine = sessions(lport6=conn.sport, rport4=81)
    ok("6146 3.5.2.2 v4-init + v6 S -> established", mine and
       mine[0]["state"] == "established", mine)
    conn.v4("S", sport=82)
    conn.v4("A", sport=82)
    mine = sessions(lport6=conn.sport, rport4=82)
    ok("6146 3.5.2.2 v4-init + v4 A stays", mine and
       mine[0]["state"] == "v4-init", mine)


def stored_syns():
    """Section 3.5.2.2: unsolicited SYNs are kept for six seconds."""
    fresh(POOL)
    before = lab.stats()
    start = time.monotonic()
    lab.w4.send(IP(src=HOST4, dst="198.51.100.3") /
                TCP(sport=80, dport=777, flags="S", seq=99))
    sent = time.monotonic()
    got = lab.w4.recv(15)
    end = time.monotonic()
    ok("5382 REQ-4 an unsolicited SYN is met with silence", end - start > 4.5)
    answered("6146 3.5.2.2 and after 6 s with port unreachable", got, 3, 3)
    ok("6146 4 TCP_INCOMING_SYN is 6 s", end - start >= 5.5 and
       end - sent <= 8, (start, sent, end))
    inner = got[ICMP].payload if got else None
    ok("6146 3.5.2.2 which contains the SYN", inner and
       bytes(inner)[20:24] == b"\0P\x03\x09", inner)
    after = lab.stats()
    same("it is counted as stored, then as without binding", (1, 1),
         tuple(after[k] - before[k] for k in ("syn_stored", "no_binding")))

    before = lab.stats()
    syn = IP(src=HOST4, dst="198.51.100.3")
    lab.w4.send(syn / TCP(sport=80, dport=778, flags="SA"))
    same("backscatter, SYN and ACK, is not stored", 1,
         lab.counted("no_binding", before))
    lab.w4.send(syn / TCP(sport=80, dport=779, flags="S"))
    same("one SYN is", 1, lab.counted("syn_stored", before))
    lab.w4.send(syn / TCP(sport=80, dport=779, flags="S"))
    end = time.monotonic() + 3
    while time.monotonic() < end and \
            lab.stats()["no_binding"] < before["no_binding"] + 2:
        time.sleep(0.05)
    same("and the same again is just counted", (1, 2), tuple(
        lab.stats()[k] - before[k] for k in ("syn_stored", "no_binding")))
    answered("until the first one is answered", lab.w4.recv(8), 3, 3)

    lab.ctl("set syn-max 3")
    before = lab.stats()
    for port in range(10):
        lab.w4.send(IP(src=HOST4, dst="198.51.100.3") /
                    TCP(sport=80, dport=1000 + port, flags="S"))
    end = time.monotonic() + 3
    while time.monotonic() < end and lab.stats()["no_binding"] < \
            before["no_binding"] + 7:
        time.sleep(0.05)
    after = lab.stats()
    same("6146 5.3 no more than syn-max are kept", (3, 7),
         tuple(after[k] - before[k] for k in ("syn_stored", "no_binding")))
    lab.ctl("set syn-max 0")
    lab.w4.send(IP(src=HOST4, dst="198.51.100.4") /
                TCP(sport=80, dport=1, flags="S"))
    same("and none with syn-max 0", 1, lab.counted("no_binding", after))
    lab.ctl("set syn-max 1024")
    time.sleep(7)
    lab.w4.drain()


def filtering():
    """RFC 4787 section 5: who may answer."""
    fresh(f"{POOL} filtering address-dependent")
    lab.ctl("set no-binding-icmp on")
    a = send6(UDP(sport=3000, dport=53) / b"q")
    got = send4(UDP(sport=53, dport=a.sport) / b"a", a.src)
    ok("6146 3.5.1.2 the host that was asked may answer", got)
    got = send4(UDP(sport=9999, dport=a.sport) / b"a", a.src)
    ok("4787 5 from any port (address-dependent)", got and
       got.sport == 9999, got)
    before = lab.stats()
    lab.w4.send(IP(src=SERVER4, dst=a.src) / UDP(sport=53, dport=a.sport) /
                b"a")
    answered("6146 3.5.1.2 another host is filtered, 3/13", lab.w4.recv(), 3,
             13)
    same("and counted", 1, lab.counted("filtered", before))
    send6(UDP(sport=3000, dport=1) / b"q", dst=SERVER6)
    got = send4(UDP(sport=53, dport=a.sport) / b"a", a.src, SERVER4)
    ok("4787 5 once asked it may as well", got)
    lab.ctl("session flush")
    same("nothing is left when the sessions are gone", 0,
         len(lab.json("session list")))
    b = send6(UDP(sport=3000, dport=53) / b"q")
    lab.w4.send(IP(src=SERVER4, dst=b.src) / UDP(sport=53, dport=b.sport) /
                b"a")
    answered("and who was asked before is filtered again", lab.w4.recv(), 3,
             13)
    e = send6(ICMPv6EchoRequest(id=7, seq=1))
    ok("5508 an echo is answered by whom it was sent to", send4(
        ICMP(type=0, id=e[ICMP].id, seq=1), e.src))

    conn = Conn()
    conn.v6("S")
    before = lab.stats()
    lab.w4.send(IP(src=SERVER4, dst=conn.local4) /
                TCP(sport=80, dport=conn.lport4, flags="S"))
    same("6146 3.5.2.2 a filtered SYN is stored", 1,
         lab.counted("syn_stored", before))
    send6(TCP(sport=conn.sport, dport=80, flags="S"), dst=SERVER6)
    mine = sessions(lport6=conn.sport, remote4=SERVER4)
    ok("6146 3.5.2.2 simultaneous open is established at once", mine and
       mine[0]["state"] == "established", mine)
    same("5382 REQ-2 the stored SYN is gone", 1,
         lab.counted("simultaneous_open", before))
    ok("and never answered", not lab.w4.recv(7))
    lab.ctl(f"binding add tcp 198.51.100.9 80 to {CLIENT6} 80")
    got = send4(TCP(sport=1, dport=80, flags="S"), "198.51.100.9")
    ok("a static binding is for all", got and got.dport == 80)
    lab.ctl("set no-binding-icmp off")


def dependent():
    """Address- and port-dependent mapping: ports used many times over."""
    fresh("198.51.100.1 ports 5000-5003 mapping address-port-dependent")
    got = [send6(UDP(sport=3000, dport=d) / b"q") for d in range(100, 120)]
    ok("4787 4.1 twenty sessions by four ports", all(got) and
       {p.sport for p in got} <= set(range(5000, 5004)), got)
    same("and all in the table", 20, len(sessions()))
    same("the pool counts sessions", 20, lab.json("pool list")[0]["udp"])
    back = [send4(UDP(sport=d, dport=p.sport) / b"a", p.src)
            for d, p in zip(range(100, 120), got)]
    ok("each answer finds its client", all(
        b and (b.dport, b.sport) == (3000, d)
        for d, b in zip(range(100, 120), back)), back)
    send6(UDP(sport=3001, dport=100) / b"q")
    send6(UDP(sport=3002, dport=100) / b"q")
    send6(UDP(sport=3003, dport=100) / b"q")
    same("to one remote end, each has a port of its own", 4, len(
        {s["lport4"] for s in sessions(rport4=100)}))
    before = lab.stats()
    lab.w6.send(IPv6(src=CLIENT6, dst=HOST6) / UDP(sport=3004, dport=100))
    same("a fifth finds them taken", 1, lab.counted("pool_exhausted", before))
    got = lab.w6.recv()
    ok("and is told", got and ICMPv6DestUnreach in got and
       got[ICMPv6DestUnreach].code == 3, got)
    before = lab.stats()
    lab.w4.send(IP(src=SERVER4, dst="198.51.100.1") /
                UDP(sport=100, dport=5000))
    same("nobody else gets in", 1, lab.counted("no_binding", before))
    conn = Conn()
    conn.v6("S")
    ok("TCP", conn.v4("SA") and conn.state()[0] == "established")
    a = send6(ICMPv6EchoRequest(id=8, seq=1))
    ok("ICMP", send4(ICMP(type=0, id=a[ICMP].id, seq=1), a.src))
    inner = IP(src=a.src, dst=HOST4) / ICMP(id=a[ICMP].id, seq=1)
    got = send4(ICMP(type=11) / inner, a.src, SERVER4)
    ok("errors find their session", got and ICMPv6TimeExceeded in got, got)
    lab.ctl(f"binding add udp 198.51.100.1 5001 to {CLIENT7} 9")
    ok("a static binding's port is given to nobody else", 5001 not in [
        send6(UDP(sport=3100 + i, dport=7)).sport for i in range(3)])
    lab.ctl("session flush")
    same("after a flush nothing is held", 1, lab.json("pool list")[0]["udp"])
    send6(UDP(sport=3000, dport=5))
    lab.ctl("pool del 198.51.100.1")
    same("a pool takes its sessions with it", 0, len(sessions()))


def parity():
    fresh(f"{POOL} parity on")
    got = [(p, send6(UDP(sport=p, dport=5)).sport)
           for p in list(range(600, 620)) + list(range(3000, 3040))]
    ok("4787 REQ-4 parity is kept, by option", all(
        (a ^ b) & 1 == 0 for a, b in got), got)
    ok("6146 3.5.1.1 and the class of ports too", all(
        (a < 1024) == (b < 1024) for a, b in got), got)
    fresh("198.51.100.1 ports 5000-5009 parity on")
    for i in range(5):
        send6(UDP(sport=3000 + 2 * i, dport=5))
    before = lab.stats()
    lab.w6.send(IPv6(src=CLIENT6, dst=HOST6) / UDP(sport=4000, dport=5))
    same("no even port is left", 1, lab.counted("pool_exhausted", before))
    lab.w6.drain()
    ok("but odd ones are", send6(UDP(sport=4001, dport=5)))


def lifetimes():
    """RFC 4787 REQ-5, 6, 12, RFC 5382 REQ-5, 10, RFC 5508 REQ-2."""
    fresh(POOL)
    a = send6(UDP(sport=3000, dport=53) / b"q")
    e = send6(ICMPv6EchoRequest(id=9, seq=1))
    conn = Conn()
    conn.v6("S")
    conn.v4("SA")
    timers = {s["proto"]: s["expires"] for s in sessions()}
    ok("6146 4 UDP_DEFAULT is 5 min, ICMP_DEFAULT 60 s, TCP_EST 2 h 4 min",
       295 <= timers["udp"] <= 300 and 55 <= timers["icmp"] <= 60 and
       7435 <= timers["tcp"] <= 7440, timers)
    for proto, low in ("udp", 119), ("tcp-est", 119), ("icmp", 9):
        result = lab.ctl(f"set {proto}-timeout {low}", False)
        ok(f"4787 REQ-5 {proto}-timeout {low} is refused",
           result.returncode == 1)

    def aged(proto):
        end = time.monotonic() + 8
        while time.monotonic() < end:
            left = sessions(proto=proto)[0]["expires"]
            if left < timers[proto] - 2:
                return left
            time.sleep(0.1)
        return None

    def refreshes(what, proto, send, *packet):
        """To all of its time, but for what has passed since."""
        left, start = aged(proto), time.monotonic()
        send(*packet)
        now = sessions(proto=proto)[0]["expires"]
        least = timers[proto] - 1 - int(time.monotonic() - start)
        ok(what, left and now > left and now >= least, (left, least, now))

    ok("a timer runs", aged("udp"))
    refreshes("4787 REQ-6 a packet from inside refreshes", "udp", send6,
              UDP(sport=3000, dport=53) / b"q")
    refreshes("6146 3.5.1.2 a packet from outside refreshes", "udp", send4,
              UDP(sport=53, dport=a.sport) / b"a", a.src)
    refreshes("6146 3.5.3 an echo reply refreshes", "icmp", send4,
              ICMP(type=0, id=e[ICMP].id, seq=1), e.src)

    udp = IP(src=a.src, dst=HOST4) / UDP(sport=a.sport, dport=53) / b"q"
    tcp = IP(src=conn.local4, dst=HOST4) / TCP(sport=conn.lport4, dport=80)
    before = {(s["proto"], s["lport6"]): s.get("state") for s in sessions()}
    left = aged("udp")
    for code in 1, 2, 3, 4, 13:
        for inner in udp, tcp:
            send4(ICMP(type=3, code=code, nexthopmtu=1400) / inner, inner.src,
                  SERVER4)
    for inner in udp, tcp:
        send4(ICMP(type=11) / inner, inner.src, SERVER4)
    after = {(s["proto"], s["lport6"]): s.get("state") for s in sessions()}
    same("4787 REQ-12, 5382 REQ-10 errors end no session", before, after)
    ok("6146 3.5 and refresh none", sessions(proto="udp")[0]["expires"] <=
       left)


def port_class():
    """RFC 6146 section 3.5.1.1, by option."""
    fresh("198.51.100.1 ports 1000-1039")
    got = [send6(UDP(sport=3000 + i, dport=5)) for i in range(16)]
    same("6146 3.5.1.1 no port above 1023 becomes one below", set(
        range(1024, 1040)), {p.sport for p in got})
    before = lab.stats()
    lab.w6.send(IPv6(src=CLIENT6, dst=HOST6) / UDP(sport=4000, dport=5))
    same("rather none at all", 1, lab.counted("pool_exhausted", before))
    fresh("198.51.100.1 ports 1000-1039 port-class off")
    got = [send6(UDP(sport=3000 + i, dport=5)) for i in range(40)]
    same("but by option", set(range(1000, 1040)),
         {p.sport for p in got})
    before = lab.stats()
    lab.w6.send(IPv6(src=CLIENT6, dst=HOST6) / UDP(sport=4000, dport=5))
    same("to the last one", 1, lab.counted("pool_exhausted", before))


def probe_begins():
    """In a router of its own: the timer cannot be lower than two minutes."""
    idle = Lab("idle")
    idle.ctl("prefix add 64:ff9b::/96 private on")
    idle.ctl(f"pool add {POOL}")
    idle.ctl("set tcp-est-timeout 120")
    idle.w6.send(IPv6(src=CLIENT6, dst=HOST6) /
                 TCP(sport=4000, dport=80, flags="S"))
    out = idle.w4.recv()
    idle.w4.send(IP(src=HOST4, dst=out.src) /
                 TCP(sport=80, dport=out.sport, flags="SA"))
    idle.w6.recv()
    return idle


def probes(idle):
    """Section 3.5.2.2: an idle connection is asked before it ends."""
    def state():
        return [(s["state"], s["expires"]) for s in idle.json("session list")]

    got = idle.w6.recv(135)
    ok("6146 3.5.2.2 a probe goes to the IPv6 host", got and TCP in got and
       got[TCP].flags == "A" and not got[TCP].payload and
       (got.src, got.dst, got.sport, got.dport) ==
       (HOST6, CLIENT6, 80, 4000), got)
    good = IPv6(bytes(got))
    del good[TCP].chksum
    same("its checksum is right", bytes(IPv6(bytes(good))), bytes(got))
    same("it is counted", 1, idle.stats()["tcp_probed"])
    seen = state()
    ok("6146 3.5.2.2 the session is transitory", seen and
       seen[0][0] == "trans" and seen[0][1] <= TRANS, seen)
    idle.w6.send(IPv6(src=CLIENT6, dst=HOST6) /
                 TCP(sport=4000, dport=80, flags="A"))
    ok("6146 3.5.2.2 an answer passes", idle.w4.recv())
    ok("and brings it back", state()[0][0] == "established", state())


def forged_reset():
    """Sequence numbers are not followed: who is idle after a RST is asked."""
    fresh(POOL)
    lab.ctl("set tcp-trans-timeout 10")
    # NAT of the host's own leaves probes alone, as it does the connection.
    run(f"ip netns exec {lab.ns} nft 'table ip6 nat {{ chain post {{ "
        "type nat hook postrouting priority srcnat; masquerade; }; }'")
    conn = Conn()
    conn.v6("S")
    conn.v4("SA")
    conn.v6("A")
    conn.v4("R")
    for flags, state in ("A", "established"), ("R", None):
        probe = lab.w6.recv(15)
        ok("6146 3.5.2.2 after a RST from IPv4 the IPv6 host is asked",
           probe and TCP in probe and probe[TCP].flags == "A" and
           probe.src == HOST6 and probe.dport == conn.sport and
           not probe[TCP].payload, probe)
        conn.v6(flags)
        end = time.monotonic() + 5
        while (left := [s["state"] for s in sessions()]) != \
                ([state] if state else []) and time.monotonic() < end:
            time.sleep(0.2)
        same(f"an answer ({flags}) decides", [state] if state else [], left)
        if state:
            conn.v4("R")
    lab.ctl("set tcp-trans-timeout 240")


def hairpin_errors():
    """Section 3.8: errors about hairpinned packets go back the same way."""
    fresh(POOL)
    lab.ip(f"neigh replace {CLIENT7} lladdr 02:00:00:00:00:02 dev eth6")
    a = send6(UDP(sport=3000, dport=53))
    pool6 = f"{P}{a.src}"
    lab.w6.send(IPv6(src=CLIENT7, dst=pool6, hlim=9) /
                UDP(sport=5555, dport=a.sport) / b"hairpin")
    got = lab.w6.recv()
    ok("6146 3.8 data", got and (got.dst, got.dport) == (CLIENT6, 3000), got)
    lab.w6.send(IPv6(src=CLIENT6, dst=got.src) /
                ICMPv6DestUnreach(code=4) / Raw(bytes(got)))
    error = lab.w6.recv()
    ok("6146 3.8 an error comes back to who sent it", error and
       ICMPv6DestUnreach in error and error.dst == CLIENT7 and
       error[ICMPv6DestUnreach].code == 4, error)
    inner = IPv6(bytes(error[ICMPv6DestUnreach].payload)) if error else None
    want = IPv6(src=CLIENT7, dst=pool6, hlim=8) / \
        UDP(sport=5555, dport=a.sport) / b"hairpin"
    if inner is not None:
        same("6146 3.8 and shows the packet as it was sent", bytes(want),
             bytes(inner))


idle_router = probe_begins()
for test in (machine, lifetimes, filtering, dependent, parity, port_class,
             hairpin_errors, forged_reset,
             stored_syns):
    case(test)
case(probes, idle_router)
ktap.done()
