// SPDX-License-Identifier: GPL-2.0
/*
 * One parse of a packet: addresses, ports, what it carries, and of an ICMP
 * error the packet inside.  Nothing is written and nothing is moved, so a
 * packet that turns out not to be ours goes on as it came.
 */
#include <linux/dccp.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "config.h"
#include "packet.h"
#include "tcp.h"

/* Where a chain of IPv6 extension headers ends. */
struct exthdr_end {
	unsigned int off;
	u8 proto;
	bool frag;
	__be16 frag_off;
	__be32 frag_id;
};

/*
 * RFC 7915 section 5.1: hop-by-hop and destination options are skipped, a
 * routing header too unless it has segments left.
 */
static enum nat64_counter skip_exthdrs(struct nat64_packet *pkt,
				       unsigned int l3, u8 proto,
				       struct exthdr_end *end)
{
	struct sk_buff *skb = pkt->skb;
	unsigned int off = l3 + sizeof(struct ipv6hdr);
	unsigned int i;

	end->frag = false;
	for (i = 0; i <= NAT64_EXTHDR_MAX; i++) {
		struct frag_hdr *frag, _frag;
		struct ipv6_rt_hdr *rt, _rt;
		struct ipv6_opt_hdr *opt, _opt;

		switch (proto) {
		case NEXTHDR_ROUTING:
			rt = skb_header_pointer(skb, off, sizeof(_rt), &_rt);
			if (!rt)
				return NAT64_DROP_BAD_HEADER;
			if (rt->segments_left) {
				pkt->info = off - l3 +
					offsetof(struct ipv6_rt_hdr,
						 segments_left);
				return NAT64_DROP_ROUTING_HEADER;
			}
			fallthrough;
		case NEXTHDR_HOP:
		case NEXTHDR_DEST:
			opt = skb_header_pointer(skb, off, sizeof(_opt), &_opt);
			if (!opt)
				return NAT64_DROP_BAD_HEADER;
			/* Behind a fragment header an extension header would
			 * have to go into the IPv4 payload.
			 */
			if (end->frag)
				return NAT64_DROP_FRAGMENT;
			proto = opt->nexthdr;
			off += ipv6_optlen(opt);
			break;
		case NEXTHDR_FRAGMENT:
			frag = skb_header_pointer(skb, off, sizeof(_frag),
						  &_frag);
			if (!frag || end->frag)
				return NAT64_DROP_BAD_HEADER;
			end->frag = true;
			end->frag_off = frag->frag_off;
			end->frag_id = frag->identification;
			proto = frag->nexthdr;
			off += sizeof(*frag);
			break;
		default:
			end->off = off;
			end->proto = proto;
			return NAT64_OK;
		}
	}
	return NAT64_DROP_BAD_HEADER;
}

/*
 * What would mean something else to IPv6 than it did to IPv4, and IGMP, which
 * does not leave a link (RFC 7915 section 4.2).
 */
static bool only4_protocol(u8 proto)
{
	switch (proto) {
	case IPPROTO_IGMP:
	case NEXTHDR_HOP:
	case NEXTHDR_ROUTING:
	case NEXTHDR_FRAGMENT:
	case NEXTHDR_ICMP:
	case NEXTHDR_DEST:
		return true;
	}
	return false;
}

/* The ports of a TCP or UDP header, or the id of an ICMP query. */
struct l4_ids {
	__be16 src;
	__be16 dst;
};

static bool read_ids(const struct sk_buff *skb, unsigned int off,
		     enum nat64_kind kind, struct l4_ids *ids)
{
	struct l4_ids *p;

	if (kind != NAT64_KIND_QUERY) {
		p = skb_header_pointer(skb, off, sizeof(*ids), ids);
		if (!p)
			return false;
		*ids = *p;
		return true;
	}
	p = skb_header_pointer(skb, off + offsetof(struct icmphdr, un.echo.id),
			       sizeof(*ids), ids);
	if (!p)
		return false;
	/* Id and sequence number: only the id tells sessions apart. */
	ids->src = p->src;
	ids->dst = 0;
	return true;
}

static enum nat64_counter parse_tcp(struct nat64_packet *pkt,
				    struct l4_ids *ids)
{
	struct tcphdr *th, _th;

