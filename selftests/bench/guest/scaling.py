# SPDX-License-Identifier: GPL-2.0
"""From one CPU to two, and what locks they wait for.

"pinned": a generator on each CPU, whose packets stay there to the end.  "rps":
the router spreads the packets of one generator, or of two, over the CPUs by
their flows.
"""
import bisect
import collections
import re
import struct

import contenders as who
import pktgen

COUNT = 50000
TURNS = 5
FLOWS = 1000
WAIT = re.compile("lock_slowpath|osq_lock|rwsem_down|mutex_.*slowpath")
IDLE = re.compile("idle|halt|mwait")


def packets_per_second(contender, cpus, rps):
    contender.tool(["sh", "-c", "for q in /sys/class/net/*/queues/rx-0/"
                    f"rps_cpus; do echo {3 if rps else 0} >$q; done"])
    generator = pktgen.Generator(contender.topology.client, cpus=cpus)
    for cpu in range(cpus):
        contender.forward(cpu).apply(generator, True, cpu)
    before = contender.arrival[64].received()
    spent = generator.send(COUNT)
    arrived = contender.arrival[64].received() - before
    generator.close()
    return arrived * 1e9 / max(ns for ns, _ in spent)


def waiting(function):
    """Percent of the samples meanwhile that waited for a lock."""
    with open("/proc/kallsyms") as file:
        symbols = sorted((int(words[0], 16), words[2]) for words in
                         (line.split() for line in file) if len(words) == 3)
    base = next(address for address, name in symbols if name == "_stext")
    with open("/proc/profile", "w") as file:
        file.write("reset")
    function()
    with open("/proc/profile", "rb") as file:
        step, *hits = (n for n, in struct.iter_unpack("=I", file.read()))
    starts = [address for address, _ in symbols]
    waits = total = 0
    for i, n in enumerate(hits):
        if n:
            name = symbols[bisect.bisect(starts, base + i * step) - 1][1]
            idle = IDLE.search(name)
            waits += n if WAIT.search(name) else 0
            total += 0 if idle else n
    return waits * 100 / max(1, total), total


def main(results):
    kinds = [who.Plain6, who.Nat44, who.Jool, who.Nat64]
    if who.Fast.there():
        kinds.append(who.Fast)
    there = []
    try:
        for kind in kinds:
            contender = kind(2, FLOWS)
            there.append(contender)
            contender.fill()
            contender.stop_generators()
        for rps in False, True:
            what = "rps" if rps else "pinned"
            values = collections.defaultdict(list)
            for turn in range(TURNS + 1):
                for contender in there:
                    for cpus in 1, 2:
                        rate = packets_per_second(contender, cpus, rps)
                        if turn:
                            values[contender.name, cpus].append(rate)
            for (name, cpus), rates in values.items():
                results.put("scaling", what, name, rates, "packets/s",
                            cpus=cpus)
            for contender in there:
                share, samples = waiting(
                    lambda c=contender: packets_per_second(c, 2, rps))
                results.put("scaling", f"waits, {what}", contender.name,
                            [share], "percent", samples=samples)
    finally:
        for contender in there:
            contender.close()
