#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# nat64ctl: grammar, output, and bad input of each command: one clear line, the
# right exit code, and nothing changed.
. "$(dirname "$0")/lib.sh"
topo_up

everything() {
	printf '%s\n' prefix pool eip binding show interface stats status | ctl -j -b
}

# bad CODE TEXT ARGS...: refused with CODE and one line that holds TEXT
bad() {
	local code=$1 text=$2 before after err got
	shift 2
	before=$(everything)
	err=$(ctl "$@" 2>&1 >/dev/null)
	got=$?
	after=$(everything)
	if [ $got = "$code" ] && [ "$(wc -l <<<"$err")" = 1 ] &&
	   [[ $err == "nat64ctl: "*"$text"* ]] && [ "$before" = "$after" ]; then
		ok "$* -> $err"
	else
		not_ok "$* -> $got, $err (want $code, $text)"
		diff <(echo "$before") <(echo "$after") | sed 's/^/# /'
	fi
}

# says TEXT ARGS...: succeeds and prints TEXT
says() {
	local text=$1
	shift
	same "$*" "$text" "$(ctl "$@" 2>&1)"
}

# without anything configured
bad 2 "EIP 203.0.113.10 is outside any prefix" eip add 203.0.113.10
bad 2 "EIP 2001:db8::1 is outside any prefix" eip add 2001:db8::1 to 10.0.0.1
bad 2 "there is no prefix 64:ff9b::/96" prefix del 64:ff9b::/96
bad 2 "there is no pool 198.51.100.0/24" pool del 198.51.100.0/24
bad 2 "there is no EIP 203.0.113.1" eip del 203.0.113.1
bad 2 "there is no static binding of 203.0.113.1 80" \
	binding del tcp 203.0.113.1 80

try "prefix add" ctl prefix add 64:ff9b::/96 private on
try "prefix add mode eip" ctl prefix add 2001:db8:64::/48 mode eip
try "pool add" ctl pool add 198.51.100.0/28 ports 1000-2000
try "pool add of one address" ctl pool add 198.51.100.200
says "203.0.113.10 to 10.0.0.5 ipv6 64:ff9b::cb00:710a 2001:db8:64:cb00:71:a00::" \
	eip add 203.0.113.10 to 10.0.0.5
says "203.0.113.11 to 2001:db8:7::7" eip add 203.0.113.11 to 2001:db8:7::7
says "203.0.113.12 to 203.0.113.12 ipv6 64:ff9b::cb00:710c 2001:db8:64:cb00:71:c00::" \
	eip add 64:ff9b::203.0.113.12
try "binding add" ctl binding add tcp 203.0.113.1 80 to 2001:db8::5 8080
bad 2 "prefix 2001:db8::/96 holds 2001:db8::5, to which 203.0.113.1 80 is bound" \
	prefix add 2001:db8::/96
try "binding add without a port" ctl binding add udp 198.51.100.3 1500 to \
	2001:db8::5

# words
bad 1 "\"foo\" is not a noun" foo
bad 1 "\"p\" is ambiguous: prefix or pool" p
bad 1 "\"foo\" is not a verb of pool" pool foo
bad 1 "unexpected word \"foo\"" prefix add 2001:db8:1::/96 foo
bad 1 "unexpected word \"foo\"" pool add 192.0.2.0/24 foo
bad 1 "unexpected word \"foo\"" eip add 203.0.113.20 foo
bad 1 "unexpected word \"foo\"" eip add 203.0.113.20 to 10.0.0.9 foo
bad 1 "unexpected word \"foo\"" pool list foo
bad 1 "\"foo\" is not something to select by" session flush foo
bad 1 "\"closed\" is not a mode" prefix add 2001:db8:1::/96 mode closed
bad 1 "a mode is missing" prefix add 2001:db8:1::/96 mode
bad 1 "private is on or off" prefix add 2001:db8:1::/96 private maybe

# help, wherever it is looked for
for words in "pool help" "help pool" "pool --help" "pool -h" "pool add help" "po --help"; do
	same "$words" "$(ctl pool help)" "$(ctl $words)"
done
same "-version" "$(ctl -V)" "$(ctl --version)"

