// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 7915 sections 4.2, 4.3, 5.2 and 5.3: ICMP errors and the packets inside
 * them.  Errors are small and rare, so they are made anew in one piece.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/dst.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "addr4.h"
#include "config.h"
#include "icmp_map.h"
#include "nat64.h"
#include "rfc6052.h"
#include "xlat.h"

/* RFC 1812 section 4.3.2.3 and RFC 4443 section 2.4 */
#define ERROR4_MAX 576
#define ERROR6_MAX IPV6_MIN_MTU

struct error4 {
	struct iphdr ip4;
	struct icmphdr icmp;
	struct iphdr inner;
} __packed;

struct error6 {
	struct ipv6hdr ip6;
	struct icmp6hdr icmp6;
	struct ipv6hdr inner;
	struct frag_hdr frag;	/* left out unless the inner packet is one */
} __packed;

/*
 * Where the packet inside ends: RFC 4884 puts its length, in words of @word
 * bytes, in front of it if extensions follow.  They end here, and so does any
 * claim of a length.
 */
static void cut_extensions(struct nat64_packet *pkt, u8 words,
			   unsigned int word)
{
	unsigned int end = pkt->inner.l3 + words * word;

	if (words && end >= pkt->inner.l4 + sizeof(struct icmphdr) &&
	    end < pkt->skb->len)
		skb_trim(pkt->skb, end);
}

/* Sum checked, in one piece, ours to write. */
static enum nat64_counter prepare(struct nat64_packet *pkt)
{
	struct sk_buff *skb = pkt->skb;
	unsigned int hook = pkt->state->hook;
	__sum16 bad;

	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		return NAT64_DROP_NO_MEMORY;
	bad = pkt->from_v6 ?
		nf_ip6_checksum(skb, hook, pkt->l4, IPPROTO_ICMPV6) :
		nf_ip_checksum(skb, hook, pkt->l4, IPPROTO_ICMP);
	if (bad)
		return NAT64_DROP_BAD_CHECKSUM;
	if (skb_linearize(skb) ||
	    skb_cow(skb, sizeof(struct error6) +
		    (pkt->dst ? LL_RESERVED_SPACE(pkt->dst->dev) : 0)))
		return NAT64_DROP_NO_MEMORY;
	skb->ip_summed = CHECKSUM_NONE;
	return NAT64_OK;
}

/* New ports and sums in what there is of the inner transport header. */
static void inner_l4(struct nat64_packet *pkt, const struct nat64_flow *flow,
		     __be16 old_id, __be16 new_id, bool id_first,
		     unsigned int len)
{
	struct nat64_inner *inner = &pkt->inner;
	unsigned int there = pkt->skb->len - inner->l4;
	u8 *l4 = pkt->skb->data + inner->l4;
	__wsum diff6 = csum_partial(&flow->t6, 32, 0);
	__wsum diff4 = csum_partial(&flow->t4, 8, 0);
	__wsum diff = pkt->from_v6 ? csum_sub(diff4, diff6) :
				     csum_sub(diff6, diff4);
	__wsum id_diff = nat64_diff16(old_id, new_id);

	switch (inner->kind) {
	case NAT64_KIND_TCP:
		if (there >= offsetofend(struct tcphdr, check))
			nat64_xlat_l4(false, inner->kind, l4, diff, id_diff);
		((__be16 *)l4)[!id_first] = new_id;
		break;
	case NAT64_KIND_UDP:
		if (there >= sizeof(struct udphdr) &&
		    ((struct udphdr *)l4)->check)
			nat64_xlat_l4(false, inner->kind, l4, diff, id_diff);
		((__be16 *)l4)[!id_first] = new_id;
		break;
	default: {
		struct icmphdr *ih = (struct icmphdr *)l4;
		__wsum pseudo = ~csum_unfold(csum_ipv6_magic(&flow->t6.local,
							     &flow->t6.remote,
							     len, IPPROTO_ICMPV6,
							     0));
		__wsum sum = ~csum_unfold(ih->checksum);
		__be16 type = *(__be16 *)l4;

		if (pkt->from_v6) {
			ih->type = ih->type == ICMPV6_ECHO_REQUEST ?
				   ICMP_ECHO : ICMP_ECHOREPLY;
			sum = csum_sub(sum, pseudo);
		} else {
			ih->type = ih->type == ICMP_ECHO ?
				   ICMPV6_ECHO_REQUEST : ICMPV6_ECHO_REPLY;
			sum = csum_add(sum, pseudo);
		}
		sum = csum_add(sum, nat64_diff16(type, *(__be16 *)l4));
		ih->checksum = csum_fold(csum_add(sum, id_diff));
		ih->un.echo.id = new_id;
	}
	}
}

