#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The translator beside conntrack, rules, NAT, policy routing and tc.
# Arguments name the sections to run; default is all of them.
. "$(dirname "$0")/coexist.sh"

section_conntrack() {
	local p state='
	chain states {
		ct state untracked counter name untracked
		ct state invalid counter name invalid
		ct state new counter name new
		ct state established,related counter name known
	}'
	# conntrack comes after the translator in PRE_ROUTING (-200 and -201),
	# so it sees a translated packet first in POST_ROUTING, where it does
	# nothing to what has no entry.  Rules that follow every firewall
	# how-to drop what is "invalid"; "untracked" tells it from that.
	rules <<<"$state
	chain f {
		type filter hook forward priority filter
		udp dport 7 ip saddr $POOL jump states
		udp sport 7 ip6 saddr $WELL_KNOWN jump states
	}"
	try "conntrack: UDP to IPv4" is_pool "$(ask $C6 udp $SERVER)"
	same "conntrack: translated packets are untracked in FORWARD, not invalid" \
		"2 0 0 0" "$(hits untracked invalid new known)"
	try "conntrack: every protocol, both ways" both_ways
	try "conntrack: an ICMP error of the IPv4 side arrives" \
		refused $C6 $SERVER
	try "conntrack: an ICMP error of the IPv6 side arrives" refused $S4 $EIP
	same "conntrack: no entry for what is translated" 0 "$(tracked .)"

	rules <<<"chain f {
		type filter hook forward priority filter
		ct state invalid counter name invalid drop
	}"
	try "ct state invalid drop: TCP 6->4 passes" \
		is_pool "$(ask $C6 tcp $SERVER)"
	try "ct state invalid drop: UDP 6->4 passes" \
		is_pool "$(ask $C6 udp $SERVER)"
	try "ct state invalid drop: ping 6->4 passes" ping_ $C6 $SERVER
	for p in tcp udp; do
		same "ct state invalid drop: $p 4->6 passes" 64:ff9b::c000:202 \
			"$(ask $S4 $p $EIP)"
	done
	try "ct state invalid drop: ping 4->6 passes" ping_ $S4 $EIP
	try "ct state invalid drop: ICMP errors pass" eval \
		'refused $C6 $SERVER && refused $S4 $EIP'
	same "ct state invalid drop: not one packet" 0 "$(hits invalid)"

	rules <<<"chain raw {
		type filter hook forward priority raw
		ip saddr { $POOL, $EIP } notrack
		ip6 saddr $WELL_KNOWN notrack
	}
	chain f {
		type filter hook forward priority filter
		ct state invalid counter name invalid drop
		ct state untracked counter name untracked
	}"
	try "notrack in raw of forward: every protocol, both ways" both_ways
	try "notrack in raw of forward: makes them untracked" eval \
		'[ "$(hits invalid)" = 0 ] && [ "$(hits untracked)" -gt 20 ]'

	# Plain traffic beside.
	rules <<<"$state
	chain f {
		type filter hook forward priority filter
		udp dport 7 jump states
		udp sport 7 jump states
	}"
	r conntrack -F 2>/dev/null
	same "plain IPv4 is forwarded" 10.6.0.2 "$(ask $C6 udp 10.254.1.235)"
	same "plain IPv6 is forwarded" 2001:db8:6::2 \
		"$(ask $C6 udp 2001:db8:4::2)"
	same "and tracked as ever" "0 0 2 2" \
		"$(hits untracked invalid new known)"
	same "in one entry each" "1 1" \
		"$(tracked 'src=10.6.0.2 ') $(tracked 'src=2001:db8:6::2 ')"
}

