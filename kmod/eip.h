/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_EIP_H
#define NAT64_EIP_H

#include <linux/in6.h>
#include <linux/netlink.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>

#include "tuple.h"

struct nat64_config;
struct nat64_net;
struct rhashtable_iter;

/**
 * enum nat64_eip_kind - what static IPv4 addresses stand for
 * @NAT64_EIP_TO4: IPv4 servers, for IPv6 clients
 * @NAT64_EIP_TO6: IPv6 hosts, one to one (RFC 7757)
 * @NAT64_EIP_CLAT_HOST: IPv4 hosts on this side, one to one, that reach the IPv4
 *	world by an IPv6 network (RFC 6877)
 * @NAT64_EIP_PORTS: static bindings of single ports
 */
enum nat64_eip_kind {
	NAT64_EIP_TO4,
	NAT64_EIP_TO6,
	NAT64_EIP_CLAT_HOST,
	NAT64_EIP_PORTS,
};

/**
 * struct nat64_eip4 - an IPv4 prefix; a hash key, no padding
 * @addr: the prefix, bits beyond the length zero
 * @len: its length
 */
struct nat64_eip4 {
	__be32 addr;
	u32 len;
};

/**
 * struct nat64_eip6 - an IPv6 prefix; a hash key, no padding
 * @addr: the prefix, bits beyond the length zero
 * @len: its length
 */
struct nat64_eip6 {
	struct in6_addr addr;
	u32 len;
};

/**
 * struct nat64_eip - static IPv4 addresses; immutable but for @ports
 * @by_addr: node in nat64_eips.by_addr
 * @by_target: node in nat64_eips.by_target, if it has a target
 * @rcu: to free it
 * @target: the servers; IPv4 ones as ::ffff:a.b.c.d
 * @eip: the EIPs
 * @kind: &enum nat64_eip_kind
 * @ports: how many static bindings, under nat64_net.lock
 */
struct nat64_eip {
	struct rhash_head by_addr;
	struct rhash_head by_target;
	struct rcu_head rcu;
	struct nat64_eip6 target;
	struct nat64_eip4 eip;
	enum nat64_eip_kind kind;
	unsigned int ports;
};

/**
 * struct nat64_eips - the static IPv4 addresses of a configuration
 * @clats: how many EIPs are of IPv4 hosts on this side
 * @lens: which prefix lengths there are in @by_addr
 * @target_lens: which prefix lengths there are in @by_target
 * @refs: one of the configuration that is in use, or is to be, one of each dump
 * @tenant: whose memory they take, see nat64_memory_take()
 * @retired: out of use
 * @ports: how many entries are addresses with static bindings, under nat64_net.lock
 * @counts: how many of each length, under nat64_net.lock, as what follows
 * @target_counts: how many of each length
 * @by_addr: EIPs and addresses with static bindings, by IPv4 address
 * @by_target: EIPs by target
 *
 * A command changes it in place, so that it costs the same however many there
 * are; a transaction puts another one in its place.
 */
struct nat64_eips {
	unsigned int clats;
	DECLARE_BITMAP(lens, 33);
	DECLARE_BITMAP(target_lens, 129);
	refcount_t refs;
	bool tenant;
	bool retired;
	unsigned int ports;
	unsigned int counts[33];
	unsigned int target_counts[129];
	struct rhashtable by_addr;
	struct rhashtable by_target;
};

struct nat64_eips *nat64_eips_alloc(bool tenant);
void nat64_eips_put(struct nat64_eips *eips);
void nat64_eips_retire(struct nat64_eips *eips);
bool nat64_eips_walk(struct nat64_eips *eips, struct rhashtable_iter *iter)
	__acquires(RCU);

const struct nat64_eip *
nat64_eips_find(struct nat64_eips *eips,
		bool (*is)(const struct nat64_eip *eip, const void *arg),
		const void *arg);
struct nat64_eip *nat64_eip_find(struct nat64_eips *eips, __be32 addr);
struct nat64_eip *nat64_eip_by_target6(struct nat64_eips *eips,
				       const struct in6_addr *target);
struct nat64_eip *nat64_eip_by_target4(struct nat64_eips *eips, __be32 target);
void nat64_eip_to6(const struct nat64_eip *eip, __be32 addr,
		   struct in6_addr *target);
__be32 nat64_eip_to4(const struct nat64_eip *eip,
		     const struct in6_addr *target);
const struct nat64_eip *nat64_eip_in_prefix(struct nat64_eips *eips,
					    const struct in6_addr *addr,
					    unsigned int len);
bool nat64_eip_overlaps(const struct nat64_eip *eip, __be32 addr, u8 len);

int nat64_eip_add(struct nat64_net *nn, const struct nat64_config *cfg,
		  const struct nat64_eip4 *addr, enum nat64_eip_kind kind,
		  const struct nat64_eip6 *target,
		  struct netlink_ext_ack *extack);
int nat64_eip_del(struct nat64_net *nn, const struct nat64_eip4 *addr,
		  struct netlink_ext_ack *extack);
void nat64_eip_flush(struct nat64_net *nn);
unsigned int nat64_eip_count(const struct nat64_eips *eips);
int nat64_eip_ports_get(struct nat64_net *nn, const struct nat64_config *cfg,
			__be32 addr, struct netlink_ext_ack *extack);
void nat64_eip_ports_put(struct nat64_eips *eips, __be32 addr);

int nat64_eip_check4(struct nat64_net *nn, __be32 addr,
		     struct netlink_ext_ack *extack);
int nat64_eip_check6(struct nat64_net *nn, const struct nat64_config *cfg,
		     const struct in6_addr *addr, unsigned int len,
		     struct netlink_ext_ack *extack);

#endif /* NAT64_EIP_H */
