// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 7915 sections 4.2, 4.3, 5.2 and 5.3: ICMP errors and the packets inside
 * them.  Errors are small and rare, so they are made anew in one piece.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/inetdevice.h>
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
#include "eip.h"
#include "icmp_ext.h"
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

/* What follows the headers of an error, before and after. */
struct body {
	struct nat64_icmp_layout layout;
	u8 *ext;
	unsigned int ext_len;
	u8 made[NAT64_ICMP_EXT_SOURCE];
};

/*
 * RFC 4884: @words in front of the packet inside tells its length, in words of
 * @word octets, if extensions follow.  What there is of it ends there, or where
 * it says itself that it does: between the two is padding.
 */
static void read_body(struct nat64_packet *pkt, struct body *body,
		      unsigned int words, unsigned int word,
		      unsigned int l4_len)
{
	unsigned int end = pkt->inner.l3 + words * word;
	struct sk_buff *skb = pkt->skb;

	body->ext = NULL;
	body->ext_len = 0;
	if (words * word < NAT64_ICMP_FIELD_MIN || end < pkt->inner.l4 ||
	    end > skb->len)
		end = skb->len;
	if (skb->len - end >= NAT64_ICMP_EXT_MIN) {
		body->ext = skb->data + end;
		body->ext_len = skb->len - end;
	}
	body->layout.there = min(end - pkt->inner.l4, l4_len);
}

/*
 * Put the new headers in front, padding and extensions behind.  The body must
 * have been laid out.
 */
