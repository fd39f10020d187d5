// SPDX-License-Identifier: GPL-2.0
/*
 * Choice of address and port from the pools (RFC 6146 section 3.5.1.1).
 */
#include <linux/bitmap.h>
#include <linux/inet.h>
#include <linux/inetdevice.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "config.h"
#include "nat64.h"
#include "pool.h"

#define PORTS		65536
#define WELL_KNOWN	1024

/* So many full addresses may be passed over for one new binding. */
#define ADDRESS_TRIES	256

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

static unsigned int pool_size(const struct nat64_pool *pool)
{
	return 1U << (32 - pool->len);
}

/**
 * nat64_pool_alloc() - make a pool
 * @addr: first address, host bits zero
 * @len: prefix length, 16 to 32
 * @port_min: first port
 * @port_max: last port, not below @port_min
 *
 * Context: process.
 * Return: the pool with one reference, or NULL.
 */
struct nat64_pool *nat64_pool_alloc(__be32 addr, u8 len, u16 port_min,
				    u16 port_max)
{
	struct nat64_pool *pool;

	pool = kvzalloc(struct_size(pool, ports, 1U << (32 - len)),
			GFP_KERNEL_ACCOUNT);
	if (!pool)
		return NULL;
	refcount_set(&pool->refs, 1);
	pool->addr = addr;
	pool->len = len;
	pool->port_min = port_min;
	pool->port_max = port_max;
	return pool;
}