# of a packet
bad 1 "from and to are of different families" get from 2001:db8:6::2 to 10.254.1.235
bad 1 "id is of icmp" get from 2001:db8:6::2 to 64:ff9b::1.1.1.1 udp dport 7 id 7
bad 1 "sport and dport are of tcp and udp" get from 1.1.1.1 to 2.2.2.2 icmp dport 7
bad 1 "ack is of tcp" get from 1.1.1.1 to 2.2.2.2 udp dport 7 ack
bad 1 "dport PORT is missing" get from 1.1.1.1 to 2.2.2.2 tcp

# what a terminal would take for its own, and what is too long
bad 1 '"\x1b[31mred" is not a noun' $'\033[31mred'
bad 1 "xxx..." "$(printf '%2000s' | tr ' ' x)"

# what cuts the router off
same "an address of the router inside a prefix is told of" \
	"nat64ctl: note: 2001:db8:6::1 of eth6 is inside the prefix, and will not be reached" \
	"$(ctl prefix add 2001:db8:6::/96 2>&1)"
try "which goes again" ctl prefix del 2001:db8:6::/96
same "and not, where it is a NAT64 elsewhere" "" \
	"$(ctl prefix add 2001:db8:6::/96 mode clat 2>&1; ctl prefix del 2001:db8:6::/96)"

# addresses
bad 1 "is not a prefix: its length is missing" prefix add 2001:db8:1::
bad 1 "\"2001:db8::g/96\" is not an IPv6 prefix" prefix add 2001:db8::g/96
bad 1 "the length of an IPv6 prefix is 0 to 128" prefix add 2001:db8:1::/129
bad 2 "prefix length must be 32, 40, 48, 56, 64 or 96" \
	prefix add 2001:db8:1::/95
bad 2 "prefix has host bits set" prefix add 2001:db8:1::1/96
bad 2 "bits 64 to 71" prefix add 2001:db8:1:0:ff00::/96
bad 2 "prefix is multicast" prefix add ff0e::/96
bad 2 "prefix is link-local" prefix add fe80::/96
bad 2 "prefix is that of IPv4-mapped addresses" prefix add ::ffff:0:0/96
bad 2 "overlaps prefix 64:ff9b::/96" prefix add 64:ff9b::/96
bad 2 "2001:db8::/32 overlaps prefix 2001:db8:64::/48" \
	prefix add 2001:db8::/32
bad 2 "2001:db8:64:1::/96 overlaps prefix 2001:db8:64::/48" \
	prefix add 2001:db8:64:1::/96
bad 1 "\"198.51.100\" is not an IPv4 address or prefix" pool add 198.51.100
bad 1 "the length of an IPv4 prefix is 0 to 32" pool add 192.0.2.0/33
bad 1 "the length of a pool is 16 to 32" pool add 192.0.0.0/8
bad 1 "mode is given twice" prefix add 2001:db8:1::/96 mode eip mode open
bad 1 "ports is given twice" pool add 192.0.2.0/24 ports 1-2 ports 3-4
bad 1 "an IPv6 prefix is missing" prefix del
bad 1 "\"x\" is not a prefix" prefix del x
bad 1 "\"x\" is not an IPv4 address or prefix" pool del x
bad 1 "\"x\" is not an IPv4 address" eip del x
bad 1 "a protocol is missing" binding del
bad 1 "\"x\" is not an IPv4 address" binding del tcp x 80
bad 1 "unexpected word \"x\"" stats x
bad 1 "unexpected word \"x\"" status x
bad 1 "unexpected word \"x\"" binding del tcp 203.0.113.1 80 x
bad 2 "192.0.2.1/24: pool has host bits set" pool add 192.0.2.1/24
bad 2 "not unicast addresses" pool add 224.0.0.0/24
bad 2 "198.51.100.0/24 overlaps pool 198.51.100.0/28" pool add 198.51.100.0/24
bad 2 "pool 203.0.113.0/24 overlaps EIP 203.0.113.1" pool add 203.0.113.0/24
bad 1 "is not a range of ports" pool add 192.0.2.0/24 ports 80
bad 1 "\"0\" is not a port from 1 to 65535" pool add 192.0.2.0/24 ports 0-80
bad 2 "ports 90-80: the range is empty" pool add 192.0.2.0/24 ports 90-80
bad 1 "\"300.0.0.1\" is not an IPv4 address" eip add 300.0.0.1
bad 1 "\"x\" is neither an IPv4 nor an IPv6 address" eip add 203.0.113.20 to x
bad 1 "a target is missing" eip add 203.0.113.20 to
bad 2 "EIP 2001:db8:1::1 is outside any prefix" eip add 2001:db8:1::1
bad 2 "127.0.0.1 is not a unicast address" eip add 203.0.113.20 to 127.0.0.1
bad 2 "fe80::1 is not an IPv6 unicast address of a host" \
	eip add 203.0.113.20 to fe80::1
