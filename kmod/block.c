// SPDX-License-Identifier: GPL-2.0
/*
 * Ports that a client gets by blocks, so that one line of a log says who had them
 * (RFC 6888 REQ-4 and section 4, RFC 7422 section 2).
 *
 * A client is an IPv6 prefix, as of its limits.  It has blocks 0, 1 and so on up to
 * blocks-max, each found by its number.  A block that has become empty stays for
 * block-timeout, unless blocks are short.
 */
#include <linux/bitmap.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "block.h"
#include "config.h"
#include "event.h"
#include "memory.h"
#include "nat64.h"
#include "packet.h"
#include "pool.h"
#include "tuple.h"

static struct kmem_cache *cache;

int nat64_block_cache_init(void)
{
	cache = KMEM_CACHE(nat64_block, 0);
	return cache ? 0 : -ENOMEM;
}

/* All namespaces have gone. */
void nat64_block_cache_fini(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}

static struct nat64_block *of(struct nat64_node *node)
{
	return container_of(node, struct nat64_block, node);
}

static u32 hash_of(const struct nat64_node *node)
{
	return nat64_block_of(node)->hash;
}

/* The client, and the pool, of a block that is wanted. */
struct wanted {
	struct in6_addr prefix;
	const struct nat64_pool *pool;
	u32 hash;
	u8 len;
	u8 nth;
};

static void want_client(const struct nat64_net *nn, struct wanted *want,
			const struct nat64_pool *pool,
			const struct in6_addr *addr, u8 len)
{
	ipv6_addr_prefix(&want->prefix, addr, len);
	want->pool = pool;
	want->len = len;
	want->nth = 0;
	want->hash = nat64_hash(&want->prefix, sizeof(want->prefix),
				nn->seed + len);
}

static u32 hash_nth(const struct wanted *want)
{
	return want->hash + want->nth * GOLDEN_RATIO_32;
}

static bool match(const struct nat64_node *node, const void *arg)
{
	const struct nat64_block *block = nat64_block_of(node);
	const struct wanted *want = arg;

	return block->pool == want->pool && block->nth == want->nth &&
	       block->len == want->len &&
	       ipv6_addr_equal(&block->prefix, &want->prefix);
}

static struct nat64_block *find(struct nat64_net *nn, const struct wanted *want)
{
	struct nat64_node *node;

	node = nat64_table_find(&nn->blocks, hash_nth(want), want, match);
	return node ? of(node) : NULL;
}

static unsigned int place_of(const struct nat64_block *block)
{
	const struct nat64_pool *pool = block->pool;

	return (ntohl(block->addr4) - ntohl(pool->params.addr)) *
	       pool->blocks_each +
	       (block->port - pool->block_first) / pool->params.block_size;
}

/* All but the block itself, which others may see: they are under RCU, as the pool is. */
static void give_all(struct nat64_block *block)
{
	struct nat64_pool *pool = block->pool;

	clear_bit(place_of(block), pool->blocks);
	atomic_dec(&pool->blocks_used);
	nat64_memory_give(pool->tenant, sizeof(*block));
	nat64_pool_put(pool);
}

static void free_block(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct nat64_block, rcu));
}

/* Unless a port of it is in use, or somebody else ends it. */
static void end(struct nat64_net *nn, struct nat64_block *block)
{
	if (!refcount_dec_if_one(&block->refs))
		return;
	nat64_table_remove(&nn->blocks, &block->node);
	nat64_count(nn, NAT64_BLOCK_ENDED);
	nat64_event_block(nn, block, NAT64_EVENT_ENDED);
	/* Who gets it next is told of behind that. */
	give_all(block);
	call_rcu(&block->rcu, free_block);
}

/* A client that comes now should not have to wait for another one's to end. */
static bool are_short(const struct nat64_pool *pool)
{
	unsigned int all = nat64_pool_blocks(pool);

	return atomic_read(&pool->blocks_used) >= all - all / 8;
}

static void put(struct nat64_net *nn, struct nat64_block *block)
{
	WRITE_ONCE(block->idle, (u32)jiffies);
	refcount_dec(&block->refs);
	if (READ_ONCE(block->pool->removed) || are_short(block->pool))
		end(nn, block);
}

static enum nat64_counter take_port(const struct nat64_packet *pkt,
				    const struct nat64_block *block, u32 random,
				    __be16 *port4)
{
	return nat64_pool_take(block->pool, &pkt->t6, block->addr4, block->port,
			       nat64_block_last(block), random, port4);
}

