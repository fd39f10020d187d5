/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_CONFIG_H
#define NAT64_CONFIG_H

#include <linux/in6.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>

#include "compat/unaligned.h"
#include "uapi/nat64.h"

struct nat64_eips;
struct nat64_net;
struct nat64_pool;
struct nat64_pool_params;

#define NAT64_PREFIXES_MAX	64
#define NAT64_POOLS_MAX		256

/**
 * struct nat64_prefix - an IPv6 prefix that stands for IPv4
 * @addr: the prefix
 * @mask: ones for its bits, in network byte order
 * @len: its length in bits
 * @mode: &enum nat64_prefix_mode
 * @private: non-global IPv4 addresses are allowed
 */
struct nat64_prefix {
	struct in6_addr addr __aligned(8);
	u64 mask[2];
	u8 len;
	u8 mode;
	bool private;
};

/**
 * struct nat64_config - what the operator set, an immutable snapshot
 * @rcu: to free it
 * @udp_timeout: seconds, as the other timers
 * @tcp_est_timeout: established TCP sessions
 * @tcp_trans_timeout: transitory TCP sessions
 * @icmp_timeout: ICMP query sessions
 * @session_max: most sessions
 * @lowest_ipv6_mtu: largest IPv6 packet made from an IPv4 packet without DF
 * @udp_zero_checksum: compute it, rather than drop the packet
 * @no_binding_icmp: answer packets without a binding, and filtered ones
 * @syn_max: most SYNs kept for a simultaneous open
 * @early_drop: sessions that nobody goes on with make room for new ones
 * @reverse_path: who opens a session must be where the route to it leads
 * @client_prefix_len: what is one client, bits
 * @client_session_max: most sessions of a client, or 0
 * @client_port_max: most ports of a client, or 0
 * @client_session_rate: most sessions that a client opens a second, or 0
 * @block_timeout: a block of which no port is in use
 * @icmp_rate: most ICMP answers to a client a second, or 0
 * @tclass: traffic class towards IPv6, or NAT64_CONFIG_COPY
 * @tos: TOS towards IPv4, or NAT64_CONFIG_COPY
 * @icmp_source: of errors whose source has no IPv4 address, or 0
 * @icmp_source_len: prefix length of @icmp_source
 * @icmp_extension: tell the IPv6 source of such an error
 * @ftp: translate FTP
 * @fastpath: interfaces have the fast path, unless told otherwise
 * @blocks: a pool has ports by blocks: the hosts of a client begin their search at
 *	one place
 * @prefix_count: how many prefixes
 * @pool_count: how many pools
 * @prefixes: they do not overlap
 * @eips: EIPs, and addresses with static bindings; with a reference
 * @pools: they do not overlap; each with a reference
 */
struct nat64_config {
	struct rcu_head rcu;
	u32 udp_timeout;
	u32 tcp_est_timeout;
	u32 tcp_trans_timeout;
	u32 icmp_timeout;
	u32 session_max;
	u32 lowest_ipv6_mtu;
	u32 udp_zero_checksum;
	u32 no_binding_icmp;
	u32 syn_max;
	u32 early_drop;
	u32 reverse_path;
	u32 client_prefix_len;
	u32 client_session_max;
	u32 client_port_max;
	u32 client_session_rate;
	u32 block_timeout;
	u32 icmp_rate;
	u32 tclass;
	u32 tos;
	__be32 icmp_source;
	u32 icmp_source_len;
	u32 icmp_extension;
	u32 ftp;
	u32 fastpath;
	bool blocks;
	unsigned int prefix_count;
	unsigned int pool_count;
	struct nat64_eips *eips;
	struct nat64_prefix prefixes[NAT64_PREFIXES_MAX];
	struct nat64_pool *pools[NAT64_POOLS_MAX];
};

struct nat64_config *nat64_config_alloc(bool tenant);
void nat64_config_free(struct nat64_config *cfg);
int nat64_config_init(struct nat64_net *nn);
void nat64_config_fini(struct nat64_net *nn);

const struct nat64_config *nat64_config_locked(const struct nat64_net *nn);
struct nat64_config *nat64_config_edit(const struct nat64_net *nn);
void nat64_config_commit(struct nat64_net *nn, struct nat64_config *cfg);
struct nat64_config *nat64_config_replace(struct nat64_net *nn,
					  struct nat64_config *cfg);

/**
 * nat64_config_prefix() - the prefix that an address is in
 * @cfg: the configuration
 * @addr: the address
 *
 * Inline, because traffic that passes by pays for it.
 *
 * Return: the prefix or NULL.
 */
static inline const struct nat64_prefix *
nat64_config_prefix(const struct nat64_config *cfg,
		    const struct in6_addr *addr)
{
	u64 high = get_unaligned((const u64 *)&addr->s6_addr32[0]);
	u64 low = get_unaligned((const u64 *)&addr->s6_addr32[2]);
	const struct nat64_prefix *p;

	for (p = cfg->prefixes; p < cfg->prefixes + cfg->prefix_count; p++) {
		const u64 *want = (const u64 *)&p->addr;

		if (!(((high ^ want[0]) & p->mask[0]) |
		      ((low ^ want[1]) & p->mask[1])))
			return p;
	}
	return NULL;
}

const struct nat64_prefix *
nat64_config_reply_prefix(const struct nat64_config *cfg, bool clat);

int nat64_config_put_prefix(struct nat64_net *nn, struct nat64_config *cfg,
			    const struct nat64_prefix *prefix,
			    struct netlink_ext_ack *extack);
int nat64_config_put_pool(struct nat64_net *nn, struct nat64_config *cfg,
			  const struct nat64_pool_params *params,
			  struct netlink_ext_ack *extack);
int nat64_config_prefix_add(struct nat64_net *nn,
			    const struct nat64_prefix *prefix,
			    struct netlink_ext_ack *extack);
int nat64_config_prefix_del(struct nat64_net *nn, const struct in6_addr *addr,
			    u8 len, struct netlink_ext_ack *extack);
int nat64_config_pool_add(struct nat64_net *nn,
			  const struct nat64_pool_params *params,
			  struct netlink_ext_ack *extack);
int nat64_config_prefix_flush(struct nat64_net *nn);
int nat64_config_pool_flush(struct nat64_net *nn);
int nat64_config_pool_del(struct nat64_net *nn, __be32 addr, u8 len,
			  struct netlink_ext_ack *extack);

#endif /* NAT64_CONFIG_H */