bad 2 "target 64:ff9b::1/128 is inside prefix 64:ff9b::/96" \
	eip add 203.0.113.20 to 64:ff9b::1

# one EIP, one target
bad 2 "EIP 203.0.113.10/32 is bound to 10.0.0.5" eip add 203.0.113.10 to 10.0.0.6
bad 2 "EIP 203.0.113.11/32 is bound to 2001:db8:7::7/128" eip add 203.0.113.11
bad 2 "target in use: EIP 203.0.113.10/32 is bound to 10.0.0.5" \
	eip add 203.0.113.20 to 10.0.0.5
bad 2 "target in use: EIP 203.0.113.11/32 is bound to 2001:db8:7::7/128" \
	eip add 203.0.113.20 to 2001:db8:7::7
bad 2 "EIP 198.51.100.5/32 overlaps pool 198.51.100.0/28" \
	eip add 198.51.100.5 to 10.0.0.7
bad 2 "EIP 203.0.113.1/32 overlaps static bindings of 203.0.113.1" \
	eip add 203.0.113.1 to 10.0.0.7

# prefixes of EIPs, CLATs
says "203.0.113.64/28 to 2001:db8:7::40/124" \
	eip add 203.0.113.64/28 to 2001:db8:7::40/124
says "203.0.113.80/30 to 10.0.8.0/30" eip add 203.0.113.80/30 to 10.0.8.0/30
says "192.0.0.2 to 2001:db8:7::464 clat on" \
	eip add 192.0.0.2 to 2001:db8:7::464 clat on
try "the list has them as JSON" grep -q \
	'{"eip":"203.0.113.64/28","to":"2001:db8:7::40/124","ipv6":\[\]}' \
	<<<"$(ctl -j eip)"
bad 2 "IPv4 prefix has host bits set" eip add 203.0.113.65/28 to 2001:db8::/64
bad 2 "IPv6 prefix has host bits set" eip add 203.0.113.96/28 to 2001:db8::1/64
bad 2 "too long to hold the IPv4 suffix" \
	eip add 203.0.113.96/28 to 2001:db8:9::/125
bad 2 "203.0.113.96/28 to 2001:db8:9::9/128" \
	eip add 203.0.113.96/28 to 2001:db8:9::9
bad 2 "target 2001:db8::/32 holds prefix 2001:db8:64::/48" \
	eip add 203.0.112.0/24 to 2001:db8::/32
bad 2 "not an IPv6 unicast address" eip add 203.0.112.0/24 to ::8000:0:0/81
bad 1 "the length of EIPs is 8 to 32" eip add 0.0.0.0/0 to 2001:db8:9::/64
bad 1 "target and EIPs are of different length" \
	eip add 203.0.113.96/28 to 10.0.9.0/24
bad 1 "target and EIPs are of different length" eip add 203.0.113.96/28 to 10.0.9.0
bad 2 "EIP 203.0.113.64/28 is bound to 2001:db8:7::40/124" \
	eip add 203.0.113.64/28 to 2001:db8:a::/124
bad 2 "overlaps static bindings of 203.0.113.1" \
	eip add 203.0.113.0/30 to 2001:db8:9::/126
bad 2 "this goes with an IPv6 target only" eip add 192.0.0.3 to 10.0.0.9 clat on
bad 1 "clat is on or off" eip add 192.0.0.3 to 2001:db8::9 clat maybe
bad 1 "to is given twice" eip add 192.0.0.3 to 10.0.0.9 to 10.0.0.8
bad 2 "there is no EIP 203.0.113.64/29" eip del 203.0.113.64/29
try "eip del of a prefix" ctl eip del 203.0.113.64/28
try "eip del of a prefix of IPv4 servers" ctl eip del 203.0.113.80/30
try "eip del of a CLAT" ctl eip del 192.0.0.2
bad 2 "prefix 2001:db8:7::/96 overlaps 2001:db8:7::7/128, target of EIP 203.0.113.11/32" \
	prefix add 2001:db8:7::/96

