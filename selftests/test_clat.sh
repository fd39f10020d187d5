#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# RFC 6877, 464XLAT: a program that knows IPv4 only, on a host that has IPv6
# only, reaches an IPv4 server: CLAT on the host -> our NAT64 -> server.
#
#       c6                        r                       s4
#   192.0.0.2 on clat0          NAT64
#   nat64 as CLAT  ------------ eth6  eth4 -------------- eth0
#   2001:db8:6::464         prefix 64:ff9b::/96        10.254.1.235
. "$(dirname "$0")/lib.sh"
topo_up
nat64_up
clat() { c6 nat64ctl "$@"; }

ip -n $C6 link add clat0 type dummy
ip -n $C6 link set clat0 up mtu 1480
ip -n $C6 addr add 192.0.0.2/32 dev clat0
ip -n $C6 route add default dev clat0 src 192.0.0.2
ip -n $C6 addr add 2001:db8:6::464/128 dev eth0 nodad preferred_lft 0

fails() { ! "$@"; }
# A server that says from where it was reached, in its own words.
ip netns exec $S4 python3 -c '
import socket
s = socket.create_server(("10.254.1.235", 8080), backlog=20)
while True:
    c, peer = s.accept()
    c.settimeout(20)
    try:
        head = c.makefile("rb").readline()
        if head == b"who\n":
            c.sendall(peer[0].encode() + b"\n")
        else:
            c.sendall(b"x" * int(head))
    except (OSError, ValueError):
        pass
    c.close()
' & server=$!
ip netns exec $S4 "$HERE/udp_echo.py" serve 10.254.1.235 5353 & echo=$!
ask() {
	c6 timeout 30 python3 -c '
import socket, sys
c = socket.create_connection(("10.254.1.235", 8080), 20)
c.sendall(sys.argv[1].encode() + b"\n")
n = 0
while d := c.recv(65536):
    n += len(d)
    if sys.argv[1] == "who":
        print(d.decode().strip())
if sys.argv[1] != "who":
    print(n)
' "$1"
}
wait_for 10 s4 bash -c '</dev/tcp/10.254.1.235/8080'

try "6877 without a CLAT there is no way" fails ask who
clat prefix add $WELL_KNOWN mode clat private on
clat eip add 192.0.0.2 to 2001:db8:6::464 clat on >/dev/null
same "it is shown as what it is" \
	"192.0.0.2 to 2001:db8:6::464 clat on" \
	"$(clat eip | sed 's/ *$//; s/^eip //; s/ipv6 *//')"
same "who has no rights is not told who is behind it" "" \
	"$(c6 setpriv --reuid=65534 --regid=65534 --clear-groups nat64ctl eip)"

same "6877 an IPv4-only program gets through by TCP" 198.51.100 \
	"$(ask who | cut -d. -f1-3)"
same "6877 the NAT64's client is the CLAT's IPv6 address" 1 \
	"$(ctl -j session list | grep -c '"local6":"2001:db8:6::464"')"
same "6877 a megabyte, with segments of every size" 1000000 "$(ask 1000000)"
try "6877 what IPv6 programs send to the prefix goes on to the NAT64" \
	c6 ping -c 1 -W 5 64:ff9b::10.254.1.235
same "6877 from their own address" 1 \
	"$(ctl -j session list proto icmp | grep -c '"local6":"2001:db8:6::2"')"
try "6877 and is told not to be translated here" eval \
	'clat get from 2001:db8:6::2 to 64:ff9b::10.254.1.235 | grep -q "^passes"'
try "6877 ping" c6 ping -c 3 -i 0.2 -W 5 10.254.1.235
try "6877 large pings, fragmented" c6 ping -c 3 -i 0.2 -W 5 -s 3000 10.254.1.235
try "6877 UDP, datagrams of every size" \
	c6 "$HERE/udp_echo.py" ask 10.254.1.235 5353
# Who sends faster than the link waits for it.
if c6 tc qdisc add dev eth0 root tbf rate 4mbit burst 4k limit 200000; then
	ip netns exec $S4 python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.254.1.235", 5454))
