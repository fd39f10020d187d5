# SPDX-License-Identifier: GPL-2.0
# For the shell tests: a topology of namespaces, KTAP, waits.
#
#      c6                        r                         s4
#   client6                   router                    server4
#      eth0 ------------------ eth6    eth4 ---------------- eth0
#   2001:db8:6::2/64     2001:db8:6::1  192.0.2.1     192.0.2.2/24
#                                                     10.254.1.0/24 (lo)
#                         pool 198.51.100.0/24, routed to the router
#
# Names carry the process id, so that tests can run side by side.

set -u

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$HERE/.." && pwd)
PATH=$TOP/tools:$PATH

C6=${C6:-c6-$$} R=${R:-r-$$} S4=${S4:-s4-$$}
WELL_KNOWN=64:ff9b::/96
tap_count=0 tap_failed=0

# ok DESCRIPTION / not_ok DESCRIPTION: one KTAP line
ok() { echo "ok $((++tap_count)) $*"; }
not_ok() { echo "not ok $((++tap_count)) $*"; tap_failed=1; }
skip() { echo "ok $((++tap_count)) $1 # SKIP $2"; }

# try DESCRIPTION COMMAND...: ok if the command succeeds
try() {
	local what=$1 log
	shift
	if log=$("$@" 2>&1); then
		ok "$what"
	else
		not_ok "$what"
		printf '%s\n' "$log" | sed 's/^/# /'
	fi
}

# same DESCRIPTION WANT GOT: ok if equal
same() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1"
		printf '%s\n' "want: $2" "got:  $3" | sed 's/^/# /'
	fi
}

# quick_icmp NETNS: tests make errors faster than a host would; of older kernels the
# last is none of a namespace, see run
quick_icmp() {
	ip netns exec "$1" sysctl -qw net.ipv6.icmp.ratelimit=0 \
		net.ipv4.icmp_ratelimit=0
	ip netns exec "$1" sysctl -qew net.ipv4.icmp_msgs_per_sec=100000
}

# packet_fuzzer DIRECTORY KIND...: fuzz/packets there, and seeds of each kind
packet_fuzzer() {
	local dir=$1 kind
	shift
	try "the fuzzer is built" cc -O2 -Wall -Wextra -Werror -o "$dir/packets" \
		"$HERE/fuzz/packets.c"
	for kind; do
		try "there are seeds of $kind" "$HERE/fuzz/seeds.py" "$kind" \
			"$dir/seeds-$kind"
	done
}

tap_done() { echo "1..$tap_count"; exit $tap_failed; }

# wait_for SECONDS COMMAND...: poll until it succeeds
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

c6() { ip netns exec $C6 "$@"; }
r() { ip netns exec $R "$@"; }
s4() { ip netns exec $S4 "$@"; }
ctl() { nat64ctl -n $R "$@"; }

# stat NAME: a counter of the router
stat() { ctl -j stats all | sed -E "s/.*\"$1\":([0-9]+).*/\1/"; }

module_load() {
	[ -d /sys/module/nat64 ] && return
	modprobe nf_defrag_ipv6
	insmod "$TOP/nat64.ko"
}

netns_up() {
	ip netns add "$1"
	ip -n "$1" link set lo up
	ip netns exec "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0
}

topo_down() {
	local ns
	for ns in $C6 $R $S4; do
		ip netns pids $ns 2>/dev/null | xargs -r kill -9 2>/dev/null
		ip netns del $ns 2>/dev/null
	done
	return 0
}

topo_up() {
	module_load || exit 1
	trap topo_down EXIT
	netns_up $C6
	netns_up $R
	netns_up $S4
	ip link add eth0 netns $C6 type veth peer name eth6 netns $R
	ip link add eth0 netns $S4 type veth peer name eth4 netns $R
	ip -n $C6 addr add 2001:db8:6::2/64 dev eth0 nodad
	ip -n $R addr add 2001:db8:6::1/64 dev eth6 nodad
	ip -n $R addr add 192.0.2.1/24 dev eth4
	ip -n $S4 addr add 192.0.2.2/24 dev eth0
	ip -n $S4 addr add 10.254.1.235/32 dev lo
	ip -n $S4 addr add 10.254.1.222/32 dev lo
	ip -n $C6 link set eth0 up
	ip -n $R link set eth6 up
	ip -n $R link set eth4 up
	ip -n $S4 link set eth0 up
	r sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1
	for ns in $C6 $R $S4; do
		quick_icmp $ns
	done
	ip -n $C6 route add default via 2001:db8:6::1
	ip -n $R route add 10.254.1.0/24 via 192.0.2.2
	ip -n $S4 route add 198.51.100.0/24 via 192.0.2.1
	ip -n $S4 route add 203.0.113.0/24 via 192.0.2.1
}

# The ordinary set-up: a prefix and a pool.
nat64_up() {
	[ -z "${NAT64_FASTPATH:-}" ] || ctl set fastpath on
	ctl prefix add $WELL_KNOWN private on
	ctl pool add 198.51.100.0/24
}

# unbound_conf ADDRESS DIRECTORY: the server section of a resolver in the foreground
unbound_conf() {
	cat <<-EOF
	remote-control:
	  control-enable: no
	server:
	  interface: $1
	  access-control: ::/0 allow
	  access-control: 0.0.0.0/0 allow
	  do-daemonize: no
	  username: ""
	  chroot: ""
	  directory: "$2"
	  pidfile: ""
	  use-syslog: no
	  do-not-query-localhost: no
	EOF
}
