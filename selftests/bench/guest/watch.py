#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Sleep for a millisecond again and again, as a real-time process, until told
to end; then print by how many milliseconds the worst wake-up was late."""
import os
import signal
import sys
import time

REST = 0.001
worst = 0


def end(*_):
    print(f"{worst * 1000:.3f}")
    sys.exit()


signal.signal(signal.SIGTERM, end)
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
print("ready", flush=True)
last = time.monotonic()
while True:
    time.sleep(REST)
    now = time.monotonic()
    worst = max(worst, now - last - REST)
    last = now
