#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A whole configuration as a file: apply, check, diff and save, -b.

All or nothing, the same twice, and what both have goes on: sessions, pools, static
bindings; what is wrong is said by line and column.
"""
import errno
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from ipaddress import ip_address, ip_network

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.packet import Raw

import ktap
from ktap import case, ok, same
from lab import CLIENT6, CTL, HOST4, Lab, as_nobody, in_netns, run
from netlink_bad import Netlink, attr, enum

P = "64:ff9b::"
lab = Lab()
w4, w6 = lab.w4, lab.w6
tmp = tempfile.mkdtemp()

# In the words, and in the order, of "save"
WHOLE = """\
prefix add 64:ff9b::/96 private on
prefix add 2001:db8:64::/48 mode eip
set client-session-max 0
set icmp-source 203.0.113.32/28
set session-max 100000
set tos 8
set udp-timeout 200
pool add 198.51.100.0/28 ports 1024-65535 filtering address-dependent parity on
pool add 198.51.100.64/32 mapping address-port-dependent port-class off
pool add 198.51.100.128/28
eip add 203.0.113.9
eip add 203.0.113.10 to 10.0.0.5
eip add 203.0.113.64/28 to 2001:db8:7::40/124
eip add 203.0.113.99 to 2001:db8:6::99 clat on
binding add tcp 203.0.113.1 80 to 2001:db8:6::5 8080
binding add udp 198.51.100.130 1500 to 2001:db8:6::5
interface set eth4 fastpath off
interface set eth6 fastpath on
interface set ppp0 fastpath off
"""


NOTHING = "# nothing is configured\n"


def write(text, name="nat64.conf"):
    path = f"{tmp}/{name}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def saved():
    return lab.ctl("save").stdout


def apply(text, check=True):
    return lab.ctl(f"apply {write(text)}", check)


def whole():
    same("nothing is saved of nothing", NOTHING, saved())
    apply(WHOLE)
    same("what was applied is saved", WHOLE, saved())
    diff = lab.ctl(f"diff {write(WHOLE)}", False)
    same("and there is no difference", (0, ""), (diff.returncode, diff.stdout))
    apply(WHOLE)
    same("applied again it is the same", WHOLE, saved())
    lines = WHOLE.splitlines()
    mixed = "\n".join(["# a comment", "", "  " + lines[0].replace(" ", "\t  ")] +
                      [f"{line}  # why" for line in lines[:1:-1] + lines[1:2]])
    apply(mixed)
    ok("order does not matter but for prefixes and pools, nor space and comments",
       sorted(saved().splitlines()) == sorted(lines), saved())
    apply(WHOLE)
    listed = lab.json("pool")
    lab.ctl("pool del 198.51.100.128/28")
    lab.ctl("eip del 203.0.113.9")
    lab.ctl("set udp-timeout 300 tos copy")
    lab.ctl("eip add 203.0.113.11")
    diff = lab.ctl(f"diff {write(WHOLE)}", False)
    same("a difference is told, with its code", (3, {
        "+pool add 198.51.100.128/28", "+eip add 203.0.113.9",
        "+set udp-timeout 200", "+set tos 8", "-eip add 203.0.113.11"}),
        (diff.returncode, set(diff.stdout.splitlines())))
    result = run(f"{CTL} -n {lab.ns} apply - < {write(WHOLE)}")
    same("from the standard input", (0, ""), (result.returncode, result.stderr))
    same("all is there again", (WHOLE, listed), (saved(), lab.json("pool")))
    for what, a, b in ("prefixes", 0, 1), ("pools", 7, 8):
        turned = list(lines)
        turned[a], turned[b] = turned[b], turned[a]
        diff = lab.ctl(f"diff {write(chr(10).join(turned))}", False)
        same(f"the order of {what} is a difference", (3, {
            f"{sign}{line}" for sign in "+-" for line in (lines[a], lines[b])}),
            (diff.returncode, set(diff.stdout.splitlines())))
    lab.ctl("prefix flush")
    text = saved()
    apply(text)
    same("without prefixes it can be applied as well", (text, False), (
        saved(), lab.json("status")[0]["active"]))
    apply(NOTHING)
    same("of nothing there is nothing", NOTHING, saved())
    same("nor translated", False, lab.json("status")[0]["active"])


def to_file():
    """Whole, or the file stays what it was."""
    apply(WHOLE)
    place = tempfile.mkdtemp()
    run(f"mount -t tmpfs -o size=4096,mode=755 tmpfs {place}")
    name, link = f"{place}/nat64.conf", f"{tempfile.mkdtemp()}/link"

    def save(file, want):
        got = lab.ctl(f"save {file}", False)
        same(f"save {file}", want, (got.returncode, got.stdout, got.stderr))
    try:
        save(name, (0, "", ""))
        with open(name) as file:
            same("it is what there is", WHOLE, file.read())
        os.chmod(name, 0o640)
        os.symlink(name, link)
        save(link, (1, "", f"nat64ctl: {link}: No space left on device\n"))
        save(f"{place}/new", (1, "", f"nat64ctl: {place}/new: No space left on device\n"))
        same("the file is what it was, alone", (WHOLE, ["nat64.conf"]),
             (open(name).read(), os.listdir(place)))
        run(f"mount -o remount,size=1M {place}")
        lab.ctl("pool flush")
        save(link, (0, "", ""))
        same("a link leads to it", (saved(), True, 0o100640),
             (open(name).read(), os.path.islink(link), os.stat(name).st_mode))
        save(f"{place}/none/x", (1, "", f"nat64ctl: {place}/none/x: No such file or "
                                 "directory\n"))
        os.remove(name)
        save(link, (0, "", ""))
        same("a link that led to nothing leads to it", (saved(), True),
             (open(name).read(), os.path.islink(link)))
        save("/dev/null", (0, "", ""))
        same("what is no file stays so", False, os.path.isfile("/dev/null"))
        same("the standard output", saved(), lab.ctl("save -").stdout)
    finally:
        run(f"umount {place}")


# Each with the place, and a part of the text
WRONG = {
    "prefx add 64:ff9b::/96": ("3:1", '"prefx" is not a noun'),
    "prefix": ("3:7", "a verb is missing: add"),
    "prefix ad": ("3:10", "an IPv6 prefix is missing"),
    "prefix del 64:ff9b::/96": ("3:8", '"del" has no place in a configuration'),
    "pool flush": ("3:6", '"flush" has no place in a configuration'),
    "session flush": ("3:1", '"session" has no place in a configuration'),
    "apply x": ("3:1", '"apply" has no place in a configuration'),
    "prefix add 64:ff9b::/97x": ("3:12", "the length of an IPv6 prefix"),
    "  prefix   add   64:ff9b::/96 mode any": ("3:36", '"any" is not a mode'),
    "prefix add 64:ff9b::/96 mode": ("3:29", "a mode is missing"),
    "prefix add 64:ff9b::/96 on": ("3:25", 'unexpected word "on"'),
    "pool add 198.51.100.0/24 ports 5": ("3:32", '"5" is not a range'),
    "pool add 198.51.100.0/8": ("3:10", "the length of a pool is 16 to 32"),
    "pool add 198.51.100.0/24 ports 1-2 ports 1-2": ("3:36", "ports is given twice"),
    "eip add 203.0.113.1 to": ("3:23", "a target is missing"),
    "eip add 2001:db8::1 to 10.0.0.1": ("3:9", "outside any prefix"),
    "eip add 203.0.113.1 too 10.0.0.1": ("3:21", 'unexpected word "too"'),
    "binding add sctp 203.0.113.1 80 to ::1": ("3:13", '"sctp" is not a protocol'),
    "binding add tcp 203.0.113.1 80 2001:db8::1": ("3:32", "\"to\" is wanted, not"),
    "binding add tcp 203.0.113.1 80 to 2001:db8::1 80 # x\t80": None,
    "set help": ("3:5", '"help" is not an option'),
    "prefix help": ("3:8", '"help" is not a verb'),
    "set udp-timeout   # seconds": ("3:16", "udp-timeout is missing"),
    "binding add tcp 203.0.113.1 80 to 2001:db8:65::1\nprefix add 2001:db8:65::/96": (
        "4:12", "prefix 2001:db8:65::/96 holds 2001:db8:65::1, to which"),
    "binding add tcp 203.0.113.1 80 to 2001:db8::1 80 x80": ("3:50", '"x80"'),
    "set udp-timeout": ("3:16", "udp-timeout is missing"),
    "set udp-timeout 10": ("3:17", '"10" is not a udp-timeout'),
    "set udp-timout 300": ("3:5", '"udp-timout" is not an option'),
    "set udp-timeout 200\nset udp-timeout 300": ("4:5", "udp-timeout is given twice"),
    "interface set a/b fastpath on": ("3:15", '"a/b" is no name of an interface'),
    "interface set abcdefghijklmnop fastpath on": (
        "3:15", '"abcdefghijklmnop" is no name of an interface'),
    "set icmp-source 224.0.0.1": ("3:17", "not unicast"),
    "prefix add 64:ff9b::/96": ("3:12", "prefix 64:ff9b::/96 overlaps"),
    "prefix add 64:ff9b:1::/49": ("3:12", "64:ff9b:1::/49"),
    "prefix add 64:ff9b:1::/128": ("3:12", "64:ff9b:1::/128"),
    "pool add 198.51.100.0/25\npool add 198.51.100.0/24": (
        "4:10", "pool 198.51.100.0/24 overlaps pool 198.51.100.0/25"),
    "eip add 203.0.113.1\neip add 203.0.113.2 to 203.0.113.1": (
        "4:9", "target in use: EIP 203.0.113.1/32"),
    "eip add 203.0.113.1\nbinding add tcp 203.0.113.1 80 to 2001:db8::1": (
        "4:13", "address in use: EIP 203.0.113.1/32"),
    "binding add tcp 203.0.113.1 80 to 2001:db8::1\n"
    "binding add tcp 203.0.113.1 80 to 2001:db8::2": (
        "4:13", "203.0.113.1 80 is bound to 2001:db8::1 80 by a static binding"),
    "binding add tcp 203.0.113.1 80 to 2001:db8::1\n"
    "binding add tcp 203.0.113.2 80 to 2001:db8::1": (
        "4:13", "203.0.113.1 80 is bound to 2001:db8::1 80 by a static binding"),
    "interface set lo fastpath on": ("3:15", "lo forwards nothing"),
    "interface set eth4 fastpath on\ninterface set eth4 fastpath off": (
        "4:15", "set already"),
}


def wrong():
    apply(WHOLE)
    for text, want in WRONG.items():
        path = write(f"prefix add {P}/96\n# two\n{text}\n")
        result = lab.ctl(f"apply {path}", False)
        if want is None:
            ok(f"apply: {text!r}", result.returncode == 0, result.stderr)
            apply(WHOLE)
            continue
        place, words = want
        ok(f"apply: {text!r} is refused at {place}",
           result.returncode in (1, 2) and result.stdout == "" and
           result.stderr.startswith(f"{path}:{place}: ") and
           words in result.stderr, result)
        checked = lab.ctl(f"check {path}", False)
        same(f"check: {text!r}", (result.returncode, "", result.stderr),
             (checked.returncode, checked.stdout, checked.stderr))
    same("nothing has changed", WHOLE, saved())
    good = lab.ctl(f"check {write(WHOLE)}", False)
    same("check: what is right", (0, "", ""),
         (good.returncode, good.stdout, good.stderr))
    two = lab.ctl("check " + write("pool add x\npool add y"), False)
    same("each wrong line is told", 2, len(two.stderr.splitlines()))
    with open(f"{tmp}/zero", "wb") as file:
        file.write(b"pool add 198.51.100.0/24\nset\0tos 8\n")
    zero = lab.ctl(f"apply {tmp}/zero", False)
    ok("a line with an octet 0", zero.returncode == 1 and
       zero.stderr.startswith(f"{tmp}/zero:2:4: "), zero)
    none = lab.ctl(f"apply {tmp}/none", False)
    ok("no such file", none.returncode == 1 and "No such file" in none.stderr, none)
    for verb in "apply", "check", "diff":
        for file, name in (write(""), None), ("- </dev/null", "stdin"):
            empty = lab.ctl(f"{verb} {file}", False)
            same(f"{verb} {file}, which is empty", (1, "", (
                f"nat64ctl: {name or file} is empty: what has no command has a "
                "comment, or is /dev/null\n")),
                 (empty.returncode, empty.stdout, empty.stderr))
    for words in "apply", "apply x y", "save x y", "diff":
        same(f"{words!r}", 1, lab.ctl(words, False).returncode)
    same("of all that nothing has changed", WHOLE, saved())


def batch():
    apply(NOTHING)
    path = write("prefix add 64:ff9b::/96\n\n# then\npool add 198.51.100.0/24\n"
                 "prefix list\n eip add 198.51.100.7 to 10.0.0.1\n"
                 "pool del 198.51.100.0/24\n")
    result = run(f"{CTL} -n {lab.ns} -b < {path}", False)
    ok("-b runs line after line up to the first that fails, and says which",
       result.returncode == 2 and
       result.stdout == "64:ff9b::/96 mode open private off\n" and
       result.stderr.startswith("stdin:6:10: EIP 198.51.100.7/32 overlaps pool"),
       result)
    same("what came before it is done",
         "prefix add 64:ff9b::/96\npool add 198.51.100.0/24\n", saved())
    inner = write("# nothing but\n" + BASE + "# comments behind\n\n", "inner")
    by6 = write("prefix add 2001:db8:64::/96\neip add 2001:db8:64::cb00:710a\n",
                "by6")
    outer = write(f"apply {by6}\neip list\napply {inner}\ndiff {inner}\npool lst\n",
                  "outer")
    result = run(f"{CTL} -n {lab.ns} -b < {outer}", False)
    ok("a line may apply another file", result.returncode == 1 and
       result.stderr.startswith("stdin:5:6: ") and saved() == BASE, result)
    inner = write(BASE + "eip add 2001:db8:64::cb00:710a\n", "inner")
    result = run(f"{CTL} -n {lab.ns} -b < {outer}", False)
    ok("by its own prefixes", result.returncode == 1 and
       f"{inner}:3:9: EIP 2001:db8:64::cb00:710a is outside any prefix" in
       result.stderr, result)


def udp(sport, dport=53, dst=HOST4, data=b"x", src=CLIENT6):
    return IPv6(src=src, dst=P + dst) / UDP(sport=sport, dport=dport) / Raw(data)


def opened(packet):
    """Its IPv4 source, as port and address."""
    w4.drain()
    w6.send(packet)
    got = w4.recv()
    return got and (got.src, got.sport)


def tcp(sport, flags):
    return IPv6(src=CLIENT6, dst=P + HOST4) / TCP(sport=sport, dport=80, flags=flags)


def connected(sport):
    """The same of a connection whose handshake has been."""
    mapped = opened(tcp(sport, "S"))
    w4.send(IP(src=HOST4, dst=mapped[0]) / TCP(sport=80, dport=mapped[1], flags="SA"))
    w6.recv()
    w6.send(tcp(sport, "A"))
    w4.recv()
    return mapped


BASE = f"prefix add {P}/96 private on\npool add 198.51.100.0/28\n"


def sessions():
    return sorted((s["local6"], s["lport6"], s["remote4"], s["local4"],
                   s["lport4"]) for s in lab.json("session"))


def hitless():
    many = "".join(f"eip add 203.0.{n >> 8}.{n & 255} to 10.9.{n >> 8}.{n & 255}\n"
                   for n in range(4000))
    files = [write(BASE, "a"), write(
        BASE + "pool add 198.51.100.32/28\nset udp-timeout 250\n" + many, "b")]
    apply(BASE)
    flows = [(udp(5000 + n), opened(udp(5000 + n)), UDP(sport=53))
             for n in range(10)]
    flows += [(tcp(5000 + n, "PA"), connected(5000 + n), TCP(sport=80, flags="PA"))
              for n in range(10)]
    before = sessions()
    same("so many sessions", 20, len(before))
    stop, codes = threading.Event(), []

    def change():
        n = 0
        while not stop.is_set():
            n += 1
            codes.append(lab.ctl(f"apply {files[n % 2]}", False).returncode)

    changes = threading.Thread(target=change)
    changes.start()
    sent = lost = 0
    end = time.monotonic() + 10
    while time.monotonic() < end:
        packet, mapped, answer = flows[sent % len(flows)]
        w6.send(packet)
        got = w4.recv()
        sent += 1
        if not got or (got.src, got.sport) != mapped:
            lost += 1
            continue
        answer.dport = mapped[1]
        w4.send(IP(src=HOST4, dst=mapped[0]) / answer / Raw(b"y"))
        lost += not w6.recv()
    stop.set()
    changes.join()
    print(f"# {len(codes)} times applied, {sent} packets each way")
    ok("it was applied", len(codes) >= 4 and not any(codes), codes)
    same("no packet is lost", 0, lost)
    same("the sessions are the same", before, sessions())


def what_ends():
    text = (BASE + "prefix add 2001:db8:64::/96 private on\n"
            "pool add 198.51.100.32/28 filtering address-dependent\n"
            "eip add 203.0.113.10 to 10.254.1.5\n"
            "binding add udp 203.0.113.1 53 to 2001:db8:6::5\n"
            "binding add udp 203.0.113.2 53 to 2001:db8:6::6\n")
    apply(text)
    ports = iter(range(6000, 9000))

    def fill():
        """Sessions of all kinds."""
        lab.ctl("session flush")
        for n in range(40):
            opened(udp(next(ports), src=f"2001:db8:6:{n:x}::2"))
        opened(IPv6(src=CLIENT6, dst="2001:db8:64::c000:221") /
               UDP(sport=next(ports), dport=53))
        opened(udp(next(ports), dst="203.0.113.10"))
        for last, port in ((1, 777), (2, 778)):
            w4.send(IP(src=HOST4, dst=f"203.0.113.{last}") /
                    UDP(sport=port, dport=53) / Raw(b"q"))
            w6.recv()
        return lab.json("session")

    def end_of(what, new, ends):
        apply(text)
        before = fill()
        apply(new)
        left = lab.json("session")

        def key(s):
            return tuple(v for k, v in s.items() if k != "expires")
        ended = {key(s) for s in before} - {key(s) for s in left}
        want = {key(s) for s in before if ends(s)}
        ok(f"{what}: {len(want)} of {len(before)} end, no others",
           want == ended and want and len(want) < len(before),
           f"too few {want - ended}\ntoo many {ended - want}")

    def without(start):
        return "".join(line + "\n" for line in text.splitlines()
                       if not line.startswith(start))

    def second_pool(s):
        return ip_address(s["local4"]) in ip_network("198.51.100.32/28")
    end_of("a prefix goes", without("prefix add 2001"),
           lambda s: s["remote6"].startswith("2001:db8:64:"))
    end_of("a pool goes", without("pool add 198.51.100.32/28"), second_pool)
    end_of("a pool changes", text.replace(" filtering address-dependent", ""),
           second_pool)
    end_of("an EIP goes", without("eip"), lambda s: s["remote4"] == "10.254.1.5")
    end_of("an EIP gets another target", text.replace("10.254.1.5", "10.254.1.6"),
           lambda s: s["remote4"] == "10.254.1.5")
    end_of("a static binding goes", without("binding add udp 203.0.113.1"),
           lambda s: s["local4"] == "203.0.113.1")
    end_of("a static binding gets another server",
           text.replace("2001:db8:6::5", "2001:db8:6::7"),
           lambda s: s["local4"] == "203.0.113.1")
    end_of("two static bindings change places",
           text.replace("::5", "::x").replace("::6\n", "::5\n").replace(
               "::x", "::6"), lambda s: s["local4"].startswith("203.0.113."))
    end_of("private addresses are no more allowed",
           text.replace(f"{P}/96 private on", f"{P}/96"),
           lambda s: s["remote6"].startswith(P) and s["remote4"] != "10.254.1.5")
    end_of("a prefix is for EIPs only",
           text.replace(f"{P}/96 private", f"{P}/96 mode eip private"),
           lambda s: s["remote6"].startswith(P) and s["remote4"] == HOST4 and
           s["local4"].startswith("198."))


def bindings():
    """Ports of pools that static bindings have, when both change."""
    pool = "198.51.100.0/30"
    prefix = f"prefix add {P}/96\n"
    static = "binding add udp 198.51.100.1 53 to 2001:db8:6::5\n"

    def used():
        return [p["udp"] for p in lab.json("pool")]
    apply(prefix + static)
    apply(prefix + f"pool add {pool}\n" + static)
    same("a pool that comes holds its port", [1], used())
    apply(prefix + f"pool add {pool}\n" + static.replace("::5", "::6"))
    same("another server holds the same", [1], used())
    apply(prefix + f"pool add {pool} parity on\n" + static)
    same("a pool that changes, too", [1], used())
    apply(prefix + f"pool add {pool} parity on\n")
    same("without it the port is free", [0], used())
    apply(prefix + f"pool add {pool}\n" + static)
    apply(prefix + static)
    apply(prefix + f"pool add {pool}\n" + static)
    same("it may wait for a pool", [1], used())
    lab.ctl("binding flush")
    same("and be taken away by a command", [0], used())

    apply(prefix.replace("96", "96 private on") + f"pool add {pool}\n")
    addr, port = opened(udp(7777))
    for text in (f"binding add udp {addr} {port} to 2001:db8:6::5\n",
                 f"binding add udp 203.0.113.1 7777 to {CLIENT6}\n"):
        for verb in "check", "apply":
            got = lab.ctl(f"{verb} " + write(
                prefix.replace("96", "96 private on") +
                f"pool add {pool}\nset tos 8\n" + text), False)
            ok(f"{verb}: a client has it", got.returncode == 2 and
               f"{addr} {port} is bound to {CLIENT6} 7777 by a dynamic binding"
               in got.stderr, got)
        same("nothing has changed", (prefix.replace("96", "96 private on") +
                                     f"pool add {pool}\n", [1]),
             (saved(), used()))


def transactions():
    """By netlink: two at a time, one left alone, commands that have no place."""
    cmd = enum("nat64_cmd")
    prefix = enum("nat64_prefix_attr")

    def ask(nl, name, body=b""):
        return nl.ask(nl.family, cmd[f"NAT64_CMD_{name}"], body)[0]
    apply(BASE)
    body = attr(prefix["NAT64_PREFIX_ADDR"], socket.inet_pton(
        socket.AF_INET6, "2001:db8:65::")) + attr(prefix["NAT64_PREFIX_LEN"],
                                                   b"\x60")
    one, two = (in_netns(lab.ns, Netlink) for _ in range(2))
    for name in "TRANSACTION_COMMIT", "TRANSACTION_ABORT":
        same(f"{name} of none", errno.EINVAL, ask(one, name))
    same("one begins", 0, ask(one, "TRANSACTION_BEGIN"))
    same("not twice", errno.EBUSY, ask(one, "TRANSACTION_BEGIN"))
    same("no other does", errno.EBUSY, ask(two, "TRANSACTION_BEGIN"))
    same("no other commits", errno.EINVAL, ask(two, "TRANSACTION_COMMIT"))
    for name in "PREFIX_DEL", "PREFIX_FLUSH", "SESSION_FLUSH", "EIP_FLUSH":
        same(f"{name} has no place in it", errno.EINVAL, ask(
            one, name, body if name == "PREFIX_DEL" else b""))
    same("it takes a prefix", 0, ask(one, "PREFIX_ADD", body))
    same("which is not there yet", BASE, saved())
    lab.ctl("set tos 8")
    now = saved()
    ok("others go on changing", "set tos 8" in now)
    one.sock.close()
    same("who leaves has changed nothing", now, saved())
    same("another can begin then", 0, ask(two, "TRANSACTION_BEGIN"))
    same("it takes a prefix", 0, ask(two, "PREFIX_ADD", body))
    same("is committed", 0, ask(two, "TRANSACTION_COMMIT"))
    same("and is all that there is", "prefix add 2001:db8:65::/96\n", saved())
    same("a command after it is one of its own", 0, ask(two, "PREFIX_DEL", body))
    same("done at once", NOTHING, saved())
    same("one that is aborted", [0, 0, 0], [
        ask(two, "TRANSACTION_BEGIN"), ask(two, "PREFIX_ADD", body),
        ask(two, "TRANSACTION_ABORT")])
    same("has changed nothing", NOTHING, saved())
    ask(two, "TRANSACTION_BEGIN")
    ask(two, "PREFIX_ADD", body)
    two.sock.close()
    # The one thing that can go while it waits.
    apply(BASE)
    nl = in_netns(lab.ns, Netlink)
    ask(nl, "TRANSACTION_BEGIN")
    ask(nl, "PREFIX_ADD", body)
    pool = enum("nat64_pool_attr")
    addr = attr(pool["NAT64_POOL_ADDR"], socket.inet_aton("198.51.100.0")) + \
        attr(pool["NAT64_POOL_LEN"], b"\x1c")
    ask(nl, "POOL_ADD", addr)
    check = attr(enum("nat64_transaction_attr")["NAT64_TRANSACTION_CHECK"], b"")
    same("a transaction is checked", 0, ask(nl, "TRANSACTION_COMMIT", check))
    lab.ctl("pool del 198.51.100.0/28")
    same("its pool goes, it is committed", 0, ask(nl, "TRANSACTION_COMMIT"))
    w6.send(IPv6(src=CLIENT6, dst="2001:db8:65::8.8.8.8") /
            UDP(sport=9, dport=53))
    ok("and the pool serves", w4.recv() is not None, lab.moved())
    nl.sock.close()
    path = write(BASE)
    same("without rights nothing begins", (2,), in_netns(lab.ns, lambda: as_nobody(
        lambda: (run(f"{CTL} apply - < {path}", False).returncode,))))


def killed():
    """nat64ctl that ends in the middle leaves nothing behind."""
    apply(BASE)
    many = write(BASE + "".join(f"eip add 203.{n >> 8}.{n & 255}.1 to "
                                f"10.{n >> 8}.{n & 255}.1\n"
                                for n in range(40000)))
    for wait in 0.3, 0.6, 1, 2:
        child = subprocess.Popen([CTL, "-n", lab.ns, "apply", many])
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
        now = saved()
        ok(f"killed after {wait} s: all or nothing",
           now == BASE or now.count("\n") == 40002, now[:500])
        apply(BASE)


def large():
    """10^5 EIPs."""
    text = BASE + "".join(f"eip add 203.{n >> 8 & 255}.{n & 255}.{n >> 16} to "
                          f"10.{n >> 8 & 255}.{n & 255}.{n >> 16}\n"
                          for n in range(100000))
    path = write(text, "large")
    start = time.monotonic()
    lab.ctl(f"apply {path}")
    took = time.monotonic() - start
    start = time.monotonic()
    lab.ctl(f"apply {path}")
    again = time.monotonic() - start
    print(f"# 10^5 EIPs applied in {took:.1f} s, again in {again:.1f} s")
    same("there are 10^5 EIPs", 100000, lab.json("status")[0]["eips"])
    ok("in seconds", took < 60 and again < 60, (took, again))
    diff = lab.ctl(f"diff {path}", False)
    same("no difference", (0, ""), (diff.returncode, diff.stdout))
    start = time.monotonic()
    apply(NOTHING)
    print(f"# and taken away in {time.monotonic() - start:.1f} s")


for test in (whole, to_file, wrong, batch, hitless, what_ends, bindings, transactions,
             killed, large):
    case(test)
run(["rm", "-r", tmp])
ktap.done()