section_rules() {
	local p s pid
	# The host's own answers about translated packets go to the addresses
	# that these have, and are translated on the way out.  Like any answer
	# they need a route, be it the default one.
	ip -n $R route add default via 192.0.2.2
	ip -n $R -6 route add default via 2001:db8:4::2
	c6 ping -n -c 1 -W 9 64:ff9b::192.0.2.99 \
		>"$tmp/no_arp" 2>&1 &
	pid=$!
	# One datagram and its answer, one ping and its answer.
	rules <<<"chain raw {
		type filter hook prerouting priority raw
		iif eth6 ip6 daddr $SERVER udp dport 7 counter name raw6
		iif eth4 ip saddr 10.254.1.235 ip daddr $POOL udp sport 7 counter name raw4
		iif eth6 ip6 daddr $SERVER icmpv6 type echo-request counter name raw_ping
	}
	chain mangle {
		type filter hook prerouting priority mangle
		ip6 daddr $WELL_KNOWN counter name mangle6
		ip daddr $POOL counter name mangle4
	}
	chain f {
		type filter hook forward priority filter
		iif eth6 oif eth4 ip saddr $POOL ip daddr 10.254.1.235 udp dport 7 counter name f4
		iif eth4 oif eth6 ip6 saddr $SERVER ip6 daddr 2001:db8:6::2 udp sport 7 counter name f6
		iif eth6 oif eth4 ip saddr $POOL ip daddr 10.254.1.235 icmp type echo-request counter name f_ping
		iif eth4 oif eth6 ip6 saddr $SERVER icmpv6 type echo-reply counter name f_pong
		ip6 daddr $WELL_KNOWN counter name old
		ip daddr $POOL counter name old
	}
	chain post {
		type filter hook postrouting priority srcnat
		oif eth4 ip saddr $POOL udp dport 7 counter name p4
		oif eth6 ip6 saddr $SERVER udp sport 7 counter name p6
	}
	chain inward {
		type filter hook input priority filter
		ip6 daddr $WELL_KNOWN counter name host
		ip daddr $POOL counter name host
	}"
	ask $C6 udp $SERVER >/dev/null
	ping_ $C6 $SERVER >/dev/null
	same "nft: raw prerouting sees the originals, once each" "1 1 1" \
		"$(hits raw6 raw4 raw_ping)"
	# By then the packet has left: -150 is after the translator.
	same "nft: mangle prerouting sees none" "0 0" \
		"$(hits mangle6 mangle4)"
	same "nft: forward sees the translated packets, once each" "1 1 1 1" \
		"$(hits f4 f6 f_ping f_pong)"
	same "nft: and never the originals" "0 0" "$(hits old host)"
	same "nft: postrouting sees the translated packets, once each" "1 1" \
		"$(hits p4 p6)"

	rules <<<"chain raw {
		type filter hook prerouting priority raw
		iif eth4 ip daddr $EIP udp dport 7 counter name raw4
		iif eth6 ip6 saddr 2001:db8:6::3 udp sport 7 counter name raw6
	}
	chain f {
		type filter hook forward priority filter
		ip6 saddr 64:ff9b::c000:202 ip6 daddr 2001:db8:6::3 udp dport 7 counter name f6
		ip saddr $EIP ip daddr 192.0.2.2 udp sport 7 counter name f4
	}"
	ask $S4 udp $EIP >/dev/null
	same "nft: the same from IPv4 to an EIP" "1 1 1 1" \
		"$(hits raw4 f6 raw6 f4)"

	rules <<<"chain f {
		type filter hook forward priority filter
		ip saddr $POOL tcp dport 7 tcp flags & (syn|ack) == syn counter name syn reject with tcp reset
		ip saddr $POOL udp dport 7 counter name udp4 drop
		ip6 daddr 2001:db8:6::3 udp dport 9 counter name udp6 reject with icmpv6 type port-unreachable
	}"
	try "nft: a forward rule rejects TCP by a reset" \
		grep -q refused <<<"$(ask $C6 tcp $SERVER)"
	same "nft: a forward rule drops UDP" "no answer" "$(WAIT=0.7 ask $C6 udp $SERVER)"
	try "nft: a forward rule rejects UDP by an ICMP error" \
		refused $S4 $EIP
	same "nft: one packet of each" "1 1 1" "$(hits syn udp4 udp6)"
	try "nft: what no rule names passes" ping_ $C6 $SERVER
	wait $pid
	try "an IPv4 neighbour that is not there: the client is told" grep -q \
		'From 64:ff9b::c000:201 .*Destination unreachable' "$tmp/no_arp"

	r nft flush ruleset
	for p in nft legacy; do
		r iptables-$p -A FORWARD -s $POOL -d 10.254.1.235 -p udp --dport 7 -j ACCEPT
		r ip6tables-$p -A FORWARD -s 64:ff9b::10.254.1.235 -p udp --sport 7 -j ACCEPT
		r ip6tables-$p -t raw -A PREROUTING -d $SERVER -p udp --dport 7
		ask $C6 udp $SERVER >/dev/null
		s=$(r iptables-$p -nvxL FORWARD | awk 'NR == 3 { print $1 }')
		s+=" $(r ip6tables-$p -nvxL FORWARD | awk 'NR == 3 { print $1 }')"
		s+=" $(r ip6tables-$p -t raw -nvxL PREROUTING | awk 'NR == 3 { print $1 }')"
		same "iptables-$p: FORWARD 4, FORWARD 6 and raw 6, once each" \
			"1 1 1" "$s"
		r iptables-$p -I FORWARD -s $POOL -p udp -j DROP
		same "iptables-$p: a FORWARD rule drops" "no answer" \
			"$(WAIT=0.7 ask $C6 udp $SERVER)"
		for s in iptables ip6tables; do
			r $s-$p -F
			r $s-$p -t raw -F
		done
	done
	ip -n $R route del default
	ip -n $R -6 route del default
}

