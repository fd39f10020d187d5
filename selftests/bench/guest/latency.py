# SPDX-License-Identifier: GPL-2.0
"""Round trips of an echo under light load, answered by the server's kernel."""
import socket
import struct
import time

import contenders as who
from net import inside
from results import rounds

SIZES = {"icount": (500, 3), "uml": (1000, 7)}
REST = 0.001
PAYLOAD = bytes(56)


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


class Pinger:
    """Echo requests of one identifier through a contender."""

    def __init__(self, contender):
        self.six = contender.family == 6
        with inside(contender.topology.client):
            self.sock = socket.socket(
                socket.AF_INET6 if self.six else socket.AF_INET,
                socket.SOCK_RAW,
                socket.IPPROTO_ICMPV6 if self.six else socket.IPPROTO_ICMP)
        self.sock.settimeout(2)
        self.sock.connect((contender.server, 0))
        self.sequence = 0

    def request(self):
        self.sequence = (self.sequence + 1) & 0xffff
        rest = struct.pack(">HH", 4000, self.sequence) + PAYLOAD
        if self.six:		# the kernel fills in the sum
            return b"\x80\0\0\0" + rest
        return b"\x08\0" + struct.pack(">H", checksum(
            b"\x08\0\0\0" + rest)) + rest

    def once(self):
        """Nanoseconds of one round trip."""
        packet = self.request()
        want = packet[4:8]
        start = time.perf_counter_ns()
        self.sock.send(packet)
        while True:
            answer = self.sock.recv(2048)
            end = time.perf_counter_ns()
            answer = answer if self.six else answer[20:]
            if answer[0] in (0, 129) and answer[4:8] == want:
                return end - start

    def many(self, count):
        times = []
        for _ in range(count):
            times.append(self.once())
            time.sleep(REST)
        times.sort()
        return (times[count // 2], times[count * 99 // 100]), 0


def main(results):
    count, turns = SIZES[results.mode]
    kinds = [who.Plain6, who.Plain4, who.Nat44, who.Jool, who.Nat64]
    if results.mode == "icount":
        kinds.append(who.Tayga)
    if who.Fast.there():
        kinds.append(who.Fast)
    there = []
    try:
        figures = {}
        for kind in kinds:
            contender = kind(1, who.PORTS, sinks=False)
            there.append(contender)
            figures[kind.name] = lambda p=Pinger(contender): p.many(count)
        unit = "instructions" if results.mode == "icount" else "ns"
        for name, values in rounds(turns, figures).items():
            results.put("latency", "median", name, [m for m, _ in values], unit)
            results.put("latency", "p99", name, [p for _, p in values], unit)
    finally:
        for contender in there:
            contender.close()
