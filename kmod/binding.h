/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_BINDING_H
#define NAT64_BINDING_H

#include <linux/in6.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>

#include "stats.h"
#include "tuple.h"

struct nat64_config;
struct nat64_net;
struct nat64_pool;
struct nat64_pool_search;

/**
 * struct nat64_key6 - IPv6 transport address; a hash key, no padding
 * @addr: address
 * @port: port or ICMP id
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 */
struct nat64_key6 {
	struct in6_addr addr;
	__be16 port;
	u16 proto;
};

/**
 * struct nat64_key4 - IPv4 transport address; a hash key, no padding
 * @addr: address
 * @port: port or ICMP id
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 */
struct nat64_key4 {
	__be32 addr;
	__be16 port;
	u16 proto;
};

/**
 * struct nat64_binding - an entry of the binding table, RFC 6146 section 3.1
 * @by6: node in nat64_net.bindings6
 * @by4: node in nat64_net.bindings4
 * @rcu: to free it
 * @key6: the IPv6 transport address
 * @key4: the IPv4 transport address
 * @refs: one of each session, one of the configuration if @fixed
 * @fixed: it was configured, a static binding
 * @pool: where @key4 was taken from, or NULL; with a reference
 *
 * A dynamic binding lives as long as it has sessions.
 */
struct nat64_binding {
	struct rhash_head by6;
	struct rhash_head by4;
	struct rcu_head rcu;
	struct nat64_key6 key6;
	struct nat64_key4 key4;
	refcount_t refs;
	bool fixed;
	struct nat64_pool *pool;
};

int nat64_binding_init(struct nat64_net *nn);
void nat64_binding_fini(struct nat64_net *nn);
int nat64_binding_cache_init(void);
void nat64_binding_cache_fini(void);

struct nat64_binding *nat64_binding_find6(struct nat64_net *nn, u8 proto,
					  const struct in6_addr *addr,
					  __be16 port);
struct nat64_binding *nat64_binding_find4(struct nat64_net *nn, u8 proto,
					  __be32 addr, __be16 port);
struct nat64_binding *nat64_binding_hold6(struct nat64_net *nn, u8 proto,
					  const struct in6_addr *addr,
					  __be16 port);
enum nat64_counter nat64_binding_create(struct nat64_net *nn,
					struct nat64_pool *pool,
					struct nat64_pool_search *search,
					struct nat64_binding **binding);
int nat64_binding_add_fixed(struct nat64_net *nn, const struct nat64_key6 *key6,
			    const struct nat64_key4 *key4,
			    struct nat64_pool *pool,
			    struct nat64_binding **other);
void nat64_binding_unlink(struct nat64_net *nn, struct nat64_binding *binding);
bool nat64_binding_filters(const struct nat64_binding *binding);
void nat64_binding_put(struct nat64_net *nn, struct nat64_binding *binding);
struct nat64_binding *nat64_binding_fixed_at(struct nat64_net *nn,
					     __be32 addr);
int nat64_binding_adopt(struct nat64_net *nn, struct nat64_pool *pool);
unsigned int nat64_binding_unlink_fixed(struct nat64_net *nn,
					struct nat64_binding **batch,
					unsigned int max);

#endif /* NAT64_BINDING_H */
