# SPDX-License-Identifier: GPL-2.0
"""What was measured, as guest/results.py wrote it."""
import glob
import json
import statistics


class Data:
    def __init__(self, directory, sections):
        self.rows = []
        for section in sections:
            for path in sorted(glob.glob(f"{directory}/*.{section}")):
                with open(path) as file:
                    self.rows += [json.loads(line) for line in file]

    def find(self, **want):
        """The rows that have all these, in their order."""
        return [row for row in self.rows
                if all(row.get(key) == value for key, value in want.items())]

    def values(self, **want):
        return [v for row in self.find(**want) for v in row["values"]]

    def median(self, **want):
        """Of all repetitions, or None if there are none."""
        values = self.values(**want)
        return statistics.median(values) if values else None

    def least(self, **want):
        """The same without what others add to it."""
        return min(self.values(**want), default=None)

    def cost(self, **want):
        """The median time; of instructions the least."""
        return (self.least if want["mode"] == "icount" else self.median)(**want)

    def keys(self, name, **want):
        """Different values of a field, in their order."""
        return list(dict.fromkeys(row[name] for row in self.find(**want)
                                  if name in row))


def spread(values):
    """Half the distance between the quartiles, in percent of the median."""
    if len(values) < 2:
        return 0
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) * 50 / middle if middle else 0


def ratio(a, b):
    return a / b if a is not None and b else None