section_nat() {
	# The server has no way back but to the router itself.
	ip -n $S4 route del 10.6.0.0/24
	rules <<<"chain post {
		type nat hook postrouting priority srcnat
		oif eth4 counter name nat masquerade
	}
	chain f {
		type filter hook forward priority filter
		ip saddr $POOL udp dport 7 counter name pool
	}"
	same "masquerade: plain IPv4 leaves as the router" 192.0.2.1 \
		"$(ask $C6 udp 10.254.1.235)"
	# A nat chain sees the first packet of an entry only, and translated
	# packets have none: the rule is not applied to them.
	same "masquerade: translated UDP keeps its pool address" 198.51.100 \
		"$(ask $C6 udp $SERVER | cut -d. -f1-3)"
	same "masquerade: translated TCP keeps its pool address" 198.51.100 \
		"$(ask $C6 tcp $SERVER | cut -d. -f1-3)"
	same "masquerade: the rule saw the plain packet only" "1 1" \
		"$(hits nat pool)"
	try "masquerade: every protocol, both ways" both_ways
	same "masquerade: and plain IPv4 once more" 192.0.2.1 \
		"$(ask $C6 tcp 10.254.1.235)"
	ip -n $S4 route add 10.6.0.0/24 via 192.0.2.1

	rules <<<"chain pre {
		type nat hook prerouting priority dstnat
		ip daddr 192.0.2.1 udp dport 7 counter name nat dnat ip to 10.6.0.2
		ip daddr { $POOL, $EIP } counter name ours dnat ip to 10.6.0.2
		ip6 daddr $WELL_KNOWN counter name ours dnat ip6 to 2001:db8:4::2
	}"
	same "DNAT: plain IPv4 goes to the client behind" 192.0.2.2 \
		"$(ask $S4 udp 192.0.2.1)"
	try "DNAT: every protocol is translated, both ways" both_ways
	same "DNAT: its rule saw the plain packet only" "1 0" "$(hits nat ours)"
}

# A second way to both sides, by table 20.
second_way() {
	ip link add eth1 netns $C6 type veth peer name eth6b netns $R
	ip link add eth1 netns $S4 type veth peer name eth4b netns $R
	ip -n $C6 addr add 2001:db8:7::2/64 dev eth1 nodad
	ip -n $R addr add 2001:db8:7::1/64 dev eth6b nodad
	ip -n $R addr add 192.0.3.1/24 dev eth4b
	ip -n $S4 addr add 192.0.3.2/24 dev eth1
	ip -n $C6 link set eth1 up
	ip -n $S4 link set eth1 up
	ip -n $R link set eth6b up
	ip -n $R link set eth4b up
	ip -n $R route add 10.254.1.0/24 via 192.0.3.2 table 20
	ip -n $R -6 route add 2001:db8:6::/64 via 2001:db8:7::2 table 20
}
no_second_way() {
	c6 nft flush ruleset
	s4 nft flush ruleset
	ip -n $C6 link del eth1
	ip -n $S4 link del eth1
}

