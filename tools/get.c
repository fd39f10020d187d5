// SPDX-License-Identifier: GPL-2.0
/*
 * "get": what would become of a packet, and why.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "nat64ctl.h"

/* Of TCP and UDP, unless told. */
#define SPORT 40000

static bool put_addr(struct nlmsghdr *nlh, const char *word, uint16_t attr6,
		     uint16_t attr4)
{
	struct in6_addr addr6;
	struct in_addr addr4;

	at(word);
	if (!word)
		return fail("an address is missing");
	if (inet_pton(AF_INET6, word, &addr6) == 1)
		nl_put_in6(nlh, attr6, &addr6);
	else if (inet_pton(AF_INET, word, &addr4) == 1)
		mnl_attr_put_u32(nlh, attr4, addr4.s_addr);
	else
		return fail("\"%s\" is neither an IPv4 nor an IPv6 address",
			    word);
	return true;
}

static bool put_device(struct nlmsghdr *nlh, const char *word)
{
	unsigned int ifindex;

	at(word);
	if (!word)
		return fail("an interface is missing");
	ifindex = if_nametoindex(word);
	if (!ifindex)
		return fail("there is no interface \"%s\"", word);
	mnl_attr_put_u32(nlh, NAT64_EXPLAIN_IIF, ifindex);
	return true;
}

enum word { FROM, TO, TCP, UDP, ICMP, SPORT_WORD, DPORT, ID, IIF, LEN, HOPS, DF, ACK,
	    MARK };

static const struct {
	const char *name;
	enum word word;
} words[] = {
	{ "from", FROM }, { "to", TO }, { "tcp", TCP }, { "udp", UDP },
	{ "icmp", ICMP }, { "sport", SPORT_WORD }, { "dport", DPORT },
	{ "id", ID }, { "iif", IIF }, { "len", LEN }, { "hops", HOPS },
	{ "df", DF }, { "ack", ACK }, { "mark", MARK },
};

#define WORDS (sizeof(words) / sizeof(words[0]))

static bool put_port(struct nlmsghdr *nlh, const char *word, uint16_t attr)
{
	uint16_t port;

	if (!arg_port(word, &port))
		return false;
	mnl_attr_put_u16(nlh, attr, htons(port));
	return true;
}

static bool put_number(struct nlmsghdr *nlh, const char *word, const char *what,
		       uint16_t attr, uint32_t min, uint32_t max)
{
	uint32_t value;

	if (!arg_u32(word, what, min, max, &value))
		return false;
	if (attr == NAT64_EXPLAIN_HOPS)
		mnl_attr_put_u8(nlh, attr, value);
	else
		mnl_attr_put_u32(nlh, attr, value);
	return true;
}

/* One word, and its value if it has one. */
static bool put_word(struct nlmsghdr *nlh, enum word word, char ***args)
{
	const char *value = (*args)[1];
	bool alone = false, good = true;

	switch (word) {
	case FROM:
		good = put_addr(nlh, value, NAT64_EXPLAIN_SRC6,
				NAT64_EXPLAIN_SRC4);
		break;
	case TO:
		good = put_addr(nlh, value, NAT64_EXPLAIN_DST6,
				NAT64_EXPLAIN_DST4);
		break;
	case TCP:
	case UDP:
	case ICMP:
		mnl_attr_put_u8(nlh, NAT64_EXPLAIN_PROTO,
				word == TCP ? IPPROTO_TCP :
				word == UDP ? IPPROTO_UDP : IPPROTO_ICMP);
		alone = true;
		break;
	case SPORT_WORD:
	case ID:
		good = put_port(nlh, value, NAT64_EXPLAIN_SPORT);
		break;
	case DPORT:
		good = put_port(nlh, value, NAT64_EXPLAIN_DPORT);
		break;
	case IIF:
		good = put_device(nlh, value);
		break;
	case LEN:
		good = put_number(nlh, value, "length", NAT64_EXPLAIN_LEN, 68,
				  65535);
		break;
	case HOPS:
		good = put_number(nlh, value, "hop limit", NAT64_EXPLAIN_HOPS, 0,
				  255);
		break;
	case MARK:
		good = put_number(nlh, value, "mark", NAT64_EXPLAIN_MARK, 0,
				  UINT32_MAX);
		break;
	case DF:
	case ACK:
		mnl_attr_put(nlh, word == DF ? NAT64_EXPLAIN_DF :
					       NAT64_EXPLAIN_ACK, 0, NULL);
		alone = true;
		break;
	}
	*args += alone ? 1 : 2;
	return good;
}

/* What is to be given once, whatever it is called. */
static unsigned int slot(enum word word)
{
	if (word == UDP || word == ICMP)
		return TCP;
	return word == ID ? SPORT_WORD : word;
}

