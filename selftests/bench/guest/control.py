# SPDX-License-Identifier: GPL-2.0
"""The control plane: many EIPs, a long dump, a big sweep."""
import os
import signal
import subprocess
import sys
import time

import contenders as who
import genl
import net
from net import inside, run

EIPS = 100000
SESSIONS = 1000000
TIMEOUT = 120			# the least that nat64 takes
CONTROL = os.path.dirname(os.path.abspath(__file__))


def eips(results, router):
    with inside(router):
        family = genl.Family("nat64")
    start = time.monotonic()
    family.eip_add(EIPS)
    results.put("control", "EIPs added", "nat64",
                [EIPS / (time.monotonic() - start)], "per second", count=EIPS)
    start = time.monotonic()
    run(f"ip netns exec {router} {os.environ['NAT64CTL']} eip flush")
    results.put("control", "EIPs flushed", "nat64",
                [time.monotonic() - start], "seconds", count=EIPS)


def dump(results, contender, words):
    start = time.monotonic()
    with open("/dev/null", "w") as null:
        subprocess.run(["ip", "netns", "exec", contender.router,
                        *words.split()], stdout=null, check=True)
    results.put("control", "sessions listed", contender.name,
                [time.monotonic() - start], "seconds", count=SESSIONS)


class Watch:
    """The longest time that a real-time process has to wait for its CPU."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, f"{CONTROL}/watch.py"], stdout=subprocess.PIPE,
            text=True)
        self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.worst = float(self.process.communicate()[0])


def sessions(router):
    status = run(f"ip netns exec {router} {os.environ['NAT64CTL']} -j status")
    return int(status.split('"sessions":')[1].split(",")[0].split("}")[0])


def sweep(results, contender):
    """Fill again with a short life, and look on as all end."""
    contender.ctl("session flush")
    contender.ctl(f"set udp-timeout {TIMEOUT}")
    net.settle()
    with Watch() as idle:
        time.sleep(10)
    results.put("control", "longest wait, idle", "nat64", [idle.worst], "ms")
    contender.fill()
    time.sleep(TIMEOUT - 10)
    with Watch() as watch:
        while sessions(contender.router) == contender.flows:
            time.sleep(0.5)
        start = time.monotonic()
        before = net.busy_time()
        while sessions(contender.router):
            time.sleep(0.5)
        results.put("control", "sweep", "nat64", [time.monotonic() - start],
                    "seconds", count=SESSIONS,
                    cpu_seconds=round(net.busy_time() - before, 2))
    results.put("control", "longest wait, sweep", "nat64", [watch.worst], "ms")


def main(results):
    jool = who.Jool.exact(SESSIONS)
    jool.fill()
    dump(results, jool, "jool session display --numeric --csv --no-headers --udp")
    jool.close()
    contender = who.Nat64.exact(SESSIONS)
    try:
        eips(results, contender.router)
        contender.fill()
        dump(results, contender, f"{os.environ['NAT64CTL']} session list")
        sweep(results, contender)
    finally:
        contender.close()
