# SPDX-License-Identifier: GPL-2.0
"""The instructions that ../bounds is about."""
import contenders as who
from packets import measure


def main(results):
    kinds = [who.Plain6, who.Plain4, who.Nat64, who.NotOurs6, who.NotOurs4]
    if who.Fast.there():
        kinds.append(who.Fast)
    measure(results, 1000, 4000, 9, kinds)
