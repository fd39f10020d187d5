/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_TRANSACTION_H
#define NAT64_TRANSACTION_H

#include <linux/rhashtable-types.h>
#include <linux/types.h>

struct nat64_config;
struct nat64_key4;
struct nat64_key6;
struct nat64_net;
struct nat64_prefix;
struct netlink_ext_ack;

/**
 * struct nat64_transaction - a configuration that is to be, whole
 * @cfg: prefixes, pools, EIPs and options, which no packet sees yet
 * @bindings: static bindings
 * @by6: the same, by IPv6 transport address
 * @by4: the same, by IPv4 transport address
 * @wishes: &struct nat64_wish, what is said of single interfaces
 *
 * Of a namespace there is one at a time, and it begins empty: what it is not told
 * there will not be.  All of it under nat64_net.lock.
 */
struct nat64_transaction {
	struct nat64_config *cfg;
	struct list_head bindings;
	struct rhashtable by6;
	struct rhashtable by4;
	struct list_head wishes;
};

void nat64_transaction_init(struct nat64_net *nn);
void nat64_transaction_stop(struct nat64_net *nn);
void nat64_transaction_abandon(struct nat64_net *nn, u32 portid);
int nat64_transaction_begin(struct nat64_net *nn, u32 portid,
			    struct netlink_ext_ack *extack);
void nat64_transaction_end(struct nat64_net *nn);
int nat64_transaction_prefix(struct nat64_net *nn,
			     const struct nat64_prefix *prefix,
			     struct netlink_ext_ack *extack);
int nat64_transaction_bind(struct nat64_net *nn, const struct nat64_key6 *key6,
			   const struct nat64_key4 *key4,
			   struct netlink_ext_ack *extack);
int nat64_transaction_wish(struct nat64_net *nn, const char *name, int wish,
			   struct netlink_ext_ack *extack);
int nat64_transaction_check(struct nat64_net *nn,
			    struct netlink_ext_ack *extack);
int nat64_transaction_commit(struct nat64_net *nn,
			     struct netlink_ext_ack *extack);

#endif /* NAT64_TRANSACTION_H */
