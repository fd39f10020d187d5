#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Ports by blocks: who gets which, and what a log says of it (RFC 6888, RFC 7422)."""
import atexit
import collections
import datetime
import json
import signal
import subprocess
import tempfile
import threading
import time

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
from scapy.packet import Raw

import ktap
from ktap import case, ok, same
from lab import CLIENT6, CTL, HOST4, Lab, run

lab = Lab()
P = "64:ff9b::"
SAME64 = CLIENT6 + "77"
OTHER64 = "2001:db8:77::2"
BLOCK = 64
GROUPS = "binding", "block", "session"


def config(*commands):
    for noun in "binding", "eip", "pool", "prefix", "session":
        lab.ctl(f"{noun} flush")
    for command in ("set block-timeout 120 early-drop on client-prefix-len 64 "
                    "client-port-max 0", "prefix add 64:ff9b::/96 private on",
                    *commands):
        lab.ctl(command)
    deadline = time.time() + 10
    while lab.json("block") and time.time() < deadline:
        time.sleep(0.1)
    lab.w4.drain()
    lab.w6.drain()


def pass64(payload, src=CLIENT6, wait=5):
    lab.w6.send(IPv6(src=src, dst=P + HOST4) / payload)
    return lab.w4.recv(wait)


def udp(sport, src=CLIENT6, wait=5):
    got = pass64(UDP(sport=sport, dport=53) / Raw(b"x"), src, wait)
    return got and (got.src, got[UDP].sport)


def range_of(block):
    first, last = map(int, block["ports"].split("-"))
    return range(first, last + 1)


