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
# BIG TCP: longer than 64 KiB, with a jumbo payload option in front on most kernels.
counter() { r nft list counters | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }
if ip -n $C6 link set eth0 gso_max_size 190000 2>/dev/null; then
	ip -n $R link set eth6 gso_max_size 190000
	set_offload $C6 eth0 on tx tso gso
	set_offload $R eth6 on tx tso gso
	set_offload $S4 eth0 on tx tso gso
	r nft -f - <<-'NFT'
		table inet big {
			counter seen { }
			chain pre {
				type filter hook prerouting priority raw
				meta length > 65536 counter name seen
			}
			chain out {
				type filter hook output priority raw
				meta length > 65536 counter name seen
			}
		}
	NFT
	try "BIG TCP: every octet arrives" stream $((64 << 20)) 64 send
	try "BIG TCP: it was" test "$(counter)" -gt 10
	r nft reset counters >/dev/null
	ip -n $R route add 64:ff9b::/96 dev eth6 src 2001:db8:6::1
	c6() { r "$@"; }
	try "BIG TCP of the router's own: every octet arrives" stream $((64 << 20)) 64 send
	try "BIG TCP of the router's own: it was" test "$(counter)" -gt 10
	ip -n $R route del 64:ff9b::/96 dev eth6
	r nft flush ruleset
else
	skip "BIG TCP" "this kernel has none"
fi
same "no session is another's" "" "$(ctl session list rport4 49668)"
same "nothing was dropped as bad" 0 "$(($(stat bad_header) +
	$(stat bad_checksum) + $(stat no_memory) + $(stat fragment)))"
rm -rf "$tmp"
tap_done
