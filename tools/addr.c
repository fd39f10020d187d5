// SPDX-License-Identifier: GPL-2.0
/*
 * "addr": arithmetic of RFC 6052, without the kernel.
 */
#include <string.h>

#include "../kmod/rfc6052.h"
#include "nat64ctl.h"

static int run(char **args)
{
	struct in6_addr prefix, addr6;
	struct in_addr addr4;
	const char *wrong;
	uint8_t len;

	if (!arg_prefix6(args[0], &prefix, &len))
		return EXIT_USAGE;
	wrong = nat64_rfc6052_check(&prefix, len);
	if (wrong) {
		complain("%s: %s", args[0], wrong);
		return EXIT_USAGE;
	}
	if (!args[1]) {
		complain("an address is missing");
		return EXIT_USAGE;
	}
	if (!arg_end(args + 2))
		return EXIT_USAGE;

	if (!strchr(args[1], ':')) {
		if (!arg_addr4(args[1], &addr4))
			return EXIT_USAGE;
		nat64_rfc6052_embed(&addr6, &prefix, len, addr4.s_addr);
	} else {
		if (!arg_addr6(args[1], &addr6))
			return EXIT_USAGE;
		if (!nat64_rfc6052_match(&addr6, &prefix, len)) {
			complain("%s is not in %s", args[1], args[0]);
			return EXIT_USAGE;
		}
		addr4.s_addr = nat64_rfc6052_extract(&addr6, len);
	}
	out_list_begin();
	out_begin();
	if (out_json) {
		out_str("ipv4", str4(addr4));
		out_str("ipv6", str6(addr6));
	} else {
		out_word("addr", strchr(args[1], ':') ? str4(addr4) :
							str6(addr6));
	}
	out_end();
	out_list_end();
	return EXIT_OK;
}

const struct noun addr_noun = {
	.name = "addr",
	.help =
"nat64ctl addr PREFIX/LEN ADDRESS\n"
"\n"
"The IPv6 form of an IPv4 address under a prefix, or back (RFC 6052).  The\n"
"kernel is not asked.\n",
	.run = run,
};
