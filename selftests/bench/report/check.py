#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""check.py RESULTS: hold the instructions of a packet against the bounds.

The kernel's own work in between adds some, so the least count is the packet's.
"""
import os
import sys

from data import Data, ratio
from draw import number

BOUNDS = f"{os.path.dirname(os.path.abspath(__file__))}/../bounds"


def main():
    data = Data(sys.argv[1], ["check"])
    failed = False
    with open(BOUNDS) as file:
        bounds = [line.split() for line in file if line[0] not in "#\n"]
    for who, direction, base, most in bounds:
        want = {"mode": "icount", "section": "packets", "flows": 1000}
        cost = ratio(data.least(who=who, what=int(direction), **want),
                     data.least(who=base, what=64, **want))
        ok = cost is not None and cost <= float(most)
        failed |= not ok
        print(f"{'ok' if ok else 'not ok'} {who} {direction}: {number(cost, 4)} "
              f"of {base}, at most {most}")
    sys.exit(failed)


main()