	th = skb_header_pointer(pkt->skb, pkt->l4, sizeof(_th), &_th);
	if (!th || th->doff < sizeof(*th) / 4 ||
	    th->doff * 4 > pkt->skb->len - pkt->l4)
		return NAT64_DROP_BAD_HEADER;
	*ids = (struct l4_ids){ th->source, th->dest };
	pkt->kind = NAT64_KIND_TCP;
	pkt->event = nat64_tcp_event(pkt->from_v6, th->syn, th->fin, th->rst);
	return NAT64_OK;
}

static enum nat64_counter parse_udp(struct nat64_packet *pkt,
				    struct l4_ids *ids)
{
	struct udphdr *uh, _uh;
	unsigned int len;

	uh = skb_header_pointer(pkt->skb, pkt->l4, sizeof(_uh), &_uh);
	if (!uh)
		return NAT64_DROP_BAD_HEADER;
	len = ntohs(uh->len);
	if (len < sizeof(*uh) || len > pkt->skb->len - pkt->l4)
		return NAT64_DROP_BAD_HEADER;
	/* RFC 8200 section 8.1: a checksum is a must in IPv6. */
	if (!uh->check && !pkt->partial &&
	    (pkt->from_v6 || !pkt->cfg->udp_zero_checksum))
		return NAT64_DROP_UDP_ZERO_CHECKSUM;
	*ids = (struct l4_ids){ uh->source, uh->dest };
	pkt->kind = NAT64_KIND_UDP;
	return NAT64_OK;
}

/*
 * What the packet inside carries, and the ports if it reaches that far: for a
 * one to one mapping the addresses do.
 */
static enum nat64_counter inner_kind(struct nat64_packet *pkt, u8 proto,
				     struct l4_ids *ids)
{
	struct nat64_inner *inner = &pkt->inner;
	u8 *type, _type;

	*ids = (struct l4_ids){};
	inner->kind = NAT64_KIND_OTHER;
	inner->ids = false;
	pkt->proto = proto;
	if (inner->frag_off)
		return NAT64_OK;
	switch (proto) {
	case IPPROTO_TCP:
		inner->kind = NAT64_KIND_TCP;
		break;
	case IPPROTO_UDP:
		inner->kind = NAT64_KIND_UDP;
		break;
	case IPPROTO_ICMP:
		inner->kind = NAT64_KIND_QUERY;
		type = skb_header_pointer(pkt->skb, inner->l4, sizeof(_type),
					  &_type);
		if (!type)
			return NAT64_OK;
		if (pkt->from_v6 ? *type != ICMPV6_ECHO_REQUEST &&
				   *type != ICMPV6_ECHO_REPLY :
				   *type != ICMP_ECHO && *type != ICMP_ECHOREPLY)
			return NAT64_DROP_ICMP_TYPE;
		break;
	default:
		return NAT64_OK;
	}
	inner->ids = read_ids(pkt->skb, inner->l4, inner->kind, ids);
	return NAT64_OK;
}

/*
 * An error speaks of a packet that we sent, so the host behind us is its
 * destination in an IPv6 error.
 */
static enum nat64_counter parse_inner6(struct nat64_packet *pkt)
{
	struct nat64_inner *inner = &pkt->inner;
	struct ipv6hdr *ip6, _ip6;
	enum nat64_counter verdict;
	struct exthdr_end end;
	struct l4_ids ids;

