// SPDX-License-Identifier: GPL-2.0
/*
 * The binding table (RFC 6146 section 3.1, the BIB): which IPv4 transport
 * address stands for which IPv6 transport address, found by either.
 */
#include <net/ipv6.h>

#include "binding.h"
#include "memory.h"
#include "nat64.h"
#include "pool.h"

static u32 hash6(const void *key, u32 len, u32 seed)
{
	return nat64_hash(key, sizeof(struct nat64_key6), seed);
}

static u32 hash4(const void *key, u32 len, u32 seed)
{
	return nat64_hash(key, sizeof(struct nat64_key4), seed);
}

static struct nat64_key6 key6_of(const struct nat64_binding *b)
{
	const struct nat64_tuple6 *t6 = &b->first.t6;

	return (struct nat64_key6){ t6->local, t6->lport, t6->proto };
}

static struct nat64_key4 key4_of(const struct nat64_binding *b)
{
	const struct nat64_tuple4 *t4 = &b->first.t4;

	return (struct nat64_key4){ t4->local, t4->lport, t4->proto };
}

static u32 obj_hash6(const void *binding, u32 len, u32 seed)
{
	struct nat64_key6 key = key6_of(binding);

	return hash6(&key, len, seed);
}

static u32 obj_hash4(const void *binding, u32 len, u32 seed)
{
	struct nat64_key4 key = key4_of(binding);

	return hash4(&key, len, seed);
}

static int differs6(struct rhashtable_compare_arg *arg, const void *binding)
{
	const struct nat64_tuple6 *t6 =
		&((const struct nat64_binding *)binding)->first.t6;
	const struct nat64_key6 *key = arg->key;

	return key->port != t6->lport || key->proto != t6->proto ||
	       !ipv6_addr_equal(&key->addr, &t6->local);
}

static int differs4(struct rhashtable_compare_arg *arg, const void *binding)
{
	const struct nat64_tuple4 *t4 =
		&((const struct nat64_binding *)binding)->first.t4;
	const struct nat64_key4 *key = arg->key;

	return key->addr != t4->local || key->port != t4->lport ||
	       key->proto != t4->proto;
}

static const struct rhashtable_params by6_params = {
	.head_offset = offsetof(struct nat64_binding, first.by6),
	.key_len = sizeof(struct nat64_key6),
	.hashfn = hash6,
	.obj_hashfn = obj_hash6,
	.obj_cmpfn = differs6,
	.automatic_shrinking = true,
};

static const struct rhashtable_params by4_params = {
	.head_offset = offsetof(struct nat64_binding, first.by4),
	.key_len = sizeof(struct nat64_key4),
	.hashfn = hash4,
	.obj_hashfn = obj_hash4,
	.obj_cmpfn = differs4,
	.automatic_shrinking = true,
};

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

static void give_port(struct nat64_binding *binding)
{
	const struct nat64_tuple4 *t4 = &binding->first.t4;

	if (binding->first.pool)
		nat64_pool_release(binding->first.pool, t4->proto, t4->local,
				   t4->lport);
}

/**
 * nat64_binding_discard() - free a binding that nobody sees, with its port
 * @binding: the binding
 *
 * Context: any.
 */
void nat64_binding_discard(struct nat64_binding *binding)
{
	give_port(binding);
	nat64_memory_free(&binding->first);
}

static void discard_last(void *binding, void *arg)
{
	nat64_binding_discard(binding);
}

