#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The reference model against the RFCs' own examples and against itself:
packets of gen.py there and back again."""
import ipaddress
import random
import struct
import sys

import gen
import ktap
from model import DSTOPTS, FRAGMENT, HOPOPTS, ICMP4, ICMP6, ROUTING, SUM_AT, \
    UDP, Drop, Ip, Model, Prefix, Table, build4, build6, checksum, fragment6, \
    get16, join6, moved, mtu4, mtu6, ones, parse4, parse6, put16, same4

P = "2001:db8:64::/96"
HOST6, HOST4, PEER4 = "2001:db8:6::7", "198.51.100.7", "192.0.2.33"
PEER6 = "2001:db8:64::c000:221"
PAIR = [("198.51.100.0/24", "2001:db8:6::/120")]
PREFIXES = ("2001:db9::/32", "2001:db9:100::/40", "2001:db9:122::/48",
            "2001:db9:122:300::/56", "2001:db9:122:344::/64", P)


def num(address):
    return int(ipaddress.ip_address(address))


def check_rfc6052():
    """RFC 6052 section 2.4, tables 2 and 3."""
    for prefix, want in (
            ("2001:db8::/32", "2001:db8:c000:221::"),
            ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
            ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"),
            ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
            ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
            ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"),
            ("64:ff9b::/96", "64:ff9b::192.0.2.33")):
        table = Prefix(prefix, private=True)
        ktap.same(f"6052 2.4 {prefix}", num(want), table.embed(num(PEER4)))
        ktap.same(f"6052 2.4 {prefix} back", num(PEER4),
                  table.extract(num(want)))
        if table.length < 96:
            ktap.same(f"6052 2.3 {prefix} suffix ignored", num(PEER4),
                      table.extract(num(want) | 0x77))
    for address in "10.0.0.1", "192.0.2.33", "100.64.0.1", "8.8.8.8":
        try:
            got = bool(Prefix("64:ff9b::/96").embed(num(address)))
        except Drop:
            got = False
        ktap.same(f"6052 3.1 well-known prefix and {address}",
                  address == "8.8.8.8", got)


def check_rfc7757():
    """RFC 7757 section 3: the table and its translations."""
    table = Table((
        ("192.0.2.1", "2001:db8:aaaa::"),
        ("192.0.2.2/32", "2001:db8:bbbb::b/128"),
        ("192.0.2.16/28", "2001:db8:cccc::/124"),
        ("192.0.2.128/26", "2001:db8:dddd::/64"),
        ("192.0.2.192/29", "2001:db8:eeee:8::/62"),
        ("192.0.2.224/31", "64:ff9b::/127")))
    for last, want in ((1, "2001:db8:aaaa::"), (2, "2001:db8:bbbb::b"),
                       (16, "2001:db8:cccc::"), (24, "2001:db8:cccc::8"),
                       (31, "2001:db8:cccc::f"), (128, "2001:db8:dddd::"),
                       (152, "2001:db8:dddd:0:6000::"),
                       (183, "2001:db8:dddd:0:dc00::"),
                       (191, "2001:db8:dddd:0:fc00::"),
                       (193, "2001:db8:eeee:8:8000::"),
                       (199, "2001:db8:eeee:b:8000::"),
                       (224, "64:ff9b::"), (225, "64:ff9b::1")):
        four = num(f"192.0.2.{last}")
        ktap.same(f"7757 3 192.0.2.{last}", (num(want), four),
                  (table.six(four), table.four(num(want))))
    ktap.same("7757 3 no entry", (None, None),
              (table.six(num("192.0.2.3")), table.four(num("2001:db8::"))))
    table = Table((("192.0.2.0/24", "2001:db8:a::/120"),
                   ("192.0.2.1/32", "2001:db8:b::1/128"),
                   ("203.0.113.5/32", "2001:db8:a::5/128")))
    ktap.same("7757 3.3.1 the longest IPv4 prefix", num("2001:db8:b::1"),
              table.six(num("192.0.2.1")))
    ktap.same("7757 3.3.2 the longest IPv6 prefix", num("203.0.113.5"),
              table.four(num("2001:db8:a::5")))


def check_sums():
    """RFC 1071 section 3, RFC 1624 section 4, and a header of the wild."""
    ktap.same("1071 3", 0xddf2, ones(bytes.fromhex("0001f203f4f5f6f7")))
    ktap.same("1624 4", 0, moved(0xdd2f, 0x3285 - 0x5555))
    head = bytes.fromhex("4500007300004000401100 00c0a80001c0a800c7")
    ktap.same("IPv4 header", 0xb861, checksum(head))
    ktap.same("sum of an odd number", ones(b"\1\2\3\0"), ones(b"\1\2\3"))
    ktap.same("CRC32c", "839206e3", gen.crc32c(b"123456789").hex())


def raw4(proto, body, src=PEER4, dst=HOST4, ttl=64, **kw):
    return build4(Ip(num(src), num(dst), 0, ttl, proto, 0, len(body), body,
                     **kw))


def raw6(proto, body, src=HOST6, dst=PEER6, ttl=64, **kw):
    return build6(Ip(num(src), num(dst), 0, ttl, proto, 0, len(body), body,
                     **kw))


def icmp(family, kind, code, word, data):
    body = struct.pack("!BBHI", kind, code, 0, word) + data
    source, target = (PEER4, HOST4) if family == 4 else (HOST6, PEER6)
    body = gen.icmp_summed(gen.addr(source), gen.addr(target), body)
    return (raw4 if family == 4 else raw6)(ICMP4 if family == 4 else ICMP6,
                                           body)


def udp(family, size, towards=True):
    """A UDP packet of so many octets; the host's if towards the peer."""
    host, peer = (HOST4, PEER4) if family == 4 else (HOST6, PEER6)
    src, dst = (host, peer) if towards else (peer, host)
    head = 28 if family == 4 else 48
    body = struct.pack("!HHHH", 1000, 53, size - head + 8, 0) + \
        bytes(n & 255 | 1 for n in range(size - head))
    body = gen.summed(gen.addr(src), gen.addr(dst), UDP, body, 6)
    return (raw4 if family == 4 else raw6)(UDP, body, src, dst)


