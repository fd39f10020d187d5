#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""nat64ctl import jool: what becomes of Jool's JSON; Jool itself reads it too."""
import json
import shutil
import subprocess
import tempfile

from ktap import case, done, ok, same
from lab import CTL, Lab, run

lab = Lab()
jools = shutil.which("jool") and run("modprobe jool", False).returncode == 0 \
    and run("modprobe jool_siit", False).returncode == 0


def convert(text):
    """Its exit code, its lines, and what it complains of."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(text)
        file.flush()
        told = subprocess.run([CTL, "import", "jool", file.name], text=True,
                              capture_output=True)
        return told.returncode, told.stdout.splitlines(), \
            told.stderr.replace(file.name, "FILE").strip()


def jool_takes(text, tool="jool"):
    """Jool's own answer to the file."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(text)
        file.flush()
        told = run(f"ip netns exec {lab.ns} {tool} file handle {file.name}", False)
        run(f"ip netns exec {lab.ns} {tool} instance flush", False)
    return told.returncode == 0 or told.stdout + told.stderr


def applied(lines):
    """The kernel takes them as a whole configuration."""
    told = subprocess.run([CTL, "-n", lab.ns, "check", "-"], text=True,
                          input="\n".join(lines) + "\n", capture_output=True)
    return told.returncode == 0 or told.stderr


def nat64_config(**other):
    return {"instance": "default", "framework": "netfilter",
            "global": {"pool6": "64:ff9b::/96"}, **other}


FULL = nat64_config(comment=[1, {"of": "any kind"}])
FULL["global"].update({
    "pool6": "2001:db8:64::/96", "comment": "x", "manually-enabled": True,
    "zeroize-traffic-class": True, "override-tos": True, "tos": 16,
    "mtu-plateaus": [1500, 1280], "address-dependent-filtering": True,
    "drop-externally-initiated-tcp": True, "drop-icmpv6-info": False,
    "udp-timeout": "10:00", "tcp-est-timeout": "3:00:00",
    "tcp-trans-timeout": "300.500", "icmp-timeout": "0:1:30",
    "maximum-simultaneous-opens": 16, "source-icmpv6-errors-better": True,
    "logging-bib": True, "logging-session": False,
    "handle-rst-during-fin-rcv": True, "f-args": 11, "lowest-ipv6-mtu": 1500})
FULL["pool4"] = [
    {"protocol": "ICMP", "prefix": "198.51.100.0/28"},
    {"mark": 0, "protocol": "UDP", "prefix": "198.51.100.0/28",
     "port range": "2000-2999"},
    {"protocol": "TCP", "prefix": "198.51.100.0/28", "port range": "1000-1999",
     "comment": "x", "max-iterations": "auto"},
    {"mark": 7, "protocol": "TCP", "prefix": "198.51.100.16/32"}]
FULL["bib"] = [
    {"protocol": "TCP", "ipv6 address": "2001:db8::1#80",
     "ipv4 address": "198.51.100.1#1080", "comment": "x"},
    {"protocol": "ICMP", "ipv6 address": "2001:db8::1#7",
     "ipv4 address": "198.51.100.1#61007"}]
WANT = """prefix add 2001:db8:64::/96 private on
# global.mtu-plateaus: the plateaus are those of RFC 1191
# global.drop-externally-initiated-tcp: NOT CONVERTED: drop new TCP connections from IPv4 by a rule in ip filter
set udp-timeout 600
set tcp-est-timeout 10800
set tcp-trans-timeout 300
set icmp-timeout 90
set syn-max 16
# global.source-icmpv6-errors-better: errors have the address of the router that made them always
# global.logging-bib: NOT CONVERTED: let nat64-log.service log "binding"
# global.handle-rst-during-fin-rcv: a RST always ends a session soon
# global.f-args: a client keeps one pool address, and ports are random
set lowest-ipv6-mtu 1500
set tclass 0
set tos 16
# pool4[3].mark: NOT CONVERTED: a pool for packets of mark 7
pool add 198.51.100.0/28 ports 1000-1999 filtering address-dependent
# pool4[1]: NOT CONVERTED: udp had ports 2000-2999, a pool has one range
# pool4[0]: icmp had ids 61001-65535, a pool has one range
binding add tcp 198.51.100.1 1080 to 2001:db8::1 80
binding add icmp 198.51.100.1 61007 to 2001:db8::1 7""".splitlines()

