// SPDX-License-Identifier: GPL-2.0
/*
 * "set" and "show": options and timers.
 */
#include <string.h>

#include "nat64ctl.h"

#define WEEK (7 * 24 * 3600)

static const struct option {
	const char *name;
	uint16_t attr;
	bool on_off;
	uint32_t min, max;
} options[] = {
	{ "udp-timeout", NAT64_CONFIG_UDP_TIMEOUT, false, 120, WEEK },
	{ "tcp-est-timeout", NAT64_CONFIG_TCP_EST_TIMEOUT, false, 120, WEEK },
	{ "tcp-trans-timeout", NAT64_CONFIG_TCP_TRANS_TIMEOUT, false, 10,
	  WEEK },
	{ "icmp-timeout", NAT64_CONFIG_ICMP_TIMEOUT, false, 10, WEEK },
	{ "session-max", NAT64_CONFIG_SESSION_MAX, false, 1, UINT32_MAX },
	{ "lowest-ipv6-mtu", NAT64_CONFIG_LOWEST_IPV6_MTU, false, 1280, 9216 },
	{ "udp-zero-checksum", NAT64_CONFIG_UDP_ZERO_CHECKSUM, true, 0, 1 },
	{ "no-binding-icmp", NAT64_CONFIG_NO_BINDING_ICMP, true, 0, 1 },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static const struct option *find(const char *word)
{
	const struct option *found = NULL;

	for (size_t i = 0; i < OPTIONS; i++) {
		if (!strcmp(word, options[i].name))
			return &options[i];
		if (!match_word(word, options[i].name))
			continue;
		if (found) {
			complain("\"%s\" is ambiguous: %s or %s", word,
			     found->name, options[i].name);
			return NULL;
		}
		found = &options[i];
	}
	if (!found)
		complain("\"%s\" is not an option (see nat64ctl set help)", word);
	return found;
}

static int set(char **args)
{
	bool given[OPTIONS] = { false };
	struct nlmsghdr *nlh;

	if (!*args) {
		complain("an option is missing (see nat64ctl set help)");
		return EXIT_USAGE;
	}
	nlh = nl_request(NAT64_CMD_CONFIG_SET, false);
	for (; *args; args += 2) {
		const struct option *o = find(*args);
		uint32_t value;
		bool on;

		if (!o || !arg_once(&given[o - options], o->name))
			return EXIT_USAGE;
		if (o->on_off) {
			if (!arg_bool(args[1], o->name, &on))
				return EXIT_USAGE;
			value = on;
		} else if (!arg_u32(args[1], o->name, o->min, o->max,
				    &value)) {
			return EXIT_USAGE;
		}
		mnl_attr_put_u32(nlh, o->attr, value);
	}
	return nl_change(nlh);
}

static const struct option *only;

static void print(const struct nlattr **attrs)
{
	if (out_json) {
		out_list_begin();
		out_begin();
	}
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *o = &options[i];
		uint32_t value;

		if (!attrs[o->attr] || (only && only != o))
			continue;
		value = nl_u32(attrs[o->attr]);
		if (!out_json)
			out_begin();
		if (o->on_off)
			out_flag(o->name, value);
		else
			out_num(o->name, value);
		if (!out_json)
			out_end();
	}
	if (out_json) {
		out_end();
		out_list_end();
	}
}

static int show(char **args)
{
	struct nlmsghdr *nlh;

	if (*args) {
		only = find(*args);
		if (!only || !arg_end(args + 1))
			return EXIT_USAGE;
	}
	nlh = nl_request(NAT64_CMD_CONFIG_GET, false);
	return nl_get(nlh, NAT64_CONFIG_MAX, print);
}

#define HELP \
"nat64ctl set OPTION VALUE [ OPTION VALUE ]...\n" \
"nat64ctl show [ OPTION ]\n" \
"\n" \
"Options and timers; timers in seconds, a week at most.\n" \
"\n" \
"  udp-timeout N        a UDP session, least 120, default 300 (RFC 4787)\n" \
"  tcp-est-timeout N    an established TCP session, least 120, default 7440\n" \
"                       (RFC 5382 asks for no less than the default)\n" \
"  tcp-trans-timeout N  a TCP session that begins or ends, least 10, default\n" \
"                       240 (RFC 5382 asks for no less than the default)\n" \
"  icmp-timeout N       an ICMP query session, least 10, default 60 (RFC 5508)\n" \
"  session-max N        most sessions; default by memory\n" \
"  lowest-ipv6-mtu N    largest IPv6 packet made from an IPv4 packet without\n" \
"                       DF, bytes, 1280 to 9216, default 1280 (RFC 7915)\n" \
"  udp-zero-checksum on|off\n" \
"                       compute the checksum of an IPv4 UDP packet that has\n" \
"                       none, rather than drop it; default on (RFC 7915)\n" \
"  no-binding-icmp on|off\n" \
"                       answer IPv4 packets that have no binding with ICMP,\n" \
"                       rather than be silent; default off (RFC 6146)\n"

const struct noun set_noun = { .name = "set", .help = HELP, .run = set };
const struct noun show_noun = { .name = "show", .help = HELP, .run = show };