/* kvfree may sleep, and the last reference may go in softirq. */
static void pool_free_work(struct work_struct *work)
{
	struct nat64_pool *pool = container_of(to_rcu_work(work),
					       struct nat64_pool, free_work);
	unsigned int i, p;

	for (i = 0; i < pool_size(pool); i++)
		for (p = 0; p < NAT64_PROTOS; p++)
			kfree(pool->ports[i][p].map);
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
 * nat64_pool_contains() - is an address in a pool?
 * @pool: the pool
 * @addr: the address
 */
bool nat64_pool_contains(const struct nat64_pool *pool, __be32 addr)
{
	return !((addr ^ pool->addr) & inet_make_mask(pool->len));
}

/**
 * nat64_pool_find() - the pool that holds an address
 * @cfg: the configuration, RCU or locked
 * @addr: the address
 *
 * Return: the pool, or NULL.
 */
struct nat64_pool *nat64_pool_find(const struct nat64_config *cfg, __be32 addr)
{
	unsigned int i;

	for (i = 0; i < cfg->pool_count; i++)
		if (nat64_pool_contains(cfg->pools[i], addr))
			return cfg->pools[i];
	return NULL;
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

	for (i = 0; i < pool_size(pool); i++)
		used += atomic_read(&pool->ports[i][proto].used[0]) +
			atomic_read(&pool->ports[i][proto].used[1]);
	return used;
}

static struct nat64_pool_ports *pool_ports(struct nat64_pool *pool, u8 proto,
					   __be32 addr4)
{
	u32 i = ntohl(addr4) - ntohl(pool->addr);

	return &pool->ports[i][nat64_proto_index(proto)];
}

static unsigned long *ports_map(struct nat64_pool_ports *ports)
{
	unsigned long *map = READ_ONCE(ports->map), *old;

	if (map)
		return map;
	map = kzalloc(PORTS / 8, GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!map)
		return NULL;
	old = cmpxchg(&ports->map, NULL, map);
	if (!old)
		return map;
	kfree(map);
	return old;
}

/* Well-known ports and the others are counted apart: one class may be full. */
static atomic_t *used_count(struct nat64_pool_ports *ports, unsigned int port)
{
	return &ports->used[port >= WELL_KNOWN];
}

static bool take_port(struct nat64_pool_ports *ports, unsigned long *map,
		      unsigned int from, unsigned int to, unsigned int *port)
{
	unsigned int p = from;

	while ((p = find_next_zero_bit(map, to + 1, p)) <= to) {
		if (!test_and_set_bit(p, map)) {
			atomic_inc(used_count(ports, p));
			*port = p;
			return true;
		}
	}
	return false;
}

/*
 * Search a class of ports from a point that cannot be guessed (RFC 6056), once
 * around: at most 1024 words are read, and none if the class is full.
 */
static bool take_near(struct nat64_pool_ports *ports, unsigned long *map,
		      unsigned int min, unsigned int max, u32 random,
		      unsigned int *port)
{
	unsigned int start;

	if (min > max ||
	    atomic_read(used_count(ports, max)) > max - min)
		return false;
	start = min + reciprocal_scale(random, max - min + 1);
	return take_port(ports, map, start, max, port) ||
	       (start > min && take_port(ports, map, min, start - 1, port));
}

static enum nat64_counter choose_port(struct nat64_pool *pool, u8 proto,
				      __be32 addr4, __be16 port6, u32 random,
				      __be16 *port4)
{
	struct nat64_pool_ports *ports = pool_ports(pool, proto, addr4);
	unsigned int min = pool->port_min, max = pool->port_max, port;
	unsigned long *map;

	map = ports_map(ports);
	if (!map)
		return NAT64_DROP_NO_MEMORY;
	/* RFC 6146 section 3.5.1.1: a well-known port stays one if it can,
	 * another never becomes one.  ICMP ids have no such classes.
	 */
	if (ntohs(port6) < WELL_KNOWN &&
	    take_near(ports, map, min, min(max, WELL_KNOWN - 1U), random,
		      &port))
		goto taken;
	if (take_near(ports, map, max(min, WELL_KNOWN + 0U), max, random,
		      &port))
		goto taken;
	if (proto == IPPROTO_ICMP &&
	    take_near(ports, map, min, min(max, WELL_KNOWN - 1U), random,
		      &port))
		goto taken;
	return NAT64_DROP_POOL_EXHAUSTED;

taken:
	*port4 = htons(port);
	return NAT64_OK;
}

/**
 * nat64_pool_choose() - choose and take an address and port for a new binding
 * @cfg: the configuration, RCU
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @addr6: the IPv6 host
 * @port6: its port or ICMP id
 * @pool: result: the pool, with a reference
 * @addr4: result
 * @port4: result
 *
 * A host gets the same address for all its bindings as long as that address
 * has ports (RFC 4787 REQ-2, paired pooling).
 *
 * Context: RCU, softirq or process with BH disabled.
 * Return: NAT64_OK, or the reason why not.
 */
enum nat64_counter nat64_pool_choose(const struct nat64_config *cfg, u8 proto,
				     const struct in6_addr *addr6,
				     __be16 port6, struct nat64_pool **pool,
				     __be32 *addr4, __be16 *port4)
{
	struct {
		struct in6_addr addr;
		u32 port;
	} key = { *addr6, (u32)proto << 16 | (__force u16)port6 };
	u32 addr_random = nat64_hash(&key.addr, sizeof(key.addr), 0);
	u32 port_random = nat64_hash(&key, sizeof(key), 1);
	enum nat64_counter verdict = NAT64_DROP_NO_POOL;
	unsigned int i, n = cfg->pool_count, tries = ADDRESS_TRIES;

	for (i = 0; i < n; i++) {
		struct nat64_pool *p = cfg->pools[(addr_random + i) % n];
		u32 size = pool_size(p), first, a;

		first = reciprocal_scale(addr_random * GOLDEN_RATIO_32, size);
		for (a = 0; a < size && tries; a++, tries--) {
			u32 index = (first + a) & (size - 1);

			*addr4 = htonl(ntohl(p->addr) + index);
			verdict = choose_port(p, proto, *addr4, port6,
					      port_random, port4);
			if (verdict == NAT64_DROP_POOL_EXHAUSTED)
				continue;
			if (verdict == NAT64_OK) {
				/* The configuration's own reference may go
				 * while we are here.
				 */
				if (!refcount_inc_not_zero(&p->refs))
					return NAT64_DROP_NO_POOL;
				*pool = p;
			}
			return verdict;
		}
	}
	return verdict;
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
	unsigned long *map = ports_map(ports);
	unsigned int port = ntohs(port4);

	if (!map)
		return -ENOMEM;
	if (test_and_set_bit(port, map))
		return -EBUSY;
	if (port >= pool->port_min && port <= pool->port_max)
		atomic_inc(used_count(ports, port));
	refcount_inc(&pool->refs);
	return 0;
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
	struct nat64_pool_ports *ports = pool_ports(pool, proto, addr4);
	unsigned int port = ntohs(port4);

	clear_bit(port, ports->map);
	if (port >= pool->port_min && port <= pool->port_max)
		atomic_dec(used_count(ports, port));
	nat64_pool_put(pool);
}
