#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The examples of Documentation/examples with the programs that they are for: DNS64,
# and a host with a CLAT that finds the prefix by it.  The others: test_examples.sh.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/neighbours.sh"
topo_up
trap 'topo_down; rm -f "$said"' EXIT
nat64_up
ip -n $S4 addr add 10.254.1.2/32 dev lo

# A resolver that knows all names.
{
	unbound_conf 10.254.1.2 /tmp
	cat <<-EOF
	  local-zone: "." static
	  local-zone: "arpa." transparent
	  local-zone: "127.in-addr.arpa." nodefault
	  local-data: "four.example.net. A 10.254.1.235"
	  local-data: "both.example.net. A 10.254.1.235"
	  local-data: "both.example.net. AAAA 2001:db8:7::7"
	  local-data: "broken.example.net. A 10.254.1.235"
	  local-data: "broken.example.net. AAAA 2001:db8:7::8"
	  local-data: "mapped.example.net. A 10.254.1.235"
	  local-data: "mapped.example.net. AAAA ::ffff:10.254.1.235"
	  local-data: "loop.example.net. A 127.0.0.1"
	  local-data: "meta.example.net. A 169.254.169.254"
	  local-data: "ipv4only.arpa. A 192.0.0.170"
	  local-data: "ipv4only.arpa. A 192.0.0.171"
	EOF
} >/tmp/names.conf
in_ns $S4 unbound -d -c /tmp/names.conf >/tmp/names.log 2>&1 </dev/null &
dig() { in_ns $C6 dig +short +tries=1 +time=5 "$@" @2001:db8:6::1 | sort | xargs; }
names() { in_ns $S4 dig +short +tries=1 +time=1 four.example.net @10.254.1.2 | grep -q 10.254; }
try "a resolver that knows all names" within 60 names
serve_web
answers() { [ -n "$(dig AAAA four.example.net)" ]; }

# dns64 NAME COMMAND...: what both resolvers do alike
dns64() {
	local name=$1
	start $R "${@:2}"
	try "$name: it answers" within 90 answers
	same "$name: a name that has IPv4 only" 64:ff9b::afe:1eb \
		"$(dig AAAA four.example.net)"
	same "$name: by which its server is reached" 198.51.100 \
		"$(fetch "$(dig AAAA four.example.net)" | cut -d. -f1-3)"
	same "$name: one that has both" 2001:db8:7::7 "$(dig AAAA both.example.net)"
	same "$name: IPv4 goes on to be told" 10.254.1.235 "$(dig A four.example.net)"
	same "$name: none of 127.0.0.1" "" "$(dig AAAA loop.example.net)"
	same "$name: none of 169.254.169.254" "" "$(dig AAAA meta.example.net)"
	same "$name: RFC 7050, hosts find the prefix" \
		"64:ff9b::c000:aa 64:ff9b::c000:ab" "$(dig AAAA ipv4only.arpa)"
}
try "unbound.conf is one" in_ns $R unbound-checkconf $EXAMPLES/unbound.conf
dns64 unbound unbound -d -c $EXAMPLES/unbound.conf
same "unbound: dns64-ignore-aaaa" 64:ff9b::afe:1eb "$(dig AAAA broken.example.net)"
# A program that knows IPv4 only, on a host that has IPv6 only.
mkdir -p /etc/netns/$C6
echo "nameserver 2001:db8:6::1" >/etc/netns/$C6/resolv.conf
try "clat.sh finds the prefix by DNS64" c6 $EXAMPLES/clat.sh
same "clat.sh: which it is" 64:ff9b::/96 \
	"$(c6 nat64ctl prefix list | grep -o '64:ff9b::[^ ]*')"
same "clat.sh: IPv4 is reached by IPv4" 198.51.100 "$(fetch 10.254.1.235 | cut -d. -f1-3)"
same "clat.sh: by this IPv6 address" 1 \
	"$(ctl session list local6 2001:db8:6::464 proto tcp | wc -l)"
stop
try "clat.sh says what is missing" eval \
	'grep -q "no DNS64" <<<"$(c6 $EXAMPLES/clat.sh 2>&1)"'
rm -r /etc/netns/$C6
try "named.conf is one" in_ns $R named-checkconf $EXAMPLES/named.conf
dns64 BIND named -g -u bind -c $EXAMPLES/named.conf
same "BIND: exclude" 64:ff9b::afe:1eb "$(dig AAAA mapped.example.net)"
stop

tap_done
