#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# RFC 7915 sections 4.2, 4.4, 5.2, 5.4: traceroute, tracepath, mtr and path MTU
# discovery, both ways across the translator, with a router on either side.
#
#   client6 ----- r6 ----- nat64 ----- r4 ----- server4
#   2001:db8:1::2  ::1    64:ff9b::/96   .1     10.254.1.235
#          :1::/64   :2::/64   192.0.2.0/24  192.168.7.0/24
#   EIP 203.0.113.10 is client6's
. "$(dirname "$0")/lib.sh"
R6=r6-$$ R4=r4-$$
TARGET=64:ff9b::10.254.1.235

path_down() {
	local ns
	topo_down
	for ns in $R6 $R4; do ip netns del $ns 2>/dev/null; done
}
module_load || exit 1
trap path_down EXIT
for ns in $C6 $R6 $R $R4 $S4; do
	netns_up $ns
	quick_icmp $ns
	ip netns exec $ns sysctl -qw net.ipv6.conf.all.forwarding=1 \
		net.ipv4.ip_forward=1
done
# link NS ADDRESS NS ADDRESS
link() {
	local a=to-$3 b=to-$1
	a=${a:0:15} b=${b:0:15}
	ip link add "$a" netns $1 type veth peer name "$b" netns $3
	ip -n $1 addr add $2 dev "$a" ${5:-}
	ip -n $3 addr add $4 dev "$b" ${5:-}
	ip -n $1 link set "$a" up
	ip -n $3 link set "$b" up
}
link $C6 2001:db8:1::2/64 $R6 2001:db8:1::1/64 nodad
link $R6 2001:db8:2::1/64 $R 2001:db8:2::2/64 nodad
link $R 192.0.2.1/24 $R4 192.0.2.2/24
link $R4 192.168.7.1/24 $S4 192.168.7.2/24
ip -n $S4 addr add 10.254.1.235/32 dev lo
ip -n $C6 route add default via 2001:db8:1::1
ip -n $R6 route add default via 2001:db8:2::2
ip -n $R route add 2001:db8:1::/64 via 2001:db8:2::1
ip -n $R route add default via 192.0.2.2
ip -n $R4 route add 10.254.1.235 via 192.168.7.2
ip -n $R4 route add default via 192.0.2.1
ip -n $S4 route add default via 192.168.7.1 src 10.254.1.235
nat64_up

# What each way shows: IPv4 routers inside the prefix; the IPv6 router, which has
# no IPv4 address, by that of the translator's interface.
hops6='2001:db8:1::1 2001:db8:2::2 64:ff9b::c000:202 64:ff9b::afe:1eb'
hops4='192.168.7.1 192.0.2.1 192.0.2.1 203.0.113.10'

# The addresses that traceroute shows, one a hop.
traced() { awk 'NR > 1 { print $2 }' | xargs; }
trace6() { c6 timeout 60 traceroute -6 -n -q 1 -w 15 -N 1 -m 8 "$@" $TARGET | traced; }
trace4() { s4 timeout 60 traceroute -4 -n -q 1 -w 15 -N 1 -m 8 "$@" 203.0.113.10 | traced; }
pmtu6() { c6 timeout 60 tracepath -6 -n -m 8 $TARGET; }
pmtu4() { s4 timeout 60 tracepath -4 -n -m 8 203.0.113.10; }
mtr_hops() { awk '/\|--/ { print $2 }' | xargs; }

way6() {
	local what=$1
	same "6->4 $what: traceroute by UDP shows every hop" "$hops6" "$(trace6)"
	same "6->4 $what: traceroute by ICMP" "$hops6" "$(trace6 -I)"
	same "6->4 $what: traceroute by TCP" "$hops6" "$(trace6 -T -p 80)"
	same "6->4 $what: mtr" "$hops6" \
		"$(c6 timeout 60 mtr -6 -n -r -c 1 -G 15 $TARGET | mtr_hops)"
}
# As many bytes as are asked for, at port 80.
serve='
import socket, sys
addr = sys.argv[1]
s = socket.create_server((addr, 80), backlog=20, family=socket.AF_INET6 if
                         ":" in addr else socket.AF_INET)
