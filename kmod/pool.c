// SPDX-License-Identifier: GPL-2.0
/*
 * Choice of address and port from the pools (RFC 6146 section 3.5.1.1).
 */
#include <linux/bitmap.h>
#include <linux/inet.h>
#include <linux/inetdevice.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <net/ipv6.h>

#include "config.h"
#include "memory.h"
#include "nat64.h"
#include "packet.h"
#include "pool.h"
#include "tuple.h"

#define PORTS		65536
#define WELL_KNOWN	1024

/* So many sessions may be in the way of one of address- and port-dependent
 * mapping, in one class of ports of one address and in all pools together.
 */
#define CLASS_CANDIDATES	128
#define CANDIDATES		1024

/**
 * nat64_proto_index() - array index of a protocol
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 */
enum nat64_proto nat64_proto_index(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return NAT64_PROTO_TCP;
	case IPPROTO_UDP:
		return NAT64_PROTO_UDP;
	}
	return NAT64_PROTO_ICMP;
}

static size_t block_bytes(const struct nat64_pool_params *params)
{
	return BITS_TO_LONGS((size_t)nat64_pool_blocks_each(params) <<
			     (32 - params->len)) * sizeof(long);
}

static size_t bytes(const struct nat64_pool_params *params)
{
	return struct_size((struct nat64_pool *)NULL, ports,
			   1U << (32 - params->len)) + block_bytes(params);
}

/**
 * nat64_pool_alloc() - make a pool
 * @params: what the operator set, checked
 * @tenant: of a namespace that is not the host's own
 *
 * Context: process.
 * Return: the pool with one reference, or NULL.
 */
struct nat64_pool *nat64_pool_alloc(const struct nat64_pool_params *params,
				    bool tenant)
{
	struct nat64_pool *pool;

	if (!nat64_memory_take(tenant, bytes(params)))
		return NULL;
	pool = kvzalloc(bytes(params), GFP_KERNEL_ACCOUNT);
	if (!pool) {
		nat64_memory_give(tenant, bytes(params));
		return NULL;
	}
	refcount_set(&pool->refs, 1);
	pool->params = *params;
	pool->tenant = tenant;
	pool->mask = inet_make_mask(params->len);
	INIT_LIST_HEAD(&pool->idle);
	spin_lock_init(&pool->idle_lock);
	if (params->block_size) {
		pool->blocks_each = nat64_pool_blocks_each(params);
		pool->block_first = nat64_pool_first_block(params);
		/* Behind the ports, whose size is one of longs. */
		pool->blocks = (void *)pool + bytes(params) - block_bytes(params);
	}
	return pool;
}

static void free_map(const struct nat64_pool *pool, unsigned long *map)
{
	if (!map)
		return;
	nat64_memory_give(pool->tenant, PORTS / 8);
	kfree(map);
}

/* kvfree may sleep, and the last reference may go in softirq. */
static void pool_free_work(struct work_struct *work)
{
	struct nat64_pool *pool = container_of(to_rcu_work(work),
					       struct nat64_pool, free_work);
	unsigned int i, p;

	for (i = 0; i < nat64_pool_size(pool); i++)
		for (p = 0; p < NAT64_PROTOS; p++)
			free_map(pool, pool->ports[i][p].map);
	nat64_memory_give(pool->tenant, bytes(&pool->params));
	kvfree(pool);
}

/**
 * nat64_pool_put() - give a reference back
 * @pool: the pool, freed with the last reference
 *
 * Context: any.
 */
void nat64_pool_put(struct nat64_pool *pool)
{
	if (!refcount_dec_and_test(&pool->refs))
		return;
	INIT_RCU_WORK(&pool->free_work, pool_free_work);
	queue_rcu_work(nat64_wq, &pool->free_work);
}

/**
 * nat64_pool_used() - how many ports are in use
 * @pool: the pool
 * @proto: of which protocol
 */