static unsigned int device_mtu(const struct nat64_packet *pkt)
{
	return pkt->state->in ? READ_ONCE(pkt->state->in->mtu) : IP_MAX_MTU;
}

static unsigned int route_mtu(const struct nat64_packet *pkt)
{
	return pkt->dst ? dst_mtu(pkt->dst) : IP_MAX_MTU;
}

/* RFC 7915 section 5.2, packet too big */
static u32 mtu64(const struct nat64_packet *pkt, u32 mtu)
{
	unsigned int gap = sizeof(struct ipv6hdr) - sizeof(struct iphdr);

	mtu = max_t(u32, mtu, IPV6_MIN_MTU) - gap;
	mtu = min(mtu, route_mtu(pkt));
	return min_t(u32, mtu, max(device_mtu(pkt), gap + 68) - gap);
}

/* RFC 7915 section 4.2, fragmentation needed */
static u32 mtu46(const struct nat64_packet *pkt, u32 mtu, u32 tot_len)
{
	unsigned int gap = sizeof(struct ipv6hdr) - sizeof(struct iphdr);

	if (!mtu)
		mtu = nat64_icmp_plateau(tot_len);
	mtu = min3(mtu + gap, route_mtu(pkt), device_mtu(pkt) + gap);
	return max_t(u32, mtu, IPV6_MIN_MTU);
}

/**
 * nat64_xlat_error64() - make an ICMPv6 error an ICMPv4 error
 * @pkt: the error, checked by nat64_output_check()
 * @flow: addresses and ports of the packet inside
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK or the reason to drop.
 */
