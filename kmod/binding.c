// SPDX-License-Identifier: GPL-2.0
/*
 * The binding table (RFC 6146 section 3.1, the BIB): which IPv4 transport
 * address stands for which IPv6 transport address, found by either.
 */
#include <net/ipv6.h>

#include "binding.h"
#include "block.h"
#include "client.h"
#include "event.h"
#include "memory.h"
#include "nat64.h"
#include "pool.h"

static struct nat64_binding *of6(const struct nat64_node *node)
{
	return container_of(nat64_session_of6(node), struct nat64_binding,
			    first);
}

static struct nat64_binding *of4(const struct nat64_node *node)
{
	return container_of(node, struct nat64_binding, first.by4);
}

static u32 hash6(const struct nat64_net *nn, const struct nat64_key6 *key)
{
	return nat64_hash(key, sizeof(*key), nn->seed);
}

static u32 hash_of4(const struct nat64_node *node)
{
	const struct nat64_tuple4 *t4 = &of4(node)->first.t4;

	return nat64_hash4(t4->local, t4->lport, t4->proto);
}

static bool match6(const struct nat64_node *node, const void *arg)
{
	const struct nat64_tuple6 *t6 = &of6(node)->first.t6;
	const struct nat64_key6 *key = arg;

	return key->port == t6->lport && key->proto == t6->proto &&
	       ipv6_addr_equal(&key->addr, &t6->local);
}

static bool match4(const struct nat64_node *node, const void *arg)
{
	const struct nat64_tuple4 *t4 = &of4(node)->first.t4;
	const struct nat64_key4 *key = arg;

	return key->addr == t4->local && key->port == t4->lport &&
	       key->proto == t4->proto;
}

int nat64_binding_init(struct nat64_net *nn)
{
	int err;

	err = nat64_table_init(&nn->bindings6, nat64_session_hash6);
	if (err)
		return err;
	err = nat64_table_init(&nn->bindings4, hash_of4);
	if (err)
		nat64_table_fini(&nn->bindings6);
	return err;
}

static void give_fixed_port(const struct nat64_binding *binding)
{
	const struct nat64_tuple4 *t4 = &binding->first.t4;

	if (binding->first.pool)
		nat64_pool_release(binding->first.pool, t4->proto, t4->local,
				   t4->lport);
}

static void give_port(struct nat64_net *nn, const struct nat64_binding *binding)
{
	const struct nat64_session *first = &binding->first;

	if (nat64_binding_fixed(binding))
		give_fixed_port(binding);
	else if (first->pool)
		nat64_block_release(nn, first->pool, &first->t6.local,
				    nat64_session_client_len(first),
				    nat64_session_nth(first), &first->t4);
}

/**
 * nat64_binding_discard() - free a binding that nobody sees, with its port
 * @nn: the namespace
 * @binding: the binding
 *
 * Context: any.
 */
void nat64_binding_discard(struct nat64_net *nn, struct nat64_binding *binding)
{
	give_port(nn, binding);
	nat64_memory_free(nn, &binding->first);
}

static int discard_last(struct nat64_node *node, void *nn)
{
	struct nat64_binding *binding = of6(node);

	nat64_binding_unlink(nn, binding);
	nat64_binding_discard(nn, binding);
	return 0;
}

/* No hook, no sweep and no command is running any more. */
void nat64_binding_fini(struct nat64_net *nn)
{
	nat64_table_for_each(&nn->bindings6, discard_last, nn);
	nat64_table_fini(&nn->bindings4);
	nat64_table_fini(&nn->bindings6);
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
	struct nat64_node *node;

	node = nat64_table_find(&nn->bindings6, hash6(nn, &key), &key,
				match6);
	return node ? of6(node) : NULL;
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
	struct nat64_node *node;

	node = nat64_table_find(&nn->bindings4, nat64_hash4(addr, port, proto),
				&key, match4);
	return node ? of4(node) : NULL;
}

