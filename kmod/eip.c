// SPDX-License-Identifier: GPL-2.0
/*
 * EIPs: public IPv4 addresses bound to servers, prefix to prefix (RFC 7757 where
 * the servers are IPv6), and addresses that have static bindings.
 *
 * One EIP has one target and one target has one EIP.  Prefixes may be inside
 * one another: the longest match holds, both ways.
 */
#include <linux/slab.h>
#include <net/ipv6.h>

#include "addr4.h"
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

/* With its part of the tables, at most. */
#define EIP_SHARE	256

static void eip_free(bool tenant, struct nat64_eip *eip)
{
	nat64_memory_give(tenant, EIP_SHARE);
	kfree_rcu(eip, rcu);
}

static void eip_free_last(void *ptr, void *arg)
{
	const struct nat64_eips *eips = arg;

	eip_free(eips->tenant, ptr);
}

/**
 * nat64_eips_alloc() - make an empty table of EIPs
 * @tenant: whose memory they take, see nat64_memory_take()
 *
 * Context: process.
 * Return: the table with one reference, or NULL.
 */
struct nat64_eips *nat64_eips_alloc(bool tenant)
{
	struct nat64_eips *eips = kzalloc(sizeof(*eips), GFP_KERNEL_ACCOUNT);

	if (!eips)
		return NULL;
	refcount_set(&eips->refs, 1);
	eips->tenant = tenant;
	if (rhashtable_init(&eips->by_addr, &by_addr_params))
		goto err_free;
	if (rhashtable_init(&eips->by_target, &by_target_params))
		goto err_by_addr;
	return eips;

err_by_addr:
	rhashtable_destroy(&eips->by_addr);
err_free:
	kfree(eips);
	return NULL;
}

/**
 * nat64_eips_put() - give a reference back
 * @eips: the table; with the last reference it is freed, and no packet sees it
 *
 * Context: process.
 */
void nat64_eips_put(struct nat64_eips *eips)
{
	if (!refcount_dec_and_test(&eips->refs))
		return;
	rhashtable_destroy(&eips->by_target);
	rhashtable_free_and_destroy(&eips->by_addr, eip_free_last, eips);
	kfree(eips);
}

/**
 * nat64_eip_find() - what a static IPv4 address stands for
 * @eips: the table
 * @addr: the address
 *
 * RFC 7757 section 3.3: the longest match.
 *
 * Context: RCU.
 * Return: the entry or NULL.
 */
struct nat64_eip *nat64_eip_find(struct nat64_eips *eips, __be32 addr)
{
	unsigned long len, above = 33;
	struct nat64_eip4 key;
	struct nat64_eip *eip;

	while ((len = find_last_bit(eips->lens, above)) < above) {
		key.addr = nat64_eam_mask4(addr, len);
		key.len = len;
		eip = rhashtable_lookup(&eips->by_addr, &key, by_addr_params);
		if (eip)
			return eip;
		above = len;
	}
	return NULL;
}

/**
 * nat64_eip_by_target6() - the EIP of an IPv6 server
 * @eips: the table
 * @target: its address
 *
 * Context: RCU.
 * Return: the entry with the longest match, or NULL.
 */
struct nat64_eip *nat64_eip_by_target6(struct nat64_eips *eips,
				       const struct in6_addr *target)
{
	struct nat64_eip6 key = { *target };
	unsigned long len, above = 129;
	struct nat64_eip *eip;

	while ((len = find_last_bit(eips->target_lens, above)) < above) {
		nat64_eam_mask6(&key.addr, len);
		key.len = len;
		eip = rhashtable_lookup(&eips->by_target, &key,
					by_target_params);
		if (eip)
			return eip;
		above = len;
	}
	return NULL;
}

/**
 * nat64_eip_by_target4() - the EIP of an IPv4 server
 * @eips: the table
 * @target: its address
 *
 * Context: RCU.
 * Return: the EIP or NULL.
 */
struct nat64_eip *nat64_eip_by_target4(struct nat64_eips *eips, __be32 target)
{
	struct in6_addr mapped;

