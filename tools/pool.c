// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "nat64ctl.h"

static int request(uint8_t cmd, char ***args, struct nlmsghdr **nlh)
{
	struct in_addr addr;
	uint8_t len;

	if (!arg_prefix4(**args, &addr, &len))
		return EXIT_USAGE;
	if (len < 16) {
		complain("\"%s\": the length of a pool is 16 to 32", **args);
		return EXIT_USAGE;
	}
	*nlh = nl_request(cmd, false);
	mnl_attr_put_u32(*nlh, NAT64_POOL_ADDR, addr.s_addr);
	mnl_attr_put_u8(*nlh, NAT64_POOL_LEN, len);
	++*args;
	return EXIT_OK;
}

static bool arg_ports(char *word, uint32_t *min, uint32_t *max)
{
	char *dash;

	if (!word)
		return fail("ports is missing: MIN-MAX");
	dash = strchr(word, '-');
	if (!dash)
		return fail("\"%s\" is not a range of ports, MIN-MAX", word);
	*dash = 0;
	return arg_u32(word, "port", 1, 65535, min) &&
	       arg_u32(dash + 1, "port", 1, 65535, max);
}

static int add(char **args)
{
	struct nlmsghdr *nlh;
	int code = request(NAT64_CMD_POOL_ADD, &args, &nlh);
	bool given = false;
	uint32_t min, max;

	if (code)
		return code;
	for (; *args; args += 2) {
		if (!match_word(*args, "ports")) {
			complain("unexpected word \"%s\": ports", *args);
			return EXIT_USAGE;
		}
		if (!arg_once(&given, "ports") ||
		    !arg_ports(args[1], &min, &max))
			return EXIT_USAGE;
		mnl_attr_put_u16(nlh, NAT64_POOL_PORT_MIN, min);
		mnl_attr_put_u16(nlh, NAT64_POOL_PORT_MAX, max);
	}
	return nl_change(nlh);
}

static int del(char **args)
{
	struct nlmsghdr *nlh;
	int code = request(NAT64_CMD_POOL_DEL, &args, &nlh);

	if (code)
		return code;
	return arg_end(args) ? nl_change(nlh) : EXIT_USAGE;
}

static void print(const struct nlattr **attrs)
{
	out_wordf("pool", "%s/%u", str4(nl_in(attrs[NAT64_POOL_ADDR])),
		  nl_u8(attrs[NAT64_POOL_LEN]));
	out_fmt("ports", "%u-%u", nl_u16(attrs[NAT64_POOL_PORT_MIN]),
		nl_u16(attrs[NAT64_POOL_PORT_MAX]));
	out_num("tcp", nl_u32(attrs[NAT64_POOL_USED_TCP]));
	out_num("udp", nl_u32(attrs[NAT64_POOL_USED_UDP]));
	out_num("icmp", nl_u32(attrs[NAT64_POOL_USED_ICMP]));
}

static int list(char **args)
{
	if (!arg_end(args))
		return EXIT_USAGE;
	return nl_list(NAT64_CMD_POOL_GET, NAT64_POOL_MAX, print);
}

static int flush(char **args)
{
	return nl_flush(NAT64_CMD_POOL_FLUSH, args);
}

const struct noun pool_noun = {
	.name = "pool",
	.help =
"nat64ctl pool [ list ]\n"
"nat64ctl pool add ADDRESS[/LEN] [ ports MIN-MAX ]\n"
"nat64ctl pool del ADDRESS[/LEN]\n"
"nat64ctl pool flush\n"
"\n"
"IPv4 addresses, /16 to /32, and their ports (default 1-65535; the same range\n"
"serves ICMP ids) that stand for IPv6 hosts.  A host keeps one address as long\n"
"as that has ports.  If an address is also the host's own, leave the host ports\n"
"of its own by \"ports\".  A pool that is removed takes its sessions with it.\n"
"The list tells how many ports are in use, by protocol.\n",
	.verbs = (const struct verb[]) {
		{ "list", list }, { "show", list }, { "add", add },
		{ "del", del }, { "delete", del }, { "flush", flush }, { 0 }
	},
};