def allotted():
    config(f"pool add 198.51.100.0/28 block-size {BLOCK}")
    addr4, port = udp(1000)
    block, = lab.json("block")
    same("the client has a block", ("2001:db8:6::/64", addr4, 1),
         (block["client"], block["addr4"], block["used"]))
    ports = range_of(block)
    ok("its port is one of them", port in ports, (port, block))
    same("which are as many as asked for, at a multiple of that, not well-known",
         (BLOCK, 0, True),
         (len(ports), ports[0] % BLOCK, ports[0] >= 1024))
    got = {udp(sport, SAME64) for sport in range(2000, 2000 + BLOCK - 1)}
    same("the other hosts of its prefix share it",
         {(addr4, p) for p in ports if p != port}, got)
    same("TCP has ports of the same block", True,
         pass64(TCP(sport=1, dport=80))[TCP].sport in ports)
    same("and so has ICMP its ids", True,
         pass64(ICMPv6EchoRequest(id=7))[ICMP].id in ports)
    same("that is one block", 1, len(lab.json("block")))
    more = udp(3000)
    second = [b for b in lab.json("block") if b["ports"] != block["ports"] or
              b["addr4"] != addr4]
    same("when it is full comes a second one, of the same address",
         (1, addr4, True), (len(second), second[0]["addr4"],
                            more[1] in range_of(second[0])))
    udp(1000, OTHER64)
    same("another client has its own", 1,
         len(lab.json("block list client 2001:db8:77::/64")))
    used = sum(b["used"] for b in lab.json("block"))
    pool, = lab.json("pool")
    same("used is what the pool says", pool["tcp"] + pool["udp"] + pool["icmp"],
         used)
    same("and so many blocks of as many", (3, 16 * (65536 - 1024) // BLOCK),
         (pool["blocks-used"], pool["blocks"]))
    seen = collections.Counter()
    for b in lab.json("block"):
        for p in range_of(b):
            seen[b["addr4"], p] += 1
    same("no port is in two blocks", 1, max(seen.values()))


def listed():
    """What is asked for is what there is of all."""
    every = lab.json("block")
    first = every[0]
    port = range_of(first)[5]
    for words, want in (
            (f"addr4 {first['addr4']} port {port}", [first]),
            ("client 2001:db8::/32", every),
            (f"client {CLIENT6}",
             [b for b in every if b["client"] == "2001:db8:6::/64"]),
            ("client 2001:db8:9::/64", []), ("addr4 198.51.100.0/24", every),
            ("addr4 198.51.100.0/28 client ::/0", every),
            ("addr4 10.0.0.0/8", []), ("port 80", [])):
        same(f"block list {words}: {len(want)}", sorted(map(str, want)),
             sorted(map(str, lab.json(f"block list {words}"))))
    who = lab.json(f"whois {first['addr4']} {port}")
    same("whois tells whose block it is", first["client"], who[-1]["client"])
    free = next(p for p in range(1024, 65536)
                if not any(p in range_of(b) for b in every))
    same("of no block it is nobody's", 3,
         lab.ctl(f"whois {first['addr4']} {free}", False).returncode)


def words():
    config()
    for command, want in (
            ("block-size 100", "block-size 100 is not a power of two"),
            ("block-size 32", "\"32\" is not a block-size from 64 to 16384"),
            ("block-size 32768",
             "\"32768\" is not a block-size from 64 to 16384"),
            ("block-size 64 blocks-max 0",
             "\"0\" is not a blocks-max from 1 to 64"),
            ("block-size 64 block-size 64", "block-size is given twice"),
            ("blocks-max 3", "blocks-max goes with block-size only"),
            ("block-size 64 mapping address-port-dependent",
             "block-size goes with mapping endpoint-independent only"),
            ("block-size 4096 ports 1-4096",
             "ports 1-4096: no block of 4096, which has no port below 1024"),
            ("block-size 64 ports 1100-1200",
             "ports 1100-1200: no block of 64, which has no port below 1024")):
        got = lab.ctl(f"pool add 198.51.100.0/28 {command}", False)
        ok(f"pool add {command} is refused",
           got.returncode and want in got.stderr, got.stderr)
    same("and nothing is there", [], lab.json("pool"))
    for line in ("pool add 198.51.100.0/28 block-size 64",
                 "pool add 198.51.100.0/28 ports 1100-1300 block-size 128 "
                 "blocks-max 3"):
        lab.ctl(line)
        ok(f"{line} is saved", line in lab.ctl("save").stdout.splitlines(),
           lab.ctl("save").stdout)
        if "1100" in line:
            same("whole blocks only", 16, lab.json("pool")[0]["blocks"])
        lab.ctl("pool flush")


def limit():
    config(f"pool add 198.51.100.0/28 block-size {BLOCK} blocks-max 2",
           "set early-drop off")
    got = {udp(sport) for sport in range(1, 2 * BLOCK + 1)}
    same("so many ports of two blocks", 2 * BLOCK, len(got))
    before = lab.stats()
    same("then no more", None, udp(9000, wait=1))
    same("which is counted", 1, lab.counted("client_ports", before))
    ok("another client gets one", udp(1, OTHER64))
    ok("and this one of another protocol", pass64(TCP(sport=1, dport=80)))
    lab.ctl("set early-drop on")
    before = lab.stats()
    ok("with early-drop one that nobody goes on with makes room", udp(9000))
    after = lab.stats()
    same("one only, of this client", (1, 0), (
        after["session_evicted"] - before["session_evicted"],
        after["block_created"] - before["block_created"]))
    same("the other client has its own", 1,
         len(lab.json("session list local6 2001:db8:77::/64")))


def back():
    config(f"pool add 198.51.100.0/28 block-size {BLOCK}", "set block-timeout 3")
    udp(1)
    lab.ctl("session flush")
    block, = lab.json("block")
    same("an empty block stays", 0, block["used"])
    udp(2)
    same("and is used again", [block["ports"]],
         [b["ports"] for b in lab.json("block")])
    lab.ctl("session flush")
    time.sleep(6)
    same("after block-timeout it goes", [], lab.json("block"))
    pool, = lab.json("pool")
    same("with all its ports", (0, 0), (pool["blocks-used"], pool["udp"]))
    udp(1)
    lab.ctl("pool flush")
    time.sleep(2)
    same("with its pool it goes at once", [], lab.json("block"))
    stats = lab.stats()
    same("as many have ended as were made", stats["block_created"],
         stats["block_ended"])


def full():
    """All blocks are taken: 4 of them."""
    config("pool add 198.51.100.1/32 ports 1024-1279 block-size 64",
           "set block-timeout 600 early-drop off")
    clients = [f"2001:db8:{n:x}::2" for n in range(0x100, 0x105)]
    for client in clients[:4]:
        ok(f"{client} gets a block", udp(1, client))
    before = lab.stats()
    same("the next one gets none", None, udp(1, clients[4], wait=1))
    same("which is counted", 1, lab.counted("pool_exhausted", before))
    lab.ctl("set early-drop on")
    ok("with early-drop it gets that of one who does not go on",
       udp(1, clients[4]))
    same("which is full again", 4, lab.json("pool")[0]["blocks-used"])
    lab.ctl("session flush")
    same("idle blocks wait for block-timeout", 4,
         lab.json("pool")[0]["blocks-used"])
    asked, = lab.json(f"get from {clients[1]}77 to {P}{HOST4} udp sport 1 dport 53")
    same("but who asks for one hears that it could be had", "translated",
         asked["verdict"])
    # Three are in use again; the oldest of those that are not goes.
    for client in clients_of()[:3]:
        udp(1, client.replace("::/64", "::2"))
    idle, = [b["client"] for b in lab.json("block") if not b["used"]]
    lab.ctl("session flush")
    udp(1, idle.replace("::/64", "::2"))
    lab.ctl("session flush")
    before = lab.stats()
    ok("and who needs one gets it", udp(1, "2001:db8:200::2"))
    same("one for one", (4, 1, 1), (
        lab.json("pool")[0]["blocks-used"], *ended_and_made(before)))
    ok("but not of who had his last", idle in clients_of(), clients_of())


def clients_of():
    return [b["client"] for b in lab.json("block")]


def ended_and_made(before):
    now = lab.stats()
    return tuple(now[f"block_{what}"] - before[f"block_{what}"]
                 for what in ("ended", "created"))


def crowded():
    """All blocks are taken, by more than one port each."""
    config("pool add 198.51.100.1/32 ports 1024-1151 block-size 64",
           "set block-timeout 600")
    for client in "2001:db8:100::2", "2001:db8:101::2":
        for sport in 1, 2:
            udp(sport, client)
    before = lab.stats()
    same("who comes then gets none", None, udp(1, OTHER64, wait=1))
    same("and takes nobody's session in vain", 0,
         lab.stats()["session_evicted"] - before["session_evicted"])
    lab.ctl("session flush")
    for sport in 1, 2:
        udp(sport, "2001:db8:100::2")
    pass64(TCP(sport=1, dport=80), "2001:db8:101::2")
    ok("a block of one port becomes free, whatever the protocol",
       udp(1, OTHER64))


def refused():
    """Whom a limit keeps out gets no block."""
    config(f"pool add 198.51.100.0/28 block-size {BLOCK}",
           "set early-drop off session-max 8")
    for sport in range(8):
        udp(sport + 1)
    before = lab.stats()
    for n in range(0x300, 0x310):
        lab.w6.send(IPv6(src=f"2001:db8:{n:x}::2", dst=P + HOST4) /
                    UDP(sport=1, dport=53))
    same("sixteen are refused", 16, lab.counted("session_limit", before,
                                                want=16))
    pool, = lab.json("pool")
    same("without a block of theirs, or a port", (0, 0, 1, 8), (
        *ended_and_made(before), pool["blocks-used"], pool["udp"]))
    lab.ctl("set session-max 100000")


def reused():
    """Many are idle, and all but the youngest of them come to be used again."""
    clients = [f"2001:db8:{n:x}::2" for n in range(0x300, 0x320)]
    config("pool add 198.51.100.0/27 ports 1024-1087 block-size 64",
           "set block-timeout 600")
    for client in clients:
        udp(1, client)
    lab.ctl("session flush")
    for client in clients[:-1]:
        udp(1, client)
    idle, = [b["client"] for b in lab.json("block") if not b["used"]]
    before = lab.stats()
    asked, = lab.json(f"get from {OTHER64} to {P}{HOST4} udp sport 1 dport 53")
    free = [b["addr4"] for b in lab.json(f"block list client {idle}")]
    same("who asks hears of the one that is idle", free, [asked.get("from")])
    ok("who comes gets it", udp(1, OTHER64))
    same("and nobody's session ends for it", (0, False), (
        lab.stats()["session_evicted"] - before["session_evicted"],
        idle in clients_of()))
    same("a question has no answer then", "pool_exhausted", lab.json(
        f"get from 2001:db8:99::2 to {P}{HOST4} udp sport 1 dport 53")[0].get(
            "reason"))


def wide():
    """More addresses than one search looks at, all taken by idle blocks."""
    config("pool add 198.51.0.0/23 ports 1024-1087 block-size 64",
           "set block-timeout 600")
    for n in range(0x1000, 0x1600):
        lab.w6.send_raw(bytes(IPv6(src=f"2001:db8:{n:x}::2", dst=P + HOST4) /
                              UDP(sport=1, dport=53)))
        if n % 64 == 63:
            lab.w4.drain()
    lab.ctl("session flush")
    time.sleep(0.5)
    lab.w4.drain()
    same("all blocks are taken", 512, lab.json("pool")[0]["blocks-used"])
    before = lab.stats()
    got = [bool(udp(1, f"2001:db8:{n:x}::2")) for n in range(0x2000, 0x2008)]
    same("and each who comes gets one of them", [True] * 8, got)
    same("one for one", (8, 8), ended_and_made(before))


def own():
    """A client whose block is full, where no other is left."""
    config("pool add 198.51.100.1/32 ports 1024-1087 block-size 64")
    for sport in range(BLOCK):
        udp(sport + 1)
    before = lab.stats()
    ok("a session of its own makes room", udp(1000))
    same("one", 1, lab.stats()["session_evicted"] - before["session_evicted"])


def unusable():
    """All ports of one block of two are static bindings'."""
    config("pool add 198.51.100.1/32 ports 1024-1151 block-size 64")
    run(f"{CTL} -n {lab.ns} -b <<'END'\n" + "".join(
        f"binding add udp 198.51.100.1 {port} to 2001:db8:9::9\n"
        for port in range(1024, 1088)) + "END")
    got = []
    for n in range(0x400, 0x410):
        got.append(udp(1, f"2001:db8:{n:x}::2"))
        lab.ctl("session flush")
        udp_ids = lab.json("pool")[0]["udp"]
        same(f"client {n - 0x400}: nothing is left", 64, udp_ids)
    ok("clients get the other block", all(g and g[1] >= 1088 for g in got), got)
    lab.ctl("binding flush")


def spread():
    """One client, by its number the same block of each of many pools."""
    pools = 70
    config(*[f"pool add 198.51.100.{n}/32 ports 1024-1087 block-size 64"
             for n in range(pools)])
    for sport in range(pools * BLOCK):
        lab.w6.send_raw(bytes(IPv6(src=CLIENT6, dst=P + HOST4) /
                              UDP(sport=1 + sport, dport=53)))
        if sport % 256 == 255:
            lab.w4.drain()
    end = time.time() + 10
    while len(lab.json("block")) < pools and time.time() < end:
        time.sleep(0.2)
    same("all of its blocks are listed", pools, len(lab.json("block")))
    lab.ctl("set block-timeout 0")
    lab.ctl("session flush")
    end = time.time() + 10
    while lab.json("block") and time.time() < end:
        time.sleep(0.2)
    same("and all of them end", [], lab.json("block"))


def regrouped():
    """Blocks outlive the length by which clients were told apart."""
    config(f"pool add 198.51.100.0/28 block-size {BLOCK}")
    udp(1)
    lab.ctl("set client-prefix-len 56")
    udp(2)
    same("a block by either length", ["2001:db8:6::/56", "2001:db8:6::/64"],
         sorted(b["client"] for b in lab.json("block")))
    lab.ctl("session flush")
    same("and each gets its port back", [0, 0],
         [b["used"] for b in lab.json("block")])


def published():
    """A static binding in a client's block is not the client's."""
    config("pool add 198.51.100.1/32 ports 1024-1087 block-size 64")
    udp(1)
    free = min(set(range(1024, 1088)) - {
        s["lport4"] for s in lab.json("session list")})
    lab.ctl(f"binding add tcp 198.51.100.1 {free} to 2001:db8:9::9")
    who = lab.json(f"whois 198.51.100.1 {free} tcp")
    same("whois names the server alone", ["2001:db8:9::9"],
         [w.get("addr6") for w in who])
    same("the client by the other protocol", ["2001:db8:6::/64"],
         [w.get("client") for w in lab.json(f"whois 198.51.100.1 {free} udp")])


def asked():
    config(f"pool add 198.51.100.0/28 block-size {BLOCK}")
    before = lab.stats()
    question = f"get from {CLIENT6} to {P}{HOST4} udp sport 1 dport 53"
    first, = lab.json(question)
    same("a question is answered", "translated", first["verdict"])
    after = lab.stats()
    same("and leaves no block, and no port", ([], 0, 0, 0), (
        lab.json("block"), lab.json("pool")[0]["blocks-used"],
        lab.json("pool")[0]["udp"],
        after["block_created"] - before["block_created"]))
    udp(1000)
    block, = lab.json("block")
    lab.json(question)
    same("nor one of a block that there is", 1, lab.json("block")[0]["used"])
    same("of which it speaks then", True,
         int(lab.json(question)[0]["sport"]) in range_of(block))


def held(log, words, when):
    """Whose an address and port was at a time, by a log; what is said of the log."""
    at = datetime.datetime.fromtimestamp(when, datetime.timezone.utc)
    got = lab.ctl(f"-j whois {words} at {at:%Y-%m-%dT%H:%M:%S.%fZ} {log}", False)
    found = json.loads(got.stdout)
    same(f"{words} at {at}: the exit code says whether", 0 if found else 3,
         got.returncode)
    return found, got.stderr


class Log:
    """What monitor tells, as a list, when it is over."""

    def __init__(self, words="block"):
        self.file = tempfile.NamedTemporaryFile("a+")
        self.log = subprocess.Popen(
            f"exec {CTL} -j -n {lab.ns} monitor {words}", shell=True, text=True,
            stdout=self.file)
        # Nobody waits for one that a failure leaves.
        atexit.register(self.log.kill)
        time.sleep(2)

    def events(self):
        self.file.seek(0)
        return [json.loads(line) for line in self.file.read().split("\n")[:-1]]

    def end(self, until=None):
        """All that it tells within a second, or until enough is told."""
        end = time.time() + (15 if until else 1)
        while time.time() < end and not (until and until(self.events())):
            time.sleep(0.2)
        self.log.send_signal(signal.SIGINT)
        same("it ends as it is told", 0, self.log.wait(20))
        return self.events()


def logged():
    """From the log alone: who had a port at a time."""
    config("pool add 198.51.100.1/32 ports 1024-1343 block-size 64",
           "set block-timeout 0")
    log = Log()
    used = []
    for n in range(0x200, 0x220):
        client = f"2001:db8:{n:x}::2"
        for sport in 1, 2:
            end = udp(sport, client)
            used.append((time.time(), client, end))
        if n % 4 == 3:
            lab.ctl("session flush")
            time.sleep(2)
    events = log.end()
    kinds = collections.Counter(e["event"] for e in events)
    same("a line when a client gets a block, and one when it goes",
         (32, True), (kinds["created"], kinds["ended"] >= 28))
    same("and no other", {"created", "ended"}, set(kinds))
    told = [(client, end, held(log.file.name, "%s %u udp" % end, when)[0])
            for when, client, end in used]
    wrong = [t for t in told if [e["client"] for e in t[2]] !=
             [t[0].replace("::2", "::/64")]]
    same(f"whois tells of each of {len(used)} ports who had it", [], wrong)


def logged_bindings():
    """The same of pools without blocks."""
    for mapping, group, key in (
            ("endpoint-independent", "binding", "addr6"),
            ("address-port-dependent", "session", "local6")):
        config(f"pool add 198.51.100.1/32 ports 2000-2003 mapping {mapping}")
        before = time.time()
        log = Log(group)
        used = []
        for n in range(0x200, 0x208):
            client = f"2001:db8:{n:x}::2"
            end = udp(1000, client)
            used.append((time.time(), client, end))
            if n % 2:
                lab.ctl("session flush")
                time.sleep(0.2)
        after = time.time()
        log.end()
        name = log.file.name
        told = [held(name, "%s %u udp" % end, when)[0] for when, _, end in used]
        same(f"whois tells it by a log of {group}", [[u[1]] for u in used],
             [[e[key] for e in t] for t in told])
        same("with all that there is to tell", ("udp", 1000, True), (
            told[0][0]["proto"], told[0][0]["port6" if group == "binding" else
                                            "lport6"],
            told[0][0]["since"] < told[0][0]["until"]))
        addr, port = used[0][2]
        same("of TCP it was nobody's", [],
             held(name, f"{addr} {port} tcp", used[0][0])[0])
        got, said = held(name, f"{addr} {port} udp", before)
        ok("before the log nobody's that is known, as is said",
           not got and "the log begins at" in said, (got, said))
        got, said = held(name, f"{addr} {port} udp", after + 60)
        ok("and so behind it", not got and "the log ends at" in said, (got, said))


def line(at, event, client=None, first=None, since=None):
    """One of a log, of a day, as the monitor prints it."""
    entry = {"time": f"2026-11-23T{at}Z", "group": "block", "event": event}
    if client is None:
        entry["count"] = 1
    else:
        entry |= {"client": f"2001:db8:{client}::/64", "addr4": "198.51.100.7",
                  "ports": f"{first}-{first + 511}",
                  "since": f"2026-11-23T{since}Z"}
    return json.dumps(entry, separators=(",", ":"))


HISTORY = [
    "systemd[1]: Started nat64-log.service.",
    'Nov 23 03:00:00 r other[8]: {"of another": {',
    line("03:00:00.000000", "exists", 1, 1024, "01:00:00.000000"),
    line("03:00:00.000000", "listed"),
    # Of syslog.
    "Nov 23 03:12:44 r nat64[7]: " +
    line("03:12:44.035166", "created", 6, 2048, "03:12:44.035151"),
    line("04:12:44.035166", "ended", 6, 2048, "03:12:44.035151"),
    line("04:12:44.035200", "created", 7, 2048, "04:12:44.035190"),
    line("05:00:00.000000", "lost"),
    line("05:00:00.100000", "exists", 1, 1024, "01:00:00.000000"),
    line("05:00:00.100000", "exists", 9, 4096, "04:50:00.000000"),
    line("05:00:00.100000", "listed"),
    line("05:00:00.100100", "ended", 9, 4096, "04:50:00.000000"),
    line("05:30:00.000000", "created", 7, 2048, "05:30:00.000000"),
    line("06:00:00.000000", "exists", 1, 1024, "01:00:00.000000"),
    line("06:00:00.000000", "listed"),
    # It had been there when the list began, and was gone when its turn came.
    line("06:00:00.000500", "ended", 7, 2048, "05:30:00.000000"),
]


def history():
    """A log that has begun late, was interrupted and has lost lines."""
    with tempfile.NamedTemporaryFile("w+") as log:
        print(*HISTORY, sep="\n", file=log, flush=True)
        for at, port, want, said in (
                ("00:59:59Z", 1024, [], "the log begins at 2026-11-23T03:00:00Z"),
                ("02:00:00Z", 1024, [(1, None)], "the log begins at"),
                ("03:30:00Z", 1024, [(1, None)], ""),
                ("03:30:00Z", 1023, [], ""),
                ("03:12:43Z", 2048, [], ""),
                ("03:12:44Z", 2048, [(6, "until")], ""),
                ("03:12:44.035Z", 2559, [(6, "until")], ""),
                ("03:12:44.034Z", 2048, [], ""),
                ("03:30:00", 2560, [], ""),
                # Two in one second.
                ("04:12:44Z", 2048, [(6, "until"), (7, "gone")], "missed"),
                ("04:12:44.0351Z", 2048, [(6, "until"), (7, "gone")], ""),
                ("04:12:44.035195Z", 2048, [(7, "gone")], ""),
                ("04:30:00Z", 2048, [(7, "gone")], "the log may have missed something "
                 "from 2026-11-23T04:12:44Z to 2026-11-23T05:00:00Z"),
                ("04:55:00Z", 4096, [(9, "until")], "may have missed"),
                ("05:10:00Z", 2048, [], ""),
                ("05:59:00Z", 2048, [(7, "until")], "may have missed something "
                 "from 2026-11-23T05:30:00Z to 2026-11-23T06:00:00Z"),
                ("07:00:00Z", 1500, [(1, None)],
                 "the log ends at 2026-11-23T06:00:00Z")):
            got = lab.ctl(f"-j whois 198.51.100.7 {port} tcp at 2026-11-23T{at} "
                          f"{log.name}", False)
            what = [(f"2001:db8:{client}::/64", end) for client, end in want]
            same(f"port {port} at {at}: {len(want)}", (0 if want else 3, what), (
                got.returncode, [
                    (e["client"], next((k for k in ("until", "gone") if k in e), None))
                    for e in json.loads(got.stdout)]))
            ok(f"and of the log is told {said or 'nothing'}",
               said in got.stderr and ("the log m" in got.stderr) ==
               ("missed" in said), got.stderr)
        for words, want in (
                ("1024 tcp at", "a time is missing"),
                ("1024 at 2026-02-31T03:00:00Z", "is not a time in UTC"),
                ("1024 at yesterday", '"yesterday" is not a time in UTC'),
                ("1024 at 2026-11-23T03:00:00+01:00", "is not a time in UTC"),
                ("1024 at 2026-11-23T03:00:00Z /nowhere", "/nowhere: No such file"),
                ("at 2026-11-23T03:00:00Z /proc", "/proc: Is a directory"),
                (f"at 2026-11-23T03:00:00Z {log.name} x", 'unexpected word "x"'),
                ("at 2026-11-23T03:00:00Z </dev/null",
                 "stdin: there is no line of nat64ctl -j monitor"),
                (f"at 2026-11-23T03:00:00Z {__file__}",
                 ": not a line of nat64ctl -j monitor")):
            got = lab.ctl(f"whois 198.51.100.7 {words}", False)
            ok(f"whois {words.split('/')[0]} is refused: {want}",
               got.returncode == 1 and want in got.stderr and not got.stdout,
               (got.returncode, got.stderr))
        # One question after another, and of a log that was rotated meanwhile.
        two = lab.ctl("-b <<'END'\n" + "".join(
            f"whois 198.51.100.7 {port} at 2026-11-23T03:30:00Z {log.name}\n"
            for port in (1024, 2048)) + "END")
        same("each of two questions has its answer", [
            "2001:db8:1::/64", "2001:db8:6::/64"],
            [l.split()[2] for l in two.stdout.splitlines()])
        with tempfile.NamedTemporaryFile("w+") as rest:
            session = {"time": "2026-11-23T03:40:00.5Z", "group": "session",
                       "event": "ended", "proto": "udp", "local6": "2001:db8:5::2",
                       "lport6": 7, "remote6": P + "1", "rport6": 8,
                       "local4": "198.51.100.7", "lport4": 5000,
                       "remote4": "192.0.2.1", "rport4": 8}
            print(line("03:10:00.000000", "created", 6, 2048, "03:09:59.0"),
                  json.dumps(session), sep="\n", file=rest, flush=True)
            for port, want in (5000, ["2001:db8:5::2"]), (5001, []):
                got = lab.ctl(f"-j whois 198.51.100.7 {port} udp at "
                              f"2026-11-23T03:20:00Z {rest.name}", False)
                same(f"of an end alone it is known who had it until then: {port}", want,
                     [e["local6"] for e in json.loads(got.stdout)])
                ok("and said that there may be others", "the log does not begin with a "
                   "list of what there was" in got.stderr, got.stderr)
        print(HISTORY[-1][:60], file=log, flush=True)
        got = lab.ctl(f"whois 198.51.100.7 at 2026-11-23T03:00:00Z {log.name}", False)
        ok("a line that was cut off is told of, the rest is answered",
           got.returncode == 1 and "2001:db8:1::/64" in got.stdout and
           f"{log.name}:{len(HISTORY) + 1}: not a line" in got.stderr, got)


def renewed():
    """The pool goes and comes back, while a block of it is idle."""
    pool = "198.51.100.1/32 ports 1024-1087 block-size 64"
    config(f"pool add {pool}")
    log = Log()
    udp(1)
    lab.ctl("session flush")
    lab.ctl("pool del 198.51.100.1/32")
    lab.ctl(f"pool add {pool}")
    udp(1, OTHER64)
    same("the log tells of the end before it tells of the next client",
         [("created", "2001:db8:6::/64"), ("ended", "2001:db8:6::/64"),
          ("created", "2001:db8:77::/64")],
         [(e["event"], e["client"]) for e in log.end()])


def crossed():
    """Few blocks, which go from client to client, on all CPUs by RPS."""
    config("pool add 198.51.100.1/32 ports 1024-1279 block-size 64")
    log = Log("block buffer 1048576")
    run(f"ip netns exec {lab.ns} sh -c "
        "'echo 3 >/sys/class/net/eth6/queues/rx-0/rps_cpus'")

    def flush():
        while not stop.is_set():
            lab.ctl("session flush")
    stop = threading.Event()
    thread = threading.Thread(target=flush)
    thread.start()
    end, n = time.time() + 8, 0
    while time.time() < end:
        n += 1
        # Two at a time of one who has none yet.
        first, second = (bytes(IPv6(src=f"2001:db8:{n % 500:x}::{host}",
                                    dst=P + HOST4) /
                               UDP(sport=1 + n % 60000, dport=53))
                         for host in (2, 3))
        lab.w6.send_raw(first)
        lab.w6.send_raw(second)
    stop.set()
    thread.join()
    events = log.end()
    lost = sum(e.get("count", 0) for e in events if e["event"] == "lost")
    has, wrong, before = {}, [], ""
    for e in events:
        if e["event"] == "created":
            if has.get(e["ports"]):
                wrong.append((e, has[e["ports"]]))
            has[e["ports"]] = e["client"]
        elif e["event"] == "ended" and has.pop(e["ports"], "") != e["client"]:
            wrong.append((e, "not the client that had it"))
        if e["time"] < before:
            wrong.append((e, f"behind {before}"))
        before = e["time"]
    ok(f"of {len(events)} lines nobody gets a block before the other's has ended",
       len(events) > 60 and not wrong and not lost, (lost, wrong[:5]))


def begun():
    """A log that begins late knows of what there is."""
    config(f"pool add 198.51.100.0/28 block-size {BLOCK}")
    udp(1)
    udp(1, OTHER64)
    events = Log("block binding session existing").end()
    same("what exists is told of first, and how many", sorted(
        [(group, "exists", None) for group in GROUPS] * 2 +
        [(group, "listed", 2) for group in GROUPS], key=str),
        sorted(((e["group"], e["event"], e.get("count")) for e in events),
               key=str))
    same("the blocks are those that are listed",
         sorted((b["client"], b["ports"]) for b in lab.json("block")),
         sorted((e["client"], e["ports"]) for e in events
                if e["group"] == "block" and e["event"] == "exists"))
    config()
    same("of nothing, that it is nothing", [("listed", 0)],
         [(e["event"], e["count"]) for e in Log("block existing").end()])


def overrun():
    """Blocks come and go faster than the log is read."""
    config("pool add 198.51.0.0/22 ports 1024-1087 block-size 64",
           "set block-timeout 0")
    log = Log("block existing buffer 16")
    log.log.send_signal(signal.SIGSTOP)
    for n in range(0x1000, 0x1400):
        lab.w6.send_raw(bytes(IPv6(src=f"2001:db8:{n:x}::2", dst=P + HOST4) /
                              UDP(sport=1, dport=53)))
        if n % 64 == 63:
            lab.w4.drain()
    time.sleep(1)
    log.log.send_signal(signal.SIGCONT)
    # Some go on to come and go, so that it is never quiet.
    end, n = time.time() + 4, 0
    while time.time() < end:
        n += 1
        lab.w6.send_raw(bytes(IPv6(src=f"2001:db8:77:{n:x}::2", dst=P + HOST4) /
                              UDP(sport=1, dport=53)))
        time.sleep(0.02)
    def after(events):
        kinds = [e["event"] for e in events]
        return events[kinds.index("lost"):] if "lost" in kinds else []

    def unknown(events):
        return set(clients_of()) - {e["client"] for e in after(events)
                                    if e["event"] in ("exists", "created")}
    quiet = len(log.events())
    events = log.end(lambda events: not unknown(events))
    kinds = collections.Counter(e["event"] for e in events)
    ok("what is lost is counted", kinds["lost"], kinds)
    lists = [e["count"] for e in after(events[:quiet])
             if e["event"] == "listed"]
    ok("and a list follows, though it is never quiet",
       lists and lists[0] > 900, (lists, kinds))
    same("so that all are known", set(), unknown(events))


def races():
    """Clients of one prefix open sessions on all CPUs, while blocks come and go."""
    config(f"pool add 198.51.100.0/30 block-size {BLOCK} blocks-max 4",
           "set block-timeout 0")
    end = time.time() + 12
    stop = threading.Event()

    def disturb():
        while not stop.is_set():
            for command in ("session flush", "pool del 198.51.100.0/30",
                            f"pool add 198.51.100.0/30 block-size {BLOCK}"):
                lab.ctl(command, False)
                time.sleep(0.2)
    thread = threading.Thread(target=disturb)
    thread.start()
    sport = 0
    while time.time() < end:
        for n in range(64):
            sport += 1
            lab.w6.send(IPv6(src=f"2001:db8:{n % 8:x}::{n:x}", dst=P + HOST4) /
                        UDP(sport=1 + sport % 60000, dport=53))
    stop.set()
    thread.join()
    lab.ctl("session flush")
    lab.ctl("pool flush")
    time.sleep(3)
    stats = lab.stats()
    ok("blocks were made", stats["block_created"] > 100, stats["block_created"])
    same("and all have ended", (stats["block_created"], []),
         (stats["block_ended"], lab.json("block")))
    lab.ctl(f"pool add 198.51.100.0/30 block-size {BLOCK}")
    same("no port is lost", (0, 0), (lab.json("pool")[0]["udp"],
                                     lab.json("pool")[0]["blocks-used"]))
    same("one can be had", True, bool(udp(1)))


for test in (words, allotted, listed, limit, back, full, crowded, refused, reused,
             wide, own, unusable, spread, regrouped, published, asked, logged,
             logged_bindings, history, renewed, crossed, begun, overrun, races):
    case(test)
ktap.done()
