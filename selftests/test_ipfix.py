#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The log by IPFIX (RFC 7011, RFC 8158): read octet by octet here, and by nfcapd."""
import atexit
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
from scapy.packet import Raw

import ktap
from ktap import case, ok, same
from lab import CLIENT6, CTL, HOST4, TOP, Lab, in_netns, run

IPFIX = f"{TOP}/tools/nat64-ipfix"
PORT = 4739
P = "64:ff9b::"
SERVER6 = socket.inet_ntop(socket.AF_INET6,
                           socket.inet_pton(socket.AF_INET6, P + HOST4))

if not os.path.exists(IPFIX):
    print("ok 1 ipfix # SKIP libfixbuf or jansson is not there")
    print("1..1")
    sys.exit()

lab = Lab()
lab.ip("link set lo up")
tmp = tempfile.mkdtemp()
atexit.register(shutil.rmtree, tmp, True)

# Elements of the registry of IANA.
TIME, EVENT, PROTO = 323, 230, 4
LOCAL6, REMOTE6, LEN6, LOCAL4, REMOTE4 = 27, 28, 29, 225, 226
LPORT6, RPORT6, LPORT4, RPORT4, FIRST, LAST = 7, 11, 227, 228, 361, 362
ADDRESSES = {LOCAL6: socket.AF_INET6, REMOTE6: socket.AF_INET6,
             LOCAL4: socket.AF_INET, REMOTE4: socket.AF_INET}
ENDS = {EVENT, TIME, PROTO, LOCAL6, LPORT6, LOCAL4, LPORT4}
SESSION = ENDS | {REMOTE6, RPORT6, REMOTE4, RPORT4}
BLOCK = {EVENT, TIME, LOCAL6, LEN6, LOCAL4, FIRST, LAST}


class Messages:
    """What a collector reads of IPFIX messages (RFC 7011 section 3)."""

    def __init__(self):
        self.templates, self.records, self.told = {}, [], 0

    def read(self, data):
        """The messages in data; what is left of it."""
        while len(data) >= 16:
            version, size = struct.unpack_from("!HH", data)
            assert version == 10, version
            if len(data) < size:
                break
            at = 16
            while at < size:
                kind, length = struct.unpack_from("!HH", data, at)
                self.read_set(kind, data[at + 4:at + length])
                at += length
            data = data[size:]
        return data

    def read_set(self, kind, data):
        if kind == 2:
            self.told += 1
            while data:
                number, count = struct.unpack_from("!HH", data)
                self.templates[number] = [struct.unpack_from(
                    "!HH", data, 4 + 4 * i) for i in range(count)]
                data = data[4 + 4 * count:]
            return
        template = self.templates[kind]
        size = sum(length for _, length in template)
        while len(data) >= size:
            record = {}
            for element, length in template:
                octets, data = data[:length], data[length:]
                record[element] = socket.inet_ntop(
                    ADDRESSES[element], octets) if element in ADDRESSES else \
                    int.from_bytes(octets, "big")
            self.records.append(record)

    def of(self, *events):
        return [r for r in self.records if r[EVENT] in events]


class Collector(Messages):
    def __init__(self, kind):
        super().__init__()
        self.sock = in_netns(lab.ns, lambda: socket.socket(socket.AF_INET, kind))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(("127.0.0.1", PORT))
        self.peer, self.rest = None, b""
        if kind == socket.SOCK_STREAM:
            self.sock.listen()

    def wait(self, enough, seconds=15):
        """Read until enough() is true."""
        end = time.time() + seconds
        while not enough() and time.time() < end:
            sock = self.peer or self.sock
            sock.settimeout(0.2)
            try:
                if sock.type == socket.SOCK_DGRAM:
                    assert not self.read(sock.recv(65536))
                elif self.peer:
                    self.rest = self.read(self.rest + sock.recv(65536))
                else:
                    self.peer = sock.accept()[0]
            except socket.timeout:
                pass
        return enough()

    def close(self):
        for sock in self.peer, self.sock:
            if sock:
                sock.close()


