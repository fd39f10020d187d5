#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demo works.
. "$(dirname "$0")/lib.sh"
try "every step of the demo" "$HERE/demo/demo"
tap_done
