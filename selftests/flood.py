#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""flood.py ADDRESS: UDP from ever new ports to ADDRESS until killed."""
import socket
import sys

addr = sys.argv[1]
family = socket.AF_INET6 if ":" in addr else socket.AF_INET
while True:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    for port in range(1000, 1020):
        try:
            sock.sendto(b"flood" * 40, (addr, port))
        except OSError:
            pass
    sock.close()
