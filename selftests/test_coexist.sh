#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The translator beside the rest of the host's network stack: conntrack, rules,
# NAT, VRF, policy routing, bridges, VLANs, qdiscs, the host's own traffic.
# Arguments name the sections to run; default is all of them.
. "$(dirname "$0")/lib.sh"

POOL=198.51.100.0/24
EIP=203.0.113.11		# of 2001:db8:6::3
SERVER=64:ff9b::afe:1eb		# 10.254.1.235
SMALL=$((2 << 20))
X=x-$$

# What lib.sh has, without the mount namespace of "ip netns exec", which takes
# longer than most of what is run in it.
in_ns() {
	local ns=$1
	shift
	nsenter --net=/run/netns/$ns "$@"
}
c6() { in_ns $C6 "$@"; }
r() { in_ns $R "$@"; }
s4() { in_ns $S4 "$@"; }

# A server that says by what address and port it sees the client, and repeats
# what it got, by TCP for every line, by UDP for every datagram.  At port 8 it
# tells the sha256 of as many bytes as its argument says.
serve='import hashlib, socket, socketserver, sys, threading
class T(socketserver.ThreadingTCPServer):
    address_family, allow_reuse_address = socket.AF_INET6, True
    daemon_threads = True
def answer(peer, data):
    return b"%s %d " % (peer[0].removeprefix("::ffff:").encode(), peer[1]) + data
class H(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(answer(self.client_address, line))
class Sink(socketserver.StreamRequestHandler):
    def handle(self):
        data = self.rfile.read(int(sys.argv[1]))
        self.wfile.write(hashlib.sha256(data).hexdigest().encode() + b"\n")
threading.Thread(target=T(("::", 7), H).serve_forever).start()
threading.Thread(target=T(("::", 8), Sink).serve_forever).start()
udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
udp.bind(("::", 7))
while True:
    # Answer from the address that was asked, by whatever device.
    try:
        data, ((_, _, info),), _, peer = udp.recvmsg(2000, 99)
        udp.sendmsg([answer(peer, data)], [(socket.IPPROTO_IPV6,
                    socket.IPV6_PKTINFO, info[:16] + bytes(4))], 0, peer)
    except OSError:
        pass'

# ask NETNS tcp|udp ADDRESS [LINE]...: how the server there sees us, per line.
# All lines go by one socket; WAIT is for how long, where nothing is to come.  (read takes one byte at a time: not for UDP.)
ask() {
	local ns=$1
	shift
	[ $# -gt 2 ] || set -- "$@" hi
	in_ns "$ns" timeout 20 bash -c '
		exec 3<>/dev/$0/$1/7 || exit
		shift
		for l; do
			echo "$l" >&3
			l=$(timeout ${WAIT:-10} head -n 1 <&3)
			[ "$l" ] || { echo "no answer"; exit 1; }
			set -- $l
			echo "$1"
		done' "$@" 2>&1
}

# refused NETNS ADDRESS: a closed UDP port is told by an ICMP error
refused() {
	in_ns "$1" timeout 10 bash -c '
		exec 3<>/dev/udp/$0/9 && echo >&3
		head -n 1 <&3' "$2" 2>&1 | grep -q refused
}

# One identifier, so one session, where ping can be told.
same_id=
! ping -h 2>&1 | grep -q -- ' -e <' || same_id="-e 7"
ping_() { in_ns "$1" ping -n -c 1 -W 10 $same_id "${@:2}"; }
is_pool() { [[ $1 == 198.51.100.* ]]; }

# Every protocol through the translator, all at once.
through() {
	local p got bad=0 pids=
	for p; do
		case $p in
		64) ask $C6 tcp $SERVER;;
		46) ask $S4 tcp $EIP;;
		esac >"$tmp/tcp$p" &
		pids+=" $!"
		case $p in
		64) ask $C6 udp $SERVER;;
		46) ask $S4 udp $EIP;;
		esac >"$tmp/udp$p" &
		pids+=" $!"
		case $p in
		64) ping_ $C6 $SERVER;;
		46) ping_ $S4 $EIP;;
		esac >"$tmp/icmp$p" 2>&1 &
		pids+=" $!"
	done
	# The servers are children too: not for these.
	wait $pids
	for p; do
		for got in tcp udp icmp; do
			case $p$got:$(cat "$tmp/$got$p") in
			64[tu]*:198.51.100.*) ;;
			46[tu]*:64:ff9b::c000:202) ;;
			??icmp:*", 0% packet loss"*) ;;
			*) bad=1; echo "$p $got:"; cat "$tmp/$got$p";;
			esac
		done
	done
	return $bad
}
from6() { through 64; }
from4() { through 46; }
both_ways() { through 64 46; }

pings() { ping_ $C6 $SERVER && ping_ $S4 $EIP; }

# rules_in NETNS: its whole ruleset is one table with the chains on stdin;
# counters that they name are declared.
rules_in() {
	local text
	text=$(cat)
	{
		echo "flush ruleset"
		echo "table inet t {"
		grep -o 'counter name [a-z0-9_]*' <<<"$text" | sort -u |
			sed 's/counter name \(.*\)/counter \1 { }/'
		echo "$text"
		echo "}"
	} | in_ns "$1" nft -f -
}
rules() { rules_in $R; }

# hits_in NETNS COUNTER...: their packets
hits_in() {
	local ns=$1
	shift
	in_ns "$ns" nft list counters |
		awk -v names="$*" '
		$1 == "counter" { name = $2 }
		$1 == "packets" { packets[name] = $2 }
		END {
			n = split(names, list)
			for (i = 1; i <= n; i++)
				printf "%s%s", packets[list[i]],
				       i < n ? " " : "\n"
		}'
}
hits() { hits_in $R "$@"; }

