// SPDX-License-Identifier: GPL-2.0
/*
 * Ports that a client gets by blocks, so that one line of a log says who had them
 * (RFC 6888 REQ-4 and section 4, RFC 7422 section 2).
 *
 * A client is an IPv6 prefix, as of its limits.  It has blocks 0, 1 and so on up to
 * blocks-max, each found by its number.  A block of which no port is in use stays for
 * block-timeout, unless somebody else needs it: then the one goes first that has not
 * been used for the longest time.
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

/* Of a block its part of the table besides. */
#define BLOCK_SHARE	(sizeof(struct nat64_block) + 64)

/* So many that are listed as idle, but are not, may be passed over. */
#define IDLE_TRIES	8

/*
 * So often a block is looked for: static bindings may have all ports of some.  At the
 * end among those that are idle.
 */
#define BLOCK_TRIES	4

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
	/* Of each pool another one: a walk of a table knows few hashes that are equal. */
	struct {
		struct in6_addr prefix;
		__be32 pool;
	} key = { .pool = pool->params.addr };

	ipv6_addr_prefix(&key.prefix, addr, len);
	want->prefix = key.prefix;
	want->pool = pool;
	want->len = len;
	want->nth = 0;
	want->hash = nat64_hash(&key, sizeof(key), nn->seed + len);
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

static struct nat64_block *find_nth(struct nat64_net *nn,
				    const struct nat64_pool *pool,
				    const struct in6_addr *addr, u8 len, u8 nth)
{
	struct wanted want;

	want_client(nn, &want, pool, addr, len);
	want.nth = nth;
	return find(nn, &want);
}

static unsigned int place_at(const struct nat64_pool *pool, __be32 addr4,
			     u16 port)
{
	return (ntohl(addr4) - ntohl(pool->params.addr)) * pool->blocks_each +
	       (port - pool->block_first) / pool->params.block_size;
}

/* All but the block itself, which others may see: they are under RCU, as the pool is. */
static void give_all(struct nat64_block *block)
{
	struct nat64_pool *pool = block->pool;

	/* Whoever takes the place has seen what was told of it before. */
	clear_bit_unlock(place_at(pool, block->addr4, block->port), pool->blocks);
	atomic_dec(&pool->blocks_used);
	nat64_memory_give(pool->tenant, BLOCK_SHARE);
	nat64_pool_put(pool);
}

/* Nobody has seen it. */
static void discard(struct nat64_block *block)
{
	give_all(block);
	kmem_cache_free(cache, block);
}

static void free_block(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct nat64_block, rcu));
}

static void tell_created(struct nat64_net *nn, const struct nat64_block *block)
{
	nat64_count(nn, NAT64_BLOCK_CREATED);
	nat64_event_block(nn, block, NAT64_EVENT_CREATED);
}

static void tell_ended(struct nat64_net *nn, const struct nat64_block *block)
{
	nat64_count(nn, NAT64_BLOCK_ENDED);
	nat64_event_block(nn, block, NAT64_EVENT_ENDED);
}

/* Unless a port of it is in use, or somebody else ends it. */
static bool end(struct nat64_net *nn, struct nat64_block *block)
{
	struct nat64_pool *pool = block->pool;

	if (!refcount_dec_if_one(&block->refs))
		return false;
	nat64_table_remove(&nn->blocks, &block->node);
	spin_lock_bh(&pool->idle_lock);
	list_del_init(&block->list);
	spin_unlock_bh(&pool->idle_lock);
	tell_ended(nn, block);
	/* Who gets it next is told of behind that. */
	give_all(block);
	call_rcu(&block->rcu, free_block);
	return true;
}

/* That of who has not needed it for the longest time; where it was. */
static bool end_oldest(struct nat64_net *nn, struct nat64_pool *pool,
		       __be32 *addr4, u16 *port)
{
	struct nat64_block *block;
	unsigned int n;

	for (n = 0; n < IDLE_TRIES; n++) {
		spin_lock_bh(&pool->idle_lock);
		block = list_first_entry_or_null(&pool->idle, struct nat64_block,
						 list);
		if (block)
			list_del_init(&block->list);
		spin_unlock_bh(&pool->idle_lock);
		if (!block)
			return false;
		*addr4 = block->addr4;
		*port = block->port;
		/* One that is in use is listed again when it is not. */
		if (end(nn, block))
			return true;
	}
	return false;
}

/* The same one, for who does but ask, with a reference. */
static struct nat64_block *peek_oldest(struct nat64_pool *pool)
{
	struct nat64_block *block, *found = NULL;
	unsigned int n = 0;

