// SPDX-License-Identifier: GPL-2.0
/*
 * The session table (RFC 6146 section 3.1): a session is found with its binding,
 * or by its whole tuple if the binding has more of them, and ended by a sweep.
 */
#include <net/dst.h>
#include <net/ipv6.h>

#include "admit.h"
#include "binding.h"
#include "block.h"
#include "client.h"
#include "config.h"
#include "contact.h"
#include "event.h"
#include "ftp.h"
#include "memory.h"
#include "nat64.h"
#include "packet.h"
#include "pool.h"
#include "probe.h"
#include "session.h"
#include "tcp.h"

/* Between two sweeps of a small table; large tables rest longer. */
#define SWEEP_INTERVAL	HZ
#define SWEEP_REST	50000

static struct nat64_session *of4(const struct nat64_node *node)
{
	return container_of(node, struct nat64_session, by4);
}

static u32 hash6(const struct nat64_net *nn, const struct nat64_tuple6 *t6)
{
	return nat64_hash(t6, sizeof(*t6), nn->seed);
}

static u32 hash4(const struct nat64_tuple4 *t4)
{
	return nat64_hash(t4, sizeof(*t4), 0);
}

static u32 hash_of4(const struct nat64_node *node)
{
	return hash4(&of4(node)->t4);
}

static bool same6(const struct nat64_node *node, const void *t6)
{
	return !memcmp(&nat64_session_of6(node)->t6, t6,
		       sizeof(struct nat64_tuple6));
}

static bool same4(const struct nat64_node *node, const void *t4)
{
	return !memcmp(&of4(node)->t4, t4, sizeof(struct nat64_tuple4));
}

/**
 * nat64_session_count() - how many sessions there are
 * @nn: the namespace
 */
unsigned int nat64_session_count(const struct nat64_net *nn)
{
	return atomic_read(&nn->session_count);
}

static void end_client_session(struct nat64_net *nn,
			       const struct nat64_session *session)
{
	nat64_client_end_session(nn, &session->t6.local,
				 nat64_session_client_len(session),
				 !(atomic_read(&session->state) &
				   NAT64_SESSION_FROM4));
}

/* The port goes back, or is left to the other sessions of the binding. */
static void put_port(struct nat64_net *nn, struct nat64_session *session)
{
	struct nat64_binding *binding = nat64_binding_of(session);
	const struct nat64_tuple4 *t4 = &session->t4;

	if (!binding) {
		nat64_pool_drop(session->pool, t4->proto, t4->local,
				t4->lport);
		return;
	}
	if (nat64_binding_filters(binding))
		nat64_contact_put(nn, t4);
	nat64_binding_put(nn, binding);
}

/* A first session is found as long as its binding is, but it is none then. */
static void unlink_session(struct nat64_net *nn, struct nat64_session *session)
{
	nat64_table_remove(&nn->sessions6, &session->by6);
	nat64_table_remove(&nn->sessions4, &session->by4);
}

/* One session more, or less, holds its binding. */
static void hold(struct nat64_session *session, int change)
{
	struct nat64_binding *binding = nat64_binding_of(session);

	if (binding && !nat64_binding_fixed(binding))
		atomic_add(change, &binding->first.held);
}

/**
 * nat64_session_end() - end a session
 * @nn: the namespace
 * @session: the session
 *
 * Context: RCU.
 * Return: false if somebody else has ended it.
 */
bool nat64_session_end(struct nat64_net *nn, struct nat64_session *session)
{
	int state = atomic_fetch_andnot(NAT64_SESSION_LIVE, &session->state);

	if (!(state & NAT64_SESSION_LIVE))
		return false;
	if (session->t4.rport == htons(NAT64_FTP_PORT)) {
		/* Pairs with ftp_get(). */
		smp_mb();
		nat64_ftp_end(nn, session);
	}
	atomic_dec(&nn->session_count);
	end_client_session(nn, session);
	nat64_count(nn, NAT64_SESSION_ENDED);
	nat64_event_session(nn, session, NAT64_EVENT_ENDED);
	if (nat64_session_holds(state))
		hold(session, -1);
	if (state & NAT64_SESSION_FIRST) {
		put_port(nn, session);
		return true;
	}
	unlink_session(nn, session);
	put_port(nn, session);
	nat64_memory_retire(nn, session);
	return true;
}

