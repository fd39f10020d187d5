/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_POOL_H
#define NAT64_POOL_H

#include <linux/in6.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "stats.h"

struct nat64_config;
struct nat64_net;

/**
 * enum nat64_proto - protocols with ports of their own, as array index
 * @NAT64_PROTO_TCP: TCP ports
 * @NAT64_PROTO_UDP: UDP ports
 * @NAT64_PROTO_ICMP: ICMP query ids
 */
enum nat64_proto {
	NAT64_PROTO_TCP,
	NAT64_PROTO_UDP,
	NAT64_PROTO_ICMP,
	NAT64_PROTOS
};

/**
 * struct nat64_pool_ports - ports of one address and protocol
 * @map: a bit for each port in use, made at first use
 * @used: how many bits are set inside the port range, of the well-known ports
 *	and of the others
 */
struct nat64_pool_ports {
	unsigned long *map;
	atomic_t used[2];
};

/**
 * struct nat64_pool - IPv4 addresses and ports to choose from
 * @free_work: to free it in process context
 * @refs: one of the configuration, one of each binding
 * @addr: first address
 * @len: prefix length in bits
 * @port_min: first port or ICMP id
 * @port_max: last one
 * @ports: by address and protocol
 */
struct nat64_pool {
	struct rcu_work free_work;
	refcount_t refs;
	__be32 addr;
	u8 len;
	u16 port_min;
	u16 port_max;
	struct nat64_pool_ports ports[][NAT64_PROTOS];
};

enum nat64_proto nat64_proto_index(u8 proto);
struct nat64_pool *nat64_pool_alloc(__be32 addr, u8 len, u16 port_min,
				    u16 port_max);
void nat64_pool_put(struct nat64_pool *pool);
bool nat64_pool_contains(const struct nat64_pool *pool, __be32 addr);
struct nat64_pool *nat64_pool_find(const struct nat64_config *cfg,
				   __be32 addr);
u64 nat64_pool_used(const struct nat64_pool *pool, enum nat64_proto proto);

enum nat64_counter nat64_pool_choose(const struct nat64_config *cfg, u8 proto,
				     const struct in6_addr *addr6,
				     __be16 port6, struct nat64_pool **pool,
				     __be32 *addr4, __be16 *port4);
int nat64_pool_reserve(struct nat64_pool *pool, u8 proto, __be32 addr4,
		       __be16 port4);
void nat64_pool_release(struct nat64_pool *pool, u8 proto, __be32 addr4,
			__be16 port4);

#endif /* NAT64_POOL_H */
