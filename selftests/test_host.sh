#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The translator beside what the host does itself: its own addresses and
# traffic, captures, switches of forwarding.
# Arguments name the sections to run; default is all of them.
. "$(dirname "$0")/coexist.sh"

section_own_address() {
	local port before
	ctl pool flush
	ctl pool add 192.0.2.1 ports 40000-50000
	r sysctl -qw net.ipv4.ip_local_reserved_ports=40000-50000
	server $R
	port=$!
	wait_for 30 serving $R
	same "own address: translated UDP leaves from it" 192.0.2.1 \
		"$(ask $C6 udp $SERVER)"
	same "own address: translated TCP leaves from it" 192.0.2.1 \
		"$(ask $C6 tcp $SERVER)"
	try "own address: from the pool's ports" eval \
		'ctl session | grep -qE "=> 192.0.2.1 4[0-9]{4} 10.254.1.235 7"'
	try "own address: translated ping" ping_ $C6 $SERVER
	try "own address: the router is pinged" ping_ $S4 192.0.2.1
	same "own address: a TCP server of the router" 192.0.2.2 \
		"$(ask $S4 tcp 192.0.2.1)"
	same "own address: a UDP server of the router" 192.0.2.2 \
		"$(ask $S4 udp 192.0.2.1)"
	same "own address: the router reaches a TCP server" 192.0.2.1 \
		"$(ask $R tcp 10.254.1.235)"
	same "own address: the router reaches a UDP server" 192.0.2.1 \
		"$(ask $R udp 10.254.1.235)"
	try "own address: the router pings" ping_ $R 10.254.1.235
	try "own address: the router is told of a closed port" \
		refused $R 10.254.1.235
	try "own address: so is the IPv4 host" refused $S4 192.0.2.1
	try "own address: the router's traceroute is answered" eval \
		's4 traceroute -n -q 1 -w 3 192.0.2.1 | grep -qE "^ 1  192.0.2.1 "'
	# What the host's own tunnels hear, and what it says to itself.
	before="$(stat passed) $(stat bad_header)"
	s4 python3 -c '
from scapy.all import *
for proto in 41, 47, 50, 4:
    send(IP(dst="192.0.2.1") / ICMP(type=3, code=4, nexthopmtu=1300) /
         IP(src="192.0.2.1", dst="198.18.0.1", proto=proto) / Raw(bytes(20)),
         verbose=0)'
	sleep 0.5
	same "own address: errors about tunnels are the host's" \
		"$((${before% *} + 4)) ${before#* }" "$(stat passed) $(stat bad_header)"
	before="$(stat passed) $(stat bad_source)"
	s4 python3 -c '
from scapy.all import *
send(IP(src="240.0.0.1", dst="192.0.2.1") / UDP(sport=7, dport=7), verbose=0)'
	sleep 0.5
	same "own address: from outside nobody has such a source" \
		"${before% *} $((${before#* } + 1))" "$(stat passed) $(stat bad_source)"
	try "own address: the router asks itself, from 127.0.0.1" r timeout 10 python3 -c '
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.settimeout(5)
    s.bind(("127.0.0.1", 0))
    s.sendto(b"x", ("192.0.2.1", 7))
    s.recv(100)'
	try "own address: what went to the host is counted" test \
		"$(stat passed)" -gt 10
	same "own address: translated again" "192.0.2.1 192.0.2.1" \
		"$(ask $C6 udp $SERVER) $(ask $C6 tcp $SERVER)"
	same "own address: an IPv6 client reaches the router's server by NAT64" \
		192.0.2.1 "$(ask $C6 tcp 64:ff9b::192.0.2.1)"
	# One send() that the kernel cuts into datagrams, perhaps not before its end.
	rules <<<"chain outward {
		type filter hook output priority filter
		ip daddr 192.0.2.1 udp dport 9999 counter name seen drop
	}"
	r python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_UDP, 103, 500)	# UDP_SEGMENT
