# SPDX-License-Identifier: GPL-2.0
# For the tests of the translator beside the rest of the host's network stack: a
# topology where both ends have both families, servers, traffic of every kind.
. "$(dirname "$0")/lib.sh"

POOL=198.51.100.0/24
EIP=203.0.113.11		# of 2001:db8:6::3
SERVER=64:ff9b::afe:1eb		# 10.254.1.235
SMALL=$((2 << 20))
X=x-$$

# What lib.sh has, without the mount namespace of "ip netns exec", which takes
# longer than most of what is run in it.
in_ns() {
	local ns=$1
	shift
	nsenter --net=/run/netns/$ns "$@"
}
c6() { in_ns $C6 "$@"; }
r() { in_ns $R "$@"; }
s4() { in_ns $S4 "$@"; }

# A server that says by what address and port it sees the client, and repeats
# what it got, by TCP for every line, by UDP for every datagram.  At port 8 it
# tells the sha256 of as many bytes as its argument says.
serve='import hashlib, socket, socketserver, sys, threading
class T(socketserver.ThreadingTCPServer):
    address_family, allow_reuse_address = socket.AF_INET6, True
    daemon_threads = True
def answer(peer, data):
    return b"%s %d " % (peer[0].removeprefix("::ffff:").encode(), peer[1]) + data
class H(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(answer(self.client_address, line))
class Sink(socketserver.StreamRequestHandler):
    def handle(self):
        data = self.rfile.read(int(sys.argv[1]))
        self.wfile.write(hashlib.sha256(data).hexdigest().encode() + b"\n")
threading.Thread(target=T(("::", 7), H).serve_forever).start()
threading.Thread(target=T(("::", 8), Sink).serve_forever).start()
udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
udp.bind(("::", 7))
while True:
    # Answer from the address that was asked, by whatever device.
    try:
        data, ((_, _, info),), _, peer = udp.recvmsg(2000, 99)
        udp.sendmsg([answer(peer, data)], [(socket.IPPROTO_IPV6,
                    socket.IPV6_PKTINFO, info[:16] + bytes(4))], 0, peer)
    except OSError:
        pass'

# ask NETNS tcp|udp ADDRESS [LINE]...: how the server there sees us, per line.
# All lines go by one socket; WAIT is for how long, where nothing is to come.  (read
# takes one byte at a time: not for UDP.)
ask() {
	local ns=$1
	shift
	[ $# -gt 2 ] || set -- "$@" hi
	in_ns "$ns" timeout 20 bash -c '
		exec 3<>/dev/$0/$1/7 || exit
		shift
		for l; do
			echo "$l" >&3
			l=$(timeout ${WAIT:-10} head -n 1 <&3)
			[ "$l" ] || { echo "no answer"; exit 1; }
			set -- $l
			echo "$1"
		done' "$@" 2>&1
}

# refused NETNS ADDRESS: a closed UDP port is told by an ICMP error
refused() {
	in_ns "$1" timeout 10 bash -c '
		exec 3<>/dev/udp/$0/9 && echo >&3
		head -n 1 <&3' "$2" 2>&1 | grep -q refused
}

# One identifier, so one session, where ping can be told.
same_id=
! ping -h 2>&1 | grep -q -- ' -e <' || same_id="-e 7"
ping_() { in_ns "$1" ping -n -c 1 -W 10 $same_id "${@:2}"; }
is_pool() { [[ $1 == 198.51.100.* ]]; }

# Every protocol through the translator, all at once.
through() {
	local p got bad=0 pids=
	for p; do
		case $p in
		64) ask $C6 tcp $SERVER;;
		46) ask $S4 tcp $EIP;;
		esac >"$tmp/tcp$p" &
		pids+=" $!"
		case $p in
		64) ask $C6 udp $SERVER;;
		46) ask $S4 udp $EIP;;
		esac >"$tmp/udp$p" &
		pids+=" $!"
		case $p in
		64) ping_ $C6 $SERVER;;
		46) ping_ $S4 $EIP;;
		esac >"$tmp/icmp$p" 2>&1 &
		pids+=" $!"
	done
	# The servers are children too: not for these.
	wait $pids
	for p; do
		for got in tcp udp icmp; do
			case $p$got:$(cat "$tmp/$got$p") in
			64[tu]*:198.51.100.*) ;;
			46[tu]*:64:ff9b::c000:202) ;;
			??icmp:*", 0% packet loss"*) ;;
			*) bad=1; echo "$p $got:"; cat "$tmp/$got$p";;
			esac
		done
	done
	return $bad
}
from6() { through 64; }
from4() { through 46; }
both_ways() { through 64 46; }

pings() { ping_ $C6 $SERVER && ping_ $S4 $EIP; }