	ipv6_addr_set_v4mapped(target, &mapped);
	return nat64_eip_by_target6(eips, &mapped);
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
 * nat64_eips_find() - one of all EIPs and addresses of static bindings
 * @eips: the table, locked
 * @is: is it that?
 * @arg: for @is
 *
 * Context: process.
 * Return: one of them, good as long as the lock is held, or NULL.
 */
const struct nat64_eip *
nat64_eips_find(struct nat64_eips *eips,
		bool (*is)(const struct nat64_eip *eip, const void *arg),
		const void *arg)
{
	const struct nat64_eip *eip;
	struct rhashtable_iter iter;
	bool found = false;

	rhashtable_walk_enter(&eips->by_addr, &iter);
	do {
		nat64_eips_walk(eips, &iter);
		while ((eip = rhashtable_walk_next(&iter))) {
			found = !IS_ERR(eip) && is(eip, arg);
			if (found || need_resched())
				break;
		}
		rhashtable_walk_stop(&iter);
		cond_resched();
	} while (eip && !found);
	rhashtable_walk_exit(&iter);
	return eip;
}

static bool shares_target(const struct nat64_eip *eip, const void *arg)
{
	const struct nat64_eip6 *prefix = arg;

	return eip->kind != NAT64_EIP_TO4 && eip->kind != NAT64_EIP_PORTS &&
	       ipv6_prefix_equal(&eip->target.addr, &prefix->addr,
				 min(prefix->len, eip->target.len));
}

/**
 * nat64_eip_in_prefix() - an EIP whose IPv6 target shares addresses with a prefix
 * @eips: the table, locked
 * @addr: the prefix
 * @len: its length
 *
 * Context: process.
 * Return: one of them, good as long as the lock is held, or NULL.
 */
const struct nat64_eip *nat64_eip_in_prefix(struct nat64_eips *eips,
					    const struct in6_addr *addr,
					    unsigned int len)
{
	const struct nat64_eip6 prefix = { .addr = *addr, .len = len };

	return nat64_eips_find(eips, shares_target, &prefix);
}

/**
 * nat64_eip_count() - how many EIPs have a target
 * @eips: the table
 */
unsigned int nat64_eip_count(const struct nat64_eips *eips)
{
	return atomic_read(&eips->by_target.nelems);
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

/**
 * nat64_eip_check4() - may a static mapping have an IPv4 address?
 * @nn: the namespace, locked
 * @addr: the address
 * @extack: says why not
 *
 * Return: 0 or -EINVAL.
 */
int nat64_eip_check4(struct nat64_net *nn, __be32 addr,
		     struct netlink_ext_ack *extack)
{
	if (!nat64_addr4_unicast(addr)) {
		nat64_extack(nn, extack, "%pI4 is not a unicast address",
			     &addr);
		return -EINVAL;
	}
	return 0;
}

/**
 * nat64_eip_check6() - may a static mapping have IPv6 hosts as its target?
 * @nn: the namespace, locked
 * @cfg: the configuration
 * @addr: the host, or their prefix
 * @len: its length
 * @extack: says why not
 *
 * Return: 0 or -EINVAL.
 */
int nat64_eip_check6(struct nat64_net *nn, const struct nat64_config *cfg,
		     const struct in6_addr *addr, unsigned int len,
		     struct netlink_ext_ack *extack)
{
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

static struct nat64_eip *eip_alloc(const struct nat64_eips *eips,
				   const struct nat64_eip4 *addr,
				   enum nat64_eip_kind kind)
{
	struct nat64_eip *eip;

	if (!nat64_memory_take(eips->tenant, EIP_SHARE))
		return NULL;
	eip = kzalloc(sizeof(*eip), GFP_KERNEL_ACCOUNT);
	if (!eip) {
		nat64_memory_give(eips->tenant, EIP_SHARE);
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

static void target_unlink(struct nat64_eips *eips, struct nat64_eip *eip)
{
	if (eip->kind == NAT64_EIP_PORTS)
		return;
	rhashtable_remove_fast(&eips->by_target, &eip->by_target,
			       by_target_params);
	count_len(eips->target_lens, eips->target_counts, eip->target.len, -1);
}

static int eip_link(struct nat64_eips *eips, struct nat64_eip *eip)
{
	int err;

	if (eip->kind != NAT64_EIP_PORTS) {
		err = rhashtable_insert_fast(&eips->by_target, &eip->by_target,
					     by_target_params);
		if (err)
			return err;
		count_len(eips->target_lens, eips->target_counts,
			  eip->target.len, 1);
	}
	err = rhashtable_insert_fast(&eips->by_addr, &eip->by_addr,
				     by_addr_params);
	if (err)
		goto err_target;
	count_len(eips->lens, eips->counts, eip->eip.len, 1);
	if (eip->kind == NAT64_EIP_CLAT_HOST)
		WRITE_ONCE(eips->clats, eips->clats + 1);
	eips->ports += eip->kind == NAT64_EIP_PORTS;
	return 0;

err_target:
	target_unlink(eips, eip);
	return err;
}

static void eip_unlink(struct nat64_eips *eips, struct nat64_eip *eip)
{
	rhashtable_remove_fast(&eips->by_addr, &eip->by_addr, by_addr_params);
	count_len(eips->lens, eips->counts, eip->eip.len, -1);
	target_unlink(eips, eip);
	if (eip->kind == NAT64_EIP_CLAT_HOST)
		WRITE_ONCE(eips->clats, eips->clats - 1);
	eips->ports -= eip->kind == NAT64_EIP_PORTS;
	eip_free(eips->tenant, eip);
}

/**
 * nat64_eips_walk() - begin to walk, or go on, under RCU until the walk stops
 * @eips: the table
 * @iter: the walk
 *
 * Return: true if the table has been resized meanwhile, and the walk begins anew.
 */
bool nat64_eips_walk(struct nat64_eips *eips, struct rhashtable_iter *iter)
	__acquires(RCU)
{
	bool anew = false;

	/* Older kernels would go on from an entry that may have gone. */
	while (rhashtable_walk_start_check(iter) == -EAGAIN) {
		rhashtable_walk_stop(iter);
		rhashtable_walk_exit(iter);
		rhashtable_walk_enter(&eips->by_addr, iter);
		anew = true;
	}
	return anew;
}

static bool unlink_all(struct nat64_eips *eips,
		       bool (*goes)(const struct nat64_eip *eip))
{
	struct nat64_eip *eip, *last = NULL;
	struct rhashtable_iter iter;
	bool found = false;

	rhashtable_walk_enter(&eips->by_addr, &iter);
	do {
		nat64_eips_walk(eips, &iter);
		while ((eip = rhashtable_walk_next(&iter)) && !IS_ERR(eip)) {
			/* The one where a walk stops must stay for it to go on. */
			if (last && last != eip)
				eip_unlink(eips, last);
			last = goes(eip) ? eip : NULL;
			found |= !!last;
			if (need_resched())
				break;
		}
		rhashtable_walk_stop(&iter);
		cond_resched();
	} while (eip);
	rhashtable_walk_exit(&iter);
	if (last)
		eip_unlink(eips, last);
	return found;
}

static bool any(const struct nat64_eip *eip)
{
	return true;
}

static bool has_target(const struct nat64_eip *eip)
{
	return eip->kind != NAT64_EIP_PORTS;
}

/**
 * nat64_eips_retire() - the table is out of use; give the configuration's reference
 * back
 * @eips: the table, which no packet sees; a dump may, but keeps none of its entries
 *
 * Context: process.
 */
void nat64_eips_retire(struct nat64_eips *eips)
{
	WRITE_ONCE(eips->retired, true);
	if (refcount_read(&eips->refs) > 1)
		unlink_all(eips, any);
	nat64_eips_put(eips);
}

static int check_prefixes(struct nat64_net *nn, const struct nat64_config *cfg,
			  const struct nat64_eip4 *addr,
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
	err = nat64_eip_check4(nn, addr->addr, extack);
	if (err)
		return err;
	return kind == NAT64_EIP_TO4 ?
		nat64_eip_check4(nn, target->addr.s6_addr32[3], extack) :
		nat64_eip_check6(nn, cfg, &target->addr, target->len, extack);
}

static void refuse_ports(struct nat64_net *nn, struct netlink_ext_ack *extack,
			 const struct nat64_eip4 *addr,
			 const struct nat64_eip *eip)
{
	nat64_extack(nn, extack, "EIP %pI4/%u overlaps static bindings of %pI4",
		     &addr->addr, addr->len, &eip->eip.addr);
}

static bool overlaps_ports(const struct nat64_eip *eip, const void *arg)
{
	const struct nat64_eip4 *addr = arg;

	return eip->kind == NAT64_EIP_PORTS &&
	       nat64_eip_overlaps(eip, addr->addr, addr->len);
}

/* Nothing else may claim one of the addresses. */
static int check_claims(struct nat64_net *nn, const struct nat64_config *cfg,
			const struct nat64_eip4 *addr,
			struct netlink_ext_ack *extack)
{
	const struct nat64_eip *eip;
	unsigned int i;

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
	if (addr->len == 32 || !cfg->eips->ports)
		return 0;
	eip = nat64_eips_find(cfg->eips, overlaps_ports, addr);
	if (!eip)
		return 0;
	refuse_ports(nn, extack, addr, eip);
	return -EEXIST;
}

/**
 * nat64_eip_add() - bind EIPs to targets
 * @nn: the namespace, locked
 * @cfg: the configuration, that is in use or is to be
 * @addr: the EIPs, a prefix
 * @kind: not NAT64_EIP_PORTS
 * @target: the servers, a prefix; IPv4 ones as ::ffff:a.b.c.d
 * @extack: names what is in the way
 *
 * Context: process.
 * Return: 0, -EINVAL, -EEXIST, -ENOMEM.
 */
int nat64_eip_add(struct nat64_net *nn, const struct nat64_config *cfg,
		  const struct nat64_eip4 *addr, enum nat64_eip_kind kind,
		  const struct nat64_eip6 *target,
		  struct netlink_ext_ack *extack)
{
	struct nat64_eips *eips = cfg->eips;
	struct nat64_eip *eip, *old, *holder;
	int err;

	err = check_prefixes(nn, cfg, addr, kind, target, extack);
	if (!err)
		err = check_claims(nn, cfg, addr, extack);
	if (err)
		return err;

	err = -EEXIST;
	old = rhashtable_lookup_fast(&eips->by_addr, addr, by_addr_params);
	holder = rhashtable_lookup_fast(&eips->by_target, target,
					by_target_params);
	if (old && old->kind == NAT64_EIP_PORTS)
		refuse_ports(nn, extack, addr, old);
	else if (old)
		refuse_target(nn, extack, old, "EIP in use");
	else if (holder)
		refuse_target(nn, extack, holder, "target in use");
	else
		err = 0;
	if (err)
		return err;

	eip = eip_alloc(eips, addr, kind);
	if (!eip)
		return -ENOMEM;
	eip->target = *target;
	err = eip_link(eips, eip);
	if (err)
		eip_free(eips->tenant, eip);
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
	struct nat64_eips *eips = match.cfg->eips;
	struct nat64_eip *eip;
	bool to4 = false;

	rcu_read_lock();
	eip = rhashtable_lookup(&eips->by_addr, addr, by_addr_params);
	if (eip && eip->kind == NAT64_EIP_PORTS)
		eip = NULL;
	if (eip) {
		to4 = eip->kind == NAT64_EIP_TO4;
		eip_unlink(eips, eip);
	}
	rcu_read_unlock();
	if (!eip) {
		nat64_extack(nn, extack, "there is no EIP %pI4/%u",
			     &addr->addr, addr->len);
		return -ENOENT;
	}
	if (to4) {
		synchronize_rcu_expedited();
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
	const struct nat64_config *cfg = nat64_config_locked(nn);

	if (!unlink_all(cfg->eips, has_target))
		return;
	synchronize_rcu_expedited();
	nat64_session_flush(nn, match_any_eip, cfg);
}

/**
 * nat64_eip_ports_get() - count a static binding at its address
 * @nn: the namespace, locked
 * @cfg: the configuration, that is in use or is to be
 * @addr: the address, which thereby becomes ours
 * @extack: names the EIP that has it
 *
 * Context: process.
 * Return: 0, -EEXIST, -ENOMEM.
 */
int nat64_eip_ports_get(struct nat64_net *nn, const struct nat64_config *cfg,
			__be32 addr, struct netlink_ext_ack *extack)
{
	struct nat64_eips *eips = cfg->eips;
	struct nat64_eip *eip;
	int err;

	rcu_read_lock();
	eip = nat64_eip_find(eips, addr);
	rcu_read_unlock();
	if (eip && eip->kind != NAT64_EIP_PORTS) {
		refuse_target(nn, extack, eip, "address in use");
		return -EEXIST;
	}
	if (eip) {
		eip->ports++;
		return 0;
	}
	eip = eip_alloc(eips, &(struct nat64_eip4){ addr, 32 },
			NAT64_EIP_PORTS);
	if (!eip)
		return -ENOMEM;
	eip->ports = 1;
	err = eip_link(eips, eip);
	if (err)
		eip_free(eips->tenant, eip);
	return err;
}

/**
 * nat64_eip_ports_put() - count a static binding less at its address
 * @eips: the table, locked
 * @addr: the address
 *
 * Context: process.
 */
void nat64_eip_ports_put(struct nat64_eips *eips, __be32 addr)
{
	struct nat64_eip *eip;

	rcu_read_lock();
	eip = nat64_eip_find(eips, addr);
	if (!--eip->ports)
		eip_unlink(eips, eip);
	rcu_read_unlock();
}
