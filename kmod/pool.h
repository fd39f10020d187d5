/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_POOL_H
#define NAT64_POOL_H

#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "config.h"
#include "stats.h"
#include "uapi/nat64.h"

struct nat64_block;
struct nat64_net;
struct nat64_packet;
struct nat64_tuple6;

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

/* So many full addresses may be passed over for one new binding. */
#define NAT64_POOL_TRIES 256

/* Well-known ports and others, even and odd ones */
#define NAT64_PORT_KINDS 4

/**
 * struct nat64_pool_ports - ports of one address and protocol
 * @map: a bit for each port in use, made at first use
 * @used: how many bits are set inside the port range, by kind
 */
struct nat64_pool_ports {
	unsigned long *map;
	atomic_t used[NAT64_PORT_KINDS];
};

/**
 * struct nat64_pool_params - what the operator sets of a pool
 * @addr: first address, host bits zero
 * @len: prefix length in bits, 16 to 32
 * @mapping: &enum nat64_mapping
 * @filtering: &enum nat64_filtering
 * @parity: an even port becomes an even one, an odd port an odd one
 * @port_class: a well-known port becomes one, another does not
 * @port_min: first port or ICMP id
 * @port_max: last one, not below @port_min
 * @block_size: clients get so many at a time, a power of two, or 0 for one by one
 * @blocks_max: most blocks of a client
 */
struct nat64_pool_params {
	__be32 addr;
	u8 len;
	u8 mapping;
	u8 filtering;
	bool parity;
	bool port_class;
	u16 port_min;
	u16 port_max;
	u16 block_size;
	u8 blocks_max;
};

/**
 * struct nat64_pool - IPv4 addresses and ports to choose from
 * @free_work: to free it in process context
 * @refs: one of the configuration, one of each binding, one of each session
 *	that has none, one of each block
 * @mask: of the length in @params
 * @params: what the operator set
 * @tenant: whose memory it takes, see nat64_memory_take()
 * @removed: no configuration has it any more, nor will
 * @blocks: a bit for each block in use, by address, if there are blocks
 * @blocks_each: how many blocks an address has
 * @block_first: the first port of the first one, see nat64_pool_first_block()
 * @blocks_used: how many bits of @blocks are set
 * @idle: blocks of which no port is in use, but for some; the oldest first
 * @idle_lock: of that
 * @used: how many ports of all addresses, as in @ports
 * @ports: by address and protocol
 */
struct nat64_pool {
	struct rcu_work free_work;
	refcount_t refs;
	__be32 mask;
	struct nat64_pool_params params;
	bool tenant;
	bool removed;
	unsigned long *blocks;
	unsigned int blocks_each;
	u16 block_first;
	atomic_t blocks_used;
	struct list_head idle;
	spinlock_t idle_lock;
	atomic_t used[NAT64_PROTOS][NAT64_PORT_KINDS] ____cacheline_aligned_in_smp;
	struct nat64_pool_ports ports[][NAT64_PROTOS];
};

/**
 * struct nat64_pool_search - the search for an address and port
 * @pkt: for whom
 * @addr_random: where among the addresses it begins, the same for all ports of
 *	a host; of a client, if a pool has blocks
 * @next: how many pools have been tried
 * @pool: the last one
 * @block: of what was chosen, with a reference, if the pool has blocks
 * @fresh: nobody else has seen it yet, see nat64_block_settle()
 * @tries: how many more addresses may be tried, in all
 * @candidates: how many more ports, of address- and port-dependent mapping
 * @random: where among the ports it begins then, which cannot be guessed
 *	(RFC 6056)
 * @address: which address of the pool is being tried then
 * @class: which class of its ports
 * @place: which port of the class
 */
struct nat64_pool_search {
	const struct nat64_packet *pkt;
	u32 addr_random;
	unsigned int next;
	struct nat64_pool *pool;
	struct nat64_block *block;
	bool fresh;
	unsigned int tries;
	unsigned int candidates;
	u32 random;
	u32 address;
	unsigned int class;
	unsigned int place;
};

