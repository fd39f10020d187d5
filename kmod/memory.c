// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of sessions and bindings.  A session is part of its binding or
 * stands for itself; what has ended waits here until no packet sees it.
 *
 * Whoever owns a user namespace may have network namespaces, as many as he likes,
 * and is root there: all of those together have one share, whatever their limits
 * are set to.
 */
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/dst.h>

#include "binding.h"
#include "memory.h"
#include "nat64.h"
#include "session.h"

static struct kmem_cache *session_cache;
static struct kmem_cache *binding_cache;

/* With its client, its FTP connection and its part of the tables, at most. */
#define SESSION_SHARE	512

static unsigned int tenant_memory;
module_param(tenant_memory, uint, 0444);
MODULE_PARM_DESC(tenant_memory,
		 "MiB for all network namespaces of user namespaces together (default: an eighth of the memory)");

static unsigned long tenant_max;
static atomic_long_t tenant_used;

/**
 * nat64_memory_take() - may memory be had that lasts?
 * @tenant: for a namespace that is not the host's own
 * @size: bytes
 *
 * Context: any.
 * Return: true if so; nat64_memory_give() gives it back.
 */
bool nat64_memory_take(bool tenant, unsigned long size)
{
	if (likely(!tenant))
		return true;
	if (atomic_long_add_return(size, &tenant_used) <= tenant_max)
		return true;
	atomic_long_sub(size, &tenant_used);
	return false;
}

/**
 * nat64_memory_give() - memory is given back
 * @tenant: as it was taken
 * @size: bytes
 *
 * Context: any.
 */
void nat64_memory_give(bool tenant, unsigned long size)
{
	if (unlikely(tenant))
		atomic_long_sub(size, &tenant_used);
}

int nat64_memory_caches_init(void)
{
	tenant_max = tenant_memory ? (unsigned long)tenant_memory << 20 :
				     totalram_pages() / 8 << PAGE_SHIFT;
	session_cache = KMEM_CACHE(nat64_session, 0);
	if (!session_cache)
		return -ENOMEM;
	binding_cache = KMEM_CACHE(nat64_binding, SLAB_HWCACHE_ALIGN);
	if (binding_cache)
		return 0;
	kmem_cache_destroy(session_cache);
	return -ENOMEM;
}

/* All namespaces have gone. */
void nat64_memory_caches_fini(void)
{
	kmem_cache_destroy(binding_cache);
	kmem_cache_destroy(session_cache);
}

static void *take(const struct nat64_net *nn, struct kmem_cache *cache)
{
	void *p;

	if (!nat64_memory_take(nn->tenant, SESSION_SHARE))
		return NULL;
	p = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!p)
		nat64_memory_give(nn->tenant, SESSION_SHARE);
	return p;
}

/**
 * nat64_memory_session() - make room for a session outside its binding
 * @nn: the namespace
 *
 * Context: any.
 * Return: zeroes, or NULL.
 */
struct nat64_session *nat64_memory_session(const struct nat64_net *nn)
{
	return take(nn, session_cache);
}

/**
 * nat64_memory_binding() - make room for a binding with its first session
 * @nn: the namespace
 *
 * Context: any.
 * Return: zeroes but for the session's state, or NULL.
 */
struct nat64_binding *nat64_memory_binding(const struct nat64_net *nn)
{
	struct nat64_binding *binding = take(nn, binding_cache);

	if (binding)
		atomic_set(&binding->first.state, NAT64_SESSION_FIRST);
	return binding;
}

/**
 * nat64_memory_free() - free a session that nobody sees
 * @nn: the namespace
 * @session: the session; a first one is freed with its binding
 *
 * Context: any.
 */
void nat64_memory_free(const struct nat64_net *nn,
		       struct nat64_session *session)
{
	nat64_memory_give(nn->tenant, SESSION_SHARE);
	dst_release(rcu_dereference_raw(session->dst4));
	dst_release(rcu_dereference_raw(session->dst6));
	if (atomic_read(&session->state) & NAT64_SESSION_FIRST)
		kmem_cache_free(binding_cache,
				container_of(session, struct nat64_binding,
					     first));
	else
		kmem_cache_free(session_cache, session);
}

static void reap(struct work_struct *work)
{
	struct nat64_net *nn = container_of(work, struct nat64_net, reap);
	struct nat64_session *session, *next;
	struct llist_node *ended;

	ended = llist_del_all(&nn->ended);
	synchronize_rcu();
	llist_for_each_entry_safe(session, next, ended, ended) {
		nat64_memory_free(nn, session);
		atomic_dec(&nn->waiting);
		cond_resched();
	}
}

/**
 * nat64_memory_retire() - free a session when no packet sees it any more
 * @nn: the namespace
 * @session: the session, in no table; a first one goes with its binding
 *
 * Context: any.
 */
void nat64_memory_retire(struct nat64_net *nn, struct nat64_session *session)
{
	atomic_inc(&nn->waiting);
	if (llist_add(&session->ended, &nn->ended))
		queue_work(nat64_wq, &nn->reap);
}

/**
 * nat64_memory_waiting() - how many are retired but not yet freed
 * @nn: the namespace
 *
 * Context: any.
 */
unsigned int nat64_memory_waiting(const struct nat64_net *nn)
{
	return atomic_read(&nn->waiting);
}

void nat64_memory_init(struct nat64_net *nn)
{
	nn->tenant = nn->net->user_ns != &init_user_ns;
	init_llist_head(&nn->ended);
	INIT_WORK(&nn->reap, reap);
}

/* No session and no binding is retired any more. */
void nat64_memory_stop(struct nat64_net *nn)
{
	flush_work(&nn->reap);
}
