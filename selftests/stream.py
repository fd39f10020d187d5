#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""stream.py send|recv listen|connect ADDRESS PORT BYTES: one TCP stream.

Prints the sha256 of what was sent or received.  Each MiB begins with its
number, so that no two are alike.
"""
import hashlib
import os
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
    digest = hashlib.sha256()
    done = 0
    if role == "send":
        block = random.Random(os.getpid()).randbytes(MIB)
        while done < size:
            piece = (done.to_bytes(8, "big") + block[8:])[:size - done]
            digest.update(piece)
            sock.sendall(piece)
            done += len(piece)
        sock.shutdown(socket.SHUT_WR)
        sock.recv(1)
    else:
        buf = bytearray(MIB)
        while n := sock.recv_into(buf):
            digest.update(memoryview(buf)[:n])
            done += n
    print(done, digest.hexdigest())


main()
