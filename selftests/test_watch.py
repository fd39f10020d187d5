#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What an operator can see: sessions by filters, whose an address is, events as they
happen, tracepoints, metrics."""
import contextlib
import ipaddress
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6

import ktap
from ktap import case, ok, same
from lab import (CLIENT6, CTL, HOST4, NOBODY, SERVER4, TOP, Lab, as_nobody, in_netns,
                 run)

lab = Lab()
P = "64:ff9b::"
OTHER6 = "2001:db8:77::2"


def config(*commands):
    for noun in "binding", "eip", "pool", "prefix", "session":
        lab.ctl(f"{noun} flush")
    for command in ("prefix add 64:ff9b::/96 private on", *commands):
        lab.ctl(command)
    lab.w4.drain()
    lab.w6.drain()


def pass64(payload, src=CLIENT6, dst=HOST4):
    lab.w6.send(IPv6(src=src, dst=P + dst) / payload)
    return lab.w4.recv()


def conversations():
    """A few of each kind."""
    for port in 1000, 1001:
        pass64(UDP(sport=port, dport=53))
        pass64(UDP(sport=port, dport=53), src=OTHER6)
    pass64(UDP(sport=1000, dport=53), dst=SERVER4)
    pass64(TCP(sport=1000, dport=80))
    got = pass64(TCP(sport=1001, dport=80))
    lab.w4.send(IP(src=HOST4, dst=got.src) /
                TCP(sport=80, dport=got.sport, flags="SA"))
    lab.w6.recv()
    pass64(TCP(sport=1001, dport=80, flags="A"))
    pass64(ICMPv6EchoRequest(id=7))


def inside(address, prefix):
    return ipaddress.ip_address(address) in ipaddress.ip_network(prefix, False)


def check_filter(noun, entries, words):
    """What the kernel picks is what we pick of all."""
    want = entries
    pairs = words.split()
    for key, value in zip(pairs[::2], pairs[1::2]):
        if key[:-1] in ("local", "remote", "addr"):
            want = [e for e in want if inside(e[key], value)]
        else:
            want = [e for e in want if str(e.get(key)) == value]
    got = lab.json(f"{noun} list {words}")

    def names(some):
        return sorted(str({k: v for k, v in e.items() if k != "expires"})
                      for e in some)
    same(f"{noun} list {words}: {len(want)}", names(want), names(got))
    return len(want)


def filters():
    config("pool add 198.51.100.0/24", "binding add udp 203.0.113.1 53 to "
           "2001:db8:6::53", "binding add tcp 203.0.113.1 80 to 2001:db8:6::80")
    conversations()
    every = lab.json("session list")
    same("so many sessions", 8, len(every))
    local4 = every[0]["local4"]
    counts = [check_filter("session", every, words) for words in (
        "proto udp", "proto icmp", f"local6 {CLIENT6}", "local6 2001:db8:6::/64",
        f"local6 {OTHER6} lport6 1000", "local6 ::/0", "lport6 1001",
        f"remote6 64:ff9b::{HOST4}", "remote6 64:ff9b::/96",
        "remote6 64:ff9b::c000:200/120 rport6 80", f"remote4 {HOST4}",
        "remote4 192.0.2.0/27", "remote4 192.0.2.32/27 proto tcp", "rport4 53",
        f"local4 {local4}", "local4 198.51.100.0/24", "local4 10.0.0.0/8",
        f"local4 {local4} lport4 {every[0]['lport4']} proto udp",
        "state established", "state v6-init", "proto udp lport6 4000")]
    ok("some find nothing, some all, some a part",
       {0, 8} < set(counts), counts)
    bindings = lab.json("binding list")
    for words in ("type static", "proto udp addr6 2001:db8:6::/64",
                  "addr4 203.0.113.1", "addr4 203.0.113.1 port4 53",
                  "addr6 2001:db8:6::80 port6 80", "port6 1001 proto tcp"):
        check_filter("binding", bindings, words)
    lines = lab.ctl("session list proto icmp").stdout.splitlines()
    same("text, too", 1, len(lines))
    same("words may be cut short", 1, len(lab.json("session list pr icmp")))
    for words, want in (
            ("proto", "a protocol is missing: tcp, udp or icmp"),
            ("proto sctp", "\"sctp\" is not a protocol: tcp, udp or icmp"),
            ("colour blue", "\"colour\" is not something to select by"),
            ("l udp", "\"l\" is ambiguous: local6 or lport6"),
            ("local6 10.0.0.1", "\"10.0.0.1\" is not an IPv6 address"),
            ("local6 ::/129", "\"::/129\": the length of an IPv6 prefix is 0 to 128"),
            ("local4 10.0.0.0/33",
             "\"10.0.0.0/33\": the length of an IPv4 prefix is 0 to 32"),
            ("lport6 65536", "\"65536\" is not a port from 0 to 65535"),
            ("state asleep",
             "\"asleep\" is not a state of TCP (see nat64ctl session help)"),
            ("rport4 1 rport6 1", "rport6 is given twice"),
            ("proto udp proto tcp", "proto is given twice")):
        got = lab.ctl(f"session list {words}", False)
        same(f"session list {words}", (1, f"nat64ctl: {want}\n"),
             (got.returncode, got.stderr))


def flush():
    """Those that are picked end, and their bindings if nothing else needs them."""
    config("pool add 198.51.100.0/24",
           "binding add udp 203.0.113.1 53 to 2001:db8:6::53")
    conversations()

    def ends(words, sessions, bindings):
        lab.ctl(f"session flush {words}")
        same(f"session flush {words} leaves", (sessions, bindings),
             tuple(len(lab.json(f"{noun} list"))
                   for noun in ("session", "binding")))
    same("before", (8, 8), tuple(len(lab.json(f"{noun} list"))
                                 for noun in ("session", "binding")))
    for words in ("colour blue", "proto sctp", "local6", "proto udp proto udp"):
        same(f"session flush {words} is refused", 1,
             lab.ctl(f"session flush {words}", False).returncode)
    ends("proto udp lport6 1", 8, 8)
    ends("state established", 7, 7)
    ends("proto icmp", 6, 6)
    ends(f"local6 {OTHER6}", 4, 4)
    # The one that its binding was made for.
    ends(f"remote4 {HOST4}", 1, 2)
    ends("local6 ::/0", 0, 1)


def show():
    config("pool add 198.51.100.0/28",
           "binding add udp 203.0.113.1 53 to 2001:db8:6::53")
    lab.ip("neigh replace 2001:db8:6::53 lladdr 02:00:00:00:00:02 dev eth6")
    conversations()
    lab.w4.send(IP(src=HOST4, dst="203.0.113.1") / UDP(sport=5, dport=53))
    lab.w6.recv()

    def one(words):
        got = lab.json(f"session show {words}")
        same(f"session show {words} is one", 1, len(got))
        return [got[0][k] for k in ("from", "binding", "assured")]
    same("opened by IPv4", ["ipv4", "static", False], one("rport4 5"))
    same("a SYN alone", ["ipv6", "dynamic", False], one("state v6-init"))
    same("both go on", ["ipv6", "dynamic", True], one("state established"))
    config("pool add 198.51.100.16/28 mapping address-port-dependent")
    pass64(UDP(sport=99, dport=53))
    same("of no binding", ["ipv6", "none", False], one("lport6 99"))


def whois():
    config("pool add 198.51.100.0/28",
           "binding add udp 203.0.113.1 53 to 2001:db8:6::53",
           "eip add 203.0.113.11 to 2001:db8:7::7",
           "eip add 203.0.113.64/28 to 2001:db8:7::40/124",
           "eip add 203.0.113.70 to 2001:db8:9::9",
           "eip add 203.0.113.12 to 10.0.0.5")
    a = pass64(UDP(sport=1000, dport=53))
    b = pass64(TCP(sport=1000, dport=80), src=OTHER6)
    same("a binding", [{"proto": "udp", "addr4": a.src, "port4": a.sport,
                        "addr6": CLIENT6, "port6": 1000, "type": "dynamic",
                        "sessions": 1}],
         lab.json(f"whois {a.src} {a.sport} udp"))
    same("of any protocol", [OTHER6], [e["addr6"] for e in lab.json(
        f"whois {b.src} {b.sport}") if e["proto"] == "tcp"])
    same("a static one", "2001:db8:6::53",
         lab.json("whois 203.0.113.1 53 udp")[0]["addr6"])
    same("an EIP", [{"eip": "203.0.113.11", "to": "2001:db8:7::7"}],
         lab.json("whois 203.0.113.11 5 tcp"))
    same("of a prefix", [{"eip": "203.0.113.69", "to": "2001:db8:7::45"}],
         lab.json("whois 203.0.113.69"))
    same("of two the longer", [{"eip": "203.0.113.70", "to": "2001:db8:9::9"}],
         lab.json("whois 203.0.113.70"))
    same("of an IPv4 server", [{"eip": "203.0.113.12", "to": "10.0.0.5"}],
         lab.json("whois 203.0.113.12"))
    got = lab.ctl(f"whois {a.src} {a.sport} tcp", False)
    same("nobody", (3, "", "nat64ctl: nobody has it now\n"),
         (got.returncode, got.stdout, got.stderr))
    config("pool add 198.51.100.16/28 mapping address-port-dependent")
    c = pass64(UDP(sport=1000, dport=53))
    same("a session that is alone", [(CLIENT6, 1000, HOST4, 53)],
         [(e["local6"], e["lport6"], e["remote4"], e["rport4"])
          for e in lab.json(f"whois {c.src} {c.sport} udp")])
    for words, want in (("", "an IPv4 address is missing"),
                        ("1.2.3", "\"1.2.3\" is not an IPv4 address"),
                        ("1.2.3.4 x", "\"x\" is not a port from 0 to 65535"),
                        ("1.2.3.4 5 udp x", "unexpected word \"x\"")):
        got = lab.ctl(f"whois {words}", False)
        same(f"whois {words}", (1, f"nat64ctl: {want}\n"),
             (got.returncode, got.stderr))


class Monitor:
    """A listener, and what it has told."""

    def __init__(self, words=""):
        self.process = subprocess.Popen(
            f"exec {CTL} -j -n {lab.ns} monitor {words}", shell=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = b""

    def __enter__(self):
        self.wait(self.listens, "it listens")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def listens(self):
        """Has its socket joined groups?"""
        pid = self.process.pid
        with open(f"/proc/{pid}/net/netlink", encoding="ascii") as table:
            sockets = [line.split() for line in table]
        return any(s[1:3] == ["16", str(pid)] and int(s[3], 16)
                   for s in sockets)

    def wait(self, condition, what, seconds=10):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"{what}: {self.text} "
                                   f"{self.process.poll()}")
            time.sleep(0.05)

    def events(self, group=None):
        self.text += self.process.stdout.read() or b""
        lines = self.text.split(b"\n")[:-1]
        events = [json.loads(line) for line in lines]
        return [e for e in events if group in (None, e["group"])]

    def said(self):
        """When it has ended."""
        return self.process.stderr.read().decode()


def pick(event, *keys):
    return tuple(event.get(k) for k in keys)


def monitor():
    config("pool add 198.51.100.0/28")
    with Monitor() as m:
        before = time.time()
        a = pass64(UDP(sport=1000, dport=53))
        m.wait(lambda: len(m.events()) == 2, "two events")
        same("a session and its binding are made",
             {("binding", "created"), ("session", "created")},
             {pick(e, "group", "event") for e in m.events()})
        same("which it is", (CLIENT6, 1000, a.src, a.sport, HOST4, 53),
             pick(m.events("session")[0], "local6", "lport6", "local4", "lport4",
                  "remote4", "rport4"))
        same("and its binding", (CLIENT6, 1000, a.src, a.sport),
             pick(m.events("binding")[0], "addr6", "port6", "addr4", "port4"))
        stamp = m.events()[0]["time"]
        seconds = run(f"date -u -d {stamp} +%s.%N").stdout
        ok("the time is right", before - 1 < float(seconds) < time.time() + 1,
           stamp)
        lab.ctl("session flush")
        m.wait(lambda: len(m.events()) == 5, "three more")
        same("they end", {("binding", "ended"), ("session", "ended"),
                          ("config", "changed")},
             {pick(e, "group", "event") for e in m.events()[2:]})


COMMANDS = (
    "prefix add 2001:db8:64::/48 mode eip", "prefix del 2001:db8:64::/48",
    "pool add 198.51.100.64/28 ports 1024-2047 parity on",
    "pool del 198.51.100.64/28", "eip add 203.0.113.11 to 2001:db8:7::7",
    "eip add 203.0.113.64/28 to 2001:db8:7::40/124", "eip del 203.0.113.64/28",
    "eip flush", "binding add udp 203.0.113.1 53 to 2001:db8:6::53 54",
    "binding del udp 203.0.113.1 53", "binding flush",
    "set udp-timeout 301 icmp-source 192.0.2.0/24", "set icmp-source interface",
    "interface set eth6 fastpath off", "interface set eth6 fastpath default",
    "session flush proto tcp local6 2001:db8:6::/64 rport6 80 "
    "local4 198.51.100.0/24 state v6-init", "session flush", "pool flush", "prefix flush")


def commands():
    config()
    with Monitor("config") as m:
        for command in COMMANDS:
            lab.ctl(command)
        lab.ctl("pool add 224.0.0.0/24", False)
        run(f"{CTL} -n {lab.ns} save | {CTL} -n {lab.ns} check -", False)
        run(f"{CTL} -n {lab.ns} save | {CTL} -n {lab.ns} apply -")
        m.wait(lambda: len(m.events()) == len(COMMANDS) + 1, "all are told of")
        same("each as it was given, of those that did something",
             [*COMMANDS, "apply"], [e["command"] for e in m.events()])


def refusals():
    config("pool add 198.51.100.1/32 ports 2000-2001", "set early-drop off")
    with Monitor("refusal session") as m:
        for port in range(2000, 2040):
            lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                        UDP(sport=port, dport=53))
        m.wait(lambda: m.events("refusal"), "a refusal")
        same("what was refused, and why",
             ("refused", "pool_exhausted", "udp", CLIENT6, 53),
             pick(m.events("refusal")[0], "event", "reason", "proto", "local6",
                  "rport6"))
        ok("once a second", len(m.events("refusal")) <= 3, m.events("refusal"))
        ok("and no other groups", not m.events("binding"))
        lab.ctl("set early-drop on")


def lost():
    """Nobody reads for a while."""
    config("pool add 198.51.100.0/24")
    with Monitor("session buffer 64") as m:
        m.process.send_signal(signal.SIGSTOP)
        for port in range(3000):
            lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                        UDP(sport=port + 1024, dport=53))
            if port % 100 == 99:
                lab.w4.drain()
        made = -1
        while made != (made := len(lab.json("session list"))):
            time.sleep(0.3)
        ok("there are many", made > 2000, made)
        m.process.send_signal(signal.SIGCONT)

        def heard(want):
            with contextlib.suppress(RuntimeError):
                m.wait(lambda: sum(e.get("count", 1) for e in m.events()) == want,
                       "", 20)
            return sum(e.get("count", 1) for e in m.events())

        # Nothing else happens: it asks how many there were.
        same("all are accounted for", made, heard(made))
        pass64(UDP(sport=1000, dport=53))
        same("and those that follow, too", made + 1, heard(made + 1))
        gaps = [e["count"] for e in m.events() if e["event"] == "lost"]
        ok(f"{sum(gaps)} of {made} events were lost, and counted",
           sum(gaps) > 100, gaps)
        m.process.terminate()
        ok("it said so at once", "are lost" in m.said())


def privileges():
    def join():
        code = subprocess.run([CTL, "monitor"], capture_output=True,
                              check=False, text=True)
        return code.returncode, int("CAP_NET_ADMIN" in code.stderr)
    same("who is nobody hears nothing", (2, 1), as_nobody(join))

    config("pool add 198.51.100.0/24")
    child = os.fork()
    if not child:
        for port in range(40):
            pass64(UDP(sport=4000 + port, dport=53))
            time.sleep(0.05)
        os._exit(0)
    # Root of his own namespaces.
    text = run(f"setpriv --reuid={NOBODY} --clear-groups unshare -Urn sh -c '"
               f"timeout 3 {CTL} monitor & sleep 1; {CTL} set tos copy; wait'",
               check=False).stdout
    same("and no other's", (1, 0),
         (text.count("set tos copy"), text.count(CLIENT6)))
    os.waitpid(child, 0)


TRACING = "/sys/kernel/tracing"


def tracepoints():
    if not os.path.isdir(TRACING):
        ktap.skip("tracepoints", "this kernel has no tracing")
        return
    config("pool add 198.51.100.0/24")
    run(f"mountpoint -q {TRACING} || mount -t tracefs tracefs {TRACING}")

    def write(file, text):
        with open(f"{TRACING}/{file}", "w", encoding="ascii") as f:
            f.write(text)
    write("trace", "")
    write("events/nat64/enable", "1")
    before = lab.stats()
    lab.w6.send(IPv6(src="ff02::1", dst=P + HOST4) / UDP(sport=1, dport=53))
    lab.w6.send(IPv6(src=CLIENT6, dst=P + "127.0.0.1") / UDP(sport=2, dport=53))
    lab.w4.send(IP(src=HOST4, dst="198.51.100.9") / UDP(sport=3, dport=4))
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) / TCP(sport=5, dport=6,
                                                       flags="A"))
    got = pass64(UDP(sport=1000, dport=53))
    lab.counted("no_session", before)
    lab.ctl("session flush")
    write("events/nat64/enable", "0")
    with open(f"{TRACING}/trace", encoding="ascii") as f:
        lines = [line for line in f if not line.startswith("#")]
    drops = [line.split("drop: ")[1].strip() for line in lines
             if " drop: " in line]
    after = lab.stats()
    for reason in "bad_destination", "no_binding", "no_session":
        same(f"as many of {reason} as are counted",
             after[reason] - before[reason],
             sum(f"reason={reason} " in d for d in drops))
    ok("with addresses and ports", any(
        f"saddr=::ffff:{HOST4} sport=3 daddr=::ffff:198.51.100.9 dport=4" in d
        and "proto=17" in d for d in drops), drops)
    sessions = [line.split("session: ")[1].strip() for line in lines
                if " session: " in line]
    tuple6 = f"local6={CLIENT6} lport6=1000 remote6=64:ff9b::c000:221"
    tuple4 = f"local4={got.src} lport4={got.sport} remote4={HOST4} rport=53"
    same("a session is made and ends", ["created", "ended"],
         [s.split()[0] for s in sessions if tuple6 in s and tuple4 in s])


def metrics():
    config("pool add 198.51.100.0/28 ports 1000-1999", "pool add 198.51.100.32/32")
    pass64(UDP(sport=1000, dport=53))
    lines = lab.ctl("stats --prometheus").stdout.splitlines()
    same("it ends as it should", "# EOF", lines[-1])
    families, family, samples = [], None, {}
    wrong = []
    for line in lines[:-1]:
        words = line.split(" ", 3)
        if words[:2] == ["#", "TYPE"]:
            families.append(words[2])
            family, kind = words[2], words[3]
        elif words[:2] == ["#", "HELP"]:
            if words[2] != family or not words[3]:
                wrong.append(line)
        else:
            name, value = line.rsplit(" ", 1)
            suffix = "_total" if kind == "counter" else ""
            if name.split("{")[0] != family + suffix or name in samples:
                wrong.append(line)
            samples[name] = int(value)
    same("each sample is of its family", [], wrong)
    same("each family comes once", len(families), len(set(families)))
    stats = lab.stats()
    drops = {k: v for k, v in samples.items() if "_drop_total{" in k}
    events = {k[len("nat64_"):-len("_total")]: v for k, v in samples.items()
              if k.endswith("_total")}
    same("every counter is there", len(stats), len(drops) + len(events))
    same("as it is counted", {k: stats[k] for k in events}, events)
    same("sessions", 1, samples["nat64_sessions"])
    text = lab.ctl("stats --prometheus text").stdout.splitlines()
    same("the older format has the same samples", sorted(samples),
         sorted(l.rsplit(" ", 1)[0] for l in text if l[0] != "#"))
    same("of families that have their names", set(),
         {s.split("{")[0] for s in samples} -
         {l.split()[2] for l in text if l.startswith("# TYPE")})
    same("and a help of each", {l.split()[2] for l in text if l.startswith("# TYPE")},
         {l.split()[2] for l in text if l.startswith("# HELP") and l.split()[3:]})
    reasons = {k.split('"')[1] for k in drops}
    with open(f"{TOP}/Documentation/guide.rst", encoding="utf-8") as guide:
        told = set(re.findall(r"``([a-z0-9_]+)``", guide.read()))
    same("the guide has what is to be done about each of them", set(), reasons - told)
    with open(f"{TOP}/tools/reason.c", encoding="utf-8") as source:
        told = set(re.findall(r'^\t{ "([a-z0-9_]+)", "', source.read(), re.M))
    same("the tool has a text for each, and for no other", reasons, told)
    same("-j has the names of those that count drops", sorted(
        k.split('"')[1] for k in drops), sorted(lab.json("stats")[0]["drops"]))
    same("ports of a pool", 16000,
         samples['nat64_pool_ports{pool="198.51.100.0/28"}'])
    same("and those in use", 1, sum(v for k, v in samples.items()
                                    if k.startswith("nat64_pool_used")))


def explain(words, *keys):
    got = lab.json(f"get {words}")[0]
    return tuple(got.get(k) for k in keys) if keys else got


def is_dropped(reason, packet, wire, words):
    """What is told is what happens."""
    same(f"{words}: {reason}", ("dropped", reason),
         explain(words, "verdict", "reason"))
    before = lab.stats()
    wire.send(packet)
    same("so it is", 1, lab.counted(reason, before))


def get():
    config("pool add 198.51.100.0/28", "eip add 203.0.113.11 to 2001:db8:7::7",
           "eip add 203.0.113.12 to 192.0.2.33", "prefix add 2001:db8:64::/96",
           "binding add udp 203.0.113.1 53 to 2001:db8:6::53 5353")
    before = lab.stats()
    to = f"from {CLIENT6} to 64:ff9b::c000:221"
    same("a new session", ("translated", "eth6", "64:ff9b::/96",
                           "198.51.100.0/28", "new", "new", HOST4, 53, 63, 80,
                           "eth4", 1500),
         explain(f"{to} udp sport 1000 dport 53", "verdict", "iif", "prefix",
                 "pool", "binding", "session", "to", "dport", "hops", "len",
                 "oif", "mtu"))
    same("is not made", ([], before), (lab.json("session list"), lab.stats()))
    got = pass64(UDP(sport=1000, dport=53))
    same("one that is there", ("there", "dynamic", got.src, got.sport),
         explain(f"{to} udp sport 1000 dport 53", "session", "binding", "from",
                 "sport"))
    same("another of its binding", ("new", "dynamic", got.src, got.sport),
         explain(f"{to} udp sport 1000 dport 54", "session", "binding", "from",
                 "sport"))
    same("the way back", ("translated", "eth4", CLIENT6, 1000, "eth6"),
         explain(f"from {HOST4} to {got.src} udp sport 53 dport {got.sport}",
                 "verdict", "iif", "to", "dport", "oif"))
    same("a static binding", ("translated", "static", "2001:db8:6::53", 5353),
         explain(f"from {HOST4} to 203.0.113.1 udp dport 53", "verdict",
                 "binding", "to", "dport"))
    same("an EIP of an IPv6 server",
         ("translated", "203.0.113.11/32", "2001:db8:7::7", 80, CLIENT6),
         explain(f"from {HOST4} to 203.0.113.11 tcp dport 80", "verdict", "eip",
                 "to", "dport", "via"))
    same("an EIP of an IPv4 server", ("translated", "203.0.113.12/32", HOST4),
         explain(f"from {CLIENT6} to 64:ff9b::203.0.113.12 tcp dport 80",
                 "verdict", "eip", "to"))
    same("by a router", ("8.8.8.8", SERVER4), explain(
        f"from {CLIENT6} to 64:ff9b::8.8.8.8", "to", "via"))
    same("from one EIP to another's prefix: it turns around",
         ("translated", "2001:db8:7::7", True),
         explain(f"from {CLIENT6} to 64:ff9b::203.0.113.11 tcp dport 80",
                 "verdict", "to", "hairpin"))
    same("what is not ours", ("passes", "eth6"),
         explain(f"from {CLIENT6} to 2001:db8:9::9", "verdict", "iif"))
    same("what this host sends", ("translated", "lo", 64, "eth4", HOST4), explain(
        "from 2001:db8:6::1 to 64:ff9b::c000:221 udp dport 53", "verdict", "iif",
        "hops", "oif", "to"))
    lab.ip("addr add 198.51.100.5/32 dev lo")
    same("a pool's address that is this host's own", ("passes", "no_binding"),
         explain(f"from {HOST4} to 198.51.100.5 udp dport 53", "verdict", "reason"))
    same("nor this", ("passes",),
         explain(f"from {HOST4} to 192.0.2.77", "verdict"))
    udp = UDP(sport=40000, dport=53)
    src6 = IPv6(src=CLIENT6, dst=P + HOST4)
    is_dropped("hop_limit", IPv6(src=CLIENT6, dst=P + HOST4, hlim=1) / udp,
               lab.w6, f"{to} udp dport 53 hops 1")
    is_dropped("no_session", src6 / TCP(sport=40000, dport=80, flags="A"),
               lab.w6, f"{to} tcp dport 80 ack")
    is_dropped("not_global", IPv6(src=CLIENT6, dst="2001:db8:64::10.0.0.1") /
               udp, lab.w6,
               f"from {CLIENT6} to 2001:db8:64::10.0.0.1 udp dport 53")
    is_dropped("bad_destination", IPv6(src=CLIENT6, dst=P + "127.0.0.1") / udp,
               lab.w6, f"from {CLIENT6} to 64:ff9b::127.0.0.1 udp dport 53")
    is_dropped("bad_source", IPv6(src="::ffff:9", dst=P + HOST4) / udp, lab.w6,
               "from ::ffff:9 to 64:ff9b::192.0.2.33 udp dport 53 iif eth6")
    is_dropped("loop", IPv6(src="2001:db8:64::9", dst=P + HOST4) / udp, lab.w6,
               "from 2001:db8:64::9 to 64:ff9b::192.0.2.33 udp dport 53 iif eth6")
    lab.ip("link set eth4 mtu 1400")
    is_dropped("too_big", src6 / udp / bytes(1392), lab.w6,
               f"{to} udp dport 53 len 1440")
    same("what its sender is told", 1420,
         explain(f"{to} udp dport 53 len 1440", "mtu")[0])
    lab.ip("link set eth4 mtu 1500")
    is_dropped("no_binding", IP(src=HOST4, dst="198.51.100.9") / udp, lab.w4,
               f"from {HOST4} to 198.51.100.9 udp dport 53")
    lab.ctl("set reverse-path on")
    lab.ip("-6 route add 2001:db8:5::/64 dev eth4")
    is_dropped("spoofed", IPv6(src="2001:db8:5::5", dst=P + HOST4) / udp,
               lab.w6, "from 2001:db8:5::5 to 64:ff9b::192.0.2.33 udp dport 53 "
               "iif eth6")
    lab.ctl("set reverse-path off")
    lab.ctl("set client-session-rate 1")
    # Of one second, which may end in between.
    ok("limits", any(
        pass64(UDP(sport=port, dport=53)) and
        explain(f"{to} udp sport 1999 dport 53", "reason") == ("client_rate",)
        for port in range(2000, 2020)))
    lab.ctl("set client-session-rate 0 session-max 1 early-drop off")
    same("of all", ("dropped", "session_limit"),
         explain(f"{to} udp sport 1998 dport 53", "verdict", "reason"))
    lab.ctl("set session-max 1000 early-drop on")
    text = lab.ctl(f"get {to} tcp dport 80").stdout.splitlines()
    same("in words", ["translated iif eth6", "prefix", "pool", "proto", "oif"],
         [text[0], *(line.split()[0] for line in text[1:])])
    text = lab.ctl(f"get {to} tcp dport 80 hops 1").stdout.splitlines()
    same("and why not", ["dropped hop_limit iif eth6",
                         "because its hop limit runs out"], text[:2])
    for words, want in (
            ("", "from ADDRESS is missing"),
            (f"from {CLIENT6}", "to ADDRESS is missing"),
            ("from x", "\"x\" is neither an IPv4 nor an IPv6 address"),
            (f"{to} sctp", "\"sctp\" is not a part of a packet (see nat64ctl "
             "get help)"),
            (f"{to} tcp udp", "udp is given twice"),
            (f"{to} iif nowhere", "there is no interface \"nowhere\""),
            (f"{to} len 20", "\"20\" is not a length from 68 to 65535"),
            (f"{to} dport", "port is missing")):
        got = lab.ctl(f"get {words}", False)
        same(f"get {words}", (1, f"nat64ctl: {want}\n"),
             (got.returncode, got.stderr))
    lab.ip("-6 route replace unreachable 2001:db8:55::/64")
    got = lab.ctl("get from 2001:db8:55::5 to 64:ff9b::1", False)
    same("the way back must be known", (2, "nat64ctl: no route leads back to the "
                                        "source: tell the interface\n"),
         (got.returncode, got.stderr))
    lab.ctl("eip add 203.0.113.55 to 2001:db8:55::55")
    same("where there is no route to", ("no_route", "2001:db8:55::55"), explain(
        f"from {HOST4} to 203.0.113.55 udp dport 7", "reason", "to"))


def gone():
    with Monitor() as m:
        for noun in "binding", "eip", "pool", "prefix":
            lab.ctl(f"{noun} flush")
        run("rmmod nat64")
        same("who listens learns that the module goes", 2, m.process.wait(5))
        ok("and why", "the kernel module nat64 was removed" in
           m.said())


def join_all(sock):
    """Numbers of groups, whether they are some or will be."""
    for group in range(1, 65):
        with contextlib.suppress(OSError):
            sock.setsockopt(270, 1, group)	# NETLINK_ADD_MEMBERSHIP


def hear(sock):
    """In how many messages the client is."""
    heard = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            heard += socket.inet_pton(socket.AF_INET6, CLIENT6) in sock.recv(65536)
    return heard


class Eavesdropper:
    """A process without rights in numbers that are no groups yet, and what it hears."""

    def __init__(self, again):
        self.again, self.told = again, []
        self.ready, self.end = os.pipe(), os.pipe()
        self.thread = threading.Thread(target=lambda: self.told.extend(
            in_netns(lab.ns, lambda: as_nobody(self.listen))))
        self.thread.start()
        os.read(self.ready[0], 1)

    def listen(self):
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        sock.bind((0, 0))
        sock.setblocking(False)
        join_all(sock)
        os.write(self.ready[1], b"x")
        os.set_blocking(self.end[0], not self.again)
        heard = 0
        while True:
            with contextlib.suppress(BlockingIOError):
                os.read(self.end[0], 1)
                return heard + hear(sock),
            join_all(sock)
            heard += hear(sock)

    def heard(self):
        os.write(self.end[1], b"x")
        self.thread.join()
        return self.told


def two_events():
    with Monitor() as m:
        pass64(UDP(sport=4000, dport=53))
        pass64(UDP(sport=4001, dport=53))
        m.wait(lambda: any(e.get("local6") == CLIENT6 for e in m.events()),
               "who has the right hears of a client")


def early():
    """Who joins numbers that are no groups yet, without rights."""
    one = Eavesdropper(again=False)
    run(f"insmod {TOP}/nat64.ko")
    config("pool add 198.51.100.0/24")
    two_events()
    same("who joined before there were groups hears of none", [0], one.heard())


def spinning():
    """And joins again and again, while they come: there are no events then, or not
    for him."""
    some = [Eavesdropper(again=True) for _ in range(3)]
    run("rmmod nat64")
    lines = len(run("dmesg").stdout.splitlines())
    run(f"insmod {TOP}/nat64.ko")
    config("pool add 198.51.100.0/24")
    if any("no events: a process that may not" in line
           for line in run("dmesg").stdout.splitlines()[lines:]):
        got = lab.ctl("monitor", False)
        same("there are no events, and monitor says so",
             (2, "nat64ctl: Device or resource busy\n"), (got.returncode, got.stderr))
        pass64(UDP(sport=4000, dport=53))
        time.sleep(0.3)
    else:
        two_events()
        ok("there are events")
    same("who joins all the time hears of none", [[0]] * 3, [s.heard() for s in some])
    run("rmmod nat64")
    run(f"insmod {TOP}/nat64.ko")
    config("pool add 198.51.100.0/24")
    two_events()
    ok("without him there are")


run("sysctl -qw kernel.unprivileged_userns_clone=1", check=False)
for test in (filters, flush, show, whois, monitor, commands, refusals, lost, privileges,
             tracepoints, metrics, get, gone, early, spinning):
    case(test)
ktap.done()
