# SPDX-License-Identifier: GPL-2.0
"""Commands, namespaces, and the topology that every contender has for itself.

      client                      router                      server
       eth0 ------------------- cl      sv ------------------- eth0
  2001:db8:6::2/64   2001:db8:6::1      2001:db8:4::1   2001:db8:4::2/64
  10.6.0.2/24             10.6.0.1      192.0.2.1           192.0.2.2/24
  2001:db8:6:1::/64, 10.6.1.0/24                        198.51.100.0/24
  more clients, behind the client                  pool, at the router

Neighbours are known by static entries: a wire carries what is measured only.
"""
import contextlib
import ctypes
import itertools
import os
import subprocess
import time

PREFIX = "2001:db8:64::/96"
PREFIX_SERVER = "2001:db8:64::192.0.2.2"
SERVER6, SERVER4 = "2001:db8:4::2", "192.0.2.2"
POOL = "198.51.100"
# One address of each link and its MAC
MACS = {"client": "02:00:00:00:00:06", "cl": "02:00:00:00:01:06",
        "sv": "02:00:00:00:01:04", "server": "02:00:00:00:00:04"}
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
serial = itertools.count()


def run(cmd, stdin=None, check=True):
    """Run a command, words in a string, and return what it printed."""
    done = subprocess.run(cmd.split() if isinstance(cmd, str) else cmd,
                          input=stdin, text=True, capture_output=True)
    if check and done.returncode:
        raise RuntimeError(f"{cmd}: {done.stdout}{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def inside(ns):
    """Be in a network namespace for a while."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{ns}", os.O_RDONLY)
    try:
        if LIBC.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        yield
    finally:
        LIBC.setns(home, CLONE_NEWNET)
        os.close(home)
        os.close(there)


def busy_time():
    """Seconds for which the processor was not idle."""
    with open("/proc/stat") as file:
        ticks = [int(word) for word in file.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def settle(limit=120):
    """Wait until the kernel has done in the background what it had to."""
    end = time.monotonic() + limit
    calm = 0
    while calm < 3 and time.monotonic() < end:
        before, start = busy_time(), time.monotonic()
        time.sleep(0.2)
        busy = (busy_time() - before) / (time.monotonic() - start)
        calm = calm + 1 if busy < 0.1 else 0


def open_in(ns, path, flags=os.O_RDONLY):
    with inside(ns):
        return os.open(path, flags)


def sysctl(ns, **values):
    """Settings below net, a dot written as two underscores."""
    with inside(ns):
        for name, value in values.items():
            path = "/proc/sys/net/" + name.replace("__", "/")
            with open(path, "w") as file:
                file.write(str(value))


class Device:
    """Counts the packets that arrive at a device."""

    def __init__(self, ns, dev):
        self.dev = dev
        self.file = open_in(ns, "/proc/self/net/dev")

    def close(self):
        os.close(self.file)

    def received(self):
        text = os.pread(self.file, 1 << 16, 0).decode()
        for line in text.splitlines():
            name, _, values = line.partition(":")
            if name.strip() == self.dev:
                return int(values.split()[1])
        raise RuntimeError(f"no device {self.dev}")

    def missing(self, want, wait=0.5):
        """How many packets there are not, some time after the last was sent."""
        end = time.monotonic() + wait
        while self.received() < want and time.monotonic() < end:
            time.sleep(0.001)
        return want - self.received()


class Topology:
    """Three namespaces and the links between them."""

    def __init__(self, name):
        n = next(serial)
        self.client, self.router, self.server = self.all = [
            f"{name}-{part}{n}" for part in ("c", "r", "s")]
        run("ip -batch -", "".join(f"netns add {ns}\n" for ns in self.all))
        for ns in self.all:
            sysctl(ns, ipv6__conf__all__accept_dad=0,
                   ipv6__conf__default__accept_dad=0,
                   ipv6__conf__default__router_solicitations=0,
                   ipv6__conf__all__forwarding=1, ipv4__ip_forward=1)
        self.ip(self.router, f"""
            link add cl address {MACS["cl"]} type veth peer name eth0 \
                netns {self.client} address {MACS["client"]}
            link add sv address {MACS["sv"]} type veth peer name eth0 \
                netns {self.server} address {MACS["server"]}
            link set lo up
            link set cl up
            link set sv up
            addr add 2001:db8:6::1/64 dev cl nodad
            addr add 2001:db8:4::1/64 dev sv nodad
            addr add 10.6.0.1/24 dev cl
            addr add 192.0.2.1/24 dev sv
            neigh add 2001:db8:6::2 lladdr {MACS["client"]} dev cl
            neigh add 2001:db8:4::2 lladdr {MACS["server"]} dev sv
            neigh add 10.6.0.2 lladdr {MACS["client"]} dev cl
            neigh add 192.0.2.2 lladdr {MACS["server"]} dev sv""")
        self.end(self.client, "2001:db8:6::", "10.6.0.", "cl")
        self.end(self.server, "2001:db8:4::", "192.0.2.", "sv")
        self.ip(self.router, """
            route add 2001:db8:6:1::/64 via 2001:db8:6::2
            route add 10.6.1.0/24 via 10.6.0.2""")

    def ip(self, ns, batch):
        run(f"ip -n {ns} -batch -", "\n".join(
            line.strip() for line in
            batch.replace("\\\n", "").splitlines()) + "\n")

    def end(self, ns, net6, net4, router):
        self.ip(ns, f"""
            link set lo up
            link set eth0 up
            addr add {net6}2/64 dev eth0 nodad
            addr add {net4}2/24 dev eth0
            neigh add {net6}1 lladdr {MACS[router]} dev eth0
            neigh add {net4}1 lladdr {MACS[router]} dev eth0
            route add default via {net6}1
            route add default via {net4}1""")

    def sink(self, ns, dev):
        """Drop everything that arrives there, as early as can be."""
        run(f"ip netns exec {ns} nft -f -", f"""
            table netdev sink {{
                chain in {{
                    type filter hook ingress device {dev} priority 0
                    counter drop
                }}
            }}""")

    def close(self):
        run("ip -batch -", "".join(f"netns del {ns}\n" for ns in self.all))
