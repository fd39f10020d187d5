#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Metrics through Prometheus' node exporter into a Prometheus, and each expression of the
# dashboard asked of that.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/neighbours.sh"
topo_up
dir=/neighbours/tmp/metrics
trap 'kill $(jobs -p) 2>/dev/null; topo_down; rm -rf "$said" $dir' EXIT
mkdir -p $dir/text $dir/data
nat64_up
ctl pool add 198.51.101.0/28 block-size 64
ip -n $R addr add 127.0.0.1/8 dev lo 2>/dev/null
ip -n $R link set lo up

# The command of the example, in the router and for a directory of the test.
command=$(sed -n "s/^ExecStart=.bin.sh -c '\(.*\)'/\1/p" \
	$EXAMPLES/nat64-metrics.service)
command=${command//\/var\/lib\/prometheus\/node-exporter/$dir/text}
collect() { r sh -c "$command"; }
try "the example's command writes the metrics" collect
try "whole" grep -q '^nat64_active 1$' $dir/text/nat64.prom

cat >$dir/prometheus.yml <<CONF
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ["127.0.0.1:9100"]
CONF
start $R prometheus-node-exporter --collector.disable-defaults --collector.textfile \
	--collector.textfile.directory=${dir#/neighbours}/text \
	--web.listen-address=127.0.0.1:9100
in_ns $R prometheus --config.file=${dir#/neighbours}/prometheus.yml \
	--storage.tsdb.path=${dir#/neighbours}/data \
	--web.listen-address=127.0.0.1:9090 >$dir/log 2>&1 </dev/null &

# ask EXPRESSION: a line for each series, its labels and value
ask() {
	r python3 -c '
import json, sys, urllib.parse, urllib.request
query = urllib.parse.urlencode({"query": sys.argv[1]})
url = "http://127.0.0.1:9090/api/v1/query?" + query
for s in json.load(urllib.request.urlopen(url, timeout=30))["data"]["result"]:
    print(json.dumps(s["metric"], sort_keys=True), s["value"][1])' "$1"
}
has() { ask "$1" | grep -q "$2"; }

# What the exporter makes of it, as it is asked.
exported() {
	r python3 -c '
import urllib.request
url = "http://127.0.0.1:9100/metrics"
print(urllib.request.urlopen(url, timeout=30).read().decode())' | grep -q "^$1"
}
try "the exporter has a counter as a counter" within 60 \
	exported "# TYPE nat64_drop_total counter"
try "with its help" exported "# HELP nat64_drop_total Packets not translated, by reason"
try "and a gauge" exported "# HELP nat64_sessions Entries of the session table"
try "the exporter has no complaint" within 60 has node_textfile_scrape_error ' 0$'
try "Prometheus has them" within 60 has nat64_active ' 1$'

# Packets, and drops, while it looks.
busy() {
	while collect; do
		c6 ping -q -c 5 -i 0.2 -W 1 64:ff9b::10.254.1.235
		c6 ping -q -c 2 -i 0.2 -W 1 64:ff9b::127.0.0.1
	done >/dev/null 2>&1
}
busy &
busy=$!
expressions() {
	python3 -c '
import json, sys
for panel in json.load(open(sys.argv[1]))["panels"]:
    for target in panel["targets"]:
        print(target["expr"].replace("$__rate_interval", "30s")
              .replace("$instance", ".+"))' $EXAMPLES/grafana.json
}
while IFS= read -r expression; do
	try "the dashboard's $expression" within 60 has "$expression" nat64\\\|instance
done < <(expressions)
try "packets a second were seen" within 60 has \
	'rate(nat64_translated_64_total[30s]) > 0.5' instance
try "and the reason of drops" within 60 has \
	'rate(nat64_drop_total[30s]) > 0' bad_destination
try "the use of a pool" within 60 has \
	'nat64_pool_used{proto="icmp"} > 0' icmp

kill $busy
wait $busy 2>/dev/null
try "metrics are there" collect
rmmod nat64
try "without the module the service fails" eval '! collect 2>/dev/null'
same "and leaves no metrics of before" "" "$(ls $dir/text)"
stop
tap_done
