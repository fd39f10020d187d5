#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the fuzzer found worth to keep, through parser and translators, with
# sanitizers: see fuzz/translate.c for what must hold of what comes out.
. "$(dirname "$0")/lib.sh"
read -r count translated < <("$HERE/fuzz/replay" "$HERE/fuzz/corpus.txt" 2>&1 |
	tee /dev/stderr | tail -n 1)
same "each input makes a packet or a drop" "$(wc -l <"$HERE/fuzz/corpus.txt")" \
	"$count"
try "one in three makes a packet" test $((${translated:-0} * 3)) -ge "$count"
tap_done
