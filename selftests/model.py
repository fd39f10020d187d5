# SPDX-License-Identifier: GPL-2.0
"""A reference model of a stateless IP/ICMP translator (RFC 7915).

It is written from the RFCs and knows nothing of the module, so that each can
be held against the other.  A packet is read into the few fields that both
families share (Ip) and built anew in the other family:

    nat = Model("2001:db8:64::/96", eam=[("192.0.2.1/32", "2001:db8::1/128")])
    nat.to4(packet6)		# the whole IPv4 packet, or a Drop
    nat.to6(packet4)

Where the RFCs leave a choice:

  - An extension that is too long makes the packet inside give way first.
  - A protocol that means another thing in the other family is dropped: from
    IPv4 0, 43, 44, 58, 60 (and IGMP), from IPv6 1.
  - DF=1 goes with identification 0; the packet inside an error has 0.
  - UDP without checksum inside an error stays without; of a checksum that is
    cut in two the half that is there stays; a packet cut inside its headers
    makes the error untranslatable.
  - An ICMP error with a wrong checksum is dropped (RFC 5508 REQ-3), any other
    wrong checksum stays as wrong as it was.
  - What follows the packet inside, beyond its own length, is cut off.  An RFC
    4884 length below 128 octets or beyond the message counts as none.
  - The u octet and the suffix of an address are ignored when receiving.
  - A PMTU below 88 gives 68.

test_model.py holds it against the examples that the RFCs print, and against
itself.
"""
import ipaddress
import struct
from dataclasses import dataclass, replace

ICMP4, IGMP, TCP, UDP, DCCP, ICMP6, UDPLITE = 1, 2, 6, 17, 33, 58, 136
HOPOPTS, ROUTING, FRAGMENT, DSTOPTS = 0, 43, 44, 60

# Where the checksum with the pseudo-header is
SUM_AT = {TCP: 16, UDP: 6, DCCP: 6, UDPLITE: 6}

# IPv6 headers that RFC 7915 section 5.1 skips, and those that section 5.1.1
# does not allow behind a fragment header
SKIPPED = {HOPOPTS, ROUTING, DSTOPTS}
EXTENSION = SKIPPED | {FRAGMENT, 51, 135, 139, 140}

# As a next header these would mean another thing in the other family.
ONLY4 = {IGMP, HOPOPTS, ROUTING, FRAGMENT, DSTOPTS, ICMP6}
ONLY6 = {ICMP4}

# RFC 7915 section 4.2: destination unreachable by code, figure 3 of pointers
UNREACH6 = {0: 0, 1: 0, 3: 4, 5: 0, 6: 0, 7: 0, 8: 0, 9: 1, 10: 1, 11: 0,
            12: 0, 13: 1, 15: 1}
POINTER6 = {0: 0, 1: 1, 2: 4, 3: 4, 8: 7, 9: 6,
            12: 8, 13: 8, 14: 8, 15: 8, 16: 24, 17: 24, 18: 24, 19: 24}
# RFC 7915 section 5.2, figure 6
UNREACH4 = {0: 1, 1: 10, 2: 1, 3: 1, 4: 3}
POINTER4 = {0: 0, 1: 1, 4: 2, 5: 2, 6: 9, 7: 8,
            **dict.fromkeys(range(8, 24), 12),
            **dict.fromkeys(range(24, 40), 16)}
# RFC 1191 section 7.1
PLATEAUS = 65535, 32000, 17914, 8166, 4352, 2002, 1492

# What is not global in the IANA special-purpose registry (RFC 6890)
SPECIAL = [ipaddress.ip_network(net) for net in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "240.0.0.0/4")]
WELL_KNOWN = ipaddress.ip_network("64:ff9b::/96")


class Drop(Exception):
    """No packet comes out, and why.  It is false; two are always equal."""

    def __bool__(self):
        return False

    def __eq__(self, other):
        return isinstance(other, Drop)

    __hash__ = Exception.__hash__


@dataclass
class Ip:
    """What the headers of both families say."""
    src: int
    dst: int
    tclass: int
    ttl: int
    proto: int
    total: int			# length of the packet, as its header says
    size: int			# length of the payload, as its header says
    body: bytes			# the payload, as far as it is there
    frag: tuple = None		# identification, offset in octets, more
    df: bool = False
    ident: int = 0		# for an IPv4 packet without DF

    def later(self):
        """Is it a fragment without the transport header?"""
        return self.frag is not None and self.frag[1] > 0

    def part(self):
        """Is it a fragment?  An atomic one (RFC 6946) is whole."""
        return self.frag is not None and bool(self.frag[1] or self.frag[2])


