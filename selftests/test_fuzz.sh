#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Spoilt packets from both sides, configuration by configuration: the router goes
# on, the kernel says nothing (selftests/run looks), nothing is left.
#
# NAT64_FUZZ_PACKETS	how many in all (default 60000)
# NAT64_FUZZ_NUMBER	which ones: another number makes others (default 1)
. "$(dirname "$0")/lib.sh"
PACKETS=${NAT64_FUZZ_PACKETS:-60000}
NUMBER=${NAT64_FUZZ_NUMBER:-1}
SERVER=64:ff9b::10.254.1.235

topo_up
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"; topo_down' EXIT
packet_fuzzer "$tmp" 4 6 clat4 clat6

clear_all() {
	local noun
	for noun in session binding eip pool prefix; do
		ctl $noun flush || return
	done
}

ordinary() {
	ctl prefix add 64:ff9b::/96 private on &&
		ctl prefix add 2001:db8:64::/96 private on &&
		ctl pool add 198.51.100.0/30 ports 1024-1087 &&
		ctl binding add udp 203.0.113.1 53 to 2001:db8:6::2 &&
		ctl binding add tcp 203.0.113.1 80 to 2001:db8:6::2 8080
}

stateful() { ordinary && ctl set ftp on; }

crowded() {
	ordinary && ctl set session-max 200 client-session-max 100 \
		client-port-max 50 client-prefix-len 128 icmp-extension on \
		icmp-source 203.0.113.128/25 no-binding-icmp on tclass 32 tos 0 \
		reverse-path on
}

strict() {
	ctl prefix add 64:ff9b::/96 private on &&
		ctl pool add 198.51.100.0/31 ports 1024-1087 \
			mapping address-port-dependent &&
		ctl pool add 198.51.100.2/31 ports 1024-1087 \
			filtering address-dependent &&
		ctl set fastpath on udp-zero-checksum off lowest-ipv6-mtu 1500
}

stateless() {
	ctl prefix add 64:ff9b::/96 private on &&
		ctl prefix add 2001:db8:64::/96 private on &&
		ctl eip add 203.0.113.0/24 to 2001:db8:6::/120 &&
		ctl set fastpath on
}

clat() {
	ctl prefix add 2001:db8:64::/96 private on &&
		ctl eip add 10.254.1.0/24 to 2001:db8:6::/120 clat on &&
		ip -n $R -6 route add 2001:db8:64::/96 via 2001:db8:6::2
}

defaults() {
	ctl set session-max 100000 client-session-max 0 client-port-max 0 \
		client-prefix-len 64 icmp-extension off icmp-source interface \
		no-binding-icmp off tclass copy tos copy reverse-path off \
		fastpath off udp-zero-checksum on lowest-ipv6-mtu 1280 ftp off
}

mac() { r cat "/sys/class/net/$1/address"; }
drops() { ctl -j stats all | tr ',{}' '\n' | grep -E '^"[a-z0-9_]+":[0-9]+$'; }

left() {
	ctl -j status | sed -E 's/.*"bindings":([0-9]+).*"sessions":([0-9]+).*/\1 \2/'
}

# attack FAMILY NAMESPACE SEEDS: how many packets were sent
attack() {
	ip netns exec "$2" "$tmp/packets" eth0 "$(mac "eth$1")" "$3" \
		$each $NUMBER >"$tmp/sent$1"
}

configurations="stateful crowded strict stateless clat"
each=$(((PACKETS + 9) / 10)) sent=0 translated=0
for name in $configurations; do
	try "$name: configuration" $name
	before=$(($(stat translated_64) + $(stat translated_46)))
	seeds=$tmp/seeds-
	[ $name != clat ] || seeds+=clat
	attack 6 $C6 "${seeds}6" &
	attack 4 $S4 "${seeds}4"
	wait $!
	read -r six _ <"$tmp/sent6"
	read -r four _ <"$tmp/sent4"
	sent=$((sent + six + four))
	now=$(($(stat translated_64) + $(stat translated_46) - before))
	echo "# $name: $six and $four packets, $now translated"
	# Were all of them refused the translators would not have been tried.
	try "$name: one in ten was translated" \
		test $((now * 10)) -ge $((six + four))
	translated=$((translated + now))
	NUMBER=$((NUMBER + 1))
	try "$name: everything is cleared" clear_all
	same "$name: nothing is left" "0 0" "$(left)"
	try "$name: defaults" defaults
done
drops | sed 's/^/# /' | sort -t: -k2 -rn | head -80
echo "# $sent packets, $translated translated"
try "all of them were sent" test $sent -ge $PACKETS
nat64_up
# The server has answered forged neighbours, too, and has no memory for answers until
# it has given them up, which takes seconds.
try "the router does its work" wait_for 10 c6 ping -q -c 1 -W 1 $SERVER
tap_done
