# SPDX-License-Identifier: GPL-2.0
"""The sections of the document: each returns its text and draws its plots."""
import collections
import re

from data import ratio, spread
from draw import bars, curves, number, prose, table

UNITS = ("uml", "ns"), ("icount", "instructions")


def plot(name, alt):
    return f".. image:: performance/{name}.svg\n   :alt: {alt}\n\n"


def with_spread(values, median):
    return "--" if median is None else \
        f"{number(median)} +-{spread(values):.1f}%"


def packets(data, plots):
    text = plot("packets", "cost of a packet by number of flows")
    timed = {"mode": "uml", "section": "packets", "what": 64}
    sizes = data.keys("flows", **timed)
    curves(f"{plots}/packets.svg", "flows", "ns a packet", {
        who: [(flows, data.median(who=who, flows=flows, **timed))
              for flows in sizes]
        for who in data.keys("who", flows=max(sizes), **timed)},
        logarithmic=True)
    for mode, unit in UNITS:
        for flows in data.keys("flows", mode=mode, section="packets"):
            want = {"mode": mode, "section": "packets", "flows": flows}
            base = data.median(what=64, who="plain6", **want)
            rows = []
            for row in data.find(**want):
                key = {"what": row["what"], "who": row["who"], **want}
                median = data.median(**key)
                jool = data.median(what=row["what"], who="jool", **want)
                rows.append((f"{row['who']} {row['what']}",
                             with_spread(row["values"], median),
                             number(ratio(1e9, median)) if unit == "ns" else "",
                             number(ratio(base, median)),
                             number(ratio(jool, median))))
            text += f"Flows: {number(flows)}, {unit}:\n\n" + table(
                ["", unit, "packets/s" if unit == "ns" else "",
                 "to plain6", "to jool"], rows) + "\n"
    return text


