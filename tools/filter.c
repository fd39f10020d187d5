// SPDX-License-Identifier: GPL-2.0
/*
 * Which entries of a table are asked for.
 */
#include <arpa/inet.h>
#include <string.h>

#include "nat64ctl.h"

const char *const tcp_states[__NAT64_TCP_MAX] = {
	[NAT64_TCP_CLOSED] = "closed",
	[NAT64_TCP_V4_INIT] = "v4-init",
	[NAT64_TCP_V6_INIT] = "v6-init",
	[NAT64_TCP_ESTABLISHED] = "established",
	[NAT64_TCP_V4_FIN] = "v4-fin",
	[NAT64_TCP_V6_FIN] = "v6-fin",
	[NAT64_TCP_V4_V6_FIN] = "v4-v6-fin",
	[NAT64_TCP_TRANS] = "trans",
};

static bool put_state(struct nlmsghdr *nlh, uint16_t attr, const char *word)
{
	at(word);
	if (!word)
		return fail("a state is missing");
	for (uint8_t i = 0; i < __NAT64_TCP_MAX; i++) {
		if (!strcmp(word, tcp_states[i])) {
			mnl_attr_put_u8(nlh, attr, i);
			return true;
		}
	}
	return fail("\"%s\" is not a state of TCP (see nat64ctl session help)",
		    word);
}

static bool put(struct nlmsghdr *nlh, const struct filter *f, const char *word)
{
	struct in6_addr addr6;
	struct in_addr addr4;
	uint16_t port;
	uint32_t u32;
	uint8_t u8;

	switch (f->kind) {
	case FILTER_PROTO:
		if (!arg_proto(word, &u8))
			return false;
		mnl_attr_put_u8(nlh, f->attr, u8);
		return true;
	case FILTER_NET6:
		if (!arg_net6(word, &addr6, &u8))
			return false;
		nl_put_in6(nlh, f->attr, &addr6);
		mnl_attr_put_u8(nlh, f->len_attr, u8);
		return true;
	case FILTER_NET4:
		if (!arg_prefix4(word, &addr4, &u8))
			return false;
		mnl_attr_put_u32(nlh, f->attr, addr4.s_addr);
		mnl_attr_put_u8(nlh, f->len_attr, u8);
		return true;
	case FILTER_PORT:
		if (!arg_port(word, &port))
			return false;
		mnl_attr_put_u16(nlh, f->attr, htons(port));
		return true;
	case FILTER_LEAST:
		if (!arg_u32(word, f->name, 0, UINT32_MAX, &u32))
			return false;
		mnl_attr_put_u32(nlh, f->attr, u32);
		return true;
	case FILTER_STATE:
		return put_state(nlh, f->attr, word);
	case FILTER_STATIC:
		at(word);
		if (!word || strcmp(word, "static"))
			return fail(word ? "\"%s\": those of type static can be asked for" :
				    "a type is missing: static", word);
		mnl_attr_put(nlh, f->attr, 0, NULL);
		return true;
	}
	return false;
}

/* Put what entries are to have, NAME VALUE and so on, into a request. */
bool filter_put(struct nlmsghdr *nlh, const struct filter *filters, size_t count,
		char **args)
{
	bool given[NAT64_SESSION_MAX + 1] = { false };

	for (; *args; args += 2) {
		const struct filter *f = arg_entry(*args, filters, sizeof(*f),
						   count, "something to select by");

		if (!f || !arg_once(&given[f->attr], f->name) ||
		    !put(nlh, f, args[1]))
			return false;
	}
	return true;
}

static void write_value(const struct filter *f, const struct nlattr **attrs, FILE *out)
{
	const struct nlattr *attr = attrs[f->attr], *len = attrs[f->len_attr];

	switch (f->kind) {
	case FILTER_PROTO:
		fputs(proto_name(nl_u8(attr)), out);
		break;
	case FILTER_NET6:
		fprintf(out, "%s/%u", str6(nl_in6(attr)), len ? nl_u8(len) : 128);
		break;
	case FILTER_NET4:
		fprintf(out, "%s/%u", str4(nl_in(attr)), len ? nl_u8(len) : 32);
		break;
	case FILTER_PORT:
		fprintf(out, "%u", ntohs(nl_u16(attr)));
		break;
	case FILTER_LEAST:
		fprintf(out, "%u", nl_u32(attr));
		break;
	case FILTER_STATE:
		fputs(nl_u8(attr) < __NAT64_TCP_MAX ? tcp_states[nl_u8(attr)] : "?",
		      out);
		break;
	case FILTER_STATIC:
		fputs("static", out);
		break;
	}
}

/* The words that have been put into a request, each behind a space. */
void filter_given(const struct nlattr **attrs, const struct filter *filters,
		  size_t count, FILE *out)
{
	for (const struct filter *f = filters; f < filters + count; f++) {
		const struct filter *same = filters;

		/* Two words may be one attribute. */
		while (same->attr != f->attr)
			same++;
		if (same != f || !attrs[f->attr])
			continue;
		fprintf(out, " %s ", f->name);
		write_value(f, attrs, out);
	}
}