u64 nat64_pool_used(const struct nat64_pool *pool, enum nat64_proto proto)
{
	unsigned int i;
	u64 used = 0;

	for (i = 0; i < NAT64_PORT_KINDS; i++)
		used += atomic_read(&pool->used[proto][i]);
	return used;
}

static struct nat64_pool_ports *pool_ports(struct nat64_pool *pool, u8 proto,
					   __be32 addr4)
{
	u32 i = ntohl(addr4) - ntohl(pool->params.addr);

	return &pool->ports[i][nat64_proto_index(proto)];
}

static unsigned long *ports_map(const struct nat64_pool *pool,
				struct nat64_pool_ports *ports)
{
	unsigned long *map = READ_ONCE(ports->map), *old;

	if (map)
		return map;
	if (!nat64_memory_take(pool->tenant, PORTS / 8))
		return NULL;
	map = kzalloc(PORTS / 8, GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!map) {
		nat64_memory_give(pool->tenant, PORTS / 8);
		return NULL;
	}
	old = cmpxchg(&ports->map, NULL, map);
	if (!old)
		return map;
	free_map(pool, map);
	return old;
}

/*
 * Well-known ports and the others, even and odd ones are counted apart: some may
 * be used up and others not.
 */
static unsigned int kind_of(unsigned int port)
{
	return (port >= WELL_KNOWN ? 2 : 0) + (port & 1);
}

/* Only those of the pool's range count. */
static void count_port(struct nat64_pool *pool, u8 proto, __be32 addr4,
		       unsigned int port, int diff)
{
	unsigned int kind = kind_of(port);

	if (port < pool->params.port_min || port > pool->params.port_max)
		return;
	atomic_add(diff, &pool_ports(pool, proto, addr4)->used[kind]);
	atomic_add(diff, &pool->used[nat64_proto_index(proto)][kind]);
}

/*
 * The ports among which one is chosen: those of [min, max] that have the
 * parity of @min, if @step is 2.
 */
struct port_class {
	unsigned int min;
	unsigned int max;
	unsigned int step;
};

/*
 * RFC 6146 section 3.5.1.1: a well-known port stays one if it can, another never
 * becomes one.  ICMP ids have no such classes, but are first looked for among
 * the many.  The @n-th class to try, false if there is none.
 */
static bool nth_class(const struct nat64_pool_params *params,
		      const struct nat64_tuple6 *t6, unsigned int n,
		      struct port_class *class)
{
	unsigned int port6 = ntohs(t6->lport);
	bool low = port6 < WELL_KNOWN ? n == 0 : n == 1;

	if (n > (params->port_class ? 1 : 0) ||
	    (n == 1 && low && t6->proto != IPPROTO_ICMP))
		return false;
	class->min = params->port_min;
	class->max = params->port_max;
	class->step = 1;
	if (params->port_class && low)
		class->max = min_t(unsigned int, class->max, WELL_KNOWN - 1);
	else if (params->port_class)
		class->min = max_t(unsigned int, class->min, WELL_KNOWN);
	if (params->parity && t6->proto != IPPROTO_ICMP) {
		class->step = 2;
		class->min += (class->min ^ port6) & 1;
	}
	return true;
}

static unsigned int class_size(const struct port_class *class)
{
	return class->min > class->max ? 0 :
	       (class->max - class->min) / class->step + 1;
}

static u64 class_used(const atomic_t used[NAT64_PORT_KINDS],
		      const struct port_class *class)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < NAT64_PORT_KINDS; i++)
		if ((i < 2 ? class->min < WELL_KNOWN :
			     class->max >= WELL_KNOWN) &&
		    (class->step == 1 || (i & 1) == (class->min & 1)))
			sum += atomic_read(&used[i]);
	return sum;
}

/* Has any of @addresses with @used ports one left? */
static bool class_has_room(const atomic_t used[NAT64_PORT_KINDS],
			   const struct port_class *class, u64 addresses)
{
	return class_used(used, class) < addresses * class_size(class);
}

