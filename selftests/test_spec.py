#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Documentation/nat64.yaml: it is the header's, and the kernel's; and enough to speak
to the kernel with nothing else."""
import errno
import os
import signal
import socket
import struct
import subprocess
import threading

from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6

from ktap import case, done, ok, same
from lab import CLIENT6, CTL, HOST4, Lab, in_netns
from netlink_bad import DUMP, GENL_ID_CTRL, REQUEST, attr
from netlink_spec import ACK, SPEC, Family, text

lab = Lab()
P = "64:ff9b::"

# Of CTRL_ATTR_*: operations, their numbers and flags; groups; policies.
OPS, GROUPS, POLICY, OP_POLICY = 6, 7, 8, 9
ADMIN, HAS_DO, HAS_DUMP = 0x10, 0x02, 0x04
# NL_ATTR_TYPE_* of a policy
TYPES = {1: "flag", 2: "u8", 3: "u16", 4: "u32", 5: "u64", 10: "binary",
         11: "string", 12: "string", 13: "nest"}


def written():
    with open(SPEC) as file:
        same("it is made of the header", text(), file.read())


def ctl_says():
    family = in_netns(lab.ns, Family)
    live = {}
    for _, op in family.split(family.control[OPS]):
        op = dict(family.split(op))
        live[struct.unpack("I", op[1])[0]] = struct.unpack("I", op[2])[0]
    want = {}
    for number, op in family.ops.values():
        want[number] = (ADMIN if "flags" in op else 0) | \
            (HAS_DO if "do" in op else 0) | (HAS_DUMP if "dump" in op else 0)
    same("the kernel has these commands, with these rights", want,
         {n: flags & (ADMIN | HAS_DO | HAS_DUMP) for n, flags in live.items()})
    groups = [dict(family.split(g))[1].rstrip(b"\0").decode()
              for _, g in family.split(family.control[GROUPS])]
    same("and these groups", [g["name"] for g in family.spec["mcast-groups"]["list"]],
         groups)


def policies():
    """What each command takes, as the kernel itself tells."""
    family = in_netns(lab.ns, Family)
    name = family.spec["name"].encode() + b"\0"
    of_op, policy = {}, {}
    for answer in family.talk(GENL_ID_CTRL, 10, REQUEST | DUMP,
                              attr(2, name)):
        for kind, data in family.split(answer):
            if kind == OP_POLICY:
                for number, which in family.split(data):
                    which = dict(family.split(which))
                    of_op[number] = struct.unpack(
                        "I", which.get(1) or which.get(2))[0]
            elif kind == POLICY:
                for index, attrs in family.split(data):
                    for number, one in family.split(attrs):
                        kind = struct.unpack("I", dict(family.split(one))[1])[0]
                        policy.setdefault(index, {})[number] = TYPES.get(kind)
    for name, (number, op) in family.ops.items():
        request = (op.get("do") or op["dump"])["request"]["attributes"]
        attributes = family.sets.get(op["attribute-set"], [])
        want = {i + 1: a["type"] for i, a in enumerate(attributes)
                if a["name"] in request}
        got = {n: t for n, t in policy.get(of_op[number], {}).items() if t}
        same(f"{name} takes these attributes, of these types", want, got)


def at_once():
    """What one call may do while nobody can register a family."""
    family = in_netns(lab.ns, Family)
    lab.ctl("pool add 198.51.100.0/24")

    def codes(*commands):
        """Of commands in one call, or those with values, what became of each."""
        call = b""
        for i, command in enumerate(commands):
            name, values = (command, {}) if isinstance(command, str) else command
            number, op = family.ops[name]
            body = struct.pack("BBH", number, 1, 0)
            if values:
                body += family.pack(op["attribute-set"], values)
            call += struct.pack("IHHII", 16 + len(body), family.id, REQUEST | ACK |
                                (0 if "do" in op else DUMP), i, 0) + body
        family.sock.send(call)
        found = {}
        while len(found) < len(commands):
            data = family.sock.recv(1 << 17)
            while data:
                size, kind, _, seq = struct.unpack_from("IHHI", data)
                # An error or acknowledgement, and the end of a dump.
                if kind in (2, 3):
                    found[seq] = -struct.unpack_from("i", data, 16)[0]
                data = data[(size + 3) & ~3:]
        return [found[i] for i in range(len(commands))]
    second = [0, errno.EINVAL]
    same("one command that changes something", second + second[1:],
         codes("prefix-flush", "pool-flush", "transaction-begin"))
    same("the other did nothing", 1, len(lab.json("pool list")))
    for name, (_, op) in family.ops.items():
        if name.endswith("-get") or name == "event":
            # Of a dump that goes on netlink itself tells.
            first, other = codes(name, name)
            ok(f"one {name}", not first and other in (errno.EINVAL, errno.EBUSY),
               (first, other))
    same("a transaction begins alone", second,
         codes("transaction-begin", "transaction-commit"))
    eip = "eip-add", {"addr": "10.0.0.1"}
    binding = "binding-add", {"proto": 17, "addr4": "10.0.1.1", "port4": 53,
                              "addr6": "2001:db8::1"}
    same("of EIPs and bindings it takes many", [0, 0, errno.EEXIST, errno.EEXIST],
         codes(eip, binding, eip, binding))
    for name, values in (
            ("eip-add", {"addr": "10.1.0.0", "len": 24}),
            ("pool-add", {"addr": "10.2.0.0", "len": 24}),
            ("prefix-add", {"addr": P, "len": 96}),
            ("config-set", {"ftp": 1}),
            ("interface-set", {"name": "eth4", "wish": 1}),
            ("transaction-begin", {}), ("transaction-commit", {}),
            ("transaction-abort", {}), ("status-get", {}), ("eip-get", {})):
        same(f"{name} {values} comes alone", [errno.EEXIST, errno.EINVAL],
             codes(eip, (name, values)))
    # Of 28 octets each; SO_RCVBUFFORCE for the answers.
    family.sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)
    many = codes(*400 * [eip])
    same("and no more than 8 KiB",
         293 * [errno.EEXIST] + 107 * [errno.EINVAL], many)
    same("it ends", [0], codes("transaction-abort"))
    lab.ctl("pool flush")


def crowd():
    """So many who change something at once: some are told to come again."""
    eips = "".join(f"eip add 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n"
                   for i in range(20000))
    children, ends = [], []

    def change(end):
        family = in_netns(lab.ns, Family)
        end.send(b"r")
        while end.recv(1):
            try:
                family.do("pool-del", addr="198.18.0.0", len=24)
            except OSError as error:
                end.send(bytes([error.errno]))

    def meet():
        """While the EIPs go, which takes a moment."""
        family = in_netns(lab.ns, Family)
        subprocess.run([CTL, "-n", lab.ns, "apply", "-"], input=eips, text=True,
                       check=True)
        flush = threading.Thread(target=family.do, args=("eip-flush",))
        flush.start()
        for end in ends:
            end.send(b"g")
        same("who asks is answered", 1, len(in_netns(lab.ns, Family).do("status-get")))
        codes = {end.recv(1)[0] for end in ends}
        flush.join()
        return codes
    try:
        for _ in range(24):
            here, there = socket.socketpair()
            ends.append(here)
            children.append(os.fork())
            if not children[-1]:
                try:
                    change(there)
                finally:
                    os._exit(0)
            here.recv(1)
        # They may come when it is over.
        codes = set()
        for _ in range(10):
            codes |= meet()
            if errno.EBUSY in codes:
                break
        same("some are told that there are too many, some are heard",
             {errno.EBUSY, errno.ENOENT}, codes)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def used():
    family = in_netns(lab.ns, Family)
    for noun in "session", "pool", "prefix":
        family.do(f"{noun}-flush")
    family.do("prefix-add", addr=P, len=96, private=1)
    family.do("pool-add", addr="198.51.100.0", len=24, port_min=2000,
              filtering="address-dependent")
    family.do("binding-add", proto=17, addr4="203.0.113.1", port4=53,
              addr6=CLIENT6, port6=5353)
    family.do("config-set", udp_timeout=200, icmp_source="192.0.2.77")
    same("a prefix", [{"addr": P, "len": 96, "mode": "open", "private": 1}],
         family.dump("prefix-get"))
    pool, = family.dump("pool-get")
    same("a pool", ("198.51.100.0", 24, 2000, 65535, "address-dependent"), tuple(
        pool[k] for k in ("addr", "len", "port-min", "port-max", "filtering")))
    config, = family.do("config-get")
    same("options", (200, "192.0.2.77"),
         (config["udp-timeout"], config["icmp-source"]))
    lab.w6.send(IPv6(src=CLIENT6, dst=P + HOST4) / UDP(sport=7, dport=9))
    lab.w4.recv()
    want, = lab.json("session")
    got, = family.dump("session-get", proto=17, local6=CLIENT6)
    same("a session, as nat64ctl shows it", {
        k: want[k] for k in ("local6", "lport6", "local4", "lport4", "remote4")},
        {k: got[k] for k in ("local6", "lport6", "local4", "lport4", "remote4")})
    same("none by a filter that does not fit", [],
         family.dump("session-get", proto=6))
    same("the binding table", {(17, 53, True), (17, got["lport4"], False)},
         {(b["proto"], b["port4"], "static" in b)
          for b in family.dump("binding-get")})
    counters = {c["name"]: c["value"] for c in family.do("stats-get")[0]["counter"]}
    ok("counters", counters["translated_64"] >= 1, counters)
    answer, = family.do("explain", src6=CLIENT6, dst6=P + HOST4, proto=17, sport=7,
                        dport=9)
    same("what would become of a packet", ("translated", HOST4, got["lport4"]),
         (answer["verdict"], answer["dst4"], answer["sport"]))
    for command in "status-get", "defaults-get":
        ok(command, family.do(command)[0])
    for command in ("block-get", "client-get", "eip-get", "interface-get", "event"):
        ok(command, isinstance(family.dump(command), list))
    try:
        family.do("prefix-add", addr=P, len=97)
        code = 0
    except OSError as error:
        code = error.errno
    same("an error is an error", errno.EINVAL, code)


for function in written, ctl_says, policies, at_once, crowd, used:
    case(function)
done()
