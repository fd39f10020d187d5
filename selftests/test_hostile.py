#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What a hostile host may try, and must not get: to guess ports, to fill the
memory, to make packets take long, to keep what is to go, to reach another
namespace."""
import errno
import fcntl
import os
import struct
import subprocess
import sys
import time

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (ICMPv6EchoReply, ICMPv6EchoRequest, IPv6,
                                 IPv6ExtHdrDestOpt, PadN)
from scapy.layers.l2 import Ether
from scapy.packet import Raw

import ktap
from ktap import case, ok, same
from lab import CLIENT6, CLONE_NEWNET, CLONE_NEWUSER, HOST4, MAC_FAR, MAC_NEAR, \
    TOP, Lab, as_nobody, in_netns, run
from netlink_bad import Netlink, attr, enum

P = "64:ff9b::"
lab = Lab()


def configure(router):
    router.ctl("prefix add 64:ff9b::/96 private on")
    router.ctl("pool add 198.51.100.1")


def out(router, sport, host=2, dport=53):
    router.w6.send(IPv6(src=f"2001:db8:6::{host:x}", dst=P + HOST4) /
                   UDP(sport=sport, dport=dport) / Raw(b"x"))
    return router.w4.recv()


def ports():
    """RFC 6056: who sees some ports knows nothing of the next one."""
    seen = [out(lab, 3000 + n)[UDP].sport for n in range(300)]
    steps = [b - a for a, b in zip(seen, seen[1:])]
    common = max(steps.count(s) for s in set(steps))
    ok("6056 ports do not follow each other by a step", common < 10,
       (common, seen[:20]))
    low, high = min(seen), max(seen)
    ok("6056 and come of all there are", low < 10000 and high > 55000,
       (low, high))
    lab.ctl("session flush")
    again = [out(lab, 3000 + n)[UDP].sport for n in range(300)]
    alike = sum(a == b for a, b in zip(seen, again))
    ok("6056 the same hosts get other ones the next time", alike < 10, alike)
    lab.ctl("session flush")


def available():
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) for line in file
                    if line.startswith("MemAvailable"))


def fragments():
    """First fragments from ever new hosts, never followed by a second one."""
    data = bytes(UDP(sport=1, dport=53, len=1400)) + bytes(1000)
    before, count = available(), 30000
    start = lab.stats()
    for n in range(count):
        lab.w6.send_raw(
            struct.pack("!IHBB", 6 << 28, 8 + len(data), 44, 64) +
            bytes.fromhex("20010db80006") + struct.pack("!HQ", 0, 1000 + n) +
            bytes.fromhex("0064ff9b") + bytes(8) + bytes([192, 0, 2, 33]) +
            struct.pack("!BBHI", 17, 0, 1, n) + data)
    lab.counted("fragment", start, want=count // 4)
    lost = before - available()
    # The kernel's bound is 4 MiB; they would take more than 30, and several times
    # that where KASAN keeps what was freed.
    most = 16 if not os.path.exists("/sys/kernel/debug/kmemleak") else 100
    ok(f"{count} first fragments take little memory", lost < most << 10, lost)
    got = out(lab, 4000)
    ok("whole packets pass meanwhile", got is not None)


def chains():
    """Extension headers by the dozen."""
    def passes(n, last=17, behind=b""):
        raw = bytes(IPv6(src=CLIENT6, dst=P + HOST4) / UDP(
            sport=5000, dport=53) / Raw(b"long"))
        options = b"".join(
            struct.pack("!BB", 60 if i < n - 1 else last, 0) +
            bytes([1, 4, 0, 0, 0, 0]) for i in range(n)) + behind
        lab.w6.send_raw(raw[:4] + struct.pack(
            "!HB", len(raw) - 40 + len(options), 60 if n else 17) + raw[7:40] +
            options + raw[40:])
        return lab.w4.recv(1) is not None

    before = lab.stats()
    same("eight extension headers pass, nine and 100 do not",
         [True, True, False, False], [passes(n) for n in (0, 8, 9, 100)])
    same("which are counted", 2, lab.counted("bad_header", before, want=2))
    passes(9, 44, struct.pack("!BBHI", 17, 0, 1, 7))
    same("a fragment behind so many is not kept", 3,
         lab.counted("bad_header", before, want=3))


class Tap:
    """An interface of the router with a guest at it, who says what he likes about
    checksums and segments."""
    TUNSETIFF = 0x400454ca
    IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 2, 0x1000, 0x4000
    NEEDS_CSUM, GSO_TCPV4, GSO_UDP, GSO_TCPV6 = 1, 1, 3, 4

    def __init__(self):
        self.fd = in_netns(lab.ns, lambda: os.open("/dev/net/tun", os.O_RDWR))
        fcntl.ioctl(self.fd, self.TUNSETIFF, struct.pack(
            "16sH14x", b"tap0", self.IFF_TAP | self.IFF_NO_PI |
            self.IFF_VNET_HDR))
        lab.ip(f"link set tap0 address {MAC_NEAR} up")

    def send(self, ip, gso_type, gso_size, sum_offset, start=34):
        kind = 0x86dd if isinstance(ip, IPv6) else 0x800
        os.write(self.fd, struct.pack(
            "BBHHHH", self.NEEDS_CSUM, gso_type, start + 8, gso_size, start,
            sum_offset) +
            bytes(Ether(dst=MAC_NEAR, src=MAC_FAR, type=kind)) + bytes(ip))


def guests():
    """What a guest tells of his packets need not be true."""
    run("modprobe tun", check=False)
    tap = Tap()
    got = out(lab, 4002)
    packet = IP(src=HOST4, dst="198.51.100.1", flags=0)
    before = lab.stats()
    try:
        tap.send(packet / TCP(sport=53, dport=got[UDP].sport) /
                 Raw(bytes(3000)), Tap.GSO_TCPV6, 1000, 16)
        same("IPv4 that is to be cut as IPv6 is a bad header", 1,
             lab.counted("bad_header", before))
    except OSError as e:
        ktap.skip("IPv4 as IPv6", f"the kernel refuses it: {e}")
    whole = bytes(TCP(sport=53, dport=got[UDP].sport) / Raw(bytes(2780)))
    before = lab.stats()
    try:
        for flags, start in ("MF", 0), (0, 1400):
            tap.send(IP(src=HOST4, dst="198.51.100.1", proto=6, id=7,
                        flags=flags, frag=start // 8) /
                     Raw(whole[start:start + 1400]), Tap.GSO_TCPV4, 500, 16)
        same("a fragment is nothing to be cut", 2,
             lab.counted("fragment", before, want=2))
    except OSError as e:
        ktap.skip("cut fragments", f"the kernel refuses them: {e}")
    before = lab.stats()
    for proto, start in (UDP, 36), (UDP, 35), (UDP, 41), (TCP, 36), (TCP, 53):
        tap.send(packet / proto(sport=53, dport=got[UDP].sport) / Raw(bytes(100)),
                 0, 0, 0, start)
    same("a sum that would be put where a port is, too", 5,
         lab.counted("bad_offload", before, want=5))
    data = UDP(sport=53, dport=got[UDP].sport) / Raw(bytes(range(250)) * 12)
    tap.send(packet / data, Tap.GSO_UDP, 1000, 6)
    size = 0
    while piece := lab.w6.recv_raw(1):
        size += len(piece) - 48
    same("a datagram that an interface would have cut comes in fragments",
         len(data), size)
    for _ in range(2):
        tap.send(IPv6(src=CLIENT6, dst=P + HOST4) / UDP(sport=4002, dport=53) /
                 Raw(bytes(2992)), Tap.GSO_UDP, 1400, 6, start=54)
    pieces, ids = [], []
    while piece := lab.w4.recv_raw(1):
        pieces.append(IP(piece))
    for piece in pieces:
        ids += [piece.id] if piece.id not in ids else []
    same("those of IPv6 become fragments, told apart by their identifications",
         (2, False, [3000, 3000]), (len(ids), 0 in ids, [
             sum(len(p) - 20 for p in pieces if p.id == i) for i in ids]))
    connection = IPv6(src=CLIENT6, dst=P + HOST4)
    lab.w6.send(connection / TCP(sport=5005, dport=80, flags="S"))
    lab.w4.recv()
    tap.send(connection / IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(4))]) /
             TCP(sport=5005, dport=80, seq=0xf0000001, flags="A") /
             Raw(bytes(2864)), Tap.GSO_TCPV6, 1432, 16, start=62)
    size = 0
    while piece := lab.w4.recv_raw(1):
        size += len(piece) - 40
    same("segments behind destination options are as long as they are", 2864, size)
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) / ICMPv6EchoRequest(id=7))
    echo = lab.w4.recv()
    tap.send(packet / ICMP(type=0, id=echo[ICMP].id, chksum=0) / Raw(b"echo"), 0, 0,
             2)
    reply = lab.w6.recv()
    again = IPv6(bytes(reply))
    del again[ICMPv6EchoReply].cksum
    same("an echo whose sum is left to the interface has the right one",
         IPv6(bytes(again))[ICMPv6EchoReply].cksum, reply[ICMPv6EchoReply].cksum)
    # It is the interface that makes the inner sum.
    run(f"ip netns exec {lab.ns} ethtool -K eth6 tx off")
    tap.send(packet / UDP(sport=53, dport=got[UDP].sport, chksum=0) /
             IP(src="10.0.0.1", dst="10.0.0.2") /
             TCP(sport=1, dport=2, chksum=0x1234) / Raw(b"inner" * 10), 0, 0, 16,
             start=62)
    got = lab.w6.recv()
    again = IPv6(bytes(got))
    del again[UDP].chksum
    same("a tunnel without a sum gets one that holds what is inside, summed",
         (True, IPv6(bytes(again))[UDP].chksum),
         (b"\x12\x34" not in bytes(got)[88:], got[UDP].chksum))
    os.close(tap.fd)


def removal():
    """A pool goes while a client does not stop to use one port of it."""
    lab.ctl("pool add 203.0.113.1")
    lab.ctl("pool del 198.51.100.1")
    sender = subprocess.Popen([
        "ip", "netns", "exec", lab.w6.ns, sys.executable, "-c", f"""
