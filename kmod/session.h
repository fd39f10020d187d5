/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_SESSION_H
#define NAT64_SESSION_H

#include <linux/jiffies.h>
#include <linux/rhashtable-types.h>

#include "stats.h"
#include "tuple.h"

struct dst_entry;
struct nat64_binding;
struct nat64_config;
struct nat64_net;
struct nat64_pool;

/**
 * struct nat64_route - a route kept by a session, for one direction
 * @dst: the route, with a reference, or NULL
 * @cookie: tells whether @dst is still good
 */
struct nat64_route {
	struct dst_entry __rcu *dst;
	u32 cookie;
};

/**
 * struct nat64_session - an entry of the session table
 * @by6: node in nat64_net.sessions6
 * @by4: node in nat64_net.sessions4
 * @t6: the session as IPv6 sees it
 * @t4: the session as IPv4 sees it
 * @binding: with a reference; NULL with address- and port-dependent mapping
 * @pool: where the port was taken from then, with a reference
 * @route4: towards the IPv4 host
 * @route6: towards the IPv6 host
 * @expires: jiffies, low 32 bits
 * @state: of TCP, &enum nat64_tcp_state; changed by cmpxchg
 * @rcu: to free it
 */
struct nat64_session {
	struct rhash_head by6;
	struct rhash_head by4;
	struct nat64_tuple6 t6;
	struct nat64_tuple4 t4;
	struct nat64_binding *binding;
	struct nat64_pool *pool;
	struct nat64_route route4;
	struct nat64_route route6;
	u32 expires;
	u32 state;
	struct rcu_head rcu;
};

int nat64_session_init(struct nat64_net *nn);
void nat64_session_stop(struct nat64_net *nn);
void nat64_session_fini(struct nat64_net *nn);
int nat64_session_cache_init(void);
void nat64_session_cache_fini(void);

struct nat64_session *nat64_session_find6(struct nat64_net *nn,
					  const struct nat64_tuple6 *t6);
struct nat64_session *nat64_session_find4(struct nat64_net *nn,
					  const struct nat64_tuple4 *t4);
bool nat64_session_expired(const struct nat64_session *session);
enum nat64_counter nat64_session_create(struct nat64_net *nn,
					const struct nat64_tuple6 *t6,
					const struct nat64_tuple4 *t4,
					struct nat64_binding *binding,
					struct nat64_pool *pool,
					struct nat64_session **session);
void nat64_session_touch(struct nat64_session *session,
			 const struct nat64_config *cfg, u8 event);

void nat64_session_flush(struct nat64_net *nn,
			 bool (*match)(struct nat64_session *session,
				       const void *arg), const void *arg);
unsigned int nat64_session_count(const struct nat64_net *nn);
bool nat64_session_full(const struct nat64_net *nn,
			const struct nat64_config *cfg);

#endif /* NAT64_SESSION_H */
