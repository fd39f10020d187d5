# SPDX-License-Identifier: GPL-2.0
"""Packets by chance, and strict judges of packets.

ip4() and ip6() make valid packets of every kind that a translator meets, the
same ones for the same random.Random(seed); valid4() and valid6() tell what is
wrong with a packet; mutate() makes packets that nobody should send.  Nothing
here is shared with model.py or with the module.
"""
import ipaddress
import struct

ICMP4, TCP, UDP, DCCP, GRE, ESP, ICMP6 = 1, 6, 17, 33, 47, 50, 58
SCTP, UDPLITE = 132, 136
HOPOPTS, ROUTING, FRAGMENT, DSTOPTS, NONEXT = 0, 43, 44, 60, 59
UNKNOWN = 46, 88, 94, 97, 99, 108, 115, 137, 253, 254
ERRORS4 = {3, 11, 12}
COUNTED4 = {3: 1, 11: 1, 12: 1}		# octet of the RFC 4884 length
COUNTED6 = {1: 0, 3: 0}
LARGEST = 1400


# Sums

def fold(data, total=0):
    """The ones' complement sum of RFC 1071, word by word."""
    if len(data) & 1:
        data += b"\0"
    total += sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def checksum(data):
    return 0xffff - fold(data)


def crc_table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82f63b78 if byte & 1 else 0)
        yield byte


CRC = tuple(crc_table())


def crc32c(data):
    """RFC 9260 appendix A."""
    crc = 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ CRC[(crc ^ byte) & 0xff]
    return (crc ^ 0xffffffff).to_bytes(4, "little")


def pseudo(src, dst, proto, size):
    """RFC 768 and RFC 8200 section 8.1."""
    if len(src) == 4:
        return src + dst + struct.pack("!BBH", 0, proto, size)
    return src + dst + struct.pack("!II", size, proto)


def put(data, at, what):
    return data[:at] + what + data[at + len(what):]


def summed(src, dst, proto, body, at, covered=None):
    """body with the checksum at at, over covered octets and addresses."""
    head = pseudo(src, dst, proto, len(body))
    value = checksum(head + put(body[:covered], at, b"\0\0"))
    if proto in (UDP, UDPLITE):
        value = value or 0xffff
    return put(body, at, value.to_bytes(2, "big"))


# What transports carry

def u16(rng):
    return rng.getrandbits(16)


def payload(rng, room):
    """Mostly small, sometimes all that fits; some of it zeros or ones."""
    top = rng.choice((0, 1, 8, 40, 200, room, room))
    size = rng.randint(0, max(0, min(top, room)))
    if rng.random() < 0.05:
        return bytes([rng.choice((0, 255))]) * size
    return rng.randbytes(size)


def tcp_options(rng):
    options = b""
    for _ in range(rng.randint(0, 5)):
        options += rng.choice((
            b"\1", b"\2\4" + rng.randbytes(2), b"\3\3\7", b"\4\2",
            b"\5\x0a" + rng.randbytes(8), b"\x08\x0a" + rng.randbytes(8),
            b"\xfe\4" + rng.randbytes(2)))
    options = options if len(options) <= 40 else b""
    return options + b"\0" * (-len(options) % 4)


def tcp(rng, src, dst, room):
    options = tcp_options(rng)
    head = struct.pack("!HHIIHHHH", u16(rng), u16(rng), rng.getrandbits(32),
                       rng.getrandbits(32), (20 + len(options)) << 10 |
                       rng.getrandbits(9), u16(rng), 0, u16(rng)) + options
    return summed(src, dst, TCP, head + payload(rng, room - len(head)), 16)


def udp(rng, src, dst, room):
    data = payload(rng, room - 8)
    body = struct.pack("!HHHH", u16(rng), u16(rng), 8 + len(data), 0) + data
    if len(src) == 4 and rng.random() < 0.2:
        return body
    return summed(src, dst, UDP, body, 6)


