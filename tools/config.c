// SPDX-License-Identifier: GPL-2.0
/*
 * "set" and "show": options and timers.
 */
#include <string.h>

#include "nat64ctl.h"

#define WEEK (7 * 24 * 3600)

enum kind { NUMBER, SECONDS, ON_OFF, COPY, PREFIX4 };

static const struct option {
	const char *name;
	uint16_t attr;
	enum kind kind;
	uint32_t min, max;
	uint16_t len_attr;
} options[] = {
	{ "udp-timeout", NAT64_CONFIG_UDP_TIMEOUT, SECONDS, 120, WEEK, 0 },
	{ "tcp-est-timeout", NAT64_CONFIG_TCP_EST_TIMEOUT, SECONDS, 120, WEEK, 0 },
	{ "tcp-trans-timeout", NAT64_CONFIG_TCP_TRANS_TIMEOUT, SECONDS, 10,
	  WEEK, 0 },
	{ "icmp-timeout", NAT64_CONFIG_ICMP_TIMEOUT, SECONDS, 10, WEEK, 0 },
	{ "session-max", NAT64_CONFIG_SESSION_MAX, NUMBER, 1, UINT32_MAX, 0 },
	{ "syn-max", NAT64_CONFIG_SYN_MAX, NUMBER, 0, 65536, 0 },
	{ "early-drop", NAT64_CONFIG_EARLY_DROP, ON_OFF, 0, 1, 0 },
	{ "client-prefix-len", NAT64_CONFIG_CLIENT_PREFIX_LEN, NUMBER, 32, 128,
	  0 },
	{ "client-session-max", NAT64_CONFIG_CLIENT_SESSION_MAX, NUMBER, 0,
	  UINT32_MAX, 0 },
	{ "client-port-max", NAT64_CONFIG_CLIENT_PORT_MAX, NUMBER, 0,
	  UINT32_MAX, 0 },
	{ "client-session-rate", NAT64_CONFIG_CLIENT_SESSION_RATE, NUMBER, 0,
	  65535, 0 },
	{ "block-timeout", NAT64_CONFIG_BLOCK_TIMEOUT, SECONDS, 0, WEEK, 0 },
	{ "reverse-path", NAT64_CONFIG_REVERSE_PATH, ON_OFF, 0, 1, 0 },
	{ "icmp-rate", NAT64_CONFIG_ICMP_RATE, NUMBER, 0, 65535, 0 },
	{ "lowest-ipv6-mtu", NAT64_CONFIG_LOWEST_IPV6_MTU, NUMBER, 1280, 9216,
	  0 },
	{ "udp-zero-checksum", NAT64_CONFIG_UDP_ZERO_CHECKSUM, ON_OFF, 0, 1, 0 },
	{ "no-binding-icmp", NAT64_CONFIG_NO_BINDING_ICMP, ON_OFF, 0, 1, 0 },
	{ "tclass", NAT64_CONFIG_TCLASS, COPY, 0, 255, 0 },
	{ "tos", NAT64_CONFIG_TOS, COPY, 0, 255, 0 },
	{ "icmp-source", NAT64_CONFIG_ICMP_SOURCE, PREFIX4, 8, 32,
	  NAT64_CONFIG_ICMP_SOURCE_LEN },
	{ "icmp-extension", NAT64_CONFIG_ICMP_EXTENSION, ON_OFF, 0, 1, 0 },
	{ "ftp", NAT64_CONFIG_FTP, ON_OFF, 0, 1, 0 },
	{ "fastpath", NAT64_CONFIG_FASTPATH, ON_OFF, 0, 1, 0 },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static const struct option *find(const char *word)
{
	return arg_entry(word, options, sizeof(options[0]), OPTIONS,
			 "an option (see nat64ctl set help)");
}

/* What may be set of an option, a number. */
void set_range(const char *name, uint32_t *min, uint32_t *max)
{
	const struct option *o = find(name);

	*min = o->min;
	*max = o->max;
}

/* Put one option, read from a word, into a request. */
static bool put(struct nlmsghdr *nlh, const struct option *o, const char *word)
{
	struct in_addr addr;
	uint32_t value = 0;
	char what[64];
	uint8_t len;
	bool on;

	switch (o->kind) {
	case ON_OFF:
		if (!arg_bool(word, o->name, &on))
			return false;
		value = on;
		break;
	case COPY:
		if (word && !strcmp(word, "copy"))
			value = NAT64_CONFIG_COPY;
		else if (!arg_u32(word, o->name, o->min, o->max, &value))
			return false;
		break;
	case PREFIX4:
		if (word && !strcmp(word, "interface"))
			break;
		if (!arg_prefix4(word, &addr, &len))
			return false;
		if (len < o->min)
			return fail("\"%s\": the length of %s is %u to %u", word,
				    o->name, o->min, o->max);
		value = addr.s_addr;
		mnl_attr_put_u32(nlh, o->len_attr, len);
		break;
	case SECONDS:
	case NUMBER:
		snprintf(what, sizeof(what), "%s%s", o->name,
			 word && o->kind == SECONDS ? " in seconds" : "");
		if (!arg_u32(word, what, o->min, o->max, &value))
			return false;
	}
	mnl_attr_put_u32(nlh, o->attr, value);
	return true;
}

static int set(char **args)
{
	bool now_given[OPTIONS] = { false };
	bool *given = kept ? kept->given : now_given;
	struct nlmsghdr *nlh;

	_Static_assert(OPTIONS <= sizeof(kept->given), "more options than that");

	if (!at(*args)) {
		complain("an option is missing (see nat64ctl set help)");
		return EXIT_USAGE;
	}
	nlh = nl_request(NAT64_CMD_CONFIG_SET, false);
	for (; *args; args += 2) {
		const struct option *o = find(*args);

		if (!o || !arg_once(&given[o - options], o->name) ||
		    !put(nlh, o, args[1]))
			return EXIT_USAGE;
	}
	return nl_change(nlh);
}

static const struct option *only;

static void print_one(const struct option *o, uint32_t value, uint32_t len)
{
	switch (o->kind) {
	case ON_OFF:
		out_flag(o->name, value);
		return;
	case COPY:
		if (value == NAT64_CONFIG_COPY) {
			out_str(o->name, "copy");
			return;
		}
		break;
	case PREFIX4:
		if (value)
			out_fmt(o->name, "%s/%u",
				str4((struct in_addr) { value }), len);
		else
			out_str(o->name, "interface");
		return;
	case SECONDS:
	case NUMBER:
		break;
	}
	out_num(o->name, value);
}

static void print(const struct nlattr **attrs)
{
	if (out_json) {
		out_list_begin();
		out_begin();
	}
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *o = &options[i];

		if (!attrs[o->attr] || (only && only != o))
			continue;
		if (!out_json)
			out_begin();
		print_one(o, nl_u32(attrs[o->attr]),
			  o->len_attr ? nl_u32(attrs[o->len_attr]) : 0);
		if (!out_json)
			out_end();
	}
	if (out_json) {
		out_end();
		out_list_end();
	}
}

