/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_CLIENT_H
#define NAT64_CLIENT_H

#include <linux/in6.h>
#include <linux/refcount.h>

#include "stats.h"
#include "table.h"

struct nat64_net;
struct nat64_packet;

/**
 * struct nat64_client - what one client holds
 * @node: node in nat64_net.clients
 * @rcu: to free it
 * @prefix: its addresses, host bits zero
 * @hash: of @prefix and @len
 * @len: length of @prefix
 * @refs: one of each session and of each port; those who come hold one meanwhile
 * @sessions: how many sessions, that it opened and that IPv4 hosts did
 * @ports: how many ports of the pools, which is bindings
 * @opened: sessions opened in this second, see nat64_rate_allows()
 */
struct nat64_client {
	struct nat64_node node;
	struct rcu_head rcu;
	struct in6_addr prefix;
	u32 hash;
	u8 len;
	refcount_t refs;
	atomic_t sessions[2];
	atomic_t ports;
	u32 opened;
};

static inline const struct nat64_client *
nat64_client_of(const struct nat64_node *node)
{
	return container_of(node, struct nat64_client, node);
}

int nat64_client_cache_init(void);
void nat64_client_cache_fini(void);
int nat64_client_init(struct nat64_net *nn);
void nat64_client_fini(struct nat64_net *nn);
enum nat64_counter nat64_client_full(const struct nat64_packet *pkt,
				     const struct in6_addr *addr, bool port);
bool nat64_client_too_fast(const struct nat64_packet *pkt,
			   const struct in6_addr *addr);
enum nat64_counter nat64_client_admit(const struct nat64_packet *pkt,
				      const struct in6_addr *addr, bool port);
void nat64_client_end_session(struct nat64_net *nn, const struct in6_addr *addr,
			      u8 len, bool from_v6);
void nat64_client_end_port(struct nat64_net *nn, const struct in6_addr *addr,
			   u8 len);

#endif /* NAT64_CLIENT_H */