	spin_lock_bh(&pool->idle_lock);
	list_for_each_entry(block, &pool->idle, list) {
		if (n++ == IDLE_TRIES)
			break;
		if (refcount_read(&block->refs) != 1 ||
		    !refcount_inc_not_zero(&block->refs))
			continue;
		found = block;
		break;
	}
	spin_unlock_bh(&pool->idle_lock);
	return found;
}

/* It is in use again; who gives it back lists it. */
static void unlist(struct nat64_block *block)
{
	if (list_empty_careful(&block->list))
		return;
	spin_lock_bh(&block->pool->idle_lock);
	list_del_init(&block->list);
	spin_unlock_bh(&block->pool->idle_lock);
}

/* Who has but asked for a port has not used it. */
static void put(struct nat64_net *nn, struct nat64_block *block, bool used)
{
	struct nat64_pool *pool = block->pool;

	if (used)
		WRITE_ONCE(block->idle, (u32)jiffies);
	refcount_dec(&block->refs);
	if (READ_ONCE(pool->removed)) {
		end(nn, block);
		return;
	}
	if (refcount_read(&block->refs) != 1)
		return;
	spin_lock_bh(&pool->idle_lock);
	/* Not one that has ended. */
	if (refcount_read(&block->refs) == 1 &&
	    (used || list_empty(&block->list)))
		list_move_tail(&block->list, &pool->idle);
	spin_unlock_bh(&pool->idle_lock);
}

static enum nat64_counter take_port(const struct nat64_packet *pkt,
				    const struct nat64_block *block, __be16 *port4)
{
	return nat64_pool_take(block->pool, &pkt->t6, block->addr4, block->port,
			       nat64_block_last(block), get_random_u32(), port4);
}

static bool take_bit(unsigned long *map, unsigned int from, unsigned int to,
		     unsigned int *bit)
{
	for (*bit = from; (*bit = find_next_zero_bit(map, to, *bit)) < to;)
		if (!test_and_set_bit(*bit, map))
			return true;
	return false;
}

/* A place for a block, at @addr4 or, if that is full, one of the next. */
static bool take_place(struct nat64_pool *pool, unsigned int *tries,
		       __be32 *addr4, u16 *port)
{
	unsigned int each = pool->blocks_each, size = nat64_pool_size(pool);
	u32 base = ntohl(pool->params.addr), first = ntohl(*addr4) - base;
	unsigned int n, i, from, start, place;

	if (atomic_read(&pool->blocks_used) >= nat64_pool_blocks(pool))
		return false;
	for (n = 0; n < size && *tries; n++) {
		(*tries)--;
		i = (first + n) & (size - 1);
		from = i * each;
		start = from + reciprocal_scale(get_random_u32(), each);
		if (!take_bit(pool->blocks, start, from + each, &place) &&
		    !take_bit(pool->blocks, from, start, &place))
			continue;
		*addr4 = htonl(base + i);
		*port = pool->block_first +
			(place - from) * pool->params.block_size;
		return true;
	}
	return false;
}

/* The place of an idle block. */
static bool take_oldest(struct nat64_net *nn, struct nat64_pool *pool,
			__be32 *addr4, u16 *port)
{
	return end_oldest(nn, pool, addr4, port) &&
	       !test_and_set_bit(place_at(pool, *addr4, *port), pool->blocks);
}

static enum nat64_counter find_place(struct nat64_pool_search *search,
				     struct nat64_pool *pool, bool reuse,
				     struct nat64_block *block)
{
	const struct nat64_packet *pkt = search->pkt;
	/* Of those that are idle there must not be more than of sessions. */
	bool most = !pkt->asked && nat64_table_count(&pkt->nn->blocks) >=
				   pkt->cfg->session_max;
	bool found = false;

	if (most || reuse)
		found = take_oldest(pkt->nn, pool, &block->addr4, &block->port);
	if (!found && most)
		return NAT64_DROP_SESSION_LIMIT;
	found = found ||
		take_place(pool, &search->tries, &block->addr4, &block->port) ||
		(!reuse && !pkt->asked &&
		 take_oldest(pkt->nn, pool, &block->addr4, &block->port));
	if (!found)
		return NAT64_DROP_POOL_EXHAUSTED;
	atomic_inc(&pool->blocks_used);
	return NAT64_OK;
}

/*
 * With a reference for a port, in no table yet; at @addr4 if that has room, or, for
 * @reuse, where an idle one was.
 */
static struct nat64_block *make(struct nat64_pool_search *search,
				struct nat64_pool *pool, bool reuse,
				const struct wanted *want, __be32 addr4,
				enum nat64_counter *verdict)
{
	struct nat64_block *block;