/* Of each attribute, if the kernel has it. */
struct defaults {
	bool known[NAT64_CONFIG_MAX + 1];
	uint32_t value[NAT64_CONFIG_MAX + 1];
};

static void store_defaults(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_CONFIG_MAX + 1];
	struct defaults *d = arg;

	nl_parse(nlh, NAT64_CONFIG_MAX, attrs);
	for (int i = 1; i <= NAT64_CONFIG_MAX; i++) {
		d->known[i] = attrs[i];
		d->value[i] = nl_u32(attrs[i]);
	}
}

static void print_value(const struct option *o, uint32_t value, uint32_t len,
			FILE *out)
{
	if (o->kind == ON_OFF)
		fputs(value ? "on" : "off", out);
	else if (o->kind == COPY && value == NAT64_CONFIG_COPY)
		fputs("copy", out);
	else if (o->kind == PREFIX4 && !value)
		fputs("interface", out);
	else if (o->kind == PREFIX4)
		fprintf(out, "%s/%u", str4((struct in_addr) { value }), len);
	else
		fprintf(out, "%u", value);
}

/* Words that may come next: of "show" an option, of "set", behind args, a value, too. */
void set_offer(char **args, void (*offer)(const char *word, size_t len),
	       void (*offer_choices)(const char *choices))
{
	while (args && args[0] && args[1] && args[2])
		args += 2;
	for (const struct option *o = options; o < options + OPTIONS; o++) {
		if (!args || !args[1])
			offer(o->name, strlen(o->name));
		else if (!strcmp(args[0], o->name))
			offer_choices(o->kind == ON_OFF ? "on,off" :
				      o->kind == COPY ? "copy" :
				      o->kind == PREFIX4 ? "interface" : "?");
	}
}

/* The command that has these attributes. */
void set_given(const struct nlattr **attrs, FILE *out)
{
	const struct option *o;

	fputs("set", out);
	for (o = options; o < options + OPTIONS; o++) {
		if (!attrs[o->attr])
			continue;
		fprintf(out, " %s ", o->name);
		print_value(o, nl_u32(attrs[o->attr]),
			    o->len_attr && attrs[o->len_attr] ?
			    nl_u32(attrs[o->len_attr]) : 32, out);
	}
}

