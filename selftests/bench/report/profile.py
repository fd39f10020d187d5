#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""profile.py RESULTS: what each function of the guest's kernel took of a packet.

Of perf.data, what it sampled while a load of guest/profile.py ran; is added to
that section's results.  Each sample stands for as much time, and all packets of
the load have shared it: the sum is somewhat more than pktgen has measured, which
leaves out what is between its runs.
"""
import bisect
import collections
import glob
import json
import os
import statistics
import subprocess
import sys
import time

from draw import number, table

RATE = 4000			# of samples a second, as in bench
SHOWN = 25			# functions
GUEST = "linux"			# the process that User Mode Linux's kernel is
FAR = 1 << 17			# no function is that long


class Symbols:
    def __init__(self, path):
        with open(path) as file:
            words = [line.split() for line in file]
        self.rows = sorted((int(w[0], 16), w[2], w[3] if len(w) > 3 else "")
                           for w in words)
        self.starts = [row[0] for row in self.rows]

    def find(self, address):
        """Name, and module in brackets or nothing."""
        if address >> 63:
            return "the host's kernel", ""
        i = bisect.bisect(self.starts, address) - 1
        if i < 0 or address - self.starts[i] > FAR:
            return "outside the kernels", ""
        return self.rows[i][1:]


def windows(directory):
    """{name: [(begin, end)]} by the clock of the samples."""
    offset = time.time() - time.monotonic()
    found = collections.defaultdict(list)
    for path in sorted(glob.glob(f"{directory}/*.begin")):
        stem = path.removesuffix(".begin")
        found[os.path.basename(stem).split(".")[0]].append(
            tuple(os.stat(f"{stem}.{what}").st_mtime - offset
                  for what in ("begin", "end")))
    return found


def samples(path):
    """Time and address of each that the guest's kernel was sampled at."""
    found = collections.defaultdict(list)
    script = subprocess.Popen(
        ["perf", "script", "-i", path, "-F", "comm,pid,time,ip", "--ns"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in script.stdout:
        words = line.split()
        if len(words) >= 4 and words[0] == GUEST:
            found[words[1]].append((float(words[2].rstrip(":")),
                                    int(words[3], 16)))
    if script.wait() or not found:
        sys.exit(f"perf script cannot read {path}")
    # The others are processes in the guest.
    return max(found.values(), key=len)


def count(directory):
    """{name: Counter of (function, module)}"""
    symbols = Symbols(f"{directory}/symbols")
    spans = sorted((begin, end, name) for name, list_ in windows(
        directory).items() for begin, end in list_)
    begins = [span[0] for span in spans]
    counters = collections.defaultdict(collections.Counter)
    for when, address in samples(f"{directory}/perf.data"):
        i = bisect.bisect(begins, when) - 1
        if i >= 0 and when <= spans[i][1]:
            counters[spans[i][2]][symbols.find(address)] += 1
    return counters


def main():
    directory = sys.argv[1]
    with open(f"{directory}/uml.profile") as file:
        rows = [json.loads(line) for line in file]
    counters = count(directory)
    with open(f"{directory}/uml.profile", "a") as file:
        for load in [row for row in rows if row["what"] == "packet"]:
            name, packets = load["who"], load["packets"]
            counter = counters[name]
            if not counter:
                sys.exit(f"no samples of {name}")
            cost = {key: n * 1e9 / RATE / packets
                    for key, n in counter.most_common()}
            for (what, module), ns in cost.items():
                file.write(json.dumps({
                    "mode": "uml", "section": "profile", "what": what,
                    "who": name, "unit": "ns", "module": module,
                    "values": [round(ns, 2)]}) + "\n")
            shown = [(f"{what} {module}".strip(), f"{ns:.1f}")
                     for (what, module), ns in cost.items()][:SHOWN]
            print(f"{name}: {number(statistics.median(load['values']))} ns, "
                  f"{sum(counter.values())} samples")
            print(table(["", "ns"],
                        [*shown, ("sum", f"{sum(cost.values()):.0f}")]))


main()
