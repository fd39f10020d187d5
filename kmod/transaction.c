// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions: a whole configuration in the place of another, or nothing.
 *
 * Commands of one netlink socket make a configuration beside the one in use.  To
 * commit it, all that may fail is done first, and can be undone; then packets see
 * the new configuration from one moment to the next.  Pools and static bindings
 * that both have stay what they are, and so do all sessions that could be made
 * by the new one.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "binding.h"
#include "block.h"
#include "config.h"
#include "eip.h"
#include "extack.h"
#include "flow.h"
#include "hook.h"
#include "interface.h"
#include "memory.h"
#include "nat64.h"
#include "pool.h"
#include "session.h"
#include "static.h"
#include "transaction.h"

/**
 * struct planned - a static binding that is to be
 * @by6: node in nat64_transaction.by6
 * @by4: node in nat64_transaction.by4
 * @list: node in nat64_transaction.bindings
 * @key6: its IPv6 side
 * @key4: its IPv4 side
 * @binding: the same one that there is already, or a new one in no table, or NULL
 *	before that is known
 * @is_new: @binding is a new one
 * @pool: where its port has been reserved for it, or NULL
 * @guard: another pool in use until then, where nobody is to get the port; or NULL
 * @before: a static binding that goes, whose port of the same pool it takes over
 */
struct planned {
	struct rhash_head by6;
	struct rhash_head by4;
	struct list_head list;
	struct nat64_key6 key6;
	struct nat64_key4 key4;
	struct nat64_binding *binding;
	bool is_new;
	struct nat64_pool *pool;
	struct nat64_pool *guard;
	struct nat64_binding *before;
};

/* With its part of the tables, at most. */
#define PLANNED_SHARE	256

static const struct rhashtable_params by6_params = {
	.head_offset = offsetof(struct planned, by6),
	.key_offset = offsetof(struct planned, key6),
	.key_len = sizeof(struct nat64_key6),
	.hashfn = nat64_hash,
};

static const struct rhashtable_params by4_params = {
	.head_offset = offsetof(struct planned, by4),
	.key_offset = offsetof(struct planned, key4),
	.key_len = sizeof(struct nat64_key4),
	.hashfn = nat64_hash,
};

/**
 * nat64_transaction_begin() - begin with nothing but the options' defaults
 * @nn: the namespace, locked
 * @portid: whose commands will be part of it
 * @extack: says why not
 *
 * Context: process.
 * Return: 0, -EBUSY if there is one, -ENOMEM.
 */
int nat64_transaction_begin(struct nat64_net *nn, u32 portid,
			    struct netlink_ext_ack *extack)
{
	struct nat64_transaction *t;

	if (!READ_ONCE(nn->transaction_portid))
		nat64_transaction_end(nn);
	if (nn->transaction) {
		nat64_extack(nn, extack, "another transaction is under way");
		return -EBUSY;
	}
	t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t)
		return -ENOMEM;
	INIT_LIST_HEAD(&t->bindings);
	INIT_LIST_HEAD(&t->wishes);
	t->cfg = nat64_config_alloc(nn->tenant);
	if (!t->cfg)
		goto err_free;
	if (rhashtable_init(&t->by6, &by6_params))
		goto err_config;
	if (rhashtable_init(&t->by4, &by4_params))
		goto err_by6;
	nn->transaction = t;
	WRITE_ONCE(nn->transaction_portid, portid);
	return 0;

err_by6:
	rhashtable_destroy(&t->by6);
err_config:
	nat64_config_free(t->cfg);
err_free:
	kfree(t);
	return -ENOMEM;
}

static void planned_free(struct nat64_net *nn, struct planned *p)
{
	nat64_memory_give(nn->tenant, PLANNED_SHARE);
	kfree(p);
}

/**
 * nat64_transaction_end() - forget what was to be
 * @nn: the namespace, locked
 *
 * Context: process.
 */
