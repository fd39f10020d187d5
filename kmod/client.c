// SPDX-License-Identifier: GPL-2.0
/*
 * What the hosts of one IPv6 prefix hold together, so that no client takes it
 * all: RFC 6888 REQ-4, RFC 6146 section 5.3.  A host has as many addresses as it
 * likes, its link has one /64.
 */
#include <linux/slab.h>
#include <net/ipv6.h>

#include "client.h"
#include "config.h"
#include "nat64.h"
#include "packet.h"
#include "rate.h"

static struct kmem_cache *cache;

int nat64_client_cache_init(void)
{
	cache = KMEM_CACHE(nat64_client, 0);
	return cache ? 0 : -ENOMEM;
}

/* All namespaces have gone. */
void nat64_client_cache_fini(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}

static struct nat64_client *of(struct nat64_node *node)
{
	return container_of(node, struct nat64_client, node);
}

static u32 hash_of(const struct nat64_node *node)
{
	return nat64_client_of(node)->hash;
}

struct wanted {
	struct in6_addr prefix;
	u8 len;
	u32 hash;
};

static void make_wanted(const struct nat64_net *nn, struct wanted *want,
			const struct in6_addr *addr, u8 len)
{
	ipv6_addr_prefix(&want->prefix, addr, len);
	want->len = len;
	want->hash = nat64_hash(&want->prefix, sizeof(want->prefix),
				nn->seed + len);
}

static bool match(const struct nat64_node *node, const void *arg)
{
	const struct nat64_client *client = nat64_client_of(node);
	const struct wanted *want = arg;

	return client->len == want->len &&
	       ipv6_addr_equal(&client->prefix, &want->prefix);
}

static struct nat64_client *find(struct nat64_net *nn, const struct wanted *want)
{
	struct nat64_node *node = nat64_table_find(&nn->clients, want->hash, want,
						   match);

	return node ? of(node) : NULL;
}

static struct nat64_client *client_of(struct nat64_net *nn,
				      const struct in6_addr *addr, u8 len)
{
	struct wanted want;

	make_wanted(nn, &want, addr, len);
	return find(nn, &want);
}

/* Who has sessions or ports has an entry. */
static struct nat64_client *holder(struct nat64_net *nn,
				   const struct in6_addr *addr, u8 len)
{
	struct nat64_client *client = client_of(nn, addr, len);

	WARN_ON_ONCE(!client);
	return client;
}

int nat64_client_init(struct nat64_net *nn)
{
	return nat64_table_init(&nn->clients, hash_of);
}

/* All sessions and bindings have ended. */
void nat64_client_fini(struct nat64_net *nn)
{
	nat64_table_fini(&nn->clients);
}

static void free_client(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct nat64_client, rcu));
}

static void put(struct nat64_net *nn, struct nat64_client *client)
{
	if (!refcount_dec_and_test(&client->refs))
		return;
	nat64_table_remove(&nn->clients, &client->node);
	call_rcu(&client->rcu, free_client);
}

/* With a reference. */
static struct nat64_client *get(struct nat64_net *nn, const struct wanted *want)
{
	struct nat64_client *client = find(nn, want), *new;
	struct nat64_node *old;

	if (client && refcount_inc_not_zero(&client->refs))
		return client;
	new = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!new)
		return NULL;
	new->prefix = want->prefix;
	new->hash = want->hash;
	new->len = want->len;
	refcount_set(&new->refs, 1);
	while ((old = nat64_table_insert(&nn->clients, want->hash, &new->node,
					 want, match))) {
		if (refcount_inc_not_zero(&of(old)->refs)) {
			kmem_cache_free(cache, new);
			return of(old);
		}
		/* Whoever put the last reference may be slower than we are. */
		nat64_table_remove(&nn->clients, old);
	}
	return new;
}