/**
 * nat64_binding_insert6() - let others find a new binding by its IPv6 side
 * @nn: the namespace
 * @binding: the binding, complete, with a reference of the caller's own, so that it
 *	does not end before it can be found by its IPv4 side as well
 *
 * Context: RCU.
 * Return: NULL; or another binding that is there already, and nobody has seen this
 * one.
 */
struct nat64_binding *nat64_binding_insert6(struct nat64_net *nn,
					    struct nat64_binding *binding)
{
	struct nat64_key6 key = nat64_binding_key6(binding);
	struct nat64_session *first = &binding->first;
	struct nat64_node *old;

	first->hash6 = hash6(nn, &key);
	old = nat64_table_insert(&nn->bindings6, first->hash6, &first->by6,
				 &key, match6);
	if (old)
		return of6(old);
	nat64_count(nn, NAT64_BINDING_CREATED);
	nat64_event_binding(nn, binding, NAT64_EVENT_CREATED);
	return NULL;
}

/**
 * nat64_binding_insert4() - let others find a binding by its IPv4 side
 * @nn: the namespace
 * @binding: the binding, found by its IPv6 side already
 *
 * The IPv4 side is its own, taken from a pool or checked under the lock; but a
 * binding of a pool that was removed a moment ago may not have ended yet.
 *
 * Context: RCU.
 * Return: false if another binding has it.
 */
bool nat64_binding_insert4(struct nat64_net *nn, struct nat64_binding *binding)
{
	struct nat64_key4 key = nat64_binding_key4(binding);
	struct nat64_session *first = &binding->first;

	return !nat64_table_insert(&nn->bindings4,
				   nat64_hash4(key.addr, key.port, key.proto),
				   &first->by4, &key, match4);
}

/**
 * nat64_binding_make_fixed() - make a static binding
 * @nn: the namespace
 * @key6: the IPv6 transport address
 * @key4: the IPv4 transport address
 *
 * Context: any.
 * Return: the binding, of no pool and in no table, with one reference; or NULL.
 */
struct nat64_binding *nat64_binding_make_fixed(struct nat64_net *nn,
					       const struct nat64_key6 *key6,
					       const struct nat64_key4 *key4)
{
	struct nat64_binding *b = nat64_memory_binding(nn);

	if (!b)
		return NULL;
	b->first.t6.local = key6->addr;
	b->first.t6.lport = key6->port;
	b->first.t6.proto = key6->proto;
	b->first.t4.local = key4->addr;
	b->first.t4.lport = key4->port;
	b->first.t4.proto = key4->proto;
	atomic_or(NAT64_SESSION_FIXED, &b->first.state);
	refcount_set(&b->first.refs, 1);
	return b;
}

static void end_replaced(struct nat64_net *nn, struct nat64_binding *binding)
{
	nat64_binding_unlink(nn, binding);
	nat64_session_end(nn, &binding->first);
}

/**
 * nat64_binding_put_fixed() - put a static binding in the place of what has it
 * @nn: the namespace, locked
 * @binding: the binding, complete
 *
 * A dynamic binding that has one of the two sides cannot be found any more, and its
 * first session ends.  It goes with further ones, which nat64_flow_stale() tells.
 *
 * Context: process.
 */
