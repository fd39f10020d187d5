# SPDX-License-Identifier: GPL-2.0
"""nat64 and its peers, each in a router of its own of the same shape.

Two modes.  Stateful: the client's ports are published one by one at a pool
address, so that every translator gives it the same one.  Stateless: the client
has an explicit mapping (RFC 7757).
"""
import os
import subprocess
import tempfile

from lab import CLIENT6, MAC_FAR, MAC_NEAR, ROUTER4, ROUTER6, Lab, run

PREFIX = "64:ff9b::/96"
OTHER_CLIENT6 = "2001:db8:6::3"
STRANGER6 = "2001:db8:6::99"	# has no mapping
# Global, for the well-known prefix carries no others.
POOL = "9.1.1.0/28"
# What the two clients are for IPv4, by mode
LOCAL4 = {"stateful": ("9.1.1.1", "9.1.1.2"),
          "stateless": ("9.2.2.11", "9.2.2.12")}
DAEMON4 = "9.3.3.3"
DAEMON6 = "2001:db8:7::1"
# What is published of a client
PORTS = ("tcp", 4000), ("udp", 4000), ("udp", 4999), ("icmp", 4000)
ETHER = bytes.fromhex((MAC_NEAR + MAC_FAR).replace(":", ""))
MODULES = "jool", "jool_siit", "jool_common", "tun"


class Router(Lab):
    """A translator in its namespace; subclasses set it up."""

    name = None
    hops = 1			# by how much it lowers the hop limit
    daemon = ()			# addresses of its own besides the kernel's

    def __init__(self, mode):
        self.mode = mode
        self.own = {ROUTER4, ROUTER6, *self.daemon}
        self.clients = list(zip((CLIENT6, OTHER_CLIENT6), LOCAL4[mode]))
        super().__init__(f"{self.name}-{mode}-")
        for addr in OTHER_CLIENT6, STRANGER6:
            self.ip(f"neigh add {addr} lladdr {MAC_FAR} dev eth6")
        for dev in "eth4", "eth6":	# or sums are left for a device to do
            self.inside(f"ethtool -K {dev} tx off")
        self.w6.layer = self.w4.layer = bytes
        self.start()

    def wire(self, side):
        return self.w6 if side == 6 else self.w4

    def send(self, side, raw):
        self.wire(side).sock.send(
            ETHER + (b"\x86\xdd" if side == 6 else b"\x08\0") + raw)

    def inside(self, cmd):
        return run(f"ip netns exec {self.ns} {cmd}")

    def bindings(self):
        for addr6, addr4 in self.clients:
            for proto, port in PORTS:
                yield proto, addr4, addr6, port

    def start(self):
        raise NotImplementedError

    def set_prefix(self, prefix):
        raise NotImplementedError

    def stop(self):
        pass


class Nat64(Router):
    name = "nat64"

    def start(self):
        self.add_prefix(PREFIX)
        if self.mode == "stateless":
            for addr6, addr4 in self.clients:
                self.ctl(f"eip add {addr4} to {addr6}")
            return
        self.ctl(f"pool add {POOL}")
        self.ctl("set icmp-timeout 3600")
        for proto, addr4, addr6, port in self.bindings():
            self.ctl(f"binding add {proto} {addr4} {port} to {addr6}")

    def add_prefix(self, prefix):
        """The well-known one as RFC 6052 wants it, others as the peers do."""
        private = "off" if prefix == "64:ff9b::/96" else "on"
        self.ctl(f"prefix add {prefix} private {private}")

    def set_prefix(self, prefix):
        self.ctl("prefix flush")
        self.add_prefix(prefix)


class Jool(Router):
    """Jool's NAT64 or, stateless, its SIIT."""

    name = "jool"

    def start(self):
        self.tool = "jool" if self.mode == "stateful" else "jool_siit"
        run(f"modprobe {self.tool}")
        self.inside(f"{self.tool} instance add --netfilter --pool6 {PREFIX}")
        if self.mode == "stateless":
            for addr6, addr4 in self.clients:
                self.inside(f"jool_siit eamt add {addr4} {addr6}")
            return
        self.inside("jool global update icmp-timeout 1:00:00")
        for proto in "tcp", "udp", "icmp":
            self.inside(f"jool pool4 add {POOL} 1-65535 --{proto}")
        for proto, addr4, addr6, port in self.bindings():
            self.inside(f"jool bib add {addr4}#{port} {addr6}#{port} "
                        f"--{proto}")

    def set_prefix(self, prefix):
        self.inside(f"jool_siit global update pool6 {prefix}")

    def stop(self):
        self.inside(f"{self.tool} instance flush")


class Tayga(Router):
    """A daemon behind a tun device: stateless, one address for one.

    The kernel forwards a packet to the daemon and then from the daemon, so
    three routers lower the hop limit.
    """

    name = "tayga"
    hops = 3
    daemon = DAEMON4, DAEMON6
    process = None

    def start(self):
        run("modprobe tun")
        self.dir = tempfile.TemporaryDirectory()
        self.configure(PREFIX)
        self.inside(f"tayga --mktun -c {self.dir.name}/conf")
        self.ip("link set nat64 up")
        routes = {DAEMON4, DAEMON6, PREFIX, *(a for _, a in self.clients)}
        if self.mode == "stateful":
            routes.add(POOL)
        for route in routes:
            self.ip(f"route add {route} dev nat64")
        self.launch()

    def configure(self, prefix):
        with open(f"{self.dir.name}/conf", "w") as conf:
            print("tun-device nat64", f"ipv4-addr {DAEMON4}",
                  f"ipv6-addr {DAEMON6}", f"prefix {prefix}",
                  *(f"map {b} {a}" for a, b in self.clients), sep="\n",
                  file=conf)

    def launch(self):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.ns, "tayga", "-n", "-c",
             f"{self.dir.name}/conf"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def set_prefix(self, prefix):
        self.halt()
        self.configure(prefix)
        self.ip(f"route add {prefix} dev nat64")
        self.launch()

    def stop(self):
        self.halt()
        self.ip("link del nat64")	# it holds the tun module

    def halt(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def unload():
    """Take out what the peers needed, the users first."""
    for module in MODULES:
        if os.path.isdir(f"/sys/module/{module}"):
            run(f"rmmod {module}")
