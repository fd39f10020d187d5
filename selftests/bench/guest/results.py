# SPDX-License-Identifier: GPL-2.0
"""Repetitions in rounds, and where results go: lines of JSON."""
import json
import statistics

TRIES = 5			# for a repetition without loss


class Results:
    def __init__(self, path, mode):
        self.file = open(path, "w")
        self.mode = mode

    def put(self, section, what, who, values, unit, show=True, **more):
        """Keep the repetitions of one figure, and show their median."""
        values = [round(v, 3) for v in values]
        self.file.write(json.dumps({
            "mode": self.mode, "section": section, "what": what, "who": who,
            "unit": unit, "values": values, **more}) + "\n")
        self.file.flush()
        if not show:
            return
        median = statistics.median(values)
        spread = 0
        if median and len(values) > 1:
            low, _, high = statistics.quantiles(values, method="inclusive")
            spread = (high - low) / median * 50
        extra = " ".join(f"{k}={v}" for k, v in more.items())
        print(f"{section:9} {what!s:12} {who:9} {median:10.{0 if median >= 100 else 2}f} "
              f"{unit:12} +-{spread:.1f}% {extra}", flush=True)

    @staticmethod
    def note(text):
        print(f"# {text}", flush=True)


def rounds(count, figures):
    """Measure the figures in turn, once to warm up and then count times.

    @figures: {key: function that returns (value, how many packets were lost)}
    A repetition that lost packets is done again, but not for ever.
    """
    values = {key: [] for key in figures}
    for turn in range(count + 1):
        for key, function in figures.items():
            for _ in range(TRIES):
                value, lost = function()
                if lost <= 0:	# less are stray packets of the stack
                    break
            if turn and lost <= 0:
                values[key].append(value)
    for key in figures:
        if not values[key]:
            raise RuntimeError(f"{key} loses packets: {lost} at last")
    return values
