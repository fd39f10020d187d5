// SPDX-License-Identifier: GPL-2.0
/*
 * Whether there may be one more session: the limits of a client and of all, and which
 * sessions make room when they are reached (early drop).
 */
#include <linux/kernel.h>
#include <linux/random.h>
#include <net/ipv6.h>

#include "admit.h"
#include "binding.h"
#include "block.h"
#include "client.h"
#include "config.h"
#include "memory.h"
#include "nat64.h"
#include "packet.h"
#include "pool.h"
#include "session.h"
#include "table.h"
#include "tcp.h"

/* How many sessions are looked at for one that may go. */
#define EVICT_RANGE 16

/* Of sessions, so many that have ended may wait for their memory to be freed. */
#define EVICT_WAITING(sessions) ((sessions) / 4 + 1024)

/*
 * A flood of forged sources leaves sessions that nobody goes on with.  When there
 * is no room they go first, one for one, those of which both ends have taken leave,
 * and those past their time; no other session ever goes.
 */
static bool is_idle(const struct nat64_node *node, const void *arg)
{
	const struct nat64_session *s = nat64_session_of6(node);
	int state = atomic_read(&s->state);

	return state & NAT64_SESSION_LIVE &&
	       (!(state & NAT64_SESSION_ASSURED) ||
		(state & NAT64_SESSION_TCP) == NAT64_TCP_V4_V6_FIN ||
		nat64_session_expired(s));
}

/* Who wants a port. */
struct wish {
	struct nat64_net *nn;
	const struct nat64_tuple6 *t6;
	const struct nat64_pool *pool;
	u8 len;
};

static const struct nat64_pool *pool_of(struct nat64_session *s)
{
	const struct nat64_binding *binding = nat64_binding_of(s);

	return binding ? binding->first.pool : s->pool;
}

static bool is_like(const struct nat64_session *s, const struct nat64_pool *pool,
		    const struct nat64_tuple6 *t6)
{
	return s->t6.proto == t6->proto &&
	       nat64_pool_suits(pool, t6, s->t4.lport);
}

/* Has it, of a pool, a port that another client may have, if by a whole block? */
static bool is_alike(struct nat64_session *s, const struct wish *wish)
{
	const struct nat64_pool *pool = pool_of(s);
	const struct nat64_binding *binding;

	if (!pool->params.block_size)
		return is_like(s, pool, wish->t6);
	binding = nat64_binding_of(s);
	return nat64_block_last_port(wish->nn, pool, &s->t6.local,
				     nat64_session_client_len(&binding->first),
				     nat64_session_nth(&binding->first));
}

/* Nothing else keeps its port. */
static bool is_idle_alone(const struct nat64_node *node, const void *arg)
{
	struct nat64_session *s = nat64_session_of6(node);

	return is_idle(node, NULL) && refcount_read(&s->refs) == 1 &&
	       is_alike(s, arg);
}

/* Of several that keep a port, where the first one does not want it. */
static bool is_idle_further(const struct nat64_node *node, const void *arg)
{
	struct nat64_session *s = nat64_session_of6(node);
	const struct nat64_binding *binding = nat64_binding_of(s);

	return binding && !nat64_binding_fixed(binding) && is_idle(node, NULL) &&
	       (!nat64_session_live(&binding->first) ||
		is_idle(&binding->first.by6, NULL)) && is_alike(s, arg);
}

struct client {
	const struct in6_addr *addr;
	u8 len;
	int from4;
};

/* What it opened itself, or what IPv4 hosts did: each has a limit of its own. */
static bool is_idle_of(const struct nat64_node *node, const void *arg)
{
	const struct nat64_session *s = nat64_session_of6(node);
	const struct client *client = arg;

	return nat64_session_client_len(s) == client->len &&
	       ipv6_prefix_equal(&s->t6.local, client->addr, client->len) &&
	       (atomic_read(&s->state) & NAT64_SESSION_FROM4) == client->from4 &&
	       is_idle(node, NULL);
}

static bool is_idle_alone_of(const struct nat64_node *node, const void *arg)
{
	return is_idle_of(node, arg) &&
	       refcount_read(&nat64_session_of6(node)->refs) == 1;
}

/* Its port is one that the host may have, as it is of a block of the same client. */
static bool is_idle_alone_like(const struct nat64_node *node, const void *arg)
{
	struct nat64_session *s = nat64_session_of6(node);
	const struct wish *wish = arg;

	return is_idle(node, NULL) && refcount_read(&s->refs) == 1 &&
	       (wish->pool ? s->pool == wish->pool :
			     s->pool->params.block_size) &&
	       is_like(s, s->pool, wish->t6) &&
	       nat64_session_client_len(s) == wish->len &&
	       ipv6_prefix_equal(&s->t6.local, &wish->t6->local, wish->len);
}

/* Memory comes back after a grace period, a flood does not wait for it. */
static bool may_evict(const struct nat64_packet *pkt)
{
	return pkt->cfg->early_drop && !pkt->asked && nat64_memory_waiting(pkt->nn) <=
				       EVICT_WAITING(nat64_session_count(pkt->nn));
}

static bool evict_this(struct nat64_net *nn, struct nat64_session *session)
{
	if (!nat64_session_end(nn, session))
		return false;
	nat64_count(nn, NAT64_SESSION_EVICTED);
	return true;
}

