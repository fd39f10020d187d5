#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The pure functions, in userspace with sanitizers.
exec "$(dirname "$0")/unit/unit"