/* A word at a time, so that the other parity costs nothing. */
static bool take_port(unsigned long *map, unsigned int from, unsigned int to,
		      unsigned int step, unsigned int *port)
{
	unsigned long parity = step == 1 ? ~0UL :
			       from & 1 ? ~0UL / 3 * 2 : ~0UL / 3;
	unsigned int w;

	for (w = from / BITS_PER_LONG; w <= to / BITS_PER_LONG; w++) {
		unsigned long free = ~READ_ONCE(map[w]) & parity;

		if (w == from / BITS_PER_LONG)
			free &= BITMAP_FIRST_WORD_MASK(from);
		if (w == to / BITS_PER_LONG)
			free &= BITMAP_LAST_WORD_MASK(to + 1);
		for (; free; free &= free - 1) {
			*port = w * BITS_PER_LONG + __ffs(free);
			if (!test_and_set_bit(*port, map))
				return true;
		}
	}
	return false;
}

/*
 * Search a class of ports from a point that cannot be guessed (RFC 6056), once
 * around: at most 1024 words are read.
 */
static bool take_near(unsigned long *map, const struct port_class *class,
		      u32 random, unsigned int *port)
{
	unsigned int start = class->min + class->step *
			     reciprocal_scale(random, class_size(class));

	return take_port(map, start, class->max, class->step, port) ||
	       (start > class->min &&
		take_port(map, class->min, start - 1, class->step, port));
}

/**
 * nat64_pool_take() - choose and take a port of an address
 * @pool: the pool
 * @t6: for whom
 * @addr4: the address
 * @first: the first port that will do
 * @last: the last one
 * @random: where the search begins
 * @port4: result
 *
 * The caller has a reference to the pool.
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, or the reason why not.
 */
enum nat64_counter nat64_pool_take(struct nat64_pool *pool,
				   const struct nat64_tuple6 *t6, __be32 addr4,
				   u16 first, u16 last, u32 random,
				   __be16 *port4)
{
	struct nat64_pool_ports *ports = pool_ports(pool, t6->proto, addr4);
	unsigned long *map = ports_map(pool, ports);
	struct nat64_pool_params params = pool->params;
	bool whole = first == params.port_min && last == params.port_max;
	struct port_class class;
	unsigned int n, port;

	if (!map)
		return NAT64_DROP_NO_MEMORY;
	params.port_min = first;
	params.port_max = last;
	for (n = 0; nth_class(&params, t6, n, &class); n++) {
		if ((!whole || class_has_room(ports->used, &class, 1)) &&
		    take_near(map, &class, random, &port)) {
			count_port(pool, t6->proto, addr4, port, 1);
			*port4 = htons(port);
			return NAT64_OK;
		}
	}
	return NAT64_DROP_POOL_EXHAUSTED;
}

/* Of a pool that is full, not each address has to be asked. */
static bool has_room(const struct nat64_pool *pool,
		     const struct nat64_tuple6 *t6)
{
	const atomic_t *used = pool->used[nat64_proto_index(t6->proto)];
	struct port_class class;
	unsigned int n;

	for (n = 0; nth_class(&pool->params, t6, n, &class); n++)
		if (class_has_room(used, &class, nat64_pool_size(pool)))
			return true;
	return false;
}

/**
 * nat64_pool_address() - an address to try, first always the same (RFC 4787 REQ-2)
 * @pool: the pool
 * @random: of the host, or the client
 * @n: how many have been tried
 */
__be32 nat64_pool_address(const struct nat64_pool *pool, u32 random, u32 n)
{
	u32 size = nat64_pool_size(pool);
	u32 first = reciprocal_scale(random * GOLDEN_RATIO_32, size);

	return htonl(ntohl(pool->params.addr) + ((first + n) & (size - 1)));
}

/**
 * nat64_pool_suits() - might a host have this port?
 * @pool: the pool
 * @t6: the host, its port and protocol
 * @port4: the port or ICMP id
 */
