// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../kmod/rfc6052.h"
#include "nat64ctl.h"

static struct prefix *prefixes;
static size_t prefix_count;

/* An EIP as IPv4, or as IPv6 inside a prefix.  An exit code. */
static int arg_eip(const char *word, struct in_addr *eip)
{
	struct in6_addr addr6;

	if (!word || !strchr(word, ':'))
		return arg_addr4(word, eip) ? EXIT_OK : EXIT_USAGE;
	if (!arg_addr6(word, &addr6))
		return EXIT_USAGE;
	for (size_t i = 0; i < prefix_count; i++) {
		const struct prefix *p = &prefixes[i];

		if (nat64_rfc6052_match(&addr6, &p->addr, p->len)) {
			eip->s_addr = nat64_rfc6052_extract(&addr6, p->len);
			return EXIT_OK;
		}
	}
	complain("EIP %s is outside any prefix", word);
	return EXIT_KERNEL;
}

static void print_eip(struct in_addr eip, const char *target, bool to6)
{
	char texts[prefix_count + 1][INET6_ADDRSTRLEN];
	const char *list[prefix_count + 1];
	struct in6_addr addr6;
	size_t n = 0;

	out_begin();
	out_word("eip", str4(eip));
	out_str("to", target);
	for (size_t i = 0; i < prefix_count && !to6; i++) {
		nat64_rfc6052_embed(&addr6, &prefixes[i].addr, prefixes[i].len,
				    eip.s_addr);
		list[n] = strcpy(texts[n], str6(addr6));
		n++;
	}
	out_strings("ipv6", list, n);
	out_end();
}

static int add(char **args)
{
	int code = prefixes_get(&prefixes, &prefix_count);
	const char *target = NULL;
	struct in6_addr target6;
	struct in_addr eip, target4;
	struct nlmsghdr *nlh;
	bool to6 = false;

	if (!code)
		code = arg_eip(*args, &eip);
	if (code)
		return code;
	target4 = eip;
	if (*++args) {
		if (strcmp(*args, "to")) {
			complain("unexpected word \"%s\": to", *args);
			return EXIT_USAGE;
		}
		target = *++args;
		if (!target) {
			complain("a target is missing: an IPv4 or IPv6 address");
			return EXIT_USAGE;
		}
		to6 = inet_pton(AF_INET6, target, &target6) == 1;
		if (!to6 && inet_pton(AF_INET, target, &target4) != 1) {
			complain("\"%s\" is neither an IPv4 nor an IPv6 address",
			     target);
			return EXIT_USAGE;
		}
		if (!arg_end(++args))
			return EXIT_USAGE;
	}
	nlh = nl_request(NAT64_CMD_EIP_ADD, false);
	mnl_attr_put_u32(nlh, NAT64_EIP_ADDR, eip.s_addr);
	if (to6)
		nl_put_in6(nlh, NAT64_EIP_TARGET6, &target6);
	else
		mnl_attr_put_u32(nlh, NAT64_EIP_TARGET4, target4.s_addr);
	code = nl_change(nlh);
	if (code)
		return code;
	out_list_begin();
	print_eip(eip, to6 ? str6(target6) : str4(target4), to6);
	out_list_end();
	return EXIT_OK;
}

static int del(char **args)
{
	int code = prefixes_get(&prefixes, &prefix_count);
	struct nlmsghdr *nlh;
	struct in_addr eip;

	if (!code)
		code = arg_eip(*args, &eip);
	if (code)
		return code;
	if (!arg_end(args + 1))
		return EXIT_USAGE;
	nlh = nl_request(NAT64_CMD_EIP_DEL, false);
	mnl_attr_put_u32(nlh, NAT64_EIP_ADDR, eip.s_addr);
	return nl_change(nlh);
}

static void print(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_EIP_MAX + 1];
	bool to6;

	(void)arg;
	nl_parse(nlh, NAT64_EIP_MAX, attrs);
	to6 = attrs[NAT64_EIP_TARGET6];
	print_eip(nl_in(attrs[NAT64_EIP_ADDR]),
		  to6 ? str6(nl_in6(attrs[NAT64_EIP_TARGET6])) :
			str4(nl_in(attrs[NAT64_EIP_TARGET4])), to6);
}

static int list(char **args)
{
	int code;

	if (!arg_end(args))
		return EXIT_USAGE;
	code = prefixes_get(&prefixes, &prefix_count);
	if (code)
		return code;
	out_list_begin();
	code = nl_walk(NAT64_CMD_EIP_GET, print, NULL);
	out_list_end();
	return code;
}

static int flush(char **args)
{
	return nl_flush(NAT64_CMD_EIP_FLUSH, args);
}

const struct noun eip_noun = {
	.name = "eip",
	.help =
"nat64ctl eip [ list ]\n"
"nat64ctl eip add EIP [ to TARGET ]\n"
"nat64ctl eip del EIP\n"
"nat64ctl eip flush\n"
"\n"
"A public IPv4 address bound to one server, also written as an IPv6 address\n"
"inside a prefix.  One EIP has one target, and one target one EIP.\n"
"\n"
"  to IPv4      IPv6 clients reach this IPv4 server by the IPv6 form of the\n"
"               EIP, which is printed; without \"to\" the EIP is the server's\n"
"               own address\n"
"  to IPv6      this IPv6 server has the EIP in IPv4, one to one both ways\n"
"               (RFC 7757), and may reach any IPv4 host through any prefix\n",
	.verbs = (const struct verb[]) {
		{ "list", list }, { "show", list }, { "add", add },
		{ "del", del }, { "delete", del }, { "flush", flush }, { 0 }
	},
};
