// SPDX-License-Identifier: GPL-2.0
/*
 * The binding table (RFC 6146 section 3.1, the BIB): which IPv4 transport
 * address stands for which IPv6 transport address, found by either.
 */
#include <linux/slab.h>

#include "binding.h"
#include "nat64.h"
#include "pool.h"

static struct kmem_cache *binding_cache;

static const struct rhashtable_params by6_params = {
	.head_offset = offsetof(struct nat64_binding, by6),
	.key_offset = offsetof(struct nat64_binding, key6),
	.key_len = sizeof(struct nat64_key6),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

static const struct rhashtable_params by4_params = {
	.head_offset = offsetof(struct nat64_binding, by4),
	.key_offset = offsetof(struct nat64_binding, key4),
	.key_len = sizeof(struct nat64_key4),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

int nat64_binding_cache_init(void)
{
	binding_cache = KMEM_CACHE(nat64_binding, SLAB_ACCOUNT);
	return binding_cache ? 0 : -ENOMEM;
}

/* After rcu_barrier(). */
void nat64_binding_cache_fini(void)
{
	kmem_cache_destroy(binding_cache);
}

int nat64_binding_init(struct nat64_net *nn)
{
	int err;

	err = rhashtable_init(&nn->bindings6, &by6_params);
	if (err)
		return err;
	err = rhashtable_init(&nn->bindings4, &by4_params);
	if (err)
		rhashtable_destroy(&nn->bindings6);
	return err;
}

static void binding_free(struct nat64_binding *binding)
{
	if (binding->pool)
		nat64_pool_release(binding->pool, binding->key4.proto,
				   binding->key4.addr, binding->key4.port);
	kmem_cache_free(binding_cache, binding);
}

static void binding_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(binding_cache,
			container_of(rcu, struct nat64_binding, rcu));
}

static void binding_free_last(void *ptr, void *arg)
{
	binding_free(ptr);
}

/* No hook, no sweep and no command is running any more. */
void nat64_binding_fini(struct nat64_net *nn)
{
	rhashtable_destroy(&nn->bindings4);
	rhashtable_free_and_destroy(&nn->bindings6, binding_free_last, NULL);
}

/**
 * nat64_binding_find6() - find a binding by its IPv6 side
 * @nn: the namespace
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @addr: the IPv6 host
 * @port: its port or ICMP id
 *
 * Context: RCU.
 * Return: the binding or NULL.
 */
struct nat64_binding *nat64_binding_find6(struct nat64_net *nn, u8 proto,
					  const struct in6_addr *addr,
					  __be16 port)
{
	struct nat64_key6 key = { *addr, port, proto };

	return rhashtable_lookup(&nn->bindings6, &key, by6_params);
}

/**
 * nat64_binding_find4() - find a binding by its IPv4 side
 * @nn: the namespace
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @addr: the pool address
 * @port: the port or ICMP id
 *
 * Context: RCU.
 * Return: the binding or NULL.
 */
struct nat64_binding *nat64_binding_find4(struct nat64_net *nn, u8 proto,
					  __be32 addr, __be16 port)
{
	struct nat64_key4 key = { addr, port, proto };

	return rhashtable_lookup(&nn->bindings4, &key, by4_params);
}

/*
 * Put a new binding into both tables, or neither.  Whoever loses a race for
 * the IPv6 side has not been seen by anybody.  The IPv4 side is ours alone,
 * taken from a pool or checked under the lock, so only memory can fail us
 * there, when others may use the binding already: it ends like any other.
 *
 * The binding, with the place in its pool, is gone if this fails.
 */
static int binding_insert(struct nat64_net *nn, struct nat64_binding *binding,
			  struct nat64_binding **other)
{
	struct nat64_binding *old;
	int err;

	*other = NULL;
	old = rhashtable_lookup_get_insert_fast(&nn->bindings6, &binding->by6,
						by6_params);
	if (old) {
		binding_free(binding);
		if (IS_ERR(old))
			return -ENOMEM;
		*other = old;
		return -EEXIST;
	}
	nat64_count(nn, NAT64_BINDING_CREATED);
	err = rhashtable_lookup_insert_fast(&nn->bindings4, &binding->by4,
					    by4_params);
	if (err) {
		nat64_binding_put(nn, binding);
		return -ENOMEM;
	}
	return 0;
}

/**
 * nat64_binding_hold6() - find a binding by its IPv6 side, to keep it
 * @nn: the namespace
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @addr: the IPv6 host
 * @port: its port or ICMP id
 *
 * Endpoint-independent mapping: the remote end plays no part.
 *
 * Context: RCU.
 * Return: the binding, with a reference, or NULL.
 */
struct nat64_binding *nat64_binding_hold6(struct nat64_net *nn, u8 proto,
					  const struct in6_addr *addr,
					  __be16 port)
{
	struct nat64_binding *b = nat64_binding_find6(nn, proto, addr, port);

	return b && refcount_inc_not_zero(&b->refs) ? b : NULL;
}

/**
 * nat64_binding_create() - make a binding, or find that another CPU did
 * @nn: the namespace
 * @pool: where the IPv4 side is taken from
 * @search: for whom
 * @binding: result, with a reference
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, or the reason why there is none.
 */
enum nat64_counter nat64_binding_create(struct nat64_net *nn,
					struct nat64_pool *pool,
					struct nat64_pool_search *search,
					struct nat64_binding **binding)
{
	const struct nat64_tuple6 *t6 = search->t6;
	struct nat64_binding *b, *other;
	enum nat64_counter verdict;
	int err;

	b = kmem_cache_zalloc(binding_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!b)
		return NAT64_DROP_NO_MEMORY;
	b->key6 = (struct nat64_key6){ t6->local, t6->lport, t6->proto };
	b->key4.proto = t6->proto;
	b->pool = pool;
	verdict = nat64_pool_choose(pool, search, &b->key4.addr,
				    &b->key4.port);
	if (verdict) {
		kmem_cache_free(binding_cache, b);
		return verdict;
	}
	refcount_set(&b->refs, 1);
	err = binding_insert(nn, b, &other);
	if (!err) {
		*binding = b;
		return NAT64_OK;
	}
	if (err != -EEXIST)
		return NAT64_DROP_NO_MEMORY;
	if (!refcount_inc_not_zero(&other->refs))
		return NAT64_DROP_SESSION_CONFLICT;
	*binding = other;
	return NAT64_OK;
}

/**
 * nat64_binding_add_fixed() - add a static binding
 * @nn: the namespace, locked
 * @key6: the IPv6 transport address
 * @key4: the IPv4 transport address
 * @pool: the pool where it was reserved; the place is given back on failure;
 *	or NULL
 * @other: result on -EEXIST: what is in the way, if it is still there
 *
 * Context: process, RCU.
 * Return: 0, -EEXIST, -ENOMEM.
 */
int nat64_binding_add_fixed(struct nat64_net *nn, const struct nat64_key6 *key6,
			    const struct nat64_key4 *key4,
			    struct nat64_pool *pool,
			    struct nat64_binding **other)
{
	struct nat64_binding *b;

	*other = NULL;
	b = kmem_cache_zalloc(binding_cache, GFP_ATOMIC);
	if (!b) {
		if (pool)
			nat64_pool_release(pool, key4->proto, key4->addr,
					   key4->port);
		return -ENOMEM;
	}
	b->key6 = *key6;
	b->key4 = *key4;
	b->fixed = true;
	b->pool = pool;
	refcount_set(&b->refs, 1);
	return binding_insert(nn, b, other);
}

/**
 * nat64_binding_unlink() - let nobody find a binding any more
 * @nn: the namespace
 * @binding: the binding, in the tables or not
 *
 * Context: any.
 */
void nat64_binding_unlink(struct nat64_net *nn, struct nat64_binding *binding)
{
	rhashtable_remove_fast(&nn->bindings6, &binding->by6, by6_params);
	rhashtable_remove_fast(&nn->bindings4, &binding->by4, by4_params);
}

/**
 * nat64_binding_put() - give a reference back
 * @nn: the namespace
 * @binding: the binding; it ends with the last reference
 *
 * Context: any.
 */
void nat64_binding_put(struct nat64_net *nn, struct nat64_binding *binding)
{
	if (!refcount_dec_and_test(&binding->refs))
		return;
	nat64_binding_unlink(nn, binding);
	nat64_count(nn, NAT64_BINDING_ENDED);
	if (binding->pool)
		nat64_pool_release(binding->pool, binding->key4.proto,
				   binding->key4.addr, binding->key4.port);
	call_rcu(&binding->rcu, binding_free_rcu);
}

/**
 * nat64_binding_filters() - does a binding let in just those it talks to?
 * @binding: the binding
 *
 * RFC 6146 section 3.5: address-dependent filtering.  What the operator has
 * published is for all.
 */
bool nat64_binding_filters(const struct nat64_binding *binding)
{
	return !binding->fixed && binding->pool->params.filtering ==
				  NAT64_FILTERING_ADDRESS_DEPENDENT;
}

/**
 * nat64_binding_fixed_at() - a static binding of an address
 * @nn: the namespace, locked
 * @addr: an address that has some
 *
 * Context: process.
 * Return: one of them, good as long as the lock is held.
 */
struct nat64_binding *nat64_binding_fixed_at(struct nat64_net *nn,
					     __be32 addr)
{
	struct rhashtable_iter iter;
	struct nat64_binding *b;

	rhashtable_walk_enter(&nn->bindings4, &iter);
	rhashtable_walk_start(&iter);
	do {
		b = rhashtable_walk_next(&iter);
	} while (b && (IS_ERR(b) || !b->fixed || b->key4.addr != addr));
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return b;
}

/**
 * nat64_binding_adopt() - a pool comes that may cover static bindings
 * @nn: the namespace, locked
 * @pool: the pool, not yet in use
 *
 * Their ports are taken in @pool, so that it never hands them out.
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int nat64_binding_adopt(struct nat64_net *nn, struct nat64_pool *pool)
{
	struct rhashtable_iter iter;
	struct nat64_binding *b;
	int err = 0;

	rhashtable_walk_enter(&nn->bindings4, &iter);
	rhashtable_walk_start(&iter);
	while (!err && (b = rhashtable_walk_next(&iter))) {
		if (IS_ERR(b) || !b->fixed || b->pool == pool ||
		    !nat64_pool_contains(pool, b->key4.addr))
			continue;
		err = nat64_pool_reserve(pool, b->key4.proto, b->key4.addr,
					 b->key4.port);
		if (err)
			break;
		if (b->pool)
			nat64_pool_release(b->pool, b->key4.proto,
					   b->key4.addr, b->key4.port);
		b->pool = pool;
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return err;
}

/**
 * nat64_binding_unlink_fixed() - let nobody find static bindings any more
 * @nn: the namespace, locked
 * @batch: result; the configuration's references are the caller's now
 * @max: most entries of @batch
 *
 * Context: process.
 * Return: how many there are in @batch.
 */
unsigned int nat64_binding_unlink_fixed(struct nat64_net *nn,
					struct nat64_binding **batch,
					unsigned int max)
{
	struct rhashtable_iter iter;
	struct nat64_binding *b;
	unsigned int n = 0;

	rhashtable_walk_enter(&nn->bindings4, &iter);
	rhashtable_walk_start(&iter);
	while (n < max && (b = rhashtable_walk_next(&iter))) {
		if (IS_ERR(b) || !b->fixed)
			continue;
		nat64_binding_unlink(nn, b);
		batch[n++] = b;
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return n;
}
