// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 7915 section 4: IPv4 to IPv6.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/dst.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "config.h"
#include "xlat.h"

/**
 * nat64_xlat_make6() - write an IPv6 header
 * @ip6: where
 * @saddr: source
 * @daddr: destination
 * @tclass: traffic class
 * @hop_limit: hop limit
 * @nexthdr: next header
 * @len: payload length
 */
void nat64_xlat_make6(struct ipv6hdr *ip6, const struct in6_addr *saddr,
		      const struct in6_addr *daddr, u8 tclass, u8 hop_limit,
		      u8 nexthdr, unsigned int len)
{
	ip6_flow_hdr(ip6, tclass, 0);
	ip6->payload_len = htons(len);
	ip6->nexthdr = nexthdr;
	ip6->hop_limit = hop_limit;
	ip6->saddr = *saddr;
	ip6->daddr = *daddr;
}

static void echo46(struct icmphdr *ih, const struct nat64_flow *flow,
		   unsigned int len)
{
	__be16 from = *(__be16 *)ih, to;
	__wsum pseudo, sum;

	ih->type = ih->type == ICMP_ECHO ? ICMPV6_ECHO_REQUEST :
					   ICMPV6_ECHO_REPLY;
	to = *(__be16 *)ih;
	pseudo = ~csum_unfold(csum_ipv6_magic(&flow->t6.remote,
					      &flow->t6.local, len,
					      IPPROTO_ICMPV6, 0));
	sum = csum_add(~csum_unfold(ih->checksum), pseudo);
	sum = csum_add(sum, nat64_diff16(from, to));
	sum = csum_add(sum, nat64_diff16(ih->un.echo.id, flow->t6.lport));
	ih->un.echo.id = flow->t6.lport;
	ih->checksum = csum_fold(sum);
}

/* RFC 7915 section 4.5: IPv6 wants a checksum. */
static bool udp_checksum(struct sk_buff *skb, unsigned int l4,
			 struct udphdr *uh, const struct nat64_flow *flow)
{
	unsigned int len = ntohs(uh->len);

	/* Whoever shares the page may have changed it since it was parsed. */
	if (len < sizeof(*uh) || len > skb->len - l4)
		return false;
	uh->dest = flow->t6.lport;
	uh->check = csum_ipv6_magic(&flow->t6.remote, &flow->t6.local, len,
				    IPPROTO_UDP,
				    skb_checksum(skb, l4, len, 0));
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
	return true;
}

/* What is to be summed as it is must not change any more. */
static bool wants_all_summed(const struct sk_buff *skb,
			     const struct nat64_packet *pkt)
{
	const struct udphdr *uh;
	struct udphdr _uh;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return false;
	if (pkt->kind == NAT64_KIND_QUERY)
		return true;
	if (pkt->kind != NAT64_KIND_UDP || pkt->partial || skb_is_gso(skb))
		return false;
	/* A tunnel without a sum of its own, around one that is not made yet. */
	uh = skb_header_pointer(skb, pkt->l4, sizeof(_uh), &_uh);
	return uh && !uh->check;
}

/*
 * Without DF the sender leaves it to us to make packets fit.  A stream that
 * came in one piece need not be cut twice: smaller segments do as well.
 */
static void shrink_segments(struct sk_buff *skb, const struct nat64_packet *pkt,
			    unsigned int mtu)
{
	unsigned int hdrs = sizeof(struct ipv6hdr) +
			    __tcp_hdrlen((struct tcphdr *)(skb->data + pkt->l4));
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	if (shinfo->gso_size + hdrs <= mtu || mtu <= hdrs)
		return;
	shinfo->gso_size = mtu - hdrs;
	/* The count is made anew where it matters. */
	shinfo->gso_segs = 0;
	shinfo->gso_type |= SKB_GSO_DODGY;
}

/**
 * nat64_xlat46() - make an IPv4 packet an IPv6 packet
 * @pkt: the packet, not an ICMP error, checked by nat64_output_check()
 * @flow: its addresses and ports
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK or the reason to drop.
 */
enum nat64_counter nat64_xlat46(struct nat64_packet *pkt,
				const struct nat64_flow *flow)
{
	struct sk_buff *skb = pkt->skb;
	unsigned int len = skb->len - pkt->l4;
	unsigned int room = LL_RESERVED_SPACE(pkt->dst->dev);
	struct ipv6hdr *ip6;
	u8 tos, ttl, *l4;

	/* An IPv4 header with many options is the longer one. */
	if (pkt->l4 < sizeof(*ip6))
		room += sizeof(*ip6) - pkt->l4;
	if (unlikely(wants_all_summed(skb, pkt)) && skb_checksum_help(skb))
		return NAT64_DROP_NO_MEMORY;
	if (nat64_xlat_writable(skb, min(pkt->l4 + nat64_xlat_l4_len(pkt->kind),
					 skb->len), room))
		return NAT64_DROP_NO_MEMORY;

	l4 = skb->data + pkt->l4;
	tos = nat64_xlat_tos(pkt->cfg->tclass, ip_hdr(skb)->tos);
	ttl = ip_hdr(skb)->ttl - !pkt->hops_paid;

	switch (pkt->kind) {
	case NAT64_KIND_QUERY:
		echo46((struct icmphdr *)l4, flow, len);
		break;
	case NAT64_KIND_UDP:
		if (!((struct udphdr *)l4)->check && !pkt->partial) {
			if (!udp_checksum(skb, pkt->l4, (struct udphdr *)l4,
					  flow))
				return NAT64_DROP_BAD_HEADER;
			break;
		}
		fallthrough;
	default:
		nat64_xlat_l4(pkt->partial, pkt->proto, l4,
			      csum_sub(0, nat64_diff_addrs(flow)),
			      nat64_diff16(flow->t4.lport, flow->t6.lport));
		/* The destination port comes second in TCP and in UDP. */
		if (pkt->kind != NAT64_KIND_OTHER)
			((__be16 *)l4)[1] = flow->t6.lport;
	}

	if (skb_is_gso(skb) && pkt->kind == NAT64_KIND_TCP && !pkt->df)
		shrink_segments(skb, pkt, min(pkt->cfg->lowest_ipv6_mtu,
					      dst_mtu(pkt->dst)));
	ip6 = nat64_xlat_replace(skb, pkt->l4, sizeof(*ip6));
	nat64_xlat_make6(ip6, &flow->t6.remote, &flow->t6.local, tos, ttl,
			 pkt->proto == IPPROTO_ICMP ? IPPROTO_ICMPV6 :
						      pkt->proto, len);
	if (pkt->kind == NAT64_KIND_TCP)
		nat64_xlat_gso(skb, SKB_GSO_TCPV4, SKB_GSO_TCPV6);
	nat64_xlat_finish(skb, htons(ETH_P_IPV6), sizeof(*ip6));
	return NAT64_OK;
}
