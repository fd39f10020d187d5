/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_XLAT_H
#define NAT64_XLAT_H

#include <linux/icmp.h>
#include <linux/skbuff.h>
#include <net/checksum.h>

#include "flow.h"
#include "packet.h"
#include "uapi/nat64.h"

/* RFC 7915 section 5.1: up to this size an IPv4 packet goes without DF. */
#define NAT64_DF_LIMIT 1260

enum nat64_counter nat64_xlat64(struct nat64_packet *pkt,
				const struct nat64_flow *flow);
enum nat64_counter nat64_xlat46(struct nat64_packet *pkt,
				const struct nat64_flow *flow);
enum nat64_counter nat64_xlat_error64(struct nat64_packet *pkt,
				      const struct nat64_flow *flow);
enum nat64_counter nat64_xlat_error46(struct nat64_packet *pkt,
				      const struct nat64_flow *flow);

/* xlat.c: what both directions share */
int nat64_xlat_writable(struct sk_buff *skb, unsigned int len,
			unsigned int headroom);
void *nat64_xlat_replace(struct sk_buff *skb, unsigned int old,
			 unsigned int new);
void nat64_xlat_finish(struct sk_buff *skb, __be16 protocol,
		       unsigned int l4);
bool nat64_xlat_must_segment(const struct sk_buff *skb);
void nat64_xlat_gso(struct sk_buff *skb, unsigned int from, unsigned int to);
void nat64_xlat_l4(bool partial, u8 proto, void *l4, __wsum addr_diff,
		   __wsum id_diff);
unsigned int nat64_xlat_l4_len(enum nat64_kind kind);
bool nat64_xlat_segments_fit(const struct sk_buff *skb, int grows,
			     unsigned int mtu);

/**
 * nat64_xlat_fits() - will the translated packet fit a link?
 * @skb: the packet, before
 * @len: its length, after
 * @grows: how much longer it becomes
 * @mtu: of the link
 */
static inline bool nat64_xlat_fits(const struct sk_buff *skb, unsigned int len,
				   int grows, unsigned int mtu)
{
	return skb_is_gso(skb) ? nat64_xlat_segments_fit(skb, grows, mtu) :
				 len <= mtu;
}

/* A sum for checksums to come; a function call costs more than a few words. */
static inline __wsum nat64_fold64(u64 sum)
{
	sum = (sum & U32_MAX) + (sum >> 32);
	return (__force __wsum)((u32)sum + (u32)(sum >> 32));
}

static inline __wsum nat64_sum(const __be32 *words, unsigned int count)
{
	u64 sum = 0;

	while (count--)
		sum += (__force u32)*words++;
	return nat64_fold64(sum);
}

/* What new addresses add to a checksum in the direction to IPv4. */
static inline __wsum nat64_diff_addrs(const struct nat64_flow *flow)
{
	return csum_sub(nat64_sum(&flow->t4.local, 2),
			nat64_sum(flow->t6.local.s6_addr32, 8));
}

/* The sum of a 16 bit field that changes. */
static inline __wsum nat64_diff16(__be16 from, __be16 to)
{
	return csum_sub((__force __wsum)to, (__force __wsum)from);
}

/*
 * RFC 7915 sections 4.1 and 5.1: copied, or set by the operator; but ECN, the
 * last two bits, is between the ends (RFC 3168).
 */
static inline u8 nat64_xlat_tos(u32 option, u8 old)
{
	return option == NAT64_CONFIG_COPY ? old : (option & ~3) | (old & 3);
}

/*
 * Where all else is zero, so is the sum that an ICMPv4 checksum is the complement
 * of; adding up differences cannot tell that zero from the other one.
 */
static inline void nat64_xlat_query_sum(struct icmphdr *ih, __wsum sum)
{
	if (!sum)
		ih->checksum = CSUM_MANGLED_0;
}

struct iphdr;
struct ipv6hdr;
void nat64_xlat_make4(struct iphdr *ip4, const struct nat64_flow *flow,
		      u8 tos, u8 ttl, u8 proto, unsigned int len);
void nat64_xlat_make6(struct ipv6hdr *ip6, const struct in6_addr *saddr,
		      const struct in6_addr *daddr, u8 tclass, u8 hop_limit,
		      u8 nexthdr, unsigned int len);

#endif /* NAT64_XLAT_H */
