# SPDX-License-Identifier: GPL-2.0
"""The packets of the differential test: one table for both modes.

"64" in a name: an IPv6 host sends it; "46": an IPv4 host.
"""
import struct

from scapy.layers.inet import ICMP, IP, TCP, UDP, \
    IPOption_LSRR, IPOption_NOP, IPOption_RR, IPOption_Router_Alert, \
    IPOption_SSRR, IPOption_Timestamp
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, \
    ICMPv6Unknown, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, \
    IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, PadN, RouterAlert
from scapy.packet import Raw

from lab import CLIENT6, HOST4
from peers import LOCAL4, OTHER_CLIENT6, STRANGER6

SERVER = "9.0.0.33"		# global, so that any prefix may carry it
ROUTER = "9.0.0.254"		# on the way to it
ROUTER6 = "2001:db8:9::1"	# on the way to the client
IDENT = 0x12345678		# of fragments
PREFIX64 = "2001:db8:122:344::/64"
SERVER64 = "2001:db8:122:344:9:0:2100:0"


def wkp(addr):
    return "64:ff9b::" + addr


class Packet:
    def __init__(self, name, side, pieces, **kw):
        self.name = name
        self.side = side		# 6 or 4
        self.pieces = [bytes(p) for p in pieces]
        # mtu: of the link it leaves by; dynamic: address and port of the
        # client are the translator's choice; stored: is answered much later
        self.mtu = kw.pop("mtu", 1500)
        self.dynamic = kw.pop("dynamic", False)
        self.stored = kw.pop("stored", False)
        self.prefix = kw.pop("prefix", None)
        self.ident = kw.pop("ident", None)
        assert not kw


class Table:
    def __init__(self, mode):
        self.mode = mode
        self.local4, self.other4 = LOCAL4[mode]
        self.packets = []

    def add(self, name, side, *pieces, **kw):
        self.packets.append(Packet(name, side, pieces, **kw))

    def a64(self, name, l4, src=CLIENT6, dst=wkp(SERVER), **kw):
        ip = {k: kw.pop(k) for k in ("hlim", "tc", "fl", "nh", "plen")
              if k in kw}
        self.add("64 " + name, 6, IPv6(src=src, dst=dst, **ip) / l4, **kw)

    def a46(self, name, l4, src=SERVER, dst=None, **kw):
        ip = {k: kw.pop(k) for k in ("ttl", "tos", "id", "flags", "options",
                                     "proto", "frag", "chksum", "len")
              if k in kw}
        self.add("46 " + name, 4, IP(src=src, dst=dst or self.local4, **ip) /
                 l4, **kw)


def data(n):
    return Raw(bytes(i * 7 & 255 for i in range(n)))


def sentinel(side, mode, prefix, number):
    """What shows that everything before it has been dealt with."""
    payload = Raw(struct.pack("!Q", number))
    if side == 6:
        return bytes(IPv6(src=CLIENT6, dst=SERVER64 if prefix else
                          wkp(SERVER)) / UDP(sport=4999, dport=7) / payload)
    return bytes(IP(src=SERVER, dst=LOCAL4[mode][0]) /
                 UDP(sport=7, dport=4999) / payload)


def sentinel_number(raw):
    """Of a sentinel, or None."""
    header = 40 if raw[0] >> 4 == 6 else 20
    ports = 4999, 7
    if len(raw) != header + 16 or struct.unpack(
            "!HH", raw[header:header + 4]) not in (ports, ports[::-1]):
        return None
    return struct.unpack("!Q", raw[-8:])[0]


def udp(n=16, out=True, port=4000, far=9, **kw):
    sport, dport = (port, far) if out else (far, port)
    return UDP(sport=sport, dport=dport, **kw) / data(n)


def tcp(flags, n=0, out=True, port=4000, **kw):
    sport, dport = (port, 80) if out else (80, port)
    kw.setdefault("options", [("MSS", 1220), ("NOP", None), ("WScale", 7)])
    return TCP(sport=sport, dport=dport, seq=0x12345678, ack=0x9abcdef0,
               flags=flags, window=4711, urgptr=3, **kw) / data(n)