s.setsockopt(socket.IPPROTO_IP, 10, 0)	# IP_MTU_DISCOVER: dont
try:
    s.sendto(bytes(2000), ("192.0.2.1", 9999))
except PermissionError:
    pass'
	try "own address: what is to be cut meets the rules of output" test \
		"$(hits seen)" -gt 0
	kill $port
}

section_own_traffic() {
	# The route decides the source address; the packet never gets there.
	ip -n $R route add $WELL_KNOWN dev eth6 src 2001:db8:6::1
	rules <<<"chain raw {
		type filter hook output priority raw
		ip6 saddr 2001:db8:6::1 ip6 daddr $SERVER udp dport 7 counter name raw6
	}
	chain outward {
		type filter hook output priority filter
		oif eth4 ip saddr $POOL ip daddr 10.254.1.235 udp dport 7 counter name out4
		ip6 daddr $WELL_KNOWN counter name out6
	}
	chain f {
		type filter hook forward priority filter
		counter name f
	}
	chain inward {
		type filter hook input priority filter
		ip6 saddr $SERVER ip6 daddr 2001:db8:6::1 udp sport 7 counter name in6
		ip daddr $POOL counter name in4
	}
	chain post {
		type filter hook postrouting priority srcnat
		oif eth4 ip saddr $POOL udp dport 7 counter name post4
	}"
	try "router's own: UDP" is_pool "$(ask $R udp $SERVER)"
	same "router's own: output sees it as both" "1 1 0" \
		"$(hits raw6 out4 out6)"
	same "router's own: postrouting sees it, input the answer" "1 1 0" \
		"$(hits post4 in6 in4)"
	same "router's own: forward sees nothing" 0 "$(hits f)"
	try "router's own: TCP" is_pool "$(ask $R tcp $SERVER)"
	try "router's own: ping" ping_ $R $SERVER
	try "router's own: an ICMP error arrives" refused $R $SERVER
	try "router's own: a stream" stream $R $SERVER
	try "router's own: a ping that no link carries whole" ping_ $R -s 3000 $SERVER
	try "router's own: nor a datagram" r python3 -c '
import socket, sys
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
    s.settimeout(10)
    s.sendto(bytes(3000), (sys.argv[1], 7))
    s.recv(9000)' $SERVER
	ip -n $R link set eth4 mtu 1400
	ip -n $S4 link set eth0 mtu 1400
	ctl eip add 203.0.113.99 to 2001:db8:6::1 >/dev/null
	try "router's own: an echo that the next link does not carry whole" \
		ping_ $S4 -s 1420 203.0.113.99
	try "router's own: a ping of that size, at once" ping_ $R -s 1420 $SERVER
	ctl eip del 203.0.113.99
	ip -n $R link set eth4 mtu 1500
	ip -n $S4 link set eth0 mtu 1500
	rules <<<"chain post {
		type filter hook postrouting priority srcnat
		oif eth4 ip saddr $POOL udp dport 7 meta priority 0:6 counter name six
	}"
	r python3 -c '
