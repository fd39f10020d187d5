/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_NETLINK_H
#define NAT64_NETLINK_H

#include <linux/netlink.h>
#include <net/genetlink.h>

extern struct genl_family nat64_genl_family;

int nat64_netlink_init(void);
void nat64_netlink_fini(void);

/* netlink_dump.c */
int nat64_dump_prefixes(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_pools(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_start_eips(struct netlink_callback *cb);
int nat64_dump_eips(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_bindings(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_sessions(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_interfaces(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_done_eips(struct netlink_callback *cb);
int nat64_dump_start_walk(struct netlink_callback *cb);
int nat64_dump_done_walk(struct netlink_callback *cb);

#endif /* NAT64_NETLINK_H */
