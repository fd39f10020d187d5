// SPDX-License-Identifier: GPL-2.0
/*
 * Which sessions and bindings a request is about: those that have all that it has.
 */
#include <linux/inetdevice.h>
#include <net/ipv6.h>

#include "block.h"
#include "client.h"
#include "filter.h"
#include "netlink.h"
#include "session.h"

const struct nla_policy nat64_filter_sessions[NAT64_SESSION_MAX + 1] = {
	[NAT64_SESSION_PROTO] = NLA_POLICY_MIN(NLA_U8, 1),
	[NAT64_SESSION_LOCAL6] = NAT64_POLICY_IN6,
	[NAT64_SESSION_LPORT6] = { .type = NLA_U16 },
	[NAT64_SESSION_REMOTE6] = NAT64_POLICY_IN6,
	[NAT64_SESSION_LOCAL4] = { .type = NLA_U32 },
	[NAT64_SESSION_LPORT4] = { .type = NLA_U16 },
	[NAT64_SESSION_REMOTE4] = { .type = NLA_U32 },
	[NAT64_SESSION_RPORT] = { .type = NLA_U16 },
	[NAT64_SESSION_STATE] = NLA_POLICY_MAX(NLA_U8, __NAT64_TCP_MAX - 1),
	[NAT64_SESSION_EXPIRES] = { .type = NLA_REJECT },
	[NAT64_SESSION_LOCAL6_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[NAT64_SESSION_REMOTE6_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[NAT64_SESSION_LOCAL4_LEN] = NLA_POLICY_MAX(NLA_U8, 32),
	[NAT64_SESSION_REMOTE4_LEN] = NLA_POLICY_MAX(NLA_U8, 32),
	[NAT64_SESSION_IS_FROM4] = { .type = NLA_REJECT },
	[NAT64_SESSION_IS_ASSURED] = { .type = NLA_REJECT },
	[NAT64_SESSION_IS_STATIC] = { .type = NLA_REJECT },
	[NAT64_SESSION_IS_ALONE] = { .type = NLA_REJECT },
};

const struct nla_policy nat64_filter_bindings[NAT64_BINDING_MAX + 1] = {
	[NAT64_BINDING_PROTO] = NLA_POLICY_MIN(NLA_U8, 1),
	[NAT64_BINDING_ADDR6] = NAT64_POLICY_IN6,
	[NAT64_BINDING_PORT6] = { .type = NLA_U16 },
	[NAT64_BINDING_ADDR4] = { .type = NLA_U32 },
	[NAT64_BINDING_PORT4] = { .type = NLA_U16 },
	[NAT64_BINDING_STATIC] = { .type = NLA_FLAG },
	[NAT64_BINDING_SESSIONS] = { .type = NLA_REJECT },
	[NAT64_BINDING_ADDR6_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[NAT64_BINDING_ADDR4_LEN] = NLA_POLICY_MAX(NLA_U8, 32),
};

const struct nla_policy nat64_filter_blocks[NAT64_BLOCK_MAX + 1] = {
	[NAT64_BLOCK_CLIENT] = NAT64_POLICY_IN6,
	[NAT64_BLOCK_CLIENT_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[NAT64_BLOCK_ADDR4] = { .type = NLA_U32 },
	[NAT64_BLOCK_PORT_MIN] = { .type = NLA_REJECT },
	[NAT64_BLOCK_PORT_MAX] = { .type = NLA_REJECT },
	[NAT64_BLOCK_USED] = { .type = NLA_REJECT },
	[NAT64_BLOCK_PORT] = { .type = NLA_U16 },
	[NAT64_BLOCK_ADDR4_LEN] = NLA_POLICY_MAX(NLA_U8, 32),
	[NAT64_BLOCK_SINCE] = { .type = NLA_REJECT },
	[NAT64_BLOCK_PAD] = { .type = NLA_REJECT },
};

const struct nla_policy nat64_filter_clients[NAT64_CLIENT_MAX + 1] = {
	[NAT64_CLIENT_PREFIX] = NAT64_POLICY_IN6,
	[NAT64_CLIENT_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[NAT64_CLIENT_SESSIONS] = { .type = NLA_U32 },
	[NAT64_CLIENT_SESSIONS4] = { .type = NLA_REJECT },
	[NAT64_CLIENT_PORTS] = { .type = NLA_REJECT },
	[NAT64_CLIENT_OPENED] = { .type = NLA_REJECT },
};

static int no_addr(const struct nlattr *len, struct netlink_ext_ack *extack)
{
	if (!len)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, len, "a length without its address");
	return -EINVAL;
}

static int take_addr6(const struct nlattr *attr, const struct nlattr *len,
		      struct in6_addr *addr, u8 *bits,
		      struct netlink_ext_ack *extack)
{
	if (!attr)
		return no_addr(len, extack);
	*addr = nla_get_in6_addr(attr);
	*bits = len ? nla_get_u8(len) : 128;
	return 0;
}

static int take_addr4(const struct nlattr *attr, const struct nlattr *len,
		      __be32 *addr, __be32 *mask, struct netlink_ext_ack *extack)
{
	if (!attr)
		return no_addr(len, extack);
	*addr = nla_get_in_addr(attr);
	*mask = inet_make_mask(len ? nla_get_u8(len) : 32);
	return 0;
}

static void take_port(const struct nlattr *attr, __be16 *port, __be16 *mask)
{
	if (!attr)
		return;
	*port = nla_get_be16(attr);
	*mask = htons(U16_MAX);
}

/**
 * nat64_filter_session() - read a filter for sessions
 * @filter: result, zero before
 * @attrs: NAT64_SESSION_*, of nat64_filter_sessions
 * @extack: errors
 *
 * Return: 0 or -EINVAL.
 */
int nat64_filter_session(struct nat64_filter *filter, struct nlattr **attrs,
			 struct netlink_ext_ack *extack)
{
	int err;

	if (attrs[NAT64_SESSION_PROTO])
		filter->proto = nla_get_u8(attrs[NAT64_SESSION_PROTO]);
	if (attrs[NAT64_SESSION_STATE])
		filter->states = BIT(nla_get_u8(attrs[NAT64_SESSION_STATE]));
	take_port(attrs[NAT64_SESSION_LPORT6], &filter->t6.lport,
		  &filter->mask6);
	take_port(attrs[NAT64_SESSION_LPORT4], &filter->t4.lport,
		  &filter->mask4.lport);
	take_port(attrs[NAT64_SESSION_RPORT], &filter->t4.rport,
		  &filter->mask4.rport);
	err = take_addr6(attrs[NAT64_SESSION_LOCAL6],
			 attrs[NAT64_SESSION_LOCAL6_LEN],
			 &filter->t6.local, &filter->local6_len, extack);
	err = err ?: take_addr6(attrs[NAT64_SESSION_REMOTE6],
				attrs[NAT64_SESSION_REMOTE6_LEN],
				&filter->t6.remote, &filter->remote6_len, extack);
	err = err ?: take_addr4(attrs[NAT64_SESSION_LOCAL4],
				attrs[NAT64_SESSION_LOCAL4_LEN],
				&filter->t4.local, &filter->mask4.local, extack);
	return err ?: take_addr4(attrs[NAT64_SESSION_REMOTE4],
				 attrs[NAT64_SESSION_REMOTE4_LEN],
				 &filter->t4.remote, &filter->mask4.remote,
				 extack);
}

/**
 * nat64_filter_binding() - read a filter for bindings
 * @filter: result, zero before
 * @attrs: NAT64_BINDING_*, of nat64_filter_bindings
 * @extack: errors
 *
 * Return: 0 or -EINVAL.
 */
int nat64_filter_binding(struct nat64_filter *filter, struct nlattr **attrs,
			 struct netlink_ext_ack *extack)
{
	int err;

	if (attrs[NAT64_BINDING_PROTO])
		filter->proto = nla_get_u8(attrs[NAT64_BINDING_PROTO]);
	filter->fixed = attrs[NAT64_BINDING_STATIC];
	take_port(attrs[NAT64_BINDING_PORT6], &filter->t6.lport,
		  &filter->mask6);
	take_port(attrs[NAT64_BINDING_PORT4], &filter->t4.lport,
		  &filter->mask4.lport);
	err = take_addr6(attrs[NAT64_BINDING_ADDR6],
			 attrs[NAT64_BINDING_ADDR6_LEN],
			 &filter->t6.local, &filter->local6_len, extack);
	return err ?: take_addr4(attrs[NAT64_BINDING_ADDR4],
				 attrs[NAT64_BINDING_ADDR4_LEN],
				 &filter->t4.local, &filter->mask4.local, extack);
}

/**
 * nat64_filter_block() - read a filter for blocks
 * @filter: result, zero before
 * @attrs: NAT64_BLOCK_*, of nat64_filter_blocks
 * @extack: errors
 *
 * Return: 0 or -EINVAL.
 */
int nat64_filter_block(struct nat64_filter *filter, struct nlattr **attrs,
		       struct netlink_ext_ack *extack)
{
	int err;

	take_port(attrs[NAT64_BLOCK_PORT], &filter->t4.lport,
		  &filter->mask4.lport);
	err = take_addr6(attrs[NAT64_BLOCK_CLIENT], attrs[NAT64_BLOCK_CLIENT_LEN],
			 &filter->t6.local, &filter->local6_len, extack);
	return err ?: take_addr4(attrs[NAT64_BLOCK_ADDR4],
				 attrs[NAT64_BLOCK_ADDR4_LEN],
				 &filter->t4.local, &filter->mask4.local, extack);
}

/**
 * nat64_filter_wants_block() - does a dump tell of a block?
 * @filter: what is asked for
 * @block: the block
 *
 * Context: RCU.
 */
bool nat64_filter_wants_block(const struct nat64_filter *filter,
			      const struct nat64_block *block)
{
	if (filter->mask4.lport &&
	    !nat64_block_has(block, ntohs(filter->t4.lport)))
		return false;
	return !((block->addr4 ^ filter->t4.local) & filter->mask4.local) &&
	       ipv6_prefix_equal(&block->prefix, &filter->t6.local,
				 min(filter->local6_len, block->len));
}

/**
 * nat64_filter_client() - read a filter for clients
 * @filter: result, zero before
 * @attrs: NAT64_CLIENT_*, of nat64_filter_clients
 * @extack: errors
 *
 * Return: 0 or -EINVAL.
 */
int nat64_filter_client(struct nat64_filter *filter, struct nlattr **attrs,
			struct netlink_ext_ack *extack)
{
	if (attrs[NAT64_CLIENT_SESSIONS])
		filter->sessions = nla_get_u32(attrs[NAT64_CLIENT_SESSIONS]);
	return take_addr6(attrs[NAT64_CLIENT_PREFIX], attrs[NAT64_CLIENT_LEN],
			  &filter->t6.local, &filter->local6_len, extack);
}

/**
 * nat64_filter_wants_client() - does a dump tell of a client?
 * @filter: what is asked for
 * @client: the client
 *
 * Context: RCU.
 */
bool nat64_filter_wants_client(const struct nat64_filter *filter,
			       const struct nat64_client *client)
{
	return (u32)atomic_read(&client->sessions[0]) +
	       atomic_read(&client->sessions[1]) >= filter->sessions &&
	       ipv6_prefix_equal(&client->prefix, &filter->t6.local,
				 min(filter->local6_len, client->len));
}

/**
 * nat64_filter_wants() - is a request about a session?
 * @filter: what is asked for
 * @session: the session, or the first one of a binding
 *
 * Context: RCU.
 */
bool nat64_filter_wants(const struct nat64_filter *filter,
			const struct nat64_session *session)
{
	const struct nat64_tuple4 *t4 = &session->t4, *mask = &filter->mask4;
	const struct nat64_tuple6 *t6 = &session->t6;
	int state = atomic_read(&session->state);

	if (filter->proto && filter->proto != t4->proto)
		return false;
	if (filter->fixed && !(state & NAT64_SESSION_FIXED))
		return false;
	if (filter->states &&
	    (t4->proto != IPPROTO_TCP ||
	     !(filter->states & BIT(state & NAT64_SESSION_TCP))))
		return false;
	return !((t4->local ^ filter->t4.local) & mask->local) &&
	       !((t4->lport ^ filter->t4.lport) & mask->lport) &&
	       !((t4->remote ^ filter->t4.remote) & mask->remote) &&
	       !((t4->rport ^ filter->t4.rport) & mask->rport) &&
	       !((t6->lport ^ filter->t6.lport) & filter->mask6) &&
	       ipv6_prefix_equal(&t6->local, &filter->t6.local,
				 filter->local6_len) &&
	       ipv6_prefix_equal(&t6->remote, &filter->t6.remote,
				 filter->remote6_len);
}
