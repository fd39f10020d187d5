/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_SESSION_H
#define NAT64_SESSION_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/llist.h>
#include <linux/refcount.h>

#include "stats.h"
#include "table.h"
#include "tuple.h"

struct dst_entry;
struct nat64_binding;
struct nat64_config;
struct nat64_net;
struct nat64_pool;
struct nat64_packet;
struct nat64_pool_search;

/* What &nat64_session.state holds. */
#define NAT64_SESSION_TCP	0x0f	/* &enum nat64_tcp_state */
#define NAT64_SESSION_FIRST	BIT(8)	/* part of its binding; never changes */
#define NAT64_SESSION_ALONE	BIT(9)	/* has no binding; never changes */
#define NAT64_SESSION_FIXED	BIT(10)	/* its binding is static; never changes */
#define NAT64_SESSION_LIVE	BIT(11)	/* cleared by whoever ends it */
#define NAT64_SESSION_FROM4	BIT(12)	/* the IPv4 side opened it */
#define NAT64_SESSION_ANSWERED	BIT(13)	/* the other side has sent, too */
#define NAT64_SESSION_ASSURED	BIT(14)	/* and then who opened it once more */
#define NAT64_SESSION_PROBED	BIT(15)	/* TCP: asked whether it is still there */
#define NAT64_SESSION_LEN	16	/* shift: client_prefix_len; never changes */
#define NAT64_SESSION_NTH	24	/* shift: of a first one, which block; the same */

/**
 * struct nat64_session - an entry of the session table
 * @by6: node in nat64_net.sessions6, of a first one in nat64_net.bindings6
 * @t6: the session as IPv6 sees it
 * @binding: of a further one, with a reference
 * @pool: of a first one where the port was taken from, or NULL; of one that is
 *	alone as well; with a reference
 * @hash6: its hash in the table of @by6
 * @held: of a first one, how many sessions of the binding hold it, see
 *	nat64_session_holds(); does not matter if it is static
 * @ended: node in nat64_net.ended, when no table has it any more
 * @by4: node in nat64_net.sessions4, of a first one in nat64_net.bindings4
 * @t4: the session as IPv4 sees it
 * @dst4: route towards the IPv4 host, with a reference, or NULL
 * @dst6: route towards the IPv6 host, the same
 * @cookie6: tells whether @dst6 is still good
 * @expires: jiffies, low 32 bits
 * @state: see NAT64_SESSION_LIVE and its like
 * @passed64: of a packet to IPv4 that the rules let pass, see nat64_rules_passed()
 * @passed46: the same to IPv6
 * @refs: of a first one, the references to its binding: one of each session, one
 *	of the configuration if it is static
 *
 * Most bindings never have more than one session.  So the first one is a part
 * of its binding and is found with it; further ones have tables of their own.
 * With address- and port-dependent mapping a session is alone.
 */
struct nat64_session {
	struct nat64_node by6;
	struct nat64_tuple6 t6;
	union {
		struct nat64_binding *binding;
		struct nat64_pool *pool;
	};
	union {
		struct {
			u32 hash6;
			atomic_t held;
		};
		struct llist_node ended;
	};
	struct nat64_node by4;
	struct nat64_tuple4 t4;
	struct dst_entry __rcu *dst4;
	struct dst_entry __rcu *dst6;
	u32 cookie6;
	u32 expires;
	atomic_t state;
	u32 passed64;
	u32 passed46;
	refcount_t refs;
};

static inline struct nat64_session *
nat64_session_of6(const struct nat64_node *node)
{
	return container_of(node, struct nat64_session, by6);
}

/* Of a session that has ended it may be wrong. */
static inline u32 nat64_session_hash6(const struct nat64_node *node)
{
	return READ_ONCE(nat64_session_of6(node)->hash6);
}

/**
 * nat64_session_tcp() - the state of a TCP session
 * @session: the session
 *
 * Return: &enum nat64_tcp_state.
 */
static inline u8 nat64_session_tcp(const struct nat64_session *session)
{
	return atomic_read(&session->state) & NAT64_SESSION_TCP;
}

/* Has nobody ended it? */
static inline bool nat64_session_live(const struct nat64_session *session)
{
	return atomic_read(&session->state) & NAT64_SESSION_LIVE;
}

/* The client_prefix_len that it was admitted by. */
static inline u8 nat64_session_client_len(const struct nat64_session *session)
{
	return atomic_read(&session->state) >> NAT64_SESSION_LEN;
}

/* Which of the client's blocks the port of its binding is of. */
static inline u8 nat64_session_nth(const struct nat64_session *session)
{
	return (u32)atomic_read(&session->state) >> NAT64_SESSION_NTH;
}

/**
 * nat64_session_holds() - has the IPv6 host opened or answered it?
 * @state: of the session
 *
 * What IPv4 hosts alone want keeps no dynamic binding (RFC 4787 REQ-6).
 */
static inline bool nat64_session_holds(int state)
{
	return !(state & NAT64_SESSION_FROM4) || state & NAT64_SESSION_ANSWERED;
}

int nat64_session_init(struct nat64_net *nn);
void nat64_session_start(struct nat64_net *nn);
void nat64_session_stop(struct nat64_net *nn);
void nat64_session_fini(struct nat64_net *nn);

struct nat64_session *nat64_session_find6(struct nat64_net *nn,
					  const struct nat64_tuple6 *t6,
					  struct nat64_binding **binding);
struct nat64_session *nat64_session_find4(struct nat64_net *nn,
					  const struct nat64_tuple4 *t4);
bool nat64_session_expired(const struct nat64_session *session);
enum nat64_counter nat64_session_create(const struct nat64_packet *pkt,
					const struct nat64_tuple6 *t6,
					const struct nat64_tuple4 *t4,
					struct nat64_binding *binding,
					struct nat64_pool *pool,
					struct nat64_session **session);
enum nat64_counter nat64_session_create_first(const struct nat64_packet *pkt,
					      struct nat64_pool *pool,
					      struct nat64_pool_search *search,
					      const struct nat64_tuple6 *t6,
					      struct nat64_tuple4 *t4,
					      struct nat64_session **session);
void nat64_session_touch(struct nat64_net *nn, struct nat64_session *session,
			 const struct nat64_config *cfg, bool from_v6,
			 u8 event);

void nat64_session_flush(struct nat64_net *nn,
			 bool (*match)(struct nat64_session *session,
				       const void *arg), const void *arg);
unsigned int nat64_session_count(const struct nat64_net *nn);
bool nat64_session_listed(struct nat64_net *nn,
			  const struct nat64_session *session);
bool nat64_session_end(struct nat64_net *nn, struct nat64_session *session);

#endif /* NAT64_SESSION_H */
