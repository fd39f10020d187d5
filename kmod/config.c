// SPDX-License-Identifier: GPL-2.0
/*
 * Prefixes, pools and options: an immutable snapshot, replaced whole.
 *
 * Readers are packets under RCU.  A writer holds nat64_net.lock, edits a copy
 * and commits it; a copy that is not committed changes nothing.
 */
#include <linux/inet.h>
#include <linux/inetdevice.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "addr4.h"
#include "binding.h"
#include "block.h"
#include "config.h"
#include "eip.h"
#include "extack.h"
#include "nat64.h"
#include "pool.h"
#include "session.h"
#include "static.h"

/*
 * A session with its binding costs about 192 bytes at most: they may take an
 * eighth of the memory.
 */
static u32 default_session_max(void)
{
	u64 max = ((u64)totalram_pages() << PAGE_SHIFT) / 8 / 192;

	return clamp_t(u64, max, 65536, 16 << 20);
}

/**
 * nat64_config_alloc() - a configuration as it is at first
 * @tenant: whose memory it takes, see nat64_memory_take()
 *
 * Context: process.
 * Return: no prefixes, pools and EIPs, and the options' defaults; or NULL.
 */
struct nat64_config *nat64_config_alloc(bool tenant)
{
	struct nat64_config *cfg = kvzalloc(sizeof(*cfg), GFP_KERNEL_ACCOUNT);

	if (!cfg)
		return NULL;
	cfg->eips = nat64_eips_alloc(tenant);
	if (!cfg->eips) {
		kvfree(cfg);
		return NULL;
	}
	cfg->udp_timeout = 300;
	cfg->tcp_est_timeout = 7440;
	cfg->tcp_trans_timeout = 240;
	cfg->icmp_timeout = 60;
	cfg->session_max = default_session_max();
	cfg->lowest_ipv6_mtu = IPV6_MIN_MTU;
	cfg->udp_zero_checksum = 1;
	cfg->syn_max = 1024;
	cfg->early_drop = 1;
	cfg->client_prefix_len = 64;
	cfg->client_session_max = cfg->session_max / 4;
	cfg->block_timeout = 120;
	cfg->icmp_rate = 50;
	cfg->tclass = NAT64_CONFIG_COPY;
	cfg->tos = NAT64_CONFIG_COPY;
	cfg->icmp_source_len = 32;
	return cfg;
}

/**
 * nat64_config_free() - free a configuration that no packet sees
 * @cfg: the configuration; its references to pools and EIPs go, too
 *
 * Context: process.
 */
void nat64_config_free(struct nat64_config *cfg)
{
	unsigned int i;

	for (i = 0; i < cfg->pool_count; i++)
		nat64_pool_put(cfg->pools[i]);
	nat64_eips_retire(cfg->eips);
	kvfree(cfg);
}

int nat64_config_init(struct nat64_net *nn)
{
	struct nat64_config *cfg = nat64_config_alloc(nn->tenant);

	if (!cfg)
		return -ENOMEM;
	rcu_assign_pointer(nn->config, cfg);
	return 0;
}

/* No reader is left. */
void nat64_config_fini(struct nat64_net *nn)
{
	nat64_config_free(rcu_dereference_raw(nn->config));
}

/**
 * nat64_config_locked() - the configuration, for the control path
 * @nn: the namespace, locked
 */
const struct nat64_config *nat64_config_locked(const struct nat64_net *nn)
{
	return rcu_dereference_protected(nn->config,
					 lockdep_is_held(&nn->lock));
}

/**
 * nat64_config_edit() - begin a change
 * @nn: the namespace, locked
 *
 * Return: a copy to be changed and given to nat64_config_commit(), or to
 * kvfree(); NULL without memory.
 */
struct nat64_config *nat64_config_edit(const struct nat64_net *nn)
{
	struct nat64_config *cfg = kvmalloc(sizeof(*cfg), GFP_KERNEL_ACCOUNT);

