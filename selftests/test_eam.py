#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""RFC 7757, 6791, 4884 and the options of RFC 7915: explicit mappings of whole
prefixes, every protocol, errors of routers.

What is expected comes from the reference model (model.py).
"""
import ipaddress
import os
import struct

import gen
import ktap
from ktap import case, ok, same
from lab import CLIENT6, HOST4, MAC_FAR, ROUTER4, Lab
from model import Model, checksum, put16, same4

PREFIX = "2001:db8:64::/96"
PEER6 = "2001:db8:64::c000:221"

# RFC 7757 section 3.2, figure 2 (with addresses that the router routes)
TABLE = [
    ("192.0.2.1/32", "2001:db8:aaaa::/128"),
    ("192.0.2.2/32", "2001:db8:bbbb::b/128"),
    ("192.0.2.16/28", "2001:db8:cccc::/124"),
    ("192.0.2.128/26", "2001:db8:dddd::/64"),
    ("192.0.2.192/29", "2001:db8:eeee:8::/62"),
    ("192.0.2.224/31", "2001:db9:ffff::/127"),
]
EXAMPLES = [
    ("192.0.2.1", "2001:db8:aaaa::"),
    ("192.0.2.2", "2001:db8:bbbb::b"),
    ("192.0.2.16", "2001:db8:cccc::"),
    ("192.0.2.24", "2001:db8:cccc::8"),
    ("192.0.2.31", "2001:db8:cccc::f"),
    ("192.0.2.128", "2001:db8:dddd::"),
    ("192.0.2.152", "2001:db8:dddd:0:6000::"),
    ("192.0.2.183", "2001:db8:dddd:0:dc00::"),
    ("192.0.2.191", "2001:db8:dddd:0:fc00::"),
    ("192.0.2.193", "2001:db8:eeee:8:8000::"),
    ("192.0.2.199", "2001:db8:eeee:b:8000::"),
    ("192.0.2.224", "2001:db9:ffff::"),
    ("192.0.2.225", "2001:db9:ffff::1"),
]
# A peer that is in none of them
FAR4, FAR6 = "9.0.0.33", "2001:db8:64::900:21"
MAPPED4, MAPPED6 = "203.0.113.7", "2001:db8:7::7"

lab = Lab()


def packed(addr):
    return ipaddress.ip_address(addr).packed


def ip(src, dst, proto, body, tos=0, ttl=64):
    """A whole packet of the family of its addresses."""
    src, dst = packed(src), packed(dst)
    if len(src) == 16:
        return struct.pack("!IHBB", 6 << 28 | tos << 20, len(body), proto,
                           ttl) + src + dst + body
    head = struct.pack("!BBHHHBBH", 0x45, tos, 20 + len(body), 7, 0, ttl,
                       proto, 0) + src + dst
    return put16(head, 10, checksum(head)) + body


def udp(src, dst, data=b"data", sport=1000, dport=2000):
    body = struct.pack("!4H", sport, dport, 8 + len(data), 0) + data
    return ip(src, dst, 17, gen.summed(packed(src), packed(dst), 17, body, 6))


def icmp6(src, dst, kind, code, word, data):
    body = struct.pack("!BBHI", kind, code, 0, word) + data
    return ip(src, dst, 58, gen.icmp_summed(packed(src), packed(dst), body))


def icmp4(src, dst, kind, code, word, data):
    body = struct.pack("!BBHI", kind, code, 0, word) + data
    return ip(src, dst, 1, put16(body, 2, checksum(body)))


def fresh(mappings=((MAPPED4 + "/32", MAPPED6 + "/128"),)):
    for noun in "eip", "binding", "pool", "prefix":
        lab.ctl(f"{noun} flush")
    lab.ctl(f"prefix add {PREFIX} private on")
    for four, six in mappings:
        lab.ctl(f"eip add {four} to {six}")
    lab.w4.drain()
    lab.w6.drain()


def through(packet):
    six = packet[0] >> 4 == 6
    (lab.w6 if six else lab.w4).send_raw(packet)
    return (lab.w4 if six else lab.w6).recv_raw()


def like_model(what, model, packet):
    want = model.to4(packet) if packet[0] >> 4 == 6 else model.to6(packet)
    got = through(packet)
    good = got and want and (same4(want, got) if got[0] >> 4 == 4 else
                             want == got)
    ok(what, good, f"want {want and want.hex()}\ngot  {got and got.hex()}\n"
       f"{lab.moved()}")


def addresses(packet):
    at, size = (12, 4) if packet[0] >> 4 == 4 else (8, 16)
    return tuple(str(ipaddress.ip_address(packet[i:i + size]))
                 for i in (at, at + size))


def example_mappings():
    """RFC 7757 section 3: its own table and addresses."""
    lab.ip("addr del 192.0.2.1/24 dev eth4")
    lab.ip("addr add 9.0.0.1/24 dev eth4")
    lab.ip(f"neigh add {FAR4} lladdr {MAC_FAR} dev eth4")
    fresh(TABLE)
    for four, six in EXAMPLES:
        got = through(udp(FAR4, four))
        same(f"7757 3.3.1 {four} becomes {six}", (FAR6, six),
             got and addresses(got))
        got = through(udp(six, FAR6))
        same(f"7757 3.3.2 {six} becomes {four}", (four, FAR4),
             got and addresses(got))
    got = through(udp("2001:db8:dddd:0:dc12:3456:789a:bcde", FAR6))
    same("7757 3.3.2 bits behind the suffix are ignored",
         ("192.0.2.183", FAR4), got and addresses(got))
    listed = {e["eip"]: e["to"] for e in lab.json("eip list")}
    same("the list shows them as they were given", {
        four.removesuffix("/32"): str(ipaddress.ip_network(six)).removesuffix(
            "/128") for four, six in TABLE}, listed)
    lab.ip("addr del 9.0.0.1/24 dev eth4")
    lab.ip("addr add 192.0.2.1/24 dev eth4")
    lab.ip(f"neigh replace {HOST4} lladdr {MAC_FAR} dev eth4")
    lab.ip("neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev eth4")
    lab.ip("route replace default via 192.0.2.2")


def longest_match():
    """RFC 7757 section 3.3: the longest match, both ways."""
    fresh([("203.0.113.0/24", "2001:db8:1::/120"),
           ("203.0.113.128/25", "2001:db8:2::/121"),
           ("203.0.113.200/32", "2001:db8:3::1/128"),
           ("198.18.0.0/24", "2001:db8:2::10:0/120")])

    def to6(four):
        got = through(udp(HOST4, four))
        return got and addresses(got)[1]

    def to4(six):
        got = through(udp(six, PEER6))
        return got and addresses(got)[0]

    same("7757 3.3.1 the shortest of three", "2001:db8:1::7f",
         to6("203.0.113.127"))
    same("7757 3.3.1 the middle one", "2001:db8:2::1", to6("203.0.113.129"))
    same("7757 3.3.1 the longest", "2001:db8:3::1", to6("203.0.113.200"))
    same("7757 3.3.2 and back", ["203.0.113.127", "203.0.113.129",
                                 "203.0.113.200", "198.18.0.5"],
         [to4(a) for a in ("2001:db8:1::7f", "2001:db8:2::1",
                           "2001:db8:3::1", "2001:db8:2::10:5")])
    lab.ctl("eip del 203.0.113.200")
    same("7757 without it the next longest holds", "2001:db8:2::48",
         to6("203.0.113.200"))
    lab.ctl("eip del 203.0.113.128/25")
    same("7757 and then the shortest", "2001:db8:1::c8",
         to6("203.0.113.200"))
    result = lab.ctl("pool add 203.0.113.64/28", False)
    ok("a pool inside a mapping is refused by name",
       "overlaps EIP 203.0.113.0/24" in result.stderr, result.stderr)
    result = lab.ctl("eip add 198.51.0.0/24 to 2001:db8:9::/121", False)
    ok("7757 3.2 an IPv6 suffix too short for the IPv4 suffix is refused",
       "too long to hold the IPv4 suffix" in result.stderr, result.stderr)
    lab.ctl("eip add 203.0.113.0/26 to 10.1.2.0/26", False)
    got = lab.ctl("eip add 198.51.0.0/24 to 10.7.8.0/24")
    lab.ctl("pool add 198.51.100.0/28")
    lab.ip("route add 10.0.0.0/8 via 192.0.2.2")
    got = through(udp(CLIENT6, "2001:db8:64::c633:9"))
    same("a range of EIPs of IPv4 servers", "10.7.8.9",
         got and addresses(got)[1])
    lab.ip("route del 10.0.0.0/8 via 192.0.2.2")


def hairpin():
    """RFC 7757 section 4: two mapped hosts by their IPv4 addresses."""
    fresh([("203.0.113.0/24", "2001:db8:7::/120")])
    lab.w6.send_raw(udp("2001:db8:7::7", "2001:db8:64::cb00:7109"))
    got = lab.w6.recv_raw()
    same("7757 4 a mapped host reaches another",
         ("2001:db8:64::cb00:7107", "2001:db8:7::9"),
         got and addresses(got))
    lab.w6.send_raw(icmp6("2001:db8:7::9", "2001:db8:64::cb00:7107", 1, 4, 0,
                          got))
    error = lab.w6.recv_raw()
    same("7757 4 and hears of errors",
         ("2001:db8:64::cb00:7109", "2001:db8:7::7"),
         error and addresses(error))
    same("7757 4 about the packet that it sent", udp(
        "2001:db8:7::7", "2001:db8:64::cb00:7109")[40:], error[88:])


def protocols():
    """RFC 7915 section 4.5: whatever it is, it is forwarded."""
    fresh()
    model = Model(PREFIX, eam=[(MAPPED4, MAPPED6)])
    # Behind an AH the kernel looks for a fragment header: there is none.
    data = b"\x3b" + os.urandom(39)
    for name, proto, body in (
            ("SCTP", 132, data), ("GRE", 47, data), ("ESP", 50, data),
            ("AH", 51, data), ("IPv6 in IP", 41, data), ("OSPF", 89, data),
            ("L2TP", 115, data), ("253", 253, data), ("an empty one", 254,
                                                      b"")):
        like_model(f"7915 5.1 {name} 6->4", model,
                   ip(MAPPED6, PEER6, proto, body))
        like_model(f"7915 4.1 {name} 4->6", model,
                   ip(HOST4, MAPPED4, proto, body))
    for name, proto, head in (
            ("UDP-Lite", 136, struct.pack("!4H", 1, 2, 8, 0)),
            ("DCCP", 33, struct.pack("!2HBBHBBHI", 1, 2, 4, 0, 0, 5, 0, 1,
                                     9))):
        for src, dst in (MAPPED6, PEER6), (HOST4, MAPPED4):
            cover = 8 if proto == 136 else None
            body = gen.summed(packed(src), packed(dst), proto, head + data, 6,
                              cover)
            like_model(f"7915 4.5 {name} from {src}, its checksum mended",
                       model, ip(src, dst, proto, body))
    lab.ctl("pool add 198.51.100.0/28")
    before = lab.stats()
    lab.w6.send_raw(ip(CLIENT6, PEER6, 132, data))
    same("6146 3.5 without a mapping SCTP is refused and counted", 1,
         lab.counted("unknown_protocol", before))
    got = lab.w6.recv_raw()
    ok("6146 3.5 with ICMPv6 1/4", got and got[40:42] == b"\x01\x04", got)
    before = lab.stats()
    lab.w4.send_raw(ip(HOST4, "198.51.100.1", 132, data))
    same("6146 3.5 from IPv4 as well", 1,
         lab.counted("unknown_protocol", before))
    got = lab.w4.recv_raw()
    ok("6146 3.5 with ICMPv4 3/2", got and got[20:22] == b"\x03\x02", got)
    for proto in 0, 2, 43, 44, 58, 60:
        before = lab.stats()
        lab.w4.send_raw(ip(HOST4, MAPPED4, proto, data))
        ok(f"IPv4 protocol {proto} means something else in IPv6",
           lab.counted("unknown_protocol", before) == 1)
    lab.w4.drain()


def extension(size=16):
    """RFC 4884 section 7: a structure with one object."""
    data = struct.pack("!BBHHBB", 0x20, 0, 0, size - 4, 1, 1) + \
        bytes(i & 255 for i in range(size - 8))
    return put16(data, 2, checksum(data))


def extensions():
    """RFC 4884: multi-part errors, both ways."""
    fresh()
    model = Model(PREFIX, eam=[(MAPPED4, MAPPED6)], router4=ROUTER4)
    for size in 20, 90, 128, 300, 500:
        inner = udp(MAPPED4, HOST4, bytes(size - 28) if size > 28 else b"")
        field = inner[:((size + 3) & ~3)].ljust(max(128, (size + 3) & ~3),
                                                b"\0")
        for kind in 3, 11:
            like_model(f"4884 4 ICMPv4 {kind}, {size} octets inside", model,
                       icmp4(HOST4, MAPPED4, kind, 1, len(field) // 4 << 16,
                             field + extension()))
        inner = udp(PEER6, MAPPED6, bytes(size))
        field = inner.ljust(max(128, (len(inner) + 7) & ~7), b"\0")
        for kind in 1, 3:
            like_model(f"4884 4 ICMPv6 {kind}, {len(inner)} octets inside",
                       model, icmp6(MAPPED6, PEER6, kind, 0,
                                    len(field) // 8 << 24,
                                    field + extension()))
    inner = udp(PEER6, MAPPED6, bytes(900))
    field = inner.ljust((len(inner) + 7) & ~7, b"\0")
    like_model("4884 the packet inside gives way to the extension", model,
               icmp6(MAPPED6, PEER6, 3, 0, len(field) // 8 << 24,
                     field + extension(100)))
    like_model("7915 4.2 an extension too long for the limit is cut", model,
               icmp6(MAPPED6, PEER6, 3, 0, 16 << 24,
                     udp(PEER6, MAPPED6, bytes(80)) + extension(600)))
    field = udp(MAPPED4, HOST4, bytes(100)).ljust(128, b"\0")
    for kind, code in (3, 2), (3, 4), (12, 0):
        like_model(f"4884 4.6 ICMPv4 {kind}/{code} has none in IPv6", model,
                   icmp4(HOST4, MAPPED4, kind, code, 32 << 16 | 1400,
                         field + extension()))


def too_big():
    """RFC 7915 section 5.2: the MTU, with and without a fragment header."""
    fresh()
    model = Model(PREFIX, eam=[(MAPPED4, MAPPED6)])
    inner = udp(PEER6, MAPPED6, bytes(1304))
    part = ip(PEER6, MAPPED6, 44, struct.pack("!BBHI", 17, 0, 1, 77) +
              inner[40:])
    for mtu in 1280, 1400, 1500, 70, 0:
        like_model(f"7915 5.2 packet too big, MTU {mtu}", model,
                   icmp6(MAPPED6, PEER6, 2, 0, mtu, inner[:600]))
    like_model("7915 5.2 packet too big about a fragment: 8 less", model,
               icmp6(MAPPED6, PEER6, 2, 0, 1400, part[:600]))


def router_errors():
    """RFC 6791: errors of IPv6 routers, which have no IPv4 address."""
    fresh()
    inner = udp(PEER6, MAPPED6, bytes(20))

    def source(n):
        got = through(icmp6(f"2001:db8:99::{n:x}", PEER6, 3, 0, 0, inner))
        return got and addresses(got)[0], got

    same("6791 by default from the router's own interface", ROUTER4,
         source(1)[0])
    lab.ctl("set icmp-source 203.0.113.64/26")
    net = ipaddress.ip_network("203.0.113.64/26")
    seen = [source(n)[0] for n in range(1, 30)]
    ok("6791 4.1 from the pool, by option", all(
        s and ipaddress.ip_address(s) in net for s in seen), seen)
    ok("6791 4.1 different routers differ", len(set(seen)) > 10, seen)
    same("6791 4.1 the same router is the same", seen[4], source(5)[0])
    same("6791 a host that is mapped has its own address", MAPPED4,
         addresses(through(icmp6(MAPPED6, PEER6, 3, 0, 0, inner)))[0])
    got = source(1)[1]
    same("6791 4.2 no extension by default", 0, got[25])
    lab.ctl("set icmp-extension on")
    got = source(1)[1]
    ok("4884 4 the packet inside is padded to 128 octets", got[25] == 32 and
       len(got) == 28 + 128 + 28, got and got.hex())
    ext = got[28 + 128:]
    ok("5837 4 the extension tells the IPv6 source", ext[:2] == b"\x20\0" and
       checksum(ext) == 0 and ext[4:12] == bytes.fromhex("0018020400020000")
       and ext[12:] == packed("2001:db8:99::1"), ext.hex())
    same("the error is valid", None, gen.valid4(got))
    lab.ctl("set icmp-extension off icmp-source interface")
    for word in "203.0.113.65/26", "224.0.0.0/24", "127.0.0.0/8":
        result = lab.ctl(f"set icmp-source {word}", False)
        ok(f"icmp-source {word} is refused", result.returncode == 2 and
           word.split("/", maxsplit=1)[0] in result.stderr, result.stderr)


def traffic_class():
    """RFC 7915 sections 4.1 and 5.1: copied, or set."""
    fresh()

    def tos():
        six = through(ip(HOST4, MAPPED4, 253, b"x", tos=0xb9))
        four = through(ip(MAPPED6, PEER6, 253, b"x", tos=0xb9))
        return int.from_bytes(six[:2], "big") >> 4 & 0xff, four[1]

    same("7915 4.1, 5.1 traffic class and TOS are copied", (0xb9, 0xb9),
         tos())
    lab.ctl("set tclass 0 tos 32")
    same("7915 4.1 the traffic class may be zero by option, but for ECN", 1,
         tos()[0])
    same("7915 5.1 TOS may be fixed by option, but for ECN", 33, tos()[1])
    lab.ctl("set tclass copy tos copy")
    same("and copied again", (0xb9, 0xb9), tos())


def echo_zero():
    """An echo reply of nothing but zeros has a checksum of ones."""
    fresh()
    model = Model(PREFIX, eam=[(MAPPED4, MAPPED6)])
    like_model("792 an echo reply of zeros 6->4", model,
               icmp6(MAPPED6, PEER6, 129, 0, 0, bytes(8)))
    like_model("792 an echo of zeros 6->4", model,
               icmp6(MAPPED6, PEER6, 128, 0, 0, bytes(8)))


def atomic():
    """RFC 7915 section 5.1.1, RFC 6946: a fragment header alone."""
    fresh()
    model = Model(PREFIX, eam=[(MAPPED4, MAPPED6)])
    whole = udp(MAPPED6, PEER6, b"atomic" * 210)
    packet = ip(MAPPED6, PEER6, 44, struct.pack("!BBHI", 17, 0, 0,
                                                0x1234abcd) + whole[40:])
    got = through(packet)
    ok("7915 5.1.1 an atomic fragment goes without DF, whatever its size",
       got and len(got) > 1260 and same4(model.to4(packet), got),
       got and got.hex())


for test in (protocols, extensions, too_big, router_errors, traffic_class, hairpin,
             longest_match, echo_zero, atomic, example_mappings):
    case(test)
ktap.done()
