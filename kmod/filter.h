/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_FILTER_H
#define NAT64_FILTER_H

#include <net/netlink.h>

#include "tuple.h"
#include "uapi/nat64.h"

struct nat64_block;
struct nat64_client;
struct nat64_session;

/**
 * struct nat64_filter - which sessions, or bindings, a request is about
 * @proto: the protocol, or 0 for any
 * @fixed: static bindings only
 * @sessions: the least that a client is to have
 * @states: bits of &enum nat64_tcp_state, or 0 for any and for other protocols
 * @local6_len: how many bits of @t6.local count
 * @remote6_len: the same of @t6.remote
 * @t6: what the session is to have, as IPv6 sees it
 * @t4: the same as IPv4 sees it, and IPv4's port of the other end for both
 * @mask6: which bits of the ports of @t6 count
 * @mask4: which bits of @t4 count
 */
struct nat64_filter {
	u8 proto;
	bool fixed;
	u32 sessions;
	u16 states;
	u8 local6_len;
	u8 remote6_len;
	struct nat64_tuple6 t6;
	struct nat64_tuple4 t4;
	__be16 mask6;
	struct nat64_tuple4 mask4;
};

extern const struct nla_policy nat64_filter_blocks[NAT64_BLOCK_MAX + 1];
extern const struct nla_policy nat64_filter_clients[NAT64_CLIENT_MAX + 1];
extern const struct nla_policy nat64_filter_sessions[NAT64_SESSION_MAX + 1];
extern const struct nla_policy nat64_filter_bindings[NAT64_BINDING_MAX + 1];

int nat64_filter_session(struct nat64_filter *filter, struct nlattr **attrs,
			 struct netlink_ext_ack *extack);
int nat64_filter_binding(struct nat64_filter *filter, struct nlattr **attrs,
			 struct netlink_ext_ack *extack);
int nat64_filter_block(struct nat64_filter *filter, struct nlattr **attrs,
		       struct netlink_ext_ack *extack);
bool nat64_filter_wants_block(const struct nat64_filter *filter,
			      const struct nat64_block *block);
int nat64_filter_client(struct nat64_filter *filter, struct nlattr **attrs,
			struct netlink_ext_ack *extack);
bool nat64_filter_wants_client(const struct nat64_filter *filter,
			       const struct nat64_client *client);
bool nat64_filter_wants(const struct nat64_filter *filter,
			const struct nat64_session *session);

#endif /* NAT64_FILTER_H */
