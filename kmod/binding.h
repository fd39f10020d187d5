/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_BINDING_H
#define NAT64_BINDING_H

#include <linux/in6.h>

#include "session.h"
#include "tuple.h"

struct nat64_net;
struct nat64_pool;

/**
 * struct nat64_key6 - IPv6 transport address; a hash key, no padding
 * @addr: address
 * @port: port or ICMP id
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 */
struct nat64_key6 {
	struct in6_addr addr;
	__be16 port;
	u16 proto;
};

/**
 * struct nat64_key4 - IPv4 transport address; a hash key, no padding
 * @addr: address
 * @port: port or ICMP id
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 */
struct nat64_key4 {
	__be32 addr;
	__be16 port;
	u16 proto;
};

/**
 * struct nat64_binding - an entry of the binding table, RFC 6146 section 3.1
 * @first: its first session, whose tuples also hold the two transport addresses
 *	of the binding, and go on doing so when the session has ended; never
 *	live if the binding is static
 *
 * A dynamic binding lives as long as it has sessions.
 */
struct nat64_binding {
	struct nat64_session first;
};

/**
 * nat64_binding_fixed() - was a binding configured?
 * @binding: the binding
 */
static inline bool nat64_binding_fixed(const struct nat64_binding *binding)
{
	return atomic_read(&binding->first.state) & NAT64_SESSION_FIXED;
}

/**
 * nat64_binding_held() - has the IPv6 host sessions of a binding, or the operator it?
 * @binding: the binding
 * @but: of so many sessions it is known
 */
static inline bool nat64_binding_held(const struct nat64_binding *binding, int but)
{
	return nat64_binding_fixed(binding) ||
	       atomic_read(&binding->first.held) > but;
}

/**
 * nat64_binding_key6() - the IPv6 side of a binding
 * @binding: the binding
 */
static inline struct nat64_key6
nat64_binding_key6(const struct nat64_binding *binding)
{
	const struct nat64_tuple6 *t6 = &binding->first.t6;

	return (struct nat64_key6){ t6->local, t6->lport, t6->proto };
}

/**
 * nat64_binding_key4() - the IPv4 side of a binding
 * @binding: the binding
 */
static inline struct nat64_key4
nat64_binding_key4(const struct nat64_binding *binding)
{
	const struct nat64_tuple4 *t4 = &binding->first.t4;

	return (struct nat64_key4){ t4->local, t4->lport, t4->proto };
}

int nat64_binding_init(struct nat64_net *nn);
void nat64_binding_fini(struct nat64_net *nn);

struct nat64_binding *nat64_binding_find6(struct nat64_net *nn, u8 proto,
					  const struct in6_addr *addr,
					  __be16 port);
struct nat64_binding *nat64_binding_find4(struct nat64_net *nn, u8 proto,
					  __be32 addr, __be16 port);
struct nat64_binding *nat64_binding_insert6(struct nat64_net *nn,
					    struct nat64_binding *binding);
bool nat64_binding_insert4(struct nat64_net *nn, struct nat64_binding *binding);
struct nat64_binding *nat64_binding_make_fixed(struct nat64_net *nn,
					       const struct nat64_key6 *key6,
					       const struct nat64_key4 *key4);
void nat64_binding_put_fixed(struct nat64_net *nn, struct nat64_binding *binding);
int nat64_binding_add_fixed(struct nat64_net *nn, const struct nat64_key6 *key6,
			    const struct nat64_key4 *key4,
			    struct nat64_pool *pool,
			    struct nat64_binding **other);
void nat64_binding_unlink(struct nat64_net *nn, struct nat64_binding *binding);
struct nat64_binding *nat64_binding_of(struct nat64_session *session);
bool nat64_binding_orphaned(const struct nat64_binding *binding);
bool nat64_binding_filters(const struct nat64_binding *binding);
void nat64_binding_discard(struct nat64_net *nn, struct nat64_binding *binding);
void nat64_binding_put(struct nat64_net *nn, struct nat64_binding *binding);
void nat64_binding_move(struct nat64_binding *binding, struct nat64_pool *pool);
int nat64_binding_adopt(struct nat64_net *nn, struct nat64_pool *pool);
struct llist_node *
nat64_binding_unlink_fixed(struct nat64_net *nn,
			   bool (*goes)(const struct nat64_binding *binding,
					const void *arg),
			   const void *arg);

#endif /* NAT64_BINDING_H */
