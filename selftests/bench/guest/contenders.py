# SPDX-License-Identifier: GPL-2.0
"""Who is measured, each in a topology of its own."""
import contextlib
import os
import subprocess
import tempfile

import net
import pktgen
from net import MACS, POOL, PREFIX, PREFIX_SERVER, SERVER4, SERVER6, run

PORTS = 62500			# of one address, at most
FIRST = pktgen.FIRST_PORT
HOUR = 3600
MOST_EXACT = 100000		# flows that Jool's pool is filled with
FILLS = 3			# for allocators that do not find the last port


class Contender:
    """Plain forwarding; subclasses translate."""

    family = 6
    server = SERVER6
    backward = False		# packets from the server make sense

    def __init__(self, clients, per, addresses=None, ports=None, sinks=True,
                 exactly=False):
        """@per flows for each of the @clients, @ports of @addresses to fill."""
        self.exactly = exactly
        self.clients, self.per, self.flows = clients, per, clients * per
        self.addresses = addresses or clients
        self.ports = ports or per
        self.topology = net.Topology(self.name)
        self.router = self.topology.router
        self.generator = {}
        self.start()
        if sinks:
            self.topology.sink(self.topology.client, "eth0")
            self.topology.sink(self.topology.server, "eth0")
        self.arrival = {64: net.Device(self.topology.server, "eth0"),
                        46: net.Device(self.topology.client, "eth0")}

    @classmethod
    def exact(cls, flows):
        """One whose flows fill its pool to the last port.

        So packets to any address and port of the pool belong to one of them.
        """
        clients = cls.spread(flows)
        return cls(clients, -(-flows // clients), exactly=True)

    @classmethod
    def ample(cls, flows):
        """One whose pool could hold four times its flows."""
        clients = cls.spread(flows)
        return cls(clients, -(-flows // clients), addresses=4 * clients,
                   ports=PORTS)

    @staticmethod
    def spread(flows):
        """How many clients such flows take, a power of two."""
        clients = 1
        while clients * PORTS < flows:
            clients *= 2
        return clients

    def pool(self):
        return f"{POOL}.0/{33 - self.addresses.bit_length()}", \
            f"{FIRST}-{FIRST + self.ports - 1}"

    def start(self):
        pass

    def tool(self, cmd, **more):
        words = cmd.split() if isinstance(cmd, str) else cmd
        return run(["ip", "netns", "exec", self.router, *words], **more)

    def source(self, i):
        """The i-th client."""
        return f"2001:db8:6:1::{i:x}" if self.family == 6 else f"10.6.1.{i}"

    def forward(self, i, first=0, count=None):
        """The flows of the i-th client, or some of them."""
        return pktgen.Flows(self.family, MACS["cl"], self.source(i),
                            self.server, sports=count or self.per,
                            first_sport=FIRST + first)

    def back(self, i=None):
        """What answers all flows of the i-th address, or of all of them."""
        dst = (f"{POOL}.0", f"{POOL}.{self.addresses}") if i is None else \
            f"{POOL}.{i}"
        return pktgen.Flows(4, MACS["sv"], SERVER4, dst, dports=self.ports)

    def send(self, direction, flows, count, random):
        """Return nanoseconds, and how many packets were lost."""
        if direction not in self.generator:
            self.generator[direction] = pktgen.Generator(
                self.topology.client if direction == 64 else
                self.topology.server)
        generator, device = self.generator[direction], self.arrival[direction]
        flows.apply(generator, random)
        want = device.received() + count
        (spent, errors), = generator.send(count)
        return spent, device.missing(want) + errors

    def fill(self):
        """Establish all flows.  Return how many are not, after some tries."""
        for _ in range(FILLS):
            lost = sum(self.send(64, self.forward(i), self.per, False)[1]
                       for i in range(self.clients))
            if lost <= 0:
                break
        if self.backward:
            lost += sum(self.send(46, self.back(i), self.ports, False)[1]
                        for i in range(self.addresses))
        return max(0, lost)

    def measure(self, direction, count, clients):
        """Send packets of random flows of some clients, given by number.

        Return nanoseconds or instructions a packet, and the losses.
        """
        if direction == 46:
            spent, lost = self.send(46, self.back(), count, True)
            return spent / count, lost
        spent = lost = 0
        for i in clients:
            s, l = self.send(64, self.forward(i), count // len(clients), True)
            spent += s
            lost += l
        return spent / (count // len(clients) * len(clients)), lost

    def sent(self, count):
        """So many packets measure() sends for @count."""
        return count

    def explain(self):
        """What the router says about losses."""
        return ""

    def stop_generators(self):
        for generator in self.generator.values():
            generator.close()
        self.generator = {}

    def close(self):
        self.stop_generators()
        for device in self.arrival.values():
            device.close()
        self.topology.close()
        net.settle()


class Plain6(Contender):
    name = "plain6"


class Plain4(Contender):
    name, family, server = "plain4", 4, SERVER4


class Drop6(Plain6):
    """Generator and one link: what all the others include."""

    name = "drop6"

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.topology.sink(self.router, "cl")
        self.arrival[64] = net.Device(self.router, "cl")


class Drop4(Drop6):
    name, family, server = "drop4", 4, SERVER4


class Nat44(Plain4):
    """Masquerading; with several clients, an address for each."""

    name, backward = "nat44", True

    def rule(self):
        if self.clients == 1:
            return 'oifname "sv" masquerade'
        return "snat to ip saddr map { %s }" % ", ".join(
            f"10.6.1.{i} : {POOL}.{i}" for i in range(self.clients))

    def start(self):
        self.tool("nft -f -", stdin=f"""
            table ip nat {{
                chain post {{
                    type nat hook postrouting priority srcnat
                    {self.rule()}
                }}
            }}""")
        with open("/sys/module/nf_conntrack/parameters/hashsize", "w") as f:
            f.write(str(max(65536, self.flows)))
        # The limit is the first namespace's.
        with open("/proc/sys/net/netfilter/nf_conntrack_max", "w") as f:
            f.write(str(2 * self.flows + 65536))
        net.sysctl(self.router, netfilter__nf_conntrack_udp_timeout=HOUR,
                   netfilter__nf_conntrack_udp_timeout_stream=HOUR)

    def back(self, i=None):
        if self.clients > 1:
            return super().back(i)
        return pktgen.Flows(4, MACS["sv"], SERVER4, "192.0.2.1",
                            dports=self.ports)


class Jool(Contender):
    name, backward, server = "jool", True, PREFIX_SERVER

    @classmethod
    def exact(cls, flows):
        """The last ports of a large pool take it too long to find."""
        if flows <= MOST_EXACT:
            return super().exact(flows)
        contender = cls.ample(flows)
        contender.backward = False
        return contender

    def start(self):
        run("modprobe jool")
        self.tool(f"jool instance add --netfilter --pool6 {PREFIX}")
        more = ""
        if self.exactly:	# it does not find the last ports otherwise
            more = "--max-iterations infinity"
            self.tool("jool global update f-args 15")
        for proto in "udp", "tcp", "icmp":
            self.tool("jool pool4 add %s %s" % self.pool() +
                      f" --{proto} {more}")
        self.tool("jool global update udp-timeout 1:00:00")

    def close(self):
        self.tool("jool instance flush")
        super().close()


class Jool256(Jool):
    name = "jool256"

    @classmethod
    def exact(cls, flows):
        per = -(-flows // 256)
        return cls(1, 256 * per, 256, per, exactly=True)


class Nat64(Contender):
    name, backward, server = "nat64", True, PREFIX_SERVER

    def ctl(self, cmd):
        return self.tool(f"{os.environ['NAT64CTL']} {cmd}")

    def start(self):
        self.ctl(f"prefix add {PREFIX} private on")
        self.ctl("pool add %s ports %s" % self.pool())
        self.ctl(f"set udp-timeout {HOUR} "
                 f"session-max {2 * self.flows + 65536} client-session-max 0")

    def explain(self):
        return " ".join(self.ctl("stats").split())


class Fast(Nat64):
    """The same by its fast path, if it has one."""

    name = "fast"

    def start(self):
        super().start()
        self.ctl("set fastpath on")

    def measure(self, direction, count, clients):
        """Flows take the fast path from their second packet on."""
        super().measure(direction, count, clients)
        return super().measure(direction, count, clients)

    def sent(self, count):
        return 2 * count

    @staticmethod
    def there():
        return "fastpath" in run([os.environ["NAT64CTL"], "set", "help"])


class Tayga(Contender):
    """A daemon behind a tun device, an address for an address.

    Its time is that of all processes but ours.
    """

    name, backward, server = "tayga", True, PREFIX_SERVER

    def start(self):
        run("modprobe tun")
        self.dir = tempfile.TemporaryDirectory()
        conf = f"{self.dir.name}/conf"
        with open(conf, "w") as file:
            print("tun-device nat64", "ipv4-addr 192.0.2.3",
                  "ipv6-addr 2001:db8:7::1", f"prefix {PREFIX}",
                  f"map {POOL}.0 {self.source(0)}",
                  f"map {POOL}.1 2001:db8:6::2", sep="\n", file=file)
        self.tool(f"tayga --mktun -c {conf}")
        self.topology.ip(self.router, f"""
            link set nat64 up txqueuelen 20000
            route add {POOL}.0/24 dev nat64
            route add {PREFIX} dev nat64
            route add 2001:db8:7::1 dev nat64""")
        self.daemon = subprocess.Popen(
            ["ip", "netns", "exec", self.router, "tayga", "-n", "-c", conf],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @staticmethod
    def spent():
        """Nanoseconds for which others have run."""
        total = 0
        for pid in os.listdir("/proc"):
            if pid.isdigit() and int(pid) != os.getpid():
                with contextlib.suppress(FileNotFoundError,
                                         ProcessLookupError):
                    with open(f"/proc/{pid}/schedstat") as file:
                        total += int(file.read().split()[0])
        return total

    def send(self, direction, flows, count, random):
        device = self.arrival[direction]
        want = device.received() + count
        before = self.spent()
        super().send(direction, flows, count, random)
        net.settle()
        return self.spent() - before, want - device.received()

    def close(self):
        self.daemon.kill()
        self.daemon.wait()
        self.dir.cleanup()
        super().close()


class NotOurs(Contender):
    """Plain forwarding where nat64 waits for other packets."""

    def start(self):
        ctl = os.environ["NAT64CTL"]
        self.tool(f"{ctl} prefix add {PREFIX} private on")
        self.tool(f"{ctl} pool add {POOL}.0/24")


class NotOurs6(NotOurs):
    name = "notours6"


class NotOurs4(NotOurs, Plain4):
    name = "notours4"