bool nat64_pool_suits(const struct nat64_pool *pool,
		      const struct nat64_tuple6 *t6, __be16 port4)
{
	unsigned int port6 = ntohs(t6->lport), port = ntohs(port4);

	if (t6->proto == IPPROTO_ICMP)
		return true;
	if (pool->params.parity && (port6 ^ port) & 1)
		return false;
	return !pool->params.port_class || port6 < WELL_KNOWN ||
	       port >= WELL_KNOWN;
}

/**
 * nat64_pool_search() - begin to look for an address and port
 * @search: the search
 * @pkt: for whom
 */
void nat64_pool_search(struct nat64_pool_search *search,
		       const struct nat64_packet *pkt)
{
	u8 len = pkt->cfg->blocks ? pkt->cfg->client_prefix_len : 128;
	struct in6_addr host;

	ipv6_addr_prefix(&host, &pkt->t6.local, len);
	search->pkt = pkt;
	search->addr_random = nat64_hash(&host, sizeof(host), pkt->nn->seed);
	search->next = 0;
	search->pool = NULL;
	search->tries = NAT64_POOL_TRIES;
	search->candidates = CANDIDATES;
}

/**
 * nat64_pool_next() - the pool to try next
 * @search: the search
 *
 * Return: a pool, RCU, or NULL if all or enough have been tried.
 */
struct nat64_pool *nat64_pool_next(struct nat64_pool_search *search)
{
	const struct nat64_config *cfg = search->pkt->cfg;

	if (search->next == cfg->pool_count || !search->tries ||
	    !search->candidates)
		return NULL;
	search->pool = cfg->pools[(search->addr_random + search->next++) %
				  cfg->pool_count];
	return search->pool;
}

/**
 * nat64_pool_choose() - choose and take an address and port for a new binding
 * @pool: where
 * @search: for whom
 * @addr4: result
 * @port4: result
 *
 * A host gets the same address for all its bindings as long as that address
 * has ports (RFC 4787 REQ-2, paired pooling).  nat64_pool_release() is the reverse.
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, and the pool has a reference more; or the reason why not.
 */
enum nat64_counter nat64_pool_choose(struct nat64_pool *pool,
				     struct nat64_pool_search *search,
				     __be32 *addr4, __be16 *port4)
{
	const struct nat64_tuple6 *t6 = &search->pkt->t6;
	u32 random = get_random_u32();
	enum nat64_counter verdict = NAT64_DROP_POOL_EXHAUSTED;
	u32 n;

	if (!has_room(pool, t6))
		return NAT64_DROP_POOL_EXHAUSTED;
	for (n = 0; n < nat64_pool_size(pool) && search->tries; n++) {
		search->tries--;
		*addr4 = nat64_pool_address(pool, search->addr_random, n);
		verdict = nat64_pool_take(pool, t6, *addr4, pool->params.port_min,
					  pool->params.port_max, random, port4);
		if (verdict != NAT64_DROP_POOL_EXHAUSTED)
			break;
	}
	/* The configuration's own reference may go while we are here. */
	if (verdict == NAT64_OK && !refcount_inc_not_zero(&pool->refs))
		return NAT64_DROP_NO_POOL;
	return verdict;
}

/**
 * nat64_pool_candidates() - begin to look for ports of a pool that may be shared
 * @search: the search
 */
void nat64_pool_candidates(struct nat64_pool_search *search)
{
	search->random = get_random_u32();
	search->address = 0;
	search->class = 0;
	search->place = 0;
}

/**
 * nat64_pool_candidate() - an address and port that a session might have
 * @pool: of address- and port-dependent mapping
 * @search: for whom
 * @addr4: result
 * @port4: result
 *
 * Nothing is taken: another session may have this port, if to another remote
 * end.
 *
 * Context: RCU.
 * Return: false if enough have been tried.
 */