/**
 * nat64_pool_contains() - is an address in a pool?
 * @pool: the pool
 * @addr: the address
 */
static inline bool nat64_pool_contains(const struct nat64_pool *pool,
				       __be32 addr)
{
	return !((addr ^ pool->params.addr) & pool->mask);
}

/**
 * nat64_pool_find() - the pool that holds an address
 * @cfg: the configuration, RCU or locked
 * @addr: the address
 *
 * Inline, because traffic that passes by pays for it.
 *
 * Return: the pool, or NULL.
 */
static inline struct nat64_pool *
nat64_pool_find(const struct nat64_config *cfg, __be32 addr)
{
	unsigned int i;

	for (i = 0; i < cfg->pool_count; i++)
		if (nat64_pool_contains(cfg->pools[i], addr))
			return cfg->pools[i];
	return NULL;
}

/**
 * nat64_pool_first_block() - the first port of the first block
 * @params: with a block_size
 *
 * Blocks begin at multiples of their size and have no well-known ports.
 */
static inline unsigned int
nat64_pool_first_block(const struct nat64_pool_params *params)
{
	return round_up(max_t(unsigned int, params->port_min, 1024),
			params->block_size);
}

/**
 * nat64_pool_blocks_each() - how many blocks an address has
 * @params: of the pool
 */
static inline unsigned int
nat64_pool_blocks_each(const struct nat64_pool_params *params)
{
	unsigned int first = params->block_size ? nat64_pool_first_block(params) : 0;

	return params->block_size && first <= params->port_max ?
	       (params->port_max + 1 - first) / params->block_size : 0;
}

/**
 * nat64_pool_size() - how many addresses a pool has
 * @pool: the pool
 */
static inline unsigned int nat64_pool_size(const struct nat64_pool *pool)
{
	return 1U << (32 - pool->params.len);
}

/**
 * nat64_pool_blocks() - how many blocks a pool has
 * @pool: the pool
 */
static inline unsigned int nat64_pool_blocks(const struct nat64_pool *pool)
{
	return pool->blocks_each * nat64_pool_size(pool);
}

enum nat64_proto nat64_proto_index(u8 proto);
struct nat64_pool *nat64_pool_alloc(const struct nat64_pool_params *params,
				    bool tenant);
void nat64_pool_put(struct nat64_pool *pool);
u64 nat64_pool_used(const struct nat64_pool *pool, enum nat64_proto proto);

__be32 nat64_pool_address(const struct nat64_pool *pool, u32 random, u32 n);
bool nat64_pool_suits(const struct nat64_pool *pool,
		      const struct nat64_tuple6 *t6, __be16 port4);
void nat64_pool_search(struct nat64_pool_search *search,
		       const struct nat64_packet *pkt);
struct nat64_pool *nat64_pool_next(struct nat64_pool_search *search);
enum nat64_counter nat64_pool_choose(struct nat64_pool *pool,
				     struct nat64_pool_search *search,
				     __be32 *addr4, __be16 *port4);
void nat64_pool_candidates(struct nat64_pool_search *search);
bool nat64_pool_candidate(struct nat64_pool *pool,
			  struct nat64_pool_search *search, __be32 *addr4,
			  __be16 *port4);
enum nat64_counter nat64_pool_take(struct nat64_pool *pool,
				   const struct nat64_tuple6 *t6, __be32 addr4,
				   u16 first, u16 last, u32 random,
				   __be16 *port4);
void nat64_pool_untake(struct nat64_pool *pool, u8 proto, __be32 addr4,
		       __be16 port4);
bool nat64_pool_hold(struct nat64_pool *pool, u8 proto, __be32 addr4,
		     __be16 port4);
void nat64_pool_drop(struct nat64_pool *pool, u8 proto, __be32 addr4,
		     __be16 port4);
int nat64_pool_reserve(struct nat64_pool *pool, u8 proto, __be32 addr4,
		       __be16 port4);
void nat64_pool_release(struct nat64_pool *pool, u8 proto, __be32 addr4,
			__be16 port4);

#endif /* NAT64_POOL_H */
