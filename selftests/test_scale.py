#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A hundred thousand UDP flows: created, listed whole, expired."""
import ipaddress
import json
import struct
import subprocess
import time

import ktap
from ktap import ok, same
from lab import CTL, HOST4, MAC_FAR, MAC_NEAR, Lab

FLOWS = 100_000
HOSTS = 20
TIMEOUT = 120		# the least that the tool takes

SERVER6 = ipaddress.ip_address("64:ff9b::" + HOST4).packed


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff or 0xffff


def frame(host, sport):
    src = ipaddress.ip_address(f"2001:db8:6::{host:x}").packed
    udp = struct.pack(">HHHH", sport, 53, 8, 0)
    pseudo = src + SERVER6 + struct.pack(">II", 8, 17)
    udp = udp[:6] + struct.pack(">H", checksum(pseudo + udp))
    ether = bytes.fromhex((MAC_NEAR + MAC_FAR).replace(":", "")) + b"\x86\xdd"
    return ether + struct.pack(">IHBB", 6 << 28, 8, 17, 64) + src + SERVER6 + \
        udp


def flows():
    for host in range(HOSTS):
        for i in range(FLOWS // HOSTS):
            yield 0x100 + host, 10000 + i


def main():
    lab = Lab()
    lab.ctl("prefix add 64:ff9b::/96 private on")
    lab.ctl("pool add 198.51.100.0/29")
    lab.ctl("set udp-timeout 3600")
    start = time.monotonic()
    for host, sport in flows():
        lab.w6.sock.send(frame(host, sport))
    spent = time.monotonic() - start
    end = time.monotonic() + 30
    while lab.stats()["translated_64"] < FLOWS and time.monotonic() < end:
        time.sleep(0.1)
    print(f"# {FLOWS} flows in {spent:.1f} s")
    same("all flows have a session", FLOWS,
         lab.json("status")[0]["sessions"])
    same("and a binding", FLOWS, lab.json("status")[0]["bindings"])
    same("no drop", {}, {k: v for k, v in lab.moved().items()
                         if k not in ("translated_64", "binding_created",
                                      "session_created", "icmp_answered")})

    start = time.monotonic()
    listed = json.loads(subprocess.run(
        [CTL, "-n", lab.ns, "-j", "session", "list"], check=True,
        capture_output=True).stdout)
    print(f"# listed in {time.monotonic() - start:.1f} s")
    keys6 = {(s["local6"], s["lport6"]) for s in listed}
    keys4 = {(s["local4"], s["lport4"]) for s in listed}
    same("the list is whole, nothing twice", (FLOWS, FLOWS),
         (len(listed), len(keys6)))
    ok("and just what was sent", keys6 == {
        (f"2001:db8:6::{h:x}", p) for h, p in flows()})
    same("every flow has an address and port of its own", FLOWS, len(keys4))
    text = lab.ctl("session list").stdout.splitlines()
    same("as text too", FLOWS, len(text))
    same("the binding table is whole", FLOWS, len(lab.json("binding list")))
    hosts = {}
    for s in listed:
        hosts.setdefault(s["local6"], set()).add(s["local4"])
    ok("each host has one address (RFC 4787 REQ-2)",
       all(len(a) == 1 for a in hosts.values()), hosts)
    ok("ports are not in a row (RFC 6056)", len({
        s["lport4"] - s["lport6"] for s in listed}) > FLOWS // 100)

    # A packet sets the timer of its session, to less as well.
    lab.ctl(f"set udp-timeout {TIMEOUT}")
    for host, sport in flows():
        lab.w6.sock.send(frame(host, sport))
    end = time.monotonic() + TIMEOUT + 60
    while lab.json("status")[0]["sessions"] and time.monotonic() < end:
        time.sleep(1)
    status = lab.json("status")[0]
    same("after the UDP timeout all are gone", (0, 0),
         (status["sessions"], status["bindings"]))
    same("and their ports are free", 0, lab.json("pool")[0]["udp"])
    stats = lab.stats()
    same("what was created has ended", (FLOWS, FLOWS),
         (stats["session_ended"], stats["binding_ended"]))
    ktap.done()


main()
