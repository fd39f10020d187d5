#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The first ten minutes of the guide, but for packages and their service: those are
# typed by package/guest.
. "$(dirname "$0")/lib.sh"
topo_up
mkdir -p /etc/nat64
"$HERE/transcript.py" "The first ten minutes" 0 router=$R client=$C6 \
	without apt-get systemctl
