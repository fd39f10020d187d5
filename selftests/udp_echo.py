#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""udp_echo.py serve ADDRESS PORT | ask ADDRESS PORT: datagrams of many sizes.

The asker sends each size and wants the same bytes back.
"""
import random
import socket
import sys

SIZES = [0, 1, 2, 3, 511, 1200, 1231, 1232, 1233, 1400, 1452, 1453, 2000, 3001,
         9000]


def main():
    mode, addr, port = sys.argv[1:]
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    if mode == "serve":
        sock.bind((addr, int(port)))
        while True:
            data, peer = sock.recvfrom(65536)
            sock.sendto(data, peer)
    sock.connect((addr, int(port)))
    sock.settimeout(3)
    rnd = random.Random(1)
    for size in SIZES:
        data = rnd.randbytes(size)
        for attempt in range(3):
            try:
                sock.send(data)
                if sock.recv(65536) == data:
                    break
            except OSError:
                pass
        else:
            sys.exit(f"{size} bytes did not come back")


main()
