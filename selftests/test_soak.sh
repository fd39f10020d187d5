#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Traffic on all CPUs, good and bad, while everything changes at once: prefixes,
# pools, EIPs, bindings and options, rules, routes and links; tables are listed and
# flushed, sessions expire, interfaces, namespaces and the module go.
# selftests/run holds the kernel's log against it.
#
# NAT64_SOAK_SECONDS	how long (default 300)
# NAT64_FUZZ_NUMBER	which packets and which order (default 1)
. "$(dirname "$0")/lib.sh"
TIME=${NAT64_SOAK_SECONDS:-300}
NUMBER=${NAT64_FUZZ_NUMBER:-1}
ROUND=20
SERVER=64:ff9b::10.254.1.235
events=/sys/kernel/tracing/events/nat64

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"; topo_down' EXIT
packet_fuzzer "$tmp" 4 6
mountpoint -q /sys/kernel/tracing ||
	mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null

# chance COMMAND...: one of them; that it fails is no harm, all change at once
chance() {
	local commands=("$@")
	eval "${commands[RANDOM % $#]}" >/dev/null 2>&1
}

# Each of these until the round is over, with the numbers of its own.
change_configuration() {
	chance "ctl prefix add 64:ff9b::/96 private on" \
		"ctl prefix add 2001:db8:64::/96 mode eip" \
		"ctl prefix del 2001:db8:64::/96" "ctl prefix flush" \
		"ctl pool add 198.51.100.0/30 ports 1024-1087" \
		"ctl pool add 198.51.100.4/30 mapping address-port-dependent" \
		"ctl pool add 198.51.100.8/30 filtering address-dependent" \
		"ctl pool del 198.51.100.0/30" "ctl pool flush" \
		"ctl eip add 203.0.113.0/28 to 2001:db8:6::/124" \
		"ctl eip del 203.0.113.0/28" "ctl eip flush" \
		"ctl binding add udp 203.0.113.77 53 to 2001:db8:6::2" \
		"ctl binding add tcp 198.51.100.1 1030 to 2001:db8:6::2 8080" \
		"ctl binding flush" \
		"ctl set session-max $((RANDOM % 300 + 1))" \
		"ctl set session-max 100000" \
		"ctl set client-prefix-len $((RANDOM % 97 + 32))" \
		"ctl set client-session-max $((RANDOM % 100))" \
		"ctl set client-port-max $((RANDOM % 100))" \
		"ctl set early-drop on" "ctl set early-drop off" \
		"ctl set fastpath on" "ctl set fastpath off" \
		"ctl set reverse-path on" "ctl set reverse-path off" \
		"ctl set ftp on" "ctl set ftp off" \
		"ctl set icmp-timeout 10 tcp-trans-timeout 10 udp-timeout 120" \
		"ctl interface set eth6 fastpath off" \
		"ctl interface set eth6 fastpath default"
}

# Whole configurations, of which one binds ports that clients may have.
ordinary="prefix add 64:ff9b::/96 private on
pool add 198.51.100.0/30 ports 1024-1087
binding add tcp 198.51.100.1 1030 to 2001:db8:6::2 8080"
other="prefix add 64:ff9b::/96 private on
prefix add 2001:db8:64::/96 mode eip
pool add 198.51.100.0/30 ports 1024-1086
pool add 198.51.100.4/30 mapping address-port-dependent
set fastpath on icmp-timeout 10 udp-timeout 120
eip add 203.0.113.0/28 to 2001:db8:6::/124
binding add udp 203.0.113.77 53 to 2001:db8:6::2
binding add tcp 198.51.100.1 1030 to 2001:db8:6::2 8081
interface set eth4 fastpath off"
# Ports by blocks, few of them.
blocks="prefix add 64:ff9b::/96 private on
pool add 198.51.100.0/30 ports 1024-1279 block-size 64 blocks-max 2
set block-timeout 1 client-prefix-len 124"
replace_configuration() {
	local port=$((1024 + RANDOM % 60))
	chance 'ctl apply - <<<"$ordinary"' 'ctl apply - <<<"$other"' \
		'ctl check - <<<"$other"' 'ctl save' 'ctl apply - <<<"$blocks"' \
		"ctl apply - <<<\"\$ordinary
			binding add udp 198.51.100.1 $port to 2001:db8:6::2 $port\"" \
		'r timeout -s KILL 0.$((RANDOM % 5)) nat64ctl apply - <<<"$other"'
}