# Checksums

def ones(data):
    """The ones' complement sum of RFC 1071: 2^16 is 1 modulo 2^16 - 1."""
    number = int.from_bytes(data, "big") << (len(data) & 1) * 8
    return number and (number % 0xffff or 0xffff)


def checksum(data):
    return ~ones(data) & 0xffff


def closed(total):
    """The checksum over a sum that is not a true zero."""
    return ~(total % 0xffff or 0xffff) & 0xffff


def moved(old, delta):
    """RFC 1624 equation 3: the checksum when what it sums moves by delta."""
    return closed((~old & 0xffff) + delta)


def put16(data, at, value):
    return data[:at] + value.to_bytes(2, "big") + data[at + 2:]


def get16(data, at):
    return data[at] << 8 | data[at + 1]


# Headers

def refuse_if(condition, reason):
    if condition:
        raise Drop(reason)


def check_options(options):
    """RFC 7915 section 4.1: only an unexpired source route counts."""
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        length = options[at + 1] if at + 1 < len(options) else 0
        refuse_if(length < 2 or at + length > len(options), "options")
        if options[at] in (131, 137):
            refuse_if(length < 3, "options")
            refuse_if(options[at + 2] <= length, "source route")
        at += length


def parse4(data, whole=True):
    """Read an IPv4 packet; all of it must be there if whole."""
    refuse_if(len(data) < 20 or data[0] >> 4 != 4, "IPv4 header")
    head = (data[0] & 15) * 4
    _, tos, total, ident, offset, ttl, proto = struct.unpack_from(
        "!BBHHHBB", data)
    refuse_if(head < 20 or head > total or head > len(data), "IPv4 header")
    refuse_if(whole and total > len(data), "IPv4 length")
    refuse_if(whole and ones(data[:head]) != 0xffff, "IPv4 checksum")
    check_options(data[20:head])
    frag = None
    if offset & 0x3fff:
        frag = ident, (offset & 0x1fff) * 8, bool(offset & 0x2000)
        refuse_if(frag[1] + total - head > 65535, "fragment length")
        refuse_if(frag[2] and (total - head) % 8, "fragment length")
    return Ip(int.from_bytes(data[12:16], "big"),
              int.from_bytes(data[16:20], "big"), tos, ttl, proto, total,
              total - head, bytes(data[head:total]), frag,
              bool(offset & 0x4000))


def skip6(data, end, size):
    """RFC 7915 section 5.1: the protocol, its offset, the fragment header."""
    proto, at, frag = data[6], 40, None
    while proto in SKIPPED or proto == FRAGMENT:
        refuse_if(at + 8 > end, "extension header")
        length = 8 if proto == FRAGMENT else data[at + 1] * 8 + 8
        refuse_if(at + length > end, "extension header")
        refuse_if(proto == ROUTING and data[at + 3], "segments left")
        if proto == FRAGMENT:
            refuse_if(data[at] in EXTENSION, "header behind fragment header")
            offset, ident = struct.unpack_from("!HI", data, at + 2)
            frag = ident, offset & 0xfff8, bool(offset & 1)
        proto = data[at]
        at += length
    if frag:
        length = 40 + size - at
        refuse_if(frag[1] + length > 65535, "fragment length")
        refuse_if(frag[2] and length % 8, "fragment length")
    return proto, at, frag


def parse6(data, whole=True):
    """Read an IPv6 packet; all of it must be there if whole."""
    refuse_if(len(data) < 40 or data[0] >> 4 != 6, "IPv6 header")
    first, size, _, ttl = struct.unpack_from("!IHBB", data)
    refuse_if(whole and 40 + size > len(data), "IPv6 length")
    end = min(len(data), 40 + size)
    proto, at, frag = skip6(data, end, size)
    return Ip(int.from_bytes(data[8:24], "big"),
              int.from_bytes(data[24:40], "big"), first >> 20 & 0xff, ttl,
              proto, 40 + size, 40 + size - at, bytes(data[at:end]), frag)