import socket, sys
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 6)
    s.sendto(b"x", (sys.argv[1], 7))' $SERVER
	same "router's own: it has the priority of its socket" 1 "$(hits six)"

	rules <<<"chain outward {
		type filter hook output priority filter
		ip daddr 10.254.1.235 udp dport 7 counter name out4 drop
	}"
	try "router's own: an output rule drops it" \
		grep -qE 'no answer|not permitted' <<<"$(WAIT=0.7 ask $R udp $SERVER)"
	same "router's own: that one" 1 "$(hits out4)"

	# A stateful host firewall, and masquerading, which is none of ours.
	rules <<<"chain inward {
		type filter hook input priority filter
		ct state invalid counter name invalid drop
	}
	chain outward {
		type filter hook output priority filter
		ip saddr $POOL ct state untracked counter name untracked
		ip saddr $POOL ct state new counter name new
	}"
	try "router's own: ct state invalid drop in input spares the answer" \
		is_pool "$(ask $R udp $SERVER)"
	same "router's own: is as untracked as the rest" "1 0 0" \
		"$(hits untracked new invalid)"
	same "router's own: and leaves no entry of conntrack" 0 \
		"$(tracked 'src=198.51.100')"
	r conntrack -F 2>/dev/null
	rules <<<"chain post {
		type nat hook postrouting priority srcnat
		oif eth4 counter name nat masquerade
	}"
	try "router's own: UDP keeps its pool address beside masquerade" \
		is_pool "$(ask $R udp $SERVER)"
	try "router's own: TCP keeps its pool address beside masquerade" \
		is_pool "$(ask $R tcp $SERVER)"
	try "router's own: ping beside masquerade" ping_ $R $SERVER
	same "router's own: masquerade was not asked" 0 "$(hits nat)"
	r conntrack -F 2>/dev/null
	rules <<<"chain raw {
		type filter hook output priority raw
		ip saddr $POOL notrack
	}
	chain post {
		type nat hook postrouting priority srcnat
		oif eth4 counter name nat masquerade
	}"
	try "router's own: notrack in raw of output keeps masquerade off" \
		is_pool "$(ask $R udp $SERVER)"
	ip -n $R route del $WELL_KNOWN dev eth6
}

# Two datagrams and their answers, two pings and theirs, at both interfaces.
captured() {
	local dev what
	for dev in eth6 eth4; do
		for what in 'udp sum ok' 'echo re'; do
			[ "$(grep -c "$what" "$tmp/$dev")" -ge 4 ] || return
		done
	done
}

section_tcpdump() {
	local dev pids=
	# Partial checksums look wrong on the wire of veth: senders complete them.
	c6 ethtool -K eth0 tx off >/dev/null
	s4 ethtool -K eth0 tx off >/dev/null
	for dev in eth6 eth4; do
		capture $R "$tmp/$dev" -i $dev -vv 'tcp or udp port 7 or icmp or
			(icmp6 and ip6[40] >= 128 and ip6[40] <= 129)'
		pids+=" $!"
	done
	try "tcpdump: both ways" both_ways
	wait_for 20 captured
	sleep 0.5
	kill $pids
	wait $pids
	for dev in eth6 eth4; do
		same "tcpdump: $dev: UDP checksums are right" 4 \
			"$(grep -c 'udp sum ok' "$tmp/$dev")"
		try "tcpdump: $dev: TCP checksums are right" test \
			"$(grep -c 'cksum .*(correct)' "$tmp/$dev")" -ge 14
		same "tcpdump: $dev: pings" 4 \
			"$(grep -c 'echo re' "$tmp/$dev")"
		same "tcpdump: $dev: nothing is wrong" "" \
			"$(grep -E '\b(bad|incorrect|wrong)\b|\[\|' "$tmp/$dev")"
	done
	same "tcpdump: eth6: ICMPv6 checksums are right" 4 \
		"$(grep -c 'icmp6 sum ok' "$tmp/eth6")"
	same "tcpdump: eth6 has the IPv6 packets" "1 1 1 1" "$(for dev in \
		'2001:db8:6::2.* > 64:ff9b::afe:1eb.7: .*UDP' \
		'64:ff9b::afe:1eb.7 > 2001:db8:6::2.*UDP' \
		'64:ff9b::c000:202.* > 2001:db8:6::3.7: .*UDP' \
		'2001:db8:6::3.7 > 64:ff9b::c000:202.*UDP'; do
			grep -c "$dev" "$tmp/eth6"; done | xargs)"
	same "tcpdump: eth4 has the IPv4 packets" "1 1 1 1" "$(for dev in \
		'198.51.100.* > 10.254.1.235.7: .*UDP' \
		'10.254.1.235.7 > 198.51.100.*UDP' \
		'192.0.2.2.* > 203.0.113.11.7: .*UDP' \
		'203.0.113.11.7 > 192.0.2.2.*UDP'; do
			grep -c "$dev" "$tmp/eth4"; done | xargs)"
	same "tcpdump: eth6 has no IPv4, eth4 no IPv6" "0 0" \
		"$(grep -c '^[^ ]* IP ' "$tmp/eth6") $(grep -c '^[^ ]* IP6 ' "$tmp/eth4")"
	c6 ethtool -K eth0 tx on >/dev/null
	s4 ethtool -K eth0 tx on >/dev/null
}