void nat64_transaction_end(struct nat64_net *nn)
{
	struct nat64_transaction *t = nn->transaction;
	struct planned *p, *next;

	if (!t)
		return;
	nn->transaction = NULL;
	rhashtable_destroy(&t->by4);
	rhashtable_destroy(&t->by6);
	list_for_each_entry_safe(p, next, &t->bindings, list) {
		planned_free(nn, p);
		cond_resched();
	}
	nat64_wish_free(&t->wishes);
	if (t->cfg)
		nat64_config_free(t->cfg);
	kfree(t);
}

static void end_abandoned(struct work_struct *work)
{
	struct nat64_net *nn = container_of(to_delayed_work(work),
					    struct nat64_net,
					    transaction_work);

	/* Who has the lock may be made to wait long, by others' work here. */
	if (!mutex_trylock(&nn->lock)) {
		queue_delayed_work(nat64_wq, &nn->transaction_work, HZ / 10);
		return;
	}
	if (!READ_ONCE(nn->transaction_portid))
		nat64_transaction_end(nn);
	mutex_unlock(&nn->lock);
}

/**
 * nat64_transaction_abandon() - a netlink socket is closed
 * @nn: its namespace
 * @portid: the socket, if it is the one of the transaction
 *
 * The notifier may not wait for the lock, under which sockets are closed, too.
 *
 * Context: process.
 */
void nat64_transaction_abandon(struct nat64_net *nn, u32 portid)
{
	if (cmpxchg(&nn->transaction_portid, portid, 0) == portid)
		queue_delayed_work(nat64_wq, &nn->transaction_work, 0);
}

void nat64_transaction_init(struct nat64_net *nn)
{
	INIT_DELAYED_WORK(&nn->transaction_work, end_abandoned);
}

/* No command comes any more. */
void nat64_transaction_stop(struct nat64_net *nn)
{
	cancel_delayed_work_sync(&nn->transaction_work);
	mutex_lock(&nn->lock);
	nat64_transaction_end(nn);
	mutex_unlock(&nn->lock);
}

static struct planned *insert(struct nat64_transaction *t, struct planned *p)
{
	struct planned *old;

	old = rhashtable_lookup_get_insert_fast(&t->by4, &p->by4, by4_params);
	if (old)
		return old;
	old = rhashtable_lookup_get_insert_fast(&t->by6, &p->by6, by6_params);
	if (old)
		rhashtable_remove_fast(&t->by4, &p->by4, by4_params);
	return old;
}

/**
 * nat64_transaction_prefix() - there is to be a prefix
 * @nn: the namespace, locked, with a transaction
 * @prefix: the prefix
 * @extack: says what is wrong
 *
 * Context: process.
 * Return: as nat64_config_put_prefix().
 */
int nat64_transaction_prefix(struct nat64_net *nn,
			     const struct nat64_prefix *prefix,
			     struct netlink_ext_ack *extack)
{
	struct nat64_transaction *t = nn->transaction;
	struct planned *p;
	int err;

	err = nat64_config_put_prefix(nn, t->cfg, prefix, extack);
	if (err)
		return err;
	list_for_each_entry(p, &t->bindings, list) {
		err = nat64_static_refuse_prefix(nn, extack, prefix, &p->key6,
						 &p->key4);
		if (err) {
			t->cfg->prefix_count--;
			return err;
		}
		cond_resched();
	}
	return 0;
}

/**
 * nat64_transaction_bind() - there is to be a static binding
 * @nn: the namespace, locked, with a transaction
 * @key6: the IPv6 server, its port or ICMP id
 * @key4: the public address and port, or ICMP id
 * @extack: names what is in the way
 *
 * Context: process.
 * Return: 0, -EINVAL, -EEXIST, -ENOMEM.
 */
int nat64_transaction_bind(struct nat64_net *nn, const struct nat64_key6 *key6,
			   const struct nat64_key4 *key4,
			   struct netlink_ext_ack *extack)
{
	struct nat64_transaction *t = nn->transaction;
	struct planned *p, *old;
	int err;