def build4(ip):
    """RFC 7915 sections 5.1 and 5.1.1."""
    total = 20 + ip.size
    refuse_if(total > 65535, "too long for IPv4")
    if ip.frag:
        ident, offset, more = ip.frag
        ident, flags = ident & 0xffff, offset >> 3 | more << 13
    elif total > 1260:
        ident, flags = 0, 0x4000
    else:
        ident, flags = ip.ident, 0
    head = struct.pack("!BBHHHBBHII", 0x45, ip.tclass, total, ident, flags,
                       ip.ttl, ip.proto, 0, ip.src, ip.dst)
    return put16(head, 10, checksum(head)) + ip.body


def build6(ip):
    """RFC 7915 section 4.1; no atomic fragments."""
    proto, size, extra = ip.proto, ip.size, b""
    if ip.frag:
        ident, offset, more = ip.frag
        extra = struct.pack("!BBHI", proto, 0, offset | more, ident)
        proto, size = FRAGMENT, size + 8
    return struct.pack("!IHBB", 6 << 28 | ip.tclass << 20, size, proto,
                       ip.ttl) + ip.src.to_bytes(16, "big") + \
        ip.dst.to_bytes(16, "big") + extra + ip.body


# Addresses

class Prefix:
    """RFC 6052 section 2: IPv4 addresses inside an IPv6 prefix."""

    def __init__(self, prefix, private=False):
        net = ipaddress.IPv6Network(prefix)
        if net.prefixlen not in (32, 40, 48, 56, 64, 96):
            raise ValueError(prefix)
        self.length = net.prefixlen
        self.base = int(net.network_address)
        if self.length == 96 and self.base >> 56 & 0xff:
            raise ValueError(f"{prefix}: bits 64 to 71")
        self.only_global = net == WELL_KNOWN and not private

    def embed(self, addr):
        self._check(addr)
        if self.length == 96:
            return self.base | addr
        bits = addr << 88 - self.length		# of 120: without the u octet
        return self.base | bits >> 56 << 64 | bits & (1 << 56) - 1

    def extract(self, addr):
        rest = 128 - self.length
        refuse_if(addr >> rest != self.base >> rest, "not in the prefix")
        bits = addr
        if self.length < 96:
            bits = addr >> 64 << 56 | addr & (1 << 56) - 1
            bits >>= 88 - self.length
        self._check(bits & 0xffffffff)
        return bits & 0xffffffff

    def _check(self, addr):
        """RFC 6052 section 3.1: the well-known prefix."""
        if self.only_global:
            special = ipaddress.IPv4Address(addr)
            refuse_if(any(special in net for net in SPECIAL), "not global")


class Table:
    """RFC 7757 section 3: explicit address mappings, the longest wins."""

    def __init__(self, entries):
        self.entries = []
        for v4, v6 in entries:
            net4 = ipaddress.IPv4Network(v4)
            net6 = ipaddress.IPv6Network(v6)
            bits4, bits6 = 32 - net4.prefixlen, 128 - net6.prefixlen
            if bits4 > bits6:
                raise ValueError(f"{v4} is larger than {v6}")
            self.entries.append((int(net4.network_address), bits4,
                                 int(net6.network_address), bits6))
        self.by4 = sorted(self.entries, key=lambda entry: entry[1])
        self.by6 = sorted(self.entries, key=lambda entry: entry[3])

    def six(self, addr):
        for net4, bits4, net6, bits6 in self.by4:
            if addr >> bits4 == net4 >> bits4:
                return net6 | (addr - net4) << bits6 - bits4
        return None

    def four(self, addr):
        for net4, bits4, net6, bits6 in self.by6:
            if addr >> bits6 == net6 >> bits6:
                return net4 | addr - net6 >> bits6 - bits4
        return None


def check_legal(*addrs):
    """RFC 7915 section 4.1, RFC 1812 section 5.3.7: no such IPv4 address."""
    for addr in addrs:
        refuse_if(addr >> 24 in (0, 127) or addr >> 24 >= 224, "address")


# ICMP errors

def mtu6(mtu, total, mtu4_link, mtu6_link):
    """RFC 7915 section 4.2, code 4; without an MTU by RFC 1191 plateaus."""
    if not mtu:
        mtu = next((p for p in PLATEAUS if p < total), 0)
    return max(1280, min(mtu + 20, mtu6_link, mtu4_link + 20))


