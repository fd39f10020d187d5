#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Documentation/conformance.csv: what the RFCs ask, and what shows it.

  conformance.py rst		the table as Documentation/conformance.rst
  conformance.py check LOG	hold it against the output of all tests: KTAP

A row is shown by tests, "TEST: text" with " & " between them: lines of that
test that hold the text must have come, and every one must be ok.  Or it is a
choice, with its reason.
"""
import csv
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TABLE = f"{TOP}/Documentation/conformance.csv"
PAGE = f"{TOP}/Documentation/conformance.rst"

NAMES = {
    "791": "IPv4", "792": "ICMPv4", "1858": "Fragment filtering",
    "2784": "GRE, and other protocols", "3704": "Ingress filtering",
    "3828": "UDP-Lite", "4340": "DCCP",
    "4787": "NAT behaviour, UDP", "4884": "Multi-part ICMP",
    "4960": "SCTP", "5382": "NAT behaviour, TCP",
    "5508": "NAT behaviour, ICMP", "5722": "Overlapping IPv6 fragments",
    "6052": "Addresses", "6146": "Stateful NAT64", "6384": "FTP",
    "6791": "Stateless source address of ICMPv6 errors",
    "6864": "Identification", "6877": "464XLAT",
    "6888": "Carrier-grade NAT, where it applies",
    "7757": "Explicit address mappings", "7857": "Updates to NAT behaviour",
    "7915": "IP/ICMP translation", "8021": "Atomic fragments",
    "8200": "IPv6", "8215": "Local-use prefix",
}

HEAD = """\
.. SPDX-License-Identifier: GPL-2.0
.. Made by selftests/conformance.py from conformance.csv; do not edit.

===========
Conformance
===========

What the RFCs ask of a translator, and what shows that nat64 does it.  Every row
names tests, or is a choice with its reason.  ``make check`` runs the tests, holds
this table against what they printed, and fails if a row has no test that passed.

"xlat: 4.1 options" is the lines of ``selftests/test_xlat`` that hold the text
"4.1 options"; ``make check T=xlat`` runs that test.  Expected packets come from
scapy or from a reference model written from the RFCs (``selftests/model.py``),
never from the module.  What Jool and TAYGA do with the same packets is in
`peers.rst <peers.rst>`_.

{tested} requirements are shown by tests, {chosen} are choices.
"""


def rows():
    with open(TABLE, newline="") as f:
        return list(csv.DictReader(
            (line for line in f if not line.startswith("#")), delimiter="|"))


def is_choice(row):
    return row["shown by"].startswith("choice: ")


def cell(text):
    return '"' + text.replace('"', '""') + '"'


def page():
    table = rows()
    chosen = sum(is_choice(row) for row in table)
    out = [HEAD.format(tested=len(table) - chosen, chosen=chosen)]
    rfc = None
    for row in table:
        if row["rfc"] != rfc:
            rfc = row["rfc"]
            title = f"RFC {rfc}: {NAMES[rfc]}"
            out += ["", title, "-" * len(title), "",
                    ".. csv-table::",
                    '   :header: "section", "level", "requirement", "result", '
                    '"shown by", "option (default)"',
                    "   :widths: 6, 8, 36, 8, 36, 16", ""]
        shown = row["shown by"].removeprefix("choice: ")
        out.append("   " + ", ".join(cell(text) for text in (
            row["section"], row["level"], row["requirement"],
            "choice" if is_choice(row) else "passes",
            shown.replace(" & ", "; "), row["option (default)"])))
    return "\n".join(out) + "\n"


def read_log(path):
    """Lines of each test: (passed, description)."""
    lines, test = {}, None
    with open(path, errors="replace") as f:
        for line in f:
            if m := re.match(r"# Subtest: (\S+)", line):
                test = m.group(1)
            elif m := re.match(r"    (not )?ok \d+ ?(.*)", line):
                lines.setdefault(test, []).append((not m.group(1),
                                                   m.group(2)))
    return lines


def wrong(shown, lines):
    """None, or why the tests of a row do not show it."""
    for one in shown.split(" & "):
        test, _, text = one.partition(":")
        found = [good for good, what in lines.get(test, [])
                 if text.strip() in what and "# SKIP" not in what]
        if not found:
            return f"no line of {test} holds \"{text.strip()}\""
        if not all(found):
            return f"{one} failed"
    return None


def check(path):
    lines = read_log(path)
    count = 0

    def ok(what, why):
        nonlocal count
        count += 1
        print(f"{'not ok' if why else 'ok'} {count} {what}")
        if why:
            print(f"# {why}")

    for row in rows():
        if not is_choice(row):
            ok(f"RFC {row['rfc']} {row['section']} {row['level']} "
               f"{row['requirement']}", wrong(row["shown by"], lines))
    with open(PAGE) as f:
        ok("Documentation/conformance.rst is what its table makes",
           None if f.read() == page() else "conformance.py rst makes it anew")
    print(f"1..{count}")


if sys.argv[1:] == ["rst"]:
    with open(PAGE, "w") as out_file:
        out_file.write(page())
elif len(sys.argv) == 3 and sys.argv[1] == "check":
    check(sys.argv[2])
else:
    sys.exit(__doc__)
