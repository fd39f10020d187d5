// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>

#include "nat64ctl.h"

static void print_end6(const struct nlattr *addr, const char *addr_key,
		       const struct nlattr *port, const char *port_key)
{
	if (addr)
		out_endpoint(addr_key, str6(nl_in6(addr)), port_key,
			     ntohs(nl_u16(port)));
}

static void print_end4(const struct nlattr *addr, const char *addr_key,
		       const struct nlattr *port, const char *port_key)
{
	if (addr)
		out_endpoint(addr_key, str4(nl_in(addr)), port_key,
			     ntohs(nl_u16(port)));
}

/* Protocol, and addresses and ports of either side, if they are known. */
void session_tuples(const struct nlattr **attrs)
{
	out_word("proto", proto_name(nl_u8(attrs[NAT64_SESSION_PROTO])));
	print_end6(attrs[NAT64_SESSION_LOCAL6], "local6",
		   attrs[NAT64_SESSION_LPORT6], "lport6");
	print_end6(attrs[NAT64_SESSION_REMOTE6], "remote6",
		   attrs[NAT64_SESSION_RPORT], "rport6");
	if (!out_json && attrs[NAT64_SESSION_LOCAL6] &&
	    attrs[NAT64_SESSION_LOCAL4])
		out_word("arrow", "=>");
	print_end4(attrs[NAT64_SESSION_LOCAL4], "local4",
		   attrs[NAT64_SESSION_LPORT4], "lport4");
	print_end4(attrs[NAT64_SESSION_REMOTE4], "remote4",
		   attrs[NAT64_SESSION_RPORT], "rport4");
}

static void print(const struct nlattr **attrs)
{
	uint8_t state;

	session_tuples(attrs);
	if (attrs[NAT64_SESSION_STATE]) {
		state = nl_u8(attrs[NAT64_SESSION_STATE]);
		out_word("state", state < __NAT64_TCP_MAX ? tcp_states[state] :
							    "?");
	}
	out_num("expires",
		nl_u32(attrs[NAT64_SESSION_EXPIRES]) / 1000);
}

/* And what is known of it besides. */
static void print_all(const struct nlattr **attrs)
{
	print(attrs);
	out_str("from", attrs[NAT64_SESSION_IS_FROM4] ? "ipv4" : "ipv6");
	out_str("binding", attrs[NAT64_SESSION_IS_STATIC] ? "static" :
			   attrs[NAT64_SESSION_IS_ALONE] ? "none" : "dynamic");
	out_flag("assured", attrs[NAT64_SESSION_IS_ASSURED]);
}

static const struct filter filters[] = {
	{ "proto", FILTER_PROTO, NAT64_SESSION_PROTO, 0 },
	{ "local6", FILTER_NET6, NAT64_SESSION_LOCAL6,
	  NAT64_SESSION_LOCAL6_LEN },
	{ "lport6", FILTER_PORT, NAT64_SESSION_LPORT6, 0 },
	{ "remote6", FILTER_NET6, NAT64_SESSION_REMOTE6,
	  NAT64_SESSION_REMOTE6_LEN },
	{ "rport6", FILTER_PORT, NAT64_SESSION_RPORT, 0 },
	{ "local4", FILTER_NET4, NAT64_SESSION_LOCAL4,
	  NAT64_SESSION_LOCAL4_LEN },
	{ "lport4", FILTER_PORT, NAT64_SESSION_LPORT4, 0 },
	{ "remote4", FILTER_NET4, NAT64_SESSION_REMOTE4,
	  NAT64_SESSION_REMOTE4_LEN },
	{ "rport4", FILTER_PORT, NAT64_SESSION_RPORT, 0 },
	{ "state", FILTER_STATE, NAT64_SESSION_STATE, 0 },
};

#define FILTERS (sizeof(filters) / sizeof(filters[0]))

static int get(char **args, nl_entry_t *entry)
{
	struct nlmsghdr *nlh = nl_request(NAT64_CMD_SESSION_GET, true);

	if (!filter_put(nlh, filters, FILTERS, args))
		return EXIT_USAGE;
	return nl_list(nlh, NAT64_SESSION_MAX, entry);
}

static int list(char **args)
{
	return get(args, print);
}

static int show(char **args)
{
	return get(args, print_all);
}

static int flush(char **args)
{
	struct nlmsghdr *nlh = nl_request(NAT64_CMD_SESSION_FLUSH, false);

	if (!filter_put(nlh, filters, FILTERS, args))
		return EXIT_USAGE;
	return nl_change(nlh);
}

void session_flush_given(const struct nlattr **attrs, FILE *out)
{
	fputs("session flush", out);
	filter_given(attrs, filters, FILTERS, out);
}

const struct noun session_noun = {
	.name = "session",
	.help =
"nat64ctl session [ list | show | flush ] [ proto tcp|udp|icmp ]\n"
"\t[ local6 PREFIX6 ] [ lport6 PORT ] [ remote6 PREFIX6 ] [ rport6 PORT ]\n"
"\t[ local4 PREFIX4 ] [ lport4 PORT ] [ remote4 PREFIX4 ] [ rport4 PORT ]\n"
"\t[ state STATE ]\n"
"\n"
"The session table (RFC 6146), one line a session: protocol, the IPv6 host and\n"
"what it sees of the IPv4 host, what the IPv4 host sees of it and the IPv4\n"
"host, each with its port, for icmp the id; the state of TCP; seconds left.\n"
"Those that have all that is given, by the names that -j shows; all sessions, if\n"
"nothing is given.  A state is one\n"
"of v4-init, v6-init, established, v4-fin, v6-fin, v4-v6-fin and trans.\n"
"\"show\" tells more: who has opened it; the kind of its binding (none with\n"
"address- and port-dependent mapping); whether it is assured: both ends have\n"
"been seen to go on with it, so that no other takes its place.\n"
"\"flush\" ends them, and the dynamic bindings that are left without a session.\n",
	.verbs = (const struct verb[]) {
		{ "list", list }, { "show", show }, { "flush", flush }, { 0 }
	},
};