def udplite(rng, src, dst, room):
    data = payload(rng, room - 8)
    cover = rng.choice((0, 8, rng.randint(8, 8 + len(data)), 8 + len(data)))
    body = struct.pack("!HHHH", u16(rng), u16(rng), cover, 0) + data
    return summed(src, dst, UDPLITE, body, 6, cover or None)


def dccp(rng, src, dst, room):
    """RFC 4340 section 5."""
    kind = rng.randint(0, 9)
    long = kind not in (2, 3, 4) or rng.random() < 0.5
    extra = {0: 4, 1: 12, 2: 0, 7: 12}.get(kind, 8)
    if not long and kind != 2:
        extra = 4
    rest = rng.randbytes((7 if long else 3) + extra) + \
        bytes(rng.choice((0, 2)) for _ in range(4 * rng.randint(0, 3)))
    head = 9 + len(rest)
    data = payload(rng, room - head)
    coverage = rng.randint(0, min(15, 1 + len(data) // 4))
    body = struct.pack("!HHBBHB", u16(rng), u16(rng), head // 4,
                       rng.getrandbits(4) << 4 | coverage, 0,
                       kind << 1 | long) + rest + data
    covered = head + (coverage - 1) * 4 if coverage else None
    return summed(src, dst, DCCP, body, 6, covered)


def sctp(rng, _src, _dst, room):
    """RFC 9260 section 3."""
    body = rng.randbytes(8) + bytes(4)
    for _ in range(rng.randint(1, 3)):
        data = payload(rng, room - len(body) - 8)
        body += struct.pack("!BBH", rng.choice((0, 3, 4, 5, 10, 192)),
                            rng.getrandbits(3), 4 + len(data)) + data
        body += bytes(-len(body) % 4)
    return put(body, 8, crc32c(body))


def gre(rng, _src, _dst, room):
    """RFC 2784, RFC 2890."""
    flags = rng.choice((0, 0x8000, 0x2000, 0x1000, 0x3000, 0xb000))
    body = struct.pack("!HH", flags, rng.choice((0x800, 0x86dd, 0x6558)))
    body += bytes(4 if flags & 0x8000 else 0)
    body += rng.randbytes(4 * bin(flags >> 12 & 3).count("1"))
    body += payload(rng, room - len(body))
    if flags & 0x8000:
        body = put(body, 4, checksum(body).to_bytes(2, "big"))
    return body


def esp(rng, _src, _dst, room):
    return rng.randbytes(8) + rng.randbytes(4 * rng.randint(4, 40))[:room]


def unknown(rng, _src, _dst, room):
    return payload(rng, room)


TRANSPORT = {TCP: tcp, UDP: udp, UDPLITE: udplite, DCCP: dccp, SCTP: sctp,
             GRE: gre, ESP: esp}
KINDS = (TCP, UDP, UDPLITE, DCCP, SCTP, GRE, ESP, "unknown", "echo", "error",
         "icmp")
WEIGHTS = 4, 4, 2, 2, 1, 1, 1, 1, 3, 8, 0.5


# ICMP

def echo(rng, src, dst, room):
    """A request or a reply; of the replies, some sum to a true zero."""
    four = len(src) == 4
    kind = rng.choice((8, 0) if four else (128, 129))
    body = bytes([kind, 0, 0, 0]) + rng.randbytes(4)
    body += payload(rng, room - 8)
    if rng.random() < 0.03:
        body = bytes([kind]) + bytes(len(body) - 1)
    return icmp_summed(src, dst, body)


def icmp_summed(src, dst, body):
    if len(src) == 16:
        return summed(src, dst, ICMP6, body, 2)
    body = put(body, 2, b"\0\0")
    return put(body, 2, checksum(body).to_bytes(2, "big"))


def other_icmp(rng, src, dst, room):
    """Messages that no translator lets through."""
    kinds = (4, 5, 6, 9, 10, 13, 14, 15, 16, 17, 18, 30, 40, 255)
    if len(src) == 16:
        kinds = 0, 5, 100, 127, 130, 131, 132, 133, 136, 137, 143, 200
    body = bytes([rng.choice(kinds), rng.randint(0, 2), 0, 0])
    return icmp_summed(src, dst, body + rng.randbytes(4) + payload(
        rng, min(room - 8, 200)))


def extension(rng):
    """RFC 4884 section 7: objects known and unknown."""
    objects = b""
    for _ in range(rng.randint(0, 4)):
        data = rng.randbytes(4 * rng.randint(0, 10))
        objects += struct.pack("!HBB", 4 + len(data), rng.choice((1, 2, 247)),
                               rng.randint(0, 4)) + data
    body = b"\x20\0\0\0" + objects
    return put(body, 2, checksum(body).to_bytes(2, "big"))


def type4(rng):
    """Type, code and second word of an ICMPv4 error."""
    kind = rng.choice((3, 3, 3, 11, 12))
    code = {3: rng.randint(0, 16), 11: rng.randint(0, 1),
            12: rng.choice((0, 0, 0, 1, 2))}[kind]
    word = 0
    if (kind, code) == (3, 4):
        word = rng.choice((0, 68, 576, 1259, 1260, 1261, 1400, 1480, 1481,
                           1500, 9000, 65535, rng.randint(68, 1600)))
    elif kind == 12:
        word = rng.randint(0, 24 if code != 1 else 0) << 24
    return kind, code, word


def type6(rng):
    """Type, code and second word of an ICMPv6 error."""
    kind = rng.choice((1, 1, 2, 3, 4))
    code = {1: rng.randint(0, 7), 2: 0, 3: rng.randint(0, 1),
            4: rng.randint(0, 3)}[kind]
    word = 0
    if kind == 2:
        word = rng.choice((1280, 1281, 1300, 1492, 1500, 1501, 1520, 9000,
                           65535, 65556, 1 << 31, rng.randint(1280, 1600)))
    elif kind == 4:
        word = rng.choice((rng.randint(0, 44), rng.getrandbits(32)))
    return kind, code, word


def cut(rng, packet, room):
    """A packet as errors quote it: whole, or cut behind the IP header."""
    head = (packet[0] & 15) * 4 if packet[0] >> 4 == 4 else 40
    top = rng.choice((head + 8, head + 8, head + 64, len(packet), room))
    return packet[:max(head, min(room, rng.choice((top, len(packet),
                                 rng.randint(head, max(head, top))))))]


def error(rng, src, dst, room):
    """An ICMP error from src about a packet that dst sent to src."""
    four = len(src) == 4
    kind, code, word = type4(rng) if four else type6(rng)
    room = min(room, rng.choice((576, 576, LARGEST)) - 20 if four else 1240)
    inner = packet(rng, dst, src, True)
    counted, unit = (COUNTED4, 4) if four else (COUNTED6, 8)
    more = b""
    if kind in counted and rng.random() < 0.4:
        more = extension(rng)
        room = min(room, 1240 if unit == 8 else 556) - 8 - len(more)
        inner = inner[:max(128, rng.randint(128, room) // unit * unit)]
        inner += bytes(max(128 - len(inner), -len(inner) % unit))
        word |= len(inner) // unit << (24 - 8 * counted[kind])
    else:
        inner = cut(rng, inner, room - 8)
    return icmp_summed(src, dst, struct.pack("!BBHI", kind, code, 0, word) +
                       inner + more)


# IP

def addr(address):
    """The octets of an address: a string, a number or octets."""
    return address if isinstance(address, bytes) else \
        ipaddress.ip_address(address).packed


def upper(rng, src, dst, room, inner):
    """Protocol and payload."""
    kind = rng.choices(KINDS, WEIGHTS)[0]
    if kind == "error" and inner:
        kind = "echo"
    if kind in TRANSPORT:
        return kind, TRANSPORT[kind](rng, src, dst, room)
    if kind == "unknown":
        return rng.choice(UNKNOWN), unknown(rng, src, dst, room)
    function = {"echo": echo, "error": error, "icmp": other_icmp}[kind]
    return ICMP4 if len(src) == 4 else ICMP6, function(rng, src, dst, room)


def options4(rng, inner):
    """Valid IPv4 options; only outside also a source route to go."""
    options = b""
    for _ in range(rng.randint(1, 3)):
        slots = rng.randint(1, 3)
        route = bytes([rng.choice((131, 137)), 3 + 4 * slots, 4 + 4 * slots])
        if not inner and rng.random() < 0.05:
            route = put(route, 2, bytes([rng.choice((4, 4 * slots))]))
        addresses = rng.randbytes(4 * slots)
        options += rng.choice((
            b"\1", b"\x94\4\0\0", b"\x88\4" + rng.randbytes(2),
            route + addresses, bytes([7, 3 + 4 * slots, 4]) + addresses,
            bytes([68, 4 + 4 * slots, 5, 0]) + addresses,
            b"\x9e\6" + rng.randbytes(4), b"\x82\x0b" + bytes(9)))
    options = options[:40] if len(options) <= 40 else b"\1"
    return options + bytes(-len(options) % 4)


def lifetime(rng, inner):
    return rng.choice((0, 1, 64) if inner else (2, 3, 64, 128, 255, 255,
                                                 rng.randint(1, 255)))


def packet4(rng, src, dst, inner):
    options = options4(rng, inner) if rng.random() < 0.25 else b""
    head = 20 + len(options)
    proto, body = upper(rng, src, dst, LARGEST - head, inner)
    flags = rng.choice((0, 0x4000))
    if inner and proto in TRANSPORT and rng.random() < 0.05:
        size = rng.randint(1, 8) * 8
        if len(body) > size:
            body, flags = body[:size], 0x2000 | rng.choice((0, 0, 9, 185))
    data = struct.pack("!BBHHHBBH", 0x40 | head // 4, rng.getrandbits(8),
                       head + len(body), rng.choice((0, u16(rng))), flags,
                       lifetime(rng, inner), proto, 0) + src + dst + options
    return put(data, 10, checksum(data).to_bytes(2, "big")) + body


def padded(rng, size):
    """TLVs of size octets: unknown ones to skip, and a little padding."""
    data = b""
    while size - len(data) > 7 and rng.random() < 0.9:
        length = rng.randint(0, min(40, size - len(data) - 2))
        data += bytes([rng.choice((0x1e, 0x3e)), length])
        data += rng.randbytes(length)
    left = size - len(data)
    if left > 7:
        return data + bytes([0x1e, left - 2]) + rng.randbytes(left - 2)
    return data + (bytes([1, left - 2]) + bytes(left - 2) if left > 1
                   else bytes(left))


def header6(rng, kind, following, inner):
    size = 8 * rng.randint(0, 3)
    if kind != ROUTING:
        return bytes([following, size // 8]) + padded(rng, size + 6)
    left = int(not inner and rng.random() < 0.05)
    return bytes([following, size // 8, rng.choice((0, 3, 4, 253)),
                  left]) + rng.randbytes(size + 4)


def chain6(rng, proto, inner):
    """Next header and the extension headers in front of proto."""
    kinds = [kind for kind in (HOPOPTS, DSTOPTS, ROUTING, DSTOPTS)
             if rng.random() < 0.4]
    chain = b""
    for kind in reversed(kinds):
        chain = header6(rng, kind, proto, inner) + chain
        proto = kind
    return proto, chain


def packet6(rng, src, dst, inner):
    proto, body = upper(rng, src, dst, LARGEST - 40 - 32, inner)
    fragment = b""
    if inner and proto in TRANSPORT and rng.random() < 0.05:
        size = rng.randint(1, 8) * 8
        if len(body) > size:
            body = body[:size]
            fragment = struct.pack("!BBHI", proto, 0, rng.choice(
                (0, 0, 72, 1232)) | 1, rng.getrandbits(32))
            proto = FRAGMENT
    chain = b""
    if rng.random() < 0.25:
        proto, chain = chain6(rng, proto, inner)
        # Only what is in front of the fragment header leaves room to spare.
        if len(chain) + len(fragment) + len(body) > LARGEST - 40:
            body = b""
            proto, chain, fragment = NONEXT, b"", b""
    body = chain + fragment + body
    return struct.pack("!IHBB", 6 << 28 | rng.getrandbits(28), len(body),
                       proto, lifetime(rng, inner)) + src + dst + body


def packet(rng, src, dst, inner=False):
    return (packet4 if len(src) == 4 else packet6)(rng, src, dst, inner)


def ip4(rng, src, dst):
    """A valid IPv4 packet of at most 1400 octets."""
    return packet4(rng, addr(src), addr(dst), False)


def ip6(rng, src, dst):
    """A valid IPv6 packet of at most 1400 octets."""
    return packet6(rng, addr(src), addr(dst), False)


# Judges

class Invalid(Exception):
    pass


def need(condition, reason):
    if not condition:
        raise Invalid(reason)


def judge(function, *args):
    try:
        function(*args)
    except Invalid as reason:
        return str(reason)
    return None


def check_sum(src, dst, proto, body, covered=None):
    head = pseudo(src, dst, proto, len(body))
    need(fold(head + body[:covered]) == 0xffff, f"checksum of {proto}")


def check_udp(src, dst, body, sums, inner):
    need(len(body) >= 8, "UDP header")
    size = int.from_bytes(body[4:6], "big")
    need(8 <= size <= len(body), "UDP length")
    value = body[6:8]
    if value == b"\0\0":
        need(len(src) == 4 or inner, "UDP checksum missing")
    elif sums:
        check_sum(src, dst, UDP, body[:size])


def check_udplite(src, dst, body, sums, _):
    need(len(body) >= 8, "UDP-Lite header")
    cover = int.from_bytes(body[4:6], "big")
    need(cover == 0 or 8 <= cover <= len(body), "UDP-Lite coverage")
    if sums:
        need(body[6:8] != b"\0\0", "UDP-Lite checksum missing")
        check_sum(src, dst, UDPLITE, body, cover or None)


def check_tcp(src, dst, body, sums, _):
    need(len(body) >= 20, "TCP header")
    need(20 <= (body[12] >> 4) * 4 <= len(body), "TCP data offset")
    if sums:
        check_sum(src, dst, TCP, body)


def check_dccp(src, dst, body, sums, _):
    need(len(body) >= 12, "DCCP header")
    need(12 <= body[4] * 4 <= len(body), "DCCP data offset")
    coverage = body[5] & 15
    if sums:
        need(not coverage or body[4] * 4 + (coverage - 1) * 4 <=
             len(body) + 3, "DCCP coverage")
        check_sum(src, dst, DCCP, body,
                  (body[4] + coverage - 1) * 4 if coverage else None)


def check_sctp(_src, _dst, body, sums, _):
    if sums:
        need(len(body) >= 12, "SCTP header")
        need(crc32c(put(body, 8, bytes(4))) == body[8:12], "SCTP checksum")


def check_gre(_src, _dst, body, sums, _):
    if sums:
        need(len(body) >= 4, "GRE header")
        need(not body[0] & 0x80 or fold(body) == 0xffff, "GRE checksum")


CHECKS = {UDP: check_udp, UDPLITE: check_udplite, TCP: check_tcp,
          DCCP: check_dccp, SCTP: check_sctp, GRE: check_gre}


def check_extension(data):
    """RFC 4884 section 7."""
    need(len(data) >= 4 and data[0] >> 4 == 2, "extension version")
    need(data[2:4] == b"\0\0" or fold(data) == 0xffff, "extension checksum")
    at = 4
    while at < len(data):
        size = int.from_bytes(data[at:at + 2], "big")
        need(size >= 4 and size % 4 == 0 and at + size <= len(data),
             "extension object")
        at += size


def check_error(family, body, sums):
    """RFC 792, RFC 4443, RFC 4884: the packet inside and the extension."""
    counted, unit = (COUNTED4, 4) if family == 4 else (COUNTED6, 8)
    data, more = body[8:], b""
    size = body[4 + counted[body[0]]] * unit if body[0] in counted else 0
    if size:
        need(128 <= size <= len(data), "extension length")
        data, more = data[:size], data[size:]
        if sums:
            check_extension(more)
    total = int.from_bytes(data[2:4], "big") if family == 4 else \
        40 + int.from_bytes(data[4:6], "big")
    if size and sums < 2 and not any(data[total - 1:total]):
        sums = False		# that may be padding of a packet that was cut
    (parse4 if family == 4 else parse6)(data, False, sums)
    if size:
        need(not any(data[total:]), "padding in front of the extension")
    else:
        need(len(data) <= total, "more than the packet inside")


def check_icmp(src, dst, body, sums, inner):
    family = 4 if len(src) == 4 else 6
    need(len(body) >= 8 or (inner and not sums), "ICMP header")
    errors = ERRORS4 if family == 4 else range(128)
    if sums or (not inner and body[0] in errors):
        head = b"" if family == 4 else pseudo(src, dst, ICMP6, len(body))
        need(fold(head + body) == 0xffff, "ICMP checksum")
    known = (3, 11, 12) if family == 4 else (1, 2, 3, 4)
    if body and body[0] in known:
        need(not inner, "an error about an error")
        check_error(family, body, sums)


def check_upper(src, dst, proto, body, sums, inner):
    if proto == (ICMP4 if len(src) == 4 else ICMP6):
        check_icmp(src, dst, body, sums, inner)
    elif proto in CHECKS and (sums or not inner):
        CHECKS[proto](src, dst, body, sums, inner)


def check_options(options):
    at = 0
    while at < len(options) and options[at]:
        size = 1
        if options[at] != 1:
            need(at + 1 < len(options), "IPv4 options")
            size = options[at + 1]
            need(size >= 2 and at + size <= len(options), "IPv4 options")
        at += size


def parse4(data, whole=True, sums=True):
    """Raise Invalid if there is a reason."""
    need(len(data) >= 20 and data[0] >> 4 == 4, "IPv4 version")
    head = (data[0] & 15) * 4
    total, _, flags = struct.unpack("!HHH", data[2:8])
    need(20 <= head <= min(total, len(data)), "IPv4 header length")
    need(fold(data[:head]) == 0xffff, "IPv4 header checksum")
    need(not flags & 0x8000, "IPv4 reserved flag")
    check_options(data[20:head])
    if whole:
        need(total == len(data), "IPv4 total length")
        need(data[8], "TTL")
    if not flags & 0x3fff and total <= len(data):
        check_upper(data[12:16], data[16:20], data[9], data[head:total],
                    sums, not whole)


def upper6(data):
    """Protocol, its offset and the offset of a fragment header or None."""
    proto, at, fragment = data[6], 40, None
    while proto in (HOPOPTS, ROUTING, FRAGMENT, DSTOPTS):
        need(at + 8 <= len(data), "IPv6 extension header")
        need(fragment is None, "header behind the fragment header")
        size = 8
        if proto == FRAGMENT:
            fragment = at
        else:
            size += data[at + 1] * 8
        proto = data[at]
        at += size
        need(at <= len(data), "IPv6 extension header")
    return proto, at, fragment


def parse6(data, whole=True, sums=True):
    """Raise Invalid if there is a reason."""
    need(len(data) >= 40 and data[0] >> 4 == 6, "IPv6 version")
    total = 40 + int.from_bytes(data[4:6], "big")
    if whole:
        need(total == len(data), "IPv6 payload length")
        need(data[7], "hop limit")
    if total > len(data):
        return		# inside an error, cut
    proto, at, fragment = upper6(data[:total])
    if fragment is None:
        check_upper(data[8:24], data[24:40], proto, data[at:total], sums,
                    not whole)


def valid4(data, sums=True):
    """None, or what is wrong with an IPv4 packet.

    Without sums those that a translator only adjusts, and does not check, may
    be wrong: then a bad packet came in, and the same bad packet goes out.  With
    sums of 2 a packet in front of an RFC 4884 extension has to be right also if
    what ends it may be padding."""
    return judge(parse4, data, True, sums)


def valid6(data, sums=True):
    """None, or what is wrong with an IPv6 packet; sums as of valid4()."""
    return judge(parse6, data, True, sums)


# Hostile packets

def refreshed(data):
    """Make the IP and ICMP checksums right where that can be done."""
    if len(data) < 20:
        return data
    if data[0] >> 4 == 4:
        head = min(max(20, (data[0] & 15) * 4), len(data))
        data = put(data, 10, b"\0\0")
        data = put(data, 10, checksum(data[:head]).to_bytes(2, "big"))
        if data[9] == ICMP4 and len(data) >= head + 8:
            data = data[:head] + icmp_summed(bytes(4), bytes(4), data[head:])
    elif data[0] >> 4 == 6 and len(data) >= 48 and data[6] == ICMP6:
        data = data[:40] + icmp_summed(data[8:24], data[24:40], data[40:])
    return data


def interesting(rng):
    """An octet that headers dislike."""
    return rng.choice((0, 1, 2, 6, 17, 43, 44, 58, 60, 127, 128, 255,
                       rng.getrandbits(8)))


def somewhere(rng, data):
    """An offset, mostly in a header, never in an address of the outer."""
    first = 8 if data[0] >> 4 == 6 else 12
    last = 40 if data[0] >> 4 == 6 else 20
    top = rng.choice((first, last + 16, last + 80, len(data)))
    at = rng.randrange(max(1, min(top, len(data))))
    return at if not first <= at < last else rng.randrange(
        min(first, len(data)))


def spoil(rng, data):
    way = rng.randrange(6)
    at = somewhere(rng, data)
    if way == 0:
        return data[:rng.randint(1, len(data))]
    if way == 1:
        return data + rng.randbytes(rng.randint(1, 60))
    if way == 2:
        return put(data, at, bytes([data[at] ^ 1 << rng.randrange(8)]))
    if way == 3 and len(data) > 8:
        field = 2 if data[0] >> 4 == 4 else 4
        size = int.from_bytes(data[field:field + 2], "big")
        size = rng.choice((0, 1, 20, 28, size - 8, size - 1, size + 1,
                           size + 8, 65535)) & 0xffff
        return put(data, field, size.to_bytes(2, "big"))
    if way == 4 and at:
        return data[:at] + data[at + rng.randint(1, 8):]
    return put(data, at, bytes([interesting(rng)]))


def fitted(data):
    """Let the length of the outer header tell what is there."""
    if data[0] >> 4 == 4 and len(data) >= 20:
        return put(data, 2, len(data).to_bytes(2, "big"))
    if data[0] >> 4 == 6 and len(data) >= 40:
        return put(data, 4, (len(data) - 40).to_bytes(2, "big"))
    return data


def mutate(rng, packet):
    """A packet that is nearly valid; never empty."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        packet = spoil(rng, packet)
    if rng.random() < 0.5:
        packet = fitted(packet)
    if rng.random() < 0.7:
        packet = refreshed(packet)
    return packet
