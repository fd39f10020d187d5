#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A million forged /64s: who talks goes on, who is honest gets in, memory is
# bounded.
. "$(dirname "$0")/lib.sh"
topo_up
nat64_up
SESSIONS=100000
STREAMS=100
PACKETS=1000000
SERVER=64:ff9b::10.254.1.235

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"; topo_down' EXIT
try "the flood is built" cc -O2 -Wall -Wextra -Werror -o "$tmp/flood" \
	"$HERE/flood_spoofed.c"
ctl set session-max $SESSIONS

# The server answers what it is asked, to whoever seems to ask.
s4 python3 -c '
import asyncio
async def echo(reader, writer):
    try:
        while line := await reader.readline():
            writer.write(line)
    except OSError:
        pass
    writer.close()
async def main():
    server = await asyncio.start_server(echo, "10.254.1.235", 7, backlog=4096)
    await server.serve_forever()
asyncio.run(main())' &
listening() { s4 ss -Hltn | grep -q 10.254.1.235:7; }
wait_for 30 listening

# slabs: octets that sessions, bindings and clients take
slabs() { awk '/^nat64_/ { sum += $3 * $4 } END { print sum + 0 }' /proc/slabinfo; }
available() { awk '/^MemAvailable/ { print $2 }' /proc/meminfo; }

touch "$tmp/go"
c6 "$HERE/conversations.py" $SERVER $STREAMS "$tmp/go" >"$tmp/talk" 2>&1 &
talk=$!
try "$STREAMS streams are open" wait_for 60 grep -q open "$tmp/talk"
before=$(available)
start=$SECONDS
# A quick machine sends more: who comes after the flood would tell nothing.
sent=0
until [ $sent -ge $PACKETS ] && [ $((SECONDS - start)) -ge 60 ]; do
	c6 "$tmp/flood" eth0 "$(r cat /sys/class/net/eth6/address)" $SERVER \
		$PACKETS >"$tmp/sent" 2>&1 || break
	sent=$((sent + $(cat "$tmp/sent")))
done
rm "$tmp/go"
took=$((SECONDS - start + 1))
try "a million packets of forged sources were sent" test $sent -ge $PACKETS
sessions=$(ctl -j status | sed -E 's/.*"sessions":([0-9]+).*/\1/')
try "no more than session-max sessions" test "$sessions" -le $((SESSIONS + 64))
try "but as many" test "$sessions" -ge $((SESSIONS * 9 / 10))
echo "# $sent packets, $took s, $sessions sessions, $(stat session_evicted) evicted, $(slabs) octets of slabs"
# 320 octets a session of a client of its own, and what waits for RCU.
try "slabs are bounded" test "$(slabs)" -le $((SESSIONS * 320 * 2))
try "so is all memory" test $((before - $(available))) -le 200000
wait $talk
read -r kept all came half < <(tail -n 1 "$tmp/talk")
echo "# $came of $all newcomers got in, half of them in $half ms"
same "no stream is lost" $STREAMS "$kept"
try "9 of 10 who come meanwhile get in" test $((came * 10)) -ge $((all * 9))
# A SYN that is lost is sent again after a second, and then after two more.
try "half of them without asking a third time" test "$half" -lt 3000
ctl session flush
# Newer kernels keep what has been freed for each CPU, until somebody needs it.
none() {
	for f in /sys/kernel/slab/nat64_*/shrink; do
		echo 1 >"$f"
	done
	[ "$(slabs)" -lt 2000000 ]
}
try "the memory comes back" wait_for 20 none
tap_done