	if (cfg)
		*cfg = *nat64_config_locked(nn);
	return cfg;
}

/**
 * nat64_config_replace() - put another configuration in the place of the old one
 * @nn: the namespace, locked
 * @cfg: the new one
 *
 * Return: the old one, which packets may still see.
 */
struct nat64_config *nat64_config_replace(struct nat64_net *nn,
					  struct nat64_config *cfg)
{
	if (!++nn->generation)
		nn->generation = 1;
	return rcu_replace_pointer(nn->config, cfg, lockdep_is_held(&nn->lock));
}

/**
 * nat64_config_commit() - make a change of options take effect
 * @nn: the namespace, locked
 * @cfg: the changed copy
 *
 * Packets under way may go on by the old ones.
 *
 * Context: process.
 */
void nat64_config_commit(struct nat64_net *nn, struct nat64_config *cfg)
{
	struct nat64_config *old = nat64_config_replace(nn, cfg);

	kvfree_rcu(old, rcu);
}

/* When this returns, no packet sees the old configuration. */
static void commit_and_wait(struct nat64_net *nn, struct nat64_config *cfg)
{
	struct nat64_config *old = nat64_config_replace(nn, cfg);

	/* Others wait for the one who changes it: generic netlink as a whole. */
	synchronize_rcu_expedited();
	kvfree(old);
}

/**
 * nat64_config_reply_prefix() - the prefix for IPv4 hosts that come unasked
 * @cfg: the configuration
 * @clat: they are what a host of a CLAT here sends to
 *
 * Return: the first open prefix, or of a CLAT the first of mode clat, else the first
 * one that may be used, else NULL.
 */
const struct nat64_prefix *
nat64_config_reply_prefix(const struct nat64_config *cfg, bool clat)
{
	u8 mode = clat ? NAT64_PREFIX_CLAT : NAT64_PREFIX_OPEN;
	unsigned int i;

	for (i = 0; i < cfg->prefix_count; i++)
		if (cfg->prefixes[i].mode == mode)
			return &cfg->prefixes[i];
	for (i = 0; i < cfg->prefix_count; i++)
		if (clat || cfg->prefixes[i].mode != NAT64_PREFIX_CLAT)
			return &cfg->prefixes[i];
	return NULL;
}

static void set_mask(struct nat64_prefix *prefix)
{
	struct in6_addr ones, mask;

	memset(&ones, 0xff, sizeof(ones));
	ipv6_addr_prefix(&mask, &ones, prefix->len);
	memcpy(prefix->mask, &mask, sizeof(mask));
}

/**
 * nat64_config_put_prefix() - put a prefix into a configuration that is to be
 * @nn: the namespace, locked
 * @cfg: the configuration, not yet in use
 * @prefix: the prefix, one of RFC 6052
 * @extack: says what is wrong with it
 *
 * Context: process.
 * Return: 0, -EEXIST if it overlaps another, -ENOSPC.
 */
int nat64_config_put_prefix(struct nat64_net *nn, struct nat64_config *cfg,
			    const struct nat64_prefix *prefix,
			    struct netlink_ext_ack *extack)
{
	const struct nat64_eip *eip;
	unsigned int i;

	for (i = 0; i < cfg->prefix_count; i++) {
		const struct nat64_prefix *p = &cfg->prefixes[i];

		if (!ipv6_prefix_equal(&prefix->addr, &p->addr,
				       min(prefix->len, p->len)))
			continue;
		nat64_extack(nn, extack,
			     "prefix %pI6c/%u overlaps prefix %pI6c/%u",
			     &prefix->addr, prefix->len, &p->addr, p->len);
		return -EEXIST;
	}
	if (cfg->prefix_count == NAT64_PREFIXES_MAX) {
		nat64_extack(nn, extack, "there are %u prefixes already",
			     NAT64_PREFIXES_MAX);
		return -ENOSPC;
	}
	eip = nat64_eip_in_prefix(cfg->eips, &prefix->addr, prefix->len);
	if (eip) {
		nat64_extack(nn, extack,
			     "prefix %pI6c/%u overlaps %pI6c/%u, target of EIP %pI4/%u",
			     &prefix->addr, prefix->len, &eip->target.addr,
			     eip->target.len, &eip->eip.addr, eip->eip.len);
		return -EEXIST;
	}
	cfg->prefixes[cfg->prefix_count] = *prefix;
	set_mask(&cfg->prefixes[cfg->prefix_count++]);
	return 0;
}