class Exporter:
    """The monitor and what sends its lines."""

    def __init__(self, groups, *where):
        self.log = f"{tmp}/log"
        inside = f"ip netns exec {lab.ns}".split()
        with open(self.log, "w") as log:
            self.monitor = subprocess.Popen(
                [*inside, CTL, "-j", "monitor", *groups],
                stdout=subprocess.PIPE, stderr=log)
            self.export = subprocess.Popen([*inside, IPFIX, *where],
                                           stdin=self.monitor.stdout, stderr=log)
        self.monitor.stdout.close()
        atexit.register(self.end)
        time.sleep(1)

    def said(self):
        with open(self.log) as log:
            return log.read()

    def end(self):
        self.monitor.kill()
        self.monitor.wait()
        try:
            return self.export.wait(10)
        except subprocess.TimeoutExpired:
            self.export.kill()
            return self.export.wait()


def config(pool):
    for noun in "session", "pool", "prefix":
        lab.ctl(f"{noun} flush")
    lab.ctl("prefix add 64:ff9b::/96 private on")
    lab.ctl(f"pool add {pool}")
    lab.w4.drain()


def udp(sport):
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                UDP(sport=sport, dport=53) / Raw(b"x"))
    return lab.w4.recv()


def session_of(record):
    return {"local6": record[LOCAL6], "lport6": record[LPORT6],
            "rport6": record[RPORT6], "local4": record[LOCAL4],
            "lport4": record[LPORT4], "remote4": record[REMOTE4],
            "rport4": record[RPORT4]}


def whole():
    config("198.51.100.0/28")
    collector = Collector(socket.SOCK_DGRAM)
    exporter = Exporter(["session", "binding"], "127.0.0.1")
    begin = time.time() * 1000
    udp(1000)
    for packet in TCP(sport=1001, dport=80), ICMPv6EchoRequest(id=1002):
        lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) / packet)
        lab.w4.recv()
    ok("8158 NAT64 sessions and BIB entries are told of", collector.wait(
        lambda: len(collector.of(6)) == len(collector.of(10)) == 3),
        collector.records)
    same("8158 a session has these elements", SESSION,
         set(collector.of(6)[0]))
    same("8158 and a BIB entry these", ENDS, set(collector.of(10)[0]))
    want = [{k: s[k] for k in session_of(collector.of(6)[0])}
            for s in lab.json("session")]
    order = lambda s: s["lport6"]
    same("with what the session list has", sorted(want, key=order),
         sorted(map(session_of, collector.of(6)), key=order))
    same("protocols are those of IPv6", {17, 6, 58},
         {r[PROTO] for r in collector.of(6)})
    ok("the time is now, in milliseconds", all(
        begin - 1000 <= r[TIME] <= time.time() * 1000 + 1000
        for r in collector.records), collector.records)
    lab.ctl("session flush")
    ok("and of their ends", collector.wait(
        lambda: len(collector.of(7)) == len(collector.of(11)) == 3))
    same("of the same sessions",
         sorted(map(session_of, collector.of(6)), key=order),
         sorted(map(session_of, collector.of(7)), key=order))
    told = collector.told
    time.sleep(10)
    udp(1003)
    collector.wait(lambda: len(collector.of(6)) == 4)
    same("7011 8.4 over UDP templates are told again", told + 1, collector.told)
    for sport in range(2000, 2100):
        udp(sport)
    ok("a hundred at once come all", collector.wait(
        lambda: len(collector.of(6)) == 104), len(collector.of(6)))
    same("with nothing to complain of", "", exporter.said())
    exporter.end()
    collector.close()


def blocks():
    config("198.51.100.0/28 block-size 64")
    udp(1000)
    collector = Collector(socket.SOCK_STREAM)
    exporter = Exporter(["block", "existing"], "tcp", "127.0.0.1", str(PORT))
    ok("8158 a block that is there already is told of, by TCP",
       collector.wait(lambda: len(collector.of(16)) == 1))
    record, = collector.of(16)
    block, = lab.json("block")
    same("8158 it has these elements", BLOCK, set(record))
    same("which are the client's prefix, address and ports", block, {
        **block, "client": f"{record[LOCAL6]}/{record[LEN6]}",
        "addr4": record[LOCAL4], "ports": f"{record[FIRST]}-{record[LAST]}"})
    first = record[TIME]
    # Nobody listens there now.
    collector.close()
    lab.ctl("set block-timeout 1")
    lab.ctl("session flush")
    time.sleep(4)
    udp(1001)
    udp(1002)
    end = time.time() + 10
    while not exporter.said() and time.time() < end:
        time.sleep(0.1)
    ok("a collector that is away is told of",
       "127.0.0.1: " in exporter.said(), exporter.said())
    lab.ctl("session flush")
    time.sleep(4)
    collector = Collector(socket.SOCK_STREAM)
    ok("when it comes back it hears what happened meanwhile", collector.wait(
        lambda: collector.of(17)), exporter.said())
    ok("that too", "is there again" in exporter.said(), exporter.said())
    ok("the block began when the client got it", all(
        r[TIME] > first for r in collector.of(16)) and first)
    same("it ends with its monitor", 0, exporter.end())
    collector.close()


