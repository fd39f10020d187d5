# SPDX-License-Identifier: GPL-2.0
"""The kernel's packet generator."""
import os
import re

from net import inside, open_in

RESULT = re.compile(r"Result: OK: (\d+)\(c\d+\+d\d+\) usec, (\d+) ")
FIRST_PORT = 2000		# neither well-known nor an ephemeral end


class Generator:
    """pktgen on a device of a namespace, by one kernel thread."""

    def __init__(self, ns, dev="eth0"):
        self.ns = ns
        thread = open_in(ns, "/proc/self/net/pktgen/kpktgend_0", os.O_WRONLY)
        os.write(thread, f"add_device {dev}\n".encode())
        os.close(thread)
        self.control = open_in(ns, "/proc/self/net/pktgen/pgctrl",
                               os.O_WRONLY)
        self.file = open_in(ns, f"/proc/self/net/pktgen/{dev}", os.O_RDWR)
        self.set("clone_skb 0", "delay 0", "flag UDPCSUM")

    def set(self, *words):
        for word in words:
            os.write(self.file, word.encode() + b"\n")

    def send(self, count):
        """Send that many packets and return the nanoseconds it took."""
        self.set(f"count {count}")
        with inside(self.ns):
            os.write(self.control, b"start\n")
        text = os.pread(self.file, 1 << 16, 0).decode()
        result = RESULT.search(text)
        if not result or int(result[2]) != count:
            raise RuntimeError(f"pktgen did not send {count}: {text}")
        return int(result[1]) * 1000

    def close(self):
        os.close(self.file)
        os.close(self.control)


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

    def apply(self, generator, random):
        """Flows one by one, or at random."""
        sign = "" if random else "!"
        generator.set(*self.words, *(f"flag {sign}{flag}_RND" for flag in (
            "UDPSRC", "UDPDST", "IPSRC", "IPDST")))
