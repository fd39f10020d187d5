#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""main.py MODE DIRECTORY SECTION...: in the guest, measure and keep results there.

MODE is icount (nanoseconds of the guest are instructions), uml, or smp.
"""
import fcntl
import importlib
import os
import struct
import sys
import time
import traceback

import net
from results import Results

TOP = os.path.abspath(f"{os.path.dirname(os.path.abspath(__file__))}/../../..")


RNDADDENTROPY = 0x40085203


def seed():
    """Have the random generator ready, or each number takes microseconds."""
    with open("/dev/random", "wb") as file:
        fcntl.ioctl(file, RNDADDENTROPY, struct.pack(
            "=ii64s", 512, 64, b"not a secret to keep, for nothing but ports"))


def measure(section, mode, path):
    """One section; what a failed one has measured is not kept."""
    results = Results(path, mode)
    results.put("versions", "kernel", os.uname().release, [], "", show=False)
    start = time.monotonic()
    try:
        importlib.import_module(section).main(results)
    except Exception:
        traceback.print_exc()
        os.unlink(path)
        return False
    results.note(f"{section}: {time.monotonic() - start:.0f} s")
    return True


def main():
    mode, path, *sections = sys.argv[1:]
    os.environ.setdefault("NAT64CTL", f"{TOP}/tools/nat64ctl")
    net.run("modprobe -a pktgen nf_defrag_ipv4 nf_defrag_ipv6 nf_conntrack",
            check=mode != "uml")
    net.run(f"insmod {TOP}/nat64.ko")
    seed()
    failed = [section for section in sections
              if not measure(section, mode, f"{path}/{mode}.{section}")]
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


main()