	inner->l3 = pkt->l4 + sizeof(struct icmp6hdr);
	ip6 = skb_header_pointer(pkt->skb, inner->l3, sizeof(_ip6), &_ip6);
	if (!ip6 || ip6->version != 6)
		return NAT64_DROP_BAD_HEADER;
	pkt->t6.local = ip6->daddr;
	pkt->t6.remote = ip6->saddr;
	verdict = skip_exthdrs(pkt, inner->l3, ip6->nexthdr, &end);
	/* Segments left are no fault of the error. */
	if (verdict == NAT64_DROP_ROUTING_HEADER)
		return NAT64_DROP_BAD_HEADER;
	if (verdict)
		return verdict;
	if (end.off > pkt->skb->len || end.proto == IPPROTO_ICMP)
		return NAT64_DROP_BAD_HEADER;
	inner->frag = end.frag;
	inner->frag_off = end.frag ? ntohs(end.frag_off) & IP6_OFFSET : 0;
	inner->frag_more = end.frag && (end.frag_off & htons(IP6_MF));
	inner->frag_id = end.frag_id;
	inner->l4 = end.off;
	verdict = inner_kind(pkt, end.proto == IPPROTO_ICMPV6 ? IPPROTO_ICMP :
							       end.proto, &ids);
	if (verdict)
		return verdict;
	/* RFC 5508 REQ-4: an error goes to the source of what it is about. */
	if (!ipv6_addr_equal(&ipv6_hdr(pkt->skb)->daddr, &pkt->t6.remote))
		return NAT64_DROP_BAD_HEADER;
	pkt->t6.lport = inner->kind == NAT64_KIND_QUERY ? ids.src : ids.dst;
	pkt->t6.rport = inner->kind == NAT64_KIND_QUERY ? 0 : ids.src;
	return NAT64_OK;
}

/* In an IPv4 error the host behind us is the source of the packet inside. */
static enum nat64_counter parse_inner4(struct nat64_packet *pkt)
{
	struct nat64_inner *inner = &pkt->inner;
	struct iphdr *ip4, _ip4;
	enum nat64_counter verdict;
	struct l4_ids ids;

	inner->l3 = pkt->l4 + sizeof(struct icmphdr);
	ip4 = skb_header_pointer(pkt->skb, inner->l3, sizeof(_ip4), &_ip4);
	if (!ip4 || ip4->version != 4 || ip4->ihl < 5)
		return NAT64_DROP_BAD_HEADER;
	if (only4_protocol(ip4->protocol))
		return NAT64_DROP_BAD_HEADER;
	pkt->t4.local = ip4->saddr;
	pkt->t4.remote = ip4->daddr;
	inner->frag_off = (ntohs(ip4->frag_off) & IP_OFFSET) * 8;
	inner->frag_more = ip4->frag_off & htons(IP_MF);
	inner->frag = inner->frag_more || inner->frag_off;
	inner->frag_id = htonl(ntohs(ip4->id));
	inner->l4 = inner->l3 + ip4->ihl * 4;
	if (inner->l4 > pkt->skb->len)
		return NAT64_DROP_BAD_HEADER;
	verdict = inner_kind(pkt, ip4->protocol, &ids);
	if (verdict)
		return verdict;
	if (ip_hdr(pkt->skb)->daddr != pkt->t4.local)
		return NAT64_DROP_BAD_HEADER;
	pkt->t4.lport = ids.src;
	pkt->t4.rport = ids.dst;
	return NAT64_OK;
}

/* Of a query only the id tells sessions apart, not the sequence number. */
static enum nat64_counter parse_icmp(struct nat64_packet *pkt,
				     struct l4_ids *ids)
{
	struct icmphdr *ih, _ih;

	BUILD_BUG_ON(sizeof(struct icmphdr) != sizeof(struct icmp6hdr));
	ih = skb_header_pointer(pkt->skb, pkt->l4, sizeof(_ih), &_ih);
	if (!ih)
		return NAT64_DROP_BAD_HEADER;
	if (pkt->from_v6) {
		switch (ih->type) {
		case ICMPV6_ECHO_REQUEST:
		case ICMPV6_ECHO_REPLY:
			pkt->kind = NAT64_KIND_QUERY;
			ids->src = ih->un.echo.id;
			return NAT64_OK;
		case ICMPV6_DEST_UNREACH:
		case ICMPV6_PKT_TOOBIG:
		case ICMPV6_TIME_EXCEED:
		case ICMPV6_PARAMPROB:
			pkt->kind = NAT64_KIND_ERROR;
			pkt->frag_max = 0;
			return parse_inner6(pkt);
		}
	} else {
		switch (ih->type) {
		case ICMP_ECHO:
		case ICMP_ECHOREPLY:
			pkt->kind = NAT64_KIND_QUERY;
			ids->src = ih->un.echo.id;
			return NAT64_OK;
		case ICMP_DEST_UNREACH:
		case ICMP_TIME_EXCEEDED:
		case ICMP_PARAMETERPROB:
			pkt->kind = NAT64_KIND_ERROR;
			pkt->frag_max = 0;
			return parse_inner4(pkt);
		}
	}
	return NAT64_DROP_ICMP_TYPE;
}