static bool is_past(u32 expires)
{
	return (s32)((u32)jiffies - expires) >= 0;
}

/*
 * RFC 6146 section 3.5.2.2: idle for long, an end is asked if it is there.  Beyond it
 * so is that of a connection which a RST is said to have ended: we do not follow
 * sequence numbers, so anybody could say so.
 */
static bool wants_probe(const struct nat64_session *session, int state)
{
	if (session->t4.proto != IPPROTO_TCP)
		return false;
	switch (state & NAT64_SESSION_TCP) {
	case NAT64_TCP_ESTABLISHED:
		return true;
	case NAT64_TCP_TRANS:
		return state & NAT64_SESSION_ASSURED &&
		       !(state & NAT64_SESSION_PROBED);
	}
	return false;
}

/**
 * nat64_session_expired() - is the session past its time?
 * @session: the session
 *
 * A TCP session that was established is not, before it has been probed in vain.
 *
 * Context: RCU.
 */
bool nat64_session_expired(const struct nat64_session *session)
{
	int state = atomic_read(&session->state);

	/* Pairs with whoever changes the state: the timer is set first. */
	smp_rmb();
	return is_past(READ_ONCE(session->expires)) &&
	       !wants_probe(session, state);
}

static bool matches6(const struct nat64_session *session,
		     const struct nat64_tuple6 *t6)
{
	return session->t6.rport == t6->rport &&
	       ipv6_addr_equal(&session->t6.remote, &t6->remote) &&
	       nat64_session_live(session);
}

static bool matches4(const struct nat64_session *session,
		     const struct nat64_tuple4 *t4)
{
	return session->t4.rport == t4->rport &&
	       session->t4.remote == t4->remote && nat64_session_live(session);
}

/**
 * nat64_session_find6() - find a session by its IPv6 tuple
 * @nn: the namespace
 * @t6: the tuple
 * @binding: result: the binding of its IPv6 host and port, or NULL
 *
 * Context: RCU.
 * Return: the session, which may have expired, or NULL.
 */
struct nat64_session *nat64_session_find6(struct nat64_net *nn,
					  const struct nat64_tuple6 *t6,
					  struct nat64_binding **binding)
{
	struct nat64_binding *b = nat64_binding_find6(nn, t6->proto,
						      &t6->local, t6->lport);
	struct nat64_node *node;

	*binding = b;
	if (b && matches6(&b->first, t6))
		return &b->first;
	if (!nat64_table_count(&nn->sessions6))
		return NULL;
	node = nat64_table_find(&nn->sessions6, hash6(nn, t6), t6, same6);
	return node ? nat64_session_of6(node) : NULL;
}

/**
 * nat64_session_listed() - is a session in the last table that finds it?
 * @nn: the namespace
 * @session: the session, of a binding or alone
 *
 * Before that nobody may end it, see nat64_session_create().
 *
 * Context: RCU.
 */
bool nat64_session_listed(struct nat64_net *nn,
			  const struct nat64_session *session)
{
	const struct nat64_tuple6 *t6 = &session->t6;

	return nat64_table_find(&nn->sessions6, hash6(nn, t6), t6, same6) ==
	       &session->by6;
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
	struct nat64_binding *b = nat64_binding_find4(nn, t4->proto, t4->local,
						      t4->lport);
	struct nat64_node *node;

	if (b && matches4(&b->first, t4))
		return &b->first;
	if (!nat64_table_count(&nn->sessions4))
		return NULL;
	node = nat64_table_find(&nn->sessions4, hash4(t4), t4, same4);
	return node ? of4(node) : NULL;
}

