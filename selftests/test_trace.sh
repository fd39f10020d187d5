#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tracepoints by perf and bpftrace, with the commands of the guide.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/neighbours.sh"
topo_up
trap 'kill $(jobs -p) 2>/dev/null; topo_down; umount -R /neighbours/sys; rm -f "$said"' EXIT
nat64_up
mount --rbind /sys /neighbours/sys
mount --make-rslave /neighbours/sys
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing

# Until there is somebody who reads.
busy() {
	while sleep 0.2; do
		c6 ping -q -c 1 -W 1 64:ff9b::10.254.1.235
		c6 ping -q -c 1 -W 0.1 64:ff9b::127.0.0.1
		ctl session flush
	done >/dev/null 2>&1
}
busy &
# command PROGRAM: what the guide has, by which words
command_of() { sed -n "s/^    \($1 .*\)/\1/p" /nat64/Documentation/guide.rst; }

# A pipe: of files, perf misses what it has written itself.
record=$(command_of perf)
in_ns $R timeout 100 sh -c "$record" >/tmp/perf.txt 2>&1
perf_has() { grep -q "$1" /tmp/perf.txt || { head -5 /tmp/perf.txt; return 1; }; }
try "perf tells of drops and their reasons" perf_has 'nat64:drop: reason=bad_destination'
try "sessions" perf_has 'nat64:session: '
script=$(command_of bpftrace | sed "s/^bpftrace -e '\(.*\)'/\1/")
if [ -e /sys/kernel/btf/vmlinux ]; then
	start $R timeout -s INT 40 bpftrace -e "$script"
	wait $started
	try "bpftrace counts drops by reason" \
		grep -qE '@drops\[bad_destination\]: [1-9]' "$said"
	try "and sessions" grep -qE '@sessions\[1\]: [1-9]' "$said"
	sed 's/^/# /' "$said"
else
	skip "bpftrace counts drops by reason" "this kernel has no BPF"
fi
tap_done