static int write_body(struct nat64_packet *pkt, const struct body *body,
		      const void *new, unsigned int new_len,
		      unsigned int inner_hdr)
{
	const struct nat64_icmp_layout *layout = &body->layout;
	struct sk_buff *skb = pkt->skb;
	unsigned int pad;
	u8 *ext;

	if (!layout->field) {
		memcpy(nat64_xlat_replace(skb, pkt->inner.l4, new_len), new,
		       new_len);
		skb_trim(skb, new_len + layout->there);
		return 0;
	}
	ext = kmemdup(body->ext, layout->ext, GFP_ATOMIC | __GFP_NOWARN);
	if (!ext)
		return -ENOMEM;
	pad = layout->field - inner_hdr - layout->there;
	skb_trim(skb, pkt->inner.l4 + layout->there);
	if (skb_tailroom(skb) < pad + layout->ext &&
	    pskb_expand_head(skb, 0, pad + layout->ext,
			     GFP_ATOMIC | __GFP_NOWARN)) {
		kfree(ext);
		return -ENOMEM;
	}
	skb_put_zero(skb, pad);
	skb_put_data(skb, ext, layout->ext);
	kfree(ext);
	memcpy(nat64_xlat_replace(skb, pkt->inner.l4, new_len), new, new_len);
	return 0;
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

static void inner_query(const struct nat64_packet *pkt,
			const struct nat64_flow *flow, struct icmphdr *ih,
			__be16 new_id, unsigned int len, unsigned int there)
{
	__wsum pseudo = ~csum_unfold(csum_ipv6_magic(&flow->t6.local,
						     &flow->t6.remote, len,
						     IPPROTO_ICMPV6, 0));
	__be16 old_type, new_type;
	__wsum sum;

	if (!there)
		return;
	old_type = htons(ih->type << 8);
	if (pkt->from_v6)
		ih->type = ih->type == ICMPV6_ECHO_REQUEST ? ICMP_ECHO :
							     ICMP_ECHOREPLY;
	else
		ih->type = ih->type == ICMP_ECHO ? ICMPV6_ECHO_REQUEST :
						   ICMPV6_ECHO_REPLY;
	new_type = htons(ih->type << 8);
	if (there < offsetofend(struct icmphdr, checksum))
		return;
	sum = ~csum_unfold(ih->checksum);
	sum = pkt->from_v6 ? csum_sub(sum, pseudo) : csum_add(sum, pseudo);
	sum = csum_add(sum, nat64_diff16(old_type, new_type));
	if (pkt->inner.ids) {
		sum = csum_add(sum, nat64_diff16(ih->un.echo.id, new_id));
		ih->un.echo.id = new_id;
	}
	ih->checksum = csum_fold(sum);
	if (!ih->checksum && there == len)
		nat64_xlat_query_sum(ih, csum_partial(ih, len, 0));
}

/* New ports and sums in what there is of the inner transport header. */
static void inner_l4(const struct nat64_packet *pkt,
		     const struct nat64_flow *flow, __be16 old_id,
		     __be16 new_id, bool id_first, unsigned int len,
		     unsigned int there)
{
	const struct nat64_inner *inner = &pkt->inner;
	u8 *l4 = pkt->skb->data + inner->l4;
	__wsum diff = nat64_diff_addrs(flow);

	if (inner->frag_off)
		return;
	if (inner->kind == NAT64_KIND_QUERY) {
		inner_query(pkt, flow, (struct icmphdr *)l4, new_id, len,
			    there);
		return;
	}
	if (there >= (inner->kind == NAT64_KIND_TCP ?
		      offsetofend(struct tcphdr, check) :
		      sizeof(struct udphdr)) &&
	    !(inner->kind == NAT64_KIND_UDP && !((struct udphdr *)l4)->check))
		nat64_xlat_l4(false, pkt->proto, l4,
			      pkt->from_v6 ? diff : csum_sub(0, diff),
			      nat64_diff16(old_id, new_id));
	if (inner->ids)
		((__be16 *)l4)[!id_first] = new_id;
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
	unsigned int lost = gap;

	/* What was too big had a fragment header, which IPv4 has no need of, but
	 * fragments of the same size will have it again.
	 */
	if (pkt->inner.frag)
		lost += sizeof(struct frag_hdr);
	mtu = min3(max(mtu, lost) - lost, route_mtu(pkt),
		   device_mtu(pkt) - gap);
	/* RFC 791: every link carries that much. */
	return max_t(u32, mtu, IPV4_MIN_MTU);
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

/*
 * The source of an error: a host that has an IPv4 address, or a router that has
 * none, which RFC 6791 gives one of the operator's; else ours, so that
 * traceroute shows a hop.
 */
static __be32 error_source4(const struct nat64_packet *pkt,
			    const struct nat64_flow *flow, bool *has_none)
{
	const struct in6_addr *source = &ipv6_hdr(pkt->skb)->saddr;
	const struct nat64_config *cfg = pkt->cfg;
	const struct nat64_prefix *prefix;
	const struct nat64_eip *eip;
	__be32 addr = 0;

	*has_none = false;
	if (ipv6_addr_equal(source, &flow->t6.local))
		return flow->t4.local;
	eip = nat64_eip_by_target6(cfg->eips, source);
	if (eip && eip->kind == NAT64_EIP_TO6)
		return nat64_eip_to4(eip, source);
	/* From behind the other end of a CLAT. */
	prefix = nat64_config_prefix(cfg, source);
	if (prefix) {
		addr = nat64_rfc6052_extract(source, prefix->len);
		if (nat64_addr4_unicast(addr) &&
		    (prefix->private || nat64_addr4_global(addr)))
			return addr;
		addr = 0;
	}

	*has_none = true;
	if (cfg->icmp_source)
		return cfg->icmp_source |
		       htonl(nat64_hash(source, sizeof(*source), 2) &
			     (u32)((1ULL << (32 - cfg->icmp_source_len)) - 1));
	if (pkt->dst)
		addr = inet_select_addr(pkt->dst->dev, flow->t4.remote,
					RT_SCOPE_UNIVERSE);
	return addr ?: flow->t4.local;
}

/* RFC 6146 section 3.5: a source inside a prefix, but for a CLAT here. */
static bool loops64(const struct nat64_packet *pkt)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(pkt->skb);

	return nat64_config_prefix(pkt->cfg, &ip6->saddr) &&
	       nat64_config_prefix(pkt->cfg, &ip6->daddr);
}

/* What behind the headers becomes of an ICMPv6 error. */
static void lay_out4(struct nat64_packet *pkt, struct body *body,
		     const struct nat64_icmp_map *map, bool tell_source)
{
	if (!nat64_icmp4_has_length(map->type))
		body->ext_len = 0;
	if (tell_source && !body->ext_len &&
	    (map->type == ICMP_DEST_UNREACH || map->type == ICMP_TIME_EXCEEDED)) {
		nat64_icmp_ext_source(body->made, &ipv6_hdr(pkt->skb)->saddr);
		body->ext = body->made;
		body->ext_len = sizeof(body->made);
	}
	nat64_icmp_layout(&body->layout, body->layout.there,
			  sizeof(struct iphdr), body->ext_len, 4,
			  ERROR4_MAX - offsetof(struct error4, inner));
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
	struct body body;
	bool has_none;
	int pointer = 0;
	__be32 source;

	verdict = prepare(pkt);
	if (verdict)
		return verdict;
	if (loops64(pkt))
		return NAT64_DROP_LOOP;
	icmp6 = (struct icmp6hdr *)(skb->data + pkt->l4);
	if (!nat64_icmp_map64(icmp6->icmp6_type, icmp6->icmp6_code, &map))
		return NAT64_DROP_ICMP_TYPE;
	if (map.rest == NAT64_ICMP_REST_POINTER) {
		pointer = nat64_icmp_pointer64(ntohl(icmp6->icmp6_pointer));
		if (pointer < 0)
			return NAT64_DROP_ICMP_TYPE;
	}

	ip6 = (struct ipv6hdr *)(skb->data + inner->l3);
	l4_len = ntohs(ip6->payload_len) + sizeof(*ip6) -
		 (inner->l4 - inner->l3);
	if (l4_len > U16_MAX - sizeof(struct iphdr))
		return NAT64_DROP_BAD_HEADER;
	source = error_source4(pkt, flow, &has_none);
	read_body(pkt, &body, nat64_icmp6_has_length(icmp6->icmp6_type) ?
		  icmp6->icmp6_datagram_len : 0, 8, l4_len);
	inner_l4(pkt, flow, flow->t6.lport, flow->t4.lport, false, l4_len,
		 body.layout.there);
	lay_out4(pkt, &body, &map, has_none && pkt->cfg->icmp_extension);

	memset(&new, 0, sizeof(new));
	inner_len = l4_len + sizeof(new.inner);
	/* The packet inside came from the IPv4 host. */
	back = *flow;
	swap(back.t4.local, back.t4.remote);
	nat64_xlat_make4(&new.inner, &back, ipv6_get_dsfield(ip6),
			 ip6->hop_limit, pkt->proto, inner_len);
	if (inner->frag) {
		new.inner.id = htons(ntohl(inner->frag_id));
		new.inner.frag_off = htons(inner->frag_off / 8 |
					   (inner->frag_more ? IP_MF : 0));
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
	new.icmp.un.reserved[1] |= body.layout.field / 4;

	ip6 = ipv6_hdr(skb);
	nat64_xlat_make4(&new.ip4, flow,
			 nat64_xlat_tos(pkt->cfg->tos, ipv6_get_dsfield(ip6)),
			 ip6->hop_limit - !pkt->hops_paid, IPPROTO_ICMP, 0);
	new.ip4.saddr = source;
	if (write_body(pkt, &body, &new, sizeof(new), sizeof(new.inner)))
		return NAT64_DROP_NO_MEMORY;

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
	const struct nat64_eip *eip;
	__be32 source = ip_hdr(pkt->skb)->saddr;

	if (source == flow->t4.remote) {
		*saddr = flow->t6.remote;
		return NAT64_OK;
	}
	if (!nat64_addr4_unicast(source))
		return NAT64_DROP_BAD_SOURCE;
	eip = nat64_eip_find(pkt->cfg->eips, source);
	if (eip && eip->kind == NAT64_EIP_CLAT_HOST) {
		nat64_eip_to6(eip, source, saddr);
		return NAT64_OK;
	}
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
	unsigned int inner_hdr;
	struct error6 new;
	struct iphdr *ip4;
	struct body body;
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
	ip4 = (struct iphdr *)(skb->data + inner->l3);
	if (ntohs(ip4->tot_len) < ip4->ihl * 4)
		return NAT64_DROP_BAD_HEADER;
	l4_len = ntohs(ip4->tot_len) - ip4->ihl * 4;
	read_body(pkt, &body, nat64_icmp4_has_length(icmp->type) ?
		  icmp->un.reserved[1] : 0, 4, l4_len);
	inner_l4(pkt, flow, flow->t4.lport, flow->t6.lport, true, l4_len,
		 body.layout.there);
	new_len = inner->frag ? sizeof(new) : offsetof(struct error6, frag);
	inner_hdr = new_len - offsetof(struct error6, inner);
	nat64_icmp_layout(&body.layout, body.layout.there, inner_hdr,
			  nat64_icmp6_has_length(map.type) ? body.ext_len : 0,
			  8, ERROR6_MAX - offsetof(struct error6, inner));

	memset(&new, 0, sizeof(new));
	proto = pkt->proto == IPPROTO_ICMP ? IPPROTO_ICMPV6 : pkt->proto;
	/* The packet inside came from the IPv6 host. */
	nat64_xlat_make6(&new.inner, &flow->t6.local, &flow->t6.remote,
			 ip4->tos, ip4->ttl, proto, l4_len);
	if (inner->frag) {
		new.inner.nexthdr = NEXTHDR_FRAGMENT;
		new.inner.payload_len = htons(min_t(unsigned int, U16_MAX,
						    l4_len + sizeof(new.frag)));
		new.frag.nexthdr = proto;
		new.frag.frag_off = htons(inner->frag_off |
					  (inner->frag_more ? IP6_MF : 0));
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
	new.icmp6.icmp6_datagram_len |= body.layout.field / 8;

	ip4 = ip_hdr(skb);
	nat64_xlat_make6(&new.ip6, &saddr, &flow->t6.local,
			 nat64_xlat_tos(pkt->cfg->tclass, ip4->tos),
			 ip4->ttl - !pkt->hops_paid, IPPROTO_ICMPV6, 0);
	if (write_body(pkt, &body, &new, new_len, inner_hdr))
		return NAT64_DROP_NO_MEMORY;

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