	*verdict = NAT64_DROP_NO_MEMORY;
	if (!nat64_memory_take(pool->tenant, BLOCK_SHARE))
		return NULL;
	block = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!block)
		goto give;
	INIT_LIST_HEAD(&block->list);
	block->prefix = want->prefix;
	block->len = want->len;
	block->nth = want->nth;
	block->hash = hash_nth(want);
	block->pool = pool;
	block->addr4 = addr4;
	block->since = ktime_get_real_ns();
	refcount_set(&block->refs, 2);
	/* The configuration's own reference may go while we are here. */
	*verdict = NAT64_DROP_NO_POOL;
	if (!refcount_inc_not_zero(&pool->refs))
		goto free;
	*verdict = find_place(search, pool, reuse, block);
	if (!*verdict)
		return block;
	nat64_pool_put(pool);
free:
	kmem_cache_free(cache, block);
give:
	nat64_memory_give(pool->tenant, BLOCK_SHARE);
	return NULL;
}

/*
 * Take a port of a block that the client has, or say by @want->nth which one it may
 * have besides: blocks-max if none.  @addr4 is where it has one.
 */
static struct nat64_block *take_own(const struct nat64_pool_search *search,
				    struct wanted *want, __be32 *addr4,
				    __be16 *port4, enum nat64_counter *verdict)
{
	const struct nat64_packet *pkt = search->pkt;
	u8 most = want->pool->params.blocks_max, none = most;
	struct nat64_block *block;

	*verdict = NAT64_DROP_POOL_EXHAUSTED;
	for (want->nth = 0; want->nth < most; want->nth++) {
		block = find(pkt->nn, want);
		if (!block || !refcount_inc_not_zero(&block->refs)) {
			none = min(none, want->nth);
			continue;
		}
		*addr4 = block->addr4;
		*verdict = take_port(pkt, block, port4);
		if (!*verdict) {
			if (!pkt->asked)
				unlist(block);
			return block;
		}
		put(pkt->nn, block, false);
		if (*verdict != NAT64_DROP_POOL_EXHAUSTED)
			return NULL;
	}
	want->nth = none;
	return NULL;
}

/* The same of one that it has not. */
static struct nat64_block *take_new(struct nat64_pool_search *search,
				    struct nat64_pool *pool, bool reuse,
				    const struct wanted *want, __be32 *addr4,
				    __be16 *port4, enum nat64_counter *verdict)
{
	struct nat64_block *fresh = make(search, pool, reuse && !search->pkt->asked,
					 want, *addr4, verdict);
	struct nat64_block *block = fresh;

	if (!fresh && search->pkt->asked && *verdict == NAT64_DROP_POOL_EXHAUSTED)
		block = peek_oldest(pool);
	if (!block)
		return NULL;
	*addr4 = block->addr4;
	*verdict = take_port(search->pkt, block, port4);
	if (!*verdict) {
		search->fresh = fresh;
		return block;
	}
	if (fresh)
		discard(fresh);
	else
		put(search->pkt->nn, block, false);
	return NULL;
}

/**
 * nat64_block_choose() - choose and take an address and port for a new binding
 * @search: for whom
 * @pool: where, of ports by blocks or not
 * @addr4: result
 * @port4: result
 *
 * If none of the client's blocks has a port of the kind, it gets one block more, which
 * nobody sees before nat64_block_settle().  nat64_block_unchoose() is the reverse.
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, and the pool has a reference more; or the reason why not.
 */
enum nat64_counter nat64_block_choose(struct nat64_pool_search *search,
				      struct nat64_pool *pool, __be32 *addr4,
				      __be16 *port4)
{
	const struct nat64_packet *pkt = search->pkt;
	u8 most = pool->params.blocks_max;
	enum nat64_counter verdict;
	struct wanted want;
	unsigned int n;

	search->block = NULL;
	search->fresh = false;
	if (!pool->params.block_size)
		return nat64_pool_choose(pool, search, addr4, port4);
	/* As long as for an address takes it to look at several blocks. */
	search->tries -= min(search->tries, 1U + most / 8);
	want_client(pkt->nn, &want, pool, &pkt->t6.local,
		    pkt->cfg->client_prefix_len);
	*addr4 = nat64_pool_address(pool, want.hash, 0);
	/* Another CPU may have got the last one for the same client meanwhile. */
	for (n = 0; n < BLOCK_TRIES && !search->block; n++) {
		search->block = take_own(search, &want, addr4, port4, &verdict);
		if (search->block)
			break;
		if (verdict != NAT64_DROP_POOL_EXHAUSTED)
			return verdict;
		if (want.nth == most)
			return NAT64_DROP_CLIENT_PORTS;
		search->block = take_new(search, pool, n >= BLOCK_TRIES / 2,
					 &want, addr4, port4, &verdict);
		if (!search->block && verdict != NAT64_DROP_POOL_EXHAUSTED)
			return verdict;
	}
	if (!search->block)
		return NAT64_DROP_POOL_EXHAUSTED;
	/* That of the block keeps it above zero. */
	refcount_inc(&pool->refs);
	return NAT64_OK;
}

