// SPDX-License-Identifier: GPL-2.0
/*
 * Counters and gauges in the format of OpenMetrics, as Prometheus reads it, or in its own
 * older one, where a counter's family has the name of its sample.
 */
#include <inttypes.h>
#include <linux/genetlink.h>
#include <string.h>

#include "nat64ctl.h"

/* Of events, by the names that the kernel has for them. */
static const struct {
	const char *name, *help;
} helps[] = {
	{ "translated_64", "Packets translated from IPv6 to IPv4" },
	{ "translated_46", "Packets translated from IPv4 to IPv6" },
	{ "fastpath", "Translated packets that took the fast path" },
	{ "hairpinned", "Packets that turned around, from IPv6 to IPv6" },
	{ "passed", "Packets left to the host, whose address it is too" },
	{ "icmp_answered", "ICMP errors sent in answer to packets" },
	{ "icmp_limited", "ICMP errors not sent, by icmp-rate" },
	{ "binding_created", "Bindings made" },
	{ "binding_ended", "Bindings ended" },
	{ "block_created", "Blocks of ports that clients got" },
	{ "block_ended", "Blocks of ports given back" },
	{ "session_created", "Sessions made" },
	{ "session_ended", "Sessions ended" },
	{ "session_evicted", "Sessions ended by early-drop" },
	{ "syn_stored", "TCP SYNs from IPv4 stored for a simultaneous open" },
	{ "tcp_probed", "TCP connections asked whether they are still there" },
};

static bool text;

static void family(const char *name, const char *type, const char *help)
{
	const char *end = text && !strcmp(type, "counter") ? "_total" : "";

	printf("# TYPE nat64_%s%s %s\n# HELP nat64_%s%s %s\n", name, end, type, name,
	       end, help);
}

static void gauge(const char *name, const char *help, uint64_t value)
{
	family(name, "gauge", help);
	printf("nat64_%s %" PRIu64 "\n", name, value);
}

static const char *help_of(const char *name)
{
	for (size_t i = 0; i < sizeof(helps) / sizeof(helps[0]); i++)
		if (!strcmp(name, helps[i].name))
			return helps[i].help;
	return name;
}

/* Drops are one family, which must not be mixed with others. */
static bool drops;

static int counter(const struct nlattr *nest, void *data)
{
	const struct nlattr *attrs[NAT64_STATS_MAX + 1];
	const char *name;
	uint64_t value;

	(void)data;
	if (mnl_attr_get_type(nest) != NAT64_STATS_COUNTER)
		return MNL_CB_OK;
	nl_parse_nested(nest, NAT64_STATS_MAX, attrs);
	if (!attrs[NAT64_STATS_DROP] == drops)
		return MNL_CB_OK;
	name = nl_str(attrs[NAT64_STATS_NAME]);
	value = nl_u64(attrs[NAT64_STATS_VALUE]);
	if (!drops) {
		family(name, "counter", help_of(name));
		printf("nat64_%s_total %" PRIu64 "\n", name, value);
	} else {
		printf("nat64_drop_total{reason=\"%s\"} %" PRIu64 "\n", name,
		       value);
	}
	return MNL_CB_OK;
}

static void print_stats(const struct nlmsghdr *nlh, void *arg)
{
	(void)arg;
	drops = false;
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), counter, NULL);
	drops = true;
	family("drop", "counter", "Packets not translated, by reason");
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), counter, NULL);
}

static void print_status(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_STATUS_MAX + 1];

	(void)arg;
	nl_parse(nlh, NAT64_STATUS_MAX, attrs);
	/* Type "info" is none of the older format, which the node exporter reads. */
	family("module_info", "gauge", "The kernel module");
	printf("nat64_module_info{version=\"%s\"} 1\n",
	       nl_str(attrs[NAT64_STATUS_VERSION]));
	gauge("active", "1 if packets are translated: there is a prefix",
	      nl_u8(attrs[NAT64_STATUS_ACTIVE]));
	gauge("prefixes", "Prefixes", nl_u32(attrs[NAT64_STATUS_PREFIXES]));
	gauge("pools", "Pools", nl_u32(attrs[NAT64_STATUS_POOLS]));
	gauge("eips", "EIPs", nl_u32(attrs[NAT64_STATUS_EIPS]));
	gauge("bindings", "Entries of the binding table",
	      nl_u32(attrs[NAT64_STATUS_BINDINGS]));
	gauge("sessions", "Entries of the session table",
	      nl_u32(attrs[NAT64_STATUS_SESSIONS]));
}

