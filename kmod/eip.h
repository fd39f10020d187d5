/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_EIP_H
#define NAT64_EIP_H

#include <linux/in6.h>
#include <linux/netlink.h>
#include <linux/rhashtable-types.h>

#include "tuple.h"

struct nat64_net;

/**
 * enum nat64_eip_kind - what a static IPv4 address stands for
 * @NAT64_EIP_TO4: an IPv4 server, for IPv6 clients
 * @NAT64_EIP_TO6: an IPv6 server, one to one
 * @NAT64_EIP_PORTS: static bindings of single ports
 */
enum nat64_eip_kind {
	NAT64_EIP_TO4,
	NAT64_EIP_TO6,
	NAT64_EIP_PORTS,
};

/**
 * struct nat64_eip - a static IPv4 address; immutable but for @ports
 * @by_addr: node in nat64_net.eips
 * @by_target: node in nat64_net.eip_targets, if it has a target
 * @rcu: to free it
 * @target: the server; an IPv4 one as ::ffff:a.b.c.d
 * @addr: the EIP
 * @kind: &enum nat64_eip_kind
 * @ports: how many static bindings, under nat64_net.lock
 */
struct nat64_eip {
	struct rhash_head by_addr;
	struct rhash_head by_target;
	struct rcu_head rcu;
	struct in6_addr target;
	__be32 addr;
	enum nat64_eip_kind kind;
	unsigned int ports;
};

static inline __be32 nat64_eip_target4(const struct nat64_eip *eip)
{
	return eip->target.s6_addr32[3];
}

int nat64_eip_init(struct nat64_net *nn);
void nat64_eip_fini(struct nat64_net *nn);

struct nat64_eip *nat64_eip_find(struct nat64_net *nn, __be32 addr);
struct nat64_eip *nat64_eip_by_target6(struct nat64_net *nn,
				       const struct in6_addr *target);
struct nat64_eip *nat64_eip_by_target4(struct nat64_net *nn, __be32 target);

int nat64_eip_add(struct nat64_net *nn, __be32 addr, enum nat64_eip_kind kind,
		  const struct in6_addr *target,
		  struct netlink_ext_ack *extack);
int nat64_eip_del(struct nat64_net *nn, __be32 addr,
		  struct netlink_ext_ack *extack);
void nat64_eip_flush(struct nat64_net *nn);
unsigned int nat64_eip_count(const struct nat64_net *nn);

int nat64_static_binding_add(struct nat64_net *nn, u8 proto, __be32 addr4,
			     __be16 port4, const struct in6_addr *addr6,
			     __be16 port6, struct netlink_ext_ack *extack);
int nat64_static_binding_del(struct nat64_net *nn, u8 proto, __be32 addr4,
			     __be16 port4, struct netlink_ext_ack *extack);
void nat64_static_binding_flush(struct nat64_net *nn);

#endif /* NAT64_EIP_H */