def mtu4(mtu, mtu6_link, mtu4_link):
    """RFC 7915 section 5.2; 68 is the least that RFC 791 knows."""
    return max(68, min(mtu - 20, mtu4_link, mtu6_link - 20))


def row(table, key):
    refuse_if(key not in table, "ICMP code or pointer")
    return table[key]


def error6(kind, code, word, inner, mtus):
    """RFC 7915 section 4.2: type, code and second word in ICMPv6."""
    if kind == 3 and code == 2:
        return 4, 1, 6
    if kind == 3 and code == 4:
        return 2, 0, mtu6(word & 0xffff, inner.total, *mtus)
    if kind == 3:
        return 1, row(UNREACH6, code), 0
    if kind == 11:
        return 3, code, 0
    refuse_if(code not in (0, 2), "ICMP code or pointer")
    return 4, 0, row(POINTER6, word >> 24)


def error4(kind, code, word, inner, mtus):
    """RFC 7915 section 5.2: type, code and second word in ICMPv4."""
    if kind == 1:
        return 3, row(UNREACH4, code), 0
    if kind == 2:
        # "taking into account whether [it] includes a fragment header"
        return 3, 4, mtu4(word - 8 * (inner.frag is not None), *mtus)
    if kind == 3:
        return 11, code, 0
    if code == 1:
        return 3, 2, 0
    refuse_if(code != 0, "ICMP code or pointer")
    return 12, 0, row(POINTER4, word) << 24


# The translator

@dataclass(frozen=True)
class Way:
    """One direction: what is read and what is built."""
    parse: object
    build: object
    only: frozenset		# protocols of the source family
    icmp: tuple			# protocol before and after
    echo: dict			# type before and after
    error: object		# translates type, code and second word
    errors: frozenset		# types of errors before
    counted: frozenset		# ... those with a length of RFC 4884
    extended: frozenset		# ... types after that may carry extensions
    shift: tuple		# where in the second word the length is
    unit: tuple			# what it counts
    limit: int			# of an error after, in all
    head: int			# length of the IP header after


TO6 = Way(parse=parse4, build=build6, only=frozenset(ONLY4),
          icmp=(ICMP4, ICMP6), echo={8: 128, 0: 129}, error=error6,
          errors=frozenset({3, 11, 12}), counted=frozenset({3, 11, 12}),
          extended=frozenset({1, 3}), shift=(16, 24), unit=(4, 8),
          limit=1280, head=40)
TO4 = Way(parse=parse6, build=build4, only=frozenset(ONLY6),
          icmp=(ICMP6, ICMP4), echo={128: 8, 129: 0}, error=error4,
          errors=frozenset({1, 2, 3, 4}), counted=frozenset({1, 3}),
          extended=frozenset({3, 11}), shift=(24, 16), unit=(8, 4),
          limit=576, head=20)


def pseudo(way, old, new):
    """What the pseudo-header of ICMPv6 adds to the sum (or takes away)."""
    if way is TO6:
        return new.src + new.dst + new.size + ICMP6
    return -(old.src + old.dst + old.size + ICMP6)


def split(way, kind, word, data):
    """RFC 4884 section 4: the original datagram and the extension."""
    size = (word >> way.shift[0] & 0xff) * way.unit[0]
    if kind not in way.counted or size < 128 or size > len(data):
        return data, b""
    extension = data[size:]
    return data[:size], extension if len(extension) >= 4 else b""


