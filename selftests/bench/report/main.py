#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""main.py RESULTS: write Documentation/performance.rst and its plots."""
import os
import sys

import sections
from data import Data
from draw import number, table
from goals import goals

TOP = os.path.abspath(f"{os.path.dirname(os.path.abspath(__file__))}/../../..")

HEAD = """.. SPDX-License-Identifier: GPL-2.0
.. Written by "make bench" from what it measured: do not edit.

===========
Performance
===========

Who is measured: plain forwarding of IPv6 and of IPv4, NAT44 (nftables), Jool
4.1.9 and TAYGA (Debian's packages), and nat64, side by side in one boot of one
kernel (%s), each in a topology of its own of the same shape::

  client ---- veth ---- router ---- veth ---- server

Time is measured in User Mode Linux, which runs kernel code as fast as the
machine does, on one processor. Instructions are counted by QEMU (``-icount``):
they repeat to 0.1 percent whatever else the machine does, so they are what CI
holds against stored bounds. A daemon's system calls cost more in User Mode
Linux than they should, so that TAYGA is measured by instructions only.

The method is that of RFC 8219 and RFC 9693 as far as it can be had here. A
preliminary phase fills the table, then packets of pseudo-random flows of it are
sent by pktgen, 18 octets in UDP (64-byte frames in IPv4), as fast as the router
takes them, and dropped as they enter the server's namespace. Contenders take
turns, round after round; the first round is dropped, and so is a repetition that
lost packets. Figures are medians; behind +- is half the distance between the
quartiles. They include what generator and links cost, *drop6* and *drop4*, which
are packets dropped as they enter the router.

*jool* has as many pool addresses as it needs, *jool256* has 256. *64* is from
IPv6 to IPv4, *46* the reverse.

Goals
=====

Ratios are of rates, in the direction 64; of medians, and of the least of all
counts of instructions, to which the kernel's own work in between only adds.

"""


def goal_table(data):
    words = {None: "not measured", True: "met", False: "missed"}
    return table(["", "goal", "measured", ""],
                 [(what, goal, number(value), words[met])
                  for what, goal, value, met in goals(data)])


def main():
    data = Data(sys.argv[1], [
        write.__name__ for _, write, _ in sections.ALL])
    documentation = f"{TOP}/Documentation"
    kernels = data.keys("who", section="versions")
    with open(f"{os.path.dirname(__file__)}/explained.rst") as file:
        explained = file.read().split("\n\n", 1)[1]
    text = HEAD % ", ".join(kernels) + goal_table(data) + "\n" + explained
    plots = f"{documentation}/performance"
    os.makedirs(plots, exist_ok=True)
    for title, write, mode in sections.ALL:
        if data.find(section=write.__name__, mode=mode):
            text += f"\n{title}\n{'=' * len(title)}\n\n" + \
                write(data, plots)
    with open(f"{documentation}/performance.rst", "w") as file:
        file.write(text)


main()