static void print_option(const struct option *o, uint32_t value, uint32_t len,
			 FILE *out)
{
	fprintf(out, "set %s ", o->name);
	print_value(o, value, len, out);
	fputc('\n', out);
}

/* Those that are not the defaults. */
static void line(const struct nlattr **attrs, FILE *out)
{
	static struct defaults defaults;

	if (!defaults.known[NAT64_CONFIG_UDP_TIMEOUT])
		nl_visit(NAT64_CMD_DEFAULTS_GET, store_defaults, &defaults);
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *o = &options[i];
		uint32_t value = nl_u32(attrs[o->attr]);

		if (!attrs[o->attr] || (defaults.known[o->attr] &&
					defaults.value[o->attr] == value))
			continue;
		print_option(o, value, o->len_attr ? nl_u32(attrs[o->len_attr]) :
						     0, out);
	}
}

static int show(char **args)
{
	struct nlmsghdr *nlh;

	only = NULL;
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
"  syn-max N            most TCP SYNs from IPv4 without a binding that are kept\n" \
"                       for 6 seconds, should the client open the connection\n" \
"                       too, and then answered; 0 to 65536, default 1024\n" \
"                       (RFC 6146)\n" \
"  early-drop on|off    when a limit is reached or no port is free, make room by\n" \
"                       the end of a session whose two ends have not both been\n" \
"                       seen to go on with it, as in a flood of forged sources;\n" \
"                       default on (RFC 6888 would have it off)\n" \
"  client-prefix-len N  the IPv6 hosts of a prefix of so many bits are one client,\n" \
"                       32 to 128, default 64\n" \
"  client-session-max N most sessions that a client opens, and as many that IPv4\n" \
"                       hosts open to it, 0 for no limit, default a quarter of\n" \
"                       the default of session-max (RFC 6888)\n" \
"  client-port-max N    most ports of the pools that a client has, 0 for no\n" \
"                       limit, the default (RFC 6888)\n" \
"  client-session-rate N\n" \
"                       most sessions that a client opens a second, 0 to 65535,\n" \
"                       0 for no limit, the default\n" \
"  block-timeout N      how long a client keeps a block of ports of which none is\n" \
"                       in use, seconds, 0 to a week, default 120\n" \
"  reverse-path on|off  drop packets of no session that do not come by the\n" \
"                       interface that the route to their source leads to;\n" \
"                       default off (RFC 3704, strict)\n" \
"  icmp-rate N          most ICMP answers to packets of one client (as above, or\n" \
"                       an IPv4 address) a second, but for those of path\n" \
"                       MTU discovery; 0 to 65535, 0 for no limit but the\n" \
"                       kernel's own, default 50\n" \
"  lowest-ipv6-mtu N    largest IPv6 packet made from an IPv4 packet without\n" \
"                       DF, bytes, 1280 to 9216, default 1280 (RFC 7915)\n" \
"  udp-zero-checksum on|off\n" \
"                       compute the checksum of an IPv4 UDP packet that has\n" \
"                       none, rather than drop it; default on (RFC 7915)\n" \
"  no-binding-icmp on|off\n" \
"                       answer IPv4 packets that have no binding, or are\n" \
"                       filtered, with ICMP, rather than be silent; default\n" \
"                       off (RFC 6146)\n" \
"  tclass copy|N        traffic class towards IPv6: the TOS, or 0 to 255, ECN\n" \
"                       always copied; default copy (RFC 7915)\n" \
"  tos copy|N           TOS towards IPv4: the traffic class, or 0 to 255, ECN\n" \
"                       always copied; default copy (RFC 7915)\n" \
"  icmp-source interface|ADDRESS[/LEN]\n" \
"                       source of errors by IPv6 routers, which have no IPv4\n" \
"                       address: that of the interface, or one for each router\n" \
"                       from a pool; default interface (RFC 6791)\n" \
"  icmp-extension on|off\n" \
"                       tell the router's IPv6 address in such an error;\n" \
"                       default off (RFC 5837)\n" \
"  ftp on|off           translate the commands and replies of FTP (TCP port 21)\n" \
"                       that carry addresses; default off (RFC 6384)\n" \
"  fastpath on|off      take packets of established sessions at the interface,\n" \
"                       past routing and the rules that let the first of them\n" \
"                       pass; for one interface see nat64ctl interface;\n" \
"                       default off\n"

const struct noun set_noun = {
	.name = "set",
	.help = HELP,
	.run = set,
	.makes = "",
	.cmd_add = NAT64_CMD_CONFIG_SET,
	.cmd_get = NAT64_CMD_CONFIG_GET,
	.maxattr = NAT64_CONFIG_MAX,
	.line = line,
	.any_order = true,
};

const struct noun show_noun = { .name = "show", .help = HELP, .run = show };