/**
 * nat64_config_prefix_add() - add a prefix
 * @nn: the namespace, locked
 * @prefix: the prefix, one of RFC 6052
 * @extack: says what is wrong with it
 *
 * Context: process.
 * Return: 0, -ENOMEM, or as nat64_config_put_prefix().
 */
int nat64_config_prefix_add(struct nat64_net *nn,
			    const struct nat64_prefix *prefix,
			    struct netlink_ext_ack *extack)
{
	struct nat64_config *cfg = nat64_config_edit(nn);
	int err;

	if (!cfg)
		return -ENOMEM;
	err = nat64_config_put_prefix(nn, cfg, prefix, extack);
	if (!err)
		err = nat64_static_check_prefix(nn, prefix, extack);
	if (err)
		kvfree(cfg);
	else
		commit_and_wait(nn, cfg);
	return err;
}

static bool match_prefix(struct nat64_session *session, const void *arg)
{
	const struct nat64_prefix *prefix = arg;

	return ipv6_prefix_equal(&session->t6.remote, &prefix->addr,
				 prefix->len);
}

/**
 * nat64_config_prefix_del() - remove a prefix and its sessions
 * @nn: the namespace, locked
 * @addr: the prefix
 * @len: its length
 * @extack: says so if there is no such prefix
 *
 * Context: process.
 * Return: 0, -ENOENT, -ENOMEM.
 */
int nat64_config_prefix_del(struct nat64_net *nn, const struct in6_addr *addr,
			    u8 len, struct netlink_ext_ack *extack)
{
	const struct nat64_config *old = nat64_config_locked(nn);
	struct nat64_prefix prefix;
	struct nat64_config *cfg;
	unsigned int i;

	for (i = 0; i < old->prefix_count; i++)
		if (old->prefixes[i].len == len &&
		    ipv6_addr_equal(&old->prefixes[i].addr, addr))
			break;
	if (i == old->prefix_count) {
		nat64_extack(nn, extack, "there is no prefix %pI6c/%u", addr,
			     len);
		return -ENOENT;
	}
	cfg = nat64_config_edit(nn);
	if (!cfg)
		return -ENOMEM;
	prefix = cfg->prefixes[i];
	cfg->prefix_count--;
	memmove(&cfg->prefixes[i], &cfg->prefixes[i + 1],
		(cfg->prefix_count - i) * sizeof(prefix));
	commit_and_wait(nn, cfg);
	nat64_session_flush(nn, match_prefix, &prefix);
	return 0;
}