import socket
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind(("far", 0))
data = bytearray(bytes.fromhex("{bytes(Ether(dst=MAC_NEAR, src=MAC_FAR) /
    IPv6(src=CLIENT6, dst=P + HOST4) / UDP(sport=7, dport=1)).hex()}"))
port = 0
while True:
    port = (port + 1) & 0xffff or 1
    data[56:58] = port.to_bytes(2, "big")
    sock.send(data)
"""])
    try:
        for n in range(10):
            time.sleep(0.3)
            lab.ctl("pool del 203.0.113.1")
            left = lab.json("status")[0]
            if left["sessions"] or left["bindings"]:
                break
            lab.ctl("pool add 203.0.113.1")
        same("nothing of it is left at once, ten times", (9, 0, 0),
             (n, left["sessions"], left["bindings"]))
        time.sleep(0.5)
        before = lab.stats()["translated_64"]
        ok("and it goes on with the one that is there",
           lab.counted("translated_64", {"translated_64": before}))
    finally:
        sender.kill()
        sender.wait()
    for noun in "pool", "prefix", "session":
        lab.ctl(f"{noun} flush")


def hole():
    """IPsec wants packets of a session that nobody has keys for: the session
    must not hold the interface of its namespace then."""
    other = Lab("hole")
    configure(other)
    out(other, 4001)
    other.ip(f"xfrm policy add src 0.0.0.0/0 dst {HOST4}/32 dir out tmpl "
             f"src 192.0.2.1 dst {HOST4} proto esp mode tunnel")
    for _ in range(3):
        other.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) /
                      UDP(sport=4001, dport=53) / Raw(b"x"))
    time.sleep(0.2)
    for ns in other.w6.ns, other.w4.ns, other.ns:
        run(f"ip netns del {ns}")
    time.sleep(13)
    ok("its namespace can go", "unregister_netdevice" not in
       run("dmesg").stdout)


HOST6 = bytes.fromhex("20010db8" + 16 * "0")


def binding(n):
    return {"PROTO": b"\x06", "ADDR4": bytes([203, 0, 113, 1]),
            "PORT4": n.to_bytes(2, "big"), "PORT6": n.to_bytes(2, "big"),
            "ADDR6": HOST6 + n.to_bytes(4, "big")}


def eip(n):
    return {"ADDR": bytes([203, 0]) + n.to_bytes(2, "big"),
            "TARGET6": HOST6 + n.to_bytes(4, "big")}


def pool(n):
    return {"ADDR": bytes([198, n, 0, 0]), "LEN": bytes([16])}


def tunnel():
    """What the host's own tunnel wraps is led back into it."""
    other = Lab("tunnel")
    other.ctl("prefix add 64:ff9b::/96 private on")
    other.ctl("eip add 203.0.113.9 to 2001:db8:99::9")
    other.ip("link add loop6 type sit local 192.0.2.1 remote 203.0.113.9")
    other.ip("link set loop6 up")
    other.ip("-6 route add 2001:db8:99::/64 dev loop6")
    run(f"ip netns exec {other.ns} ping -c 1 -W 1 2001:db8:99::1", check=False)
    same("a tunnel into itself is a loop", 1, other.stats()["loop"])
    ok("which the kernel need not break", "Dead loop" not in run("dmesg").stdout,
       run("dmesg").stdout)
    other.ip("link del loop6")
    # Its own interface would be in all namespaces to come.
    run("modprobe -r sit", check=False)


