// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../kmod/rfc6052.h"
#include "nat64ctl.h"

/* To read an EIP in its IPv6 form, and to print it. */
static const struct prefix *prefixes;
static size_t prefix_count;

/* Those in use; while requests are kept for later, those that are to be. */
static int get_prefixes(void)
{
	static struct prefix *in_use;
	int code = EXIT_OK;

	if (kept) {
		prefixes = kept->prefixes;
		prefix_count = kept->prefix_count;
	} else {
		free(in_use);
		code = prefixes_get(&in_use, &prefix_count);
		prefixes = in_use;
	}
	return code;
}

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
	complain("EIP %s is outside any prefix", at(word));
	return kept ? EXIT_USAGE : EXIT_KERNEL;
}

/* Of one EIP, the addresses by which IPv6 clients reach it. */
static void print_ipv6(struct in_addr eip, bool shown)
{
	char texts[prefix_count + 1][INET6_ADDRSTRLEN];
	const char *list[prefix_count + 1];
	struct in6_addr addr6;
	size_t n = 0;

	for (size_t i = 0; i < prefix_count && shown; i++) {
		nat64_rfc6052_embed(&addr6, &prefixes[i].addr, prefixes[i].len,
				    eip.s_addr);
		list[n] = strcpy(texts[n], str6(addr6));
		n++;
	}
	out_strings("ipv6", list, n);
}

struct eip {
	struct in_addr addr;
	uint8_t len;
	char target[INET6_ADDRSTRLEN];
	uint8_t target_len;
	bool to6;
	bool clat;
};

static void print_eip(const struct eip *eip)
{
	uint8_t host = eip->to6 ? 128 : 32;

	out_begin();
	if (eip->len == 32)
		out_word("eip", str4(eip->addr));
	else
		out_wordf("eip", "%s/%u", str4(eip->addr), eip->len);
	if (eip->target_len == host)
		out_str("to", eip->target);
	else
		out_fmt("to", "%s/%u", eip->target, eip->target_len);
	print_ipv6(eip->addr, !eip->to6 && eip->len == 32);
	if (eip->clat)
		out_flag("clat", true);
	out_end();
}

/* An EIP, or a prefix of them.  An exit code. */
static int arg_eips(const char *word, struct eip *eip)
{
	if (word && !strchr(word, ':') && strchr(word, '/')) {
		if (!arg_prefix4(word, &eip->addr, &eip->len))
			return EXIT_USAGE;
		if (eip->len >= 8)
			return EXIT_OK;
		complain("\"%s\": the length of EIPs is 8 to 32", at(word));
		return EXIT_USAGE;
	}
	eip->len = 32;
	return arg_eip(word, &eip->addr);
}

/* What comes behind "to". */
static bool arg_target(char *word, struct eip *eip, struct in6_addr *target6,
		       struct in_addr *target4)
{
	char *slash;

	at(word);
	if (!word)
		return fail("a target is missing: an IPv4 or IPv6 address");
	slash = strchr(word, '/');
	eip->to6 = strchr(word, ':');
	if (eip->to6 && slash) {
		if (!arg_prefix6(word, target6, &eip->target_len))
			return false;
	} else if (eip->to6) {
		eip->target_len = 128;
		if (!arg_addr6(word, target6))
			return false;
	} else if (slash) {
		if (!arg_prefix4(word, target4, &eip->target_len))
			return false;
	} else if (inet_pton(AF_INET, word, target4) == 1) {
		eip->target_len = 32;
	} else {
		return fail("\"%s\" is neither an IPv4 nor an IPv6 address",
			    word);
	}
	if (!eip->to6 && eip->target_len != eip->len)
		return fail("\"%s\": target and EIPs are of different length",
			    word);
	strcpy(eip->target, eip->to6 ? str6(*target6) : str4(*target4));
	return true;
}

static int add(char **args)
{
	int code = get_prefixes();
	bool to_given = false, clat_given = false;
	struct in6_addr target6;
	struct in_addr target4;
	struct eip eip = { 0 };
	struct nlmsghdr *nlh;

	if (!code)
		code = arg_eips(*args, &eip);
	if (code)
		return code;
	target4 = eip.addr;
	eip.target_len = eip.len;
	strcpy(eip.target, str4(eip.addr));
	for (args++; *args; args += 2) {
		at(*args);
		if (match_word(*args, "to")) {
			if (!arg_once(&to_given, "to") ||
			    !arg_target(args[1], &eip, &target6, &target4))
				return EXIT_USAGE;
		} else if (match_word(*args, "clat")) {
			if (!arg_once(&clat_given, "clat") ||
			    !arg_bool(args[1], "clat", &eip.clat))
				return EXIT_USAGE;
		} else {
			complain("unexpected word \"%s\": to or clat", *args);
			return EXIT_USAGE;
		}
	}
	nlh = nl_request(NAT64_CMD_EIP_ADD, false);
	mnl_attr_put_u32(nlh, NAT64_EIP_ADDR, eip.addr.s_addr);
	mnl_attr_put_u8(nlh, NAT64_EIP_LEN, eip.len);
	if (eip.to6) {
		nl_put_in6(nlh, NAT64_EIP_TARGET6, &target6);
		mnl_attr_put_u8(nlh, NAT64_EIP_TARGET6_LEN, eip.target_len);
	} else {
		mnl_attr_put_u32(nlh, NAT64_EIP_TARGET4, target4.s_addr);
	}
	if (eip.clat)
		mnl_attr_put(nlh, NAT64_EIP_CLAT, 0, NULL);
	code = nl_change(nlh);
	if (code || kept)
		return code;
	out_list_begin();
	print_eip(&eip);
	out_list_end();
	return EXIT_OK;
}

