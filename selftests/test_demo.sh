#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demo works, in a virtual machine and on a host's own kernel.
. "$(dirname "$0")/lib.sh"
before=$(lsns -nt net | wc -l)
try "every step of the demo" "$HERE/demo/demo"

# Here the guest is the host, and its root the image, where this was built.
[ ! -d /sys/module/nat64 ] || rmmod nat64
gone() { [ "$(lsns -nt net | wc -l)" = "$before" ]; }
try "every step of the demo, HOST=1" env NAT64_IMAGE=/ NAT64_BUILT="$TOP" \
	make --no-print-directory -C "$TOP" demo HOST=1
same "which takes the module out again" 1 \
	"$(test -d /sys/module/nat64; echo $?)"
same "and its namespaces" "$before" "$(wait_for 20 gone; lsns -nt net | wc -l)"
tap_done
