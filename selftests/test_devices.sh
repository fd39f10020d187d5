#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The translator on VRFs, bridges, VLANs and by queueing disciplines.
# Arguments name the sections to run; default is all of them.
. "$(dirname "$0")/coexist.sh"

# errors NAME DEVICE4 DEVICE6: which come back, and from whom.  One device at a
# time is narrow: veth would not take in what its MTU does not hold.
errors() {
	ip -n $R link set "$2" mtu 1400
	same "$1: packet too big towards IPv4" 1420 \
		"$(too_big $C6 $SERVER 1452)"
	try "$1: and a stream learns it" stream $C6 $SERVER
	ip -n $R link set "$2" mtu 1500
	ip -n $R link set "$3" mtu 1400
	same "$1: too big towards IPv6" 1380 "$(too_big $S4 $EIP 1472)"
	try "$1: and a stream to IPv6 learns it" stream $S4 $EIP
	ip -n $R link set "$3" mtu 1500
	try "$1: hop limit towards IPv4 is told by the router" \
		grep -q 'From 2001:db8:6::1 .*[Tt]ime exceeded' \
		<<<"$(ping_ $C6 -t 1 $SERVER 2>&1)"
	try "$1: hop limit towards IPv6 is told by the router" \
		grep -q 'From 192.0.2.1 .*[Tt]ime to live exceeded' \
		<<<"$(ping_ $S4 -t 1 $EIP 2>&1)"
	ip -n $C6 -6 route flush cache
	ip -n $S4 route flush cache
}

# A server of a device, or none, that tells by what address it is asked, and a client.
bound_server='import select, socket, sys
device, port = sys.argv[1].encode(), int(sys.argv[2])
socks = []
for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
    s = socket.socket(socket.AF_INET6, kind)
    if device:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
    s.bind(("2001:db8:6::1" if device else "::", port))
    socks.append(s)
socks[0].listen()
while True:
    for s in select.select(socks, [], [])[0]:
        if s is socks[0]:
            c, peer = s.accept()
            with c:
                c.sendall(peer[0].encode() + b"\n")
        else:
            data, peer = s.recvfrom(100)
            s.sendto(peer[0].encode() + b"\n", peer)'
bound_client='import socket, sys
kind = socket.SOCK_STREAM if sys.argv[1] == "tcp" else socket.SOCK_DGRAM
with socket.socket(socket.AF_INET6, kind) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"red")
    s.settimeout(10)
    s.connect((sys.argv[2], 7))
    s.sendall(b"hi\n")
    print(s.recv(100).split()[0].decode())'
# tell NETNS tcp|udp ADDRESS PORT: the first line that comes, soon
tell() {
	in_ns "$1" timeout 4 bash -c '
		exec 3<>/dev/$0/$1/$2 && echo hi >&3 && head -n 1 <&3' "${@:2}" 2>/dev/null |
		grep .
}

