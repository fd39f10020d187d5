#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Module and namespaces come and go, idle and under traffic.
. "$(dirname "$0")/lib.sh"

unload() { rmmod nat64; }
loaded() { [ -d /sys/module/nat64 ]; }
cycles() {
	local i
	for i in $(seq 100); do
		module_load && unload || return
	done
}
loaded && unload
try "100 load/unload cycles" cycles
same "module not loaded: one clear line, exit 2" \
	"2 nat64ctl: the kernel module nat64 is not loaded (modprobe nat64)" \
	"$(out=$(nat64ctl status 2>&1); echo $? "$out")"

mkdir -p "/lib/modules/$(uname -r)/extra"
cp "$TOP/nat64.ko" "/lib/modules/$(uname -r)/extra/"
depmod
try "modprobe" modprobe nat64
try "modprobe -r" modprobe -r nat64
rm "/lib/modules/$(uname -r)/extra/nat64.ko"
depmod

flood_up() {
	c6 "$HERE/flood.py" 64:ff9b::10.254.1.235 &
	c6 ping -q -f 64:ff9b::10.254.1.235 >/dev/null &
	s4 "$HERE/flood.py" 198.51.100.1 &
	s4 ping -q -f 203.0.113.11 >/dev/null &
}
flows() { [ "$(stat session_created)" -gt 200 ]; }
# With the fast path every other time.
times=0
configure() {
	[ $((times++ % 2)) = 0 ] || ctl set fastpath on || return
	nat64_up && ctl eip add 203.0.113.11 to 2001:db8:6::2 &&
		ctl binding add udp 198.51.100.1 1010 to 2001:db8:6::2 9
}

topo_up
flood_up
unload_rounds() {
	local i
	for i in $(seq 10); do
		module_load && configure && wait_for 60 flows && unload ||
			return
	done
}
# The first round finds the module loaded.
try "rmmod under traffic, 10 times" unload_rounds
config_rounds() {
	local i
	module_load
	for i in $(seq 10); do
		configure && wait_for 60 eval \
			'[ $(ctl -j status | sed "s/.*sessions\"://;s/}.*//") -gt 50 ]' ||
			return
		ctl session flush && ctl pool flush && ctl eip flush &&
			ctl binding flush && ctl prefix flush || return
	done
}
try "everything added and flushed under traffic, 10 times" config_rounds

# What voids the fast path, and what ends sessions, while packets are on it.
void_rounds() {
	local i
	configure || return
	for i in $(seq 20); do
		ctl set fastpath on && ctl interface set eth6 fastpath off &&
			r nft "add table ip t$i; add chain ip t$i f {
				type filter hook forward priority 0; }" &&
			ctl interface set eth6 fastpath default &&
			ip -n $R link set eth4 down &&
			ip -n $R link set eth4 up &&
			ip -n $R route replace 10.254.1.0/24 via 192.0.2.2 &&
			ctl session flush && ctl set fastpath off &&
			r nft delete table ip t$i || return
	done
}
try "fast path on and off under traffic, 20 times" void_rounds
topo_down

netns_rounds() {
	local i
	for i in $(seq 5); do
		topo_up && configure && flood_up && wait_for 60 flows ||
			return
		# The router goes first, with packets in it.
		ip netns del $R
		topo_down
	done
}
try "namespace deletion under traffic, 5 times" netns_rounds
try "rmmod afterwards" unload
tap_done
