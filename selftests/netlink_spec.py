#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The netlink family as a specification in YAML, for ynl of the kernel's tools.

It is made from the comments of kmod/uapi/nat64.h, so that the two cannot differ:
  netlink_spec.py		prints Documentation/nat64.yaml
  Family			speaks to the kernel by nothing but that file
"""
import os
import re
import socket
import struct

import yaml

from netlink_bad import ACK, DUMP, GENL_ID_CTRL, REQUEST, attr

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
HEADER = f"{TOP}/kmod/uapi/nat64.h"
SPEC = f"{TOP}/Documentation/nat64.yaml"
HEAD = """# SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note
# Made by "selftests/netlink_spec.py" from kmod/uapi/nat64.h; do not edit.
---
"""

# What everybody may read, and what has no attributes to be told.
OPEN = {"prefix-get", "pool-get", "eip-get", "config-get", "defaults-get",
        "stats-get", "status-get", "interface-get"}
SETS = {"defaults": "config"}
DO_GET = {"config-get", "defaults-get", "stats-get", "status-get"}


def word(name, prefix):
    return name.removeprefix(prefix).lower().replace("_", "-")


def enums():
    """Of the header: name, what it is, and its values with what they are."""
    with open(HEADER) as file:
        text = file.read()
    for comment, name, body in re.findall(
            r"/\*\*\n(.*?)\*/\nenum (\w+) \{(.*?)\};", text, re.S):
        comment = " ".join(re.sub(r"^\s*\*\s?", "", comment, flags=re.M).split())
        doc = dict(re.findall(r"@(NAT64_\w+): (.*?)(?= @NAT64_|$)", comment))
        values = re.findall(r"\b(NAT64_\w+)", body)
        yield name, re.search(r"- (.*?)(?= @|$)", comment).group(1), \
            [(value, doc[value]) for value in values]


def type_of(name, doc):
    """An attribute by the words that its comment begins with."""
    first = doc.split(",")[0].split(" ")[0].rstrip(":;")
    if name.endswith("_PAD"):
        return {"type": "pad"}
    if name.startswith("NAT64_CONFIG"):
        if name == "NAT64_CONFIG_ICMP_SOURCE":
            return {"type": "u32", "byte-order": "big-endian",
                    "display-hint": "ipv4"}
        return {"type": "u32"}
    if first == "16":
        return {"type": "binary", "checks": {"exact-len": 16},
                "display-hint": "ipv6"}
    if first == "4":
        return {"type": "u32", "byte-order": "big-endian", "display-hint": "ipv4"}
    if first == "be16":
        return {"type": "u16", "byte-order": "big-endian"}
    if first == "nest":
        inside = re.search(r"NAT64_([A-Z]+)_\*", doc)
        if name == "NAT64_STATS_COUNTER":
            return {"type": "nest", "nested-attributes": "stats",
                    "multi-attr": True}
        # Whose attributes they are, the command tells.
        return {"type": "nest", "nested-attributes": inside.group(1).lower()} \
            if inside else {"type": "binary"}
    enum = re.search(r"&enum nat64_(\w+)", doc)
    kind = {"type": first}
    if enum:
        kind["enum"] = enum.group(1).replace("_", "-")
    assert first in ("u8", "u16", "u32", "u64", "flag", "string"), (name, doc)
    return kind


def make():
    """The specification, of plain dictionaries and lists."""
    definitions, sets, operations = [], [], []
    for name, doc, values in enums():
        if name == "nat64_cmd":
            commands = values
        elif name.endswith("_attr"):
            short = name[len("nat64_"):-len("_attr")]
            prefix = f"NAT64_{short.upper()}_"
            sets.append({
                "name": short, "enum-name": name, "doc": doc,
                "name-prefix": f"nat64-{short}-",
                "attributes": [{"name": word(value, prefix), "doc": text,
                                **type_of(value, text)}
                               for value, text in values[1:]]})
        else:
            prefix = os.path.commonprefix([value for value, _ in values])
            prefix = prefix[:prefix.rindex("_") + 1]
            definitions.append({
                "name": name[len("nat64_"):].replace("_", "-"), "type": "enum",
                "doc": doc, "enum-name": name,
                "name-prefix": prefix.lower().replace("_", "-"),
                "entries": [{"name": word(value, prefix), "doc": text}
                            for value, text in values]})
    own = {s["name"]: s["attributes"] for s in sets}
    for value, doc in commands[1:]:
        operations.append(operation(word(value, "NAT64_CMD_"), doc, own))
    return {
        "name": "nat64", "protocol": "genetlink",
        "doc": "The translator between IPv6 and IPv4 of the network namespace.",
        "uapi-header": "linux/nat64.h", "definitions": definitions,
        "attribute-sets": sets,
        "operations": {"name-prefix": "nat64-cmd-", "enum-name": "nat64_cmd",
                       "list": operations},
        "mcast-groups": {"list": [{"name": name} for name in (
            "session", "binding", "refusal", "config", "block")]}}


def operation(name, doc, own):
    noun, _, verb = name.partition("-")
    noun = SETS.get(noun, noun)
    op = {"name": name, "doc": doc, "attribute-set": noun}
    if name not in OPEN:
        op["flags"] = ["uns-admin-perm"]
    attributes = [a for a in own.get(noun, []) if a["type"] != "pad"]
    asked = [a["name"] for a in attributes if "read only" not in a["doc"] and
             "of the answer" not in a["doc"] and "not of a request" not in a["doc"]]
    told = [a["name"] for a in attributes if not a["doc"].split(",", 1)[-1].startswith(
        " of a request")]
    if verb in ("add", "del", "set"):
        asked = [a["name"] for a in attributes if a["name"] in asked and
                 a["name"] in told and (noun, a["name"]) != ("binding", "static")]
    if name in ("transaction-begin", "transaction-abort") or \
            verb == "flush" and noun != "session":
        op["do"] = {"request": {"attributes": []}}
    elif verb in ("add", "del", "set", "commit", "flush"):
        op["do"] = {"request": {"attributes": asked}}
    elif name == "explain":
        op["do"] = {"request": {"attributes": asked},
                    "reply": {"attributes": told}}
    elif name in DO_GET:
        op["do"] = {"request": {"attributes": []}, "reply": {"attributes": told}}
    else:
        op["dump"] = {"request": {"attributes": asked if noun in (
            "binding", "session", "block", "client") else []},
                      "reply": {"attributes": told}}
    return op


def text():
    return HEAD + yaml.safe_dump(make(), sort_keys=False, width=88)


class Family:
    """The family as the specification has it; errors are OSError."""

    def __init__(self):
        with open(SPEC) as file:
            self.spec = yaml.safe_load(file)
        self.sets = {s["name"]: s["attributes"]
                     for s in self.spec["attribute-sets"]}
        self.enums = {d["name"]: [e["name"] for e in d["entries"]]
                      for d in self.spec["definitions"]}
        self.ops = {op["name"]: (i + 1, op) for i, op in enumerate(
            self.spec["operations"]["list"])}
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.bind((0, 0))
        self.sock.settimeout(10)
        name = self.spec["name"].encode() + b"\0"
        answer, = self.talk(GENL_ID_CTRL, 3, REQUEST | ACK, attr(2, name))
        self.control = dict(self.split(answer))
        self.id, = struct.unpack("H", self.control[1])

    @staticmethod
    def split(data):
        while data:
            size, number = struct.unpack_from("HH", data)
            yield number & 0x3fff, data[4:size]
            data = data[(size + 3) & ~3:]

    def talk(self, family, cmd, flags, attrs):
        """What is answered, without headers."""
        body = struct.pack("BBH", cmd, 1, 0) + attrs
        self.sock.send(struct.pack("IHHII", 16 + len(body), family, flags, 1, 0) +
                       body)
        answers = []
        while True:
            data = self.sock.recv(1 << 17)
            while data:
                size, kind = struct.unpack_from("IH", data)
                if kind in (2, 3):
                    code = struct.unpack_from("i", data, 16)[0]
                    if code:
                        raise OSError(-code, os.strerror(-code))
                    return answers
                answers.append(data[20:size])
                data = data[(size + 3) & ~3:]

    def pack(self, name, values):
        numbers = {a["name"]: (i + 1, a) for i, a in enumerate(self.sets[name])}
        return b"".join(attr(numbers[key][0], self.octets(
            numbers[key][1], value)) for key, value in values.items())

    SIZES = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q"}

    def octets(self, attr, value):
        if attr.get("display-hint") == "ipv6":
            return socket.inet_pton(socket.AF_INET6, value)
        if attr.get("display-hint") == "ipv4":
            return socket.inet_aton(value)
        if attr["type"] == "flag":
            return b""
        if attr["type"] == "string":
            return value.encode() + b"\0"
        if "enum" in attr and not isinstance(value, int):
            value = self.enums[attr["enum"]].index(value)
        order = ">" if "byte-order" in attr else "="
        return struct.pack(order + self.SIZES[attr["type"]], value)

    def unpack(self, name, data):
        values = {}
        for number, octets in self.split(data):
            attr = self.sets[name][number - 1]
            value = self.value(attr, octets)
            if attr.get("multi-attr"):
                values.setdefault(attr["name"], []).append(value)
            elif attr["type"] != "pad":
                values[attr["name"]] = value
        return values

    def value(self, attr, octets):
        if attr.get("display-hint") == "ipv6":
            return socket.inet_ntop(socket.AF_INET6, octets)
        if attr.get("display-hint") == "ipv4":
            return socket.inet_ntoa(octets)
        if attr["type"] == "nest":
            return self.unpack(attr["nested-attributes"], octets)
        if attr["type"] == "string":
            return octets.rstrip(b"\0").decode()
        if attr["type"] in self.SIZES:
            order = ">" if "byte-order" in attr else "="
            number, = struct.unpack(order + self.SIZES[attr["type"]], octets)
            return self.enums[attr["enum"]][number] if "enum" in attr else number
        return octets if octets else True

    def ask(self, name, kind, flags, values):
        number, op = self.ops[name]
        values = {k.replace("_", "-"): v for k, v in values.items()}
        assert set(values) <= set(op[kind]["request"]["attributes"]), values
        return [self.unpack(op["attribute-set"], answer) for answer in self.talk(
            self.id, number, flags, self.pack(op["attribute-set"], values)
            if values else b"")]

    def do(self, name, **values):
        return self.ask(name, "do", REQUEST | ACK, values)

    def dump(self, name, **values):
        got = self.ask(name, "dump", REQUEST | DUMP, values)
        told = self.ops[name][1]["dump"]["reply"]["attributes"]
        for one in got:
            assert set(one) <= set(told), one
        return got


if __name__ == "__main__":
    print(text(), end="")
