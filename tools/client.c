// SPDX-License-Identifier: GPL-2.0
#include "nat64ctl.h"

static void print(const struct nlattr **attrs)
{
	out_wordf("client", "%s/%u", str6(nl_in6(attrs[NAT64_CLIENT_PREFIX])),
		  nl_u8(attrs[NAT64_CLIENT_LEN]));
	out_num("sessions", nl_u32(attrs[NAT64_CLIENT_SESSIONS]));
	out_num("from4", nl_u32(attrs[NAT64_CLIENT_SESSIONS4]));
	out_num("ports", nl_u32(attrs[NAT64_CLIENT_PORTS]));
	out_num("opened", nl_u32(attrs[NAT64_CLIENT_OPENED]));
}

static const struct filter filters[] = {
	{ "client", FILTER_NET6, NAT64_CLIENT_PREFIX, NAT64_CLIENT_LEN },
	{ "sessions", FILTER_LEAST, NAT64_CLIENT_SESSIONS, 0 },
};

static int list(char **args)
{
	struct nlmsghdr *nlh = nl_request(NAT64_CMD_CLIENT_GET, true);

	if (!filter_put(nlh, filters, sizeof(filters) / sizeof(filters[0]), args))
		return EXIT_USAGE;
	return nl_list(nlh, NAT64_CLIENT_MAX, print);
}

const struct noun client_noun = {
	.name = "client",
	.help =
"nat64ctl client [ list [ client PREFIX6 ] [ sessions N ] ]\n"
"\n"
"Clients that have sessions.  A client is the IPv6 hosts of a prefix\n"
"(client-prefix-len); what they have together is held against its limits:\n"
"\n"
"  sessions  that it has opened, against client-session-max\n"
"  from4     that IPv4 hosts have opened to it, against the same\n"
"  ports     of the pools, against client-port-max\n"
"  opened    sessions, in this second, against client-session-rate; 0 where that is\n"
"            not set\n"
"\n"
"\"list\" takes where they are to be, and how many sessions they are to have at least,\n"
"of both kinds.\n",
	.verbs = (const struct verb[]) {
		{ "list", list }, { "show", list }, { 0 }
	},
};
