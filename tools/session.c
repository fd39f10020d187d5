// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>

#include "nat64ctl.h"

static const char *const states[__NAT64_TCP_MAX] = {
	[NAT64_TCP_CLOSED] = "closed",
	[NAT64_TCP_V4_INIT] = "v4-init",
	[NAT64_TCP_V6_INIT] = "v6-init",
	[NAT64_TCP_ESTABLISHED] = "established",
	[NAT64_TCP_V4_FIN] = "v4-fin",
	[NAT64_TCP_V6_FIN] = "v6-fin",
	[NAT64_TCP_V4_V6_FIN] = "v4-v6-fin",
	[NAT64_TCP_TRANS] = "trans",
};

static void print(const struct nlattr **attrs)
{
	uint16_t rport = ntohs(nl_u16(attrs[NAT64_SESSION_RPORT]));
	uint8_t state;

	out_word("proto",
		 proto_name(nl_u8(attrs[NAT64_SESSION_PROTO])));
	out_endpoint("local6", str6(nl_in6(attrs[NAT64_SESSION_LOCAL6])),
		 "lport6",
		 ntohs(nl_u16(attrs[NAT64_SESSION_LPORT6])));
	out_endpoint("remote6", str6(nl_in6(attrs[NAT64_SESSION_REMOTE6])),
		 "rport6", rport);
	if (!out_json)
		out_word("arrow", "=>");
	out_endpoint("local4", str4(nl_in(attrs[NAT64_SESSION_LOCAL4])), "lport4",
		 ntohs(nl_u16(attrs[NAT64_SESSION_LPORT4])));
	out_endpoint("remote4", str4(nl_in(attrs[NAT64_SESSION_REMOTE4])),
		 "rport4", rport);
	if (attrs[NAT64_SESSION_STATE]) {
		state = nl_u8(attrs[NAT64_SESSION_STATE]);
		out_word("state", state < __NAT64_TCP_MAX ? states[state] :
							    "?");
	}
	out_num("expires",
		nl_u32(attrs[NAT64_SESSION_EXPIRES]) / 1000);
}

static int list(char **args)
{
	if (!arg_end(args))
		return EXIT_USAGE;
	return nl_list(NAT64_CMD_SESSION_GET, NAT64_SESSION_MAX, print);
}

static int flush(char **args)
{
	return nl_flush(NAT64_CMD_SESSION_FLUSH, args);
}

const struct noun session_noun = {
	.name = "session",
	.help =
"nat64ctl session [ list ]\n"
"nat64ctl session flush\n"
"\n"
"The session table (RFC 6146), one line a session: protocol, the IPv6 host and\n"
"what it sees of the IPv4 host, what the IPv4 host sees of it and the IPv4\n"
"host, each with its port, for icmp the id; the state of TCP; seconds left.\n"
"\"flush\" ends all sessions, and with them the dynamic bindings.\n",
	.verbs = (const struct verb[]) {
		{ "list", list }, { "show", list }, { "flush", flush }, { 0 }
	},
};
