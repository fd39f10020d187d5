// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of sessions and bindings.  A session is part of its binding or
 * stands for itself; what has ended waits here until no packet sees it.
 */
#include <linux/slab.h>
#include <net/dst.h>

#include "binding.h"
#include "memory.h"
#include "nat64.h"
#include "session.h"

static struct kmem_cache *session_cache;
static struct kmem_cache *binding_cache;

int nat64_memory_caches_init(void)
{
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

/**
 * nat64_memory_session() - make room for a session outside its binding
 *
 * Context: any.
 * Return: zeroes, or NULL.
 */
struct nat64_session *nat64_memory_session(void)
{
	return kmem_cache_zalloc(session_cache, GFP_ATOMIC | __GFP_NOWARN);
}

/**
 * nat64_memory_binding() - make room for a binding with its first session
 *
 * Context: any.
 * Return: zeroes but for the session's state, or NULL.
 */
struct nat64_binding *nat64_memory_binding(void)
{
	struct nat64_binding *binding =
		kmem_cache_zalloc(binding_cache, GFP_ATOMIC | __GFP_NOWARN);

	if (binding)
		atomic_set(&binding->first.state, NAT64_SESSION_FIRST);
	return binding;
}

/**
 * nat64_memory_free() - free a session that nobody sees
 * @session: the session; a first one is freed with its binding
 *
 * Context: any.
 */
void nat64_memory_free(struct nat64_session *session)
{
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
		nat64_memory_free(session);
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
	init_llist_head(&nn->ended);
	INIT_WORK(&nn->reap, reap);
}

/* No session and no binding is retired any more. */
void nat64_memory_stop(struct nat64_net *nn)
{
	flush_work(&nn->reap);
}
