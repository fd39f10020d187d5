/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of a network namespace, and what every file shares.
 */
#ifndef NAT64_H
#define NAT64_H

#include <linux/hash.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "stats.h"
#include "table.h"

#define NAT64_VERSION "0.1.0"

struct nat64_config;
struct nat64_events;
struct nat64_transaction;
struct socket;

/**
 * struct nat64_net - the translator of one network namespace
 * @net: the namespace
 * @tenant: not the host's own: see nat64_memory_take()
 * @seed: of hashes; another in each, for a tenant sees the order of its own
 * @config: what the operator set, an immutable snapshot; replaced under @lock
 * @stats: counters
 * @events: what listeners are yet to be told
 * @event_work: tells them
 * @refused: when they were told last, by reason; jiffies, low 32 bits, or 0
 * @lock: serialises the control path: @config with its EIPs, static bindings,
 *	@transaction, @active
 * @changers: how many commands that change something have @lock or wait for it
 * @transaction: the transaction under way, or NULL; under @lock
 * @transaction_portid: the netlink socket whose it is, 0 if that has gone
 * @transaction_work: ends it then
 * @generation: counts changes of @config, under @lock
 * @active: the hooks are registered; under @lock
 * @bindings6: bindings by IPv6 transport address, each with its first session
 * @bindings4: bindings by IPv4 transport address, the same
 * @sessions6: all other sessions, by IPv6 tuple
 * @sessions4: all other sessions, by IPv4 tuple
 * @clients: who has sessions, by IPv6 prefix
 * @blocks: which of them have blocks of ports, by IPv6 prefix
 * @contacts: which IPv4 hosts filtered bindings talk to
 * @contact_lock: serialises writers of @contacts
 * @syns: SYNs kept for a simultaneous open, the oldest first
 * @syn_table: the same, by tuple
 * @syn_count: how many
 * @syn_lock: protects @syns, @syn_table and @syn_count
 * @syn_work: answers SYNs that nothing came of
 * @ftps: FTP control connections, by IPv4 tuple
 * @sweep: ends expired sessions, slice by slice
 * @answered: by hash of the client, see nat64_answer()
 * @session_count: how many sessions there are
 * @ended: sessions and bindings that no table has any more
 * @waiting: how many of them are not yet freed
 * @reap: frees those when no packet sees them
 * @epoch: counts changes of rules, see nat64_rules_stamp()
 * @rules_sock: hears of changes of rules, or NULL; under @lock
 * @rules_announced: nftables has told of a change
 * @rules_work: looks after packets that were under way when rules changed
 * @interfaces: those with the fast path, by their ifindex; under RTNL
 * @wishes: &struct nat64_wish; read under RTNL or @lock, changed under both
 * @fastpath: interfaces have the fast path, unless told otherwise; under RTNL
 * @unhooked: an interface may lack the fast path that it should have; under RTNL
 * @stopped: no interface gets the fast path any more; under RTNL
 * @next_text: the next of @texts to use, under @lock
 * @texts: error texts of commands
 */
struct nat64_net {
	struct net *net;
	bool tenant;
	u32 seed;
	struct nat64_config __rcu *config;
	struct nat64_stats __percpu *stats;
	struct nat64_events __percpu *events;
	struct delayed_work event_work;
	u32 refused[__NAT64_COUNTERS];
	struct mutex lock;
	atomic_t changers;
	struct nat64_transaction *transaction;
	u32 transaction_portid;
	struct delayed_work transaction_work;
	u32 generation;
	bool active;
	struct nat64_table bindings6;
	struct nat64_table bindings4;
	struct nat64_table sessions6;
	struct nat64_table sessions4;
	struct nat64_table clients;
	struct nat64_table blocks;
	struct rhashtable contacts;
	spinlock_t contact_lock;
	struct list_head syns;
	struct rhashtable syn_table;
	unsigned int syn_count;
	spinlock_t syn_lock;
	struct delayed_work syn_work;
	struct rhashtable ftps;
	struct delayed_work sweep;
	u32 answered[512];
	atomic_t session_count;
	struct llist_head ended;
	atomic_t waiting;
	struct work_struct reap;
	atomic_t epoch;
	struct socket *rules_sock;
	atomic_t rules_announced;
	struct delayed_work rules_work;
	struct xarray interfaces;
	struct list_head wishes;
	bool fastpath;
	bool unhooked;
	bool stopped;
	unsigned int next_text;
	char texts[32][160];
};

extern unsigned int nat64_net_id;

/* Works of all namespaces; destroyed, and so drained, at module exit. */
extern struct workqueue_struct *nat64_wq;

static inline struct nat64_net *nat64_pernet(const struct net *net)
{
	return net_generic(net, nat64_net_id);
}

/* An attacker chooses the keys of our tables, so hash them with a secret. */
extern hsiphash_key_t nat64_hash_secret;

static inline u32 nat64_hash(const void *key, u32 len, u32 seed)
{
	hsiphash_key_t secret = nat64_hash_secret;

	secret.key[0] ^= seed;
	return hsiphash(key, len, &secret);
}

extern u64 nat64_hash4_secret[2];

/*
 * The same for IPv4 transport addresses: few of them are an attacker's choice,
 * so a cheaper hash will do.
 */
static inline u32 nat64_hash4(__be32 addr, __be16 port, u8 proto)
{
	u64 h = (u64)(__force u32)addr << 32 | (u32)(__force u16)port << 16 |
		proto;

	h = (h ^ nat64_hash4_secret[0]) * (nat64_hash4_secret[1] | 1);
	h = (h ^ h >> 32) * GOLDEN_RATIO_64;
	return h >> 32;
}

#endif /* NAT64_H */