def told(packet):
    """Type, code and second word of an error, as the tables below."""
    if isinstance(packet, Drop):
        return "-"
    at = 20 if packet[0] >> 4 == 4 else 40
    kind, code, _, word = struct.unpack_from("!BBHI", packet, at)
    return f"{kind}/{code}/{word:x}"


def check_tables():
    """RFC 7915 sections 4.2 and 5.2, row by row."""
    nat, inner4, inner6 = Model(P, PAIR), udp(4, 60), udp(6, 80, False)

    def four(kind, code, word=0):
        return told(nat.to6(icmp(4, kind, code, word, inner4)))

    def six(kind, code, word=0):
        return told(nat.to4(icmp(6, kind, code, word, inner6)))

    ktap.same("7915 4.2 destination unreachable",
              "1/0/0 1/0/0 4/1/6 1/4/0 2/0/500 1/0/0 1/0/0 1/0/0 1/0/0 "
              "1/1/0 1/1/0 1/0/0 1/0/0 1/1/0 - 1/1/0 - -",
              " ".join(four(3, code) for code in range(18)))
    ktap.same("7915 4.2 time exceeded", "3/0/0 3/1/0",
              f"{four(11, 0)} {four(11, 1)}")
    ktap.same("7915 4.2 figure 3", "0 1 4 4 - - - - 7 6 - - 8 8 8 8 "
              "18 18 18 18 - - - - -", " ".join(
                  four(12, 0, n << 24).removeprefix("4/0/")
                  for n in range(25)))
    ktap.same("7915 4.2 parameter problem codes", "4/0/8 - 4/0/8 -",
              " ".join(four(12, code, 12 << 24) for code in range(4)))
    ktap.same("7915 4.2 what is dropped", {"-"}, {
        told(nat.to6(icmp(4, kind, 0, 0, inner4))) for kind in range(256)
        if kind not in (0, 3, 8, 11, 12)})
    ktap.same("7915 5.2 destination unreachable",
              "3/1/0 3/a/0 3/1/0 3/1/0 3/3/0 - -", " ".join(
                  six(1, code) for code in range(7)).replace("10", "a"))
    ktap.same("7915 5.2 time exceeded", "11/0/0 11/1/0",
              f"{six(3, 0)} {six(3, 1)}")
    ktap.same("7915 5.2 figure 6", "0 1 - - 2 2 9 8" + " c" * 16 +
              " 10" * 16 + " - -", " ".join(
                  six(4, 0, n).removeprefix("12/0/").removesuffix("000000")
                  for n in range(42)))
    ktap.same("7915 5.2 parameter problem codes", "12/0/0 3/2/0 - -",
              " ".join(six(4, code) for code in range(4)))
    ktap.same("7915 5.2 what is dropped", {"-"}, {
        told(nat.to4(icmp(6, kind, 0, 0, inner6))) for kind in range(256)
        if kind not in (1, 2, 3, 4, 128, 129)})
    ktap.same("7915 4.2, 5.2 echo", "128/0/70001 129/0/70001 8/0/70001 "
              "0/0/70001", f"{four(8, 0, 0x70001)} {four(0, 0, 0x70001)} "
              f"{six(128, 0, 0x70001)} {six(129, 0, 0x70001)}")