SIIT = {"framework": "iptables", "global": {
    "pool6": None, "amend-udp-checksum-zero": False,
    "rfc6791v4-prefix": "203.0.113.0/28", "randomize-rfc6791-addresses": True,
    "rfc6791v6-prefix": None, "eam-hairpin-mode": "intrinsic"},
        "eamt": [{"ipv6 prefix": "2001:db8:3::/124",
                  "ipv4 prefix": "192.0.2.16/28"},
                 {"ipv6 prefix": "2001:db8:3::100", "ipv4 prefix": "192.0.2.1"}],
        "denylist4": ["198.51.100.0", "198.51.100.32/27"]}
WANT_SIIT = """# framework: NOT CONVERTED: all packets of the prefix, pools and EIPs are translated, not what rules choose
set udp-zero-checksum off
set icmp-source 203.0.113.0/28
# global.randomize-rfc6791-addresses: an IPv6 router has one address of icmp-source always
# global.rfc6791v6-prefix: IPv4 routers are shown by their address inside the prefix
# global.eam-hairpin-mode: hairpinning of mapped hosts works always
eip add 192.0.2.16/28 to 2001:db8:3::/124
eip add 192.0.2.1 to 2001:db8:3::100
# denylist4[0]: NOT CONVERTED: leave packets of 198.51.100.0 to others by a rule in the raw tables
# denylist4[1]: NOT CONVERTED: leave packets of 198.51.100.32/27 to others by a rule in the raw tables""".splitlines()


def one_line():
    """What Jool takes and nat64ctl or the kernel would not, and what is not the same."""
    pool = {"protocol": "TCP", "prefix": "198.51.100.0/30"}
    every = [{**pool, "protocol": p} for p in ("TCP", "UDP", "ICMP")]
    bib = {"protocol": "UDP", "ipv4 address": "198.51.100.1#0",
           "ipv6 address": "2001:db8::1#5"}
    inside = 'it stands for IPv4 alone: IPv6 hosts inside it need an "eip add" each'
    mapped = [{"ipv6 prefix": "2001:db8:3::1", "ipv4 prefix": "192.0.2.1"}]
    for change, code, want in (
            ({"pool4": [{**pool, "prefix": "10.0.0.0/12"}]}, 3,
             "pool4[0].prefix: NOT CONVERTED: 10.0.0.0/12: the length of a pool is "
             "16 to 32"),
            ({"pool4": [*every[:2], {**every[2], "port range": "61002-65535"}]}, 0,
             "pool4[2]: icmp had ids 61002-65535, a pool has one range"),
            ({"pool4": every, "bib": [bib]}, 3,
             "bib[0].ipv6 address: NOT CONVERTED: port 0 cannot be bound"),
            ({"eamt": [{"ipv6 prefix": "2001:db8::/100", "ipv4 prefix": "16.0.0.0/4"}]},
             3, "eamt[0].ipv4 prefix: NOT CONVERTED: 16.0.0.0/4: the length of an EIP "
             "is 8 to 32"),
            ({"eamt": mapped}, 0, f"global.pool6: {inside}"),
            ({"eamt": []}, 3, f"global.pool6: NOT CONVERTED: {inside}"),
            ({"global": {"pool6": "64:ff9b::/96", "amend-udp-checksum-zero": True}}, 3,
             f"global.pool6: NOT CONVERTED: {inside}"),
            ({"global": {"rfc6791v4-prefix": "0.0.0.0/0"}}, 3,
             "global.rfc6791v4-prefix: NOT CONVERTED: 0.0.0.0/0: the length of "
             "icmp-source is 8 to 32")):
        got, lines, _ = convert(json.dumps(nat64_config(**change)))
        same(f"{want}", (code, True), (got, f"# {want}" in lines))
        same("the kernel takes the rest", True, applied(lines))