	err = nat64_static_check(nn, t->cfg, key6, key4, extack);
	if (!err)
		err = nat64_eip_ports_get(nn, t->cfg, key4->addr, extack);
	if (err)
		return err;
	err = -ENOMEM;
	if (!nat64_memory_take(nn->tenant, PLANNED_SHARE))
		goto err_ports;
	p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p) {
		nat64_memory_give(nn->tenant, PLANNED_SHARE);
		goto err_ports;
	}
	p->key6 = *key6;
	p->key4 = *key4;
	old = insert(t, p);
	if (!old) {
		list_add_tail(&p->list, &t->bindings);
		return 0;
	}
	planned_free(nn, p);
	err = PTR_ERR_OR_ZERO(old);
	if (!err) {
		nat64_static_refuse(nn, extack, &old->key6, &old->key4, true);
		err = -EEXIST;
	}
err_ports:
	nat64_eip_ports_put(t->cfg->eips, key4->addr);
	return err;
}

/**
 * nat64_transaction_wish() - one interface is to have the fast path, or not
 * @nn: the namespace, locked, with a transaction
 * @name: its name; it need not be there yet
 * @wish: 1 if it is to have it, 0 if not
 * @extack: says what is wrong
 *
 * Context: process.
 * Return: 0, -EEXIST, -EINVAL, -ENOSPC, -ENOMEM.
 */
int nat64_transaction_wish(struct nat64_net *nn, const char *name, int wish,
			   struct netlink_ext_ack *extack)
{
	int err;

	err = nat64_interface_check(nn, name, extack);
	if (err)
		return err;
	err = nat64_wish_add(&nn->transaction->wishes, name, wish);
	if (err == -EEXIST)
		nat64_extack(nn, extack, "the interface is set already");
	if (err == -ENOSPC)
		nat64_extack(nn, extack, "too many interfaces");
	return err;
}

static bool same_params(const struct nat64_pool_params *a,
			const struct nat64_pool_params *b)
{
	return a->addr == b->addr && a->len == b->len &&
	       a->mapping == b->mapping && a->filtering == b->filtering &&
	       a->parity == b->parity && a->port_class == b->port_class &&
	       a->block_size == b->block_size && a->blocks_max == b->blocks_max &&
	       a->port_min == b->port_min && a->port_max == b->port_max;
}

static bool has_pool(const struct nat64_config *cfg,
		     const struct nat64_pool *pool)
{
	unsigned int i;

	for (i = 0; i < cfg->pool_count; i++)
		if (cfg->pools[i] == pool)
			return true;
	return false;
}

/*
 * A pool that is to be as one in use is that one.  What has been kept before may be
 * out of use by now.
 */
static int keep_pool(struct nat64_net *nn, struct nat64_pool **pool)
{
	const struct nat64_config *old = nat64_config_locked(nn);
	struct nat64_pool *other = NULL;
	unsigned int i;

	if (has_pool(old, *pool))
		return 0;
	for (i = 0; i < old->pool_count; i++) {
		if (!same_params(&(*pool)->params, &old->pools[i]->params))
			continue;
		other = old->pools[i];
		refcount_inc(&other->refs);
		break;
	}
	if (!other && !(*pool)->removed)
		return 0;
	if (!other)
		other = nat64_pool_alloc(&(*pool)->params, nn->tenant);
	if (!other)
		return -ENOMEM;
	nat64_pool_put(*pool);
	*pool = other;
	return 0;
}

static int reserve(struct nat64_net *nn, struct planned *p,
		   struct nat64_pool *pool, struct nat64_pool **reserved,
		   struct netlink_ext_ack *extack)
{
	int err = nat64_pool_reserve(pool, p->key4.proto, p->key4.addr,
				     p->key4.port);

