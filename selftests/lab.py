# SPDX-License-Identifier: GPL-2.0
"""A router between two wires that the test holds in its hands.

     wire6 --------- eth6  router  eth4 --------- wire4

No stack answers at the far ends: the test sends and receives every frame by
itself.  The router knows its neighbours by static entries.
"""
import atexit
import ctypes
import json
import os
import select
import socket
import subprocess
import time

from scapy.config import conf
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CTL = f"{TOP}/tools/nat64ctl"

CLIENT6 = "2001:db8:6::2"
ROUTER6 = "2001:db8:6::1"
SERVER4 = "192.0.2.2"
HOST4 = "192.0.2.33"
ROUTER4 = "192.0.2.1"
MAC_FAR = "02:00:00:00:00:02"
MAC_NEAR = "02:00:00:00:00:01"
WAIT = 5

# Is the test to be run with the fast path?
FASTPATH = bool(os.environ.get("NAT64_FASTPATH"))

conf.verb = 0


def run(cmd, check=True):
    result = subprocess.run(cmd, shell=isinstance(cmd, str), text=True,
                            capture_output=True)
    if check and result.returncode:
        raise RuntimeError(f"{cmd}: {result.stdout}{result.stderr}")
    return result


def in_netns(name, function):
    """Call function in a network namespace and come back."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        if libc.setns(there, 0):
            raise OSError(ctypes.get_errno(), "setns")
        return function()
    finally:
        libc.setns(home, 0)
        os.close(home)
        os.close(there)


NOBODY = 65534
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def be_nobody(*flags):
    """A user of no rights, or with flags root of his own namespaces."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    if flags and libc.unshare(sum(flags)):
        raise OSError(ctypes.get_errno(), "unshare")


def as_nobody(function, *flags):
    """What function returns in a process that is nobody: numbers."""
    here, there = os.pipe()
    child = os.fork()
    if not child:
        try:
            be_nobody(*flags)
            os.write(there, " ".join(map(str, function())).encode())
        finally:
            os._exit(0)
    os.close(there)
    with os.fdopen(here) as file:
        text = file.read()
    os.waitpid(child, 0)
    return tuple(map(int, text.split()))


class Wire:
    """The far end of a link of the router."""

    def __init__(self, lab, dev, layer):
        self.layer = layer
        self.ns = f"{dev}-{lab.ns}"
        run(f"ip netns add {self.ns}")
        atexit.register(run, f"ip netns del {self.ns}", False)
        run(f"ip -n {lab.ns} link add {dev} address {MAC_NEAR} type veth "
            f"peer name far netns {self.ns} address {MAC_FAR}")
        run(f"ip netns exec {self.ns} sysctl -qw "
            "net.ipv6.conf.all.disable_ipv6=1")
        run(f"ip -n {self.ns} link set far up mtu 9000")
        run(f"ip -n {self.ns} link set far arp off")
        run(f"ip -n {lab.ns} link set {dev} up")
        self.sock = in_netns(self.ns, self._open)

    @staticmethod
    def _open():
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                             socket.htons(3))
        sock.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
        sock.bind(("far", 0))
        return sock

    def send(self, packet):
        self.sock.send(bytes(Ether(dst=MAC_NEAR, src=MAC_FAR) / packet))

    def send_raw(self, packet):
        """Octets, sent as they are."""
        kind = b"\x08\x00" if self.layer is IP else b"\x86\xdd"
        self.sock.send(bytes.fromhex((MAC_NEAR + MAC_FAR).replace(":", "")) +
                       kind + packet)

    def recv(self, wait=WAIT):
        """The next IP packet that came out of the router, or None."""
        packet = self.recv_raw(wait)
        return packet and self.layer(packet)

    def recv_raw(self, wait=WAIT):
        """The same as octets."""
        end = time.monotonic() + wait
        while True:
            left = max(0, end - time.monotonic())
            if not select.select([self.sock], [], [], left)[0]:
                return None
            frame = self.sock.recv(65536)
            # Not what we sent, and no neighbour or multicast chatter.
            if (frame[6:12] == bytes.fromhex(MAC_NEAR.replace(":", "")) and
                    not frame[0] & 1 and
                    frame[12:14] in (b"\x08\x00", b"\x86\xdd")):
                return frame[14:]

    def drain(self):
        while self.recv_raw(0):
            pass


class Lab:
    def __init__(self, name="router"):
        self.ns = f"{name}-{os.getpid()}"
        if not os.path.isdir("/sys/module/nat64"):
            run("modprobe nf_defrag_ipv6")
            run(f"insmod {TOP}/nat64.ko")
        run(f"ip netns add {self.ns}")
        atexit.register(run, f"ip netns del {self.ns}", False)
        self.sysctl("net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1",
                    "net.ipv6.conf.default.accept_dad=0",
                    "net.ipv6.conf.default.router_solicitations=0",
                    "net.ipv6.icmp.ratelimit=0", "net.ipv4.icmp_ratelimit=0")
        # Of older kernels these are none of a namespace, see run.
        self.sysctl("--ignore", "net.ipv4.icmp_msgs_per_sec=1000000",
                    "net.ipv4.icmp_msgs_burst=1000000")
        run(f"ip -n {self.ns} link set lo up")
        self.w6 = Wire(self, "eth6", IPv6)
        self.w4 = Wire(self, "eth4", IP)
        self.ip(f"addr add {ROUTER6}/64 dev eth6 nodad")
        self.ip(f"addr add {ROUTER4}/24 dev eth4")
        self.ip(f"neigh add {CLIENT6} lladdr {MAC_FAR} dev eth6")
        for addr in SERVER4, HOST4:
            self.ip(f"neigh add {addr} lladdr {MAC_FAR} dev eth4")
        self.ip(f"route add default via {SERVER4}")
        self.ip(f"-6 route add default via {CLIENT6}")
        if FASTPATH:
            self.ctl("set fastpath on")

    def ip(self, cmd):
        return run(f"ip -n {self.ns} {cmd}")

    def sysctl(self, *settings):
        run(["ip", "netns", "exec", self.ns, "sysctl", "-qw", *settings])

    def ctl(self, cmd, check=True):
        return run(f"{CTL} -n {self.ns} {cmd}", check)

    def json(self, cmd):
        return json.loads(self.ctl(f"-j {cmd}").stdout)

    def stats(self):
        stats = self.json("stats")[0]
        del stats["drops"]
        return stats

    def moved(self):
        """The counters that are not zero, but for the way that they took."""
        return {k: v for k, v in self.stats().items()
                if v and not (FASTPATH and k == "fastpath")}

    def counted(self, name, before, wait=WAIT, want=1):
        """Wait until a counter has moved by so much since before; by how much."""
        end = time.monotonic() + wait
        while True:
            moved = self.stats()[name] - before[name]
            if moved >= want or time.monotonic() > end:
                return moved
            time.sleep(0.02)
