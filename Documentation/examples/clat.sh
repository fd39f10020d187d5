#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# clat.sh [PREFIX]: programs that know IPv4 only, on a host that has IPv6 only, reach
# IPv4 by a NAT64 elsewhere in the network (464XLAT, RFC 6877).  Its prefix is asked of
# DNS64 (RFC 7050).  eth0 is the host's device, 2001:db8:6::464 an address of its
# subnet that nothing else uses.
set -e
prefix=$1
if [ -z "$prefix" ]; then
	prefix=$(getent ahostsv6 ipv4only.arpa | sed -n 's/c000:a[ab] .*/0:0\/96/p' | head -n 1)
	[ -n "$prefix" ] || { echo "clat.sh: no DNS64 of a /96 here: name the prefix" >&2; exit 1; }
fi
ip link add clat0 type dummy
ip link set clat0 up mtu 1480
ip addr add 192.0.0.2/32 dev clat0
ip route add default dev clat0 src 192.0.0.2
ip addr add 2001:db8:6::464/128 dev eth0 preferred_lft 0
nat64ctl prefix add "$prefix" mode clat private on
nat64ctl eip add 192.0.0.2 to 2001:db8:6::464 clat on
