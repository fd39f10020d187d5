#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Messages that nat64ctl would never send.  Each must be refused, with a text
or at least an error, and change nothing."""
import errno
import functools
import os
import re
import socket
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GENL_ID_CTRL = 16
SOL_NETLINK, EXT_ACK, CAP_ACK = 270, 11, 10
REQUEST, ACK, DUMP = 1, 4, 0x300


@functools.lru_cache(maxsize=None)
def enum(name):
    """The values of an enum of the uAPI header."""
    with open(f"{HERE}/../kmod/uapi/nat64.h") as f:
        body = re.search(rf"enum {name} {{(.*?)}}", f.read(), re.S).group(1)
    return {n.strip(): i for i, n in enumerate(body.split(",")) if n.strip()}


def attr(kind, data):
    return struct.pack("HH", 4 + len(data), kind) + data + \
        bytes(-len(data) % 4)


class Netlink:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.sock.bind((0, 0))
        self.sock.settimeout(10)
        reply = self.ask(GENL_ID_CTRL, 3, attr(2, b"nat64\0"))[1]
        self.family = reply

    def ask(self, kind, cmd, attrs, flags=REQUEST | ACK):
        """errno of the answer; of the controller, the family's id."""
        body = struct.pack("BBH", cmd, 1, 0) + attrs
        self.sock.send(struct.pack("IHHII", 16 + len(body), kind, flags, 1,
                                   0) + body)
        family = None
        while True:
            data = self.sock.recv(65536)
            while data:
                size, what = struct.unpack_from("IH", data)
                if what in (2, 3):
                    code = struct.unpack_from("i", data, 16)[0]
                    return -code, family
                if kind == GENL_ID_CTRL:
                    rest = data[20:size]
                    while rest:
                        n, k = struct.unpack_from("HH", rest)
                        if k == 1:
                            family = struct.unpack_from("H", rest, 4)[0]
                        rest = rest[(n + 3) & ~3:]
                data = data[(size + 3) & ~3:]


def main():
    nl = Netlink()
    cmd = enum("nat64_cmd")
    pfx = enum("nat64_prefix_attr")
    pool = enum("nat64_pool_attr")
    eip = enum("nat64_eip_attr")
    bnd = enum("nat64_binding_attr")
    cfg = enum("nat64_config_attr")
    addr6 = attr(pfx["NAT64_PREFIX_ADDR"],
                 socket.inet_pton(socket.AF_INET6, "2001:db8:77::"))
    len96 = attr(pfx["NAT64_PREFIX_LEN"], b"\x60")
    addr4 = socket.inet_aton("192.0.2.0")
    cases = {
        "an unknown attribute":
            ("PREFIX_ADD", addr6 + len96 + attr(77, b"1234")),
        "no attributes": ("PREFIX_ADD", b""),
        "no length": ("PREFIX_ADD", addr6),
        "no address": ("PREFIX_ADD", len96),
        "a short address": ("PREFIX_ADD", attr(1, b"12345678") + len96),
        "a long address": ("PREFIX_ADD", attr(1, b"1" * 20) + len96),
        "an unknown mode": ("PREFIX_ADD", addr6 + len96 +
                            attr(pfx["NAT64_PREFIX_MODE"], b"\x03")),
        "private 2": ("PREFIX_ADD", addr6 + len96 +
                      attr(pfx["NAT64_PREFIX_PRIVATE"], b"\x02")),
        "an attribute of length 3": ("PREFIX_ADD", b"\x03\0\1\0"),
        "an attribute beyond the message": ("PREFIX_ADD", b"\xff\0\1\0"),
        "trailing bytes": ("PREFIX_DEL", addr6 + len96 + b"\1\2"),
        "pool: a read-only attribute":
            ("POOL_ADD", attr(1, addr4) + attr(2, b"\x18") +
             attr(pool["NAT64_POOL_USED_TCP"], b"1234")),
        "pool: length 15": ("POOL_ADD", attr(1, addr4) + attr(2, b"\x0f")),
        "pool: port 0": ("POOL_ADD", attr(1, addr4) + attr(2, b"\x18") +
                         attr(pool["NAT64_POOL_PORT_MIN"], b"\0\0")),
        "eip: two targets":
            ("EIP_ADD", attr(eip["NAT64_EIP_ADDR"], addr4) +
             attr(eip["NAT64_EIP_TARGET4"], b"\x0a\0\0\1") +
             attr(eip["NAT64_EIP_TARGET6"], b"\x20" * 16)),
        "eip: none": ("EIP_ADD", b""),
        "binding: protocol 132":
            ("BINDING_ADD", attr(bnd["NAT64_BINDING_PROTO"], b"\x84") +
             attr(bnd["NAT64_BINDING_ADDR4"], addr4) +
             attr(bnd["NAT64_BINDING_PORT4"], b"\0\x50") +
             attr(bnd["NAT64_BINDING_ADDR6"], b"\x20" * 16)),
        "binding: no address":
            ("BINDING_ADD", attr(bnd["NAT64_BINDING_PROTO"], b"\x06")),
        "flush with an attribute": ("EIP_FLUSH", addr6),
        "config: zero sessions":
            ("CONFIG_SET", attr(cfg["NAT64_CONFIG_SESSION_MAX"], bytes(4))),
        "config: an unknown option": ("CONFIG_SET", attr(99, b"1234")),
    }
    bad = []
    for name, (command, attrs) in cases.items():
        code, _ = nl.ask(nl.family, cmd["NAT64_CMD_" + command], attrs)
        print(name, "->", os.strerror(code))
        if code not in (errno.EINVAL, errno.ERANGE, errno.EOPNOTSUPP):
            bad.append(name)
    for number in 0, 200, 255:
        if nl.ask(nl.family, number, b"")[0] != errno.EOPNOTSUPP:
            bad.append(f"command {number}")
    sys.exit(f"accepted: {bad}" if bad else 0)


if __name__ == "__main__":
    main()