/* Which limit is reached? */
static enum nat64_counter full(const struct nat64_client *client,
			       const struct nat64_packet *pkt, bool port)
{
	const struct nat64_config *cfg = pkt->cfg;

	if (cfg->client_session_max &&
	    atomic_read(&client->sessions[!pkt->from_v6]) >=
	    cfg->client_session_max)
		return NAT64_DROP_CLIENT_SESSIONS;
	if (port && cfg->client_port_max &&
	    atomic_read(&client->ports) >= cfg->client_port_max)
		return NAT64_DROP_CLIENT_PORTS;
	return NAT64_OK;
}

/**
 * nat64_client_full() - which limit would nat64_client_admit() find reached?
 * @pkt: the packet that opens a session
 * @addr: the IPv6 host
 * @port: it wants a port of its own
 *
 * But for client-session-rate, see nat64_client_too_fast().
 *
 * Context: RCU.
 * Return: NAT64_OK, or the reason why it would not.
 */
enum nat64_counter nat64_client_full(const struct nat64_packet *pkt,
				     const struct in6_addr *addr, bool port)
{
	const struct nat64_client *client;

	client = client_of(pkt->nn, addr, pkt->cfg->client_prefix_len);
	return client ? full(client, pkt, port) : NAT64_OK;
}

/**
 * nat64_client_too_fast() - has a client opened its sessions of this second?
 * @pkt: the packet that is to open one more, from IPv6
 * @addr: the IPv6 host
 *
 * Context: RCU.
 */
bool nat64_client_too_fast(const struct nat64_packet *pkt,
			   const struct in6_addr *addr)
{
	u32 rate = pkt->cfg->client_session_rate;
	struct nat64_client *client;

	if (!rate)
		return false;
	client = client_of(pkt->nn, addr, pkt->cfg->client_prefix_len);
	return client && nat64_rate_count(&client->opened) >= rate;
}

/**
 * nat64_client_admit() - may a client have one more session?
 * @pkt: the packet that opens it
 * @addr: the IPv6 host
 * @port: and one more port?
 *
 * If so it holds both until nat64_client_end_session() and
 * nat64_client_end_port(), which want to know the client_prefix_len of now.  How
 * often others ask for it is not its doing.
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, or the reason why not.
 */
enum nat64_counter nat64_client_admit(const struct nat64_packet *pkt,
				      const struct in6_addr *addr, bool port)
{
	const struct nat64_config *cfg = pkt->cfg;
	struct nat64_net *nn = pkt->nn;
	enum nat64_counter verdict;
	struct nat64_client *client;
	struct wanted want;

	make_wanted(nn, &want, addr, cfg->client_prefix_len);
	client = get(nn, &want);
	if (!client)
		return NAT64_DROP_NO_MEMORY;
	verdict = full(client, pkt, port);
	if (!verdict && pkt->from_v6 &&
	    !nat64_rate_allows(&client->opened, cfg->client_session_rate))
		verdict = NAT64_DROP_CLIENT_RATE;
	if (verdict) {
		put(nn, client);
		return verdict;
	}
	atomic_inc(&client->sessions[!pkt->from_v6]);
	if (port) {
		refcount_inc(&client->refs);
		atomic_inc(&client->ports);
	}
	return NAT64_OK;
}

/**
 * nat64_client_end_session() - a client has one session less
 * @nn: the namespace
 * @addr: the IPv6 host
 * @len: client_prefix_len when it was admitted
 * @from_v6: the client opened it
 *
 * Context: RCU.
 */
void nat64_client_end_session(struct nat64_net *nn, const struct in6_addr *addr,
			      u8 len, bool from_v6)
{
	struct nat64_client *client = holder(nn, addr, len);

	if (!client)
		return;
	atomic_dec(&client->sessions[!from_v6]);
	put(nn, client);
}

/**
 * nat64_client_end_port() - a client has one port less
 * @nn: the namespace
 * @addr: the IPv6 host
 * @len: client_prefix_len when it was admitted
 *
 * Context: RCU.
 */
void nat64_client_end_port(struct nat64_net *nn, const struct in6_addr *addr,
			   u8 len)
{
	struct nat64_client *client = holder(nn, addr, len);

	if (!client)
		return;
	atomic_dec(&client->ports);
	put(nn, client);
}
