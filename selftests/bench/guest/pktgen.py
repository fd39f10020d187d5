# SPDX-License-Identifier: GPL-2.0
"""The kernel's packet generator."""
import os
import re

from net import inside, open_in

ERRORS = re.compile(r"errors: (\d+)")
RESULT = re.compile(r"Result: OK: (\d+)\(c\d+\+d\d+\) usec, (\d+) ")
FIRST_PORT = 2000		# neither well-known nor an ephemeral end


class Generator:
    """pktgen on a device of a namespace, by a kernel thread for each CPU."""

    def __init__(self, ns, dev="eth0", cpus=1):
        self.ns = ns
        self.files = []
        for cpu in range(cpus):
            name = f"{dev}@{cpu}"
            self.command(f"kpktgend_{cpu}", f"add_device {name}")
            self.files.append(open_in(
                ns, f"/proc/self/net/pktgen/{name}", os.O_RDWR))
            self.set("clone_skb 0", "delay 0", "flag UDPCSUM", cpu=cpu)

    def command(self, file, word):
        with inside(self.ns):
            with open(f"/proc/self/net/pktgen/{file}", "w") as out:
                out.write(word + "\n")

    def set(self, *words, cpu=0):
        for word in words:
            os.write(self.files[cpu], word.encode() + b"\n")

    def send(self, count):
        """Send so many packets by each CPU.

        Return of each the nanoseconds, and how many packets the device did not
        take: pktgen does not count these but sends others in their place.
        """
        for cpu in range(len(self.files)):
            self.set(f"count {count}", cpu=cpu)
        self.command("pgctrl", "start")
        return [self.result(file, count) for file in self.files]

    @staticmethod
    def result(file, count):
        text = os.pread(file, 1 << 16, 0).decode()
        result = RESULT.search(text)
        if not result or int(result[2]) != count:
            raise RuntimeError(f"pktgen did not send {count}: {text}")
        return int(result[1]) * 1000, int(ERRORS.search(text)[1])

    def close(self):
        for file in self.files:
            os.close(file)
        self.command("pgctrl", "reset")


class Flows:
    """Packets of a family, 18 octets in UDP, between two ranges of ports.

    @src, @dst: first address, or (first, last)
    @sports, @dports: how many ports, from FIRST_PORT on
    """

    def __init__(self, family, mac, src, dst, sports=1, dports=1,
                 first_sport=FIRST_PORT, first_dport=FIRST_PORT):
        six = "6" if family == 6 else ""
        self.words = [f"dst_mac {mac}", f"pkt_size {80 if six else 60}"]
        if six:
            self.words += [f"src6 {src}", f"dst6 {dst}"]
        else:
            for name, value in ("src", src), ("dst", dst):
                first, last = value if isinstance(value, tuple) else (
                    value, value)
                self.words += [f"{name}_min {first}", f"{name}_max {last}"]
        for name, first, count in (("src", first_sport, sports),
                                   ("dst", first_dport, dports)):
            self.words += [f"udp_{name}_min {first}",
                           f"udp_{name}_max {first + count}" if count > 1
                           else f"udp_{name}_max {first}"]

    def apply(self, generator, random, cpu=0):
        """Flows one by one, or at random."""
        sign = "" if random else "!"
        generator.set(*self.words, *(f"flag {sign}{flag}_RND" for flag in (
            "UDPSRC", "UDPDST", "IPSRC", "IPDST")), cpu=cpu)