enum nat64_counter nat64_xlat_error64(struct nat64_packet *pkt,
				      const struct nat64_flow *flow)
{
	struct nat64_inner *inner = &pkt->inner;
	struct sk_buff *skb = pkt->skb;
	unsigned int inner_len, l4_len;
	struct nat64_icmp_map map;
	enum nat64_counter verdict;
	struct nat64_flow back;
	struct icmp6hdr *icmp6;
	struct ipv6hdr *ip6;
	struct error4 new;
	int pointer = 0;

	verdict = prepare(pkt);
	if (verdict)
		return verdict;
	icmp6 = (struct icmp6hdr *)(skb->data + pkt->l4);
	if (!nat64_icmp_map64(icmp6->icmp6_type, icmp6->icmp6_code, &map))
		return NAT64_DROP_ICMP_TYPE;
	if (map.rest == NAT64_ICMP_REST_POINTER) {
		pointer = nat64_icmp_pointer64(ntohl(icmp6->icmp6_pointer));
		if (pointer < 0)
			return NAT64_DROP_ICMP_TYPE;
	}
	if (icmp6->icmp6_type == ICMPV6_DEST_UNREACH ||
	    icmp6->icmp6_type == ICMPV6_TIME_EXCEED)
		cut_extensions(pkt, icmp6->icmp6_datagram_len, 8);

	ip6 = (struct ipv6hdr *)(skb->data + inner->l3);
	l4_len = ntohs(ip6->payload_len) + sizeof(*ip6) -
		 (inner->l4 - inner->l3);
	if (l4_len > U16_MAX - sizeof(struct iphdr))
		return NAT64_DROP_BAD_HEADER;
	inner_l4(pkt, flow, flow->t6.lport, flow->t4.lport, false, l4_len);

	memset(&new, 0, sizeof(new));
	inner_len = l4_len + sizeof(new.inner);
	/* The packet inside came from the IPv4 host. */
	back = *flow;
	swap(back.t4.local, back.t4.remote);
	nat64_xlat_make4(&new.inner, &back, ipv6_get_dsfield(ip6),
			 ip6->hop_limit, inner->kind == NAT64_KIND_QUERY ?
			 IPPROTO_ICMP : pkt->proto, inner_len);
	if (inner->frag) {
		new.inner.id = htons(ntohl(inner->frag_id));
		new.inner.frag_off = inner->frag_more ? htons(IP_MF) : 0;
	} else if (inner_len > NAT64_DF_LIMIT) {
		new.inner.frag_off = htons(IP_DF);
	}
	ip_send_check(&new.inner);

	new.icmp.type = map.type;
	new.icmp.code = map.code;
	switch (map.rest) {
	case NAT64_ICMP_REST_MTU:
		new.icmp.un.frag.mtu = htons(min_t(u32, U16_MAX,
			mtu64(pkt, ntohl(icmp6->icmp6_mtu))));
		break;
	case NAT64_ICMP_REST_POINTER:
		new.icmp.un.gateway = htonl(pointer << 24);
		break;
	}

	ip6 = ipv6_hdr(skb);
	nat64_xlat_make4(&new.ip4, flow, ipv6_get_dsfield(ip6),
			 ip6->hop_limit - !pkt->hops_paid, IPPROTO_ICMP, 0);
	*(struct error4 *)nat64_xlat_replace(skb, inner->l4, sizeof(new)) = new;
	skb_trim(skb, ERROR4_MAX);

	new.icmp.checksum = csum_fold(csum_partial(skb->data + sizeof(new.ip4),
						   skb->len - sizeof(new.ip4),
						   0));
	new.ip4.tot_len = htons(skb->len);
	__ip_select_ident(pkt->nn->net, &new.ip4, 1);
	ip_send_check(&new.ip4);
	*(struct error4 *)skb->data = new;
	nat64_xlat_finish(skb, htons(ETH_P_IP), sizeof(new.ip4));
	return NAT64_OK;
}

/*
 * The source of an error: a host or router on the IPv4 side, or, if the prefix
 * must not carry its address, ourselves, so that traceroute shows a hop.
 */
static enum nat64_counter error_source6(const struct nat64_packet *pkt,
					const struct nat64_flow *flow,
					struct in6_addr *saddr)
{
	const struct nat64_prefix *prefix;
	__be32 source = ip_hdr(pkt->skb)->saddr;

	if (source == flow->t4.remote) {
		*saddr = flow->t6.remote;
		return NAT64_OK;
	}
	if (!nat64_addr4_unicast(source))
		return NAT64_DROP_BAD_SOURCE;
	prefix = nat64_config_prefix(pkt->cfg, &flow->t6.remote);
	if (!prefix)
		return NAT64_DROP_NO_PREFIX;
	if (prefix->private || nat64_addr4_global(source)) {
		nat64_rfc6052_embed(saddr, &prefix->addr, prefix->len, source);
		return NAT64_OK;
	}
	if (ipv6_dev_get_saddr(pkt->nn->net, pkt->dst->dev, &flow->t6.local, 0,
			       saddr))
		return NAT64_DROP_NOT_GLOBAL;
	return NAT64_OK;
}

/**
 * nat64_xlat_error46() - make an ICMPv4 error an ICMPv6 error
 * @pkt: the error, checked by nat64_output_check()
 * @flow: addresses and ports of the packet inside
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK or the reason to drop.
 */