def icmp4(t, c=0, rest=b"\0\0\0\0", inner=b""):
    return Raw(checked(bytes([t, c, 0, 0]) + rest + bytes(inner)))


def checked(body):
    """ICMP with its checksum."""
    whole = body + b"\0" * (len(body) & 1)
    total = sum(struct.unpack(f"!{len(whole) // 2}H", whole))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return body[:2] + struct.pack("!H", 0xffff - total) + body[4:]


def echo4(request=True, n=16, ident=4000):
    return ICMP(type=8 if request else 0, id=ident, seq=7) / data(n)


def echo6(request=True, n=16, ident=4000):
    cls = ICMPv6EchoRequest if request else ICMPv6EchoReply
    return cls(id=ident, seq=7, data=bytes(data(n)))


def error6(t, c=0, rest=b"\0\0\0\0", inner=b""):
    return ICMPv6Unknown(type=t, code=c, msgbody=rest + bytes(inner))


def word(n):
    return struct.pack("!I", n)


def opening(t):
    """Sessions for what follows."""
    t.a64("tcp syn", tcp("S"))
    t.a46("tcp syn-ack", tcp("SA", out=False))
    t.a64("tcp ack", tcp("A", options=[]))
    t.a64("udp", udp())
    t.a46("udp", udp(out=False))
    t.a64("echo request", echo6())
    t.a46("echo reply", echo4(False))
    t.a46("echo request", echo4(True))
    t.a64("echo reply", echo6(False))
    t.a64("udp of a port without binding", udp(port=30001), dynamic=True)
    t.a64("tcp syn of a port without binding", tcp("S", port=30001),
          dynamic=True)
    t.a64("echo of an id without binding", echo6(ident=30001), dynamic=True)


def sizes(t):
    for n in 1260, 1280, 1281, 1300, 1500:
        t.a64(f"udp, {n} bytes", udp(n - 48))
    t.a64("tcp, 1500 bytes", tcp("A", 1440, options=[]))
    t.a64("udp, no data", udp(0))
    t.a64("udp, odd data", udp(15))
    for n in 1260, 1261, 1280, 1480, 1481, 1500:
        for df in 0, 1:
            t.a46(f"udp, {n} bytes, df {df}", udp(n - 28, False),
                  flags=2 * df, id=IDENT & 0xffff, ident=IDENT)
    t.a46("tcp, 1500 bytes, df 1", tcp("A", 1460, False, options=[]), flags=2)
    t.a46("udp, no data", udp(0, False))
    t.a46("udp, odd data", udp(15, False))
    t.a46("reserved bit", udp(out=False), flags=4)
    for n in 1400, 1420, 1421:
        t.a64(f"udp, {n} bytes to a link of 1400", udp(n - 48), mtu=1400)
    for n, df in (1380, 1), (1381, 1), (1400, 0):
        t.a46(f"udp, {n} bytes, df {df} to a link of 1400",
              udp(n - 28, False), flags=2 * df, mtu=1400, id=IDENT & 0xffff,
              ident=IDENT)


