#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Type what a section of the guide says, and see what it says comes.

  transcript.py TITLE NUMBER HOST=NETNS... [without WORD...]

Lines "HOST# COMMAND" of the section are run in the network namespace of that name, of
none if it is empty, but for those whose first word is given as WORD.  What follows
them is compared with what comes, whatever the numbers.  Tests are numbered from NUMBER.
"""
import os
import re
import subprocess
import sys

import ktap

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def section(title):
    with open(f"{TOP}/Documentation/guide.rst") as f:
        guide = f.read()
    return guide.split(f"\n{title}\n{'=' * len(title)}\n")[1].split("\n==")[0]


def commands(text, hosts):
    """(host, command, what comes) of each."""
    found = []
    for line in text.splitlines():
        prompt = re.match(rf"    ({'|'.join(hosts)})# (.*)", line)
        if prompt:
            found.append((*prompt.groups(), []))
        elif found and line.startswith("    "):
            found[-1][2].append(line[4:])
    return found


def shape(lines):
    return [re.sub(r"[0-9]+([.][0-9]+)*", "N", " ".join(line.split())).replace(" (", "(")
            for line in lines]


def main(title, number, *words):
    ktap.count = int(number)
    hosts = dict(w.split("=") for w in words if "=" in w)
    without = words[words.index("without") + 1:] if "without" in words else ()
    for host, command, comes in commands(section(title), hosts):
        if command.split()[0] in without:
            continue
        into = ["ip", "netns", "exec", hosts[host]] if hosts[host] else []
        got = subprocess.run([*into, "bash", "-c", command], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             timeout=600).stdout.splitlines()
        ktap.same(f"{host}# {command}", shape(comes), shape(got))
        for line in got:
            print(f"# {line}")
    ktap.done()


main(*sys.argv[1:])
