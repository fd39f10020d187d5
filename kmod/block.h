/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_BLOCK_H
#define NAT64_BLOCK_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/refcount.h>

#include "pool.h"
#include "stats.h"
#include "table.h"

struct nat64_net;
struct nat64_packet;
struct nat64_tuple4;

/**
 * struct nat64_block - ports of a pool address that are one client's
 * @node: node in nat64_net.blocks
 * @rcu: to free it
 * @list: node in nat64_pool.idle, of one that is not in use, or was not; under
 *	nat64_pool.idle_lock
 * @pool: whose ports they are, with a reference
 * @prefix: the client's addresses, host bits zero
 * @hash: of @prefix, @len, @nth and the address of @pool
 * @len: length of @prefix, the client_prefix_len of when it was made
 * @nth: which one of the client's in this pool
 * @addr4: the pool address
 * @port: the first port or ICMP id; how many there are the pool knows
 * @since: when it was made, nanoseconds since 1970
 * @idle: when its last port was given back; jiffies, low 32 bits
 * @refs: one of the table, one of each port in use
 */
struct nat64_block {
	struct nat64_node node;
	struct rcu_head rcu;
	struct list_head list;
	struct nat64_pool *pool;
	struct in6_addr prefix;
	u64 since;
	u32 hash;
	u8 len;
	u8 nth;
	u16 port;
	__be32 addr4;
	u32 idle;
	refcount_t refs;
};

static inline const struct nat64_block *
nat64_block_of(const struct nat64_node *node)
{
	return container_of(node, struct nat64_block, node);
}

/* The last port or ICMP id.  Under RCU, as is what follows. */
static inline u16 nat64_block_last(const struct nat64_block *block)
{
	return block->port + block->pool->params.block_size - 1;
}

static inline bool nat64_block_has(const struct nat64_block *block, u16 port)
{
	return port >= block->port && port <= nat64_block_last(block);
}

/* How many are in use, of all protocols; that of the table does not count. */
static inline unsigned int nat64_block_used(const struct nat64_block *block)
{
	unsigned int refs = refcount_read(&block->refs);

	return refs ? refs - 1 : 0;
}

int nat64_block_cache_init(void);
void nat64_block_cache_fini(void);
int nat64_block_init(struct nat64_net *nn);
void nat64_block_fini(struct nat64_net *nn);
enum nat64_counter nat64_block_choose(struct nat64_pool_search *search,
				      struct nat64_pool *pool, __be32 *addr4,
				      __be16 *port4);
void nat64_block_unchoose(struct nat64_pool_search *search,
			  struct nat64_pool *pool, const struct nat64_tuple4 *t4);
enum nat64_counter nat64_block_settle(struct nat64_pool_search *search,
				      struct nat64_tuple4 *t4, u8 *nth);
void nat64_block_release(struct nat64_net *nn, struct nat64_pool *pool,
			 const struct in6_addr *addr, u8 len, u8 nth,
			 const struct nat64_tuple4 *t4);
bool nat64_block_last_port(struct nat64_net *nn, const struct nat64_pool *pool,
			   const struct in6_addr *addr, u8 len, u8 nth);
void nat64_block_sweep(struct nat64_net *nn);

#endif /* NAT64_BLOCK_H */
