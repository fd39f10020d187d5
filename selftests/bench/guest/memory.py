# SPDX-License-Identifier: GPL-2.0
"""Memory that a session takes, all in: what the machine lacks afterwards."""
import contenders as who
import net

FLOWS = 1000000, 4000000
HASHSIZE = "/sys/module/nf_conntrack/parameters/hashsize"


def used():
    """Bytes that are neither free nor could be at once."""
    for _ in range(3):		# what is freed by RCU comes late
        net.settle()
    with open("/proc/sys/vm/drop_caches", "w") as file:
        file.write("3")
    with open("/proc/meminfo") as file:
        info = {line.split(":")[0]: int(line.split()[1]) * 1024
                for line in file}
    return info["MemTotal"] - sum(info[name] for name in (
        "MemFree", "Buffers", "Cached", "SReclaimable"))


def slabs():
    """Bytes in each slab cache."""
    with open("/proc/slabinfo") as file:
        lines = [line.split() for line in file.readlines()[2:]]
    return {w[0]: int(w[14]) * int(w[5]) * 4096 for w in lines}


def main(results):
    for flows in FLOWS:
        empty = None
        for kind in who.Plain6, who.Nat44, who.Jool, who.Nat64:
            with open(HASHSIZE, "w") as file:
                file.write("1024")
            before, slabs_before = used(), slabs()
            contender = kind.ample(flows)
            contender.backward = False
            lost = contender.fill()
            grown = used() - before
            if empty is None:
                empty = grown
            biggest = sorted(((size - slabs_before.get(name, 0), name)
                              for name, size in slabs().items()),
                             reverse=True)[:3]
            results.put("memory", "session", kind.name,
                        [(grown - empty) / (flows - lost)], "bytes",
                        flows=flows, lost=lost, slabs={
                            name: round(size / flows, 1)
                            for size, name in biggest})
            contender.close()
