// SPDX-License-Identifier: GPL-2.0
/*
 * The session table (RFC 6146 section 3.1): found by one lookup of the whole
 * tuple from either side, ended by a sweep.
 */
#include <linux/slab.h>
#include <net/dst.h>

#include "binding.h"
#include "config.h"
#include "contact.h"
#include "ftp.h"
#include "nat64.h"
#include "pool.h"
#include "probe.h"
#include "session.h"
#include "tcp.h"

/* The sweep looks at so many sessions before it lets others run. */
#define SWEEP_SLICE	1024

/* Between two sweeps of a small table; large tables rest longer. */
#define SWEEP_INTERVAL	HZ
#define SWEEP_REST	50000

static struct kmem_cache *session_cache;

static const struct rhashtable_params by6_params = {
	.head_offset = offsetof(struct nat64_session, by6),
	.key_offset = offsetof(struct nat64_session, t6),
	.key_len = sizeof(struct nat64_tuple6),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

static const struct rhashtable_params by4_params = {
	.head_offset = offsetof(struct nat64_session, by4),
	.key_offset = offsetof(struct nat64_session, t4),
	.key_len = sizeof(struct nat64_tuple4),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

int nat64_session_cache_init(void)
{
	session_cache = KMEM_CACHE(nat64_session, SLAB_ACCOUNT);
	return session_cache ? 0 : -ENOMEM;
}

/* After rcu_barrier(). */
void nat64_session_cache_fini(void)
{
	kmem_cache_destroy(session_cache);
}

/**
 * nat64_session_count() - how many sessions there are
 * @nn: the namespace
 */
unsigned int nat64_session_count(const struct nat64_net *nn)
{
	return atomic_read(&nn->sessions6.nelems);
}

/**
 * nat64_session_full() - is there no room for a new session?
 * @nn: the namespace
 * @cfg: the configuration, RCU
 */
bool nat64_session_full(const struct nat64_net *nn,
			const struct nat64_config *cfg)
{
	return nat64_session_count(nn) >= cfg->session_max;
}

static void session_free(struct nat64_session *session)
{
	dst_release(rcu_dereference_raw(session->route4.dst));
	dst_release(rcu_dereference_raw(session->route6.dst));
	kmem_cache_free(session_cache, session);
}

static void session_free_rcu(struct rcu_head *rcu)
{
	session_free(container_of(rcu, struct nat64_session, rcu));
}

/* The port goes back, or is left to the other sessions of the binding. */
static void put_port(struct nat64_net *nn, const struct nat64_session *session)
{
	const struct nat64_tuple4 *t4 = &session->t4;

	if (!session->binding) {
		nat64_pool_drop(session->pool, t4->proto, t4->local,
				t4->lport);
		return;
	}
	if (nat64_binding_filters(session->binding))
		nat64_contact_put(nn, t4);
	nat64_binding_put(nn, session->binding);
}

/* Whoever takes it out of the first table ends it. */
static void session_end(struct nat64_net *nn, struct nat64_session *session)
{
	if (rhashtable_remove_fast(&nn->sessions6, &session->by6, by6_params))
		return;
	/* One that found its IPv4 tuple taken is not in there. */
	if (!rhashtable_remove_fast(&nn->sessions4, &session->by4,
				    by4_params) &&
	    session->t4.rport == htons(NAT64_FTP_PORT)) {
		WRITE_ONCE(session->state, NAT64_TCP_CLOSED);
		/* Pairs with ftp_get(). */
		smp_mb();
		nat64_ftp_end(nn, &session->t4);
	}
	put_port(nn, session);
	nat64_count(nn, NAT64_SESSION_ENDED);
	call_rcu(&session->rcu, session_free_rcu);
}

static bool is_due(const struct nat64_session *session)
{
	return (s32)((u32)jiffies - READ_ONCE(session->expires)) >= 0;
}

/* RFC 6146 section 3.5.2.2: idle for long, an end is asked if it is there. */
static bool wants_probe(const struct nat64_session *session)
{
	return session->t4.proto == IPPROTO_TCP &&
	       READ_ONCE(session->state) == NAT64_TCP_ESTABLISHED;
}

/**
 * nat64_session_expired() - is the session past its time?
 * @session: the session
 *
 * An established TCP session is not, before it has been probed in vain.
 *
 * Context: RCU.
 */
bool nat64_session_expired(const struct nat64_session *session)
{
	return is_due(session) && !wants_probe(session);
}

/**
 * nat64_session_find6() - find a session by its IPv6 tuple
 * @nn: the namespace
 * @t6: the tuple
 *
 * Context: RCU.
 * Return: the session, which may have expired, or NULL.
 */
struct nat64_session *nat64_session_find6(struct nat64_net *nn,
					  const struct nat64_tuple6 *t6)
{
	return rhashtable_lookup(&nn->sessions6, t6, by6_params);
}

/**
 * nat64_session_find4() - find a session by its IPv4 tuple
 * @nn: the namespace
 * @t4: the tuple
 *
 * Context: RCU.
 * Return: the session, which may have expired, or NULL.
 */
struct nat64_session *nat64_session_find4(struct nat64_net *nn,
					  const struct nat64_tuple4 *t4)
{
	return rhashtable_lookup(&nn->sessions4, t4, by4_params);
}

static void set_timer(struct nat64_session *session, u32 seconds)
{
	u32 expires = (u32)jiffies + seconds * HZ;
	s32 moved = expires - READ_ONCE(session->expires);

	/* Write a shared line once a second, not once a packet. */
	if (moved >= HZ || moved < 0)
		WRITE_ONCE(session->expires, expires);
}

static void touch_tcp(struct nat64_session *session,
		      const struct nat64_config *cfg, u8 event)
{
	u32 state = READ_ONCE(session->state), next, old;

	for (;;) {
		next = nat64_tcp_next(state, event);
		if (next == state)
			break;
		old = cmpxchg(&session->state, state, next);
		if (old == state)
			break;
		state = old;
	}
	switch (nat64_tcp_timer(state, event)) {
	case NAT64_TCP_TIMER_EST:
		set_timer(session, cfg->tcp_est_timeout);
		break;
	case NAT64_TCP_TIMER_TRANS:
		set_timer(session, cfg->tcp_trans_timeout);
		break;
	case NAT64_TCP_TIMER_KEEP:
		break;
	}
}

/**
 * nat64_session_touch() - a packet of the session passes
 * @session: the session
 * @cfg: the configuration
 * @event: &enum nat64_tcp_event, TCP only
 *
 * RFC 6146 section 3.5: the timers start anew, TCP changes its state.
 *
 * Context: RCU.
 */
void nat64_session_touch(struct nat64_session *session,
			 const struct nat64_config *cfg, u8 event)
{
	switch (session->t6.proto) {
	case IPPROTO_TCP:
		/* Past its time, but not swept yet: begin anew. */
		if (nat64_session_expired(session)) {
			WRITE_ONCE(session->state, NAT64_TCP_CLOSED);
			set_timer(session, cfg->tcp_trans_timeout);
		}
		touch_tcp(session, cfg, event);
		break;
	case IPPROTO_UDP:
		set_timer(session, cfg->udp_timeout);
		break;
	default:
		set_timer(session, cfg->icmp_timeout);
	}
}

/**
 * nat64_session_create() - make a session, or find that another CPU did
 * @nn: the namespace
 * @t6: as IPv6 sees it
 * @t4: as IPv4 sees it
 * @binding: its binding; the reference moves into the session, or is given
 *	back
 * @pool: without a binding, where the port of @t4 is from
 * @session: result; if it is new its timer is not yet started
 *
 * The caller has asked nat64_session_full().
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, or the reason why not.
 */
enum nat64_counter nat64_session_create(struct nat64_net *nn,
					const struct nat64_tuple6 *t6,
					const struct nat64_tuple4 *t4,
					struct nat64_binding *binding,
					struct nat64_pool *pool,
					struct nat64_session **session)
{
	enum nat64_counter verdict = NAT64_DROP_NO_MEMORY;
	struct nat64_session *s, *old;
	int err;

	s = kmem_cache_zalloc(session_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!s)
		goto err_binding;
	s->t6 = *t6;
	s->t4 = *t4;
	s->binding = binding;
	s->expires = (u32)jiffies + HZ;
	if (!binding) {
		verdict = NAT64_DROP_NO_POOL;
		if (!nat64_pool_hold(pool, t4->proto, t4->local, t4->lport))
			goto err_free;
		s->pool = pool;
	} else if (nat64_binding_filters(binding) &&
		   nat64_contact_get(nn, t4)) {
		goto err_free;
	}

	old = rhashtable_lookup_get_insert_fast(&nn->sessions6, &s->by6,
						by6_params);
	if (old) {
		put_port(nn, s);
		kmem_cache_free(session_cache, s);
		if (IS_ERR(old))
			return NAT64_DROP_NO_MEMORY;
		*session = old;
		return NAT64_OK;
	}
	nat64_count(nn, NAT64_SESSION_CREATED);
	err = rhashtable_lookup_insert_fast(&nn->sessions4, &s->by4,
					    by4_params);
	if (err) {
		/* Two IPv6 addresses of one IPv4 host, from one port: only
		 * one of them can have the IPv4 tuple.
		 */
		session_end(nn, s);
		return err == -EEXIST ? NAT64_DROP_SESSION_CONFLICT :
					NAT64_DROP_NO_MEMORY;
	}
	*session = s;
	return NAT64_OK;

err_free:
	kmem_cache_free(session_cache, s);
err_binding:
	if (binding)
		nat64_binding_put(nn, binding);
	return verdict;
}

/* One walk over the table; some may be missed if others are ended meanwhile. */
static unsigned int end_matching(struct nat64_net *nn,
				 bool (*match)(struct nat64_session *s,
					       const void *arg),
				 const void *arg)
{
	unsigned int seen = 0, ended = 0;
	struct rhashtable_iter iter;
	struct nat64_session *s;

	rhashtable_walk_enter(&nn->sessions6, &iter);
	rhashtable_walk_start(&iter);
	while ((s = rhashtable_walk_next(&iter))) {
		if (IS_ERR(s))
			continue;
		if (!match || match(s, arg)) {
			session_end(nn, s);
			ended++;
		}
		if (++seen % SWEEP_SLICE == 0) {
			rhashtable_walk_stop(&iter);
			cond_resched();
			rhashtable_walk_start(&iter);
		}
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return ended;
}

/**
 * nat64_session_flush() - end sessions
 * @nn: the namespace
 * @match: which ones, or NULL for all
 * @arg: for @match
 *
 * Context: process, may sleep.
 */
void nat64_session_flush(struct nat64_net *nn,
			 bool (*match)(struct nat64_session *session,
				       const void *arg), const void *arg)
{
	/* New ones may come as fast as we end them: be done at some point. */
	unsigned int walks = 8;

	while (end_matching(nn, match, arg) && --walks)
		;
}

/* The way that the session's packets went, which a VRF may have chosen. */
static struct dst_entry *route6(const struct nat64_session *session)
{
	struct dst_entry *dst = rcu_dereference(session->route6.dst);

	if (!dst || !dst_check(dst, READ_ONCE(session->route6.cookie)) ||
	    !dst_hold_safe(dst))
		return NULL;
	return dst;
}

/* What is past its time ends, but for what is worth a probe. */
static bool match_expired(struct nat64_session *session, const void *arg)
{
	struct nat64_net *nn = (struct nat64_net *)arg;

	if (!is_due(session))
		return false;
	if (!wants_probe(session))
		return true;
	if (cmpxchg(&session->state, NAT64_TCP_ESTABLISHED, NAT64_TCP_TRANS) ==
	    NAT64_TCP_ESTABLISHED) {
		set_timer(session,
			  rcu_dereference(nn->config)->tcp_trans_timeout);
		nat64_count(nn, NAT64_TCP_PROBED);
		nat64_probe_send(nn->net, &session->t6, route6(session));
	}
	return false;
}

static void sweep(struct work_struct *work)
{
	struct nat64_net *nn = container_of(to_delayed_work(work),
					    struct nat64_net, sweep);

	end_matching(nn, match_expired, nn);
	queue_delayed_work(nat64_wq, &nn->sweep, SWEEP_INTERVAL *
			   (1 + nat64_session_count(nn) / SWEEP_REST));
}

int nat64_session_init(struct nat64_net *nn)
{
	int err;

	err = rhashtable_init(&nn->sessions6, &by6_params);
	if (err)
		return err;
	err = rhashtable_init(&nn->sessions4, &by4_params);
	if (err) {
		rhashtable_destroy(&nn->sessions6);
		return err;
	}
	INIT_DEFERRABLE_WORK(&nn->sweep, sweep);
	queue_delayed_work(nat64_wq, &nn->sweep, SWEEP_INTERVAL);
	return 0;
}

static void session_free_last(void *ptr, void *arg)
{
	struct nat64_session *session = ptr;

	put_port(arg, session);
	session_free(session);
}

/* No sweep any more: sessions end only by command, and those have ended. */
void nat64_session_stop(struct nat64_net *nn)
{
	cancel_delayed_work_sync(&nn->sweep);
}

/* No hook and no command is running any more, nor the sweep. */
void nat64_session_fini(struct nat64_net *nn)
{
	rhashtable_destroy(&nn->sessions4);
	rhashtable_free_and_destroy(&nn->sessions6, session_free_last, nn);
}
