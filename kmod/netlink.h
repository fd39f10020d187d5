/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_NETLINK_H
#define NAT64_NETLINK_H

#include <linux/netlink.h>
#include <net/genetlink.h>

#include "uapi/nat64.h"

struct nat64_net;
struct nat64_transaction;

/* Of an attribute that is an IPv6 address. */
#define NAT64_POLICY_IN6 NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr))

extern struct genl_family nat64_genl_family;

int nat64_netlink_init(void);
void nat64_netlink_fini(void);

/* netlink_change.c */
extern const struct nla_policy nat64_prefix_policy[NAT64_PREFIX_MAX + 1];
extern const struct nla_policy nat64_pool_policy[NAT64_POOL_MAX + 1];
extern const struct nla_policy nat64_eip_policy[NAT64_EIP_MAX + 1];
extern const struct nla_policy nat64_binding_policy[NAT64_BINDING_MAX + 1];
extern const struct nla_policy nat64_transaction_policy[NAT64_TRANSACTION_MAX + 1];
extern const struct nla_policy nat64_interface_policy[NAT64_INTERFACE_MAX + 1];

int nat64_netlink_lock(struct nat64_net *nn);
int nat64_netlink_is_first(const struct sk_buff *skb, struct netlink_ext_ack *extack);
int nat64_netlink_change(struct sk_buff *skb, struct genl_info *info);
struct nat64_transaction *
nat64_netlink_transaction(const struct nat64_net *nn,
			  const struct genl_info *info);

/* netlink_config.c */
extern const struct nla_policy
	nat64_netlink_config_policy[NAT64_CONFIG_MAX + 1];

int nat64_netlink_config_set(struct nat64_net *nn, struct genl_info *info);
int nat64_netlink_fill_config(struct nat64_net *nn, struct sk_buff *skb,
			      struct genl_info *info);
int nat64_netlink_fill_defaults(struct nat64_net *nn, struct sk_buff *skb,
				struct genl_info *info);

/* netlink_dump.c */
int nat64_dump_start(struct netlink_callback *cb);
int nat64_dump_prefixes(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_pools(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_start_eips(struct netlink_callback *cb);
int nat64_dump_eips(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_bindings(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_sessions(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_blocks(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_start_clients(struct netlink_callback *cb);
int nat64_dump_clients(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_interfaces(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_done_eips(struct netlink_callback *cb);
int nat64_dump_start_bindings(struct netlink_callback *cb);
int nat64_dump_start_blocks(struct netlink_callback *cb);
int nat64_dump_start_sessions(struct netlink_callback *cb);
int nat64_dump_done_walk(struct netlink_callback *cb);

typedef int nat64_fill_t(struct sk_buff *skb, const void *entry);
nat64_fill_t nat64_fill_prefix, nat64_fill_pool, nat64_fill_eip,
	     nat64_fill_binding, nat64_fill_session, nat64_fill_block;
int nat64_fill_nested(struct sk_buff *skb, int type, nat64_fill_t *fill,
		      const void *entry);

#endif /* NAT64_NETLINK_H */