# rules_in NETNS: its whole ruleset is one table with the chains on stdin;
# counters that they name are declared.
rules_in() {
	local text
	text=$(cat)
	{
		echo "flush ruleset"
		echo "table inet t {"
		grep -o 'counter name [a-z0-9_]*' <<<"$text" | sort -u |
			sed 's/counter name \(.*\)/counter \1 { }/'
		echo "$text"
		echo "}"
	} | in_ns "$1" nft -f -
}
rules() { rules_in $R; }

# hits_in NETNS COUNTER...: their packets
hits_in() {
	local ns=$1
	shift
	in_ns "$ns" nft list counters |
		awk -v names="$*" '
		$1 == "counter" { name = $2 }
		$1 == "packets" { packets[name] = $2 }
		END {
			n = split(names, list)
			for (i = 1; i <= n; i++)
				printf "%s%s", packets[list[i]],
				       i < n ? " " : "\n"
		}'
}
hits() { hits_in $R "$@"; }

# tracked PATTERN: how many conntrack entries of the router match
tracked() {
	{ r conntrack -L -f ipv4; r conntrack -L -f ipv6; } 2>/dev/null |
		grep -c "$1"
}

# Nothing of a section is left for the next.
fresh() {
	r nft flush ruleset
	r conntrack -F 2>/dev/null
	ctl prefix flush
	ctl pool flush
	ctl eip flush
	ctl prefix add $WELL_KNOWN private on
	ctl pool add $POOL
	ctl eip add $EIP to 2001:db8:6::3 >/dev/null
}

# Addresses of the router, which a device loses when it goes down.
router6() {
	ip -n $R addr add 2001:db8:6::1/64 dev "$1" nodad
}
client6() {
	ip -n $C6 addr add 2001:db8:6::2/64 dev "$1" nodad
	# No source of its own accord: it has an EIP, the other one has not.
	ip -n $C6 addr add 2001:db8:6::3/64 dev "$1" nodad preferred_lft 0
}

# server NETNS: it is $! then, and bash says nothing about its end
server() {
	nsenter --net=/run/netns/$1 python3 -c "$serve" $SMALL &
	disown
}

set_up() {
	topo_up
	trap 'topo_down; ip netns del $X 2>/dev/null' EXIT
	ip -n $C6 addr del 2001:db8:6::2/64 dev eth0
	client6 eth0
	ip -n $C6 route replace default via 2001:db8:6::1
	# Both ends have the other family too, for traffic that is plain.
	ip -n $C6 addr add 10.6.0.2/24 dev eth0
	ip -n $R addr add 10.6.0.1/24 dev eth6
	ip -n $C6 route add default via 10.6.0.1
	ip -n $S4 route add 10.6.0.0/24 via 192.0.2.1
	ip -n $R addr add 2001:db8:4::1/64 dev eth4 nodad
	ip -n $S4 addr add 2001:db8:4::2/64 dev eth0 nodad
	ip -n $S4 route add default via 2001:db8:4::1
	server $C6
	server $S4
	serving() { in_ns "$1" ss -Hlun | grep -q ':7 '; }
	wait_for 30 serving $C6
	wait_for 30 serving $S4
}

# too_big NETNS ADDRESS PAYLOAD: what path MTU it is told
too_big() {
	in_ns "$1" ping -n -c 1 -W 2 -M do -s "$3" "$2" 2>&1 |
		sed -nE 's/.*mtu ?= ?([0-9]+).*/\1/p' | head -1
	# Else the next one is a local error.
	ip -n "$1" route flush cache
	ip -n "$1" -6 route flush cache
}

# capture NETNS FILE OPTION...: start a tcpdump, which is $! then
capture() {
	local ns=$1 file=$2
	shift 2
	# What the last one said is gone before this one says anything.
	: >"$tmp/err"
	nsenter --net=/run/netns/$ns timeout 60 tcpdump -Z root --immediate-mode -ln \
		"$@" >"$file" 2>"$tmp/err" &
	wait_for 10 grep -q listening "$tmp/err"
}

# stream NETNS ADDRESS: two MiB arrive as they were sent
stream() {
	local got
	got=$(in_ns "$1" timeout 20 bash -c '
		exec 3<>/dev/tcp/$0/8 && cat "$1" >&3 && head -n 1 <&3' \
		"$2" "$tmp/random" 2>&1)
	[ "$got" = "$digest" ] || { echo "$got"; return 1; }
}

# sections NAME...: each from the same state, by its function section_NAME
sections() {
	local section start
	tmp=$(mktemp -d)
	head -c $SMALL /dev/urandom >$tmp/random
	digest=$(sha256sum <$tmp/random)
	digest=${digest%% *}
	set_up
	for section; do
		fresh
		start=$SECONDS
		section_$section
		echo "# $section: $((SECONDS - start)) s"
	done
	rm -rf "$tmp"
	tap_done
}
