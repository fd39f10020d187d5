// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <string.h>

#include "nat64ctl.h"

static int request(uint8_t cmd, char ***args, struct nlmsghdr **nlh)
{
	struct in_addr addr4;
	uint16_t port4;
	uint8_t proto;
	char **a = *args;

	if (!arg_proto(a[0], &proto) || !arg_addr4(a[1], &addr4) ||
	    !arg_port(a[2], &port4))
		return EXIT_USAGE;
	*nlh = nl_request(cmd, false);
	mnl_attr_put_u8(*nlh, NAT64_BINDING_PROTO, proto);
	mnl_attr_put_u32(*nlh, NAT64_BINDING_ADDR4, addr4.s_addr);
	mnl_attr_put_u16(*nlh, NAT64_BINDING_PORT4, htons(port4));
	*args += 3;
	return EXIT_OK;
}

static int add(char **args)
{
	struct nlmsghdr *nlh;
	int code = request(NAT64_CMD_BINDING_ADD, &args, &nlh);
	struct in6_addr addr6;
	uint16_t port6;

	if (code)
		return code;
	if (!*args || !match_word(*args, "to")) {
		at(*args);
		complain(*args ? "\"to\" is wanted, not \"%s\"" :
			     "the target is missing: to ADDRESS [ PORT ]",
		     *args);
		return EXIT_USAGE;
	}
	if (!arg_addr6(*++args, &addr6))
		return EXIT_USAGE;
	nl_put_in6(nlh, NAT64_BINDING_ADDR6, &addr6);
	if (*++args) {
		if (!arg_port(*args, &port6) || !arg_end(args + 1))
			return EXIT_USAGE;
		mnl_attr_put_u16(nlh, NAT64_BINDING_PORT6, htons(port6));
	}
	return nl_change(nlh);
}

static int del(char **args)
{
	struct nlmsghdr *nlh;
	int code = request(NAT64_CMD_BINDING_DEL, &args, &nlh);

	if (code)
		return code;
	return arg_end(args) ? nl_change(nlh) : EXIT_USAGE;
}

/* Protocol, and address and port of either side. */
void binding_ends(const struct nlattr **attrs)
{
	out_word("proto",
		 proto_name(nl_u8(attrs[NAT64_BINDING_PROTO])));
	out_endpoint("addr4", str4(nl_in(attrs[NAT64_BINDING_ADDR4])), "port4",
		     ntohs(nl_u16(attrs[NAT64_BINDING_PORT4])));
	if (!out_json)
		out_word("to", "to");
	out_endpoint("addr6", str6(nl_in6(attrs[NAT64_BINDING_ADDR6])),
		     "port6", ntohs(nl_u16(attrs[NAT64_BINDING_PORT6])));
}

void binding_print(const struct nlattr **attrs)
{
	binding_ends(attrs);
	out_word("type", attrs[NAT64_BINDING_STATIC] ? "static" : "dynamic");
	out_num("sessions", nl_u32(attrs[NAT64_BINDING_SESSIONS]));
}

static const struct filter filters[] = {
	{ "proto", FILTER_PROTO, NAT64_BINDING_PROTO, 0 },
	{ "addr4", FILTER_NET4, NAT64_BINDING_ADDR4, NAT64_BINDING_ADDR4_LEN },
	{ "port4", FILTER_PORT, NAT64_BINDING_PORT4, 0 },
	{ "addr6", FILTER_NET6, NAT64_BINDING_ADDR6, NAT64_BINDING_ADDR6_LEN },
	{ "port6", FILTER_PORT, NAT64_BINDING_PORT6, 0 },
	{ "type", FILTER_STATIC, NAT64_BINDING_STATIC, 0 },
};

static int list(char **args)
{
	struct nlmsghdr *nlh = nl_request(NAT64_CMD_BINDING_GET, true);

	if (!filter_put(nlh, filters, sizeof(filters) / sizeof(filters[0]), args))
		return EXIT_USAGE;
	return nl_list(nlh, NAT64_BINDING_MAX, binding_print);
}

static int flush(char **args)
{
	return nl_flush(NAT64_CMD_BINDING_FLUSH, args);
}

static void line(const struct nlattr **attrs, FILE *out)
{
	const struct nlattr *to = attrs[NAT64_BINDING_PORT6];
	uint16_t port4 = ntohs(nl_u16(attrs[NAT64_BINDING_PORT4]));
	uint16_t port6 = to ? ntohs(nl_u16(to)) : port4;

	fprintf(out, "binding add %s %s %u to %s",
		proto_name(nl_u8(attrs[NAT64_BINDING_PROTO])),
		str4(nl_in(attrs[NAT64_BINDING_ADDR4])), port4,
		str6(nl_in6(attrs[NAT64_BINDING_ADDR6])));
	if (port6 != port4)
		fprintf(out, " %u", port6);
	fputc('\n', out);
}

const struct noun binding_noun = {
	.name = "binding",
	.makes = "add",
	.cmd_add = NAT64_CMD_BINDING_ADD,
	.cmd_get = NAT64_CMD_BINDING_GET,
	.get_flag = NAT64_BINDING_STATIC,
	.maxattr = NAT64_BINDING_MAX,
	.line = line,
	.any_order = true,
	.help =
"nat64ctl binding [ list [ proto tcp|udp|icmp ] [ addr4 PREFIX4 ] [ port4 PORT ]\n"
"\t[ addr6 PREFIX6 ] [ port6 PORT ] [ type static ] ]\n"
"nat64ctl binding add tcp|udp|icmp ADDRESS4 PORT to ADDRESS6 [ PORT ]\n"
"nat64ctl binding del tcp|udp|icmp ADDRESS4 PORT\n"
"nat64ctl binding flush\n"
"\n"
"The binding table (RFC 6146).  A static binding publishes one port of an IPv6\n"
"host at an IPv4 address, in a pool or not; the port (for icmp, the id) is the\n"
"same on both sides unless given.  \"flush\" removes all static bindings;\n"
"dynamic ones go with their sessions.  \"list\" takes what bindings are to have, by\n"
"the names that -j shows.\n",
	.verbs = (const struct verb[]) {
		{ "list", list }, { "show", list }, { "add", add },
		{ "del", del }, { "delete", del }, { "flush", flush }, { 0 }
	},
};
