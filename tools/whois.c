// SPDX-License-Identifier: GPL-2.0
/*
 * "whois": which client has an IPv4 address and port.
 */
#include <arpa/inet.h>
#include <string.h>

#include "nat64ctl.h"

/* Who is looked for, and how many were found; the EIP's target, if there is one. */
struct search {
	struct held who;
	unsigned int found;
	char eip[INET6_ADDRSTRLEN];
	uint8_t eip_len;
	bool published;		/* a port, by a static binding */
	unsigned int maxattr;	/* of the entries that are being asked for */
	nl_entry_t *print;
};

/* Of a prefix bound to another one, the address that goes with addr. */
static struct in6_addr suffixed(struct in6_addr target, uint8_t target_len,
				struct in_addr addr, uint8_t len)
{
	uint32_t a = ntohl(addr.s_addr);

	for (; len < 32; len++, target_len++)
		if (a & 1u << (31 - len))
			target.s6_addr[target_len / 8] |= 0x80 >> target_len % 8;
	return target;
}

/* The longest match holds. */
static void find_eip(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_EIP_MAX + 1];
	struct search *search = arg;
	uint32_t first, differ;
	uint8_t len;

	nl_parse(nlh, NAT64_EIP_MAX, attrs);
	first = ntohl(nl_in(attrs[NAT64_EIP_ADDR]).s_addr);
	len = nl_u8(attrs[NAT64_EIP_LEN]);
	differ = first ^ ntohl(search->who.addr.s_addr);
	if ((len && differ >> (32 - len)) || (*search->eip && len < search->eip_len))
		return;
	search->eip_len = len;
	if (attrs[NAT64_EIP_TARGET6])
		strcpy(search->eip,
		       str6(suffixed(nl_in6(attrs[NAT64_EIP_TARGET6]),
				     nl_u8(attrs[NAT64_EIP_TARGET6_LEN]),
				     search->who.addr, len)));
	else
		strcpy(search->eip, str4((struct in_addr) {
			nl_in(attrs[NAT64_EIP_TARGET4]).s_addr | htonl(differ) }));
}

static void print_eip(struct search *search)
{
	if (!*search->eip)
		return;
	search->found++;
	out_begin();
	out_str("eip", str4(search->who.addr));
	out_str("to", search->eip);
	out_end();
}

static void print_found(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_BINDING_MAX + NAT64_BLOCK_MAX + 1];
	struct search *search = arg;

	nl_parse(nlh, search->maxattr, attrs);
	search->found++;
	search->published |= search->print == binding_print &&
			     attrs[NAT64_BINDING_STATIC];
	out_begin();
	search->print(attrs);
	out_end();
}

/* The others are their bindings'. */
static void print_alone(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_SESSION_MAX + 1];
	struct search *search = arg;

	nl_parse(nlh, NAT64_SESSION_MAX, attrs);
	if (!attrs[NAT64_SESSION_IS_ALONE])
		return;
	search->found++;
	out_begin();
	session_tuples(attrs);
	out_end();
}

static struct nlmsghdr *request(const struct search *search, uint8_t cmd,
				uint16_t addr, uint16_t port, uint16_t proto)
{
	struct nlmsghdr *nlh = nl_request(cmd, true);

	mnl_attr_put_u32(nlh, addr, search->who.addr.s_addr);
	if (!search->who.any_port)
		mnl_attr_put_u16(nlh, port, htons(search->who.port));
	if (proto && !search->who.any_proto)
		mnl_attr_put_u8(nlh, proto, search->who.proto);
	return nlh;
}

static int find_entries(struct search *search, struct nlmsghdr *nlh,
			unsigned int maxattr, nl_entry_t *print)
{
	search->maxattr = maxattr;
	search->print = print;
	return nl_walk(nlh, print_found, search);
}

static int find(struct search *search)
{
	int code = nl_walk(nl_request(NAT64_CMD_EIP_GET, true), find_eip, search);

	if (!code) {
		print_eip(search);
		code = find_entries(search, request(search, NAT64_CMD_BINDING_GET,
						    NAT64_BINDING_ADDR4,
						    NAT64_BINDING_PORT4,
						    NAT64_BINDING_PROTO),
				    NAT64_BINDING_MAX, binding_print);
	}
	/*
	 * All protocols have the same block, but a static binding in it is none of
	 * the client's.
	 */
	if (!code && !(search->published && !search->who.any_port &&
		       !search->who.any_proto))
		code = find_entries(search, request(search, NAT64_CMD_BLOCK_GET,
						    NAT64_BLOCK_ADDR4,
						    NAT64_BLOCK_PORT, 0),
				    NAT64_BLOCK_MAX, block_print);
	if (!code)
		code = nl_walk(request(search, NAT64_CMD_SESSION_GET,
				       NAT64_SESSION_LOCAL4,
				       NAT64_SESSION_LPORT4,
				       NAT64_SESSION_PROTO),
			       print_alone, search);
	return code;
}

/* Of PORT and PROTO each may be left out.  The words behind them, or NULL. */
static char **read_who(char **args, struct held *who)
{
	if (!arg_addr4(*args++, &who->addr))
		return NULL;
	who->any_port = !*args || match_word(*args, "at");
	if (!who->any_port && !arg_port(*args++, &who->port))
		return NULL;
	who->any_proto = !*args || match_word(*args, "at");
	if (!who->any_proto && !arg_proto(*args++, &who->proto))
		return NULL;
	return args;
}

static int run(char **args)
{
	struct search search = { 0 };
	int code;

	args = read_who(args, &search.who);
	if (!args)
		return EXIT_USAGE;
	if (*args && match_word(*args, "at")) {
		if (!held_time(*++args, &search.who) || (*++args && !arg_end(args + 1)))
			return EXIT_USAGE;
		return held(*args ? *args : "-", &search.who);
	}
	if (!arg_end(args))
		return EXIT_USAGE;
	out_list_begin();
	code = find(&search);
	out_list_end();
	if (code || search.found)
		return code;
	complain("nobody has it now");
	return EXIT_DIFFERS;
}

const struct noun whois_noun = {
	.name = "whois",
	.help =
"nat64ctl whois ADDRESS4 [ PORT [ tcp|udp|icmp ] ] [ at TIME [ FILE ] ]\n"
"\n"
"Which host has an IPv4 address now, or a port of it (for icmp, the id): the\n"
"EIP's target, the bindings, the client whose block it is of, or, where the pool's\n"
"mapping is address- and port-dependent, the sessions, each with its remote end.\n"
"Exit code 3 if nobody has.\n"
"\n"
"With \"at\", which client had it then, by a log: the lines of \"nat64ctl -j monitor\",\n"
"as \"journalctl -o cat -u nat64-log\" prints them, in FILE or, without or with \"-\",\n"
"on the standard input.  TIME is in UTC, as 2026-11-23T03:12:44Z; without a fraction\n"
"it is that whole second, in which there may have been several.  \"since\" and \"until\"\n"
"say from when to when; \"seen\", that it had begun before the log tells of it;\n"
"\"gone\", that its end was not logged, and it was over by then.  Where the log does\n"
"not reach, or lines of it were lost about that time, a message says so; if lines of\n"
"it cannot be read, exit code 1 does, too.  EIPs and static bindings are in no log:\n"
"they are the configuration's.\n",
	.run = run,
};