def sessions(data, plots):
    want = {"mode": "uml", "section": "sessions"}
    names = data.keys("who", what="new", **want)
    sizes = data.keys("sessions", what="new", **want)

    def new(who, size):
        return data.median(what="new", who=who, sessions=size, **want)

    text = plot("sessions", "cost of a new session by size of the table")
    curves(f"{plots}/sessions.svg", "sessions (thousands)",
           "ns a new session",
           {who: [(size // 1000, new(who, size)) for size in sizes]
            for who in names})
    text += prose("The table grows, of ample pool; new sessions a second:")
    text += table(["sessions", *names],
                  [(number(size), *(number(ratio(1e9, new(who, size)))
                                    for who in names)) for size in sizes])
    text += "\n"

    levels = data.keys("level", what="pool", **want)
    names = data.keys("who", what="pool", **want)

    def pool(level, who):
        if level in ("evicted", "refused"):
            return data.median(what=level, who=who, **want)
        return data.median(what="pool", who=who, level=level, **want)

    def lost(level, who):
        rows = data.find(what="pool", who=who, level=level, **want)
        return max((row["lost"] for row in rows), default=0) * 100

    text += plot("pool", "cost of a new session by use of the pool")
    groups = [*levels, "evicted", "refused"]
    bars(f"{plots}/pool.svg", "ns", groups, names, pool)
    text += prose("""A pool of 10^6 ports, so many percent of it in use; ns of
        a new session, and how many percent of them were not to be had; *evicted*
        is one that takes the place of a session that nobody goes on with
        (early-drop), *refused* is one too many, sent again and again (jool:
        once); few of them are answered by ICMP, by the kernel's limits and by
        icmp-rate:""")
    rows = [(level, *(f"{number(pool(level, who))} ({lost(level, who):.0f}%)"
                      for who in names)) for level in levels]
    rows += [(what, *(number(pool(what, who)) for who in names))
             for what in ("evicted", "refused")]
    plain = number(pool("refused", "plain6"))
    return text + table(["percent", *names], rows) + \
        f"\nPlain forwarding of as many packets took {plain} ns each.\n"


def grouped(data, plots, section, what, mode, scale=1):
    """Bars and a table: rows are @what, columns are contenders."""
    names = data.keys("who", mode=mode, section=section)
    groups = data.keys("what", mode=mode, section=section)
    unit = data.find(mode=mode, section=section)[0]["unit"]

    def value(group, who):
        median = data.median(mode=mode, section=section, what=group, who=who)
        return None if median is None else median / scale

    bars(f"{plots}/{section}-{mode}.svg", unit, groups, names, value)
    return plot(f"{section}-{mode}", what) + table(
        [unit, *names], [(group, *(number(value(group, who))
                                   for who in names)) for group in groups]) + \
        "\n"


def tcp(data, plots):
    return prose("""By iperf3, processes included. *Client* and *server
        without offload*: GSO, TSO and GRO of their device are off. Linux 6.1
        makes no fraglist of TCP segments, only of UDP, which a process sends in
        bursts.""") + \
        grouped(data, plots, "tcp", "throughput of TCP", "uml")


def latency(data, plots):
    text = prose("""Round trip of an echo, a thousand a second, answered by the
        server's kernel; the client's process is included.""")
    for mode, _ in UNITS:
        if data.find(mode=mode, section="latency"):
            text += grouped(data, plots, "latency", "round trip times", mode)
    return text


def memory(data, plots):
    names = data.keys("who", section="memory")
    sizes = data.keys("flows", section="memory")

    def value(size, who):
        return data.median(section="memory", who=who, flows=size)

    bars(f"{plots}/memory.svg", "bytes a session", sizes, names, value)
    rows = [(f"{row['who']}, {number(row['flows'])}",
             number(row["values"][0]),
             ", ".join(f"{name} {size:.0f}"
                       for name, size in row["slabs"].items() if size >= 1))
            for row in data.find(section="memory")]
    return prose("""What the machine lacks once the table is full: slabs, hashes,
        bitmaps and all.""") + plot("memory", "memory by session") + \
        table(["contender, sessions", "bytes", "in the biggest slabs"], rows)


def notours(data, plots):
    text = prose("""Ordinary forwarding by a router where nat64 has a prefix and a
        pool, against one without.""")
    text += plot("notours", "cost of packets that are not ours")
    rows, percents = [], {}
    for mode, unit in UNITS:
        for family in 6, 4:
            plain, ours = (data.values(mode=mode, section="notours",
                                       who=f"{who}{family}")
                           for who in ("plain", "notours"))
            a, b = (data.median(mode=mode, section="notours",
                                who=f"{who}{family}")
                    for who in ("plain", "notours"))
            more = None if not a or not b else (b / a - 1) * 100
            percents[unit, family] = more
            rows.append((f"IPv{family}, {unit}", with_spread(plain, a),
                         with_spread(ours, b),
                         "--" if more is None else f"{more:+.1f}%"))
    bars(f"{plots}/notours.svg", "percent more",
         [unit for _, unit in UNITS], ["IPv6", "IPv4"],
         lambda unit, name: percents[unit, int(name[-1])])
    return text + table(["", "without", "with", "more"], rows)


def scaling(data, plots):
    text = prose("""In QEMU with two processors, which are threads of the emulator:
        only ratios mean anything. *pinned*: a generator on each CPU, whose
        packets stay there. *rps*: the router spreads them over the CPUs by their
        flows. *waits*: percent of the processors' time, by a sampled profile,
        in which they waited for a lock.""")
    names = data.keys("who", section="scaling")

    def value(what, who):
        return ratio(*(data.median(section="scaling", what=what, who=who,
                                   cpus=cpus) for cpus in (2, 1)))

    bars(f"{plots}/scaling.svg", "rate by two CPUs to rate by one",
         ["pinned", "rps"], names, value)
    rows = []
    for what in "pinned", "rps":
        for who in names:
            rows.append((
                f"{who}, {what}",
                *(number(data.median(section="scaling", what=what, who=who,
                                     cpus=cpus)) for cpus in (1, 2)),
                number(value(what, who)),
                number(data.median(section="scaling", who=who,
                                   what=f"waits, {what}"))))
    return text + plot("scaling", "from one CPU to two") + table(
        ["packets/s", "one CPU", "two", "ratio", "waits %"], rows)


def control(data, plots):
    rows = [(f"{row['what']}, {row['who']}", number(row["values"][0]),
             row["unit"], number(row.get("count")))
            for row in data.find(section="control")]
    waits = ["longest wait, idle", "longest wait, sweep"]
    bars(f"{plots}/control.svg", "ms", waits, ["nat64"],
         lambda what, who: data.median(section="control", what=what))
    return prose("""*Longest wait*: by how much a real-time process was kept from
        its CPU, at worst, while 10^6 expired sessions were swept, and while
        nothing happened.""") + plot("control", "longest wait") + \
        table(["", "", "", "of"], rows)


# Of functions and modules
PARTS = (
    ("nat64", r"\[nat64\]"),
    ("keyed hashes", "siphash"),
    ("Jool", r"\[jool|^(md5_transform|memcmp|rb_)"),
    ("IPv6", "^_*(in|ip|rt|fib|inet|icmpv)6|^_*ipv6|^ndisc"),
    ("IPv4", "^_*(ip|rt|fib|inet|icmp|mkroute|ipv4)_"),
    ("nftables, netfilter", "^_*nft?_"),
    ("pktgen", "pktgen|mod_cur_headers|random|chacha"),
)
REST = "links, memory, copies"
MOST = 12			# functions of a load


def profile(data, plots):
    want = {"mode": "uml", "section": "profile"}
    names = data.keys("who", what="packet", **want)
    parts = {name: collections.Counter() for name in names}
    functions = {name: [] for name in names}
    for row in data.find(**want):
        if row["what"] == "packet":
            continue
        key, ns = f"{row['what']} {row['module']}".strip(), row["values"][0]
        part = next((part for part, pattern in PARTS
                     if re.search(pattern, key)), REST)
        parts[row["who"]][part] += ns
        functions[row["who"]].append((key, ns))
    rows = [(part, *(number(parts[name][part]) for name in names))
            for part in [*(part for part, _ in PARTS), REST]]
    rows.append(("sum", *(number(sum(parts[name].values()))
                          for name in names)))
    rows.append(("by pktgen", *(number(data.median(what="packet", who=name,
                                                   **want))
                                for name in names)))
    text = prose("""Where the time goes, ns of a packet, by samples that perf takes
        on the host, which sees into User Mode Linux (*make bench B=profile* prints
        more functions). *new* is the first packet of a flow, the others are
        established flows, so many of them. The sum holds what is between
        pktgen's runs, too.""")
    text += table(["ns", *names], rows) + "\n"
    for name in names:
        text += f"{name}:\n\n" + table(["", "ns"], [
            (key, f"{ns:.1f}") for key, ns in functions[name][:MOST]]) + "\n"
    return text[:-1]


# Title, section, and the mode without which there is nothing to say
ALL = (
    ("Established flows", packets, "uml"),
    ("New sessions", sessions, "uml"),
    ("Profile", profile, "uml"),
    ("TCP throughput", tcp, "uml"),
    ("Latency", latency, "icount"),
    ("Memory", memory, "uml"),
    ("Two CPUs", scaling, "smp"),
    ("Packets that are not ours", notours, "icount"),
    ("Control plane", control, "uml"),
)