def fill(thing=binding, most=5000):
    """Things of one kind, one after another, until there is no more room."""
    nl = Netlink()
    cmd = enum("nat64_cmd")

    def add(noun, attrs):
        kind = enum(f"nat64_{noun}_attr")
        noun = noun.upper()
        return nl.ask(nl.family, cmd[f"NAT64_CMD_{noun}_ADD"], b"".join(
            attr(kind[f"NAT64_{noun}_{name}"], data)
            for name, data in attrs.items()))[0]

    code = add("prefix", {"ADDR": bytes.fromhex("0064ff9b" + 24 * "0"),
                          "LEN": bytes([96])})
    if code not in (0, errno.EEXIST):
        return 0, code
    code = n = 0
    while not code and n < most:
        n += 1
        code = add(thing.__name__, thing(n))
    return n - 1, code


def tenants():
    """Root of a user namespace has limits that he does not set."""
    run("rmmod nat64")
    run(f"insmod {TOP}/nat64.ko tenant_memory=1")
    flags = CLONE_NEWUSER, CLONE_NEWNET
    # 512 octets a binding, 256 an EIP; the address of bindings counts as one.
    for thing, most in ((binding, 2047), (eip, 4096), (pool, 0),
                        (binding, 2047)):
        # What the last one had comes back when it goes.
        end = time.monotonic() + 20
        while (got := as_nobody(lambda: fill(thing), *flags)) != \
                (most, errno.ENOMEM) and time.monotonic() < end:
            time.sleep(0.2)
        same(f"tenants get their share of {thing.__name__}s",
             (most, errno.ENOMEM), got)
    same("the host's own have no such limit", 10000,
         in_netns(lab.ns, lambda: fill(most=10000))[0] + 1)
    start = time.monotonic()
    lab.ctl("binding flush")
    took = time.monotonic() - start
    ok("they are flushed by one wait for all, not by one for a few", took < 1.5,
       took)
    run("rmmod nat64")