/* No hook, no sweep and no command is running any more. */
void nat64_binding_fini(struct nat64_net *nn)
{
	rhashtable_destroy(&nn->bindings4);
	rhashtable_free_and_destroy(&nn->bindings6, discard_last, NULL);
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

/**
 * nat64_binding_insert6() - let others find a new binding by its IPv6 side
 * @nn: the namespace
 * @binding: the binding, complete
 *
 * Context: RCU.
 * Return: NULL; another binding that is there already, or an error pointer, when
 * nobody has seen this one.
 */
struct nat64_binding *nat64_binding_insert6(struct nat64_net *nn,
					    struct nat64_binding *binding)
{
	struct nat64_key6 key = key6_of(binding);
	struct nat64_binding *old;

	old = rhashtable_lookup_get_insert_key(&nn->bindings6, &key,
					       &binding->first.by6,
					       by6_params);
	if (!old)
		nat64_count(nn, NAT64_BINDING_CREATED);
	return old;
}

/**
 * nat64_binding_insert4() - let others find a binding by its IPv4 side
 * @nn: the namespace
 * @binding: the binding, found by its IPv6 side already
 *
 * The IPv4 side is its own, taken from a pool or checked under the lock, so only
 * memory can fail us.  Others may use the binding then: it ends like any other.
 *
 * Context: RCU.
 * Return: 0 or -errno.
 */
int nat64_binding_insert4(struct nat64_net *nn, struct nat64_binding *binding)
{
	struct nat64_key4 key = key4_of(binding);
	int err;

	err = rhashtable_lookup_insert_key(&nn->bindings4, &key,
					   &binding->first.by4, by4_params);
	/* Whoever found it meanwhile may have ended it; pairs with put. */
	smp_mb();
	if (!err && !refcount_read(&binding->first.refs))
		nat64_binding_unlink(nn, binding);
	return err;
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
	struct nat64_binding *b, *old;

	*other = NULL;
	b = nat64_memory_binding();
	if (!b) {
		if (pool)
			nat64_pool_release(pool, key4->proto, key4->addr,
					   key4->port);
		return -ENOMEM;
	}
	b->first.t6.local = key6->addr;
	b->first.t6.lport = key6->port;
	b->first.t6.proto = key6->proto;
	b->first.t4.local = key4->addr;
	b->first.t4.lport = key4->port;
	b->first.t4.proto = key4->proto;
	b->first.pool = pool;
	atomic_or(NAT64_SESSION_FIXED, &b->first.state);
	refcount_set(&b->first.refs, 1);
	old = nat64_binding_insert6(nn, b);
	if (old) {
		nat64_binding_discard(b);
		if (IS_ERR(old))
			return -ENOMEM;
		*other = old;
		return -EEXIST;
	}
	if (nat64_binding_insert4(nn, b)) {
		nat64_binding_put(nn, b);
		return -ENOMEM;
	}
	return 0;
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
	rhashtable_remove_fast(&nn->bindings6, &binding->first.by6, by6_params);
	rhashtable_remove_fast(&nn->bindings4, &binding->first.by4, by4_params);
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
	if (!refcount_dec_and_test(&binding->first.refs))
		return;
	/* Pairs with nat64_binding_insert4(). */
	smp_mb__after_atomic();
	nat64_binding_unlink(nn, binding);
	nat64_count(nn, NAT64_BINDING_ENDED);
	give_port(binding);
	nat64_memory_retire(nn, &binding->first);
}

/**
 * nat64_binding_of() - the binding of a session
 * @session: the session
 *
 * Return: the binding; NULL with address- and port-dependent mapping.
 */
struct nat64_binding *nat64_binding_of(struct nat64_session *session)
{
	int state = atomic_read(&session->state);

	if (state & NAT64_SESSION_FIRST)
		return container_of(session, struct nat64_binding, first);
	return state & NAT64_SESSION_ALONE ? NULL : session->binding;
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
	return !nat64_binding_fixed(binding) &&
	       binding->first.pool->params.filtering ==
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
	} while (b && (IS_ERR(b) || !nat64_binding_fixed(b) ||
		       b->first.t4.local != addr));
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
	const struct nat64_tuple4 *t4;
	struct rhashtable_iter iter;
	struct nat64_binding *b;
	int err = 0;

	rhashtable_walk_enter(&nn->bindings4, &iter);
	rhashtable_walk_start(&iter);
	while (!err && (b = rhashtable_walk_next(&iter))) {
		if (IS_ERR(b) || !nat64_binding_fixed(b) || b->first.pool == pool)
			continue;
		t4 = &b->first.t4;
		if (!nat64_pool_contains(pool, t4->local))
			continue;
		err = nat64_pool_reserve(pool, t4->proto, t4->local, t4->lport);
		if (err)
			break;
		give_port(b);
		b->first.pool = pool;
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
		if (IS_ERR(b) || !nat64_binding_fixed(b))
			continue;
		nat64_binding_unlink(nn, b);
		batch[n++] = b;
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return n;
}