read_tables() {
	chance "ctl session list" "ctl -j session list" "ctl binding list" \
		"ctl block list" "ctl block list addr4 198.51.100.0 port 1030" \
		"ctl eip list" "ctl stats" "ctl status" "ctl show" \
		"ctl session flush" "cat /proc/slabinfo" \
		"ctl session list proto udp local6 2001:db8:6::/64" \
		"ctl whois 198.51.100.1 1030 tcp" "ctl stats --prometheus" \
		"ctl get from 2001:db8:6::2 to $SERVER tcp dport 22" \
		"ctl get from 192.0.2.2 to 198.51.100.1 udp dport 1030" \
		"r timeout 1 nat64ctl monitor buffer 64" \
		"r timeout 0.1 nat64ctl monitor" \
		"echo $((RANDOM % 2)) >$events/enable"
}

change_host() {
	chance "ip -n $R link set eth4 down; ip -n $R link set eth4 up" \
		"ip -n $R link set eth6 down; ip -n $R link set eth6 up" \
		"ip -n $R link set eth4 mtu 1280" "ip -n $R link set eth4 mtu 1500" \
		"ip -n $R route replace 10.254.1.0/24 via 192.0.2.2" \
		"ip -n $R route del 10.254.1.0/24" "ip -n $R neigh flush all" \
		"r sysctl -qw net.ipv4.ip_forward=0" \
		"r sysctl -qw net.ipv4.ip_forward=1" \
		"r nft 'add table ip t; add chain ip t f { type filter hook forward priority 0; }'" \
		"r nft 'add table ip6 t; add chain ip6 t p { type filter hook prerouting priority raw; }'" \
		"r nft flush ruleset" \
		"ip -n $R link add x type veth peer name y; ip -n $R link del x"
}

# worker NUMBER FUNCTION
worker() {
	RANDOM=$1
	while [ -e "$tmp/go" ]; do
		$2
		sleep 0.0$((RANDOM % 10))
	done
}

traffic() {
	c6 "$HERE/flood.py" $SERVER &
	c6 ping -q -f $SERVER &
	s4 "$HERE/flood.py" 198.51.100.1 &
	s4 ping -q -f 203.0.113.2 &
	c6 "$tmp/packets" eth0 "$(r cat /sys/class/net/eth6/address)" \
		"$tmp/seeds-6" 1000000000 $RANDOM &
	s4 "$tmp/packets" eth0 "$(r cat /sys/class/net/eth4/address)" \
		"$tmp/seeds-4" 1000000000 $RANDOM &
}

# A round ends with what goes first under traffic.
ends=("ip netns del $R" "rmmod nat64" "ip -n $R link del eth6"
      "rmmod nat64 & ip netns del $R; wait \$!")
round() {
	local what workers=()
	RANDOM=$2
	topo_up
	# Addresses stay when the interface goes down.
	r sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1
	nat64_up || return
	touch "$tmp/go"
	traffic >/dev/null 2>&1
	for what in change_configuration change_configuration \
		    replace_configuration read_tables change_host; do
		worker $RANDOM $what &
		workers+=($!)
	done
	sleep $ROUND
	rm "$tmp/go"
	wait "${workers[@]}"
	echo "$(stat translated_64) $(stat translated_46)" >>"$tmp/translated"
	eval "${ends[$1 % ${#ends[@]}]}" || return
	topo_down
	[ ! -d /sys/module/nat64 ] || rmmod nat64
}

end=$((SECONDS + TIME)) n=0
while [ $SECONDS -lt $end ]; do
	try "round $n, ended by ${ends[n % ${#ends[@]}]}" round $n $((NUMBER * 1000 + n))
	n=$((n + 1))
done
# Chance may leave a round without a route, but not most of them.
sed 's/^/# translated: /' "$tmp/translated"
try "packets were translated both ways" awk '
	$1 > 100 && $2 > 100 { good++ }
	END { exit good * 2 < NR }' "$tmp/translated"
topo_up
nat64_up
try "the router does its work" c6 ping -c 3 -i 0.2 -W 10 $SERVER
tap_done