static bool put_packet(struct nlmsghdr *nlh, char **args)
{
	bool given[WORDS] = { false }, said[WORDS] = { false }, with_ports, is6[2];

	while (*args) {
		const typeof(words[0]) *w =
			arg_entry(*args, words, sizeof(words[0]), WORDS,
				  "a part of a packet (see nat64ctl get help)");

		if (!w || !arg_once(&given[slot(w->word)], w->name))
			return false;
		said[w->word] = true;
		if (w->word == FROM || w->word == TO)
			is6[w->word] = args[1] && strchr(args[1], ':');
		if (!put_word(nlh, w->word, &args))
			return false;
	}
	at(NULL);
	with_ports = said[TCP] || said[UDP];
	if (!given[FROM] || !given[TO])
		return fail("%s is missing", given[FROM] ? "to ADDRESS" :
						      "from ADDRESS");
	if (is6[FROM] != is6[TO])
		return fail("from and to are of different families");
	if ((said[SPORT_WORD] || said[DPORT]) && !with_ports)
		return fail("sport and dport are of tcp and udp");
	if (said[ID] && with_ports)
		return fail("id is of icmp");
	if (said[ACK] && !said[TCP])
		return fail("ack is of tcp");
	if (with_ports && !said[DPORT])
		return fail("dport PORT is missing");
	if (with_ports && !given[SPORT_WORD])
		mnl_attr_put_u16(nlh, NAT64_EXPLAIN_SPORT, htons(SPORT));
	return true;
}

static const char *device(uint32_t ifindex)
{
	static char name[IF_NAMESIZE];

	return if_indextoname(ifindex, name) ? name : "?";
}

static void next_line(void)
{
	if (!out_json) {
		out_end();
		out_begin();
	}
}

static void print_prefix(const struct nlattr *nest)
{
	const struct nlattr *attrs[NAT64_PREFIX_MAX + 1];

	if (!nest)
		return;
	nl_parse_nested(nest, NAT64_PREFIX_MAX, attrs);
	next_line();
	out_fmt("prefix", "%s/%u", str6(nl_in6(attrs[NAT64_PREFIX_ADDR])),
		nl_u8(attrs[NAT64_PREFIX_LEN]));
	out_str("mode", prefix_mode(nl_u8(attrs[NAT64_PREFIX_MODE])));
	out_flag("private", nl_u8(attrs[NAT64_PREFIX_PRIVATE]));
}

static void print_eip(const struct nlattr *nest)
{
	const struct nlattr *attrs[NAT64_EIP_MAX + 1];

	if (!nest)
		return;
	nl_parse_nested(nest, NAT64_EIP_MAX, attrs);
	next_line();
	out_fmt("eip", "%s/%u", str4(nl_in(attrs[NAT64_EIP_ADDR])),
		nl_u8(attrs[NAT64_EIP_LEN]));
	if (attrs[NAT64_EIP_TARGET6])
		out_fmt("target", "%s/%u",
			str6(nl_in6(attrs[NAT64_EIP_TARGET6])),
			nl_u8(attrs[NAT64_EIP_TARGET6_LEN]));
	else
		out_str("target", str4(nl_in(attrs[NAT64_EIP_TARGET4])));
}

static void print_pool(const struct nlattr *nest)
{
	const struct nlattr *attrs[NAT64_POOL_MAX + 1];

	if (!nest)
		return;
	nl_parse_nested(nest, NAT64_POOL_MAX, attrs);
	next_line();
	out_fmt("pool", "%s/%u", str4(nl_in(attrs[NAT64_POOL_ADDR])),
		nl_u8(attrs[NAT64_POOL_LEN]));
}

/* A binding and a session that are there, or would be made; EIPs need none. */
static void print_state(const struct nlattr **attrs)
{
	const struct nlattr *binding[NAT64_BINDING_MAX + 1];
	const struct nlattr *session[NAT64_SESSION_MAX + 1];

	if (!attrs[NAT64_EXPLAIN_POOL] && !attrs[NAT64_EXPLAIN_BINDING])
		return;
	if (!attrs[NAT64_EXPLAIN_POOL])
		next_line();
	nl_parse_nested(attrs[NAT64_EXPLAIN_BINDING], NAT64_BINDING_MAX, binding);
	nl_parse_nested(attrs[NAT64_EXPLAIN_SESSION], NAT64_SESSION_MAX, session);
	out_str("binding", !attrs[NAT64_EXPLAIN_BINDING] ? "new" :
			   binding[NAT64_BINDING_STATIC] ? "static" : "dynamic");
	out_str("session", attrs[NAT64_EXPLAIN_SESSION] ? "there" : "new");
}

static void print_route(const struct nlattr **attrs)
{
	if (!attrs[NAT64_EXPLAIN_OIF])
		return;
	next_line();
	out_str("oif", device(nl_u32(attrs[NAT64_EXPLAIN_OIF])));
	if (attrs[NAT64_EXPLAIN_GATEWAY4])
		out_str("via", str4(nl_in(attrs[NAT64_EXPLAIN_GATEWAY4])));
	if (attrs[NAT64_EXPLAIN_GATEWAY6])
		out_str("via", str6(nl_in6(attrs[NAT64_EXPLAIN_GATEWAY6])));
	out_num("mtu", nl_u32(attrs[NAT64_EXPLAIN_MTU]));
}