/**
 * nat64_config_prefix_flush() - remove all prefixes, and so all sessions
 * @nn: the namespace, locked
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int nat64_config_prefix_flush(struct nat64_net *nn)
{
	struct nat64_config *cfg;

	if (!nat64_config_locked(nn)->prefix_count)
		return 0;
	cfg = nat64_config_edit(nn);
	if (!cfg)
		return -ENOMEM;
	cfg->prefix_count = 0;
	commit_and_wait(nn, cfg);
	nat64_session_flush(nn, NULL, NULL);
	return 0;
}

static bool is_inside(const struct nat64_eip *eip, const void *arg)
{
	const struct nat64_eip4 *pool = arg;

	return eip->kind != NAT64_EIP_PORTS &&
	       nat64_eip_overlaps(eip, pool->addr, pool->len);
}

static bool eip_in_pool(struct nat64_net *nn, const struct nat64_config *cfg,
			__be32 addr, u8 len, struct netlink_ext_ack *extack)
{
	const struct nat64_eip4 pool = { .addr = addr, .len = len };
	const struct nat64_eip *eip = nat64_eips_find(cfg->eips, is_inside,
						      &pool);

	if (eip)
		nat64_extack(nn, extack, "pool %pI4/%u overlaps EIP %pI4/%u",
			     &addr, len, &eip->eip.addr, eip->eip.len);
	return eip;
}

static int check_blocks(struct nat64_net *nn,
			const struct nat64_pool_params *params,
			struct netlink_ext_ack *extack)
{
	if (!is_power_of_2(params->block_size)) {
		nat64_extack(nn, extack, "block-size %u is not a power of two",
			     params->block_size);
		return -EINVAL;
	}
	/* Of sessions that share ports a block would not tell who had them. */
	if (params->mapping != NAT64_MAPPING_ENDPOINT_INDEPENDENT) {
		nat64_extack(nn, extack,
			     "block-size goes with mapping endpoint-independent only");
		return -EINVAL;
	}
	if (!nat64_pool_blocks_each(params)) {
		nat64_extack(nn, extack,
			     "ports %u-%u: no block of %u, which has no port below 1024",
			     params->port_min, params->port_max,
			     params->block_size);
		return -EINVAL;
	}
	return 0;
}

static int check_pool(struct nat64_net *nn, const struct nat64_config *cfg,
		      const struct nat64_pool_params *params,
		      struct netlink_ext_ack *extack)
{
	__be32 addr = params->addr;
	u8 len = params->len;
	unsigned int i;
	int err;

	if (addr & ~inet_make_mask(len)) {
		nat64_extack(nn, extack, "%pI4/%u: pool has host bits set",
			     &addr, len);
		return -EINVAL;
	}
	if (!nat64_addr4_unicast(addr)) {
		nat64_extack(nn, extack, "%pI4/%u: not unicast addresses",
			     &addr, len);
		return -EINVAL;
	}
	for (i = 0; i < cfg->pool_count; i++) {
		const struct nat64_pool_params *p = &cfg->pools[i]->params;

		if ((p->addr ^ addr) & inet_make_mask(min(len, p->len)))
			continue;
		nat64_extack(nn, extack, "pool %pI4/%u overlaps pool %pI4/%u",
			     &addr, len, &p->addr, p->len);
		return -EEXIST;
	}
	if (cfg->pool_count == NAT64_POOLS_MAX) {
		nat64_extack(nn, extack, "there are %u pools already",
			     NAT64_POOLS_MAX);
		return -ENOSPC;
	}
	if (params->port_min > params->port_max) {
		nat64_extack(nn, extack, "ports %u-%u: the range is empty",
			     params->port_min, params->port_max);
		return -EINVAL;
	}
	if (params->block_size) {
		err = check_blocks(nn, params, extack);
		if (err)
			return err;
	}
	return eip_in_pool(nn, cfg, addr, len, extack) ? -EEXIST : 0;
}

static void note_blocks(struct nat64_config *cfg)
{
	unsigned int i;

	cfg->blocks = false;
	for (i = 0; i < cfg->pool_count; i++)
		cfg->blocks |= cfg->pools[i]->params.block_size != 0;
}

/**
 * nat64_config_put_pool() - put a pool into a configuration that is to be
 * @nn: the namespace, locked
 * @cfg: the configuration, not yet in use
 * @params: addresses, ports and options
 * @extack: says what is wrong
 *
 * Context: process.
 * Return: 0, -EINVAL, -EEXIST if it overlaps a pool or an EIP, -ENOSPC,
 * -ENOMEM.
 */
int nat64_config_put_pool(struct nat64_net *nn, struct nat64_config *cfg,
			  const struct nat64_pool_params *params,
			  struct netlink_ext_ack *extack)
{
	struct nat64_pool *pool;
	int err;