section_vrf() {
	local before from proto server
	if ! modprobe vrf; then
		skip "VRF" "this kernel has no vrf module"
		return
	fi
	ip -n $R link add red type vrf table 10
	ip -n $R link set red up
	ip -n $R link set eth6 master red
	ip -n $R link set eth4 master red
	router6 eth6
	ip -n $R addr add 2001:db8:4::1/64 dev eth4 nodad 2>/dev/null
	ip -n $R route add 10.254.1.0/24 via 192.0.2.2 vrf red
	same "VRF: the main table knows nothing of it" "" \
		"$(ip -n $R route show; ip -n $R -6 route show | grep eth[46])"
	wait_for 10 ping_ $C6 2001:db8:6::1
	wait_for 10 ping_ $S4 192.0.2.1
	same "VRF: plain IPv4 is forwarded" 10.6.0.2 \
		"$(ask $C6 udp 10.254.1.235)"
	try "VRF: from IPv6" from6
	try "VRF: from IPv4" from4
	try "VRF: ICMP errors of hosts" eval \
		'refused $C6 $SERVER && refused $S4 $EIP'
	errors VRF eth4 eth6
	# What filters see.
	rules <<<"chain f {
		type filter hook forward priority filter
		ip saddr $POOL udp dport 7 counter name f4
		ip6 saddr $WELL_KNOWN udp sport 7 counter name f6
	}"
	ask $C6 udp $SERVER >/dev/null
	same "VRF: forward rules see the packets once" "1 1" "$(hits f4 f6)"
	try "VRF: the router is pinged" ping_ $S4 192.0.2.1
	ctl pool flush
	ctl pool add 192.0.2.1 ports 40000-50000
	same "VRF: a pool address that is the VRF's own" 192.0.2.1 \
		"$(ask $C6 udp $SERVER)"
	before="$(stat passed) $(stat no_binding)"
	try "VRF: and is still the router's" ping_ $S4 192.0.2.1
	# The VRF has its packets pass PRE_ROUTING once more.
	same "VRF: as counted" "$((${before% *} + 2)) ${before#* }" \
		"$(stat passed) $(stat no_binding)"
	# Sockets of the VRF: a server that is published, one outside, and a client.
	ip -n $R -6 route add $WELL_KNOWN dev eth6 vrf red
	for from in 17 18; do
		for proto in tcp udp; do
			ctl binding add $proto 192.0.2.1 $from to 2001:db8:6::1
		done
	done
	r python3 -c "$bound_server" red 17 &
	server=$!
	r python3 -c "$bound_server" "" 18 &
	server+=" $!"
	for proto in tcp udp; do
		same "VRF: its own $proto server is reached" 64:ff9b::c000:202 \
			"$(wait_for 10 tell $S4 $proto 192.0.2.1 17; tell $S4 $proto 192.0.2.1 17)"
		same "VRF: one of outside is not, by $proto" "" \
			"$(tell $S4 $proto 192.0.2.1 18)"
		same "VRF: its own $proto client gets answers" 192.0.2.1 \
			"$(r python3 -c "$bound_client" $proto $SERVER)"
	done
	kill $server
	wait $server
	ctl binding flush
	ip -n $R -6 route del $WELL_KNOWN dev eth6 vrf red
	# Who says to be the router, in its VRF, and who has an address that the router
	# has outside of it.
	ip -n $R addr add 2001:db8:6::77/128 dev lo nodad
	for from in 1 77; do
		ip -n $C6 addr add 2001:db8:6::$from/128 dev lo nodad
	done
	before=$(stat bad_source)
	ping_ $C6 -I 2001:db8:6::1 -W 1 $SERVER >/dev/null
	same "VRF: its own addresses do not come from outside" $((before + 1)) \
		"$(stat bad_source)"
	ping_ $C6 -I 2001:db8:6::77 -W 1 $SERVER >/dev/null
	same "VRF: those of others may" $((before + 1)) "$(stat bad_source)"
	for from in 1 77; do
		ip -n $C6 addr del 2001:db8:6::$from/128 dev lo
	done
	ip -n $R addr del 2001:db8:6::77/128 dev lo
	ip -n $R link set eth6 nomaster
	ip -n $R link set eth4 nomaster
	ip -n $R link del red
	router6 eth6
	ip -n $R addr add 2001:db8:4::1/64 dev eth4 nodad 2>/dev/null
	ip -n $R route replace 10.254.1.0/24 via 192.0.2.2
	wait_for 10 ping_ $C6 2001:db8:6::1
}