def fill(way, word, data, extension):
    """RFC 4884 sections 4 and 5: second word, datagram and extension."""
    unit, room = way.unit[1], way.limit - way.head - 8
    if extension:
        space = max(128, (room - len(extension)) // unit * unit)
        data = data[:space]
        data += bytes(max(128 - len(data), -len(data) % unit))
        word |= len(data) // unit << way.shift[1]
    return word, (data + extension)[:room]


def udp6(new):
    """RFC 7915 section 4.5: the checksum that the IPv4 sender left out."""
    refuse_if(new.part(), "fragment without UDP checksum")
    size = get16(new.body, 4)
    total = new.src + new.dst + size + UDP + ones(new.body[:size])
    return put16(new.body, 6, closed(total) or 0xffff)


def check_transport(ip):
    """A transport header that claims more than there is goes nowhere."""
    body, proto = ip.body, ip.proto
    if ip.later() or proto not in SUM_AT:
        return
    least = {TCP: 20, DCCP: 12}.get(proto, 8)
    refuse_if(len(body) < least, "transport header")
    if proto == TCP:
        head = (body[12] >> 4) * 4
        refuse_if(head < 20 or head > len(body), "transport header")
    elif proto == DCCP:
        refuse_if(body[4] * 4 < 12 or body[4] * 4 > len(body),
                  "transport header")
    else:
        size = get16(body, 4)
        size = size or 8 if proto == UDPLITE else size
        refuse_if(size < 8 or (size > len(body) and not ip.part()),
                  "transport header")


def transport(way, old, new, inner):
    """RFC 7915 sections 4.5 and 5.5: the payload with its checksum right."""
    at = SUM_AT.get(old.proto)
    if at is None or old.later() or len(old.body) < at + 2:
        return old.body
    before = get16(old.body, at)
    if old.proto == UDP and not before:
        if inner:
            return old.body
        refuse_if(way is TO4, "no UDP checksum")
        return udp6(new)
    delta = new.src + new.dst - old.src - old.dst
    after = moved(before, delta)
    if old.proto in (UDP, UDPLITE):
        after = after or 0xffff
    return put16(old.body, at, after)


def echo(way, old, new, inner):
    """RFC 7915 sections 4.2 and 5.2: an echo, also one that is cut."""
    body = old.body
    refuse_if(old.part(), "fragment of ICMP")
    if inner and not body:
        return body
    refuse_if(body[0] not in way.echo, "ICMP type")
    kind = way.echo[body[0]]
    changed = bytes([kind]) + body[1:]
    if len(body) < 4:
        return changed
    delta = (kind - body[0] << 8) + pseudo(way, old, new)
    after = moved(get16(body, 2), delta)
    if len(body) == old.size and not any(put16(changed, 2, 0)):
        after = after or 0xffff		# ones' complement of a true zero
    return put16(changed, 2, after)


class Model:
    """A stateless translator: to6() and to4().

    prefix	RFC 6052 prefix of the IPv4 hosts
    eam		RFC 7757 mappings of IPv6 hosts
    clat	mappings of IPv4 hosts, of a CLAT (RFC 6877)
    router6	source of an ICMPv6 error whose own source maps to nothing
    router4	the same for ICMPv4 (RFC 6791)
    private	let the well-known prefix carry addresses that are not global
    """

    def __init__(self, prefix, eam=(), clat=(), router6=None, router4=None,
                 private=False):
        self.prefix = Prefix(prefix, private)
        self.eam = Table(eam)
        self.clat = Table(clat)
        self.router6 = router6 and int(ipaddress.IPv6Address(router6))
        self.router4 = router4 and int(ipaddress.IPv4Address(router4))

    def to6(self, packet4, mtu_in=1500, mtu_out=1500):
        """RFC 7915 section 4.  A packet without DF comes out in one piece,
        however long: fragment6() does what section 4.1 says of it."""
        try:
            old = parse4(packet4)
            packet = self._packet(TO6, old, (mtu_in, mtu_out), 0)
            refuse_if(old.df and len(packet) > mtu_out, "too big")
            return packet
        except Drop as drop:
            return drop

    def to4(self, packet6, mtu_in=1500, mtu_out=1500, ident=0):
        """RFC 7915 section 5; ident is for a packet without DF."""
        try:
            old = parse6(packet6)
            packet = self._packet(TO4, old, (mtu_in, mtu_out), ident)
            refuse_if(packet[6] & 0x40 and len(packet) > mtu_out, "too big")
            return packet
        except Drop as drop:
            return drop

    def _packet(self, way, old, mtus, ident):
        refuse_if(old.ttl < 2, "hop limit")
        if old.proto == way.icmp[0]:
            refuse_if(old.part(), "fragment of ICMP")
            refuse_if(len(old.body) < 8, "transport header")
            if old.body[0] in way.errors:
                new = self._error(way, old, mtus)
                return way.build(replace(new, ttl=old.ttl - 1, ident=ident))
        check_transport(old)
        new = self._ip(way, old, False)
        return way.build(replace(new, ttl=old.ttl - 1, ident=ident))

    def _ip(self, way, old, inner):
        """A packet or a packet inside an error, the error itself not."""
        refuse_if(old.proto in way.only, "protocol")
        src, dst = self._addresses(way, old, inner)
        if old.proto == way.icmp[0]:
            new = replace(old, src=src, dst=dst, proto=way.icmp[1])
            new.body = echo(way, old, new, inner)
        else:
            new = replace(old, src=src, dst=dst)
            new.body = transport(way, old, new, inner)
        return new

    def _error(self, way, old, mtus):
        """RFC 7915 sections 4.2, 4.3, 5.2, 5.3, RFC 4884."""
        refuse_if(self._icmp_sum(way, old) != 0xffff, "ICMP checksum")
        kind, code, _, word = struct.unpack_from("!BBHI", old.body)
        data, extension = split(way, kind, word, old.body[8:])
        inner = way.parse(data, False)
        kind, code, word = way.error(kind, code, word, inner, mtus)
        data = way.build(self._ip(way, inner, True))
        if kind not in way.extended:
            extension = b""
        word, data = fill(way, word, data, extension)
        src, dst = self._addresses(way, old, False, True)
        body = struct.pack("!BBHI", kind, code, 0, word) + data
        new = replace(old, src=src, dst=dst, proto=way.icmp[1], body=body,
                      size=len(body))
        total = ones(body) + (pseudo(way, old, new) if way is TO6 else 0)
        new.body = put16(body, 2, closed(total))
        return new

    @staticmethod
    def _icmp_sum(way, old):
        total = ones(old.body)
        if way is TO4:
            total = total - pseudo(way, old, old)
        return total and (total % 0xffff or 0xffff)

    def _addresses(self, way, old, inner, error=False):
        """Source and destination; inside an error the roles are swapped."""
        src, dst = old.src, old.dst
        if way is TO6:
            check_legal(src, dst)
        router = self.router6 if way is TO6 else self.router4
        # The host is the one that eam knows, the peer is the one of clat.
        host_is_src = (way is TO4) != inner
        host, peer = (src, dst) if host_is_src else (dst, src)
        lookup = "six" if way is TO6 else "four"
        other = self.prefix.embed if way is TO6 else self.prefix.extract
        host_to = getattr(self.eam, lookup)(host)
        peer_to = getattr(self.clat, lookup)(peer)
        if host_to is None and peer_to is None:
            refuse_if(not error or router is None, "no mapping")
            if host_is_src:
                host_to = router
            else:
                peer_to = router
        host_to = other(host) if host_to is None else host_to
        peer_to = other(peer) if peer_to is None else peer_to
        if way is TO4:
            check_legal(host_to, peer_to)
        return (host_to, peer_to) if host_is_src else (peer_to, host_to)


# Comparing

def fragment6(packet, ident, mtu=1280):
    """RFC 7915 section 4.1: what becomes of a packet that had no DF."""
    if len(packet) <= mtu:
        return [packet]
    ip, step = parse6(packet), (mtu - 48) & ~7
    return [build6(replace(ip, body=ip.body[at:at + step],
                           size=len(ip.body[at:at + step]),
                           frag=(ident, at, at + step < len(ip.body))))
            for at in range(0, len(ip.body), step)]


def join6(packets):
    """The packet that was cut; where it was cut is free."""
    parts = sorted((parse6(packet) for packet in packets),
                   key=lambda ip: ip.frag[1])
    at = 0
    for ip in parts:
        same = ip.frag[0] == parts[0].frag[0]
        last = ip is parts[-1]
        if not same or ip.frag[1] != at or ip.frag[2] == last:
            raise ValueError("not one packet")
        at += ip.size
    body = b"".join(ip.body for ip in parts)
    return build6(replace(parts[0], frag=None, body=body, size=len(body)))


def without_ident(data):
    """Zero an identification that is free, and the checksum above it."""
    if len(data) < 20 or data[0] >> 4 != 4 or get16(data, 6) & 0x7fff:
        return data
    return data[:4] + b"\0\0" + data[6:10] + b"\0\0" + data[12:]


def same4(want, got):
    """Equal but for identifications without DF, also inside an error?

    A right IPv4 header sums to nothing, so the ICMP checksum does not tell."""
    def masked(packet):
        packet = without_ident(packet)
        if len(packet) > 28 and packet[9] == ICMP4 and \
                packet[20] in TO6.errors and packet[0] == 0x45:
            packet = packet[:28] + without_ident(packet[28:])
        return packet
    if not isinstance(want, bytes) or not isinstance(got, bytes):
        return want == got
    return masked(want) == masked(got)