bool nat64_pool_candidate(struct nat64_pool *pool,
			  struct nat64_pool_search *search, __be32 *addr4,
			  __be16 *port4)
{
	const struct nat64_tuple6 *t6 = &search->pkt->t6;
	struct port_class class;
	unsigned int size, port;
	unsigned long *map;

	while (search->candidates && search->address < nat64_pool_size(pool)) {
		if (!nth_class(&pool->params, t6, search->class, &class)) {
			if (!search->tries)
				return false;
			search->tries--;
			search->address++;
			search->class = 0;
			search->place = 0;
			continue;
		}
		size = class_size(&class);
		if (search->place >= min_t(unsigned int, size,
					   CLASS_CANDIDATES)) {
			search->class++;
			search->place = 0;
			continue;
		}
		port = class.min + class.step *
		       ((reciprocal_scale(search->random, size) +
			 search->place++) % size);
		search->candidates--;
		*addr4 = nat64_pool_address(pool, search->addr_random,
					    search->address);
		*port4 = htons(port);
		/* A static binding has its port for all remote ends. */
		map = READ_ONCE(pool_ports(pool, t6->proto, *addr4)->map);
		if (!map || !test_bit(port, map))
			return true;
	}
	return false;
}

/**
 * nat64_pool_hold() - count a session of address- and port-dependent mapping
 * @pool: its pool
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @addr4: its address
 * @port4: its port or ICMP id
 *
 * Context: RCU.
 * Return: false if the pool is going away.
 */
bool nat64_pool_hold(struct nat64_pool *pool, u8 proto, __be32 addr4,
		     __be16 port4)
{
	if (!refcount_inc_not_zero(&pool->refs))
		return false;
	count_port(pool, proto, addr4, ntohs(port4), 1);
	return true;
}

/**
 * nat64_pool_drop() - the reverse of nat64_pool_hold()
 * @pool: the pool
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @addr4: the address
 * @port4: the port or ICMP id
 *
 * Context: any.
 */
void nat64_pool_drop(struct nat64_pool *pool, u8 proto, __be32 addr4,
		     __be16 port4)
{
	count_port(pool, proto, addr4, ntohs(port4), -1);
	nat64_pool_put(pool);
}

/**
 * nat64_pool_reserve() - take a certain address and port
 * @pool: the pool that holds @addr4
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @addr4: the address
 * @port4: the port or ICMP id
 *
 * Context: any.
 * Return: 0, -EBUSY if it is in use, -ENOMEM.
 */
int nat64_pool_reserve(struct nat64_pool *pool, u8 proto, __be32 addr4,
		       __be16 port4)
{
	struct nat64_pool_ports *ports = pool_ports(pool, proto, addr4);
	unsigned long *map = ports_map(pool, ports);
	unsigned int port = ntohs(port4);

	if (!map)
		return -ENOMEM;
	if (test_and_set_bit(port, map))
		return -EBUSY;
	count_port(pool, proto, addr4, port, 1);
	refcount_inc(&pool->refs);
	return 0;
}

/**
 * nat64_pool_untake() - the reverse of nat64_pool_take()
 * @pool: the pool
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @addr4: the address
 * @port4: the port or ICMP id
 *
 * Context: any.
 */
void nat64_pool_untake(struct nat64_pool *pool, u8 proto, __be32 addr4,
		       __be16 port4)
{
	unsigned int port = ntohs(port4);

	clear_bit(port, pool_ports(pool, proto, addr4)->map);
	count_port(pool, proto, addr4, port, -1);
}

/**
 * nat64_pool_release() - give an address and port back
 * @pool: the pool; its reference goes too
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @addr4: the address
 * @port4: the port or ICMP id
 *
 * Context: any.
 */
void nat64_pool_release(struct nat64_pool *pool, u8 proto, __be32 addr4,
			__be16 port4)
{
	nat64_pool_untake(pool, proto, addr4, port4);
	nat64_pool_put(pool);
}