	if (!err)
		*reserved = pool;
	if (err == -EBUSY)
		nat64_extack(nn, extack, "%pI4 %u is in use", &p->key4.addr,
			     ntohs(p->key4.port));
	return err;
}

static void release(const struct planned *p, struct nat64_pool **reserved)
{
	if (*reserved)
		nat64_pool_release(*reserved, p->key4.proto, p->key4.addr,
				   p->key4.port);
	*reserved = NULL;
}

/* A new one's port, which a static one that goes may have. */
static int reserve_new(struct nat64_net *nn, struct planned *p,
		       struct nat64_pool *pool, struct nat64_binding *before,
		       struct netlink_ext_ack *extack)
{
	struct nat64_pool *has = before ? before->first.pool : NULL;
	struct nat64_pool *old;
	int err = 0;

	old = nat64_pool_find(nat64_config_locked(nn), p->key4.addr);
	if (old && old != pool && old != has)
		err = reserve(nn, p, old, &p->guard, extack);
	if (err || !pool)
		return err;
	if (pool == has) {
		p->before = before;
		return 0;
	}
	return reserve(nn, p, pool, &p->pool, extack);
}

/* Find out what becomes of a static binding, and have all that it takes. */
static int prepare_binding(struct nat64_net *nn, struct planned *p,
			   struct netlink_ext_ack *extack)
{
	struct nat64_pool *pool = nat64_pool_find(nn->transaction->cfg,
						  p->key4.addr);
	struct nat64_binding *at4, *at6, *other = NULL;
	int err = 0;

	rcu_read_lock();
	at4 = nat64_binding_find4(nn, p->key4.proto, p->key4.addr,
				  p->key4.port);
	at6 = nat64_binding_find6(nn, p->key6.proto, &p->key6.addr,
				  p->key6.port);
	if (at4 && !nat64_binding_fixed(at4))
		other = at4;
	else if (at6 && !nat64_binding_fixed(at6))
		other = at6;
	if (other) {
		nat64_static_refuse_for(nn, extack, other);
		err = -EEXIST;
	}
	rcu_read_unlock();
	if (err)
		return err;

	/* Those that are static stay as long as the lock is held. */
	if (at4 && at4 == at6) {
		p->binding = at4;
		return pool && at4->first.pool != pool ?
			reserve(nn, p, pool, &p->pool, extack) : 0;
	}
	p->binding = nat64_binding_make_fixed(nn, &p->key6, &p->key4);
	if (!p->binding)
		return -ENOMEM;
	p->is_new = true;
	return reserve_new(nn, p, pool, at4, extack);
}

/* What nat64_transaction_commit() is not going to use is given back. */
static void unprepare(struct nat64_net *nn)
{
	struct planned *p;

	list_for_each_entry(p, &nn->transaction->bindings, list) {
		release(p, &p->pool);
		release(p, &p->guard);
		if (p->is_new && p->binding)
			nat64_binding_discard(nn, p->binding);
		p->binding = NULL;
		p->is_new = false;
		p->before = NULL;
		cond_resched();
	}
}

/* Whatever may fail, but for interfaces. */
static int prepare(struct nat64_net *nn, struct netlink_ext_ack *extack)
{
	struct nat64_transaction *t = nn->transaction;
	struct planned *p;
	unsigned int i;
	int err;

	for (i = 0; i < t->cfg->pool_count; i++) {
		err = keep_pool(nn, &t->cfg->pools[i]);
		if (err)
			return err;
	}
	list_for_each_entry(p, &t->bindings, list) {
		err = prepare_binding(nn, p, extack);
		if (err) {
			unprepare(nn);
			return err;
		}
		cond_resched();
	}
	return 0;
}

/**
 * nat64_transaction_check() - could it be committed now?
 * @nn: the namespace, locked, with a transaction
 * @extack: says why not
 *
 * Nothing is changed.
 *
 * Context: process.
 * Return: 0, -EEXIST, -EBUSY, -ENOMEM.
 */