def lines():
    def say(text, *where):
        return subprocess.run(
            ["ip", "netns", "exec", lab.ns, IPFIX, *where], input=text, text=True,
            capture_output=True, timeout=60)

    collector = Collector(socket.SOCK_DGRAM)
    good = {"time": "2026-11-23T03:12:44.035166Z", "group": "block",
            "event": "created", "client": "2001:db8:6::/64",
            "addr4": "198.51.100.7", "ports": "2048-2559",
            "since": "2026-11-23T03:12:43.999999Z"}
    bad = [{**good, "addr4": "198.51.100"}, {**good, "client": "::"},
           {**good, "ports": 7}, {**good, "time": "now"}, [], 1, "\0"]
    for line in bad:
        text = json.dumps(line)
        told = say(text + "\n" + json.dumps(good) + "\n", "127.0.0.1")
        same(f"a line that is none of the monitor's: {text}",
             f"nat64-ipfix: not a line of nat64ctl -j monitor: {text}\n",
             told.stderr)
    endless = "x" * 200000
    told = say(endless + "\n" + json.dumps(good) + "\n", "127.0.0.1")
    ok("or one without an end", "it has no end" in told.stderr, told.stderr[:99])
    collector.wait(lambda: len(collector.records) == len(bad) + 1)
    same("the next one is sent, with the time when it began",
         [1795403563999] * (len(bad) + 1), [r[TIME] for r in collector.of(16)])
    told = say(json.dumps({"time": good["time"], "group": "block",
                           "event": "lost", "count": 7}) + "\n", "127.0.0.1")
    same("what was lost is told of",
         "nat64-ipfix: 7 events of group block were lost\n", told.stderr)
    collector.close()
    for port in "0", "99999", "no-such-service":
        told = say("", "udp", "127.0.0.1", port)
        same(f"port {port}", (2, f"nat64-ipfix: {port}: is not a port\n"),
             (told.returncode, told.stderr))
    for where in [], ["udp"], ["udp", "127.0.0.1", "1", "2"], ["--version"]:
        told = say("", *where)
        same(f"nat64-ipfix {' '.join(where)}: help, and code 2", (2, True),
             (told.returncode, "HOST" in told.stderr))
    told = say("", "help")
    same("help", (0, True), (told.returncode, "RFC 8158" in told.stdout))


def nfcapd():
    """Somebody else's collector."""
    if "1.6." in run("nfdump -V").stdout:
        ok("nfdump # SKIP before 1.7 it does not tell of these events by JSON")
        return
    config("198.51.100.0/28 block-size 64")
    files = f"{tmp}/flows"
    os.mkdir(files)
    capture = subprocess.Popen(
        ["ip", "netns", "exec", lab.ns, "nfcapd", "-w", files, "-p", str(PORT)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(capture.kill)
    time.sleep(1)
    exporter = Exporter(["session", "binding", "block"], "127.0.0.1")
    udp(1000)
    lab.ctl("session flush")
    time.sleep(3)
    exporter.end()
    capture.send_signal(signal.SIGINT)
    capture.wait()
    got = json.loads(run(f"nfdump -R {files} -o json").stdout)
    same("nfdump names the events", {
        "Port block allocation", "NAT64 BIB create", "NAT64 session create",
        "NAT64 BIB delete", "NAT64 session delete"} - {
            r["nat_event"] for r in got}, set())
    record = [r for r in got if r["nat_event"] == "NAT64 session create"][0]
    same("and shows whose session it was", (
        CLIENT6, 1000, SERVER6, HOST4, 53), (
            record["src6_addr"], record["src_port"], record["dst6_addr"],
            record["dst4_xlt_ip"], int(record["dst_xlt_port"])))


for function in whole, blocks, lines, nfcapd:
    case(function)
ktap.done()