void nat64_binding_put_fixed(struct nat64_net *nn, struct nat64_binding *binding)
{
	struct nat64_key6 key6 = nat64_binding_key6(binding);
	struct nat64_key4 key4 = nat64_binding_key4(binding);
	struct nat64_session *first = &binding->first;
	struct nat64_node *old;

	first->hash6 = hash6(nn, &key6);
	rcu_read_lock();
	old = nat64_table_replace(&nn->bindings6, first->hash6, &first->by6,
				  &key6, match6);
	if (old)
		end_replaced(nn, of6(old));
	old = nat64_table_replace(&nn->bindings4,
				  nat64_hash4(key4.addr, key4.port, key4.proto),
				  &first->by4, &key4, match4);
	if (old)
		end_replaced(nn, of4(old));
	rcu_read_unlock();
	nat64_count(nn, NAT64_BINDING_CREATED);
	nat64_event_binding(nn, binding, NAT64_EVENT_CREATED);
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
 * Return: 0, -EEXIST, -EBUSY if the IPv4 side is about to be free, -ENOMEM.
 */
int nat64_binding_add_fixed(struct nat64_net *nn, const struct nat64_key6 *key6,
			    const struct nat64_key4 *key4,
			    struct nat64_pool *pool,
			    struct nat64_binding **other)
{
	struct nat64_binding *b, *old;

	*other = NULL;
	b = nat64_binding_make_fixed(nn, key6, key4);
	if (!b) {
		if (pool)
			nat64_pool_release(pool, key4->proto, key4->addr,
					   key4->port);
		return -ENOMEM;
	}
	b->first.pool = pool;
	old = nat64_binding_insert6(nn, b);
	if (old) {
		nat64_binding_discard(nn, b);
		*other = old;
		return -EEXIST;
	}
	if (!nat64_binding_insert4(nn, b)) {
		nat64_binding_put(nn, b);
		return -EBUSY;
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
	nat64_table_remove(&nn->bindings6, &binding->first.by6);
	nat64_table_remove(&nn->bindings4, &binding->first.by4);
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
	nat64_binding_unlink(nn, binding);
	nat64_count(nn, NAT64_BINDING_ENDED);
	nat64_event_binding(nn, binding, NAT64_EVENT_ENDED);
	if (!nat64_binding_fixed(binding))
		nat64_client_end_port(nn, &binding->first.t6.local,
				      nat64_session_client_len(&binding->first));
	give_port(nn, binding);
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
 * nat64_binding_orphaned() - has its pool been removed?
 * @binding: the binding, which is about to end then; new sessions would keep it
 *
 * Static bindings stay.
 */
bool nat64_binding_orphaned(const struct nat64_binding *binding)
{
	return !nat64_binding_fixed(binding) &&
	       READ_ONCE(binding->first.pool->removed);
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
 * nat64_binding_move() - a static binding has its port in another pool now
 * @binding: the binding
 * @pool: the pool, where the port is reserved for it
 *
 * Context: process, the namespace locked.
 */
void nat64_binding_move(struct nat64_binding *binding, struct nat64_pool *pool)
{
	give_fixed_port(binding);
	binding->first.pool = pool;
}

static int adopt(struct nat64_node *node, void *arg)
{
	struct nat64_binding *b = of4(node);
	const struct nat64_tuple4 *t4 = &b->first.t4;
	struct nat64_pool *pool = arg;
	int err;

	if (!nat64_binding_fixed(b) || b->first.pool == pool ||
	    !nat64_pool_contains(pool, t4->local))
		return 0;
	err = nat64_pool_reserve(pool, t4->proto, t4->local, t4->lport);
	if (err)
		return err;
	nat64_binding_move(b, pool);
	return 0;
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
	return nat64_table_for_each(&nn->bindings4, adopt, pool);
}

struct unlink_fixed {
	struct nat64_net *nn;
	bool (*goes)(const struct nat64_binding *binding, const void *arg);
	const void *arg;
	struct llist_node *gone;
};

static int unlink_if_fixed(struct nat64_node *node, void *arg)
{
	struct nat64_binding *b = of4(node);
	struct unlink_fixed *u = arg;

	if (!nat64_binding_fixed(b) || (u->goes && !u->goes(b, u->arg)))
		return 0;
	nat64_binding_unlink(u->nn, b);
	b->first.ended.next = u->gone;
	u->gone = &b->first.ended;
	return 0;
}

/**
 * nat64_binding_unlink_fixed() - let nobody find static bindings any more
 * @nn: the namespace, locked
 * @goes: which of them, or NULL for all
 * @arg: for @goes
 *
 * Context: process.
 * Return: those, by &nat64_session.ended of the first sessions; the
 * configuration's references are the caller's now.
 */
struct llist_node *
nat64_binding_unlink_fixed(struct nat64_net *nn,
			   bool (*goes)(const struct nat64_binding *binding,
					const void *arg),
			   const void *arg)
{
	struct unlink_fixed u = { .nn = nn, .goes = goes, .arg = arg };

	nat64_table_for_each(&nn->bindings4, unlink_if_fixed, &u);
	return u.gone;
}