def check_mtus():
    """RFC 7915 sections 4.2 and 5.2, RFC 1191 section 7.1."""
    for args, want in (((1400, 0, 1500, 1500), 1420),
                       ((1480, 0, 1500, 1500), 1500),
                       ((1500, 0, 1500, 9000), 1520),
                       ((9000, 0, 1400, 9000), 1420),
                       ((9000, 0, 9000, 1450), 1450),
                       ((576, 0, 1500, 1500), 1280),
                       ((0, 1500, 9000, 9000), 1512),
                       ((0, 1492, 9000, 9000), 1280),
                       ((0, 9000, 9000, 9000), 8186)):
        ktap.same(f"7915 4.2 MTU of {args}", want, mtu6(*args))
    for args, want in (((1280, 1500, 1500), 1260), ((1500, 1500, 1500), 1480),
                       ((9000, 9000, 1500), 1500), ((9000, 1400, 9000), 1380),
                       ((1 << 31, 1500, 1500), 1480)):
        ktap.same(f"7915 5.2 MTU of {args}", want, mtu4(*args))


def shape(packet, family):
    """Of an error: octets of it all, its datagram field, its extension."""
    head, counted, unit = (28, 5, 4) if family == 4 else (48, 4, 8)
    field = packet[head - 8 + counted] * unit
    return len(packet), field, len(packet) - head - field if field else 0


