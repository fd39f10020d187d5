# SPDX-License-Identifier: GPL-2.0
"""Who is measured, each in a topology of its own.

The flows of a contender fill its pool to the last port, so that packets to any
address and port of the pool belong to one of them.
"""
import os

import net
import pktgen
from net import MACS, POOL, PREFIX, PREFIX_SERVER, SERVER4, SERVER6, run

PORTS = 62500			# of one address, at most
FIRST = pktgen.FIRST_PORT
HOUR = 3600
FILLS = 3			# for allocators that do not find the last port


class Contender:
    """Plain forwarding; subclasses translate.

    @flows: how many, established by fill()
    """

    family = 6
    server = SERVER6
    backward = False		# packets from the server make sense

    def __init__(self, flows):
        self.addresses = self.spread(flows)
        self.ports = -(-flows // self.addresses)
        self.flows = self.addresses * self.ports
        self.clients = self.addresses
        self.topology = net.Topology(self.name)
        self.router = self.topology.router
        self.start()
        self.topology.sink(self.topology.client, "eth0")
        self.topology.sink(self.topology.server, "eth0")
        self.arrival = {64: net.Device(self.topology.server, "eth0"),
                        46: net.Device(self.topology.client, "eth0")}
        self.generator = {}

    @staticmethod
    def spread(flows):
        """Over how many addresses: a power of two."""
        addresses = 1
        while addresses * PORTS < flows:
            addresses *= 2
        return addresses

    def start(self):
        pass

    def tool(self, cmd, **more):
        return run(f"ip netns exec {self.router} {cmd}", **more)

    def source(self, i):
        """The i-th client."""
        return f"2001:db8:6:1::{i:x}" if self.family == 6 else f"10.6.1.{i}"

    def forward(self, i):
        """The flows of the i-th client."""
        return pktgen.Flows(self.family, MACS["cl"], self.source(i),
                            self.server, sports=self.ports)

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
        before = device.received()
        spent = generator.send(count)
        return spent, before + count - device.received()

    def fill(self):
        """Establish all flows.  Return how many are not, after some tries."""
        for _ in range(FILLS):
            lost = sum(self.send(64, self.forward(i),
                                 self.flows // self.clients, False)[1]
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

    def close(self):
        for generator in self.generator.values():
            generator.close()
        for device in self.arrival.values():
            device.close()
        self.topology.close()


class Plain6(Contender):
    name = "plain6"


class Plain4(Contender):
    name, family, server = "plain4", 4, SERVER4


class Drop6(Plain6):
    """Generator and one link: what all the others include."""

    name = "drop6"

    def __init__(self, flows):
        super().__init__(flows)
        self.topology.sink(self.router, "cl")
        self.arrival[64] = net.Device(self.router, "cl")


class Drop4(Drop6):
    name, family, server = "drop4", 4, SERVER4


class Nat44(Plain4):
    """Masquerading; with several clients, an address for each."""

    name, backward = "nat44", True

    def start(self):
        rule = 'oifname "sv" masquerade'
        if self.addresses > 1:
            rule = "snat to ip saddr map { %s }" % ", ".join(
                f"10.6.1.{i} : {POOL}.{i}" for i in range(self.addresses))
        self.tool("nft -f -", stdin=f"""
            table ip nat {{
                chain post {{
                    type nat hook postrouting priority srcnat
                    {rule}
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
        if self.addresses > 1:
            return super().back(i)
        return pktgen.Flows(4, MACS["sv"], SERVER4, "192.0.2.1",
                            dports=self.ports)


class Jool(Contender):
    name, backward, server = "jool", True, PREFIX_SERVER

    def start(self):
        run("modprobe jool")
        self.tool(f"jool instance add --netfilter --pool6 {PREFIX}")
        length = 33 - self.addresses.bit_length()
        self.tool(f"jool pool4 add {POOL}.0/{length} {FIRST}-"
                  f"{FIRST + self.ports - 1} --udp --max-iterations infinity")
        self.tool("jool global update udp-timeout 1:00:00")

    def close(self):
        self.tool("jool instance flush")
        super().close()


class Jool256(Jool):
    name = "jool256"

    @staticmethod
    def spread(flows):
        return 256

    def start(self):
        self.clients = 1
        super().start()

    def forward(self, i):
        return pktgen.Flows(6, MACS["cl"], self.source(0), self.server,
                            sports=self.flows)


class Nat64(Contender):
    name, backward, server = "nat64", True, PREFIX_SERVER

    def ctl(self, cmd):
        return self.tool(f"{os.environ['NAT64CTL']} {cmd}")

    def start(self):
        self.ctl(f"prefix add {PREFIX}")
        length = 33 - self.addresses.bit_length()
        self.ctl(f"pool add {POOL}.0/{length} ports {FIRST}-"
                 f"{FIRST + self.ports - 1}")
        self.ctl(f"set udp-timeout {HOUR} "
                 f"session-max {2 * self.flows + 65536}")


class Fast(Nat64):
    """The same by its fast path, if it has one."""

    name = "fast"

    def start(self):
        super().start()
        self.ctl("set fastpath on")

    @staticmethod
    def there():
        return "fastpath" in run([os.environ["NAT64CTL"], "set", "help"])


class NotOurs(Contender):
    """Plain forwarding where nat64 waits for other packets."""

    def start(self):
        ctl = os.environ["NAT64CTL"]
        self.tool(f"{ctl} prefix add {PREFIX}")
        self.tool(f"{ctl} pool add {POOL}.0/24")


class NotOurs6(NotOurs):
    name = "notours6"


class NotOurs4(NotOurs, Plain4):
    name = "notours4"
