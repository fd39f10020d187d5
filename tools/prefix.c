// SPDX-License-Identifier: GPL-2.0
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>

#include "../kmod/rfc6052.h"
#include "nat64ctl.h"

static const char *const modes[] = {
	[NAT64_PREFIX_OPEN] = "open",
	[NAT64_PREFIX_EIP] = "eip",
	[NAT64_PREFIX_CLAT] = "clat",
};

#define MODES (sizeof(modes) / sizeof(*modes))

const char *prefix_mode(uint8_t mode)
{
	return mode < MODES ? modes[mode] : "?";
}

static bool arg_mode(const char *word, uint8_t *mode)
{
	at(word);
	if (!word)
		return fail("a mode is missing: open, eip or clat");
	for (uint8_t i = 0; i < MODES; i++) {
		if (!strcmp(word, modes[i])) {
			*mode = i;
			return true;
		}
	}
	return fail("\"%s\" is not a mode: open, eip or clat", word);
}

/* The request, up to the prefix itself. */
static int request(uint8_t cmd, char ***args, struct prefix *p, struct nlmsghdr **nlh)
{
	if (!arg_prefix6(**args, &p->addr, &p->len))
		return EXIT_USAGE;
	*nlh = nl_request(cmd, false);
	nl_put_in6(*nlh, NAT64_PREFIX_ADDR, &p->addr);
	mnl_attr_put_u8(*nlh, NAT64_PREFIX_LEN, p->len);
	++*args;
	return EXIT_OK;
}

struct collection {
	struct prefix *prefixes;
	size_t count;
};

static void collect(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_PREFIX_MAX + 1];
	struct collection *c = arg;

	nl_parse(nlh, NAT64_PREFIX_MAX, attrs);
	if (nl_u8(attrs[NAT64_PREFIX_MODE]) == NAT64_PREFIX_CLAT)
		return;
	c->prefixes = alloc(c->prefixes,
			    (c->count + 1) * sizeof(*c->prefixes));
	c->prefixes[c->count++] = (struct prefix) {
		nl_in6(attrs[NAT64_PREFIX_ADDR]),
		nl_u8(attrs[NAT64_PREFIX_LEN]),
	};
}

/* One that is to be. */
static void keep_prefix(const struct nlmsghdr *nlh)
{
	struct collection c = { kept->prefixes, kept->prefix_count };

	collect(nlh, &c);
	kept->prefixes = c.prefixes;
	kept->prefix_count = c.count;
}

/* What this host has inside a prefix is not reached any more: perhaps meant, rarely. */
static void note_own(const struct prefix *p)
{
	struct ifaddrs *all, *each;
	struct in6_addr *addr;

	if (getifaddrs(&all))
		return;
	for (each = all; each; each = each->ifa_next) {
		if (!each->ifa_addr || each->ifa_addr->sa_family != AF_INET6)
			continue;
		addr = &((struct sockaddr_in6 *)each->ifa_addr)->sin6_addr;
		if (nat64_rfc6052_match(addr, &p->addr, p->len))
			complain("note: %s of %s is inside the prefix, and will not be reached",
				 str6(*addr), each->ifa_name);
	}
	freeifaddrs(all);
}

static int add(char **args)
{
	struct prefix p;
	struct nlmsghdr *nlh;
	int code = request(NAT64_CMD_PREFIX_ADD, &args, &p, &nlh);
	bool on, mode_given = false, private_given = false;
	uint8_t mode = NAT64_PREFIX_OPEN;

	if (code)
		return code;
	for (; *args; args += 2) {
		at(*args);
		if (match_word(*args, "mode")) {
			if (!arg_once(&mode_given, "mode") ||
			    !arg_mode(args[1], &mode))
				return EXIT_USAGE;
			mnl_attr_put_u8(nlh, NAT64_PREFIX_MODE, mode);
		} else if (match_word(*args, "private")) {
			if (!arg_once(&private_given, "private") ||
			    !arg_bool(args[1], "private", &on))
				return EXIT_USAGE;
			mnl_attr_put_u8(nlh, NAT64_PREFIX_PRIVATE, on);
		} else {
			complain("unexpected word \"%s\": mode or private", *args);
			return EXIT_USAGE;
		}
	}
	if (kept)
		keep_prefix(nlh);
	code = nl_change(nlh);
	if (!code && mode != NAT64_PREFIX_CLAT)
		note_own(&p);
	return code;
}

