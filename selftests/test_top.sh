#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# "nat64ctl top" on a terminal, which tmux is.
. "$(dirname "$0")/lib.sh"
topo_up
nat64_up

# A server of its own for each, as one that is told to end takes a moment.
server=0
mux() { tmux -L "top-$$-$server" "$@"; }
trap 'mux kill-server 2>/dev/null; topo_down' EXIT
# open WORD...: nat64ctl top of the router, and then its exit code
open() {
	mux kill-server 2>/dev/null
	server=$((server + 1))
	mux -f /dev/null new-session -d -x 100 -y 30 \
		"$TOP/tools/nat64ctl -n $R top $*; echo ended with \$?; exec sleep 1000"
}
screen() { mux capture-pane -p; }
# shows EXPRESSION: within some seconds
seen() { screen | grep -qE "$1"; }
shows() { wait_for 30 seen "$1" || { screen; return 1; }; }

python='
import socket, sys, time
source, count = sys.argv[1], int(sys.argv[2])
for i in range(count):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.bind((source, 2000 + i))
        s.sendto(b"x", ("64:ff9b::10.254.1.235", 53))
'
for net in 7 8; do
	ip -n $C6 addr add 2001:db8:$net::2/64 dev eth0 nodad
	ip -n $R -6 route add 2001:db8:$net::/64 dev eth6
done
c6 python3 -c "$python" 2001:db8:6::2 30
c6 python3 -c "$python" 2001:db8:7::2 50
c6 python3 -c "$python" 2001:db8:8::2 10
ctl binding add udp 203.0.113.1 53 to 2001:db8:8::2
s4 python3 -c '
import socket
for i in range(20):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("", 2000 + i))
        s.sendto(b"x", ("203.0.113.1", 53))
'
open delay 1
try "sessions, and how many there may be" shows '^sessions [0-9]+ of [0-9]+ \([0-9.]+%\)'
try "the pool with its ports" shows '198\.51\.100\.0/24 +[0-9]+ +[0-9.]+% +90 +0\.0%'
rows() { screen | sed -nE 's/^2001:db8:([0-9]+)::\/64 .*/\1/p' | xargs; }
same "clients by sessions, the busiest first" "7 6 8" "$(shows '^2001:db8:8' && rows)"
try "how many each has" shows '^2001:db8:7::/64 +50 +0 +50$'
mux send-keys 4
try "by those from IPv4" shows '^CLIENT, by sessions from IPv4'
try "of which one has twenty" shows '^2001:db8:8::/64 +10 +20 +10$'
same "and comes first" 8 "$(rows | cut -d" " -f1)"
mux send-keys p
try "by ports" shows '^CLIENT, by ports'
mux send-keys s
drop() { c6 ping -q -i 0.05 -c 100 -W 1 64:ff9b::127.0.0.1 >/dev/null 2>&1 & }
drop
try "drops by reason, with their rate" \
	shows '^(not_global|bad_destination) +[1-9][0-9]* +[1-9][0-9]*$'
c6 ping -q -i 0.05 -c 100 64:ff9b::10.254.1.235 >/dev/null 2>&1 &
try "packets a second, both ways" \
	shows '^packets a second: [1-9][0-9]* to IPv4, [1-9][0-9]* to IPv6'
# As the guide has it.
screen | grep . | sed 's/^/# /'
mux resize-window -x 60 -y 12
try "on a smaller screen" shows '^sessions [0-9]+ of'
same "no line is longer than that" 0 "$(screen | grep -cE '.{61}')"
mux resize-window -x 120 -y 40
try "on a larger one" shows '^2001:db8:8'
mux send-keys " "
try "it can be stopped" shows 'paused'
mux send-keys " "
mux send-keys q
try "and ends by q, with code 0" shows '^ended with 0'
open
try "it begins once more" shows '^sessions'
mux send-keys C-c
try "and ends by ^C the same way" shows '^ended with 0'
open
try "it begins again" shows '^sessions'
rmmod nat64
try "when the module goes it ends, with code 2" shows '^ended with 2'
try "and says why" seen 'the kernel module nat64 was removed'
for words in "foo|unexpected word" "delay|delay is missing" \
	     "delay 0|is not a delay" "|top is for a terminal"; do
	out=$(nat64ctl top ${words%|*} 2>&1 </dev/null)
	same "top ${words%|*}: ${words#*|}" "1 yes" \
		"$? $(grep -qE "${words#*|}" <<<"$out" && echo yes || echo "$out")"
done
tap_done