	err = check_pool(nn, cfg, params, extack);
	if (err)
		return err;
	pool = nat64_pool_alloc(params, nn->tenant);
	if (!pool)
		return -ENOMEM;
	cfg->pools[cfg->pool_count++] = pool;
	note_blocks(cfg);
	return 0;
}

/**
 * nat64_config_pool_add() - add a pool
 * @nn: the namespace, locked
 * @params: addresses, ports and options
 * @extack: says what is wrong
 *
 * Context: process.
 * Return: as nat64_config_put_pool().
 */
int nat64_config_pool_add(struct nat64_net *nn,
			  const struct nat64_pool_params *params,
			  struct netlink_ext_ack *extack)
{
	struct nat64_config *cfg = nat64_config_edit(nn);
	struct nat64_pool *pool;
	int err;

	if (!cfg)
		return -ENOMEM;
	err = nat64_config_put_pool(nn, cfg, params, extack);
	if (err)
		goto err_config;
	pool = cfg->pools[cfg->pool_count - 1];
	err = nat64_binding_adopt(nn, pool);
	if (err)
		goto err_pool;
	commit_and_wait(nn, cfg);
	return 0;

err_pool:
	/* Static bindings that moved into it keep it alive. */
	nat64_pool_put(pool);
err_config:
	kvfree(cfg);
	return err;
}

/* What uses the pool @arg, or any. */
static bool match_pool(struct nat64_session *session, const void *arg)
{
	const struct nat64_binding *binding = nat64_binding_of(session);

	if (binding && nat64_binding_fixed(binding))
		return false;
	return !arg || (binding ? binding->first.pool : session->pool) == arg;
}

/**
 * nat64_config_pool_del() - remove a pool and the sessions that use it
 * @nn: the namespace, locked
 * @addr: first address
 * @len: prefix length
 * @extack: says so if there is no such pool
 *
 * Static bindings inside it stay.
 *
 * Context: process.
 * Return: 0, -ENOENT, -ENOMEM.
 */
int nat64_config_pool_del(struct nat64_net *nn, __be32 addr, u8 len,
			  struct netlink_ext_ack *extack)
{
	const struct nat64_config *old = nat64_config_locked(nn);
	struct nat64_config *cfg;
	struct nat64_pool *pool;
	unsigned int i;

	for (i = 0; i < old->pool_count; i++)
		if (old->pools[i]->params.addr == addr &&
		    old->pools[i]->params.len == len)
			break;
	if (i == old->pool_count) {
		nat64_extack(nn, extack, "there is no pool %pI4/%u", &addr,
			     len);
		return -ENOENT;
	}
	cfg = nat64_config_edit(nn);
	if (!cfg)
		return -ENOMEM;
	pool = cfg->pools[i];
	cfg->pools[i] = cfg->pools[--cfg->pool_count];
	note_blocks(cfg);
	WRITE_ONCE(pool->removed, true);
	commit_and_wait(nn, cfg);
	nat64_session_flush(nn, match_pool, pool);
	nat64_block_sweep(nn);
	nat64_pool_put(pool);
	return 0;
}

/**
 * nat64_config_pool_flush() - remove all pools and the sessions that use them
 * @nn: the namespace, locked
 *
 * Static bindings stay.
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int nat64_config_pool_flush(struct nat64_net *nn)
{
	unsigned int i, count = nat64_config_locked(nn)->pool_count;
	struct nat64_config *cfg;

	if (!count)
		return 0;
	cfg = nat64_config_edit(nn);
	if (!cfg)
		return -ENOMEM;
	cfg->pool_count = 0;
	note_blocks(cfg);
	for (i = 0; i < count; i++)
		WRITE_ONCE(cfg->pools[i]->removed, true);
	commit_and_wait(nn, cfg);
	nat64_session_flush(nn, match_pool, NULL);
	nat64_block_sweep(nn);
	for (i = 0; i < count; i++)
		nat64_pool_put(cfg->pools[i]);
	return 0;
}