print("ready", flush=True)
n = 0
try:
    while s.recv(2000):
        n += 1
        s.settimeout(5)
except TimeoutError:
    print(n)' >/tmp/count &
	counting=$!
	wait_for 10 grep -q ready /tmp/count
	c6 python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(500):
    s.sendto(bytes(1200), ("10.254.1.235", 5454))'
	wait $counting
	same "6877 a sender is held back, and nothing is lost" 500 "$(sed 1d /tmp/count)"
	c6 tc qdisc del dev eth0 root
else
	skip "6877 a sender is held back" "this kernel has no tbf"
fi
# The host hears of what is too big for the way, and of hops.
try "6877 traceroute shows the hops of both worlds" \
	c6 bash -c 'traceroute -n -w 2 -q 1 -m 5 10.254.1.235 | tee /tmp/trace &&
		grep -q "10.254.1.235" /tmp/trace'
ip -n $R link set eth4 mtu 1300
ip -n $S4 link set eth0 mtu 1300
same "6877 path MTU discovery" 400000 "$(ask 400000)"
try "6877 tracepath finds it" c6 bash -c \
	'tracepath -n -m 5 10.254.1.235 | tee /tmp/path && grep -q "pmtu 1300" /tmp/path'
ip -n $R link set eth4 mtu 1500
ip -n $S4 link set eth0 mtu 1500

try "the host's own IPv6 is what it was" c6 ping -6 -c 1 -W 5 2001:db8:6::1
try "and its IPv4 address answers to itself" c6 ping -c 1 -W 5 192.0.0.2
try "its CLAT address answers to neighbours" r ping -6 -c 1 -W 5 2001:db8:6::464
same "6877 nothing was dropped but what had to be" "" \
	"$(clat stats | grep -vE 'translated|too_big|hop_limit|passed|icmp_answered|created|ended')"

# A prefix of mode clat is the CLAT's, whatever else there is, and only the CLAT's.
why() { clat get from 192.0.2.99 to 203.0.113.7 udp dport 7 | grep -o "$1" | head -n 1; }
clat eip add 203.0.113.7 to 2001:db8:6::7 >/dev/null
same "an EIP has no prefix by it" no_prefix "$(why no_prefix)"
same "and is not said to have an address of it" "" \
	"$(clat eip | grep -o 64:ff9b::cb00:7107)"
same "it is saved as what it is" "prefix add $WELL_KNOWN mode clat private on" \
	"$(clat save | grep prefix)"
clat prefix del $WELL_KNOWN
clat prefix add 2001:db8:64::/96 private on
clat prefix add $WELL_KNOWN mode clat private on
same "an EIP has the open one" 2001:db8:64::c000:263 "$(why 2001:db8:64::c000:263)"
same "6877 a CLAT has its own" 198.51.100 "$(ask who | cut -d. -f1-3)"
clat prefix del 2001:db8:64::/96
clat eip del 203.0.113.7

# Hosts behind it, one to one.
clat eip del 192.0.0.2
clat eip add 192.168.64.0/24 to 2001:db8:6:64::/120 clat on >/dev/null
netns_up h-$$
trap 'ip netns del h-$$; topo_down' EXIT
ip link add eth0 netns h-$$ type veth peer name lan netns $C6
ip -n $C6 addr add 192.168.64.1/24 dev lan
ip -n $C6 link set lan up
ip -n h-$$ addr add 192.168.64.7/24 dev eth0
ip -n h-$$ link set eth0 up
ip -n h-$$ route add default via 192.168.64.1
c6 sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n $C6 route add default via 2001:db8:6::1 2>/dev/null
ip -n $R route add 2001:db8:6:64::/64 via 2001:db8:6::2
try "6877 an IPv4 host behind the CLAT" \
	ip netns exec h-$$ ping -c 3 -i 0.2 -W 5 10.254.1.235
same "7757 its address is its own in IPv6" 1 \
	"$(ctl -j session list | grep -c '"local6":"2001:db8:6:64::7"')"
try "its neighbours are not the CLAT's business" \
	ip netns exec h-$$ ping -c 1 -W 5 192.168.64.1
kill $server $echo
tap_done