section_mark() {
	local long=$(printf %080d 0)
	second_way
	ip -n $R rule add fwmark 1 table 20
	ip -n $R -6 rule add fwmark 1 table 20
	# mangle prerouting is too late, see section_rules.
	rules <<<"chain raw {
		type filter hook prerouting priority raw
		ip6 daddr $WELL_KNOWN udp length > 60 meta mark set 1
		ip daddr { $POOL, $EIP } udp length > 60 meta mark set 1
	}
	chain f {
		type filter hook forward priority filter
		udp dport 7 meta mark 1 counter name marked
		udp sport 7 meta mark 1 counter name marked
	}"
	for ns in $C6 $S4; do
		rules_in $ns <<<"chain inward {
			type filter hook input priority filter
			iifname eth0 udp dport 7 counter name main
			iifname eth1 udp dport 7 counter name other
			iifname eth0 udp sport 7 counter name main
			iifname eth1 udp sport 7 counter name other
		}"
	done
	# One socket, so one session: unmarked, marked, unmarked, marked twice.
	ask $C6 udp $SERVER a $long b $long $long >/dev/null
	same "fwmark: one session" 1 \
		"$(ctl session | grep -c "64:ff9b::afe:1eb 7 .* 10.254.1.235 7")"
	same "fwmark: what has a mark goes the other way to IPv4" "2 3" \
		"$(hits_in $S4 main other)"
	same "fwmark: what has a mark comes the other way from IPv4" "2 3" \
		"$(hits_in $C6 main other)"
	same "fwmark: forward rules see the mark" 6 "$(hits marked)"
	c6 nft reset counters >/dev/null
	ask $S4 udp $EIP a $long b >/dev/null
	same "fwmark: the same towards an EIP" "2 1" "$(hits_in $C6 main other)"

	# The way of what has no mark changes under a session.
	ip -n $R route replace 10.254.1.0/24 via 192.0.3.2
	s4 nft reset counters >/dev/null
	ask $C6 udp $SERVER a >/dev/null
	ip -n $R route replace 10.254.1.0/24 via 192.0.2.2
	ask $C6 udp $SERVER a >/dev/null
	same "and the main route may change too" "1 1" "$(hits_in $S4 main other)"
	ip -n $R rule del fwmark 1
	ip -n $R -6 rule del fwmark 1
	no_second_way
}

# ways COMMAND...: by which interface requests and answers came, with the command
ways() {
	ctl session flush
	s4 nft reset counters >/dev/null
	c6 nft reset counters >/dev/null
	"$@" >/dev/null
	echo "$(hits_in $S4 eth0 eth1), $(hits_in $C6 eth0 eth1)"
}

# by_classes TCLASS...: the client's packets of one session
by_classes() {
	c6 python3 -c '
import socket, sys
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
    s.settimeout(10)
    for tclass in sys.argv[2:]:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, int(tclass))
        s.sendto(b"x", (sys.argv[1], 7))
        s.recv(100)' "$SERVER" "$@"
}

# What rules of routing and of IPsec may ask for besides addresses and marks.
section_lookup() {
	local ns class tos
	second_way
	for ns in $C6 $S4; do
		rules_in $ns <<<"chain inward {
			type filter hook input priority filter
			iifname eth0 meta l4proto { tcp, udp } counter name eth0
			iifname eth1 meta l4proto { tcp, udp } counter name eth1
			iifname eth0 icmp type { echo-request, echo-reply } counter name eth0
			iifname eth1 icmp type { echo-request, echo-reply } counter name eth1
			iifname eth0 icmpv6 type { echo-request, echo-reply } counter name eth0
			iifname eth1 icmpv6 type { echo-request, echo-reply } counter name eth1
		}"
	done
	same "rules of routing: none, one way" "1 0, 1 0" \
		"$(ways ask $C6 udp $SERVER)"
	ip -n $R rule add ipproto udp dport 7 table 20
	ip -n $R -6 rule add ipproto udp sport 7 table 20
	same "by port: the other way, both ways" "0 1, 0 1" \
		"$(ways ask $C6 udp $SERVER)"
	same "by port: no other port" "1 0, 1 0" "$(ways ping_ $C6 $SERVER)"
	ip -n $R rule del ipproto udp dport 7 table 20
	ip -n $R -6 rule del ipproto udp sport 7 table 20
	for class in "tos 0x10" "dscp 46"; do
		[ "$class" = "dscp 46" ] && tos=184 || tos=16
		# Kernels have all of TOS for rules since 6.12.
		ip -n $R rule add $class table 20 2>/dev/null || continue
		ip -n $R -6 rule add $class table 20
		same "by $class: the other way, both ways" "0 1, 0 1" \
			"$(ways ping_ $C6 -Q $tos $SERVER)"
		same "by $class: no other packet" "1 0, 1 0" \
			"$(ways ping_ $C6 -Q 8 $SERVER)"
		same "by $class: each packet of a session" "2 2, 4 0" \
			"$(ways by_classes 0 $tos 0 $tos)"
		same "by $class: whatever its first was" "2 1, 3 0" \
			"$(ways by_classes $tos 0 0)"
		ip -n $R rule del $class table 20
		ip -n $R -6 rule del $class table 20
	done
	no_second_way

	r ip xfrm policy add src $POOL dst 10.254.1.235/32 proto udp dport 7 \
		dir out action block
	same "IPsec: a policy for a port blocks it to IPv4" "no answer" \
		"$(WAIT=0.7 ask $C6 udp $SERVER)"
	try "IPsec: and no other to IPv4" is_pool "$(ask $C6 tcp $SERVER)"
	r ip xfrm policy flush
	r ip -6 xfrm policy add src $WELL_KNOWN dst 2001:db8:6::/64 proto udp sport 7 \
		dir out action block
	same "IPsec: a policy for a port blocks it to IPv6" "no answer" \
		"$(WAIT=0.7 ask $C6 udp $SERVER)"
	try "IPsec: and no other to IPv6" is_pool "$(ask $C6 tcp $SERVER)"
	r ip xfrm policy flush
	try "IPsec: without policies all passes" is_pool "$(ask $C6 udp $SERVER)"
}