def headers(t):
    t.a64("flow label", udp(), fl=0xabcde)
    for tos in 0xb8, 0x01, 0xb9, 0x02, 0xff:
        t.a64(f"traffic class {tos:#04x}", udp(), tc=tos)
        t.a46(f"tos {tos:#04x}", udp(out=False), tos=tos)
    for hops in 1, 2:
        t.a64(f"hop limit {hops}", udp(), hlim=hops)
        t.a46(f"ttl {hops}", udp(out=False), ttl=hops)
    pad = PadN(optdata=b"\0" * 4)
    hbh = IPv6ExtHdrHopByHop(options=[pad])
    dest = IPv6ExtHdrDestOpt(options=[pad])
    spent = IPv6ExtHdrRouting(segleft=0, addresses=["2001:db8::9"])
    t.a64("hop-by-hop", hbh / udp())
    t.a64("router alert", IPv6ExtHdrHopByHop(options=[RouterAlert()]) / udp())
    t.a64("destination options", dest / udp())
    t.a64("routing header, spent", spent / udp())
    t.a64("all three headers", hbh / dest / spent / dest / tcp("A", 5))
    t.a64("routing header, segments left",
          IPv6ExtHdrRouting(segleft=1, addresses=["2001:db8::9"]) / udp())
    t.a64("no next header", data(8), nh=59)
    t.a64("authentication header", Raw(
        bytes([17, 4]) + bytes(22)) / udp(), nh=51)
    t.a64("mobility header", Raw(bytes([59, 0]) + bytes(6)), nh=135)
    for name, opts in (
            ("nop", [IPOption_NOP()] * 4),
            ("record route", [IPOption_RR(routers=["0.0.0.0"])]),
            ("timestamp", [IPOption_Timestamp(flg=0)]),
            ("router alert", [IPOption_Router_Alert()]),
            ("40 bytes", [IPOption_NOP()] * 40),
            ("loose source route", [IPOption_LSRR(routers=["192.0.2.9"])]),
            ("strict source route", [IPOption_SSRR(routers=["192.0.2.9"])]),
            ("spent source route", [IPOption_LSRR(
                pointer=8, routers=["192.0.2.9"])])):
        t.a46(f"option {name}", udp(out=False), options=opts)


def checksums(t):
    t.a64("udp checksum zero", udp(chksum=0))
    t.a64("udp checksum wrong", udp(chksum=0x1234))
    t.a64("tcp checksum wrong", tcp("A", 4, chksum=0x1234))
    wrong = echo6()
    wrong.cksum = 0x1234
    t.a64("echo checksum wrong", wrong)
    t.a46("udp checksum zero", udp(out=False, chksum=0))
    t.a46("udp checksum zero, no data", udp(0, False, chksum=0))
    t.a46("udp checksum wrong", udp(out=False, chksum=0x1234))
    t.a46("tcp checksum wrong", tcp("A", 4, False, chksum=0x1234))
    wrong = echo4()
    wrong.chksum = 0x1234
    t.a46("echo checksum wrong", wrong)
    t.a46("header checksum wrong", udp(out=False), chksum=0x1234)
    coded = echo6()
    coded.code = 1
    t.a64("echo request with code 1", coded)
    t.a46("echo request with code 1", ICMP(type=8, code=1, id=4000) / data(9))
    t.add("64 padding behind the packet", 6, bytes(
        IPv6(src=CLIENT6, dst=wkp(SERVER)) / udp()) + bytes(6))
    t.add("46 padding behind the packet", 4, bytes(
        IP(src=SERVER, dst=t.local4) / udp(out=False)) + bytes(6))
    for side, add in (True, t.a64), (False, t.a46):
        add("udp length too long", udp(out=side, len=100))
        add("udp length too short", udp(out=side, len=12))
        add("udp header cut", Raw(bytes(udp(out=side))[:7]),
            **{"nh" if side else "proto": 17})
        add("tcp header cut", Raw(bytes(tcp("A", out=side))[:19]),
            **{"nh" if side else "proto": 6})