static int del(char **args)
{
	int code = get_prefixes();
	struct eip eip = { 0 };
	struct nlmsghdr *nlh;

	if (!code)
		code = arg_eips(*args, &eip);
	if (code)
		return code;
	if (!arg_end(args + 1))
		return EXIT_USAGE;
	nlh = nl_request(NAT64_CMD_EIP_DEL, false);
	mnl_attr_put_u32(nlh, NAT64_EIP_ADDR, eip.addr.s_addr);
	mnl_attr_put_u8(nlh, NAT64_EIP_LEN, eip.len);
	return nl_change(nlh);
}

static struct eip from_attrs(const struct nlattr **attrs)
{
	struct eip eip = { 0 };

	eip.addr = nl_in(attrs[NAT64_EIP_ADDR]);
	eip.len = attrs[NAT64_EIP_LEN] ? nl_u8(attrs[NAT64_EIP_LEN]) : 32;
	eip.to6 = attrs[NAT64_EIP_TARGET6];
	eip.clat = attrs[NAT64_EIP_CLAT];
	if (eip.to6) {
		strcpy(eip.target, str6(nl_in6(attrs[NAT64_EIP_TARGET6])));
		eip.target_len = attrs[NAT64_EIP_TARGET6_LEN] ?
			nl_u8(attrs[NAT64_EIP_TARGET6_LEN]) : 128;
	} else {
		strcpy(eip.target, str4(attrs[NAT64_EIP_TARGET4] ?
				       nl_in(attrs[NAT64_EIP_TARGET4]) : eip.addr));
		eip.target_len = eip.len;
	}
	return eip;
}

static void print(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_EIP_MAX + 1];
	struct eip eip;

	(void)arg;
	nl_parse(nlh, NAT64_EIP_MAX, attrs);
	eip = from_attrs(attrs);
	print_eip(&eip);
}

static void line(const struct nlattr **attrs, FILE *out)
{
	struct eip eip = from_attrs(attrs);
	const char *addr = str4(eip.addr);

	fprintf(out, "eip add %s", addr);
	if (eip.len != 32)
		fprintf(out, "/%u", eip.len);
	if (strcmp(addr, eip.target)) {
		fprintf(out, " to %s", eip.target);
		if (eip.target_len != (eip.to6 ? 128 : 32))
			fprintf(out, "/%u", eip.target_len);
	}
	if (eip.clat)
		fputs(" clat on", out);
	fputc('\n', out);
}

static int list(char **args)
{
	int code;

	if (!arg_end(args))
		return EXIT_USAGE;
	code = get_prefixes();
	if (code)
		return code;
	out_list_begin();
	code = nl_walk(nl_request(NAT64_CMD_EIP_GET, true), print, NULL);
	out_list_end();
	return code;
}

static int flush(char **args)
{
	return nl_flush(NAT64_CMD_EIP_FLUSH, args);
}

const struct noun eip_noun = {
	.name = "eip",
	.makes = "add",
	.cmd_add = NAT64_CMD_EIP_ADD,
	.cmd_get = NAT64_CMD_EIP_GET,
	.maxattr = NAT64_EIP_MAX,
	.line = line,
	.any_order = true,
	.help =
"nat64ctl eip [ list ]\n"
"nat64ctl eip add EIP[/LEN] [ to TARGET[/LEN] ] [ clat on|off ]\n"
"nat64ctl eip del EIP[/LEN]\n"
"nat64ctl eip flush\n"
"\n"
"A public IPv4 address bound to one server, also written as an IPv6 address\n"
"inside a prefix; or a prefix of them, 8 to 32 bits long.  One EIP has one\n"
"target, and one target one EIP.  Of prefixes inside one another the longest\n"
"match holds, both ways.\n"
"\n"
"  to IPv4      IPv6 clients reach this IPv4 server by the IPv6 form of the\n"
"               EIP, which is printed; without \"to\" the EIP is the server's\n"
"               own address\n"
"  to IPv6      this IPv6 server has the EIP in IPv4, one to one both ways and\n"
"               for every protocol (RFC 7757), and may reach any IPv4 host\n"
"               through any prefix; the bits behind an EIP prefix stand right\n"
"               behind the IPv6 prefix\n"
"  clat on      this side of 464XLAT (RFC 6877): the EIP is the address of an\n"
"               IPv4 host here, this one perhaps, whose packets to any IPv4\n"
"               address go on in IPv6, from the target to the first prefix\n",
	.verbs = (const struct verb[]) {
		{ "list", list }, { "show", list }, { "add", add },
		{ "del", del }, { "delete", del }, { "flush", flush }, { 0 }
	},
};
