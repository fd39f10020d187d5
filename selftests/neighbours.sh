# SPDX-License-Identifier: GPL-2.0
# For tests with programs of another Debian, which the guest has in /neighbours.

EXAMPLES=/nat64/Documentation/examples
[ -d /neighbours/usr ] || { echo "not ok 1 /neighbours is there"; exit 1; }

# in_ns NETNS COMMAND...: a program of the neighbours
in_ns() { ip netns exec "$1" chroot /neighbours "${@:2}"; }

# start NETNS COMMAND...: one that goes on, until stop; what it says is in $said
said=$(mktemp)
start() {
	ip netns exec "$1" chroot /neighbours "${@:2}" >"$said" 2>&1 </dev/null &
	started=$!
}
stop() {
	kill $started 2>/dev/null
	wait $started 2>/dev/null
}

# within SECONDS COMMAND...: wait until it succeeds, or tell what was said
within() { wait_for "$@" || { tail -n 20 "$said"*; return 1; }; }

# serve_web: on 10.254.1.235, which says from where it was reached
serve_web() {
	ip netns exec $S4 python3 -c '
import socket
s = socket.create_server(("10.254.1.235", 80))
while True:
    c, peer = s.accept()
    c.sendall(peer[0].encode())
    c.close()
' 2>/dev/null &
}

# fetch HOST: from where a web server was reached
fetch() {
	c6 timeout 10 python3 -c '
import socket, sys
print(socket.create_connection((sys.argv[1], 80), 5).recv(100).decode())
' "$1"
}