def whole():
    for name, config, want, tool in (("NAT64", FULL, WANT, "jool"),
                                     ("SIIT", SIIT, WANT_SIIT, "jool_siit")):
        code, lines, said = convert(json.dumps(config))
        same(f"{name}: each key that there is", want, lines)
        same(f"{name}: not all of it has an equivalent",
             (3, "nat64ctl: FILE: not all of it can be converted, "
              "see the lines NOT CONVERTED"), (code, said))
        same(f"{name}: the kernel takes it", True, applied(lines))
        if jools:
            config = {**config, "instance": "default", "framework": "netfilter"}
            # Of another line of Jool's, or of none that is packaged.
            for key in "source-icmpv6-errors-better", :
                config["global"].pop(key, None)
            same(f"{name}: Jool takes it", True,
                 jool_takes(json.dumps(config), tool))
    code, lines, said = convert(json.dumps(nat64_config(
        pool4=[{"protocol": "TCP", "prefix": "198.51.100.7"}])))
    same("Jool's default of ports", "pool add 198.51.100.7 ports 61001-65535",
         lines[-1])
    cases = nat64_config(pool4=[{"Protocol": "TCP", "PREFIX": "198.51.100.7"}])
    cases["Global"] = {key.upper(): value for key, value in
                       cases.pop("global").items()}
    same("keys are keys in letters of any case",
         (code, lines), convert(json.dumps(cases))[:2])
    if jools:
        same("as Jool reads them", True, jool_takes(json.dumps(cases), "jool"))
    code, lines, said = convert(json.dumps(nat64_config(
        pool4=[{"protocol": "TCP", "prefix": "198.51.100.1"},
               {"protocol": "UDP", "prefix": "198.51.100.0/30"}],
        **{"global": {"pool6": "64:ff9b::/96", "icmp-timeout": "0:00:05",
                      "maximum-simultaneous-opens": 100000}})))
    same("what set and pool would refuse", (3, [
        "prefix add 64:ff9b::/96 private on",
        "# global.icmp-timeout: NOT CONVERTED: "
        "icmp-timeout is from 10 to 604800, not 5",
        "# global.maximum-simultaneous-opens: NOT CONVERTED: "
        "syn-max is from 0 to 65536, not 100000",
        "# pool4[0]: Jool did not use it for all protocols, a pool is for all",
        "pool add 198.51.100.1 ports 61001-65535",
        "# pool4[1]: NOT CONVERTED: 198.51.100.0/30 is in part 198.51.100.1 "
        "already, which is for all protocols"]), (code, lines))
    code, lines, said = convert(json.dumps(nat64_config()))
    same("without pool4", (3, [
        "prefix add 64:ff9b::/96 private on",
        "# pool4: NOT CONVERTED: Jool took the router's own addresses, "
        "ports 61001-65535: add a pool"]), (code, lines))


