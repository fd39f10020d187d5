# SPDX-License-Identifier: GPL-2.0
"""Packets that are not ours, where nat64 waits for others."""
import contenders as who
from packets import measure

SIZES = {"icount": (5000, 5), "uml": (200000, 31)}


def main(results):
    count, turns = SIZES[results.mode]
    measure(results, 1000, count, turns, [
        who.Drop6, who.Drop4, who.Plain6, who.NotOurs6, who.Plain4, who.NotOurs4],
        section="notours")