# pools of another kind
bad 1 "\"symmetric\": mapping is endpoint-independent or address-port-dependent" \
	pool add 192.0.2.0/24 mapping symmetric
bad 1 "filtering is missing" pool add 192.0.2.0/24 filtering
bad 1 "parity is on or off" pool add 192.0.2.0/24 parity even
bad 1 "mapping is given twice" pool add 192.0.2.0/24 mapping end mapping end
bad 1 "ports, mapping, filtering, parity, port-class, block-size or blocks-max" pool add 192.0.2.0/24 foo
try "a pool with all options" ctl pool add 192.0.2.128/28 mapping \
	address-port-dependent filtering address-dependent parity on \
	port-class off
same "the list shows them" "192.0.2.128/28 ports 1-65535 mapping address-port-dependent filtering address-dependent parity on port-class off tcp 0 udp 0 icmp 0" \
	"$(ctl pool list | tail -n 1)"
ctl pool del 192.0.2.128/28

# static bindings
bad 1 "\"sctp\" is not a protocol" binding add sctp 203.0.113.1 80 to ::1
bad 1 "\"65536\" is not a port" binding add tcp 203.0.113.1 65536 to 2001:db8::5
bad 1 "\"-1\" is not a port" binding add tcp 203.0.113.1 -1 to 2001:db8::5
bad 2 "port 0 cannot be bound" binding add tcp 203.0.113.1 0 to 2001:db8::5
bad 1 "the target is missing" binding add tcp 203.0.113.1 81
bad 2 "203.0.113.1 80 is bound to 2001:db8::5 8080 by a static binding" \
	binding add tcp 203.0.113.1 80 to 2001:db8::6 80
bad 2 "203.0.113.1 80 is bound to 2001:db8::5 8080 by a static binding" \
	binding add tcp 203.0.113.1 81 to 2001:db8::5 8080
bad 2 "address in use: EIP 203.0.113.10/32 is bound to 10.0.0.5" \
	binding add tcp 203.0.113.10 80 to 2001:db8::5 80

# interfaces
bad 1 "an interface is missing" interface set
bad 1 "\"interface-of-old\" is no name of an interface" \
	interface set interface-of-old fastpath on
bad 2 "\"e/9\" is no name of an interface" interface set e/9 fastpath on
bad 1 "fastpath is missing" interface set eth6
bad 1 "fastpath is missing" interface set eth6 slowpath on
bad 1 "fastpath is missing: on, off or default" interface set eth6 fastpath
bad 1 "\"maybe\": fastpath is on, off or default" \
	interface set eth6 fastpath maybe
bad 1 "unexpected word \"foo\"" interface set eth6 fastpath on foo
bad 1 "unexpected word \"foo\"" interface list foo
bad 2 "lo forwards nothing" interface set lo fastpath on
try "one interface with the fast path" ctl interface set eth6 fastpath on
same "the list shows it" "eth4 fastpath off by default
eth6 fastpath on by interface" "$(ctl interface | grep '^eth' | sort)"
ctl interface set eth6 fastpath default

# options
bad 1 "\"foo\" is not an option" set foo 1
bad 1 "\"maybe\": fastpath is on or off" set fastpath maybe
bad 1 "\"tcp\" is ambiguous" set tcp 1
bad 1 "an option is missing" set
bad 1 "udp-timeout is missing" set udp-timeout
bad 1 "\"5m\" is not a udp-timeout" set udp-timeout 5m
bad 1 "\"119\" is not a udp-timeout in seconds from 120 to 604800" set udp-timeout 119
bad 1 "\"1279\" is not a lowest-ipv6-mtu from 1280 to 9216" \
	set lowest-ipv6-mtu 1279