while True:
    c, _ = s.accept()
    try:
        c.settimeout(20)
        n = int(c.makefile("rb").readline() or 0)
        c.sendall(b"x" * n)
    except (OSError, ValueError):
        pass
    c.close()
'
ip netns exec $S4 python3 -c "$serve" 10.254.1.235 &
server=$!
ip netns exec $C6 python3 -c "$serve" 2001:db8:1::2 &
client=$!
wait_for 10 s4 bash -c '</dev/tcp/10.254.1.235/80'
# fetch NETNS ADDRESS: how much of 300 kB comes
fetch() {
	ip netns exec $1 timeout 40 python3 -c '
import socket, sys
c = socket.create_connection((sys.argv[1], 80), 20)
c.sendall(b"300000\n")
n = 0
while d := c.recv(65536):
    n += len(d)
print(n)' $2
}

way6 "by a pool"
out=$(pmtu6)
try "6->4 by a pool: tracepath shows every hop" \
	grep -q " 4:  64:ff9b::afe:1eb .*reached" <<<"$out"
# The other end is 20 bytes better off with its own MTU.
same "6->4 tracepath: an MTU of 1500 all the way" 1500 \
	"$(sed -n 's/.*Resume: pmtu \([0-9]*\).*/\1/p' <<<"$out")"

# A narrow link on the IPv4 side, and on the IPv6 side.
mtu() {
	local a=to-$2 b=to-$1
	ip -n $1 link set "${a:0:15}" mtu $3
	ip -n $2 link set "${b:0:15}" mtu $3
}
mtu $R4 $S4 1400
same "6->4 tracepath: a link of 1400 behind an IPv4 router" 1420 \
	"$(pmtu6 | sed -n 's/.*Resume: pmtu \([0-9]*\).*/\1/p')"
same "6->4 TCP gets through it, both ways" 300000 "$(fetch $C6 $TARGET)"
mtu $R4 $S4 1500
ip -6 -n $C6 route flush cache
mtu $R $R4 1300
same "6->4 tracepath: a link of 1300 of the translator" 1320 \
	"$(pmtu6 | sed -n 's/.*Resume: pmtu \([0-9]*\).*/\1/p')"
same "6->4 TCP gets through it" 300000 "$(fetch $C6 $TARGET)"
mtu $R $R4 1500

ctl eip add 203.0.113.10 to 2001:db8:1::2 >/dev/null
way6 "by an EIP"
same "4->6: traceroute by UDP shows every hop" "$hops4" "$(trace4)"
same "4->6: traceroute by ICMP" "$hops4" "$(trace4 -I)"
same "4->6: traceroute by TCP" "$hops4" "$(trace4 -T -p 80)"
same "4->6: mtr" "$hops4" \
	"$(s4 timeout 60 mtr -4 -n -r -c 1 -G 15 203.0.113.10 | mtr_hops)"
try "4->6: tracepath shows every hop" \
	bash -c "$(declare -f pmtu4 s4); S4=$S4; pmtu4 | grep -q 'reached'"
ctl set icmp-source 198.18.7.0/24
hop=$(trace4 | awk '{ print $3 }')
try "4->6: the IPv6 router shows by an address of icmp-source" \
	test "${hop%.*}" = 198.18.7
ctl set icmp-source interface
mtu $C6 $R6 1280
same "4->6 tracepath: a link of 1280 behind an IPv6 router" 1260 \
	"$(pmtu4 | sed -n 's/.*Resume: pmtu \([0-9]*\).*/\1/p')"
same "4->6 TCP gets through it, both ways" 300000 "$(fetch $S4 203.0.113.10)"
mtu $C6 $R6 1500
ip -n $S4 route flush cache
mtu $R6 $R 1400
same "4->6 tracepath: a link of 1400 of the translator" 1380 \
	"$(pmtu4 | sed -n 's/.*Resume: pmtu \([0-9]*\).*/\1/p')"
same "4->6 TCP gets through it" 300000 "$(fetch $S4 203.0.113.10)"
kill $server $client
tap_done
