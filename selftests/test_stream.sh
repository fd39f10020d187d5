#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Real streams: a GiB both ways in super-packets; every mix of offloads.
. "$(dirname "$0")/lib.sh"
topo_up
nat64_up
ctl eip add 203.0.113.11 to 2001:db8:6::2 >/dev/null
GIB=$((1 << 30))

# listening NETNS PORT
listening() { ip netns exec "$1" ss -Hltn | grep -q ":$2 "; }

# stream BYTES 64|46 CLIENT_ROLE: every octet, and the packets it took
port=5000
stream() {
	local size=$1 way=$2 role=$3 other=recv a b before
	[ "$role" = recv ] && other=send
	port=$((port + 1))
	before=$(($(stat translated_64) + $(stat translated_46)))
	if [ "$way" = 64 ]; then
		s4 "$HERE/stream.py" $other listen 10.254.1.235 $port "$size" \
			>"$tmp/server" 2>&1 &
		wait_for 30 listening $S4 $port
		c6 "$HERE/stream.py" "$role" connect 64:ff9b::10.254.1.235 \
			$port "$size" >"$tmp/client" 2>&1
	else
		c6 "$HERE/stream.py" $other listen 2001:db8:6::2 $port \
			"$size" >"$tmp/server" 2>&1 &
		wait_for 30 listening $C6 $port
		s4 "$HERE/stream.py" "$role" connect 203.0.113.11 $port \
			"$size" >"$tmp/client" 2>&1
	fi
	wait $!
	a=$(cat "$tmp/server") b=$(cat "$tmp/client")
	packets=$(($(stat translated_64) + $(stat translated_46) - before))
	[ "$a" = "$size" ] && [ "$b" = "$size" ] && return
	printf 'server: %s\nclient: %s\n' "$a" "$b"
	return 1
}

tmp=$(mktemp -d)
for role in send recv; do
	try "1 GiB, client ${role}s: every octet arrives" stream $GIB 64 $role
	# 767 k segments of 1400 bytes; super-packets hold dozens of them.
	stream_packets=$(($(stat translated_64) + $(stat translated_46)))
	if [ $((stream_packets - ${last:-0})) -lt 200000 ]; then
		ok "in super-packets: $((stream_packets - ${last:-0})) packets"
	else
		not_ok "in super-packets: $((stream_packets - ${last:-0})) packets"
	fi
	last=$stream_packets
done

# set_offload NETNS DEVICE on|off FEATURE...
set_offload() {
	local ns=$1 dev=$2 value=$3 f args=()
	shift 3
	for f; do
		args+=("$f" "$value")
	done
	ip netns exec "$ns" ethtool -K "$dev" "${args[@]}" >/dev/null
}

s4 "$HERE/udp_echo.py" serve 10.254.1.235 7 &
c6 "$HERE/udp_echo.py" serve 2001:db8:6::2 7 &
SMALL=$((4 << 20))

# With tx off at a sender packets arrive with full sums, else with partial
# ones; with tx off at the router it completes partial sums itself, so a wrong
# one cannot get through.
all_ways() {
	stream $SMALL 64 send && stream $SMALL 64 recv &&
		stream $SMALL 46 send && stream $SMALL 46 recv &&
		c6 "$HERE/udp_echo.py" ask 64:ff9b::10.254.1.235 7 &&
		s4 "$HERE/udp_echo.py" ask 203.0.113.11 7
}
for ends in on off; do
	for router in on off; do
		for gro in off on list; do
			set_offload $C6 eth0 $ends tx tso gso
			set_offload $S4 eth0 $ends tx tso gso
			for dev in eth6 eth4; do
				set_offload $R $dev $router tx tso gso
				set_offload $R $dev off gro rx-gro-list
				[ $gro = off ] || set_offload $R $dev on gro
				[ $gro = list ] &&
					set_offload $R $dev on rx-gro-list
			done
			try "tx offloads: ends $ends, router $router; gro $gro" \
				all_ways
		done
	done
done
same "nothing was dropped as bad" 0 "$(($(stat bad_header) +
	$(stat bad_checksum) + $(stat no_memory) + $(stat fragment)))"
rm -rf "$tmp"
tap_done
