# SPDX-License-Identifier: GPL-2.0
"""A packet as named fields that can be held against another's.

By hand, because scapy repairs what it reads, and what is cut or wrong is what
the differential test is about.  Checksums become "ok" or how far they are off,
so that packets with other addresses or ports can be compared.
"""
import ipaddress
import struct
import zlib

EXTENSIONS = {0: "hop-by-hop", 43: "routing", 60: "destination"}
NAMES = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}
QUERIES = {1: (0, 8), 58: (128, 129)}
ERRORS = {1: (3, 11, 12), 58: (1, 2, 3, 4)}
# Longer than this is shown as a length and a checksum.
SHOWN = 8


def ones_sum(data):
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total


def octets(data):
    if len(data) <= SHOWN:
        return data.hex() or "none"
    return f"{len(data)} bytes crc {zlib.crc32(data):08x}"


def address(data):
    return str(ipaddress.ip_address(data))


def check(pseudo, body, at):
    """By how much a checksum is wrong.

    That of a part of a datagram is, but whoever mends it for new addresses
    and ports leaves it as wrong as it was.
    """
    if len(body) < at + 2:
        return "cut"
    wrong = 0xffff - ones_sum(pseudo + body)
    return f"off by {wrong:04x}" if wrong else "ok"


class Dissection:
    """fields: name to value, in the order of the packet."""

    def __init__(self, raw, ident=None):
        self.fields = {}
        self.ident = ident or 0		# of the fragments that were sent
        self.kind = "?"
        self._ip(raw, "")

    def _ident(self, value, df, frag, inner):
        """An identification, as far as it is not for anyone to choose."""
        if df:
            return "0" if not value else "not 0"
        if not frag:
            return "any"
        if inner:
            return value
        return "kept" if value == self.ident & 0xffff else "own"

    def _ip(self, raw, pre):
        if raw and raw[0] >> 4 == 4 and len(raw) >= 20:
            self._ip4(raw, pre)
        elif raw and raw[0] >> 4 == 6 and len(raw) >= 40:
            self._ip6(raw, pre)
        else:
            self.fields[pre + "data"] = octets(raw)

    def _ip4(self, raw, pre):
        f = self.fields
        header = (raw[0] & 15) * 4
        total, ident, frag = struct.unpack("!HHH", raw[2:8])
        f[pre + "tos"] = raw[1]
        f[pre + "len"] = total
        f[pre + "df"] = frag >> 14 & 1
        if frag & 0x3fff:
            f[pre + "frag"] = f"{(frag & 0x1fff) * 8}" + \
                              ("+" if frag & 0x2000 else "")
        f[pre + "id"] = self._ident(ident, frag & 0x4000, frag & 0x3fff, pre)
        f[pre + "ttl"] = raw[8]
        f[pre + "proto"] = raw[9]
        f[pre + "sum"] = "ok" if ones_sum(raw[:header]) == 0xffff else "bad"
        f[pre + "src"] = address(raw[12:16])
        f[pre + "dst"] = address(raw[16:20])
        if header > 20:
            f[pre + "options"] = octets(raw[20:header])
        body = raw[header:] if pre else raw[header:total]
        if not pre and len(raw) != total:
            f["trailing"] = len(raw) - total
        length = max(0, total - header)
        self._l4(body, pre, raw[9], length,
                 raw[12:20] + struct.pack("!HH", raw[9], length)
                 if raw[9] != 1 else b"", frag & 0x3fff, frag & 0x1fff)

    def _ip6(self, raw, pre):
        f = self.fields
        word, plen, proto, hops = struct.unpack("!IHBB", raw[:8])
        f[pre + "tos"] = word >> 20 & 0xff
        f[pre + "label"] = word & 0xfffff
        f[pre + "len"] = plen
        f[pre + "ttl"] = hops
        f[pre + "src"] = address(raw[8:24])
        f[pre + "dst"] = address(raw[24:40])
        body = raw[40:] if pre else raw[40:40 + plen]
        if not pre and len(raw) != 40 + plen:
            f["trailing"] = len(raw) - 40 - plen
        left, frag, split = plen, 0, False
        while (proto in EXTENSIONS or proto == 44) and len(body) >= 8:
            if proto == 44:
                frag, ident = struct.unpack("!HI", body[2:8])
                size = 8
                f[pre + "frag"] = f"{frag & ~7}" + ("+" if frag & 1 else "")
                f[pre + "id"] = self._ident(ident, 0, True, pre)
                split = True
            else:
                size = body[1] * 8 + 8
                f[pre + EXTENSIONS[proto]] = octets(body[:size])
            proto = body[0]
            body = body[size:]
            left -= size
        f[pre + "proto"] = proto
        self._l4(body, pre, proto, left, raw[8:40] +
                 struct.pack("!II", max(0, left), proto), split, frag & ~7)

    def _l4(self, body, pre, proto, length, pseudo, frag, later):
        f = self.fields
        if pre and len(body) > max(0, length):	# RFC 4884 pads
            f[pre + "padding"] = octets(body[length:])
            body = body[:max(0, length)]
        if not pre:
            self.kind = NAMES.get(proto, "packet")
        if frag and not pre:
            f["bytes"] = len(body)
            self.kind += " fragment"
        if later:
            f[pre + "data"] = octets(body)
        elif proto in QUERIES and len(body) >= 8:
            self._icmp(body, pre, proto, pseudo)
        elif proto == 17 and len(body) >= 8:
            f[pre + "sport"], f[pre + "dport"], f[pre + "udp len"] = \
                struct.unpack("!HHH", body[:6])
            f[pre + "check"] = "zero" if body[6:8] == b"\0\0" else \
                check(pseudo, body, 6)
            f[pre + "data"] = octets(body[8:])
        elif proto == 6 and len(body) >= 20:
            f[pre + "sport"], f[pre + "dport"] = struct.unpack(
                "!HH", body[:4])
            f[pre + "tcp"] = body[4:16].hex()
            f[pre + "check"] = check(pseudo, body, 16)
            f[pre + "urgent"] = body[18:20].hex()
            f[pre + "data"] = octets(body[20:])
        else:
            f[pre + "data"] = octets(body)

    def _icmp(self, body, pre, proto, pseudo):
        f = self.fields
        kind = f"{body[0]}/{body[1]}"
        if not pre and "bytes" not in f:
            self.kind += " " + kind
        f[pre + "icmp"] = kind
        f[pre + "check"] = check(pseudo, body, 2)
        if body[0] in QUERIES[proto]:
            f[pre + "query"], f[pre + "seq"] = struct.unpack("!HH", body[4:8])
            f[pre + "data"] = octets(body[8:])
            return
        f[pre + "rest"] = body[4:8].hex()
        if pre or body[0] not in ERRORS[proto]:
            f[pre + "data"] = octets(body[8:])
            return
        # RFC 4884: the packet inside ends where its length says.
        words = body[5] * 4 if proto == 1 else body[4] * 8
        if words and body[0] in ((3, 11, 12) if proto == 1 else (1, 3)):
            self._ip(body[8:8 + words], "in ")
            f["extension"] = octets(body[8 + words:])
        else:
            self._ip(body[8:], "in ")
        f["size"] = len(body) - 8