def errors():
    pool = {"protocol": "TCP", "prefix": "192.0.2.1"}
    bib = {"protocol": "TCP", "ipv6 address": "2001:db8::1#80",
           "ipv4 address": "192.0.2.1#80"}
    bad = (
        ({"pool5": []}, "pool5: is no key of Jool's"),
        ({"global": {"pool6": "64:ff9b::/960"}}, "global.pool6: is not a prefix"),
        ({"global": {"pool6": "10.0.0.0/8"}},
         "global.pool6: is not an IPv6 prefix"),
        ({"global": {"pool6": 7}}, "global.pool6: a string is wanted"),
        ({"global": []}, "global: an object is wanted"),
        ({"global": {"udp-timeout": "5 minutes"}},
         "global.udp-timeout: is not a time, [HH:[MM:]]SS[.mmm]"),
        *(({"global": {"udp-timeout": time}},
           "global.udp-timeout: is not a time, [HH:[MM:]]SS[.mmm]")
          for time in ("", "99999999999999999999999:00", "1:2:3:4", "1:2:3:", "1:",
                       "5.x")),
        ({"global": {"pool6": "64:ff9b::1/96"}}, "global.pool6: has host bits set"),
        ({"pool4": [{**pool, "prefix": "192.0.2.1/24"}]},
         "pool4[0].prefix: has host bits set"),
        ({"eamt": [{"ipv6 prefix": "2001:db8::1/120", "ipv4 prefix": "192.0.2.0/24"}]},
         "eamt[0].ipv6 prefix: has host bits set"),
        ({"global": {"mtu": 1500}}, "global.mtu: is no key of Jool's"),
        ({"global": {"logging-bib": "yes"}},
         "global.logging-bib: true or false is wanted"),
        ({"global": {"lowest-ipv6-mtu": -1}},
         "global.lowest-ipv6-mtu: is not a number that fits"),
        ({"pool4": {}}, "pool4: an array is wanted"),
        ({"pool4": [7]}, "pool4[0]: an object is wanted"),
        ({"pool4": [pool, {**pool, "protocol": "GRE"}]},
         "pool4[1].protocol: is not TCP, UDP or ICMP"),
        ({"pool4": [{"protocol": "TCP"}]}, "pool4[0].prefix: is missing"),
        ({"pool4": [{**pool, "port range": "9-8"}]},
         "pool4[0].port range: is not a range of ports"),
        ({"pool4": [{**pool, "port range": "1-70000"}]},
         "pool4[0].port range: is not a range of ports"),
        ({"pool4": [{**pool, "port range": "4294967376-65535"}]},
         "pool4[0].port range: is not a range of ports"),
        ({"pool4": [{**pool, "ports": "1-7"}]},
         "pool4[0].ports: is no key of Jool's"),
        ({"bib": [{**bib, "ipv4 address": "192.0.2.1"}], "pool4": [pool]},
         "bib[0].ipv4 address: is not ADDRESS#PORT"),
        ({"bib": [{**bib, "ipv4 address": "192.0.2.1#-18446744073709551535"}],
          "pool4": [pool]}, "bib[0].ipv4 address: is not ADDRESS#PORT"),
        ({"bib": [{**bib, "ipv6 address": "::1#65536"}], "pool4": [pool]},
         "bib[0].ipv6 address: is not ADDRESS#PORT"),
        ({"eamt": [{"ipv6 prefix": "::\n/0", "ipv4 prefix": "1.2.3.4"}]},
         "eamt[0].ipv6 prefix: is not an IPv6 prefix"),
        ({"denylist4": "192.0.2.1"}, "denylist4: an array is wanted"),
        ({"eamt": [], "pool4": [pool]},
         "pool4: jool_siit, which has the other lists, has no such list"))
    for change, want in bad:
        text = json.dumps(nat64_config(**change))
        code, lines, said = convert(text)
        same(f"{want}", (1, [], f"nat64ctl: FILE: {want}"),
             (code, lines, said.splitlines()[0]))
        if jools and "port range" not in want and "bib[0]" not in want:
            tool = "jool_siit" if "eamt" in change or "denylist4" in change \
                else "jool"
            ok(f"Jool refuses it, too: {want}", jool_takes(text, tool) is not True)
    for text, want in (('{"a": 1,\n "b" 2}', "FILE:2:6: ':' expected near '2'"),
                       ("[]", "FILE: an object is wanted"),
                       ('{"a": 1, "a": 2}', 'FILE:1:12: duplicate object key'),
                       ('{"eamt": [{"A": 1, "a": 2}]}',
                        "FILE: a: is there twice")):
        code, lines, said = convert(text)
        ok(f"{text!r}: {want}", code == 1 and not lines and
           said.startswith(f"nat64ctl: {want}"), (code, lines, said))
    for words, want in (([], "a file is missing"), (["/none"], "/none"),
                        (["/tmp"], "Is a directory"),
                        (["a", "b"], '"b"')):
        told = subprocess.run([CTL, "import", "jool", *words], text=True,
                              capture_output=True)
        ok(f"import jool {' '.join(words)}", told.returncode == 1 and
           want in told.stderr, told.stderr)


for function in whole, one_line, errors:
    case(function)
done()