static void print_packet(const struct nlattr **attrs)
{
	uint16_t sport = ntohs(nl_u16(attrs[NAT64_EXPLAIN_SPORT]));
	uint16_t dport = ntohs(nl_u16(attrs[NAT64_EXPLAIN_DPORT]));
	bool is6 = attrs[NAT64_EXPLAIN_SRC6];

	if (attrs[NAT64_EXPLAIN_DST6] || attrs[NAT64_EXPLAIN_DST4])
		next_line();
	if (!is6 && !attrs[NAT64_EXPLAIN_SRC4]) {
		if (attrs[NAT64_EXPLAIN_DST6])
			out_str("to", str6(nl_in6(attrs[NAT64_EXPLAIN_DST6])));
		else if (attrs[NAT64_EXPLAIN_DST4])
			out_str("to", str4(nl_in(attrs[NAT64_EXPLAIN_DST4])));
		return;
	}
	out_str("proto", proto_name(nl_u8(attrs[NAT64_EXPLAIN_PROTO])));
	out_str("from", is6 ? str6(nl_in6(attrs[NAT64_EXPLAIN_SRC6])) :
			      str4(nl_in(attrs[NAT64_EXPLAIN_SRC4])));
	out_num(attrs[NAT64_EXPLAIN_DPORT] ? "sport" : "id", sport);
	out_str("to", is6 ? str6(nl_in6(attrs[NAT64_EXPLAIN_DST6])) :
			    str4(nl_in(attrs[NAT64_EXPLAIN_DST4])));
	if (attrs[NAT64_EXPLAIN_DPORT])
		out_num("dport", dport);
	out_num("hops", nl_u8(attrs[NAT64_EXPLAIN_HOPS]));
	out_num("len", nl_u32(attrs[NAT64_EXPLAIN_LEN]));
	if (attrs[NAT64_EXPLAIN_HAIRPIN])
		out_flag("hairpin", true);
}

static const char *const verdicts[] = {
	[NAT64_EXPLAIN_PASSES] = "passes",
	[NAT64_EXPLAIN_TRANSLATED] = "translated",
	[NAT64_EXPLAIN_DROPPED] = "dropped",
};

static void print(const struct nlattr **attrs)
{
	uint8_t verdict = nl_u8(attrs[NAT64_EXPLAIN_VERDICT]);
	const char *reason = nl_str(attrs[NAT64_EXPLAIN_REASON]);
	const char *why = reason_text(reason);

	out_list_begin();
	out_begin();
	out_word("verdict", verdict <= NAT64_EXPLAIN_DROPPED ?
			    verdicts[verdict] : "?");
	if (attrs[NAT64_EXPLAIN_REASON])
		out_word("reason", reason);
	out_str("iif", device(nl_u32(attrs[NAT64_EXPLAIN_IIF])));
	if (verdict == NAT64_EXPLAIN_DROPPED && attrs[NAT64_EXPLAIN_MTU])
		out_num("mtu", nl_u32(attrs[NAT64_EXPLAIN_MTU]));
	if (verdict == NAT64_EXPLAIN_PASSES)
		why = attrs[NAT64_EXPLAIN_REASON] ?
		      "nobody claims it, and its destination is not ours alone" :
		      "no prefix, pool or EIP is for packets of its kind";
	if (why) {
		next_line();
		out_str("because", why);
	}
	print_prefix(attrs[NAT64_EXPLAIN_PREFIX]);
	print_eip(attrs[NAT64_EXPLAIN_EIP]);
	print_pool(attrs[NAT64_EXPLAIN_POOL]);
	print_state(attrs);
	print_packet(attrs);
	print_route(attrs);
	out_end();
	out_list_end();
}

static int run(char **args)
{
	struct nlmsghdr *nlh = nl_request(NAT64_CMD_EXPLAIN, false);

	if (!put_packet(nlh, args))
		return EXIT_USAGE;
	return nl_get(nlh, NAT64_EXPLAIN_MAX, print);
}

const struct noun get_noun = {
	.name = "get",
	.help =
"nat64ctl get from ADDRESS to ADDRESS [ tcp|udp|icmp ] [ sport PORT ] [ dport PORT ]\n"
"\t[ id ID ] [ ack ] [ iif INTERFACE ] [ len BYTES ] [ hops N ] [ df ]\n"
"\t[ mark N ]\n"
"\n"
"What would become of such a packet, and why: passed by, translated to what and sent\n"
"where, or dropped for which reason.  Nothing is sent, no session is made.  By\n"
"default it is an echo request; of TCP the SYN that begins a connection, with\n"
"\"ack\" one of a connection under way; of 100 bytes, with hop limit 64, from a\n"
"port 40000, at the interface to which the way back to its source leads.  A new port\n"
"is one that would do.  What rules of the firewall would do with it, this does not\n"
"tell; nor that a new session may take the place of one that nobody goes on with\n"
"(early-drop), nor that a SYN from IPv4 that nobody claims is stored for a moment.\n"
"IPsec policies are asked, which may start a negotiation.\n",
	.run = run,
};
