# SPDX-License-Identifier: GPL-2.0
"""New sessions: what the first packet of a flow costs.

"new" fills a table of ample pool, slice by slice.  "pool" fills a pool of
10^6 ports evenly and looks at what a new session costs on the way; "evicted" is
one that takes the place of another, "refused" is a packet that finds the pool
exhausted.  NAT44 has no part in the latter: it
keeps the client's port unless another has it.
"""
import contenders as who
import net

SLICE = 50000
SIZES = {"icount": (1, 3, 5000, 2), "uml": (3, 20, 62500, 16)}
LEVELS = 0, 50, 90, 99
# A flood of what is refused comes again and again.
TIMES = 40


def growth(results, kind, slices, unit):
    """One table from nothing to slices * SLICE sessions."""
    size = SLICE if results.mode == "uml" else SLICE // 5
    contender = kind(slices, size, addresses=64, ports=who.PORTS)
    try:
        for i in range(slices):
            spent, lost = contender.send(64, contender.forward(i), size, False)
            results.put("sessions", "new", kind.name, [spent / size], unit,
                        show=i in (0, slices - 1), sessions=(i + 1) * size,
                        lost=max(0, lost))
    finally:
        contender.close()


class Steps:
    """Every client takes the next so many of its ports."""

    def __init__(self, contender):
        self.contender = contender
        self.done = 0

    def take(self, each, times=1):
        contender = self.contender
        spent = lost = 0
        for i in range(contender.clients):
            flows = contender.forward(i, self.done, each)
            s, l = contender.send(64, flows, each * times, False)
            spent += s
            lost += l
        self.done += each
        count = each * times * contender.clients
        return spent / count, max(0, lost) / count


def fullness(results, kind, clients, ports, unit, times):
    contender = kind(clients, ports)
    probe = ports // 200
    steps = Steps(contender)

    def put(what, times=1, **more):
        cost, lost = steps.take(probe, times)
        results.put("sessions", what, kind.name, [cost], unit,
                    lost=round(lost, 4), **more)

    try:
        for level in LEVELS:
            steps.take(max(1, ports * level // 100 - steps.done))
            net.settle()
            put("pool", level=level)
        steps.take(ports - steps.done)
        if kind is who.Nat64:
            put("evicted")
            contender.ctl("set early-drop off")
        put("refused", times)
    finally:
        contender.close()


def forwarding(results, clients, ports, unit):
    """Plain forwarding of as many packets in as many runs, to compare with."""
    plain = who.Plain6(clients, ports)
    try:
        steps = Steps(plain)
        steps.take(ports // 200)
        cost, _ = steps.take(ports // 200, TIMES)
        results.put("sessions", "refused", "plain6", [cost], unit)
    finally:
        plain.close()


def main(results):
    unit = "instructions" if results.mode == "icount" else "ns"
    turns, slices, ports, clients = SIZES[results.mode]
    for _ in range(turns):
        for kind in who.Nat44, who.Jool, who.Nat64:
            growth(results, kind, slices, unit)
    fullness(results, who.Jool, clients, ports, unit, 1)	# minutes: once
    for _ in range(turns):
        fullness(results, who.Nat64, clients, ports, unit, TIMES)
        forwarding(results, clients, ports, unit)
