#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
. "$(dirname "$0")/lib.sh"
topo_up
nat64_up
try "ping 64:ff9b::192.0.2.2" c6 ping -c 2 -W 2 64:ff9b::192.0.2.2
try "ping 10.254.1.235" c6 ping -c 1 -s 1300 -W 2 64:ff9b::afe:1eb
c6 ping -c 1 -s 4000 -W 2 64:ff9b::afe:1eb
s4 nc -h >/dev/null 2>&1
ctl session; ctl stats; ctl pool; ctl bind; ctl status
c6 traceroute -n -w 1 64:ff9b::afe:1eb
s4 python3 -m http.server -d /etc 80 >/dev/null 2>&1 &
wait_for 10 s4 bash -c '</dev/tcp/127.0.0.1/80'
try "curl" c6 curl -s -o /dev/null --max-time 5 http://[64:ff9b::afe:1eb]/passwd
ctl session
ctl stats
tap_done