int nat64_transaction_check(struct nat64_net *nn,
			    struct netlink_ext_ack *extack)
{
	int err = prepare(nn, extack);

	if (!err)
		unprepare(nn);
	return err;
}

/* A static binding that is not planned, or as another one. */
static bool goes(const struct nat64_binding *binding, const void *arg)
{
	struct nat64_key4 key4 = nat64_binding_key4(binding);
	struct nat64_transaction *t = (struct nat64_transaction *)arg;
	const struct planned *p;

	p = rhashtable_lookup_fast(&t->by4, &key4, by4_params);
	return !p || p->binding != binding;
}

/* The port is the new one's, and so is the reference to the pool. */
static void inherit(struct planned *p)
{
	p->binding->first.pool = p->before->first.pool;
	p->before->first.pool = NULL;
}

static void place_binding(struct nat64_net *nn, struct planned *p)
{
	if (p->is_new) {
		if (p->before)
			inherit(p);
		else
			p->binding->first.pool = p->pool;
		nat64_binding_put_fixed(nn, p->binding);
	} else if (p->pool) {
		nat64_binding_move(p->binding, p->pool);
	}
	cond_resched();
}

struct stale {
	struct nat64_net *nn;
	const struct nat64_config *cfg;
};

static bool match_stale(struct nat64_session *session, const void *arg)
{
	const struct stale *stale = arg;

	return nat64_flow_stale(stale->nn, stale->cfg, session);
}

/* Nothing can fail any more. */
static void carry_out(struct nat64_net *nn)
{
	struct nat64_transaction *t = nn->transaction;
	struct stale stale = { nn, t->cfg };
	struct nat64_session *first, *next;
	struct nat64_config *old;
	struct llist_node *gone;
	struct planned *p;
	unsigned int i;

	gone = nat64_binding_unlink_fixed(nn, goes, t);
	list_for_each_entry(p, &t->bindings, list)
		place_binding(nn, p);
	old = nat64_config_replace(nn, t->cfg);
	t->cfg = NULL;
	for (i = 0; i < old->pool_count; i++)
		if (!has_pool(stale.cfg, old->pools[i]))
			WRITE_ONCE(old->pools[i]->removed, true);
	synchronize_rcu_expedited();
	list_for_each_entry(p, &t->bindings, list)
		release(p, &p->guard);
	nat64_session_flush(nn, match_stale, &stale);
	nat64_block_sweep(nn);
	llist_for_each_entry_safe(first, next, gone, ended) {
		nat64_binding_put(nn, nat64_binding_of(first));
		cond_resched();
	}
	nat64_config_free(old);
}

/**
 * nat64_transaction_commit() - put what was made into use, and end the transaction
 * @nn: the namespace, locked, with a transaction
 * @extack: says why not
 *
 * On failure everything is as it was, and the transaction goes on.
 *
 * Context: process.
 * Return: 0, -EEXIST or -EBUSY if a client has the port of a static binding,
 * -ENOMEM, or what else hooks may say.
 */
int nat64_transaction_commit(struct nat64_net *nn,
			     struct netlink_ext_ack *extack)
{
	struct nat64_transaction *t = nn->transaction;
	bool active = t->cfg->prefix_count;
	int err;

	err = prepare(nn, extack);
	if (err)
		return err;
	if (active) {
		err = nat64_hook_enable(nn);
		if (err)
			goto err_prepared;
	}
	err = nat64_interface_replace(nn, t->cfg->fastpath, &t->wishes, extack);
	if (err)
		goto err_hook;
	carry_out(nn);
	nat64_transaction_end(nn);
	if (!active)
		nat64_hook_disable(nn);
	return 0;

err_hook:
	if (!nat64_config_locked(nn)->prefix_count)
		nat64_hook_disable(nn);
err_prepared:
	unprepare(nn);
	return err;
}
