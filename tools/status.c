// SPDX-License-Identifier: GPL-2.0
#include "nat64ctl.h"

static void number(const struct nlattr **attrs, const char *key, int attr)
{
	if (attrs[attr])
		out_num(key, nl_u32(attrs[attr]));
}

static void print(const struct nlattr **attrs)
{
	out_list_begin();
	out_begin();
	out_str("version", nl_str(attrs[NAT64_STATUS_VERSION]));
	out_flag("active", nl_u8(attrs[NAT64_STATUS_ACTIVE]));
	number(attrs, "prefixes", NAT64_STATUS_PREFIXES);
	number(attrs, "pools", NAT64_STATUS_POOLS);
	number(attrs, "eips", NAT64_STATUS_EIPS);
	number(attrs, "bindings", NAT64_STATUS_BINDINGS);
	number(attrs, "sessions", NAT64_STATUS_SESSIONS);
	out_end();
	out_list_end();
}

static int run(char **args)
{
	struct nlmsghdr *nlh;

	if (*args && (match_word(*args, "show") || match_word(*args, "list")))
		args++;
	if (!arg_end(args))
		return EXIT_USAGE;
	nlh = nl_request(NAT64_CMD_STATUS_GET, false);
	return nl_get(nlh, NAT64_STATUS_MAX, print);
}

const struct noun status_noun = {
	.name = "status",
	.help =
"nat64ctl status [ show ]\n"
"\n"
"A summary of this network namespace: version of the module, whether packets\n"
"are translated (there is a prefix), and how many of everything there are.\n",
	.run = run,
};
