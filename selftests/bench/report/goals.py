# SPDX-License-Identifier: GPL-2.0
"""The goals, and what came of them.  Ratios are of rates in one run."""
from data import ratio

MODES = ("uml", "time"), ("icount", "instructions")


def packets(data, who, rival, mode):
    return ratio(*(data.cost(mode=mode, section="packets", what=64, who=name,
                             flows=1000) for name in (rival, who)))


def many(data, who):
    """What is left of the rate with 4 * 10^6 flows."""
    return ratio(*(data.median(mode="uml", section="packets", what=64, who=who,
                               flows=flows) for flows in (1000, 4000000)))


def growth(data, who, first=0, last=None):
    """Nanoseconds of a new session, on the way to a full table."""
    sizes = data.keys("sessions", mode="uml", section="sessions", what="new",
                      who=who)
    costs = [data.median(mode="uml", section="sessions", what="new", who=who,
                         sessions=size) for size in sizes[first:last]]
    return sum(costs) / len(costs) if costs else None


def pool(data, what, who="nat64", **more):
    return data.median(mode="uml", section="sessions", what=what, who=who,
                       **more)


def tcp(data, case):
    return ratio(data.median(section="tcp", what=case, who="nat64"),
                 data.median(section="tcp", what=case, who="plain6"))


def foreign(data, mode, family):
    """Percent that a packet which is not ours costs more."""
    more = ratio(
        data.cost(mode=mode, section="notours", who=f"notours{family}"),
        data.cost(mode=mode, section="notours", who=f"plain{family}"))
    return None if more is None else (more - 1) * 100


def scaling(data, who, what="pinned"):
    return ratio(data.median(section="scaling", what=what, who=who, cpus=2),
                 data.median(section="scaling", what=what, who=who, cpus=1))


def goals(data):
    """Lines of (what, goal, measured, met or None)."""
    lines = []

    def least(what, goal, value):
        lines.append((what, f">= {goal}", value,
                      None if value is None else value >= goal))

    def most(what, goal, value):
        lines.append((what, f"<= {goal}", value,
                      None if value is None else value <= goal))

    for rival, goal, name in (("plain6", 0.92, "plain IPv6 forwarding"),
                              ("nat44", 1.15, "NAT44"),
                              ("jool", 2.2, "Jool, one pool address"),
                              ("jool256", 3, "Jool, 256 pool addresses")):
        for mode, unit in MODES:
            least(f"10^3 flows, against {name}, {unit}", goal,
                  packets(data, "nat64", rival, mode))
    for mode, unit in MODES:
        least(f"the same, fast path, against plain IPv6 forwarding, {unit}",
              1.4, packets(data, "fast", "plain6", mode))
    least("4*10^6 flows, against itself at 10^3", 0.6, many(data, "nat64"))
    for rival, name in ("jool", "Jool"), ("nat44", "NAT44"):
        least(f"the same, against what {name} keeps", 1,
              ratio(many(data, "nat64"), many(data, rival)))
    for rival, name in ("jool", "Jool"), ("nat44", "NAT44"):
        least(f"new sessions to 10^6, against {name}", 2,
              ratio(growth(data, rival), growth(data, "nat64")))
    least("new sessions, the last 50 000 against the first", 0.7,
          ratio(growth(data, "nat64", 0, 1), growth(data, "nat64", -1)))
    least("new sessions, pool 99 % full against empty", 0.5,
          ratio(pool(data, "pool", level=0), pool(data, "pool", level=99)))
    least("refusals of an exhausted pool, against forwarding", 0.5,
          ratio(pool(data, "refused", "plain6"), pool(data, "refused")))
    least("TCP, one stream, against plain IPv6 forwarding", 0.97,
          tcp(data, "one stream"))
    for case in "fraglist GRO, TCP", "UDP, fraglist GRO":
        least(f"the same, {case}", 0.8, tcp(data, case))
    most("bytes of memory a session", 192,
         data.median(section="memory", who="nat64", flows=4000000))
    for mode, unit in MODES:
        for family in 6, 4:
            most(f"not ours, IPv{family}, percent more {unit}", 2,
                 foreign(data, mode, family))
    least("one CPU to two, against plain forwarding's scaling", 0.95,
          ratio(scaling(data, "nat64"), scaling(data, "plain6")))
    return lines