section_flowtable() {
	rules <<<"flowtable fast {
		hook ingress priority 0
		devices = { eth4, eth6 }
	}
	chain f {
		type filter hook forward priority filter
		meta l4proto { tcp, udp } flow add @fast
		ip daddr 10.254.1.235 udp dport 7 ip saddr 10.6.0.2 counter name plain
		ip daddr 10.254.1.235 udp dport 7 ip saddr $POOL counter name ours
	}"
	# The third packet is of an established flow, and none after it is seen.
	same "flowtable: plain traffic" 5 \
		"$(ask $C6 udp 10.254.1.235 a b c d e | grep -c 10.6.0.2)"
	same "flowtable: takes it off the rules" 1 \
		"$(($(hits plain) < 5 && $(tracked OFFLOAD) == 1))"
	same "flowtable: translated traffic" 5 \
		"$(ask $C6 udp $SERVER a b c d e | grep -c 198.51.100)"
	same "flowtable: is not taken off" "5 0" \
		"$(hits ours) $(tracked 198.51.100)"
	try "flowtable: both ways" both_ways
	try "flowtable: a stream" stream $C6 $SERVER
}

section_tc() {
	if ! modprobe -a sch_ingress cls_matchall act_mirred act_police; then
		skip "tc" "this kernel lacks its modules"
		return
	fi
	# A copy of every packet goes to dummy, where the translator must not
	# have changed it (it writes in place).
	ip -n $R link add mirror type dummy
	ip -n $R link set mirror up
	for dev in eth4 eth6; do
		r tc qdisc add dev $dev clsact
		r tc filter add dev $dev ingress matchall \
			action mirred egress mirror dev mirror
	done
	capture $R "$tmp/mirror" -i mirror -vv -c 2 udp port 7
	try "tc mirred: UDP" is_pool "$(ask $C6 udp $SERVER)"
	wait $!
	same "tc mirred: the copies are the originals" "1 1" "$(grep -c \
		'2001:db8:6::2.* > 64:ff9b::afe:1eb.7: ' "$tmp/mirror") $(grep -c \
		'10.254.1.235.7 > 198.51.100' "$tmp/mirror")"
	try "tc mirred: pings" pings
	try "tc mirred: a stream" stream $C6 $SERVER
	for dev in eth4 eth6; do
		r tc filter del dev $dev ingress
	done
	r tc filter add dev eth6 ingress matchall \
		action police rate 8mbit burst 100k conform-exceed drop
	try "tc police: pings" pings
	try "tc police: a stream" stream $C6 $SERVER
	for dev in eth4 eth6; do
		r tc qdisc del dev $dev clsact
	done
	ip -n $R link del mirror
}

[ $# -gt 0 ] || set -- conntrack rules nat mark lookup flowtable tc
sections "$@"