enum nat64_counter nat64_xlat_error46(struct nat64_packet *pkt,
				      const struct nat64_flow *flow)
{
	struct nat64_inner *inner = &pkt->inner;
	struct sk_buff *skb = pkt->skb;
	unsigned int l4_len, new_len;
	struct nat64_icmp_map map;
	enum nat64_counter verdict;
	struct in6_addr saddr;
	struct icmphdr *icmp;
	struct error6 new;
	struct iphdr *ip4;
	int pointer = 0;
	u8 proto;

	verdict = error_source6(pkt, flow, &saddr);
	if (!verdict)
		verdict = prepare(pkt);
	if (verdict)
		return verdict;
	icmp = (struct icmphdr *)(skb->data + pkt->l4);
	if (!nat64_icmp_map46(icmp->type, icmp->code, &map))
		return NAT64_DROP_ICMP_TYPE;
	if (map.rest == NAT64_ICMP_REST_POINTER) {
		pointer = nat64_icmp_pointer46(ntohl(icmp->un.gateway) >> 24);
		if (pointer < 0)
			return NAT64_DROP_ICMP_TYPE;
	}
	cut_extensions(pkt, icmp->un.reserved[1], 4);

	ip4 = (struct iphdr *)(skb->data + inner->l3);
	if (ntohs(ip4->tot_len) < ip4->ihl * 4)
		return NAT64_DROP_BAD_HEADER;
	l4_len = ntohs(ip4->tot_len) - ip4->ihl * 4;
	inner_l4(pkt, flow, flow->t4.lport, flow->t6.lport, true, l4_len);

	memset(&new, 0, sizeof(new));
	new_len = inner->frag ? sizeof(new) : offsetof(struct error6, frag);
	proto = inner->kind == NAT64_KIND_QUERY ? IPPROTO_ICMPV6 : pkt->proto;
	/* The packet inside came from the IPv6 host. */
	nat64_xlat_make6(&new.inner, &flow->t6.local, &flow->t6.remote,
			 ip4->tos, ip4->ttl, proto, l4_len);
	if (inner->frag) {
		new.inner.nexthdr = NEXTHDR_FRAGMENT;
		new.inner.payload_len = htons(min_t(unsigned int, U16_MAX,
						    l4_len + sizeof(new.frag)));
		new.frag.nexthdr = proto;
		new.frag.frag_off = htons(IP6_MF);
		new.frag.identification = inner->frag_id;
	}

	new.icmp6.icmp6_type = map.type;
	new.icmp6.icmp6_code = map.code;
	switch (map.rest) {
	case NAT64_ICMP_REST_MTU:
		new.icmp6.icmp6_mtu = htonl(mtu46(pkt, ntohs(icmp->un.frag.mtu),
						  ntohs(ip4->tot_len)));
		break;
	case NAT64_ICMP_REST_POINTER:
		new.icmp6.icmp6_pointer = htonl(pointer);
		break;
	case NAT64_ICMP_REST_NEXTHDR:
		new.icmp6.icmp6_pointer =
			htonl(offsetof(struct ipv6hdr, nexthdr));
		break;
	}

	ip4 = ip_hdr(skb);
	nat64_xlat_make6(&new.ip6, &saddr, &flow->t6.local, ip4->tos,
			 ip4->ttl - !pkt->hops_paid, IPPROTO_ICMPV6, 0);
	memcpy(nat64_xlat_replace(skb, inner->l4, new_len), &new, new_len);
	skb_trim(skb, ERROR6_MAX);

	l4_len = skb->len - sizeof(new.ip6);
	new.ip6.payload_len = htons(l4_len);
	new.icmp6.icmp6_cksum = csum_ipv6_magic(&new.ip6.saddr, &new.ip6.daddr,
						l4_len, IPPROTO_ICMPV6,
						csum_partial(skb->data +
							     sizeof(new.ip6),
							     l4_len, 0));
	memcpy(skb->data, &new, new_len);
	nat64_xlat_finish(skb, htons(ETH_P_IPV6), sizeof(new.ip6));
	return NAT64_OK;
}
