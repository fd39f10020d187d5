# SPDX-License-Identifier: GPL-2.0
"""Throughput by iperf3, with and without the offloads."""
import contextlib
import json
import socket
import subprocess
import time

import contenders as who
from net import inside, run
from results import rounds

TURNS = 3
SECONDS = 2
OFF = "gso off tso off gro off"
# name: (options of iperf3, {part of the topology: (device, ethtool's words)})
CASES = {
    "one stream": ("", {}),
    "one stream, down": ("-R", {}),
    "8 streams": ("-P 8", {}),
    "client without offload": ("", {"client": ("eth0", OFF)}),
    "server without offload": ("", {"server": ("eth0", OFF)}),
    "GRO at the router": ("", {"client": ("eth0", OFF),
                               "router": ("cl", "gro on")}),
    "no offload": ("", {"client": ("eth0", OFF), "server": ("eth0", OFF)}),
    "fraglist GRO, TCP": ("", {"client": ("eth0", OFF),
                               "router": ("cl", "gro on rx-gro-list on")}),
    "loss of 0.1 %": ("", {}),
}
# Linux 6.1 makes fraglists of UDP only: the same for that, by bursts of a
# process.  The router's other device takes no such packets, as no real one does.
NO_LIST = "tx-gso-list off tx-udp-segmentation off"
BURSTS = {
    "UDP": [("client", "eth0", NO_LIST)],
    "UDP, fraglist GRO": [("client", "eth0", NO_LIST), ("router", "sv", NO_LIST),
                          ("router", "cl", "gro on rx-gro-list on")],
}
SEGMENT, SEGMENTS, SENDS = 1400, 45, 1000
UDP_SEGMENT = 103


@contextlib.contextmanager
def server(contender):
    process = subprocess.Popen(
        ["ip", "netns", "exec", contender.topology.server, "iperf3", "-s"],
        stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def iperf(contender, options):
    """Gbit/s that arrived."""
    cmd = f"ip netns exec {contender.topology.client} iperf3 -J " \
          f"-c {contender.server} -t {SECONDS} {options}"
    for _ in range(5):
        end = json.loads(run(cmd, check=False)).get("end", {})
        if "sum_received" in end:
            return end["sum_received"]["bits_per_second"] / 1e9
        time.sleep(0.5)		# the server is not there yet
    raise RuntimeError(f"iperf3 fails through {contender.name}")


def contenders():
    kinds = [who.Plain6, who.Nat44, who.Jool, who.Nat64]
    return kinds + [who.Fast] if who.Fast.there() else kinds


def ethtool(contender, part, dev, words):
    run(f"ip netns exec {getattr(contender.topology, part)} "
        f"ethtool -K {dev} {words}")


class Burst:
    """Sends UDP, many packets at once."""

    def __init__(self, contender):
        self.arrival = contender.arrival[64]
        with inside(contender.topology.client):
            self.sock = socket.socket(
                socket.AF_INET6 if contender.family == 6 else socket.AF_INET,
                socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_UDP, UDP_SEGMENT, SEGMENT)
        self.sock.connect((contender.server, 5201))

    def measure(self):
        """Gbit/s, and how many packets were lost."""
        burst = bytes(SEGMENT * SEGMENTS)
        want = self.arrival.received() + SENDS * SEGMENTS
        start = time.perf_counter_ns()
        for _ in range(SENDS):
            self.sock.send(burst)
        spent = time.perf_counter_ns() - start
        return SENDS * len(burst) * 8 / spent, self.arrival.missing(want)


def bursts(results, case, devices):
    with contextlib.ExitStack() as stack:
        figures = {}
        for kind in contenders():
            contender = kind(1, who.PORTS)
            stack.callback(contender.close)
            for part, dev, words in devices:
                ethtool(contender, part, dev, words)
            figures[kind.name] = Burst(contender).measure
        for name, values in rounds(TURNS, figures).items():
            results.put("tcp", case, name, values, "Gbit/s")


def measure(results, case, options, devices):
    with contextlib.ExitStack() as stack:
        figures = {}
        for kind in contenders():
            contender = kind(1, who.PORTS, sinks=False)
            stack.callback(contender.close)
            stack.enter_context(server(contender))
            for part, (dev, words) in devices.items():
                ethtool(contender, part, dev, words)
            if "loss" in case:
                contender.tool("tc qdisc add dev sv root netem loss 0.1%")
            figures[kind.name] = lambda c=contender: (iperf(c, options), 0)
        for name, values in rounds(TURNS, figures).items():
            results.put("tcp", case, name, values, "Gbit/s")


def main(results):
    for case, (options, devices) in CASES.items():
        measure(results, case, options, devices)
    for case, devices in BURSTS.items():
        bursts(results, case, devices)