section_sysctls() {
	local dev
	r sysctl -qw net.ipv4.conf.all.rp_filter=1
	for dev in eth4 eth6; do
		r sysctl -qw net.ipv4.conf.$dev.rp_filter=1
	done
	try "rp_filter: both ways" both_ways
	# A source that is not behind eth4 by any route.
	ip -n $S4 addr add 10.99.0.1/32 dev lo
	ip -n $R route add 10.99.0.0/24 via 10.6.0.2
	same "rp_filter: a plain packet from a false source is dropped" 1 \
		"$(ping_ $S4 -I 10.99.0.1 -W 1 10.6.0.2 >/dev/null; echo $?)"
	rules <<<"chain f {
		type filter hook forward priority filter
		ip6 saddr 64:ff9b::a63:1 counter name spoofed
	}"
	ping_ $S4 -I 10.99.0.1 -W 1 $EIP >/dev/null
	# The kernel asks rp_filter when it routes the original, which for our
	# packets never happens.
	same "rp_filter: does not see what is translated" 1 "$(hits spoofed)"
	rules <<<"chain raw {
		type filter hook prerouting priority raw
		fib saddr . iif oif missing counter name no_way drop
	}
	chain f {
		type filter hook forward priority filter
		ip6 saddr 64:ff9b::a63:1 counter name spoofed
	}"
	ping_ $S4 -I 10.99.0.1 -W 1 $EIP >/dev/null
	same "a fib rule in raw does, and drops it" "1 0" \
		"$(hits no_way spoofed)"
	try "and nothing else" pings
	same "not one packet" 1 "$(hits no_way)"
	ip -n $S4 addr del 10.99.0.1/32 dev lo
	for dev in all eth4 eth6; do
		r sysctl -qw net.ipv4.conf.$dev.rp_filter=0
	done
	r nft flush ruleset

	# Translating is turned on by adding a prefix: the kernel's switches for
	# plain forwarding do not turn it off.
	r sysctl -qw net.ipv4.conf.eth4.forwarding=0
	same "forwarding off on eth4: a plain answer does not pass" "no answer" \
		"$(WAIT=0.7 ask $C6 udp 10.254.1.235)"
	try "forwarding off on eth4: translated passes" pings
	r sysctl -qw net.ipv4.ip_forward=0
	same "ip_forward off: plain IPv4 does not pass" "no answer" \
		"$(WAIT=0.7 ask $C6 udp 10.254.1.235)"
	try "ip_forward off: translated passes" pings
	r sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.eth4.forwarding=1
	r sysctl -qw net.ipv6.conf.all.forwarding=0
	try "IPv6 forwarding off: plain IPv6 does not pass" \
		grep -qE 'no answer|refused|unreachable' \
		<<<"$(WAIT=0.7 ask $C6 udp 2001:db8:4::2)"
	try "IPv6 forwarding off: translated passes" pings
	r sysctl -qw net.ipv6.conf.all.forwarding=1
	same "forwarding on again" "10.6.0.2 2001:db8:6::2" \
		"$(ask $C6 udp 10.254.1.235) $(ask $C6 udp 2001:db8:4::2)"
}

[ $# -gt 0 ] || set -- own_address own_traffic tcpdump sysctls
sections "$@"
