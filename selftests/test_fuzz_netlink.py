#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Netlink messages by chance: commands of any kind, attributes of their set and of
others, of right and wrong length, nested and cut; from root, from root of a user
namespace, from nobody.  What root sends may be accepted; the others change
nothing and see no clients.

NAT64_FUZZ_MESSAGES: how many (default 20000)
NAT64_FUZZ_NUMBER: which ones (default 1)
"""
import os
import random
import socket
import struct
import subprocess

import ktap
from ktap import case, ok, same
from lab import (CLONE_NEWNET, CLONE_NEWUSER, CTL, Lab, as_nobody, in_netns,
                 run)
from netlink_bad import ACK, DUMP, REQUEST, Netlink, attr, enum

COUNT = int(os.environ.get("NAT64_FUZZ_MESSAGES", 20000))
NUMBER = int(os.environ.get("NAT64_FUZZ_NUMBER", 1))

lab = Lab()
CMD = enum("nat64_cmd")
SETS = {"PREFIX": enum("nat64_prefix_attr"), "POOL": enum("nat64_pool_attr"),
        "EIP": enum("nat64_eip_attr"), "BINDING": enum("nat64_binding_attr"),
        "CONFIG": enum("nat64_config_attr"),
        "INTERFACE": enum("nat64_interface_attr"),
        "SESSION": enum("nat64_session_attr"),
        "EXPLAIN": enum("nat64_explain_attr"),
        "BLOCK": enum("nat64_block_attr"),
        "CLIENT": enum("nat64_client_attr"),
        "TRANSACTION": enum("nat64_transaction_attr")}
WRITES = [name for name in CMD if name.endswith(
    ("ADD", "DEL", "FLUSH", "SET", "COMMIT"))]
# Those that change something more often; and those that end a transaction, which
# takes few others.
NUMBERS = [CMD[name] for name in [
    *CMD, *2 * WRITES, *3 * ["NAT64_CMD_TRANSACTION_ABORT"]]]
CLIENTS = ("NAT64_CMD_SESSION_GET", "NAT64_CMD_BINDING_GET",
           "NAT64_CMD_EXPLAIN", "NAT64_CMD_BLOCK_GET", "NAT64_CMD_CLIENT_GET")
ADDRESSES = [socket.inet_aton(a) for a in (
    "198.51.100.0", "198.51.100.7", "203.0.113.0", "10.0.0.0", "0.0.0.0",
    "255.255.255.255", "127.0.0.1")] + [
    socket.inet_pton(socket.AF_INET6, a) for a in (
        "64:ff9b::", "2001:db8:64::", "2001:db8:6::2", "::", "ff02::1",
        "::ffff:1.2.3.4")]


def value(rng):
    """Mostly of a length that some attribute has."""
    return rng.choice((
        lambda: rng.choice(ADDRESSES),
        lambda: bytes([rng.choice((0, 1, 2, 6, 17, 24, 32, 64, 96, 128, 255))]),
        lambda: struct.pack("!H", rng.choice((0, 1, 80, 1024, 65535))),
        lambda: struct.pack("H", rng.choice((64, 512, 1000, 16384))),
        lambda: struct.pack("I", rng.choice((0, 1, 2, 100, 1000, 1 << 31,
                                             0xffffffff))),
        lambda: b"lo\0", lambda: b"",
        lambda: rng.randbytes(rng.randint(0, 40)),
        lambda: attr(rng.randint(0, 30), rng.randbytes(rng.randint(0, 8)))))()


def attributes(rng, name):
    kinds = next((list(s.values()) for key, s in SETS.items() if key in name),
                 [1, 2])
    body = b""
    for _ in range(rng.choice((0, 1, 2, 2, 3, 3, 4, 6, 12))):
        kind = rng.choice(kinds) if rng.random() < 0.9 else \
            rng.choice((0, 77, 0x8001, 0x4001, 0xffff))
        body += attr(kind, value(rng))
    if rng.random() < 0.1:
        body = body[:rng.randint(0, len(body))]
    if rng.random() < 0.1:
        body += rng.randbytes(rng.randint(1, 9))
    return body


def message(rng, family):
    """A message, and the name of its command."""
    number = rng.choice(NUMBERS) if rng.random() < 0.98 else \
        rng.randint(0, 255)
    name = next((name for name, n in CMD.items() if n == number), "unknown")
    flags = REQUEST | ACK
    if name.endswith("GET") and rng.random() < 0.8 or rng.random() < 0.05:
        flags |= DUMP
    if rng.random() < 0.05:
        flags ^= 1 << rng.randint(1, 15)
    body = struct.pack("BBH", number, rng.choice((1, 1, 1, 0, 2, 255)),
                       rng.choice((0, 0, 0, 1, 65535))) + attributes(rng, name)
    size = 16 + len(body)
    if rng.random() < 0.03:
        size = rng.choice((0, 15, 16, 18, 20, size - 1, size + 4, 1 << 20))
    return struct.pack("IHHII", size & 0xffffffff, family, flags | REQUEST, 1,
                       0) + body, name


def answers(sock, family):
    """All that comes within a moment: error codes, and how much data.

    What is left of a message that says to be shorter is one of another kind, which
    netlink itself may acknowledge.
    """
    codes, data = [], 0
    while True:
        try:
            reply = sock.recv(1 << 16)
        except BlockingIOError:
            return codes, data
        except OSError as e:
            codes.append(e.errno)	# ENOBUFS: it was more than fits
            continue
        while len(reply) >= 16:
            size, kind = struct.unpack_from("IH", reply)
            if kind == 2 and struct.unpack_from("H", reply, 24)[0] == family:
                codes.append(-struct.unpack_from("i", reply, 16)[0])
            elif kind >= 16:
                data += 1
            reply = reply[max(16, (size + 3) & ~3):]


def storm(seed, count):
    """Send; return how many writes were accepted, and clients shown."""
    rng = random.Random(seed)
    nl = Netlink()
    nl.sock.setblocking(False)
    accepted = shown = 0
    for _ in range(count):
        data, name = message(rng, nl.family)
        try:
            nl.sock.send(data)
        except OSError:
            continue
        codes, rows = answers(nl.sock, nl.family)
        accepted += name in WRITES and 0 in codes
        shown += name in CLIENTS and rows
    return accepted, shown


def configuration():
    return [lab.ctl(noun).stdout for noun in (
        "prefix", "pool", "eip", "binding", "show", "interface list")]


def root():
    with subprocess.Popen([CTL, "-n", lab.ns, "monitor"],
                          stdout=subprocess.DEVNULL) as listener:
        accepted, _ = in_netns(lab.ns, lambda: storm(NUMBER, COUNT))
        ok("who listens meanwhile goes on", listener.poll() is None)
        listener.terminate()
    print(f"# {COUNT} messages, {accepted} changes accepted")
    ok("of root some are accepted", accepted > COUNT / 100)
    for noun in "binding", "eip", "pool", "prefix", "session":
        lab.ctl(f"{noun} flush")
    same("and all of it can be cleared again", "",
         lab.ctl("prefix").stdout + lab.ctl("pool").stdout +
         lab.ctl("eip").stdout + lab.ctl("binding").stdout)


def together():
    """Several at a time, so that a text changes while netlink copies it."""
    children = []
    for n in range(6):
        child = os.fork()
        if not child:
            code = 1
            try:
                in_netns(lab.ns, lambda: storm(NUMBER + 10 + n, COUNT // 10))
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    same("six at a time come to an end", [0] * 6,
         [os.waitpid(child, 0)[1] for child in children])
    for noun in "binding", "eip", "pool", "prefix", "session":
        lab.ctl(f"{noun} flush")


def others():
    lab.ctl("prefix add 64:ff9b::/96 private on")
    lab.ctl("pool add 198.51.100.0/28")
    lab.ctl("binding add udp 198.51.100.1 7 to 2001:db8:6::2")
    before = configuration()
    for name, flags in (("nobody", ()),
                        ("root of a user namespace, here", (CLONE_NEWUSER,))):
        got = in_netns(lab.ns, lambda f=flags: as_nobody(
            lambda: storm(NUMBER + 1, COUNT // 4), *f))
        same(f"{name}: nothing accepted, no client shown", (0, 0), got)
        same(f"{name}: nothing has changed", before, configuration())
    got = in_netns(lab.ns, lambda: as_nobody(
        lambda: storm(NUMBER + 2, COUNT // 4), CLONE_NEWUSER, CLONE_NEWNET))
    ok("root of a user namespace with a network of its own may change that",
       got and got[0] > 0, got)
    same("which changes nothing here", before, configuration())


run("sysctl -qw kernel.unprivileged_userns_clone=1", check=False)
for test in root, together, others:
    case(test)
ktap.done()