/*
 * A guest behind a tap device tells its offloads in a header that nobody has
 * checked against the packet.
 */
static bool offload_sane(const struct nat64_packet *pkt)
{
	const struct sk_buff *skb = pkt->skb;
	unsigned int type = skb_shinfo(skb)->gso_type;
	int behind;

	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		/*
		 * It is that of a header inside, if not our own: a sum elsewhere would be
		 * put where we have put a port.
		 */
		behind = skb_checksum_start_offset(skb) - (int)pkt->l4;
		if (behind && (behind < (pkt->proto == IPPROTO_TCP ?
					 (int)sizeof(struct tcphdr) :
					 (int)sizeof(struct udphdr)) ||
			       /* What is cut has it in its own. */
			       skb_is_gso(skb)))
			return false;
		if (!behind &&
		    ((pkt->proto == IPPROTO_TCP &&
		      skb->csum_offset != offsetof(struct tcphdr, check)) ||
		     (pkt->proto == IPPROTO_UDP &&
		      skb->csum_offset != offsetof(struct udphdr, check))))
			return false;
	}
	if (!skb_is_gso(skb))
		return true;
	/* Somebody else has put it together of fragments to be cut. */
	if (pkt->frag_max)
		return false;
	switch (pkt->proto) {
	case IPPROTO_SCTP:
		return type & SKB_GSO_SCTP;
	case IPPROTO_TCP:
		return type & (pkt->from_v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4);
	case IPPROTO_UDP:
		return type & (SKB_GSO_UDP | SKB_GSO_UDP_L4);
	}
	return false;
}

/* Protocols without ports for us, but with a checksum for us to mend. */
static bool other_sane(const struct nat64_packet *pkt)
{
	unsigned int there = pkt->skb->len - pkt->l4, claimed;
	struct dccp_hdr *dh, _dh;
	struct udphdr *uh, _uh;

	switch (pkt->proto) {
	case IPPROTO_UDPLITE:
		uh = skb_header_pointer(pkt->skb, pkt->l4, sizeof(_uh), &_uh);
		if (!uh)
			return false;
		/* RFC 3828 section 3.1: the coverage, 0 for all */
		claimed = ntohs(uh->len);
		return !claimed || (claimed >= sizeof(*uh) && claimed <= there);
	case IPPROTO_DCCP:
		dh = skb_header_pointer(pkt->skb, pkt->l4, sizeof(_dh), &_dh);
		return dh && dh->dccph_doff * 4 >= sizeof(*dh) &&
		       dh->dccph_doff * 4 <= there;
	}
	return true;
}

/* What it carries and, unless it is an error, its own ports. */
static enum nat64_counter parse_l4(struct nat64_packet *pkt,
				   struct l4_ids *ids)
{
	*ids = (struct l4_ids){};
	if (!offload_sane(pkt))
		return NAT64_DROP_BAD_OFFLOAD;
	pkt->partial = pkt->skb->ip_summed == CHECKSUM_PARTIAL &&
		       skb_checksum_start_offset(pkt->skb) == pkt->l4;
	switch (pkt->proto) {
	case IPPROTO_TCP:
		return parse_tcp(pkt, ids);
	case IPPROTO_UDP:
		return parse_udp(pkt, ids);
	case IPPROTO_ICMP:
		return parse_icmp(pkt, ids);
	}
	pkt->kind = NAT64_KIND_OTHER;
	return other_sane(pkt) ? NAT64_OK : NAT64_DROP_BAD_HEADER;
}

/**
 * nat64_packet_parse6() - read an IPv6 packet
 * @pkt: nn, cfg, state, skb and frag_max are set, the rest is filled in
 *
 * Context: RCU.
 * Return: NAT64_OK or why the packet cannot be translated.
 */
enum nat64_counter nat64_packet_parse6(struct nat64_packet *pkt)
{
	struct sk_buff *skb = pkt->skb;
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	enum nat64_counter verdict;
	struct exthdr_end end;
	struct l4_ids ids;