def fragments(t):
    def pieces6(size, whole, nh=17, order=1, ident=IDENT, last=True):
        out = [IPv6(src=CLIENT6, dst=wkp(SERVER)) / IPv6ExtHdrFragment(
            nh=nh, id=ident, offset=off // 8, m=int(off + size < len(whole)))
            / Raw(whole[off:off + size])
            for off in range(0, len(whole), size)]
        return (out if last else out[:-1])[::order]

    def pieces4(size, whole, proto=17, order=1, ident=IDENT & 0xffff,
                flags=0, last=True):
        out = [IP(src=SERVER, dst=t.local4, proto=proto, id=ident,
                  frag=off // 8,
                  flags=flags | (off + size < len(whole))) /
               Raw(whole[off:off + size])
               for off in range(0, len(whole), size)]
        return (out if last else out[:-1])[::order]

    def built(l4, src, dst):
        cls = IPv6 if ":" in src else IP
        return bytes(cls(src=src, dst=dst) / l4)[40 if cls is IPv6 else 20:]

    def add6(name, l4, size, nh=17, **kw):
        whole = built(l4, CLIENT6, wkp(SERVER))
        t.add(f"64 {name}", 6, *pieces6(size, whole, nh, **kw), ident=IDENT)

    def add4(name, l4, size, proto=17, **kw):
        whole = built(l4, SERVER, t.local4)
        t.add(f"46 {name}", 4, *pieces4(size, whole, proto, **kw),
              ident=IDENT)

    add6("udp fragments", udp(2000), 1024)
    add6("udp fragments backwards", udp(2000), 1024, order=-1,
         ident=IDENT + 1)
    add6("udp fragments of 1500", udp(2000), 1448)
    add6("tcp fragments", tcp("A", 1500), 1024, nh=6)
    add6("echo fragments", echo6(n=2000), 1024, nh=58)
    add6("atomic fragment", udp(), 1024)
    add6("small fragments", udp(100), 64)
    add4("udp fragments", udp(2000, False), 1024)
    add4("udp fragments backwards", udp(2000, False), 1024, order=-1)
    add4("udp fragments with df", udp(2000, False), 1024, flags=2)
    add4("udp fragments of 1500", udp(2000, False), 1480)
    add4("tcp fragments", tcp("A", 1500, False), 1024, proto=6)
    add4("echo fragments", echo4(n=2000), 1024, proto=1)
    add4("small fragments", udp(100, False), 64)
    add4("udp fragments, checksum zero", udp(2000, False, chksum=0), 1024)
    # Last, as reassembly waits for what does not come.
    add6("first fragment only", udp(2000), 1024, ident=IDENT + 7 * 65536,
         last=False)
    add4("first fragment only", udp(2000, False), 1024, last=False,
         ident=0x7777)


def inner6(l4=None, **kw):
    """A packet that the server sent, as the client got it."""
    kw.setdefault("hlim", 9)
    return bytes(IPv6(src=wkp(SERVER), dst=CLIENT6, **kw) /
                 (l4 or udp(out=False)))


def errors64(t):
    def err(name, ty, c=0, rest=b"\0\0\0\0", inner=None, **kw):
        t.a64(name, error6(ty, c, rest, inner6() if inner is None else
                           inner), **kw)

    for code in range(8):
        err(f"icmp 1/{code}", 1, code)
    for mtu in 0, 68, 1279, 1280, 1400, 1500, 9000, 65555, 1 << 31:
        err(f"icmp 2/0 mtu {mtu}", 2, 0, word(mtu))
    err("icmp 2/1 mtu 1400", 2, 1, word(1400))
    for code in 0, 1, 2:
        err(f"icmp 3/{code}", 3, code)
    for pointer in list(range(9)) + [23, 24, 39, 40, 256]:
        err(f"icmp 4/0 pointer {pointer}", 4, 0, word(pointer))
    for code in 1, 2, 3:
        err(f"icmp 4/{code}", 4, code, word(6))
    for ty in 0, 5, 100, 127, 130, 131, 132, 133, 135, 137, 139, 143, 200:
        err(f"icmp {ty}/0", ty)
    err("icmp error from a router", 3, src=ROUTER6)
    err("icmp 1/0 from a router", 1, src=ROUTER6)
    err("icmp 2/0 from a router", 2, 0, word(1400), src=ROUTER6)
    err("icmp error, traffic class 0xb8", 3, tc=0xb8)
    err("icmp error, traffic class 0xb9", 3, tc=0xb9)
    err("icmp error, hop limit 1", 3, hlim=1)
    bad = error6(3, 0, b"\0\0\0\0", inner6())
    bad.cksum = 0x1234
    t.a64("icmp error, checksum wrong", bad)
    whole = inner6(udp(64, False))
    for n in 0, 39, 40, 43, 44, 47, 48, 60:
        err(f"icmp error, {n} bytes inside", 3, inner=whole[:n])
    err("icmp error, tcp inside", 3, inner=inner6(tcp("A", 9, False)))
    err("icmp error, 8 bytes of tcp inside", 3,
        inner=inner6(tcp("A", 9, False))[:48])
    err("icmp error, echo reply inside", 3, inner=inner6(echo6(False)))
    err("icmp error, echo request inside", 3, inner=inner6(echo6(True)))
    err("icmp error, traffic class inside", 3,
        inner=inner6(tc=0xb8, fl=0xabcde))
    err("icmp error, hop-by-hop inside", 3, inner=inner6(
        IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]) /
        udp(out=False)))
    err("icmp error, first fragment inside", 3, inner=inner6(
        IPv6ExtHdrFragment(id=IDENT, m=1, nh=17) / udp(out=False)))
    err("icmp error, later fragment inside", 3, inner=inner6(
        IPv6ExtHdrFragment(id=IDENT, m=0, offset=128, nh=17) / data(64)))
    err("icmp error, atomic fragment inside", 3, inner=inner6(
        IPv6ExtHdrFragment(id=IDENT, m=0, nh=17) / udp(out=False)))
    err("icmp error, udp checksum zero inside", 3,
        inner=inner6(udp(out=False, chksum=0)))
    err("icmp error, length 0 inside", 3, inner=inner6(plen=0))
    err("icmp error, error inside", 3, inner=inner6(
        error6(1, 0, b"\0\0\0\0", inner6())))
    err("icmp error, of another host inside", 3,
        inner=bytes(IPv6(src=wkp(ROUTER), dst=CLIENT6) / udp(out=False)))
    err("icmp error, 600 bytes inside", 3, inner=inner6(udp(552, False)))
    err("icmp error, 1232 bytes inside", 3, inner=inner6(udp(1184, False)))
    err("icmp error, part of 1500 bytes inside", 3,
        inner=inner6(udp(1452, False))[:1232])
    extension(err, inner6, 8, (1, 0), (1, 4), (3, 0))


