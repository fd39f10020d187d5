#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# EIPs and static bindings, with real sockets.
. "$(dirname "$0")/lib.sh"
topo_up
ip -n $S4 addr add 10.0.0.5/32 dev lo
ip -n $R route add 10.0.0.5 via 192.0.2.2
ip -n $S4 addr add 203.0.113.40/32 dev lo
ip -n $R route add 203.0.113.40 via 192.0.2.2

# Servers that say by what address they see the client.
whoami='import socketserver, socket, sys
class S(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    address_family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
class H(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(self.client_address[0].encode() + b"\n")
S((sys.argv[1], int(sys.argv[2])), H).serve_forever()'
ask='import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5,
    (sys.argv[3], 0) if len(sys.argv) > 3 else None)
print(s.makefile().read().strip())'
s4 python3 -c "$whoami" 0.0.0.0 80 &
c6 python3 -c "$whoami" :: 8080 &
up() { s4 ss -Hltn | grep -q :80 && c6 ss -Hltn | grep -q :8080; }
wait_for 30 up

ctl prefix add 64:ff9b::/96 mode eip private on
ctl pool add 198.51.100.0/28
ctl eip add 203.0.113.10 to 10.0.0.5 >/dev/null
ctl eip add 203.0.113.40 >/dev/null

is_pool() { grep -qE '^198\.51\.100\.([0-9]|1[0-5])$' <<<"$1"; }
try "IPv6 client reaches an IPv4 server by its IPv6 EIP, as a pool address" \
	is_pool "$(c6 python3 -c "$ask" 64:ff9b::203.0.113.10 80)"
same "it sees the server as its EIP" 1 "$(ctl session | grep -c \
	'64:ff9b::cb00:710a 80 => 198.51.100.* 10.0.0.5 80')"
try "an EIP without a target is the server itself" \
	is_pool "$(c6 python3 -c "$ask" 64:ff9b::203.0.113.40 80)"
same "mode eip: what is not bound is refused at once" "No route to host" \
	"$(c6 python3 -c "$ask" 64:ff9b::10.0.0.5 80 2>&1 | tail -1 |
	   sed 's/.*\] //')"
try "and counted" test "$(stat not_eip)" -ge 1

ctl eip add 203.0.113.11 to 2001:db8:6::2 >/dev/null
same "IPv4 client reaches an IPv6 server by its EIP" 64:ff9b::c000:202 \
	"$(s4 python3 -c "$ask" 203.0.113.11 8080)"
try "ping to the EIP" s4 ping -c 1 -W 5 203.0.113.11
same "what the server sends leaves from its EIP, to any IPv4 host" 203.0.113.11 \
	"$(c6 python3 -c "$ask" 64:ff9b::192.0.2.2 80)"
same "from the same port" "7777" "$(c6 python3 -c '
import socket
s = socket.create_connection(("64:ff9b::192.0.2.2", 80), 5, ("::", 7777))
s.recv(99)
print(s.getsockname()[1])')"
same "one to one needs no session" 0 "$(ctl session | grep -c 203.0.113.11)"
try "traceroute from IPv4 to the server shows every hop" eval \
	's4 traceroute -n -q 1 -w 5 203.0.113.11 |
	 tee /proc/self/fd/2 | grep -qE "^ 1  192.0.2.1 " &&
	 s4 traceroute -n -q 1 -w 5 203.0.113.11 | grep -qE "^ 2  203.0.113.11 "'
ctl eip del 203.0.113.11
same "without its EIP the server is refused by mode eip" "No route to host" \
	"$(c6 python3 -c "$ask" 64:ff9b::192.0.2.2 80 2>&1 | tail -1 |
	   sed 's/.*\] //')"

ctl binding add tcp 203.0.113.1 80 to 2001:db8:6::2 8080
same "static binding: one port of an IPv6 server" 64:ff9b::c000:202 \
	"$(s4 python3 -c "$ask" 203.0.113.1 80)"
same "another port is not" 1 "$(s4 python3 -c "$ask" 203.0.113.1 81 \
	>/dev/null 2>&1; echo $?)"
try "mode eip: IPv6 clients reach the published port too" grep -q \
	'^64:ff9b::c633:640' <<<"$(c6 python3 -c "$ask" 64:ff9b::203.0.113.1 80)"
same "and no other port of that address" "No route to host" \
	"$(c6 python3 -c "$ask" 64:ff9b::203.0.113.1 81 2>&1 | tail -1 |
	   sed 's/.*\] //')"
ctl binding add tcp 198.51.100.3 443 to 2001:db8:6::2 8080 2>/dev/null &&
	not_ok "one IPv6 port has one static binding"
ctl binding del tcp 203.0.113.1 80
same "and its sessions go with it" 0 \
	"$(ctl session | grep -c '=> 203.0.113.1 80 ')"
same "and it cannot be reached" 1 "$(s4 python3 -c "$ask" 203.0.113.1 80 \
	>/dev/null 2>&1; echo $?)"
ctl binding add tcp 198.51.100.3 443 to 2001:db8:6::2 8080
same "static binding inside a pool" 64:ff9b::c000:202 \
	"$(s4 python3 -c "$ask" 198.51.100.3 443)"
ctl pool del 198.51.100.0/28
ctl pool add 198.51.100.0/29
same "it outlives its pool" 64:ff9b::c000:202 \
	"$(s4 python3 -c "$ask" 198.51.100.3 443)"
same "and is taken in the new one" 1 \
	"$(ctl -j pool | sed 's/.*"tcp":\([0-9]*\).*/\1/')"

ctl eip del 203.0.113.10
same "an EIP's sessions go with it" 0 "$(ctl session | grep -c 10.0.0.5)"

# The EIP in the other prefix lengths, by which clients really get through.
ctl prefix flush
for p in 2001:db8::/32 2001:db8:100::/40 2001:db8:122::/48 \
	 2001:db8:122:300::/56 2001:db8:122:344::/64 2001:db8:122:344::/96; do
	# The client's own address is inside the shortest one.
	case $p in 2001:db8::/32) p=2001:db9::/32;; esac
	ctl prefix add $p mode eip
	addr=$(ctl eip add 203.0.113.10 to 10.0.0.5 | sed 's/.* ipv6 //')
	same "$p prints what nat64ctl addr does" \
		"$(nat64ctl addr $p 203.0.113.10)" "$addr"
	try "$p: the server is reached by it" is_pool \
		"$(c6 python3 -c "$ask" "$addr" 80)"
	ctl prefix flush
	ctl eip flush
done

# Two IPv6 servers with EIPs talk by them (RFC 6146 section 3.8, RFC 7757 4).
ctl prefix add 64:ff9b::/96 private on
ip -n $C6 addr add 2001:db8:6::3/64 dev eth0 nodad
ctl eip add 203.0.113.11 to 2001:db8:6::2 >/dev/null
ctl eip add 203.0.113.12 to 2001:db8:6::3 >/dev/null
same "hairpin: IPv6 server reaches another by its EIP" 64:ff9b::cb00:710c \
	"$(c6 python3 -c "$ask" 64:ff9b::203.0.113.11 8080 2001:db8:6::3)"
try "and was counted" test "$(stat hairpinned)" -ge 3
tap_done
