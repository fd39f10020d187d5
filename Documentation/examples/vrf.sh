#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vrf.sh: a translator both sides of which are in a VRF.  The routes of table 10, and no
# others, are those of the hosts and of what is translated for them.
set -e
ip link add red type vrf table 10
ip link set red up
ip link set eth6 master red
ip link set eth4 master red
# The kernel forgets IPv6 addresses of an interface that changes its VRF.
ip addr replace 2001:db8:6::1/64 dev eth6 nodad
ip route add 10.254.1.0/24 via 192.0.2.2 vrf red
nat64ctl prefix add 64:ff9b::/96 private on
nat64ctl pool add 198.51.100.0/24
