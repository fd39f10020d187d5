#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Memory that is not to be had, allocation by allocation.

The n-th allocation of a thread fails, for each n, until none is left to fail
(/proc/PID/fail-nth of the kernel's fault injection).  For loading the module and
for commands that is the test's own thread; for packets, that of the interface by
which they come in.  What fails leaves nothing half done; a packet that is lost
below a function of ours is counted, and the next one passes.  The trace tells
which allocation it was.
"""
import ctypes
import errno
import itertools
import os
import re
import socket
import struct
import sys
import time
from collections import Counter

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, IPv6
from scapy.packet import Raw

import ktap
from ktap import case, ok, same
from lab import CLIENT6, HOST4, TOP, Lab, in_netns, run
from netlink_bad import ACK, DUMP, REQUEST, Netlink, attr, enum

DEBUG = "/sys/kernel/debug"
MOST = 4000			# allocations of one action
P = "64:ff9b::"
SYS_FINIT_MODULE = 313
LIBC = ctypes.CDLL(None, use_errno=True)

if not os.path.isdir(f"{DEBUG}/failslab"):
    print("ok 1 faults # SKIP this kernel has no fault injection: KERNEL=debug")
    print("1..1")
    sys.exit()


def setting(path, value):
    with open(f"{DEBUG}/{path}", "w") as file:
        file.write(str(value))


def prepare():
    """Every allocation may fail, whatever it may wait for, without a word."""
    for name in "failslab", "fail_page_alloc":
        setting(f"{name}/ignore-gfp-wait", "N")
        setting(f"{name}/verbose", 0)
    setting("failslab/cache-filter", "N")
    setting("fail_page_alloc/ignore-gfp-highmem", "N")
    setting("fail_page_alloc/min-order", 0)


class Nth:
    """The n-th allocation of a thread fails."""

    def __init__(self, task="thread-self"):
        self.fd = os.open(f"/proc/{task}/fail-nth", os.O_RDWR)

    def set(self, n):
        os.pwrite(self.fd, str(n).encode(), 0)

    def left(self):
        return int(os.pread(self.fd, 20, 0))

    def during(self, n, function, *args):
        """What function returns, and whether there was an n-th one."""
        self.set(n)
        try:
            value = function(*args)
        finally:
            left = self.left()
            self.set(0)
        return value, left == 0


# What the kernel says of a lack of memory by itself, with a trace of calls.
LACKS = re.compile(r"kmem_cache_create\S* failed with error|"
                   r"kobject_add_internal failed|Unable to allocate memory|"
                   r"kmemleak: Cannot allocate|unreliable refcount tracker|"
                   r"WARNING: .* event_define_fields")


def said():
    """The kernel's reports but those."""
    log = run("dmesg -c").stdout
    return [line for line in log.splitlines() if re.search(
        "BUG|WARNING|KASAN|UBSAN|RCU|circular|sleeping|leak|refcount", line) and
        not LACKS.search(line)]


def load(nth):
    """As insmod, in this thread."""
    run("rmmod nat64")
    same("the kernel has nothing to say before that", [], said())
    fd = os.open(f"{TOP}/nat64.ko", os.O_RDONLY)
    codes = set()
    for n in range(1, MOST):
        code, there = nth.during(n, lambda: LIBC.syscall(
            SYS_FINIT_MODULE, fd, b"", 0) and ctypes.get_errno())
        if code:
            codes.add(code)
            if os.path.isdir("/sys/module/nat64"):
                ok(f"loading without allocation {n} leaves nothing", False,
                   os.strerror(code))
                break
        else:
            run("rmmod nat64")
        if not there:
            break
    os.close(fd)
    print(f"# {n - 1} allocations to load the module")
    ok("without memory the module does not load, and says so",
       codes == {errno.ENOMEM}, codes)
    ok("it loads in the end", n > 50 and not code, (n, code))
    same("nor after it, but that it lacks memory", [], said())


def commands(nth):
    router = Lab()
    cmd = enum("nat64_cmd")
    enums = {name: enum(f"nat64_{name}_attr") for name in (
        "prefix", "pool", "eip", "binding", "config", "interface")}

    def attrs(kind, **values):
        return b"".join(attr(enums[kind][f"NAT64_{kind}_{name}".upper()], data)
                        for name, data in values.items())

    v4, v6 = socket.inet_aton, lambda x: socket.inet_pton(socket.AF_INET6, x)
    u32 = struct.Struct("I").pack
    eth6 = attrs("interface", name=b"eth6\0")
    prefix = attrs("prefix", addr=v6("64:ff9b::"), len=b"\x60")
    pool = attrs("pool", addr=v4("198.51.100.0"), len=b"\x18")
    eip = attrs("eip", addr=v4("203.0.113.0"), len=b"\x18",
                target6=v6("2001:db8:6::"), target6_len=b"\x78")
    binding = attrs("binding", proto=b"\x06", addr4=v4("192.0.2.9"),
                    port4=b"\0\x50", addr6=v6("2001:db8:6::9"),
                    port6=b"\0\x50")
    options = attrs("config", udp_timeout=u32(200), session_max=u32(1000),
                    ftp=u32(1), tos=u32(8))
    back = attrs("config", udp_timeout=u32(300), session_max=u32(100000),
                 ftp=u32(0), tos=u32(256))
    fast, slow = (attrs("config", fastpath=u32(x)) for x in (1, 0))

    def read(nl, name, flags):
        """What the kernel tells, as octets."""
        nl.sock.send(struct.pack("IHHIIBBH", 20, nl.family, flags, 1, 0,
                                 cmd[f"NAT64_CMD_{name}_GET"], 1, 0))
        told = b""
        while True:
            data = nl.sock.recv(65536)
            while data:
                size, kind = struct.unpack_from("IH", data)
                if kind in (2, 3):
                    return told
                told += data[16:size]
                data = data[(size + 3) & ~3:]

    def state():
        nl = in_netns(router.ns, Netlink)
        try:
            return [read(nl, name, REQUEST | DUMP) for name in (
                "PREFIX", "POOL", "EIP", "BINDING", "INTERFACE")] + \
                [read(nl, "CONFIG", REQUEST | ACK)]
        finally:
            nl.sock.close()

    def ask(name, body=b"", flags=REQUEST | ACK, n=0):
        """Its error code, and whether there was an n-th allocation; name may be
        several commands of one socket, to the first that fails."""
        nl = in_netns(router.ns, Netlink)

        def go():
            try:
                for one, octets in name if body is None else [(name, body)]:
                    code = nl.ask(nl.family, cmd[f"NAT64_CMD_{one}"], octets,
                                  flags)[0]
                    if code:
                        return code
                return 0
            except OSError as e:
                return e.errno or -1
        try:
            return nth.during(n, go)
        finally:
            nl.sock.close()

    def try_all(what, name, body, undo=None):
        """A command, and the one that takes it back."""
        before = state()
        ask(name, body)
        after = state()
        if undo:
            ask(*undo)
        same(f"{what} can be taken back", before, state())
        codes = set()
        for n in range(1, MOST):
            code, there = ask(name, body, n=n)
            codes.add(code)
            now = state()
            # Without memory for the answer nobody knows what became of it.
            good = now == after if code == 0 else now == before or (
                code == errno.ENOBUFS and now == after)
            if not good:
                ok(f"{what} without allocation {n}", False,
                   f"{os.strerror(code)}: {before}\n{after}\n{now}")
                break
            if undo and now != before:
                ask(*undo)
            if not there:
                break
        ok(f"{what}: {n - 1} allocations, whole or not at all",
           code == 0 and codes <= {0, errno.ENOMEM, errno.ENOBUFS} and
           len(codes) > 1, codes)

    ask("CONFIG_SET", back)
    try_all("a prefix", "PREFIX_ADD", prefix, ("PREFIX_DEL", prefix))
    ask("PREFIX_ADD", prefix)
    try_all("its end", "PREFIX_DEL", prefix, ("PREFIX_ADD", prefix))
    try_all("the end of all", "PREFIX_FLUSH", b"", ("PREFIX_ADD", prefix))
    try_all("a pool", "POOL_ADD", pool, ("POOL_DEL", pool))
    ask("POOL_ADD", pool)
    try_all("its end", "POOL_DEL", pool, ("POOL_ADD", pool))
    try_all("an EIP", "EIP_ADD", eip, ("EIP_FLUSH", b""))
    ask("EIP_ADD", eip)
    try_all("its end", "EIP_FLUSH", b"", ("EIP_ADD", eip))
    try_all("a static binding", "BINDING_ADD", binding, ("BINDING_FLUSH", b""))
    ask("BINDING_ADD", binding)
    try_all("its end", "BINDING_FLUSH", b"", ("BINDING_ADD", binding))
    try_all("options", "CONFIG_SET", options, ("CONFIG_SET", back))
    try_all("the fast path", "CONFIG_SET", fast, ("CONFIG_SET", slow))
    try_all("an interface", "INTERFACE_SET",
            eth6 + attrs("interface", wish=b"\1"), ("INTERFACE_SET", eth6))
    for noun in "BINDING", "EIP", "POOL", "PREFIX":
        ask(f"{noun}_FLUSH")
    ask("CONFIG_SET", back)

    def transaction(*made):
        return [("TRANSACTION_BEGIN", b""), ("PREFIX_ADD", prefix),
                ("CONFIG_SET", back), *made, ("TRANSACTION_COMMIT", b"")]

    small = transaction(("POOL_ADD", pool), ("BINDING_ADD", binding))
    ask(small, None)
    try_all("a transaction", transaction(
        ("CONFIG_SET", options), ("POOL_ADD", attrs(
            "pool", addr=v4("198.51.100.0"), len=b"\x18", parity=b"\1")),
        ("EIP_ADD", eip), ("BINDING_ADD", binding), ("BINDING_ADD", attrs(
            "binding", proto=b"\x11", addr4=v4("198.51.100.7"),
            port4=b"\0\x35", addr6=v6("2001:db8:6::9"), port6=b"\0\x35")),
        ("CONFIG_SET", fast), ("INTERFACE_SET", eth6 + attrs(
            "interface", wish=b"\0"))), None, (small, None))
    for name in "CONFIG", "STATS", "STATUS", "DEFAULTS":
        try_all(f"to read {name}", f"{name}_GET", b"")
    for name in ("PREFIX", "POOL", "EIP", "BINDING", "SESSION", "INTERFACE"):
        codes = set()
        for n in range(1, MOST):
            code, there = ask(f"{name}_GET", b"", REQUEST | DUMP, n)
            codes.add(code)
            if not there:
                break
        ok(f"a dump of {name}: {n - 1} allocations", code == 0 and
           codes <= {0, errno.ENOMEM, errno.ENOBUFS}, codes)


class Trace:
    """Whose allocations failed."""
    EVENTS = "kmalloc", "kmem_cache_alloc"

    def __init__(self):
        for event in self.EVENTS:
            setting(f"tracing/events/kmem/{event}/filter", "ptr == 0")
            setting(f"tracing/events/kmem/{event}/enable", 1)
        setting("tracing/options/stacktrace", 1)
        setting("tracing/options/sym-offset", 1)
        setting("tracing/tracing_on", 1)

    def clear(self):
        setting("tracing/trace", "")

    def ours(self):
        """Our function that is next to the allocation, if there is one.  Nothing is
        told of pages."""
        end = time.monotonic() + 1
        while True:
            with open(f"{DEBUG}/tracing/trace") as file:
                stack = file.read().split("<stack trace>")
            if len(stack) > 1 or time.monotonic() > end:
                break
        if len(stack) == 1:
            return None
        found = re.search(r"=> (\w+)\S* \[nat64\]", stack[1])
        return found and found.group(1)


class Side:
    """A wire whose packets the router takes in a thread of the interface."""

    def __init__(self, router, wire, dev):
        # What a sender would have cut by its interface does not go that way.
        run(f"ip netns exec {wire.ns} ethtool -K far tso off")
        in_router = f"ip netns exec {router.ns}"
        run(f"{in_router} ethtool -K {dev} gro on")
        run(f"{in_router} sh -c 'echo 1 >/sys/class/net/{dev}/threaded'")
        pids = run(f"pgrep -x 'napi/{dev}-.*'").stdout.split()
        if len(pids) != 1:
            raise RuntimeError(f"threads of {dev}: {pids}")
        self.wire = wire
        self.nth = Nth(pids[0])


def packets(_):
    router = Lab("packets")
    w4, w6 = router.w4, router.w6
    six, four = Side(router, w6, "eth6"), Side(router, w4, "eth4")
    trace = Trace()
    serial = iter(range(1025, 60000))
    tap = in_netns(router.ns, lambda: socket.socket(
        socket.AF_PACKET, socket.SOCK_RAW))

    def setup(*words):
        for noun in "session", "binding", "eip", "pool", "prefix":
            router.ctl(f"{noun} flush")
        router.ctl("set ftp off fastpath off")
        router.ctl("prefix add 64:ff9b::/96 private on")
        for word in words:
            router.ctl(word)

    def out(l4, dst=HOST4):
        return bytes(IPv6(src=CLIENT6, dst=P + dst) / l4)

    def back(got, l4):
        return bytes(IP(src=HOST4, dst=got.src, flags=0) / l4)

    def opened(l4=UDP, data=b"x", dport=53, **kw):
        """A new session; its first packet as it came out."""
        w4.drain()
        w6.send_raw(out(l4(sport=next(serial), dport=dport, **kw) / Raw(data)))
        got = w4.recv()
        if not got:
            raise RuntimeError("no session")
        return got

    # Each makes what is needed and returns octets to send, and to whom a packet
    # is to come of them.
    def stranger(l4):
        n = next(serial)
        return six, [bytes(IPv6(src=f"2001:db8:{n:x}::2", dst=P + HOST4) /
                           l4(n))], w4

    def new_udp():
        return stranger(lambda n: UDP(sport=n, dport=53) / Raw(b"x"))

    def new_tcp():
        return stranger(lambda n: TCP(sport=n, dport=80, flags="S"))

    def another_session():
        return six, [out(UDP(sport=7, dport=next(serial)) / Raw(b"x"))], w4

    def answer():
        got = opened()
        return four, [back(got, UDP(sport=53, dport=got[UDP].sport) /
                           Raw(b"y" * 100))], w6

    def from_outside():
        got = opened()
        return four, [back(got, UDP(sport=next(serial),
                                    dport=got[UDP].sport) / Raw(b"y"))], w6

    def early_syn():
        return four, [bytes(IP(src=HOST4, dst="198.51.100.3") / TCP(
            sport=80, dport=next(serial), flags="S"))], None

    def error46():
        got = opened(data=b"x" * 600)
        return four, [back(got, ICMP(type=3, code=1, unused=0) /
                           Raw(bytes(got)[:540]))], w6

    def error64():
        got = opened()
        w4.send_raw(back(got, UDP(sport=53, dport=got[UDP].sport) / Raw(b"y")))
        inner = bytes(w6.recv())
        return six, [out(ICMPv6DestUnreach(code=4) / Raw(inner))], w4

    def extended46():
        """RFC 4884, which takes a copy."""
        got = opened(data=b"x" * 600)
        inner = bytes(got)[:200]
        body = struct.pack("!BBHI", 3, 1, 0, len(inner) // 4 << 16) + inner + \
            b"\x20\0\0\0" + struct.pack("!HBB", 8, 1, 1) + b"abcd"
        icmp = ICMP(body)
        del icmp.chksum
        return four, [back(got, icmp)], w6

    def ftp_command():
        port = next(serial)
        w6.send_raw(out(TCP(sport=port, dport=21, flags="S")))
        got = w4.recv()
        w4.send_raw(back(got, TCP(sport=21, dport=got[TCP].sport, ack=1,
                                  flags="SA")))
        w6.recv()
        return six, [out(TCP(sport=port, dport=21, seq=1, ack=1, flags="PA") /
                         Raw(b"EPRT |2|2001:db8:6::2|5282|\r\n"))], w4

    def fragments6():
        port = next(serial)
        data = bytes(IPv6(src=CLIENT6, dst=P + HOST4) / UDP(
            sport=port, dport=53) / Raw(b"z" * 1992))
        return six, [
            struct.pack("!IHBB", 6 << 28, 8 + len(piece), 44, 64) + data[8:40] +
            struct.pack("!BBHI", 17, 0, at | (not at), port) + piece
            for at, piece in ((0, data[40:1040]), (1000, data[1040:]))], w4

    def fragments4():
        got = opened()
        data = bytes(UDP(bytes(UDP(sport=53, dport=got[UDP].sport, chksum=0) /
                               Raw(b"z" * 1992))))
        return four, [
            bytes(IP(src=HOST4, dst=got.src, proto=17, id=9,
                     flags=not at, frag=at // 8) / Raw(piece))
            for at, piece in ((0, data[:1000]), (1000, data[1000:]))], w6

    def fast():
        """The third packet of a flow, of which somebody else has a copy."""
        got = opened()
        data = back(got, UDP(sport=53, dport=got[UDP].sport) / Raw(b"y"))
        for _ in range(2):
            w4.send_raw(data)
            w6.recv()
        return four, [data], w6

    pool = "pool add 198.51.100.0/28"
    cases = {
        "a new UDP session": (new_udp, [pool]),
        "a new TCP session": (new_tcp, [pool]),
        "another session of a binding": (another_session, [pool]),
        "an answer": (answer, [pool]),
        "a session from outside": (from_outside, [pool]),
        "a binding with filters": (
            new_udp, [f"{pool} filtering address-dependent"]),
        "an address-port-dependent binding": (
            new_udp, [f"{pool} mapping address-port-dependent"]),
        "a SYN that is stored": (early_syn, [pool]),
        "an error to IPv6": (error46, [pool]),
        "an error to IPv4": (error64, [pool]),
        "an error with extensions": (extended46, [pool]),
        "an FTP command": (ftp_command, [pool, "set ftp on"]),
        "fragments to IPv4": (fragments6, [pool]),
        "fragments to IPv6": (fragments4, [pool]),
        "the fast path": (fast, [pool, "set fastpath on"]),
    }

    def attempt(n, action):
        """Fail the n-th one: is there one, whose, is the packet lost, counted?"""
        side, octets, to = action()
        trace.clear()
        before = router.stats()
        side.nth.set(n)
        for packet in octets:
            side.wire.send_raw(packet)
        came = to and to.recv_raw(0.1)
        end = time.monotonic() + 5
        while to and not came and side.nth.left() and time.monotonic() < end:
            came = to.recv_raw(0.1)
        if not to:
            time.sleep(0.1)
        came = came or to and to.recv_raw(0.1)
        there = side.nth.left() == 0
        side.nth.set(0)
        moved = {k: v - before[k] for k, v in router.stats().items()
                 if v != before[k]}
        w4.drain()
        w6.drain()
        return (there, there and trace.ours(),
                bool(came or moved.get("syn_stored")), moved)

    def counted(who, moved):
        """With its reason.  What goes to the next hop is ours no more, what waits
        for other fragments not yet."""
        return who in ("nat64_output_send", "nat64_reassemble6") or any(
            moved.get(reason) for reason in (
                "no_memory", "fragment", "no_binding", "no_route"))

    everywhere = set()
    for what, (action, words) in cases.items():
        setup(*words)
        tap.bind(("eth4" if "fast path" in what else "lo", 3))
        lost, passed = Counter(), Counter()
        # What is made once and stays is there in the second round.
        for n in itertools.chain(range(1, 200), range(1, 200)):
            if n == 1:
                there = True
            if not there:
                continue
            there, who, came, moved = attempt(n, action)
            if who and came:
                passed[who] += 1
            elif who:
                lost[who] += 1
                if not counted(who, moved):
                    ok(f"{what}: without allocation {n}, of {who}, it is counted",
                       False, moved)
        everywhere |= set(lost) | set(passed)
        print(f"# {what}: lost {dict(lost)}, passed {dict(passed)}")
        ok(f"{what}: it passes in the end", came, (n, came, moved))
    same("each place that allocates has lacked memory", set(),
         {"ports_map", "nat64_client_admit", "nat64_memory_binding",
          "nat64_memory_session", "nat64_contact_get", "nat64_syn_store",
          "prepare", "write_body", "nat64_ftp_pass", "nat64_reassemble6",
          "nat64_reassemble4", "nat64_xlat_writable"} - everywhere)
    for noun in "session", "binding":
        router.ctl(f"{noun} flush")
    same("nothing is left behind", (0, 0), tuple(
        router.json("status")[0][k] for k in ("sessions", "bindings")))


def main():
    prepare()
    nth = Nth()
    tests = packets, commands, load
    with open("/proc/cpuinfo") as info:
        if "User Mode Linux" in info.read():
            ok("packets and loading # SKIP User Mode Linux does not tell who "
               "allocates: KERNEL=debug")
            tests = commands,
    for test in tests:
        case(test, nth)
    ktap.done()


main()
