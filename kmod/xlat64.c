// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 7915 section 5: IPv6 to IPv4.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "config.h"
#include "nat64.h"
#include "xlat.h"

/**
 * nat64_xlat_make4() - write an IPv4 header, but for id, flags and checksum
 * @ip4: where
 * @flow: the addresses, from the IPv6 host to the IPv4 host
 * @tos: type of service
 * @ttl: time to live
 * @proto: protocol
 * @len: total length
 */
void nat64_xlat_make4(struct iphdr *ip4, const struct nat64_flow *flow,
		      u8 tos, u8 ttl, u8 proto, unsigned int len)
{
	ip4->version = 4;
	ip4->ihl = sizeof(*ip4) / 4;
	ip4->tos = tos;
	ip4->tot_len = htons(len);
	ip4->id = 0;
	ip4->frag_off = 0;
	ip4->ttl = ttl;
	ip4->protocol = proto;
	ip4->check = 0;
	ip4->saddr = flow->t4.local;
	ip4->daddr = flow->t4.remote;
}

/* From the fields as they were written just now, which ip_fast_csum() would wait
 * for.
 */
static __sum16 checksum4(const struct iphdr *ip4)
{
	u64 sum = (__force u16)htons(0x4500 | ip4->tos);

	sum += (__force u16)ip4->tot_len;
	sum += (__force u16)ip4->id;
	sum += (__force u16)ip4->frag_off;
	sum += (__force u16)htons(ip4->ttl << 8 | ip4->protocol);
	sum += (__force u32)ip4->saddr;
	sum += (__force u32)ip4->daddr;
	return csum_fold(nat64_fold64(sum));
}

/* An echo has no pseudo header in ICMPv4. */
static void echo64(struct icmphdr *ih, const struct ipv6hdr *ip6,
		   const struct nat64_flow *flow, unsigned int len)
{
	__be16 from = *(__be16 *)ih, to;
	__wsum pseudo, sum;

	ih->type = ih->type == ICMPV6_ECHO_REQUEST ? ICMP_ECHO :
						     ICMP_ECHOREPLY;
	to = *(__be16 *)ih;
	pseudo = ~csum_unfold(csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len,
					      IPPROTO_ICMPV6, 0));
	sum = csum_sub(~csum_unfold(ih->checksum), pseudo);
	sum = csum_add(sum, nat64_diff16(from, to));
	sum = csum_add(sum, nat64_diff16(ih->un.echo.id, flow->t4.lport));
	ih->un.echo.id = flow->t4.lport;
	ih->checksum = csum_fold(sum);
}

/**
 * nat64_xlat64() - make an IPv6 packet an IPv4 packet
 * @pkt: the packet, not an ICMP error, checked by nat64_output_check()
 * @flow: its addresses and ports
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK or NAT64_DROP_NO_MEMORY.
 */
enum nat64_counter nat64_xlat64(struct nat64_packet *pkt,
				const struct nat64_flow *flow)
{
	struct sk_buff *skb = pkt->skb;
	unsigned int len = skb->len - pkt->l4;
	u8 tos, hop_limit, *l4;
	struct ipv6hdr *ip6;
	struct iphdr *ip4;
	bool df;

	if (pkt->kind == NAT64_KIND_QUERY &&
	    skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		return NAT64_DROP_NO_MEMORY;
	if (nat64_xlat_writable(skb, min(pkt->l4 + nat64_xlat_l4_len(pkt->kind),
					 skb->len), 0))
		return NAT64_DROP_NO_MEMORY;

	ip6 = ipv6_hdr(skb);
	l4 = skb->data + pkt->l4;
	tos = nat64_xlat_tos(pkt->cfg->tos, ipv6_get_dsfield(ip6));
	hop_limit = ip6->hop_limit - !pkt->hops_paid;
	/* A guest's datagram becomes fragments at the end. */
	df = !pkt->frag_max && !(skb_shinfo(skb)->gso_type & SKB_GSO_UDP) &&
	     !nat64_xlat_fits(skb, len + sizeof(*ip4),
			      (int)sizeof(*ip4) - (int)pkt->l4, NAT64_DF_LIMIT);

	if (pkt->kind == NAT64_KIND_QUERY) {
		echo64((struct icmphdr *)l4, ip6, flow, len);
		if (!((struct icmphdr *)l4)->checksum)
			nat64_xlat_query_sum((struct icmphdr *)l4,
					     skb_checksum(skb, pkt->l4, len,
							  0));
	} else {
		nat64_xlat_l4(pkt->partial, pkt->proto, l4,
			      nat64_diff_addrs(flow),
			      nat64_diff16(flow->t6.lport, flow->t4.lport));
		/* The source port comes first in TCP and in UDP. */
		if (pkt->kind != NAT64_KIND_OTHER)
			*(__be16 *)l4 = flow->t4.lport;
	}

	ip4 = nat64_xlat_replace(skb, pkt->l4, sizeof(*ip4));
	nat64_xlat_make4(ip4, flow, tos, hop_limit, pkt->proto,
			 len + sizeof(*ip4));
	if (df)
		ip4->frag_off = htons(IP_DF);
	else
		__ip_select_ident(pkt->nn->net, ip4,
				  skb_shinfo(skb)->gso_segs ?: 1);
	ip4->check = checksum4(ip4);
	if (pkt->kind == NAT64_KIND_TCP)
		nat64_xlat_gso(skb, SKB_GSO_TCPV6, SKB_GSO_TCPV4);
	nat64_xlat_finish(skb, htons(ETH_P_IP), sizeof(*ip4));
	return NAT64_OK;
}