static int del(char **args)
{
	struct prefix p;
	struct nlmsghdr *nlh;
	int code = request(NAT64_CMD_PREFIX_DEL, &args, &p, &nlh);

	if (code)
		return code;
	return arg_end(args) ? nl_change(nlh) : EXIT_USAGE;
}

static void print(const struct nlattr **attrs)
{
	out_wordf("prefix", "%s/%u", str6(nl_in6(attrs[NAT64_PREFIX_ADDR])),
		  nl_u8(attrs[NAT64_PREFIX_LEN]));
	out_str("mode", prefix_mode(nl_u8(attrs[NAT64_PREFIX_MODE])));
	out_flag("private", nl_u8(attrs[NAT64_PREFIX_PRIVATE]));
}

static int list(char **args)
{
	if (!arg_end(args))
		return EXIT_USAGE;
	return nl_list(nl_request(NAT64_CMD_PREFIX_GET, true), NAT64_PREFIX_MAX,
		       print);
}

static int flush(char **args)
{
	return nl_flush(NAT64_CMD_PREFIX_FLUSH, args);
}

/* Those in use that EIPs are reached by.  The caller frees *prefixes.  An exit code. */
int prefixes_get(struct prefix **prefixes, size_t *count)
{
	struct collection c = { 0 };
	int code = nl_walk(nl_request(NAT64_CMD_PREFIX_GET, true), collect, &c);

	*prefixes = c.prefixes;
	*count = c.count;
	return code;
}

static void line(const struct nlattr **attrs, FILE *out)
{
	fprintf(out, "prefix add %s/%u", str6(nl_in6(attrs[NAT64_PREFIX_ADDR])),
		nl_u8(attrs[NAT64_PREFIX_LEN]));
	if (nl_u8(attrs[NAT64_PREFIX_MODE]) != NAT64_PREFIX_OPEN)
		fprintf(out, " mode %s",
			prefix_mode(nl_u8(attrs[NAT64_PREFIX_MODE])));
	if (nl_u8(attrs[NAT64_PREFIX_PRIVATE]))
		fputs(" private on", out);
	fputc('\n', out);
}

const struct noun prefix_noun = {
	.name = "prefix",
	.makes = "add",
	.cmd_add = NAT64_CMD_PREFIX_ADD,
	.cmd_get = NAT64_CMD_PREFIX_GET,
	.maxattr = NAT64_PREFIX_MAX,
	.line = line,
	.help =
"nat64ctl prefix [ list ]\n"
"nat64ctl prefix add PREFIX/LEN [ mode open|eip|clat ] [ private on|off ]\n"
"nat64ctl prefix del PREFIX/LEN\n"
"nat64ctl prefix flush\n"
"\n"
"IPv6 prefixes that stand for IPv4 (RFC 6052), of length 32, 40, 48, 56, 64\n"
"or 96.  The first prefix switches translation on, the last one off.  A prefix\n"
"that is removed takes its sessions with it.\n"
"\n"
"  mode open    any IPv4 destination (default)\n"
"  mode eip     bound EIPs only, anything else is refused with ICMPv6\n"
"  mode clat    none: the prefix of a NAT64 elsewhere, to which EIPs with clat on\n"
"               lead (RFC 6877); anything else that is sent to it passes\n"
"  private on   IPv4 addresses that are not global may be embedded, such as\n"
"               10.0.0.0/8; default off, but for those of EIPs (RFC 6052)\n",
	.verbs = (const struct verb[]) {
		{ "list", list }, { "show", list }, { "add", add },
		{ "del", del }, { "delete", del }, { "flush", flush }, { 0 }
	},
};
