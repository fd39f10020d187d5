// SPDX-License-Identifier: GPL-2.0
#include <net/if.h>
#include <string.h>

#include "nat64ctl.h"

static void print(const struct nlattr **attrs)
{
	out_word("interface", nl_str(attrs[NAT64_INTERFACE_NAME]));
	out_flag("fastpath", nl_u8(attrs[NAT64_INTERFACE_FASTPATH]));
	out_str("by", attrs[NAT64_INTERFACE_WISH] ? "interface" : "default");
	if (!attrs[NAT64_INTERFACE_IFINDEX])
		out_flag("present", false);
}

static int list(char **args)
{
	if (!arg_end(args))
		return EXIT_USAGE;
	return nl_list(nl_request(NAT64_CMD_INTERFACE_GET, true), NAT64_INTERFACE_MAX,
		       print);
}

static bool put_wish(struct nlmsghdr *nlh, const char *word)
{
	bool on;

	at(word);
	if (!word)
		return fail("fastpath is missing: on, off or default");
	if (!strcmp(word, "default"))
		return true;
	if (strcmp(word, "on") && strcmp(word, "off"))
		return fail("\"%s\": fastpath is on, off or default", word);
	on = !strcmp(word, "on");
	mnl_attr_put_u8(nlh, NAT64_INTERFACE_WISH, on);
	return true;
}

static int set(char **args)
{
	char name[IF_NAMESIZE];
	struct nlmsghdr *nlh;
	bool present;
	int code;

	if (!at(*args)) {
		complain("an interface is missing");
		return EXIT_USAGE;
	}
	if (strlen(*args) >= sizeof(name)) {
		complain("\"%s\" is no name of an interface", *args);
		return EXIT_USAGE;
	}
	/* It may have other names. */
	present = if_indextoname(if_nametoindex(*args), name);
	nlh = nl_request(NAT64_CMD_INTERFACE_SET, false);
	mnl_attr_put_strz(nlh, NAT64_INTERFACE_NAME, present ? name : *args);
	if (!at(args[1]) || !match_word(args[1], "fastpath")) {
		complain("fastpath is missing");
		return EXIT_USAGE;
	}
	if (!put_wish(nlh, args[2]) || !arg_end(args + 3))
		return EXIT_USAGE;
	code = nl_change(nlh);
	if (!code && !present && !kept)
		complain("note: there is no interface \"%s\" now", *args);
	return code;
}

/* The command that has these attributes. */
void interface_given(const struct nlattr **attrs, FILE *out)
{
	const struct nlattr *wish = attrs[NAT64_INTERFACE_WISH];

	fprintf(out, "interface set %s fastpath %s",
		nl_str(attrs[NAT64_INTERFACE_NAME]),
		!wish ? "default" : nl_u8(wish) ? "on" : "off");
}

static void line(const struct nlattr **attrs, FILE *out)
{
	if (!attrs[NAT64_INTERFACE_WISH])
		return;
	interface_given(attrs, out);
	fputc('\n', out);
}

const struct noun interface_noun = {
	.name = "interface",
	.makes = "set",
	.cmd_add = NAT64_CMD_INTERFACE_SET,
	.cmd_get = NAT64_CMD_INTERFACE_GET,
	.maxattr = NAT64_INTERFACE_MAX,
	.line = line,
	.any_order = true,
	.help =
"nat64ctl interface [ list ]\n"
"nat64ctl interface set NAME fastpath on|off|default\n"
"\n"
"Whether packets that come in by an interface may take the fast path, and\n"
"whether that was said of this interface or is the default of all, which\n"
"\"nat64ctl set fastpath\" sets.  It is said of a name: of an interface that comes\n"
"later, or comes again, as well.\n",
	.verbs = (const struct verb[]) {
		{ "list", list }, { "show", list }, { "set", set }, { 0 }
	},
};