	pkt->from_v6 = true;
	pkt->t6.local = ip6->saddr;
	pkt->t6.remote = ip6->daddr;

	pkt->l4 = sizeof(*ip6);
	pkt->proto = ip6->nexthdr;
	if (nat64_packet_has_exthdr(ip6)) {
		verdict = skip_exthdrs(pkt, 0, ip6->nexthdr, &end);
		if (verdict)
			return verdict;
		if (end.frag && (end.frag_off & htons(IP6_OFFSET | IP6_MF)))
			return NAT64_DROP_FRAGMENT;
		if (end.off > skb->len || end.off > U16_MAX)
			return NAT64_DROP_BAD_HEADER;
		pkt->l4 = end.off;
		pkt->proto = end.proto;
	}
	if (pkt->proto == IPPROTO_ICMP)
		return NAT64_DROP_UNKNOWN_PROTOCOL;
	if (pkt->proto == IPPROTO_ICMPV6)
		pkt->proto = IPPROTO_ICMP;

	verdict = parse_l4(pkt, &ids);
	if (verdict)
		return verdict;
	if (pkt->kind != NAT64_KIND_ERROR) {
		pkt->t6.lport = ids.src;
		pkt->t6.rport = ids.dst;
	}
	pkt->t6.proto = pkt->proto;
	return NAT64_OK;
}

/* RFC 7915 section 4.1: an unexpired source route is not translated. */
static bool has_source_route(const struct iphdr *ip4)
{
	const u8 *opt = (const u8 *)(ip4 + 1);
	int left = ip4->ihl * 4 - sizeof(*ip4);

	while (left > 0) {
		int len;

		if (opt[0] == IPOPT_END)
			break;
		len = opt[0] == IPOPT_NOOP ? 1 : left > 1 ? opt[1] : 0;
		if (len < 1 || len > left || (len == 1 && opt[0] != IPOPT_NOOP))
			break;
		if ((opt[0] == IPOPT_LSRR || opt[0] == IPOPT_SSRR) &&
		    len >= 3 && opt[2] <= len)
			return true;
		opt += len;
		left -= len;
	}
	return false;
}

/**
 * nat64_packet_parse4() - read an IPv4 packet
 * @pkt: nn, cfg, state, skb and frag_max are set, the rest is filled in
 *
 * Context: RCU.
 * Return: NAT64_OK or why the packet cannot be translated.
 */
enum nat64_counter nat64_packet_parse4(struct nat64_packet *pkt)
{
	struct sk_buff *skb = pkt->skb;
	const struct iphdr *ip4 = ip_hdr(skb);
	enum nat64_counter verdict;
	struct l4_ids ids;

	pkt->from_v6 = false;
	pkt->df = ip4->frag_off & htons(IP_DF);
	pkt->l4 = ip4->ihl * 4;
	pkt->proto = ip4->protocol;
	pkt->t4.local = ip4->daddr;
	pkt->t4.remote = ip4->saddr;

	if (ip_is_fragment(ip4))
		return NAT64_DROP_FRAGMENT;
	if (only4_protocol(ip4->protocol))
		return NAT64_DROP_UNKNOWN_PROTOCOL;
	if (has_source_route(ip4))
		return NAT64_DROP_SOURCE_ROUTE;
	verdict = parse_l4(pkt, &ids);
	if (verdict)
		return verdict;
	if (pkt->kind != NAT64_KIND_ERROR) {
		pkt->t4.lport = pkt->kind == NAT64_KIND_QUERY ? ids.src :
								ids.dst;
		pkt->t4.rport = pkt->kind == NAT64_KIND_QUERY ? 0 : ids.src;
	}
	pkt->t4.proto = pkt->proto;
	return NAT64_OK;
}

/**
 * nat64_packet_opens() - is this a TCP SYN that begins a connection?
 * @pkt: the packet, parsed
 */
bool nat64_packet_opens(const struct nat64_packet *pkt)
{
	struct tcphdr *th, _th;

	if (pkt->kind != NAT64_KIND_TCP)
		return false;
	th = skb_header_pointer(pkt->skb, pkt->l4, sizeof(_th), &_th);
	return th && th->syn && !th->ack && !th->rst && !th->fin;
}
