// SPDX-License-Identifier: GPL-2.0
#include "nat64ctl.h"

/* Its client, its ports, and how long it has been the client's. */
void block_print(const struct nlattr **attrs)
{
	out_wordf("client", "%s/%u", str6(nl_in6(attrs[NAT64_BLOCK_CLIENT])),
		  nl_u8(attrs[NAT64_BLOCK_CLIENT_LEN]));
	out_str("addr4", str4(nl_in(attrs[NAT64_BLOCK_ADDR4])));
	out_fmt("ports", "%u-%u", nl_u16(attrs[NAT64_BLOCK_PORT_MIN]),
		nl_u16(attrs[NAT64_BLOCK_PORT_MAX]));
	out_keyed_time("since", nl_u64(attrs[NAT64_BLOCK_SINCE]));
}

static void print(const struct nlattr **attrs)
{
	block_print(attrs);
	out_num("used", nl_u32(attrs[NAT64_BLOCK_USED]));
}

static const struct filter filters[] = {
	{ "client", FILTER_NET6, NAT64_BLOCK_CLIENT, NAT64_BLOCK_CLIENT_LEN },
	{ "addr4", FILTER_NET4, NAT64_BLOCK_ADDR4, NAT64_BLOCK_ADDR4_LEN },
	{ "port", FILTER_PORT, NAT64_BLOCK_PORT, 0 },
};

static int list(char **args)
{
	struct nlmsghdr *nlh = nl_request(NAT64_CMD_BLOCK_GET, true);

	if (!filter_put(nlh, filters, sizeof(filters) / sizeof(filters[0]), args))
		return EXIT_USAGE;
	return nl_list(nlh, NAT64_BLOCK_MAX, print);
}

const struct noun block_noun = {
	.name = "block",
	.help =
"nat64ctl block [ list [ client PREFIX6 ] [ addr4 PREFIX4 ] [ port PORT ] ]\n"
"\n"
"Blocks of ports that clients have, of pools with block-size: a client, which is the\n"
"IPv6 hosts of a prefix (client-prefix-len), gets one when it wants a port that its\n"
"blocks do not have, and gives it back when no port of it has been in use for\n"
"block-timeout, or when none is left for another client.  All protocols have the same\n"
"block, and ICMP ids too.  \"monitor block\" tells when.  \"list\" takes what blocks are\n"
"to have; \"used\" is how many ports are in use, of all protocols.\n",
	.verbs = (const struct verb[]) {
		{ "list", list }, { "show", list }, { 0 }
	},
};
