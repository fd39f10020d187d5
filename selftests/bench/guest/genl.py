# SPDX-License-Identifier: GPL-2.0
"""As much of generic netlink as adds EIPs by the thousand."""
import socket
import struct

NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 1, 4, 2
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2
# kmod/uapi/nat64.h
EIP_ADD, EIP_ADDR, EIP_TARGET6 = 9, 1, 3
BATCH = 64
FIRST4 = struct.unpack(">I", socket.inet_aton("100.64.0.0"))[0]
TARGET6 = socket.inet_pton(socket.AF_INET6, "2001:db8:e::")[:12]


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + \
        bytes(-len(data) % 4)


class Family:
    """A family, in the network namespace that the caller is in."""

    def __init__(self, name):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_GENERIC)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.id = GENL_ID_CTRL
        self.sock.send(self.message(CTRL_CMD_GETFAMILY, attribute(
            CTRL_ATTR_FAMILY_NAME, name.encode() + b"\0"), 0))
        reply = self.sock.recv(65536)[20:]
        while reply:
            size, kind = struct.unpack("=HH", reply[:4])
            if kind == CTRL_ATTR_FAMILY_ID:
                self.id = struct.unpack("=H", reply[4:6])[0]
                return
            reply = reply[(size + 3) & ~3:]
        raise RuntimeError(f"no family {name}")

    def message(self, cmd, attrs, flags=NLM_F_ACK):
        return struct.pack("=IHHII", 20 + len(attrs), self.id,
                           NLM_F_REQUEST | flags, 1, 0) + \
            struct.pack("=BBH", cmd, 1, 0) + attrs

    def eip_add(self, count):
        """Bind so many EIPs in a row to as many hosts."""
        for first in range(0, count, BATCH):
            part = range(first, min(first + BATCH, count))
            self.sock.send(b"".join(self.message(
                EIP_ADD,
                attribute(EIP_ADDR, struct.pack(">I", FIRST4 + i)) +
                attribute(EIP_TARGET6, TARGET6 + struct.pack(">I", i)))
                for i in part))
            left = len(part)
            while left:
                reply = self.sock.recv(65536)
                while reply:
                    size, kind = struct.unpack("=IH", reply[:6])
                    error, = struct.unpack("=i", reply[16:20])
                    if kind != NLMSG_ERROR or error:
                        raise RuntimeError(f"EIP refused: {error}")
                    left -= 1
                    reply = reply[(size + 3) & ~3:]