static bool take_bit(unsigned long *map, unsigned int from, unsigned int to,
		     unsigned int *bit)
{
	for (*bit = from; (*bit = find_next_zero_bit(map, to, *bit)) < to;)
		if (!test_and_set_bit(*bit, map))
			return true;
	return false;
}

/* A place for a block, at the same address for all of a client as long as it can. */
static bool take_place(struct nat64_pool *pool, const struct wanted *want,
		       u32 random, __be32 *addr4, u16 *port)
{
	unsigned int each = pool->blocks_each, n, from, start, place;

	if (atomic_read(&pool->blocks_used) >= nat64_pool_blocks(pool))
		return false;
	for (n = 0; n < min_t(unsigned int, nat64_pool_size(pool),
			      NAT64_POOL_TRIES); n++) {
		*addr4 = nat64_pool_address(pool, want->hash, n);
		from = (ntohl(*addr4) - ntohl(pool->params.addr)) * each;
		start = from + reciprocal_scale(random, each);
		if (!take_bit(pool->blocks, start, from + each, &place) &&
		    !take_bit(pool->blocks, from, start, &place))
			continue;
		*port = pool->block_first +
			(place - from) * pool->params.block_size;
		atomic_inc(&pool->blocks_used);
		return true;
	}
	return false;
}

/* With a reference for a port, in no table yet. */
static struct nat64_block *make(struct nat64_pool *pool, const struct wanted *want,
				u32 random, enum nat64_counter *verdict)
{
	struct nat64_block *block;

	*verdict = NAT64_DROP_NO_MEMORY;
	if (!nat64_memory_take(pool->tenant, sizeof(*block)))
		return NULL;
	block = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!block)
		goto give;
	block->prefix = want->prefix;
	block->len = want->len;
	block->nth = want->nth;
	block->hash = hash_nth(want);
	block->pool = pool;
	refcount_set(&block->refs, 2);
	*verdict = NAT64_DROP_POOL_EXHAUSTED;
	/* The configuration's own reference may go while we are here. */
	if (!refcount_inc_not_zero(&pool->refs)) {
		*verdict = NAT64_DROP_NO_POOL;
		goto free;
	}
	if (take_place(pool, want, random, &block->addr4, &block->port))
		return block;
	nat64_pool_put(pool);
free:
	kmem_cache_free(cache, block);
give:
	nat64_memory_give(pool->tenant, sizeof(*block));
	return NULL;
}

/* Nobody has seen it. */
static void discard(struct nat64_block *block)
{
	give_all(block);
	kmem_cache_free(cache, block);
}

/* The client's block of this number, with a reference for a port. */
static struct nat64_block *get(struct nat64_net *nn, struct nat64_pool *pool,
			       const struct wanted *want, u32 random,
			       enum nat64_counter *verdict)
{
	struct nat64_block *block = make(pool, want, random, verdict);
	struct nat64_node *old;

	if (!block)
		return NULL;
	while ((old = nat64_table_insert(&nn->blocks, block->hash, &block->node,
					 want, match))) {
		if (refcount_inc_not_zero(&of(old)->refs)) {
			discard(block);
			return of(old);
		}
		/* Whoever ends it may be slower than we are. */
		nat64_table_remove(&nn->blocks, old);
	}
	nat64_count(nn, NAT64_BLOCK_CREATED);
	nat64_event_block(nn, block, NAT64_EVENT_CREATED);
	return block;
}

/* A question makes no block: its port is one of a block that could be made. */
static enum nat64_counter ask_new(const struct nat64_packet *pkt,
				  struct nat64_pool *pool,
				  const struct wanted *want, u32 random,
				  __be32 *addr4, __be16 *port4)
{
	enum nat64_counter verdict;
	struct nat64_block *block = make(pool, want, random, &verdict);

	if (!block)
		return verdict;
	*addr4 = block->addr4;
	verdict = take_port(pkt, block, random, port4);
	if (!verdict)
		nat64_pool_untake(pool, pkt->t6.proto, *addr4, *port4);
	discard(block);
	return verdict;
}

/**
 * nat64_block_choose() - choose and take an address and port of the client's blocks
 * @pkt: the packet that opens a session, from IPv6
 * @pool: of ports by blocks
 * @random: where the search begins, which cannot be guessed (RFC 6056)
 * @addr4: result
 * @port4: result
 *
 * If none of its blocks has a port of the kind, the client gets one block more.
 * Nothing is taken if @pkt does but ask.
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, and the pool has a reference more; or the reason why not.
 */
