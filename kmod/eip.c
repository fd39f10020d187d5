// SPDX-License-Identifier: GPL-2.0
/*
 * Static mappings: EIPs bound to servers, prefix to prefix (RFC 7757 where the
 * servers are IPv6), and static bindings of one port.
 *
 * One EIP has one target and one target has one EIP.  Prefixes may be inside
 * one another: the longest match holds, both ways.
 */
#include <linux/slab.h>
#include <net/ipv6.h>

#include "addr4.h"
#include "binding.h"
#include "config.h"
#include "eam.h"
#include "eip.h"
#include "extack.h"
#include "memory.h"
#include "nat64.h"
#include "pool.h"
#include "rfc6052.h"
#include "session.h"

static const struct rhashtable_params by_addr_params = {
	.head_offset = offsetof(struct nat64_eip, by_addr),
	.key_offset = offsetof(struct nat64_eip, eip),
	.key_len = sizeof(struct nat64_eip4),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

static const struct rhashtable_params by_target_params = {
	.head_offset = offsetof(struct nat64_eip, by_target),
	.key_offset = offsetof(struct nat64_eip, target),
	.key_len = sizeof(struct nat64_eip6),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

int nat64_eip_init(struct nat64_net *nn)
{
	int err;

	err = rhashtable_init(&nn->eips, &by_addr_params);
	if (err)
		return err;
	err = rhashtable_init(&nn->eip_targets, &by_target_params);
	if (err)
		rhashtable_destroy(&nn->eips);
	return err;
}

/* With its part of the tables, at most. */
#define EIP_SHARE	256

static void eip_free(struct nat64_net *nn, struct nat64_eip *eip)
{
	nat64_memory_give(nn->tenant, EIP_SHARE);
	kfree_rcu(eip, rcu);
}

static void eip_free_last(void *ptr, void *arg)
{
	eip_free(arg, ptr);
}

/* No hook and no command is running any more. */
void nat64_eip_fini(struct nat64_net *nn)
{
	rhashtable_destroy(&nn->eip_targets);
	rhashtable_free_and_destroy(&nn->eips, eip_free_last, nn);
}

/**
 * nat64_eip_find() - what a static IPv4 address stands for
 * @nn: the namespace
 * @addr: the address
 *
 * RFC 7757 section 3.3: the longest match.
 *
 * Context: RCU.
 * Return: the entry or NULL.
 */
struct nat64_eip *nat64_eip_find(struct nat64_net *nn, __be32 addr)
{
	unsigned long len, above = 33;
	struct nat64_eip4 key;
	struct nat64_eip *eip;

	while ((len = find_last_bit(nn->eip_lens, above)) < above) {
		key.addr = nat64_eam_mask4(addr, len);
		key.len = len;
		eip = rhashtable_lookup(&nn->eips, &key, by_addr_params);
		if (eip)
			return eip;
		above = len;
	}
	return NULL;
}

/**
 * nat64_eip_by_target6() - the EIP of an IPv6 server
 * @nn: the namespace
 * @target: its address
 *
 * Context: RCU.
 * Return: the entry with the longest match, or NULL.
 */
struct nat64_eip *nat64_eip_by_target6(struct nat64_net *nn,
				       const struct in6_addr *target)
{
	struct nat64_eip6 key = { *target };
	unsigned long len, above = 129;
	struct nat64_eip *eip;

	while ((len = find_last_bit(nn->target_lens, above)) < above) {
		nat64_eam_mask6(&key.addr, len);
		key.len = len;
		eip = rhashtable_lookup(&nn->eip_targets, &key,
					by_target_params);
		if (eip)
			return eip;
		above = len;
	}
	return NULL;
}

/**
 * nat64_eip_by_target4() - the EIP of an IPv4 server
 * @nn: the namespace
 * @target: its address
 *
 * Context: RCU.
 * Return: the EIP or NULL.
 */
struct nat64_eip *nat64_eip_by_target4(struct nat64_net *nn, __be32 target)
{
	struct in6_addr mapped;

	ipv6_addr_set_v4mapped(target, &mapped);
	return nat64_eip_by_target6(nn, &mapped);
}

/**
 * nat64_eip_to6() - the server that an EIP stands for
 * @eip: the entry, not one of static bindings
 * @addr: an address inside it
 * @target: result; an IPv4 server as ::ffff:a.b.c.d
 */
void nat64_eip_to6(const struct nat64_eip *eip, __be32 addr,
		   struct in6_addr *target)
{
	nat64_eam_to6(&eip->target.addr, eip->target.len, eip->eip.len, addr,
		      target);
}

/**
 * nat64_eip_to4() - the EIP of a server
 * @eip: the entry, not one of static bindings
 * @target: an address inside its target; an IPv4 server as ::ffff:a.b.c.d
 */
__be32 nat64_eip_to4(const struct nat64_eip *eip, const struct in6_addr *target)
{
	return nat64_eam_to4(eip->eip.addr, eip->eip.len, eip->target.len,
			     target);
}

/**
 * nat64_eip_overlaps() - has an entry addresses inside a prefix?
 * @eip: the entry
 * @addr: the prefix
 * @len: its length
 */
bool nat64_eip_overlaps(const struct nat64_eip *eip, __be32 addr, u8 len)
{
	return !nat64_eam_mask4(eip->eip.addr ^ addr,
				min_t(u8, len, eip->eip.len));
}

/**
 * nat64_eip_in_prefix() - an EIP whose IPv6 target shares addresses with a prefix
 * @nn: the namespace, locked
 * @addr: the prefix
 * @len: its length
 *
 * Context: process.
 * Return: one of them, good as long as the lock is held, or NULL.
 */
const struct nat64_eip *nat64_eip_in_prefix(struct nat64_net *nn,
					    const struct in6_addr *addr,
					    unsigned int len)
{
	struct rhashtable_iter iter;
	struct nat64_eip *eip;

	rhashtable_walk_enter(&nn->eip_targets, &iter);
	rhashtable_walk_start(&iter);
	do {
		eip = rhashtable_walk_next(&iter);
	} while (eip && (IS_ERR(eip) || eip->kind == NAT64_EIP_TO4 ||
			 !ipv6_prefix_equal(&eip->target.addr, addr,
					    min(len, eip->target.len))));
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return eip;
}

/**
 * nat64_eip_count() - how many EIPs have a target
 * @nn: the namespace
 */
unsigned int nat64_eip_count(const struct nat64_net *nn)
{
	return atomic_read(&nn->eip_targets.nelems);
}

static void refuse_target(struct nat64_net *nn, struct netlink_ext_ack *extack,
			  const struct nat64_eip *eip, const char *what)
{
	const struct nat64_eip6 *t = &eip->target;

	if (eip->kind == NAT64_EIP_TO4)
		nat64_extack(nn, extack, "%s: EIP %pI4/%u is bound to %pI4",
			     what, &eip->eip.addr, eip->eip.len,
			     &t->addr.s6_addr32[3]);
	else
		nat64_extack(nn, extack, "%s: EIP %pI4/%u is bound to %pI6c/%u",
			     what, &eip->eip.addr, eip->eip.len, &t->addr,
			     t->len);
}

static void refuse_binding(struct nat64_net *nn, struct netlink_ext_ack *extack,
			   const struct nat64_binding *b)
{
	const struct nat64_tuple6 *t6 = &b->first.t6;
	const struct nat64_tuple4 *t4 = &b->first.t4;

	nat64_extack(nn, extack, "%pI4 %u is bound to %pI6c %u by a %s binding",
		     &t4->local, ntohs(t4->lport), &t6->local,
		     ntohs(t6->lport), nat64_binding_fixed(b) ? "static" : "dynamic");
}

/* What no static mapping may have as its IPv4 address. */
static int check_addr4(struct nat64_net *nn, __be32 addr,
		       struct netlink_ext_ack *extack)
{
	if (!nat64_addr4_unicast(addr)) {
		nat64_extack(nn, extack, "%pI4 is not a unicast address",
			     &addr);
		return -EINVAL;
	}
	return 0;
}

static int check_addr6(struct nat64_net *nn, const struct in6_addr *addr,
		       unsigned int len, struct netlink_ext_ack *extack)
{
	const struct nat64_config *cfg = nat64_config_locked(nn);
	int type = ipv6_addr_type(addr);
	unsigned int i;

	if (!(type & IPV6_ADDR_UNICAST) || !addr->s6_addr16[0] || len < 16 ||
	    type & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL |
		    IPV6_ADDR_MAPPED)) {
		nat64_extack(nn, extack,
			     "%pI6c is not an IPv6 unicast address of a host",
			     addr);
		return -EINVAL;
	}
	for (i = 0; i < cfg->prefix_count; i++) {
		const struct nat64_prefix *p = &cfg->prefixes[i];

		if (!ipv6_prefix_equal(addr, &p->addr,
				       min_t(unsigned int, len, p->len)))
			continue;
		nat64_extack(nn, extack, "target %pI6c/%u %s prefix %pI6c/%u",
			     addr, len, len < p->len ? "holds" : "is inside",
			     &p->addr, p->len);
		return -EINVAL;
	}
	return 0;
}

static struct nat64_eip *eip_alloc(struct nat64_net *nn,
				   const struct nat64_eip4 *addr,
				   enum nat64_eip_kind kind)
{
	struct nat64_eip *eip;

	if (!nat64_memory_take(nn->tenant, EIP_SHARE))
		return NULL;
	eip = kzalloc(sizeof(*eip), GFP_KERNEL_ACCOUNT);
	if (!eip) {
		nat64_memory_give(nn->tenant, EIP_SHARE);
		return NULL;
	}
	eip->eip = *addr;
	eip->kind = kind;
	return eip;
}

/* A reader that sees a length too few misses just what is being added. */
static void count_len(unsigned long *lens, unsigned int *counts, u32 len,
		      int delta)
{
	counts[len] += delta;
	if (counts[len])
		set_bit(len, lens);
	else
		clear_bit(len, lens);
}

static void target_unlink(struct nat64_net *nn, struct nat64_eip *eip)
{
	if (eip->kind == NAT64_EIP_PORTS)
		return;
	rhashtable_remove_fast(&nn->eip_targets, &eip->by_target,
			       by_target_params);
	count_len(nn->target_lens, nn->target_counts, eip->target.len, -1);
}

static int eip_link(struct nat64_net *nn, struct nat64_eip *eip)
{
	int err;

	if (eip->kind != NAT64_EIP_PORTS) {
		err = rhashtable_insert_fast(&nn->eip_targets, &eip->by_target,
					     by_target_params);
		if (err)
			return err;
		count_len(nn->target_lens, nn->target_counts, eip->target.len,
			  1);
	}
	err = rhashtable_insert_fast(&nn->eips, &eip->by_addr, by_addr_params);
	if (err)
		goto err_target;
	count_len(nn->eip_lens, nn->eip_counts, eip->eip.len, 1);
	if (eip->kind == NAT64_EIP_CLAT_HOST)
		WRITE_ONCE(nn->clats, nn->clats + 1);
	return 0;

err_target:
	target_unlink(nn, eip);
	return err;
}

static void eip_unlink(struct nat64_net *nn, struct nat64_eip *eip)
{
	rhashtable_remove_fast(&nn->eips, &eip->by_addr, by_addr_params);
	count_len(nn->eip_lens, nn->eip_counts, eip->eip.len, -1);
	target_unlink(nn, eip);
	if (eip->kind == NAT64_EIP_CLAT_HOST)
		WRITE_ONCE(nn->clats, nn->clats - 1);
	eip_free(nn, eip);
}

static int check_prefixes(struct nat64_net *nn, const struct nat64_eip4 *addr,
			  enum nat64_eip_kind kind,
			  const struct nat64_eip6 *target,
			  struct netlink_ext_ack *extack)
{
	const char *wrong = nat64_eam_check(addr->addr, addr->len,
					    &target->addr, target->len);
	int err;

	if (wrong) {
		nat64_extack(nn, extack, "EIP %pI4/%u to %pI6c/%u: %s",
			     &addr->addr, addr->len, &target->addr,
			     target->len, wrong);
		return -EINVAL;
	}
	err = check_addr4(nn, addr->addr, extack);
	if (err)
		return err;
	return kind == NAT64_EIP_TO4 ?
		check_addr4(nn, target->addr.s6_addr32[3], extack) :
		check_addr6(nn, &target->addr, target->len, extack);
}

/* Nothing else may claim one of the addresses. */
static int check_claims(struct nat64_net *nn, const struct nat64_eip4 *addr,
			struct netlink_ext_ack *extack)
{
	const struct nat64_config *cfg = nat64_config_locked(nn);
	struct rhashtable_iter iter;
	struct nat64_eip *eip;
	unsigned int i;
	int err = 0;

	for (i = 0; i < cfg->pool_count; i++) {
		const struct nat64_pool_params *p = &cfg->pools[i]->params;

		if (nat64_eam_mask4(p->addr ^ addr->addr,
				    min_t(u8, p->len, addr->len)))
			continue;
		nat64_extack(nn, extack, "EIP %pI4/%u overlaps pool %pI4/%u",
			     &addr->addr, addr->len, &p->addr, p->len);
		return -EEXIST;
	}
	/* An address alone is looked up by the caller. */
	if (addr->len == 32)
		return 0;
	rhashtable_walk_enter(&nn->eips, &iter);
	rhashtable_walk_start(&iter);
	while (!err && (eip = rhashtable_walk_next(&iter))) {
		if (IS_ERR(eip) || eip->kind != NAT64_EIP_PORTS ||
		    !nat64_eip_overlaps(eip, addr->addr, addr->len))
			continue;
		nat64_extack(nn, extack,
			     "EIP %pI4/%u overlaps static bindings of %pI4",
			     &addr->addr, addr->len, &eip->eip.addr);
		err = -EEXIST;
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return err;
}

/**
 * nat64_eip_add() - bind EIPs to targets
 * @nn: the namespace, locked
 * @addr: the EIPs, a prefix
 * @kind: not NAT64_EIP_PORTS
 * @target: the servers, a prefix; IPv4 ones as ::ffff:a.b.c.d
 * @extack: names what is in the way
 *
 * Context: process.
 * Return: 0, -EINVAL, -EEXIST, -ENOENT without any prefix, -ENOMEM.
 */
int nat64_eip_add(struct nat64_net *nn, const struct nat64_eip4 *addr,
		  enum nat64_eip_kind kind, const struct nat64_eip6 *target,
		  struct netlink_ext_ack *extack)
{
	struct nat64_eip *eip, *old, *holder;
	int err;

	if (!nat64_config_locked(nn)->prefix_count) {
		nat64_extack(nn, extack,
			     "EIP %pI4 is outside any prefix: add a prefix first",
			     &addr->addr);
		return -ENOENT;
	}
	err = check_prefixes(nn, addr, kind, target, extack);
	if (!err)
		err = check_claims(nn, addr, extack);
	if (err)
		return err;

	err = -EEXIST;
	old = rhashtable_lookup_fast(&nn->eips, addr, by_addr_params);
	holder = rhashtable_lookup_fast(&nn->eip_targets, target,
					by_target_params);
	if (old && old->kind == NAT64_EIP_PORTS)
		refuse_binding(nn, extack,
			       nat64_binding_fixed_at(nn, addr->addr));
	else if (old)
		refuse_target(nn, extack, old, "EIP in use");
	else if (holder)
		refuse_target(nn, extack, holder, "target in use");
	else
		err = 0;
	if (err)
		return err;

	eip = eip_alloc(nn, addr, kind);
	if (!eip)
		return -ENOMEM;
	eip->target = *target;
	err = eip_link(nn, eip);
	if (err)
		eip_free(nn, eip);
	return err;
}

struct eip_match {
	const struct nat64_config *cfg;
	struct nat64_eip4 eip;
};

static bool match_eip(struct nat64_session *session, const void *arg)
{
	const struct eip_match *match = arg;
	const struct nat64_prefix *prefix;

	prefix = nat64_config_prefix(match->cfg, &session->t6.remote);
	return prefix &&
	       nat64_eam_mask4(nat64_rfc6052_extract(&session->t6.remote,
						     prefix->len),
			       match->eip.len) == match->eip.addr;
}

/**
 * nat64_eip_del() - remove EIPs, and the sessions that used them
 * @nn: the namespace, locked
 * @addr: the EIPs, as they were added
 * @extack: says so if there is no such entry
 *
 * Context: process.
 * Return: 0 or -ENOENT.
 */
int nat64_eip_del(struct nat64_net *nn, const struct nat64_eip4 *addr,
		  struct netlink_ext_ack *extack)
{
	struct eip_match match = { nat64_config_locked(nn), *addr };
	bool to4 = false;
	struct nat64_eip *eip;

	rcu_read_lock();
	eip = rhashtable_lookup(&nn->eips, addr, by_addr_params);
	if (eip && eip->kind == NAT64_EIP_PORTS)
		eip = NULL;
	if (eip) {
		to4 = eip->kind == NAT64_EIP_TO4;
		eip_unlink(nn, eip);
	}
	rcu_read_unlock();
	if (!eip) {
		nat64_extack(nn, extack, "there is no EIP %pI4/%u",
			     &addr->addr, addr->len);
		return -ENOENT;
	}
	if (to4) {
		synchronize_rcu();
		nat64_session_flush(nn, match_eip, &match);
	}
	return 0;
}

static bool match_any_eip(struct nat64_session *session, const void *arg)
{
	const struct nat64_config *cfg = arg;
	const struct nat64_prefix *prefix;

	/* Its address alone tells: the IPv4 host is not the one embedded. */
	prefix = nat64_config_prefix(cfg, &session->t6.remote);
	return prefix && (prefix->mode == NAT64_PREFIX_EIP ||
			  nat64_rfc6052_extract(&session->t6.remote,
						prefix->len) !=
			  session->t4.remote);
}

/**
 * nat64_eip_flush() - remove all EIPs, and the sessions that used them
 * @nn: the namespace, locked
 *
 * Context: process.
 */
void nat64_eip_flush(struct nat64_net *nn)
{
	struct rhashtable_iter iter;
	struct nat64_eip *eip;

	rhashtable_walk_enter(&nn->eips, &iter);
	rhashtable_walk_start(&iter);
	while ((eip = rhashtable_walk_next(&iter))) {
		if (!IS_ERR(eip) && eip->kind != NAT64_EIP_PORTS)
			eip_unlink(nn, eip);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	synchronize_rcu();
	nat64_session_flush(nn, match_any_eip, nat64_config_locked(nn));
}

/* Count a static binding at its address, which thereby becomes ours. */
static int ports_get(struct nat64_net *nn, __be32 addr,
		     struct netlink_ext_ack *extack)
{
	struct nat64_eip *eip;
	int err;

	rcu_read_lock();
	eip = nat64_eip_find(nn, addr);
	rcu_read_unlock();
	if (eip && eip->kind != NAT64_EIP_PORTS) {
		refuse_target(nn, extack, eip, "address in use");
		return -EEXIST;
	}
	if (eip) {
		eip->ports++;
		return 0;
	}
	eip = eip_alloc(nn, &(struct nat64_eip4){ addr, 32 }, NAT64_EIP_PORTS);
	if (!eip)
		return -ENOMEM;
	eip->ports = 1;
	err = eip_link(nn, eip);
	if (err)
		eip_free(nn, eip);
	return err;
}

static void ports_put(struct nat64_net *nn, __be32 addr)
{
	struct nat64_eip *eip;

	rcu_read_lock();
	eip = nat64_eip_find(nn, addr);
	if (!--eip->ports)
		eip_unlink(nn, eip);
	rcu_read_unlock();
}

/**
 * nat64_static_binding_add() - bind one port (RFC 6146 section 3.1)
 * @nn: the namespace, locked
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @addr4: the public address
 * @port4: the public port or ICMP id
 * @addr6: the IPv6 server
 * @port6: its port or ICMP id
 * @extack: names what is in the way
 *
 * Context: process.
 * Return: 0, -EINVAL, -EEXIST, -ENOMEM.
 */
int nat64_static_binding_add(struct nat64_net *nn, u8 proto, __be32 addr4,
			     __be16 port4, const struct in6_addr *addr6,
			     __be16 port6, struct netlink_ext_ack *extack)
{
	struct nat64_key6 key6 = { *addr6, port6, proto };
	struct nat64_key4 key4 = { addr4, port4, proto };
	struct nat64_binding *other;
	struct nat64_pool *pool;
	int err;

	err = check_addr4(nn, addr4, extack);
	if (!err)
		err = check_addr6(nn, addr6, 128, extack);
	if (err)
		return err;
	err = ports_get(nn, addr4, extack);
	if (err)
		return err;

	rcu_read_lock();
	err = -EEXIST;
	other = nat64_binding_find4(nn, proto, addr4, port4);
	if (!other)
		other = nat64_binding_find6(nn, proto, addr6, port6);
	if (other)
		goto refuse;
	pool = nat64_pool_find(nat64_config_locked(nn), addr4);
	if (pool) {
		err = nat64_pool_reserve(pool, proto, addr4, port4);
		if (err)
			goto in_use;
	}
	err = nat64_binding_add_fixed(nn, &key6, &key4, pool, &other);
	if (err == -EEXIST)
		goto refuse;
	if (err)
		goto in_use;
	rcu_read_unlock();
	return 0;

refuse:
	refuse_binding(nn, extack, other);
in_use:
	if (err == -EBUSY)
		nat64_extack(nn, extack, "%pI4 %u is in use", &addr4,
			     ntohs(port4));
	rcu_read_unlock();
	ports_put(nn, addr4);
	return err;
}

static bool match_binding(struct nat64_session *session, const void *arg)
{
	return nat64_binding_of(session) == arg;
}

static void drop_binding(struct nat64_net *nn, struct nat64_binding *b)
{
	ports_put(nn, b->first.t4.local);
	nat64_binding_put(nn, b);
}

/**
 * nat64_static_binding_del() - remove a static binding and its sessions
 * @nn: the namespace, locked
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 * @addr4: the public address
 * @port4: the public port or ICMP id
 * @extack: says so if there is no such binding
 *
 * Context: process.
 * Return: 0 or -ENOENT.
 */
int nat64_static_binding_del(struct nat64_net *nn, u8 proto, __be32 addr4,
			     __be16 port4, struct netlink_ext_ack *extack)
{
	struct nat64_binding *b;

	rcu_read_lock();
	b = nat64_binding_find4(nn, proto, addr4, port4);
	if (b && !nat64_binding_fixed(b))
		b = NULL;
	rcu_read_unlock();
	if (!b) {
		nat64_extack(nn, extack, "there is no static binding of %pI4 %u",
			     &addr4, ntohs(port4));
		return -ENOENT;
	}
	nat64_binding_unlink(nn, b);
	/* It cannot be found any more; nor can its sessions, soon. */
	synchronize_rcu();
	nat64_session_flush(nn, match_binding, b);
	drop_binding(nn, b);
	return 0;
}

static bool match_fixed(struct nat64_session *session, const void *arg)
{
	const struct nat64_binding *binding = nat64_binding_of(session);

	return binding && nat64_binding_fixed(binding);
}

/**
 * nat64_static_binding_flush() - remove all static bindings
 * @nn: the namespace, locked
 *
 * Context: process.
 */
void nat64_static_binding_flush(struct nat64_net *nn)
{
	struct nat64_session *first, *next;
	struct llist_node *gone;

	while ((gone = nat64_binding_unlink_fixed(nn))) {
		synchronize_rcu();
		nat64_session_flush(nn, match_fixed, NULL);
		llist_for_each_entry_safe(first, next, gone, ended) {
			drop_binding(nn, nat64_binding_of(first));
			cond_resched();
		}
	}
}