static struct nat64_session *some(const struct nat64_packet *pkt,
				  struct nat64_table *table,
				  nat64_match_t *match, const void *arg)
{
	struct nat64_node *node = NULL;

	if (may_evict(pkt))
		node = nat64_table_some(table, get_random_u32(), EVICT_RANGE,
					match, arg);
	return node ? nat64_session_of6(node) : NULL;
}

static bool evict(const struct nat64_packet *pkt, struct nat64_table *table,
		  nat64_match_t *match, const void *arg)
{
	struct nat64_session *s = some(pkt, table, match, arg);

	return s && evict_this(pkt->nn, s);
}

/**
 * nat64_evict() - end a session if nobody goes on with it
 * @pkt: the packet that wants its place
 * @session: the session
 *
 * Context: RCU, BH disabled.
 * Return: true if it has ended.
 */
bool nat64_evict(const struct nat64_packet *pkt, struct nat64_session *session)
{
	return may_evict(pkt) && is_idle(&session->by6, NULL) &&
	       nat64_session_listed(pkt->nn, session) &&
	       evict_this(pkt->nn, session);
}

/**
 * nat64_evict_port() - end sessions that nobody goes on with
 * @pkt: the packet that opens a session
 * @t6: who wants a port of theirs
 *
 * Of a binding with many sessions, one each time.
 *
 * Context: RCU, BH disabled.
 */
void nat64_evict_port(const struct nat64_packet *pkt,
		      const struct nat64_tuple6 *t6)
{
	struct nat64_net *nn = pkt->nn;
	struct wish wish = { .nn = nn, .t6 = t6 };
	struct nat64_binding *binding;
	struct nat64_session *s;

	if (evict(pkt, &nn->bindings6, is_idle_alone, &wish))
		return;
	s = some(pkt, &nn->sessions6, is_idle_further, &wish);
	if (!s)
		return;
	binding = nat64_binding_of(s);
	if (evict_this(nn, s) && is_idle_alone(&binding->first.by6, &wish))
		evict_this(nn, &binding->first);
}

/**
 * nat64_evict_port_of() - end a session of the client that nobody goes on with
 * @pkt: the packet that opens a session, while the blocks of the client are full
 * @t6: who wants the port of it
 * @pool: whose blocks they are, or NULL for any
 *
 * Context: RCU, BH disabled.
 * Return: true if one has ended.
 */
bool nat64_evict_port_of(const struct nat64_packet *pkt,
			 const struct nat64_tuple6 *t6,
			 const struct nat64_pool *pool)
{
	struct wish wish = {
		.nn = pkt->nn,
		.t6 = t6,
		.pool = pool,
		.len = pkt->cfg->client_prefix_len,
	};

	return evict(pkt, &pkt->nn->bindings6, is_idle_alone_like, &wish);
}

/* Whichever table: each is the first in proportion to what it holds. */
static bool evict_any(const struct nat64_packet *pkt, nat64_match_t *match,
		      const void *arg)
{
	struct nat64_table *first = &pkt->nn->bindings6;
	struct nat64_table *second = &pkt->nn->sessions6;
	u32 count = nat64_table_count(first);

	if (reciprocal_scale(get_random_u32(),
			     count + nat64_table_count(second)) >= count)
		swap(first, second);
	return evict(pkt, first, match, arg) || evict(pkt, second, match, arg);
}

/**
 * nat64_admissible() - would nat64_admit() say yes, if nobody made room?
 * @pkt: the packet that asks
 * @addr: its IPv6 host
 * @port: it wants a port of its own
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, or which limit has been reached.
 */
enum nat64_counter nat64_admissible(const struct nat64_packet *pkt,
				    const struct in6_addr *addr, bool port)
{
	enum nat64_counter verdict = nat64_client_full(pkt, addr, port);

	if (verdict)
		return verdict;
	if (pkt->from_v6 && nat64_client_too_fast(pkt, addr))
		return NAT64_DROP_CLIENT_RATE;
	return nat64_session_count(pkt->nn) < pkt->cfg->session_max ?
	       NAT64_OK : NAT64_DROP_SESSION_LIMIT;
}

/**
 * nat64_admit() - may there be one more session?
 * @pkt: the packet that opens it
 * @addr: its IPv6 host
 * @port: it wants a port of its own
 *
 * Then it is counted for its client already.
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, or which limit has been reached.
 */
enum nat64_counter nat64_admit(const struct nat64_packet *pkt,
			       const struct in6_addr *addr, bool port)
{
	struct client client = {
		.addr = addr,
		.len = pkt->cfg->client_prefix_len,
		.from4 = pkt->from_v6 ? 0 : NAT64_SESSION_FROM4,
	};
	struct nat64_net *nn = pkt->nn;
	enum nat64_counter verdict;

	/* A client that has its share takes no other's. */
	verdict = nat64_client_admit(pkt, addr, port);
	if ((verdict == NAT64_DROP_CLIENT_SESSIONS &&
	     evict_any(pkt, is_idle_of, &client)) ||
	    (verdict == NAT64_DROP_CLIENT_PORTS &&
	     evict(pkt, &nn->bindings6, is_idle_alone_of, &client)))
		verdict = nat64_client_admit(pkt, addr, port);
	if (verdict)
		return verdict;
	if (nat64_session_count(nn) < pkt->cfg->session_max ||
	    evict_any(pkt, is_idle, NULL))
		return NAT64_OK;
	nat64_client_end_session(nn, addr, client.len, pkt->from_v6);
	if (port)
		nat64_client_end_port(nn, addr, client.len);
	return NAT64_DROP_SESSION_LIMIT;
}
