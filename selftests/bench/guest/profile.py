# SPDX-License-Identifier: GPL-2.0
"""Where the time goes: load for perf, which samples on the host meanwhile.

A file NAME.begin and one NAME.end in the directory of the results tell by the
host's clock when, and "symbols" tells where the guest's functions are.
"""
import contextlib
import os
import random
import shutil
import time

import contenders as who
import net
from packets import CLIENTS
from sessions import SLICE

SECONDS = 10
ESTABLISHED = ((who.Plain6, 1000), (who.Jool, 1000), (who.Nat64, 1000),
               (who.Fast, 1000), (who.Nat64, 4000000))
# At once, so that what is between is little
COUNT = 4000000
# Tables that are filled one after another, and slices of each
TABLES, SLICES = 3, 20


@contextlib.contextmanager
def window(directory, name):
    def mark(what):
        with open(f"{directory}/{name}.{what}", "w"):
            pass
    mark("begin")
    yield
    mark("end")


def established(results, directory, kind, flows):
    name = f"{kind.name} {flows}"
    contender = kind.exact(flows)
    try:
        contender.fill()

        def measure():
            clients = random.sample(range(contender.clients),
                                    min(CLIENTS, contender.clients))
            return contender.measure(64, COUNT, clients)[0]
        measure()
        values, end = [], time.monotonic() + SECONDS
        with window(directory, name):
            while time.monotonic() < end:
                values.append(measure())
        results.put("profile", "packet", name, values, "ns",
                    packets=contender.sent(COUNT) * len(values))
    finally:
        contender.close()


def new_sessions(results, directory, kind):
    """No window but while a table grows."""
    values, name = [], f"{kind.name} new"
    for table in range(TABLES):
        contender = kind(SLICES, SLICE, addresses=64, ports=who.PORTS)
        try:
            net.settle()
            with window(directory, f"{name}.{table}"):
                for i in range(SLICES):
                    values.append(contender.send(
                        64, contender.forward(i), SLICE, False)[0] / SLICE)
        finally:
            contender.close()
    results.put("profile", "packet", name, values, "ns",
                packets=SLICE * len(values))


def main(results):
    directory = os.path.dirname(results.file.name)
    for kind, flows in ESTABLISHED:
        established(results, directory, kind, flows)
    for kind in who.Jool, who.Nat64:
        new_sessions(results, directory, kind)
    shutil.copyfile("/proc/kallsyms", f"{directory}/symbols")