section_bridge() {
	local nf before
	ip netns add $X
	ip -n $R link add br0 type bridge
	ip -n $R link set br0 up
	ip link add eth0 netns $X type veth peer name port2 netns $R
	ip -n $R link set port2 master br0 up
	ip -n $R addr flush dev eth6
	ip -n $R link set eth6 master br0
	router6 br0
	ip -n $R addr add 10.6.0.1/24 dev br0
	# Another router on the same bridge has a part of the prefix.
	in_ns $X sysctl -qw net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0
	ip -n $X addr add 2001:db8:6::9/64 dev eth0 nodad
	ip -n $X link set eth0 up
	ip -n $C6 route add 64:ff9b::10.254.1.222 via 2001:db8:6::9
	rules_in $X <<<"chain pre {
		type filter hook prerouting priority raw
		ip6 daddr 64:ff9b::afe:1de counter name got
	}"
	c6 ip neigh flush all
	wait_for 10 ping_ $C6 2001:db8:6::1
	wait_for 10 ping_ $C6 2001:db8:6::9
	for nf in off on; do
		if [ $nf = on ] && ! modprobe br_netfilter; then
			skip "bridge, br_netfilter" \
				"this kernel has no br_netfilter module"
			break
		fi
		[ $nf = off ] || r sysctl -qw \
			net.bridge.bridge-nf-call-ip6tables=1 \
			net.bridge.bridge-nf-call-iptables=1
		rules <<<"chain raw {
			type filter hook prerouting priority raw
			iifname br0 ip6 daddr $SERVER udp dport 7 counter name raw6
		}
		chain f {
			type filter hook forward priority filter
			iifname br0 oifname eth4 ip saddr $POOL udp dport 7 counter name f4
			iifname eth4 oifname br0 ip6 saddr $WELL_KNOWN udp sport 7 counter name f6
		}"
		ask $C6 udp $SERVER >/dev/null
		same "bridge, br_netfilter $nf: rules see each packet once" \
			"1 1 1" "$(hits raw6 f4 f6)"
		try "bridge, br_netfilter $nf: both ways" both_ways
		try "bridge, br_netfilter $nf: ICMP errors of hosts" eval \
			'refused $C6 $SERVER && refused $S4 $EIP'
		errors "bridge, br_netfilter $nf" eth4 br0
		# What is for another router's MAC address is not ours, even
		# though br_netfilter shows it to PRE_ROUTING as PACKET_HOST.
		before=$(stat translated_64)
		in_ns $X nft reset counters >/dev/null
		c6 ping -n -c 2 -i 0.2 -W 1 \
			64:ff9b::10.254.1.222 >/dev/null
		same "bridge, br_netfilter $nf: the other router's packets are its" \
			"2 0" "$(hits_in $X got) $(($(stat translated_64) - before))"
	done
	ip -n $C6 route del 64:ff9b::10.254.1.222
	ip -n $R link del br0
	ip netns del $X
	modprobe -r br_netfilter
	router6 eth6
	ip -n $R addr add 10.6.0.1/24 dev eth6
	c6 ip neigh flush all
	wait_for 10 ping_ $C6 2001:db8:6::1
}

