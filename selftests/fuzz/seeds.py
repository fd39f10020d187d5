#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""seeds.py KIND FILE: valid packets of gen.py for fuzz/packets.c to spoil.

KIND 6: from clients to what stands for IPv4; 4: from servers to pool, EIPs and
the router itself; clat6, clat4: from a NAT64 to a CLAT, from the hosts behind that.
Each packet is behind its length, two octets.
"""
import os
import random
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/..")
import gen  # noqa: E402

COUNT = 4000
# Of gen.KINDS, more of those that have sessions.
gen.WEIGHTS = 12, 12, 1, 1, 1, 1, 1, 1, 6, 10, 0.5
CLIENTS = ["2001:db8:6::2", "2001:db8:6::7", "2001:db8:6::ff",
           "2001:db8:77::1", "2001:db8:6::464"]
SERVERS = ["10.254.1.235", "10.254.1.222", "192.0.2.2"]
ODD = ["192.0.2.33", "198.51.100.1", "203.0.113.7", "203.0.113.1", "224.0.0.1",
       "127.0.0.1"]
OURS = ["198.51.100.0", "198.51.100.1", "198.51.100.2", "198.51.100.3",
        "203.0.113.2", "203.0.113.7", "203.0.113.1", "192.0.2.1"]
FAR = ["9.9.9.9", "192.0.2.77", "203.0.113.9"]
PREFIXES = ["64:ff9b::", "2001:db8:64::"]
BAD6 = ["::1", "fe80::1", "ff02::1", "64:ff9b::a00:1", "::ffff:10.0.0.1"]


def main():
    kind, path = sys.argv[1:]
    rng = random.Random(kind)
    with open(path, "wb") as file:
        for _ in range(COUNT):
            server = rng.choice(SERVERS if rng.random() < 0.8 else ODD)
            if kind == "clat6":
                packet = gen.ip6(rng, PREFIXES[1] + rng.choice(FAR),
                                 "2001:db8:6::" + rng.choice(("eb", "de")))
            elif kind == "clat4":
                packet = gen.ip4(rng, rng.choice(SERVERS[:2]), rng.choice(FAR))
            elif kind == "6":
                src = rng.choice(CLIENTS if rng.random() < 0.95 else BAD6)
                dst = rng.choice(PREFIXES) + server
                packet = gen.ip6(rng, src, dst)
            else:
                packet = gen.ip4(rng, server, rng.choice(OURS))
            file.write(len(packet).to_bytes(2, "big") + packet)


main()