# tracked PATTERN: how many conntrack entries of the router match
tracked() {
	{ r conntrack -L -f ipv4; r conntrack -L -f ipv6; } 2>/dev/null |
		grep -c "$1"
}

# Nothing of a section is left for the next.
fresh() {
	r nft flush ruleset
	r conntrack -F 2>/dev/null
	ctl prefix flush
	ctl pool flush
	ctl eip flush
	ctl prefix add $WELL_KNOWN private on
	ctl pool add $POOL
	ctl eip add $EIP to 2001:db8:6::3 >/dev/null
}

# Addresses of the router, which a device loses when it goes down.
router6() {
	ip -n $R addr add 2001:db8:6::1/64 dev "$1" nodad
}
client6() {
	ip -n $C6 addr add 2001:db8:6::2/64 dev "$1" nodad
	# No source of its own accord: it has an EIP, the other one has not.
	ip -n $C6 addr add 2001:db8:6::3/64 dev "$1" nodad preferred_lft 0
}

# server NETNS: it is $! then, and bash says nothing about its end
server() {
	nsenter --net=/run/netns/$1 python3 -c "$serve" $SMALL &
	disown
}

set_up() {
	topo_up
	trap 'topo_down; ip netns del $X 2>/dev/null' EXIT
	ip -n $C6 addr del 2001:db8:6::2/64 dev eth0
	client6 eth0
	ip -n $C6 route replace default via 2001:db8:6::1
	# Both ends have the other family too, for traffic that is plain.
	ip -n $C6 addr add 10.6.0.2/24 dev eth0
	ip -n $R addr add 10.6.0.1/24 dev eth6
	ip -n $C6 route add default via 10.6.0.1
	ip -n $S4 route add 10.6.0.0/24 via 192.0.2.1
	ip -n $R addr add 2001:db8:4::1/64 dev eth4 nodad
	ip -n $S4 addr add 2001:db8:4::2/64 dev eth0 nodad
	ip -n $S4 route add default via 2001:db8:4::1
	server $C6
	server $S4
	serving() { in_ns "$1" ss -Hlun | grep -q ':7 '; }
	wait_for 30 serving $C6
	wait_for 30 serving $S4
}

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

section_mark() {
	local long=$(printf %080d 0)
	# A second way to both sides, for what has a mark.
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
	c6 nft flush ruleset
	s4 nft flush ruleset
	ip -n $R rule del fwmark 1
	ip -n $R -6 rule del fwmark 1
	ip -n $C6 link del eth1
	ip -n $S4 link del eth1
}

# too_big NETNS ADDRESS PAYLOAD: what path MTU it is told
too_big() {
	in_ns "$1" ping -n -c 1 -W 2 -M do -s "$3" "$2" 2>&1 |
		sed -nE 's/.*mtu ?= ?([0-9]+).*/\1/p' | head -1
	# Else the next one is a local error.
	ip -n "$1" route flush cache
	ip -n "$1" -6 route flush cache
}

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

# capture NETNS FILE OPTION...: start a tcpdump, which is $! then
capture() {
	local ns=$1 file=$2
	shift 2
	# What the last one said is gone before this one says anything.
	: >"$tmp/err"
	nsenter --net=/run/netns/$ns timeout 60 tcpdump -Z root --immediate-mode -ln \
		"$@" >"$file" 2>"$tmp/err" &
	wait_for 10 grep -q listening "$tmp/err"
}

# stream NETNS ADDRESS: two MiB arrive as they were sent
stream() {
	local got
	got=$(in_ns "$1" timeout 20 bash -c '
		exec 3<>/dev/tcp/$0/8 && cat "$1" >&3 && head -n 1 <&3' \
		"$2" "$tmp/random" 2>&1)
	[ "$got" = "$digest" ] || { echo "$got"; return 1; }
}

section_vrf() {
	local before
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
	capture $C6 "$tmp/vlan6" -i eth0 -e -c 2 vlan 10 and udp port 7
	pids=$!
	capture $S4 "$tmp/vlan4" -i eth0 -e -c 2 vlan 20 and udp port 7
	pids+=" $!"
	ask $C6 udp $SERVER >/dev/null
	wait_for 5 grep -q '10.254.1.235.7 > ' "$tmp/vlan4"
	wait_for 5 grep -q '64:ff9b::afe:1eb.7 > ' "$tmp/vlan6"
	kill $pids 2>/dev/null
	wait $pids
	same "VLAN: the tag of either side, both packets" "2 2" \
		"$(grep -c 'vlan 10,.*64:ff9b::afe:1eb' "$tmp/vlan6") $(grep -c \
		'vlan 20,.*198.51.100' "$tmp/vlan4")"
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

section_own_address() {
	local port
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
	try "own address: what went to the host is counted" test \
		"$(stat passed)" -gt 10
	same "own address: translated again" "192.0.2.1 192.0.2.1" \
		"$(ask $C6 udp $SERVER) $(ask $C6 tcp $SERVER)"
	same "own address: an IPv6 client reaches the router's server by NAT64" \
		192.0.2.1 "$(ask $C6 tcp 64:ff9b::192.0.2.1)"
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

tmp=$(mktemp -d)
head -c $SMALL /dev/urandom >$tmp/random
digest=$(sha256sum <$tmp/random)
digest=${digest%% *}
set_up
[ $# -gt 0 ] || set -- conntrack rules nat mark own_address own_traffic \
	flowtable tc tcpdump fq sysctls vlan bridge vrf
for section; do
	fresh
	start=$SECONDS
	section_$section
	echo "# $section: $((SECONDS - start)) s"
done
rm -rf "$tmp"
tap_done