section_vlan() {
	local pids
	if ! modprobe 8021q; then
		skip "VLAN" "this kernel has no 8021q module"
		return
	fi
	ip -n $C6 link add link eth0 name eth0.10 type vlan id 10
	ip -n $R link add link eth6 name eth6.10 type vlan id 10
	ip -n $R link add link eth4 name eth4.20 type vlan id 20
	ip -n $S4 link add link eth0 name eth0.20 type vlan id 20
	ip -n $C6 link set eth0.10 up
	ip -n $R link set eth6.10 up
	ip -n $R link set eth4.20 up
	ip -n $S4 link set eth0.20 up
	ip -n $C6 addr flush dev eth0 scope global
	client6 eth0.10
	ip -n $R addr flush dev eth6 scope global
	router6 eth6.10
	ip -n $C6 -6 route replace default via 2001:db8:6::1 dev eth0.10
	ip -n $R addr flush dev eth4 scope global
	ip -n $R addr add 192.0.2.1/24 dev eth4.20
	ip -n $S4 addr flush dev eth0 scope global
	ip -n $S4 addr add 192.0.2.2/24 dev eth0.20
	ip -n $R route add 10.254.1.0/24 via 192.0.2.2
	ip -n $S4 route add $POOL via 192.0.2.1
	ip -n $S4 route add 203.0.113.0/24 via 192.0.2.1
	wait_for 10 ping_ $C6 2001:db8:6::1
	wait_for 10 ping_ $S4 192.0.2.1
	# Of a filter by tag libpcap 1.11 forgets the first packet.
	capture $C6 "$tmp/vlan6" -i eth0 -e
	pids=$!
	capture $S4 "$tmp/vlan4" -i eth0 -e
	pids+=" $!"
	ask $C6 udp $SERVER >/dev/null
	wait_for 5 grep -q '10.254.1.235.7 > ' "$tmp/vlan4"
	wait_for 5 grep -q '64:ff9b::afe:1eb.7 > ' "$tmp/vlan6"
	kill $pids 2>/dev/null
	wait $pids
	same "VLAN: the tag of either side, both packets" "2 2" \
		"$(grep -c 'vlan 10,.*64:ff9b::afe:1eb\.7[ :].*UDP' "$tmp/vlan6") $(grep \
		-c 'vlan 20,.*10\.254\.1\.235\.7[ :].*UDP' "$tmp/vlan4")"
	try "VLAN: both ways" both_ways
	errors VLAN eth4.20 eth6.10
	ip -n $C6 link del eth0.10
	ip -n $R link del eth6.10
	ip -n $R link del eth4.20
	ip -n $S4 link del eth0.20
	client6 eth0
	ip -n $C6 addr add 10.6.0.2/24 dev eth0
	router6 eth6
	ip -n $R addr add 10.6.0.1/24 dev eth6
	ip -n $C6 -6 route replace default via 2001:db8:6::1 dev eth0
	ip -n $C6 route replace default via 10.6.0.1
	ip -n $R addr add 192.0.2.1/24 dev eth4
	ip -n $R addr add 2001:db8:4::1/64 dev eth4 nodad
	ip -n $S4 addr add 192.0.2.2/24 dev eth0
	ip -n $S4 addr add 2001:db8:4::2/64 dev eth0 nodad
	ip -n $S4 -6 route replace default via 2001:db8:4::1
	ip -n $R route add 10.254.1.0/24 via 192.0.2.2
	ip -n $S4 route add $POOL via 192.0.2.1
	ip -n $S4 route add 203.0.113.0/24 via 192.0.2.1
	ip -n $S4 route add 10.6.0.0/24 via 192.0.2.1
	wait_for 10 ping_ $C6 2001:db8:6::1
}

# Echoes of datagrams, 20 at a time: how many come back, and in what time.
burst='import socket, sys, time
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET,
                  socket.SOCK_DGRAM)
s.connect((sys.argv[1], 7))
s.settimeout(10)
got = slow = 0
for base in range(0, 1000, 20):
    start = time.monotonic()
    for n in range(20):
        s.send(b"%d" % (base + n))
    try:
        for n in range(20):
            s.recv(99)
            got += 1
    except TimeoutError:
        break
    slow = max(slow, time.monotonic() - start)
print(got, "late" if slow > 1 else "in time")'

section_fq() {
	local dev pid
	if ! modprobe sch_fq; then
		skip "fq" "this kernel has no sch_fq module"
		return
	fi
	for dev in eth4 eth6; do
		r tc qdisc replace dev $dev root fq || not_ok "fq on $dev"
	done
	# fq sends a packet at its time stamp.  That of a received packet, which
	# there is only if somebody captures, is of another clock, decades later.
	capture $R /dev/null -i any icmp
	pid=$!
	same "fq: 1000 datagrams to IPv4 and back" "1000 in time" \
		"$(c6 python3 -c "$burst" $SERVER)"
	same "fq: 1000 datagrams to IPv6 and back" "1000 in time" \
		"$(s4 python3 -c "$burst" $EIP)"
	try "fq: a stream to IPv4" stream $C6 $SERVER
	try "fq: a stream to IPv6" stream $S4 $EIP
	for dev in eth4 eth6; do
		same "fq: $dev dropped nothing" 1 \
			"$(r tc -s qdisc show dev $dev | grep -c 'dropped 0,')"
		try "fq: $dev passed the packets" test "$(r tc -s qdisc show dev $dev |
			sed -nE 's/.* ([0-9]+) pkt.*/\1/p' | head -1)" -gt 2000
	done
	kill $pid
	wait $pid
	for dev in eth4 eth6; do
		r tc qdisc del dev $dev root
	done
}

[ $# -gt 0 ] || set -- fq vlan bridge vrf
sections "$@"