enum nat64_counter nat64_block_choose(const struct nat64_packet *pkt,
				      struct nat64_pool *pool, u32 random,
				      __be32 *addr4, __be16 *port4)
{
	enum nat64_counter verdict;
	struct nat64_net *nn = pkt->nn;
	struct nat64_block *block;
	struct wanted want;
	int missing = -1;

	want_client(nn, &want, pool, &pkt->t6.local, pkt->cfg->client_prefix_len);
	for (; want.nth < pool->params.blocks_max; want.nth++) {
		block = find(nn, &want);
		if (!block || !refcount_inc_not_zero(&block->refs)) {
			missing = missing < 0 ? want.nth : missing;
			continue;
		}
		*addr4 = block->addr4;
		verdict = take_port(pkt, block, random, port4);
		if (!verdict)
			goto found;
		put(nn, block);
		if (verdict != NAT64_DROP_POOL_EXHAUSTED)
			return verdict;
	}
	if (missing < 0)
		return NAT64_DROP_CLIENT_PORTS;
	want.nth = missing;
	if (pkt->asked)
		return ask_new(pkt, pool, &want, random, addr4, port4);
	block = get(nn, pool, &want, random, &verdict);
	if (!block)
		return verdict;
	*addr4 = block->addr4;
	verdict = take_port(pkt, block, random, port4);
	if (verdict) {
		put(nn, block);
		return verdict;
	}
found:
	if (pkt->asked) {
		nat64_pool_untake(pool, pkt->t6.proto, *addr4, *port4);
		put(nn, block);
		return NAT64_OK;
	}
	/* That of the block keeps it above zero. */
	refcount_inc(&pool->refs);
	return NAT64_OK;
}

/**
 * nat64_block_release() - give an address and port of a client back
 * @nn: the namespace
 * @pool: the pool, of ports by blocks or not; its reference goes too
 * @addr: the IPv6 host
 * @len: the client_prefix_len of when it was taken
 * @t4: whose local side it is
 *
 * Context: any.
 */
void nat64_block_release(struct nat64_net *nn, struct nat64_pool *pool,
			 const struct in6_addr *addr, u8 len,
			 const struct nat64_tuple4 *t4)
{
	u16 port = ntohs(t4->lport);
	struct nat64_block *block = NULL;
	struct wanted want;

	if (!pool->params.block_size) {
		nat64_pool_release(pool, t4->proto, t4->local, t4->lport);
		return;
	}
	rcu_read_lock();
	want_client(nn, &want, pool, addr, len);
	for (; want.nth < pool->params.blocks_max; want.nth++) {
		block = find(nn, &want);
		if (block && block->addr4 == t4->local &&
		    nat64_block_has(block, port))
			break;
		block = NULL;
	}
	nat64_pool_release(pool, t4->proto, t4->local, t4->lport);
	if (!WARN_ON_ONCE(!block))
		put(nn, block);
	rcu_read_unlock();
}

static int end_idle(struct nat64_node *node, void *arg)
{
	struct nat64_block *block = of(node);
	struct nat64_net *nn = arg;
	u32 timeout = rcu_dereference(nn->config)->block_timeout * HZ;

	if (refcount_read(&block->refs) == 1 &&
	    ((u32)jiffies - READ_ONCE(block->idle) >= timeout ||
	     READ_ONCE(block->pool->removed) || are_short(block->pool)))
		end(nn, block);
	return 0;
}

/**
 * nat64_block_sweep() - end blocks that nobody needs any more
 * @nn: the namespace
 *
 * Context: process.
 */
void nat64_block_sweep(struct nat64_net *nn)
{
	if (nat64_table_count(&nn->blocks))
		nat64_table_for_each(&nn->blocks, end_idle, nn);
}

static int end_last(struct nat64_node *node, void *nn)
{
	end(nn, of(node));
	return 0;
}

int nat64_block_init(struct nat64_net *nn)
{
	return nat64_table_init(&nn->blocks, hash_of);
}

/* All bindings have ended. */
void nat64_block_fini(struct nat64_net *nn)
{
	nat64_table_for_each(&nn->blocks, end_last, nn);
	nat64_table_fini(&nn->blocks);
}
