#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The examples of Documentation/examples with the programs that they are for: who tells
# hosts the prefix, and to go without IPv4, rules, a VRF.  Resolvers and a CLAT:
# test_neighbours.sh.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/neighbours.sh"
topo_up
networkd=/neighbours/tmp/networkd
trap 'kill $(jobs -p) 2>/dev/null; topo_down; rm -rf "$said"* $networkd' EXIT
nat64_up
fails() { ! "$@"; }

serve_web
# The web server, by the translator.
reach() { fetch 64:ff9b::10.254.1.235 | grep -q "^198\.51\.100\."; }

# What a router advertises: the options 38 (RFC 8781) of one, lifetime and prefix.
pref64() {
	c6 timeout 20 python3 -c '
import socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
s.sendto(struct.pack("!BBHI", 133, 0, 0, 0),
         ("ff02::2", 0, 0, socket.if_nametoindex("eth0")))
while (data := s.recv(2000))[0] != 134:
    pass
data = data[16:]
while data:
    if data[0] == 38:
        word = struct.unpack("!H", data[2:4])[0]
        length = (96, 64, 56, 48, 40, 32)[word & 7]
        print(word & ~7, socket.inet_ntop(socket.AF_INET6, data[4:16] + bytes(4)) +
              f"/{length}")
    data = data[8 * data[1]:]
'
}
c6 sysctl -qw net.ipv6.conf.eth0.accept_ra=0
advertised() { [ "$(pref64)" = "1800 64:ff9b::/96" ]; }
start $R radvd --nodaemon --logmethod stderr --config $EXAMPLES/radvd.conf \
	--pidfile /run/radvd.pid
try "radvd tells the prefix" within 60 advertised
stop

# What its DHCP knows a host by.
tr -d - </proc/sys/kernel/random/uuid >/neighbours/etc/machine-id
# networkd NETNS FILE [SED]: one of the namespace's own, with FILE, changed, alone
networkd() {
	local dir=$networkd/$1
	mkdir -p "$dir/systemd/network" "$dir/systemd/netif"
	sed "${3:-}" $EXAMPLES/networkd/"$2" >"$dir/systemd/network/10.network"
	chroot /neighbours chown systemd-network "${dir#/neighbours}/systemd/netif"
	ip netns exec "$1" unshare --mount bash -c '
		mount --bind "$1" /neighbours/run
		mount -t sysfs -o ro sys /neighbours/sys
		SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console \
			exec chroot /neighbours /usr/lib/systemd/systemd-networkd
	' bash "$dir" >"$said.$1" 2>&1 </dev/null &
	echo $! >"$dir/pid"
}
no_networkd() {
	kill "$(<$networkd/$1/pid)"
	wait "$(<$networkd/$1/pid)" 2>/dev/null
}
addr4() { ip -n $C6 -o -4 addr show dev eth0 scope global; }
# option_108 WHO: a host that can do without IPv4 has none, another one does
option_108() {
	networkd $C6 host.network
	try "$1: a host goes without IPv4" \
		within 60 grep -qi 'ipv6-only' "$said.$C6"
	sleep 3
	same "$1: and has no address of it" "" "$(addr4)"
	no_networkd $C6
	networkd $C6 host.network 's/^IPv6OnlyMode=.*/IPv6OnlyMode=no/'
	try "$1: another one has IPv4" within 60 eval 'grep -q 192.168.6. <<<"$(addr4)"'
	no_networkd $C6
	ip -n $C6 -4 addr flush dev eth0
}
ip -n $R addr add 192.168.6.1/24 dev eth6
start $R dnsmasq --keep-in-foreground --user=root --conf-file=$EXAMPLES/dnsmasq.conf \
	--dhcp-leasefile=/tmp/leases --pid-file=
option_108 dnsmasq
stop
ip -n $R addr flush dev eth6 scope global
# Where leases are kept, is told by another program of systemd.
networkd $R router.network 's/^\[DHCPServer\]/&\nPersistLeases=no/'
try "networkd makes a router, which tells the prefix" within 60 advertised
option_108 networkd
networkd $C6 host.network
ip -n $C6 addr flush dev eth0 scope global
try "networkd: a host and its router, translated" within 60 reach
no_networkd $C6
no_networkd $R
ip -n $C6 addr replace 2001:db8:6::2/64 dev eth0 nodad
ip -n $C6 route replace default via 2001:db8:6::1
ip -n $R addr replace 2001:db8:6::1/64 dev eth6 nodad

# Rules, as a whole.
try "nftables.conf is one, by its own nft" in_ns $R nft -c -f $EXAMPLES/nftables.conf
try "nftables.conf is taken" in_ns $R nft -f $EXAMPLES/nftables.conf
rules() { in_ns $R nft -s list ruleset; }
once=$(rules)
try "nftables.conf is taken again" in_ns $R nft -f $EXAMPLES/nftables.conf
same "nftables.conf: loaded again it is the same" "$once" "$(rules)"
try "nftables: a web server is reached" within 10 reach
sed 's/80, 443/443/' $EXAMPLES/nftables.conf >/neighbours/tmp/rules
try "nftables.conf is taken without a port" in_ns $R nft -f /tmp/rules
try "nftables: which is shut then" fails reach
in_ns $R nft -f $EXAMPLES/nftables.conf
udp() {
	c6 python3 -c '
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.sendto(b"x", ("64:ff9b::10.254.1.235", 9))
'
}
has_session() { [ -n "$(ctl session list proto udp rport4 9)" ]; }
try "nftables: a web server is reached again" within 10 reach
try "nftables: and pinged" c6 ping -c 1 -W 5 64:ff9b::10.254.1.235
try "nftables: so is the router" c6 ping -c 1 -W 5 2001:db8:6::1
udp
sleep 1
try "nftables: what is not allowed makes no session" fails has_session
in_ns $R nft flush ruleset
udp
try "nftables: which it would without rules" within 10 has_session

# All over again, in a VRF.
if modprobe vrf; then
	ctl pool flush
	ctl prefix flush
	ip -n $R route del 10.254.1.0/24
	try "vrf.sh" r $EXAMPLES/vrf.sh
	try "vrf.sh: a web server is reached" within 30 reach
	same "vrf.sh: the main table knows nothing of it" "" \
		"$(ip -n $R route show; ip -n $R -6 route show | grep eth[46])"
else
	skip "vrf.sh" "this kernel has no vrf module"
fi
tap_done
