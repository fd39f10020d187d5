# SPDX-License-Identifier: GPL-2.0
"""Established flows: what one packet costs."""
import random

import contenders as who
from results import rounds

BASE = [who.Drop6, who.Drop4, who.Plain6, who.Plain4]
# How many flows, packets of a repetition, and repetitions
SIZES = {"icount": ((1, 5000, 3), (1000, 5000, 3), (100000, 5000, 3)),
         "uml": ((1, 200000, 9), (1000, 200000, 9), (100000, 200000, 7),
                 (1000000, 400000, 5), (4000000, 400000, 5))}
CLIENTS = 16			# so many addresses take part in a repetition


def measure(results, flows, count, turns, kinds, section="packets"):
    there = []
    try:
        for kind in kinds:
            contender = kind.exact(flows)
            there.append(contender)
            lost = contender.fill()
            if lost:
                results.note(f"{contender.name}: {lost} of {flows} flows "
                             f"were not established {contender.explain()}")
        figures = {}
        for contender in there:
            directions = (64, 46) if contender.backward else (64,)
            for direction in directions:
                figures[contender.name, direction] = lambda \
                    c=contender, d=direction: c.measure(d, count, random.sample(
                        range(c.clients), min(CLIENTS, c.clients)))
        unit = "instructions" if results.mode == "icount" else "ns"
        for (name, direction), values in rounds(turns, figures).items():
            results.put(section, direction, name, values, unit, flows=flows)
    finally:
        for contender in there:
            contender.close()


def established(results, sizes):
    translators = [who.Nat44, who.Jool, who.Nat64]
    if who.Fast.there():
        translators.append(who.Fast)
    for flows, count, turns in sizes:
        kinds = BASE + translators
        if flows == 1000:
            kinds = kinds + [who.Jool256, who.NotOurs6, who.NotOurs4]
            if results.mode == "icount":
                kinds.append(who.Tayga)
        measure(results, flows, count, turns, kinds)


def main(results):
    established(results, SIZES[results.mode])
