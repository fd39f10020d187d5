# SPDX-License-Identifier: GPL-2.0
"""A short look at established flows, for developers."""
from packets import established

SIZES = {"icount": ((1000, 5000, 3),), "uml": ((1000, 100000, 5),)}


def main(results):
    established(results, SIZES[results.mode])
