// SPDX-License-Identifier: GPL-2.0
/*
 * Sources that no state is made for: those that no host has, and, by option,
 * those that are not where the packet has come from (RFC 3704 section 2.2, BCP
 * 38: strict reverse path).
 */
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>

#include "config.h"
#include "flow.h"
#include "nat64.h"
#include "source.h"

static bool legal6(const struct in6_addr *addr)
{
	int type = ipv6_addr_type(addr);

	return type & IPV6_ADDR_UNICAST &&
	       !(type & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL |
			 IPV6_ADDR_MAPPED | IPV6_ADDR_COMPATv4));
}

/**
 * nat64_source_own() - has this host sent it, to others or to itself?
 * @state: the hook that saw it
 */
bool nat64_source_own(const struct nf_hook_state *state)
{
	return !state->in || state->in->flags & IFF_LOOPBACK;
}

/*
 * What this host sends itself has not come from anywhere, and what turns around
 * has been asked as it came (RFC 6146 section 3.8).
 */
static const struct net_device *came_by(const struct nat64_packet *pkt)
{
	bool turned = pkt->from_v6 != (pkt->state->pf == NFPROTO_IPV6);

	return turned || nat64_source_own(pkt->state) ? NULL : pkt->state->in;
}

static bool behind6(struct net *net, const struct sk_buff *skb,
		    const struct net_device *dev)
{
	struct flowi6 fl6 = {
		.flowi6_iif = LOOPBACK_IFINDEX,
		.flowi6_oif = dev->ifindex,
		.flowi6_mark = skb->mark,
		.flowi6_proto = ipv6_hdr(skb)->nexthdr,
		.daddr = ipv6_hdr(skb)->saddr,
		.saddr = ipv6_hdr(skb)->daddr,
	};
	struct dst_entry *dst;
	struct rt6_info *rt;
	bool behind;

	dst = ip6_route_lookup(net, &fl6, skb, RT6_LOOKUP_F_HAS_SADDR);
	rt = container_of(dst, struct rt6_info, dst);
	behind = !dst->error && rt->rt6i_idev &&
		 !(rt->rt6i_flags & (RTF_REJECT | RTF_ANYCAST | RTF_LOCAL)) &&
		 (rt->rt6i_idev->dev == dev ||
		  l3mdev_master_ifindex_rcu(rt->rt6i_idev->dev) ==
		  dev->ifindex);
	dst_release(dst);
	return behind;
}

static bool behind4(struct net *net, const struct sk_buff *skb,
		    const struct net_device *dev)
{
	struct flowi4 fl4 = {
		.flowi4_iif = LOOPBACK_IFINDEX,
		.flowi4_oif = l3mdev_master_ifindex_rcu(dev),
		.flowi4_mark = skb->mark,
		.flowi4_proto = ip_hdr(skb)->protocol,
		.daddr = ip_hdr(skb)->saddr,
		.saddr = ip_hdr(skb)->daddr,
	};
	struct fib_result res;

	return !fib_lookup(net, &fl4, &res, FIB_LOOKUP_IGNORE_LINKSTATE) &&
	       res.type == RTN_UNICAST && fib_info_nh_uses_dev(res.fi, dev);
}

/* What this host has, in the VRF of @dev, does not come from elsewhere. */
static bool ours6(const struct nat64_packet *pkt, const struct net_device *dev)
{
	return ipv6_chk_addr_and_flags(pkt->nn->net, &ipv6_hdr(pkt->skb)->saddr,
				       dev, true, 0, IFA_F_TENTATIVE);
}

/**
 * nat64_source_check6() - may this be the source of an IPv6 packet?
 * @pkt: the packet, of no session
 *
 * Context: RCU.
 * Return: NAT64_OK, or the reason to drop.
 */
enum nat64_counter nat64_source_check6(const struct nat64_packet *pkt)
{
	const struct net_device *dev = came_by(pkt);

	if (!legal6(&ipv6_hdr(pkt->skb)->saddr) || (dev && ours6(pkt, dev)))
		return NAT64_DROP_BAD_SOURCE;
	if (pkt->cfg->reverse_path && dev &&
	    !behind6(pkt->nn->net, pkt->skb, dev))
		return NAT64_DROP_SPOOFED;
	return NAT64_OK;
}

/* What this host has, or gives to IPv6 hosts, does not come from elsewhere. */
static bool ours4(const struct nat64_packet *pkt)
{
	__be32 addr = ip_hdr(pkt->skb)->saddr;

	return nat64_flow_host4(pkt, addr) ||
	       nat64_flow_ours4(pkt->cfg, addr);
}

/**
 * nat64_source_check4() - did an IPv4 packet come from its source?
 * @pkt: the packet, of no session
 *
 * Context: RCU.
 * Return: NAT64_OK, or the reason to drop.
 */
enum nat64_counter nat64_source_check4(const struct nat64_packet *pkt)
{
	const struct net_device *dev = came_by(pkt);

	if (!dev)
		return NAT64_OK;
	if (ours4(pkt))
		return NAT64_DROP_BAD_SOURCE;
	if (pkt->cfg->reverse_path && !behind4(pkt->nn->net, pkt->skb, dev))
		return NAT64_DROP_SPOOFED;
	return NAT64_OK;
}