def namespaces():
    other = Lab("other")
    nouns = "prefix", "pool", "eip", "binding", "session"
    lab.ctl("eip add 203.0.113.7 to 2001:db8:6::7")
    got = out(lab, 4001)
    same("another namespace shows nothing of this one",
         [""] * len(nouns), [other.ctl(n).stdout for n in nouns])
    same("counts nothing of it", {}, {
        k: v for k, v in other.stats().items() if v})
    configure(other)
    for noun in nouns:
        other.ctl(f"{noun} flush")
    other.ctl("set ftp on session-max 1")
    lab.w4.send(IP(src=HOST4, dst="198.51.100.1", flags=0) /
                UDP(sport=53, dport=got[UDP].sport) / Raw(b"y"))
    ok("what it flushes is its own", lab.w6.recv() is not None)
    show = lab.ctl("show").stdout
    ok("as is what it sets", "session-max 1\n" not in show and
       "ftp on" not in show, show)
    before = lab.stats()
    ok("nor does a packet reach it", out(other, 4001) is None)
    time.sleep(0.2)
    same("by its counters", before, lab.stats())


configure(lab)
run("sysctl -qw kernel.unprivileged_userns_clone=1", check=False)
for test in (ports, fragments, chains, guests, namespaces, removal, hole,
             tunnel, tenants):
    case(test)
ktap.done()