def check_rfc4884():
    """RFC 4884 sections 4 and 5, RFC 7915 sections 4.2 and 5.2."""
    nat, more = Model(P, PAIR), b"\x20\0\xdf\xff"

    def four(kind, size, field, more=more, code=0):
        inner = udp(4, size)[:field]
        inner += bytes(field - len(inner))
        return nat.to6(icmp(4, kind, code, field // 4 << 16, inner + more))

    def six(size, field, more=more):
        inner = udp(6, size, False)[:field]
        inner += bytes(field - len(inner))
        return nat.to4(icmp(6, 1, 0, field // 8 << 24, inner + more))

    for what, want, got in (
            ("padded anew, 4->6", (180, 128, 4), shape(four(3, 60, 128), 6)),
            ("64-bit words", (204, 152, 4), shape(four(11, 300, 128), 6)),
            ("padded anew, 6->4", (160, 128, 4), shape(six(80, 128), 4)),
            ("32-bit words", (164, 132, 4), shape(six(300, 152), 4)),
            ("the datagram makes room, 6->4", (576, 444, 104),
             shape(six(1200, 1000, bytes(104)), 4)),
            ("the datagram makes room, 4->6", (1276, 928, 300),
             shape(four(3, 1200, 1000, bytes(300)), 6)),
            ("128 octets stay", (576, 128, 420),
             shape(six(1200, 128, bytes(500)), 4)),
            ("not behind 3/2", (128, 0, 0),
             shape(four(3, 60, 128, code=2), 6)),
            ("not behind 3/4", (128, 0),
             shape(four(3, 60, 128, code=4), 6)[:1] + (0,))):
        ktap.same(f"4884 {what}", want, got)
    got = four(3, 60, 128)
    ktap.same("4884 padding is zero, the extension stays",
              bytes(48) + more, got[128:])
    got = nat.to6(icmp(4, 3, 1, 0, udp(4, 60) + b"behind"))
    ktap.same("7915 4.3 nothing behind the packet inside", 128, len(got))
    got = nat.to4(icmp(6, 1, 0, 0, udp(6, 1200, False)))
    ktap.same("1812 4.3.2.3 at most 576", 576, len(got))
    got = nat.to6(icmp(4, 3, 1, 0, udp(4, 1300)))
    ktap.same("4443 2.4 at most 1280", 1280, len(got))


def dropped(what, reason, got):
    ktap.same(what, reason, str(got) if isinstance(got, Drop) else got)


def check_drops():
    """What no translator lets through."""
    nat = Model(P, PAIR)
    four, six = udp(4, 100, False), udp(6, 100)
    nested = raw4(ICMP4, b"\3" + bytes(7) + udp(4, 60, False), HOST4, PEER4)
    dropped("7915 4.3 an error about an error", "ICMP type",
            nat.to6(icmp(4, 3, 1, 0, nested)))
    dropped("7915 4.1 TTL of 1", "hop limit", nat.to6(raw4(99, b"", ttl=1)))
    dropped("7915 5.1 hop limit of 1", "hop limit",
            nat.to4(raw6(99, b"", ttl=1)))
    for proto in HOPOPTS, ROUTING, FRAGMENT, DSTOPTS, ICMP6:
        dropped(f"IPv4 protocol {proto} means another thing in IPv6",
                "protocol", nat.to6(raw4(proto, bytes(8))))
    dropped("IPv6 next header 1 means another thing in IPv4", "protocol",
            nat.to4(raw6(ICMP4, bytes(8))))
    dropped("7915 4.2 IGMP", "protocol", nat.to6(raw4(2, bytes(8))))
    dropped("8200 8.1 UDP without checksum", "no UDP checksum",
            nat.to4(put16(six, 46, 0)))
    dropped("7915 4.5 a fragment without checksum",
            "fragment without UDP checksum", nat.to6(raw4(
                UDP, put16(four[20:], 6, 0), frag=(1, 0, True))))
    for proto in 1, 58:
        got = (nat.to6 if proto == 1 else nat.to4)(
            (raw4 if proto == 1 else raw6)(proto, b"\x08" * 16,
                                           frag=(1, 8, False)))
        dropped(f"7915 1.2 a fragment of protocol {proto}",
                "fragment of ICMP", got)
    route = bytes([131, 7, 4, 192, 0, 2, 9, 0])
    for pointer, want in (4, "source route"), (8, four[20:]):
        head = bytes([0x47]) + four[1:20] + put16(route, 1, 0x700 | pointer)
        head = put16(put16(head, 2, len(four) + 8), 10, 0)
        got = nat.to6(put16(head, 10, checksum(head)) + four[20:])
        ktap.same(f"7915 4.1 a source route at {pointer}", want[8:],
                  str(got)[8:] if not got else got[48:])
    for left, want in (1, "segments left"), (0, 28):
        got = nat.to4(raw6(ROUTING, bytes([59, 0, 3, left, 0, 0, 0, 0]) +
                           b"12345678"))
        ktap.same(f"7915 5.1 segments left {left}", want,
                  len(got) if got else str(got))
    dropped("7915 5.1.1 a header behind a fragment header",
            "header behind fragment header", nat.to4(raw6(
                DSTOPTS, bytes(16), frag=(1, 0, True))))


def check_addresses():
    """Who is mapped by what."""
    nat, clat = Model(P, PAIR), Model(P, clat=PAIR)
    six = clat.to6(udp(4, 100))
    ktap.same("6877 a CLAT maps the source from IPv4",
              (num(HOST6), num(PEER6)), (parse6(six).src, parse6(six).dst))
    four = clat.to4(udp(6, 100, False))
    ktap.same("6877 a CLAT maps the destination from IPv6",
              (num(PEER4), num(HOST4)), (parse4(four).src, parse4(four).dst))
    dropped("no mapping from IPv4", "no mapping", nat.to6(udp(4, 100)))
    dropped("no mapping from IPv6", "no mapping",
            nat.to4(udp(6, 100, False)))
    dropped("outside the prefix", "not in the prefix",
            nat.to4(raw6(99, b"", dst="2001:db8:65::1")))
    for illegal in "127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255":
        dropped(f"7915 4.1 {illegal}", "address",
                nat.to6(raw4(99, b"", src=illegal)))
    router = "2001:db8:6::ffff"
    body = gen.icmp_summed(gen.addr(router), gen.addr(PEER6), struct.pack(
        "!BBHI", 3, 0, 0, 0) + udp(6, 80, False))
    from_router = raw6(ICMP6, body, src=router)
    dropped("6791 a router without a mapping", "no mapping",
            nat.to4(from_router))
    got = Model(P, PAIR, router4="192.0.0.8").to4(from_router)
    ktap.same("6791 a router by the address for all", num("192.0.0.8"),
              parse4(got).src)


def check_headers():
    """RFC 7915 sections 4.1, 5.1: what depends on flags and sizes."""
    nat = Model(P, PAIR)
    for size, want in ((1280, (0, 0x1234)), (1281, (0x4000, 0))):
        got = nat.to4(udp(6, size), ident=0x1234)
        ktap.same(f"7915 5.1 DF, {size} octets from IPv6", want,
                  (get16(got, 6), get16(got, 4)))
    four, six = udp(4, 100, False), udp(6, 120, False)
    got = nat.to6(put16(four, 26, 0))
    ktap.same("7915 4.5 a UDP checksum is made", get16(six, 46),
              get16(got, 46))
    body = put16(put16(four[20:], 8, 0), 6, 0)
    word = get16(nat.to6(raw4(UDP, body)), 46)
    body = gen.summed(gen.addr(PEER4), gen.addr(HOST4), UDP,
                      put16(body, 8, word), 6)
    ktap.same("768 a UDP checksum of zero is sent as ffff", 0xffff,
              get16(nat.to6(raw4(UDP, body)), 46))
    got = nat.to6(raw4(99, bytes(8), frag=(0xabcd, 64, True)))
    ktap.same("7915 4.1 fragment header", "63000041 0000abcd",
              got[40:48].hex(" ", 4))
    got = nat.to4(raw6(99, bytes(8), frag=(0x1234abcd, 64, False)), ident=7)
    ktap.same("7915 5.1.1 fragment", "abcd0008", got[4:8].hex())
    got = nat.to4(raw6(ICMP6, icmp(6, 128, 0, 9, b"")[40:],
                       frag=(0x1234abcd, 0, False)), ident=7)
    ktap.same("7915 5.1.1, 6946 an atomic fragment", "abcd0000",
              got and got[4:8].hex())
    got = nat.to6(raw4(99, b"12345678"))
    ktap.same("8021 no atomic fragment", 48, len(got))
    want = gen.icmp_summed(gen.addr(HOST6), gen.addr(PEER6), b"\x81" +
                           bytes(7))
    got = nat.to4(raw6(ICMP6, want))
    ktap.same("1071 a reply of zeros has the sum ffff", "0000ffff00000000",
              got[20:].hex())
    whole = nat.to6(udp(4, 1400, False))
    parts = fragment6(whole, 7)
    ktap.same("7915 4.1 fragments of 1280", [1280, 196],
              [len(part) for part in parts])
    ktap.same("fragments joined are the whole", whole, join6(parts))
    dropped("7915 4.1 DF and too big", "too big", nat.to6(udp(4, 1490, False)))
    got = nat.to6(udp(4, 1490, False), mtu_out=1510)
    ktap.ok("7915 4.1 DF and a larger link", len(got) == 1510)


def quote(family, inner):
    """The translation of an error about inner, from the inner packet on."""
    if family == 4:
        return Model(P, PAIR).to6(icmp(4, 3, 1, 0, inner))[48:]
    return Model(P, PAIR).to4(icmp(6, 1, 0, 0, inner))[28:]


def check_cuts():
    """RFC 7915 4.3, 5.3: a packet inside is the same wherever it is cut."""
    for family, src, dst, proto in ((4, HOST4, PEER4, ICMP4),
                                    (6, PEER6, HOST6, ICMP6)):
        raw = raw4 if family == 4 else raw6
        ends = gen.addr(src), gen.addr(dst)
        kinds = {**gen.TRANSPORT, proto: gen.echo}
        for number, kind in kinds.items():
            body = kind(random.Random(1), *ends, 300)
            inner = raw(number, body, src, dst)
            full, least = quote(family, inner), len(inner) - len(body)
            grown = 20 if family == 4 else -20
            bad = [size for size in range(least, len(inner))
                   if quote(family, inner[:size]) != full[:size + grown]]
            # Of half a checksum nothing can be known.
            at = {**SUM_AT, proto: 2}.get(number)
            ktap.same(f"7915 {family // 2 + 2}.3 {kind.__name__} cut "
                      "anywhere", [least + at + 1] if at else [], bad)


def hops_left(packet, hops):
    return packet[8 if packet[0] >> 4 == 4 else 7] > hops


def there_and_back6(packet):
    """What comes of an IPv6 packet behind a NAT64 and a CLAT."""
    proto, at, _ = gen.upper6(packet)
    first = int.from_bytes(packet[:4], "big") & 0xfff00000
    return struct.pack("!IHBB", first, len(packet) - at, proto,
                       packet[7] - 2) + packet[8:40] + packet[at:]


def there_and_back4(packet):
    """What comes of an IPv4 packet behind a CLAT and a NAT64."""
    head = (packet[0] & 15) * 4
    body = packet[head:]
    if packet[9] == UDP and not get16(body, 6):
        body = gen.summed(packet[12:16], packet[16:20], UDP, body, 6)
    total = 20 + len(body)
    start = struct.pack("!BBHHHBBH", 0x45, packet[1], total, 0,
                        0x4000 if total > 1260 else 0, packet[8] - 2,
                        packet[9], 0) + packet[12:20]
    return put16(start, 10, gen.checksum(start)) + body


def is_error(packet):
    if packet[0] >> 4 == 4:
        return packet[9] == ICMP4 and packet[(packet[0] & 15) * 4] in (
            3, 11, 12)
    proto, at, _ = gen.upper6(packet)
    return proto == ICMP6 and packet[at] < 128


def lasting(packet):
    """What no further translation of an error changes: but for its hop limit,
    and an MTU that gets smaller each time if the packet inside is a fragment.
    """
    four = packet[0] >> 4 == 4
    changing = [8, 10, 11] if four else [7]
    if four and packet[20:22] == b"\x03\x04":
        changing += [22, 23, 26, 27]
    if not four and packet[40] == 2:
        changing += [42, 43, 44, 45, 46, 47]
    packet = bytearray(packet)
    for at in changing:
        packet[at] = 0
    return packet


def back(packet, there, here, want):
    """None, or what is wrong after two translators."""
    between = there(packet)
    got = here(between) if between else between
    if isinstance(got, Drop):
        fair = str(got) in ("segments left", "source route", "ICMP type") or \
            str(got) == "hop limit" and not hops_left(packet, 2)
        if is_error(packet):
            fair = fair or str(got) in ("ICMP code or pointer",
                                        "extension header")
        return None if fair else f"dropped: {got}"
    if not is_error(packet):
        return None if got == want(packet) else "another packet"
    # An error loses detail, and where an extension follows a packet that was
    # cut the padding to 64 bits becomes a part of it; what is left then stays.
    if not hops_left(got, 4):
        return None
    got = here(there(got)) or got
    again = here(there(got))
    if not again:
        # Pointers and codes that one family has alone
        return None if str(again) == "ICMP code or pointer" else str(again)
    return None if lasting(got) == lasting(again) else "another error"


def sound(packet, to, before, after):
    """None, or how a translation of any packet is invalid."""
    got = to(packet)
    if isinstance(got, Drop):
        return None
    return after(got, False) or (not before(packet, 2) and after(got)) or None


def check_compare():
    """same4() forgives a free identification and nothing else."""
    nat = Model(P, PAIR)
    small, big = udp(6, 100), udp(6, 1300)
    fault = icmp(6, 1, 4, 0, udp(6, 80, False))
    for what, packet in ("small", small), ("error", fault):
        one, two = nat.to4(packet, ident=1), nat.to4(packet, ident=2)
        ktap.ok(f"another identification, {what}",
                one != two and same4(one, two))
    got = nat.to4(fault)
    inside = put16(put16(got[28:], 4, 5), 10, 0)
    other = got[:28] + put16(inside, 10, checksum(inside[:20]))
    ktap.ok("another identification inside", same4(got, other))
    ktap.ok("the same sum with it", gen.valid4(other) is None)
    got = nat.to4(big)
    ktap.ok("not with DF", not same4(got, put16(got, 4, 5)))
    ktap.ok("not another octet", not same4(got, got[:-1] + b"\0"))
    ktap.ok("not a drop", not same4(Drop("x"), got) and
            not same4(got, Drop("x")) and same4(Drop("x"), Drop("y")))


def check_seeds(count):
    """Packets of gen.py: valid, valid afterwards, the same when back."""
    nats = [Model(prefix, PAIR) for prefix in PREFIXES]
    clats = [Model(prefix, clat=PAIR) for prefix in PREFIXES]
    bad = {}

    def note(what, seed, reason):
        bad.setdefault(what, [])
        if reason:
            bad[what].append((seed, reason))

    for seed in range(count):
        rng = random.Random(seed)
        nat, clat = nats[seed % 6], clats[seed % 6]
        four = gen.ip4(rng, HOST4, PEER4)
        six = gen.ip6(rng, HOST6, nat.prefix.embed(num(PEER4)))
        from_peer = gen.ip4(rng, PEER4, HOST4)
        note("IPv4 as generated is valid", seed, gen.valid4(four))
        note("IPv6 as generated is valid", seed, gen.valid6(six))
        for what, packets in (("valid", (four, from_peer, six)), (
                "hostile", [gen.mutate(rng, packet) for packet in
                            (four, from_peer, six)])):
            for packet, to, before, after in zip(
                    packets, (clat.to6, nat.to6, nat.to4),
                    (gen.valid4, gen.valid4, gen.valid6),
                    (gen.valid6, gen.valid6, gen.valid4)):
                note(f"no invalid packet from a {what} one", seed,
                     sound(packet, to, before, after))
        note("IPv6 there and back", seed,
             back(six, nat.to4, clat.to6, there_and_back6))
        note("IPv4 there and back", seed,
             back(four, clat.to6, nat.to4, there_and_back4))
    for what, seeds in bad.items():
        ktap.same(f"{what}, {count} seeds", [], seeds[:5])


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    for check in (check_rfc6052, check_rfc7757, check_sums, check_tables,
                  check_mtus, check_rfc4884, check_drops, check_addresses,
                  check_headers, check_cuts, check_compare):
        ktap.case(check)
    ktap.case(check_seeds, count)
    ktap.done()


if __name__ == "__main__":
    main()
