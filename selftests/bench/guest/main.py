#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""main.py MODE DIRECTORY SECTION...: in the guest, measure and keep results there.

MODE is icount (nanoseconds of the guest are instructions), uml, or smp.
"""
import importlib
import os
import sys
import time

import net
from results import Results

TOP = os.path.abspath(f"{os.path.dirname(os.path.abspath(__file__))}/../../..")


def main():
    mode, path, *sections = sys.argv[1:]
    os.environ.setdefault("NAT64CTL", f"{TOP}/tools/nat64ctl")
    net.run("modprobe -a pktgen nf_defrag_ipv4 nf_defrag_ipv6 nf_conntrack",
            check=mode != "uml")
    net.run(f"insmod {TOP}/nat64.ko")
    for section in sections:
        results = Results(f"{path}/{mode}.{section}", mode)
        start = time.monotonic()
        importlib.import_module(section).main(results)
        results.note(f"{section}: {time.monotonic() - start:.0f} s")


main()
