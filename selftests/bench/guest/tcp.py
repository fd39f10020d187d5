# SPDX-License-Identifier: GPL-2.0
"""Throughput by iperf3, with and without the offloads."""
import contextlib
import json
import subprocess
import time

import contenders as who
from net import run
from results import rounds

TURNS = 5
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
    "fraglist GRO, UDP": ("-u -b 0 -l 1400", {
        "client": ("eth0", OFF), "router": ("cl", "gro on rx-gro-list on")}),
    "loss of 0.1 %": ("", {}),
}


def endpoint(kind):
    return kind(1, who.PORTS, sinks=False)


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
        if "sum_received" in end and "-u" not in options:
            return end["sum_received"]["bits_per_second"] / 1e9
        if "sum" in end:
            total = end["sum"]
            return total["bits_per_second"] / 1e9 * \
                (100 - total["lost_percent"]) / 100
        time.sleep(0.5)		# the server is not there yet
    raise RuntimeError(f"iperf3 fails through {contender.name}")


def measure(results, case, options, devices):
    kinds = [who.Plain6, who.Nat44, who.Jool, who.Nat64]
    if who.Fast.there():
        kinds.append(who.Fast)
    with contextlib.ExitStack() as stack:
        figures = {}
        for kind in kinds:
            contender = endpoint(kind)
            stack.callback(contender.close)
            stack.enter_context(server(contender))
            for part, (dev, words) in devices.items():
                run(f"ip netns exec {getattr(contender.topology, part)} "
                    f"ethtool -K {dev} {words}")
            if "loss" in case:
                contender.tool("tc qdisc add dev sv root netem loss 0.1%")
            figures[kind.name] = lambda c=contender: (iperf(c, options), 0)
        for name, values in rounds(TURNS, figures).items():
            results.put("tcp", case, name, values, "Gbit/s")


def main(results):
    for case, (options, devices) in CASES.items():
        measure(results, case, options, devices)