static void print_limits(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_CONFIG_MAX + 1];

	(void)arg;
	nl_parse(nlh, NAT64_CONFIG_MAX, attrs);
	gauge("session_max", "Most sessions that there may be",
	      nl_u32(attrs[NAT64_CONFIG_SESSION_MAX]));
}

static void print_used(const struct nlattr **attrs, const char *proto,
		       uint16_t attr)
{
	printf("nat64_pool_used{pool=\"%s/%u\",proto=\"%s\"} %u\n",
	       str4(nl_in(attrs[NAT64_POOL_ADDR])),
	       nl_u8(attrs[NAT64_POOL_LEN]), proto, nl_u32(attrs[attr]));
}

static void print_pool_gauge(const struct nlattr **attrs, const char *name,
			     uint64_t value)
{
	printf("nat64_%s{pool=\"%s/%u\"} %" PRIu64 "\n", name,
	       str4(nl_in(attrs[NAT64_POOL_ADDR])),
	       nl_u8(attrs[NAT64_POOL_LEN]), value);
}

static void print_pool_ports(const struct nlattr **attrs)
{
	uint64_t ports = nl_u16(attrs[NAT64_POOL_PORT_MAX]) -
			 nl_u16(attrs[NAT64_POOL_PORT_MIN]) + 1;

	print_pool_gauge(attrs, "pool_ports",
			 ports << (32 - nl_u8(attrs[NAT64_POOL_LEN]) % 33));
}

static void print_pool_used(const struct nlattr **attrs)
{
	print_used(attrs, "tcp", NAT64_POOL_USED_TCP);
	print_used(attrs, "udp", NAT64_POOL_USED_UDP);
	print_used(attrs, "icmp", NAT64_POOL_USED_ICMP);
}

static void print_pool_blocks(const struct nlattr **attrs)
{
	if (attrs[NAT64_POOL_BLOCKS])
		print_pool_gauge(attrs, "pool_blocks",
				 nl_u32(attrs[NAT64_POOL_BLOCKS]));
}

static void print_pool_blocks_used(const struct nlattr **attrs)
{
	if (attrs[NAT64_POOL_BLOCKS_USED])
		print_pool_gauge(attrs, "pool_blocks_used",
				 nl_u32(attrs[NAT64_POOL_BLOCKS_USED]));
}

static const struct pool_family {
	const char *name, *help;
	nl_entry_t *print;
} pool_families[] = {
	{ "pool_ports", "Ports that a pool has, of each protocol",
	  print_pool_ports },
	{ "pool_used",
	  "Ports of a pool in use; of address- and port-dependent mapping, sessions",
	  print_pool_used },
	{ "pool_blocks", "Blocks of ports that a pool has, with block-size",
	  print_pool_blocks },
	{ "pool_blocks_used", "Blocks of ports that clients have",
	  print_pool_blocks_used },
};

static void print_pool(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_POOL_MAX + 1];
	const struct pool_family *f = arg;

	nl_parse(nlh, NAT64_POOL_MAX, attrs);
	f->print(attrs);
}

/* Of all pools one family after another, as OpenMetrics wants it. */
static int pools(void)
{
	int code = EXIT_OK;

	for (size_t i = 0; !code && i < sizeof(pool_families) /
					sizeof(pool_families[0]); i++) {
		const struct pool_family *f = &pool_families[i];

		family(f->name, "gauge", f->help);
		code = nl_walk(nl_request(NAT64_CMD_POOL_GET, true), print_pool,
			       (void *)f);
	}
	return code;
}

/* An exit code. */
int metrics(bool as_text)
{
	int code;

	text = as_text;
	code = nl_visit(NAT64_CMD_STATUS_GET, print_status, NULL);

	if (!code)
		code = nl_visit(NAT64_CMD_CONFIG_GET, print_limits, NULL);
	if (!code)
		code = pools();
	if (!code)
		code = nl_visit(NAT64_CMD_STATS_GET, print_stats, NULL);
	if (!code && !text)
		puts("# EOF");
	return code;
}
