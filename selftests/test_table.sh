#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The hash table, with many threads, in userspace with sanitizers.
exec "$(dirname "$0")/unit/table"