/**
 * nat64_block_unchoose() - give an address and port back that were not used
 * @search: which chose them
 * @pool: the pool; its reference goes too
 * @t4: whose local side they are
 *
 * Context: RCU, BH disabled.
 */
void nat64_block_unchoose(struct nat64_pool_search *search,
			  struct nat64_pool *pool, const struct nat64_tuple4 *t4)
{
	struct nat64_block *block = search->block;

	nat64_pool_release(pool, t4->proto, t4->local, t4->lport);
	if (!block)
		return;
	if (search->fresh)
		discard(block);
	else
		put(search->pkt->nn, block, false);
	search->block = NULL;
}

/**
 * nat64_block_settle() - what was chosen is about to be used
 * @search: which chose it
 * @t4: whose local side it is; of another block of the client if that was quicker
 * @nth: result: for nat64_block_release()
 *
 * A block that is new is told of before anybody can use it.
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK; or the reason why not, and nothing is chosen any more.
 */
enum nat64_counter nat64_block_settle(struct nat64_pool_search *search,
				      struct nat64_tuple4 *t4, u8 *nth)
{
	struct nat64_block *block = search->block, *other;
	struct nat64_net *nn = search->pkt->nn;
	enum nat64_counter verdict;
	struct nat64_node *old;
	struct wanted want;

	*nth = block ? block->nth : 0;
	if (!search->fresh)
		return NAT64_OK;
	want = (struct wanted){
		.prefix = block->prefix,
		.pool = block->pool,
		.len = block->len,
		.nth = block->nth,
	};
	search->fresh = false;
	tell_created(nn, block);
	while ((old = nat64_table_insert(&nn->blocks, block->hash, &block->node,
					 &want, match))) {
		if (refcount_inc_not_zero(&of(old)->refs))
			break;
		/* Whoever ends it may be slower than we are. */
		nat64_table_remove(&nn->blocks, old);
	}
	if (!old)
		return NAT64_OK;
	other = of(old);
	nat64_pool_untake(block->pool, t4->proto, t4->local, t4->lport);
	tell_ended(nn, block);
	t4->local = other->addr4;
	verdict = take_port(search->pkt, other, &t4->lport);
	if (verdict) {
		nat64_pool_put(block->pool);
		put(nn, other, false);
		other = NULL;
		/* The next packet will find another block of the client. */
		if (verdict == NAT64_DROP_POOL_EXHAUSTED)
			verdict = NAT64_DROP_SESSION_CONFLICT;
	} else {
		unlist(other);
	}
	discard(block);
	search->block = other;
	return verdict;
}

/**
 * nat64_block_release() - give an address and port of a client back
 * @nn: the namespace
 * @pool: the pool, of ports by blocks or not; its reference goes too
 * @addr: the IPv6 host
 * @len: the client_prefix_len of when it was taken
 * @nth: which block it is of, as nat64_block_settle() said
 * @t4: whose local side it is
 *
 * Context: any.
 */
void nat64_block_release(struct nat64_net *nn, struct nat64_pool *pool,
			 const struct in6_addr *addr, u8 len, u8 nth,
			 const struct nat64_tuple4 *t4)
{
	struct nat64_block *block = NULL;

	rcu_read_lock();
	if (pool->params.block_size) {
		block = find_nth(nn, pool, addr, len, nth);
		WARN_ON_ONCE(!block);
	}
	nat64_pool_release(pool, t4->proto, t4->local, t4->lport);
	if (block)
		put(nn, block, true);
	rcu_read_unlock();
}

/**
 * nat64_block_last_port() - is no other port of a block in use?
 * @nn: the namespace
 * @pool: the pool, of ports by blocks
 * @addr: an IPv6 host that has a port of it
 * @len: the client_prefix_len of when it was taken
 * @nth: which block it is of
 *
 * Context: RCU.
 */
bool nat64_block_last_port(struct nat64_net *nn, const struct nat64_pool *pool,
			   const struct in6_addr *addr, u8 len, u8 nth)
{
	const struct nat64_block *block = find_nth(nn, pool, addr, len, nth);

	return block && nat64_block_used(block) == 1;
}

static int end_idle(struct nat64_node *node, void *arg)
{
	struct nat64_block *block = of(node);
	struct nat64_net *nn = arg;
	u32 timeout = rcu_dereference(nn->config)->block_timeout * HZ;

	if (refcount_read(&block->refs) != 1)
		return 0;
	/* Pairs with the decrement of put(): when the last port was given back. */
	smp_rmb();
	if ((u32)jiffies - READ_ONCE(block->idle) >= timeout ||
	    READ_ONCE(block->pool->removed))
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