static void set_timer(struct nat64_session *session, u32 seconds)
{
	u32 expires = (u32)jiffies + seconds * HZ;
	s32 moved = expires - READ_ONCE(session->expires);

	/* Write a shared line once a second, not once a packet. */
	if (moved >= HZ || moved < 0)
		WRITE_ONCE(session->expires, expires);
}

static void start_tcp_timer(struct nat64_session *session,
			    const struct nat64_config *cfg, int state, u8 event)
{
	/* The answer to a probe of a host that knows of nothing. */
	if (event == NAT64_TCP_V6_RST && state & NAT64_SESSION_PROBED) {
		set_timer(session, 1);
		return;
	}
	switch (nat64_tcp_timer(state & NAT64_SESSION_TCP, event)) {
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

static void touch_tcp(struct nat64_session *session,
		      const struct nat64_config *cfg, u8 event)
{
	int old = atomic_read(&session->state), new;
	u8 state, next;

	/* The timer first: pairs with nat64_session_expired(). */
	do {
		state = old & NAT64_SESSION_TCP;
		next = nat64_tcp_next(state, event);
		start_tcp_timer(session, cfg, old, event);
		new = (old & ~NAT64_SESSION_TCP) | next;
		if (next == NAT64_TCP_ESTABLISHED)
			new &= ~NAT64_SESSION_PROBED;
	} while (next != state &&
		 !atomic_try_cmpxchg(&session->state, &old, new));
}

/* The IPv6 host goes on with what an IPv4 host has opened. */
static void answer(struct nat64_net *nn, struct nat64_session *session, u8 event)
{
	struct nat64_binding *binding = nat64_binding_of(session);
	int state = atomic_read(&session->state);

	if (state & NAT64_SESSION_ANSWERED ||
	    (session->t6.proto == IPPROTO_TCP && event == NAT64_TCP_V6_RST))
		return;
	/* Whoever ends the session meanwhile may put the last reference. */
	if (!binding || !refcount_inc_not_zero(&binding->first.refs))
		return;
	state = atomic_fetch_or(NAT64_SESSION_ANSWERED, &session->state);
	/* Else whoever has ended it counted as the state was. */
	if (state & NAT64_SESSION_LIVE && !(state & NAT64_SESSION_ANSWERED))
		hold(session, 1);
	nat64_binding_put(nn, binding);
}

/*
 * Who answers what it has got from the other side is no forgery.  A SYN or a RST
 * may be, and is the only thing that a host says which knows of nothing.
 */
static void assure(struct nat64_net *nn, struct nat64_session *session,
		   bool from_v6, u8 event)
{
	int state = atomic_read(&session->state);

	if (from_v6 == !!(state & NAT64_SESSION_FROM4)) {
		if (from_v6)
			answer(nn, session, event);
		else if (!(state & NAT64_SESSION_ANSWERED))
			atomic_or(NAT64_SESSION_ANSWERED, &session->state);
		return;
	}
	if (!(state & NAT64_SESSION_ANSWERED))
		return;
	if (session->t6.proto == IPPROTO_TCP &&
	    (event == NAT64_TCP_V6_SYN || event == NAT64_TCP_V4_SYN ||
	     event == NAT64_TCP_V6_RST || event == NAT64_TCP_V4_RST))
		return;
	atomic_or(NAT64_SESSION_ASSURED, &session->state);
}

/* RFC 4787 REQ-6: does nobody inside want it? */
static bool is_abandoned(struct nat64_session *session)
{
	const struct nat64_binding *binding = nat64_binding_of(session);

	return !nat64_session_holds(atomic_read(&session->state)) && binding &&
	       !nat64_binding_held(binding, 0);
}

/**
 * nat64_session_touch() - a packet of the session passes
 * @nn: the namespace
 * @session: the session
 * @cfg: the configuration
 * @from_v6: from which side
 * @event: &enum nat64_tcp_event, TCP only
 *
 * RFC 6146 section 3.5: the timers start anew, TCP changes its state.
 *
 * Context: RCU.
 */
void nat64_session_touch(struct nat64_net *nn, struct nat64_session *session,
			 const struct nat64_config *cfg, bool from_v6,
			 u8 event)
{
	if (unlikely(!(atomic_read(&session->state) & NAT64_SESSION_ASSURED))) {
		assure(nn, session, from_v6, event);
		if (is_abandoned(session))
			return;
	}
	switch (session->t6.proto) {
	case IPPROTO_TCP:
		/* Past its time, but not swept yet: begin anew. */
		if (nat64_session_expired(session)) {
			atomic_andnot(NAT64_SESSION_TCP | NAT64_SESSION_ASSURED |
				      NAT64_SESSION_PROBED, &session->state);
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

/* Nobody but us has seen it. */
static void discard(struct nat64_net *nn, struct nat64_session *session)
{
	atomic_dec(&nn->session_count);
	end_client_session(nn, session);
	if (nat64_session_holds(atomic_read(&session->state)))
		hold(session, -1);
	put_port(nn, session);
	nat64_memory_free(nn, session);
}

/**
 * nat64_session_create() - make a session, or find that another CPU did
 * @pkt: the packet that opens it
 * @t6: as IPv6 sees it
 * @t4: as IPv4 sees it
 * @binding: its binding; the reference moves into the session, or is given
 *	back; NULL if it is to be alone
 * @pool: then, where the port of @t4 is from
 * @session: result; if it is new its timer is not yet started; NULL if @pkt does
 *	but ask
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, or the reason why not.
 */
enum nat64_counter nat64_session_create(const struct nat64_packet *pkt,
					const struct nat64_tuple6 *t6,
					const struct nat64_tuple4 *t4,
					struct nat64_binding *binding,
					struct nat64_pool *pool,
					struct nat64_session **session)
{
	u8 len = pkt->cfg->client_prefix_len;
	struct nat64_net *nn = pkt->nn;
	enum nat64_counter verdict;
	struct nat64_node *other;
	struct nat64_session *s;

	if (binding && nat64_binding_orphaned(binding)) {
		verdict = NAT64_DROP_NO_POOL;
		goto put_binding;
	}
	if (binding && matches6(&binding->first, t6)) {
		*session = &binding->first;
		verdict = NAT64_OK;
		goto put_binding;
	}
	/* Two IPv6 addresses of one IPv4 host, from one port: only one of them
	 * can have the IPv4 tuple.
	 */
	if (binding && matches4(&binding->first, t4)) {
		verdict = NAT64_DROP_SESSION_CONFLICT;
		goto put_binding;
	}
	if (pkt->asked) {
		*session = NULL;
		verdict = nat64_admissible(pkt, &t6->local, false);
		goto put_binding;
	}
	verdict = nat64_admit(pkt, &t6->local, false);
	if (verdict)
		goto put_binding;
	verdict = NAT64_DROP_NO_MEMORY;
	s = nat64_memory_session(nn);
	if (!s)
		goto end_client;
	s->t6 = *t6;
	s->t4 = *t4;
	s->expires = (u32)jiffies + HZ;
	atomic_set(&s->state, NAT64_SESSION_LIVE | len << NAT64_SESSION_LEN |
			      (pkt->from_v6 ? 0 : NAT64_SESSION_FROM4));
	if (!binding) {
		verdict = NAT64_DROP_NO_POOL;
		if (!nat64_pool_hold(pool, t4->proto, t4->local, t4->lport))
			goto free;
		atomic_or(NAT64_SESSION_ALONE, &s->state);
		s->pool = pool;
	} else {
		if (nat64_binding_filters(binding) && nat64_contact_get(nn, t4))
			goto free;
		s->binding = binding;
		if (pkt->from_v6)
			hold(s, 1);
	}

	/* What can be found by its IPv6 side may be ended: that comes last. */
	atomic_inc(&nn->session_count);
	other = nat64_table_insert(&nn->sessions4, hash4(t4), &s->by4, t4,
				   same4);
	if (other) {
		discard(nn, s);
		*session = of4(other);
		return same6(&of4(other)->by6, t6) ?
		       NAT64_OK : NAT64_DROP_SESSION_CONFLICT;
	}
	nat64_count(nn, NAT64_SESSION_CREATED);
	nat64_event_session(nn, s, NAT64_EVENT_CREATED);
	s->hash6 = hash6(nn, t6);
	other = nat64_table_insert(&nn->sessions6, s->hash6, &s->by6, t6,
				   same6);
	if (other)
		nat64_session_end(nn, s);
	*session = other ? nat64_session_of6(other) : s;
	return NAT64_OK;

free:
	nat64_memory_free(nn, s);
end_client:
	nat64_client_end_session(nn, &t6->local, len, pkt->from_v6);
put_binding:
	if (binding)
		nat64_binding_put(nn, binding);
	return verdict;
}

/* There was not to be a binding. */
static void end_client(struct nat64_net *nn, const struct in6_addr *addr, u8 len)
{
	nat64_client_end_session(nn, addr, len, true);
	nat64_client_end_port(nn, addr, len);
}

/**
 * nat64_session_create_first() - make a binding with its first session
 * @pkt: the packet that opens it, from IPv6
 * @pool: where the IPv4 side is taken from
 * @search: for whom
 * @t6: as IPv6 sees it
 * @t4: as IPv4 sees it; its local side is chosen here
 * @session: result, as of nat64_session_create()
 *
 * If another CPU made the binding meanwhile the session is one of that.
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, or the reason why not.
 */
enum nat64_counter nat64_session_create_first(const struct nat64_packet *pkt,
					      struct nat64_pool *pool,
					      struct nat64_pool_search *search,
					      const struct nat64_tuple6 *t6,
					      struct nat64_tuple4 *t4,
					      struct nat64_session **session)
{
	u8 len = pkt->cfg->client_prefix_len;
	struct nat64_net *nn = pkt->nn;
	enum nat64_counter verdict;
	struct nat64_binding *b, *old;
	u8 nth;

	verdict = nat64_block_choose(search, pool, &t4->local, &t4->lport);
	if (verdict)
		return verdict;
	if (pkt->asked) {
		nat64_block_unchoose(search, pool, t4);
		*session = NULL;
		return nat64_admissible(pkt, &t6->local, true);
	}
	nat64_table_expect(&nn->bindings4,
			   nat64_hash4(t4->local, t4->lport, t4->proto));
	verdict = nat64_admit(pkt, &t6->local, true);
	if (verdict) {
		nat64_block_unchoose(search, pool, t4);
		return verdict;
	}
	b = nat64_memory_binding(nn);
	if (!b) {
		nat64_block_unchoose(search, pool, t4);
		verdict = NAT64_DROP_NO_MEMORY;
		goto end_client;
	}
	verdict = nat64_block_settle(search, t4, &nth);
	if (verdict) {
		nat64_memory_free(nn, &b->first);
		goto end_client;
	}
	b->first.pool = pool;
	b->first.t6 = *t6;
	b->first.t4 = *t4;
	b->first.expires = (u32)jiffies + HZ;
	atomic_or(NAT64_SESSION_LIVE | len << NAT64_SESSION_LEN |
		  nth << NAT64_SESSION_NTH, &b->first.state);
	/* One of the session, one of ours until both tables have it. */
	refcount_set(&b->first.refs, 2);
	atomic_set(&b->first.held, 1);
	if (nat64_binding_filters(b) && nat64_contact_get(nn, t4)) {
		nat64_binding_discard(nn, b);
		verdict = NAT64_DROP_NO_MEMORY;
		goto end_client;
	}

	atomic_inc(&nn->session_count);
	old = nat64_binding_insert6(nn, b);
	if (old) {
		atomic_dec(&nn->session_count);
		if (nat64_binding_filters(b))
			nat64_contact_put(nn, t4);
		nat64_binding_discard(nn, b);
		end_client(nn, &t6->local, len);
		if (!refcount_inc_not_zero(&old->first.refs))
			return NAT64_DROP_SESSION_CONFLICT;
		t4->local = old->first.t4.local;
		t4->lport = old->first.t4.lport;
		return nat64_session_create(pkt, t6, t4, old, NULL, session);
	}
	nat64_count(nn, NAT64_SESSION_CREATED);
	nat64_event_session(nn, &b->first, NAT64_EVENT_CREATED);
	if (!nat64_binding_insert4(nn, b)) {
		verdict = NAT64_DROP_SESSION_CONFLICT;
		nat64_session_end(nn, &b->first);
	}
	nat64_binding_put(nn, b);
	*session = &b->first;
	return verdict;

end_client:
	end_client(nn, &t6->local, len);
	return verdict;
}

struct ending {
	struct nat64_net *nn;
	bool (*match)(struct nat64_session *session, const void *arg);
	const void *arg;
	unsigned int ended;
};

static int end_if(struct nat64_node *node, void *arg)
{
	struct nat64_session *s = nat64_session_of6(node);
	struct ending *e = arg;

	if (nat64_session_live(s) && (!e->match || e->match(s, e->arg))) {
		nat64_session_end(e->nn, s);
		e->ended++;
	}
	return 0;
}

static unsigned int end_matching(struct nat64_net *nn,
				 bool (*match)(struct nat64_session *s,
					       const void *arg),
				 const void *arg)
{
	struct ending e = { .nn = nn, .match = match, .arg = arg };

	nat64_table_for_each(&nn->bindings6, end_if, &e);
	nat64_table_for_each(&nn->sessions6, end_if, &e);
	return e.ended;
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
	struct dst_entry *dst = rcu_dereference(session->dst6);

	if (!dst || !dst_check(dst, READ_ONCE(session->cookie6)) ||
	    !dst_hold_safe(dst))
		return NULL;
	return dst;
}

/* What is past its time ends, but for what is worth a probe. */
static bool match_expired(struct nat64_session *session, const void *arg)
{
	struct nat64_net *nn = (struct nat64_net *)arg;
	int state = atomic_read(&session->state);
	u32 expires, trans;

	/* As in nat64_session_expired(). */
	smp_rmb();
	expires = READ_ONCE(session->expires);
	if (!is_past(expires))
		return false;
	if (!wants_probe(session, state))
		return true;
	/* A packet that comes meanwhile starts the timer as it should be. */
	trans = rcu_dereference(nn->config)->tcp_trans_timeout * HZ;
	if (cmpxchg(&session->expires, expires, (u32)jiffies + trans) == expires &&
	    atomic_try_cmpxchg(&session->state, &state,
			       (state & ~NAT64_SESSION_TCP) | NAT64_TCP_TRANS |
			       NAT64_SESSION_PROBED)) {
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
	nat64_block_sweep(nn);
	queue_delayed_work(nat64_wq, &nn->sweep, SWEEP_INTERVAL *
			   (1 + nat64_session_count(nn) / SWEEP_REST));
}

int nat64_session_init(struct nat64_net *nn)
{
	int err;

	err = nat64_table_init(&nn->sessions6, nat64_session_hash6);
	if (err)
		return err;
	err = nat64_table_init(&nn->sessions4, hash_of4);
	if (err) {
		nat64_table_fini(&nn->sessions6);
		return err;
	}
	/* Not deferrable: on a CPU that sleeps it would wait while others work. */
	INIT_DELAYED_WORK(&nn->sweep, sweep);
	return 0;
}

/* There may be sessions from now on. */
void nat64_session_start(struct nat64_net *nn)
{
	queue_delayed_work(nat64_wq, &nn->sweep, SWEEP_INTERVAL);
}

/* No sweep any more: sessions end only by command, and those have ended. */
void nat64_session_stop(struct nat64_net *nn)
{
	cancel_delayed_work_sync(&nn->sweep);
}

/* No hook and no command is running any more, nor the sweep. */
void nat64_session_fini(struct nat64_net *nn)
{
	nat64_session_flush(nn, NULL, NULL);
	nat64_table_fini(&nn->sessions4);
	nat64_table_fini(&nn->sessions6);
}
