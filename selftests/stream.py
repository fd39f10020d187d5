#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""stream.py send|recv listen|connect ADDRESS PORT BYTES: one TCP stream.

Prints how much was sent, or received as it was sent.  Each MiB begins with its
number, so that no two are alike; the rest follows from the port.
"""
import random
import socket
import sys

MIB = 1 << 20


def main():
    role, mode, addr, port, size = sys.argv[1:]
    size = int(size)
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.settimeout(120)
    if mode == "listen":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((addr, int(port)))
        sock.listen(1)
        sock, _ = sock.accept()
        sock.settimeout(120)
    else:
        sock.connect((addr, int(port)))
    block = random.Random(int(port)).randbytes(MIB)
    done = 0

    def piece():
        return (done.to_bytes(8, "big") + block[8:])[:size - done]
    if role == "send":
        while done < size:
            sock.sendall(piece())
            done += min(MIB, size - done)
        sock.shutdown(socket.SHUT_WR)
        sock.recv(1)
    else:
        while want := piece():
            got = bytearray(len(want))
            view, have = memoryview(got), 0
            while have < len(got) and (n := sock.recv_into(view[have:])):
                have += n
            if got != want:
                sys.exit(f"other octets than were sent behind {done}")
            done += have
        if sock.recv(1):
            sys.exit("more than was sent")
    print(done)


main()
