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