bad 1 "\"604801\" is not a udp-timeout" set icmp-timeout 30 udp-timeout 604801
bad 1 "udp-timeout is given twice" set udp-timeout 300 udp-timeout 400
bad 1 "no-binding-icmp is on or off" set no-binding-icmp 1
bad 1 "\"256\" is not a tclass from 0 to 255" set tclass 256
bad 1 "\"-1\" is not a tos" set tos -1
bad 1 "\"65537\" is not a syn-max" set syn-max 65537
bad 1 "\"65536\" is not a icmp-rate from 0 to 65535" set icmp-rate 65536
bad 1 "\"x\" is not an IPv4 address or prefix" set icmp-source x
bad 1 "the length of icmp-source is 8 to 32" set icmp-source 10.0.0.0/7
bad 2 "icmp-source 10.0.0.1/8: not unicast, or host bits set" \
	set icmp-source 10.0.0.1/8
bad 1 "ftp is on or off" set ftp yes
try "set options of every kind" ctl set tclass 0 tos 32 icmp-source 10.0.0.0/8 \
	icmp-extension on ftp on syn-max 0 icmp-rate 0
says "tclass 0" show tclass
says "icmp-source 10.0.0.0/8" show icmp-source
try "and back" ctl set tclass copy tos copy icmp-source interface \
	icmp-extension off ftp off syn-max 1024 icmp-rate 50
says '[{"icmp-source":"interface"}]' -j show icmp-source
says "tos copy" show tos
try "set two options" ctl set udp-timeout 200 no-binding-icmp on
says "udp-timeout 200" show udp-t
says '[{"no-binding-icmp":true}]' -j show no-binding-icmp
bad 1 "unexpected word \"x\"" show udp-t x

# rights
as_nobody() {
	r setpriv --reuid=65534 --regid=65534 --clear-groups \
		--inh-caps=-all --bounding-set=-all "$TOP/tools/nat64ctl" "$@"
}
before=$(everything)
for args in "prefix add 2001:db8:9::/96" "pool flush" "session list" \
	    "binding list" "eip flush" "set udp-timeout 300" "session flush"; do
	same "nobody: $args" "2 nat64ctl: Operation not permitted (CAP_NET_ADMIN is needed)" \
		"$(err=$(as_nobody $args 2>&1); echo $? "$err")"
done
try "nobody may read the counters" as_nobody stats

# the wire itself
try "netlink: unknown and bad attributes" r "$HERE/netlink_bad.py"
same "nothing of all this changed anything" "$before" "$(everything)"

# grammar
says "$(ctl prefix list)" pre
says "$(ctl prefix list)" prefix sh
says "$(ctl status)" statu
try "abbreviated delete" ctl bi d udp 198.51.100.3 1500
says "64:ff9b::afe:1eb" addr 64:ff9b::/96 10.254.1.235
says "10.254.1.235" addr 64:ff9b::/96 64:ff9b::afe:1eb
bad 1 "2001:db8::1 is not in 64:ff9b::/96" addr 64:ff9b::/96 2001:db8::1
bad 1 "an address is missing" addr 64:ff9b::/96
bad 1 "unexpected word" addr 64:ff9b::/96 10.0.0.1 x
for noun in prefix pool eip binding block client session set show stats status addr; do
	try "$noun help" grep -q "^nat64ctl $noun" <<<"$(ctl $noun help)"
	[ $noun = set ] || [ $noun = addr ] ||
		try "$noun as JSON, plain and pretty" python3 -c \
		'import json, sys
a, b = (json.loads(x) for x in sys.argv[1:])
assert a == b and isinstance(a, list)' "$(ctl -j $noun)" "$(ctl -json -pretty $noun)"
done
same "unknown network namespace" \
	"2 nat64ctl: network namespace \"none\": No such file or directory" \
	"$(err=$(nat64ctl -n none status 2>&1); echo $? "$err")"
try "-n enters a namespace" nat64ctl -n $R pool list
try "-netns too" nat64ctl -netns $R stats show
same "a full disk is not silence" 2 "$(ctl pool list >/dev/full 2>/dev/null
	echo $?)"

try "flush all" eval 'ctl binding flush && ctl eip flush && ctl pool flush &&
	ctl prefix flush'
same "nothing is left" "version 0.1.0 active off prefixes 0 pools 0 eips 0 bindings 0 sessions 0" \
	"$(ctl status)"
tap_done