def extension(err, inner, unit, *kinds):
    """RFC 4884: an MPLS label behind a packet of 128 bytes."""
    label = checked(b"\x20\0\0\0" + struct.pack("!HBB", 8, 1, 1) +
                    bytes.fromhex("00191bff"))
    for ty, c in kinds:
        def rest(words):
            return bytes([words, 0, 0, 0] if unit == 8 else [0, words, 0, 0])
        cut = inner(udp(200, False, far=9) if unit == 8 else udp(200))[:128]
        err(f"icmp {ty}/{c} with extension", ty, c, rest(128 // unit),
            inner=cut + label)
    short = inner(udp(8, False) if unit == 8 else udp(8))
    padded = short + bytes(128 - len(short))
    err("icmp error, extension behind padding", *kinds[-1], rest(128 // unit),
        inner=padded + label)
    err("icmp error, extension length too long", *kinds[-1],
        rest(248 // unit), inner=cut + label)
    err("icmp error, extension of a long packet", *kinds[-1],
        rest(480 // unit),
        inner=inner(udp(900, False) if unit == 8 else udp(900))[:480] +
        label)


def errors46(t):
    def inner4(l4=None, **kw):
        """A packet that the client sent, as the server got it."""
        kw.setdefault("ttl", 9)
        kw.setdefault("flags", 2)
        return bytes(IP(src=t.local4, dst=SERVER, **kw) / (l4 or udp()))

    def err(name, ty, c=0, rest=b"\0\0\0\0", inner=None, **kw):
        t.a46(name, icmp4(ty, c, rest, inner4() if inner is None else inner),
              proto=1, **kw)

    for code in range(17):
        if code != 4:
            err(f"icmp 3/{code}", 3, code)
    for mtu in 0, 67, 68, 576, 1259, 1260, 1280, 1380, 1480, 1500, 65535:
        err(f"icmp 3/4 mtu {mtu}", 3, 4, word(mtu))
    err("icmp 3/4 mtu 0 of 1500 bytes", 3, 4, word(0),
        inner=inner4(udp(1472))[:556])
    for code in 0, 1, 2:
        err(f"icmp 11/{code}", 11, code)
    for pointer in list(range(21)) + [255]:
        err(f"icmp 12/0 pointer {pointer}", 12, 0, word(pointer << 24))
    for code in 1, 2, 3:
        err(f"icmp 12/{code}", 12, code, word(8 << 24))
    for ty in 1, 4, 5, 6, 9, 10, 13, 14, 15, 17, 18, 40, 42, 253:
        err(f"icmp {ty}/0", ty)
    err("icmp error from a router", 11, src=ROUTER)
    err("icmp error from a private router", 11, src="10.0.0.1")
    err("icmp 3/1 from a private router", 3, 1, src="10.0.0.1")
    err("icmp error from a documentation address", 11, src=HOST4)
    err("icmp error, type of service", 11, tos=0xb9)
    err("icmp error, ttl 1", 11, ttl=1)
    bad = bytes(icmp4(11, 0, inner=inner4()))
    t.a46("icmp error, checksum wrong", Raw(bad[:2] + b"\x12\x34" + bad[4:]),
          proto=1)
    whole = inner4(udp(64))
    for n in 0, 19, 20, 23, 24, 27, 28, 40:
        err(f"icmp error, {n} bytes inside", 11, inner=whole[:n])
    err("icmp error, tcp inside", 11, inner=inner4(tcp("A", 9)))
    err("icmp error, 8 bytes of tcp inside", 11,
        inner=inner4(tcp("A", 9))[:28])
    err("icmp error, echo request inside", 11, inner=inner4(echo4(True)))
    err("icmp error, echo reply inside", 11, inner=inner4(echo4(False)))
    err("icmp error, tos inside", 11, inner=inner4(tos=0xb8))
    err("icmp error, options inside", 11,
        inner=inner4(options=[IPOption_NOP()] * 4))
    err("icmp error, first fragment inside", 11,
        inner=inner4(flags=1, id=0x1234))
    err("icmp error, later fragment inside", 11,
        inner=inner4(data(64), proto=17, flags=0, frag=128, id=0x1234))
    err("icmp error, no df inside", 11, inner=inner4(flags=0, id=0x1234))
    err("icmp error, udp checksum zero inside", 11,
        inner=inner4(udp(chksum=0)))
    err("icmp error, length 0 inside", 11, inner=inner4(len=0))
    err("icmp error, header checksum wrong inside", 11,
        inner=inner4(chksum=0x1234))
    err("icmp error, error inside", 11, inner=inner4(
        icmp4(3, 1, inner=bytes(28)), proto=1))
    err("icmp error, of another host inside", 11,
        inner=bytes(IP(src="9.1.1.14", dst=SERVER) / udp()))
    err("icmp error, 600 bytes inside", 11, inner=inner4(udp(572)))
    err("icmp error, 1400 bytes inside", 11, inner=inner4(udp(1372)))
    extension(err, inner4, 4, (3, 1), (3, 3), (11, 0), (12, 0))


def addresses(t):
    for addr in ("0.0.0.0", "0.0.0.1", "10.0.0.1", "100.64.0.1", "127.0.0.1",
                 "169.254.1.1", "172.16.0.1", "192.0.0.1", "192.0.0.9",
                 "192.0.2.33", "192.88.99.1", "192.168.0.1", "198.18.0.1",
                 "203.0.113.99", "224.0.0.1", "239.1.1.1", "240.0.0.1",
                 "255.255.255.255"):
        t.a64(f"udp to {addr}", udp(), dst=wkp(addr))
        t.a46(f"udp from {addr}", udp(out=False), src=addr)
    for name, addr in (("link-local", "fe80::2"), ("loopback", "::1"),
                       ("unspecified", "::"), ("multicast", "ff0e::1"),
                       ("mapped", "::ffff:9.0.0.1"), ("local", "fd00::1"),
                       ("the prefix", wkp("9.0.0.1"))):
        t.a64(f"udp from {name}", udp(), src=addr, dynamic=True)
    t.a64("udp from a host without mapping", udp(), src=STRANGER6,
          dynamic=True)
    t.a64("echo from a host without mapping", echo6(), src=STRANGER6,
          dynamic=True)
    t.a64("tcp ack without session", tcp("A", port=30009), dynamic=True)
    t.a64("udp to its own address", udp(far=4000), dst=wkp(t.local4))
    t.a46("udp to a port without binding", udp(out=False, port=30002))
    t.a46("echo to an id without binding", echo4(ident=30002))
    t.a46("tcp ack without session", tcp("A", out=False, port=30002))
    t.a64("hairpin udp", udp(far=4000), dst=wkp(t.other4))
    t.a64("hairpin udp back", udp(far=4000), src=OTHER_CLIENT6,
          dst=wkp(t.local4))
    t.a64("hairpin tcp syn", TCP(sport=4000, dport=4000, flags="S"),
          dst=wkp(t.other4))
    t.a64("hairpin tcp to a port without binding", TCP(
        sport=4000, dport=81, flags="S"), dst=wkp(t.other4), stored=True)
    t.a64("hairpin echo", echo6(), dst=wkp(t.other4))
    t.a64("hairpin udp, hop limit 2", udp(far=4000), dst=wkp(t.other4),
          hlim=2)
    t.a64("hairpin error", error6(1, 4, b"\0\0\0\0", bytes(IPv6(
        src=wkp(t.local4), dst=OTHER_CLIENT6) / udp(far=4000))),
        src=OTHER_CLIENT6, dst=wkp(t.local4))


def protocols(t):
    """What is neither TCP, UDP nor ICMP."""
    for name, number, body in (
            ("sctp", 132, bytes(12) + b"payload!"),
            ("udp-lite", 136, bytes.fromhex("0fa0000900080000") + b"abcd"),
            ("dccp", 33, bytes.fromhex("0fa00009040000001200000000000001") +
             b"abcd"),
            ("gre", 47, bytes.fromhex("00000800") + bytes(20)),
            ("esp", 50, bytes(range(32))),
            ("ipv4 in ip", 4, bytes(IP() / UDP())),
            ("ipv6 in ip", 41, bytes(IPv6() / UDP())),
            ("ospf", 89, bytes(24)), ("reserved", 255, bytes(8))):
        t.a64(f"protocol {name}", Raw(body), nh=number)
        t.a46(f"protocol {name}", Raw(body), proto=number)
    t.a64("protocol icmpv4", Raw(bytes(echo4())), nh=1)
    t.a46("protocol icmpv6", Raw(bytes(8)), proto=58)
    t.a46("protocol fragment header", Raw(bytes([17]) + bytes(31)), proto=44)


def suffixes(t):
    """RFC 6052 section 2.2: what is behind the address is ignored."""
    prefix = PREFIX64
    clean = SERVER64
    dirty = "2001:db8:122:344:9:0:21ab:cdef"
    octet = "2001:db8:122:344:a509:0:2100:0"
    t.a64("suffix, clean", udp(), dst=clean, prefix=prefix)
    t.a64("suffix, dirty", udp(), dst=dirty, prefix=prefix)
    t.a64("suffix, octet u not zero", udp(), dst=octet, prefix=prefix)
    t.a46("suffix, back", udp(out=False), prefix=prefix)


def table(mode):
    t = Table(mode)
    for part in (opening, sizes, headers, checksums, errors64, errors46,
                 addresses, protocols, fragments):
        part(t)
    if mode == "stateless":
        suffixes(t)
    names = [p.name for p in t.packets]
    assert len(set(names)) == len(names)
    # A prefix is changed once, a link too but for the last packet, whose answer
    # after six seconds (RFC 6146 3.5.2.2) would else be taken for another's.
    return sorted(t.packets, key=lambda p: (
        p.prefix or "", p.stored, -p.mtu, p.mtu < 1500 and p.side))
