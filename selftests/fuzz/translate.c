// SPDX-License-Identifier: GPL-2.0
/*
 * A packet of octets that anyone may send, through the parser and the translators,
 * for libFuzzer.  What comes out must be a packet: its lengths those of what is
 * there, its header's checksum right, and the transport's, too, if it was before.
 */
#include "../../kmod/config.h"
#include "../../kmod/eip.h"
#include "../../kmod/nat64.h"
#include "../../kmod/packet.h"
#include "../../kmod/xlat.h"

#define ROOM_MAX 64
#define LACKS_SHIFT 6

/* How the packet comes, in front of it */
struct how {
	u8 from_v6 : 1;
	u8 hops_paid : 1;
	u8 came_in_fragments : 1;
	u8 mend : 1;		/* its transport checksum before, or offload */
	u8 meddle : 1;		/* somebody shares the page of its rest */
	u8 partial : 1;
	u8 gso : 1;
	u8 zero_checksum : 1;
	u8 headroom;		/* and above ROOM_MAX which allocation fails */
	u8 head_len;		/* of the packet, behind its IP header */
	u8 options;
	u8 csum_start;
	u8 csum_offset;
	u8 gso_type;
	u8 link_mtu;
} __packed;

hsiphash_key_t nat64_hash_secret;
unsigned int nat64_net_id;
u64 nat64_hash4_secret[2];

unsigned int memory_lacks;

/* Of all inputs so many became a packet of the other family. */
unsigned long translated;

static const struct in6_addr client = {
	{ { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 } }
};

static const struct in6_addr prefix = {
	{ { 0x00, 0x64, 0xff, 0x9b } }
};

static struct nat64_eip eip = { .kind = NAT64_EIP_TO6 };

/* One host in four has an EIP. */
struct nat64_eip *nat64_eip_find(struct nat64_eips *eips, __be32 addr)
{
	return addr & htonl(3) ? NULL : &eip;
}

struct nat64_eip *nat64_eip_by_target6(struct nat64_eips *eips,
				       const struct in6_addr *target)
{
	return target->s6_addr[15] & 3 ? NULL : &eip;
}

void nat64_eip_to6(const struct nat64_eip *e, __be32 addr, struct in6_addr *target)
{
	*target = client;
	target->s6_addr32[2] = addr;
}

__be32 nat64_eip_to4(const struct nat64_eip *e, const struct in6_addr *target)
{
	return target->s6_addr32[3];
}

/* What reaches the hook the kernel has looked at: IP header and lengths. */
static bool came4(const u8 *data, unsigned int *len, unsigned int *hdr)
{
	const struct iphdr *ip4 = (const struct iphdr *)data;

	if (*len < sizeof(*ip4) || ip4->version != 4 || ip4->ihl < 5)
		return false;
	*hdr = ip4->ihl * 4;
	if (ntohs(ip4->tot_len) < *hdr || ntohs(ip4->tot_len) > *len)
		return false;
	*len = ntohs(ip4->tot_len);
	return true;
}

static bool came6(const u8 *data, unsigned int *len, unsigned int *hdr)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)data;

	*hdr = sizeof(*ip6);
	if (*len < *hdr || ip6->version != 6 ||
	    ntohs(ip6->payload_len) > *len - *hdr)
		return false;
	*len = ntohs(ip6->payload_len) + *hdr;
	return true;
}

static void make_skb(struct sk_buff *skb, const u8 *data, unsigned int len,
		     unsigned int hdr, const struct how *how)
{
	unsigned int headroom = how->headroom % ROOM_MAX;
	unsigned int head_len = min(hdr + how->head_len, len);

	*skb = (struct sk_buff){ .len = len, .data_len = len - head_len };
	skb->head = malloc(headroom + head_len);
	skb->data = skb->head + headroom;
	skb->end = skb->data + head_len;
	memcpy(skb->data, data, head_len);
	if (skb->data_len) {
		skb->rest = malloc(skb->data_len);
		memcpy(skb->rest, data + head_len, skb->data_len);
	}
	skb->protocol = htons(how->from_v6 ? ETH_P_IPV6 : ETH_P_IP);
	/* The kernel has checked that there is room for the sum. */
	if (how->partial &&
	    hdr + how->csum_start + how->csum_offset + 2 <= head_len) {
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = headroom + hdr + how->csum_start;
		skb->csum_offset = how->csum_offset;
	}
	if (how->gso) {
		skb->shinfo.gso_size = 1 + how->gso_type * 5;
		skb->shinfo.gso_type = how->gso_type & 1 ? SKB_GSO_TCPV4 :
				       how->gso_type & 2 ? SKB_GSO_TCPV6 :
							   SKB_GSO_UDP_L4;
	}
}

/* Where the checksum of a transport header is, or -1. */
static int sum_offset(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return offsetof(struct tcphdr, check);
	case IPPROTO_UDP:
		return offsetof(struct udphdr, check);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return offsetof(struct icmphdr, checksum);
	}
	return -1;
}

/* Of a whole transport packet with its checksum: zero if that is right. */
static u16 wrong_by(const struct sk_buff *skb, unsigned int l4, u8 proto)
{
	unsigned int len = skb->len - l4;
	__wsum sum;

	if (proto == IPPROTO_UDP) {
		struct udphdr uh;

		skb_get(skb, l4, &uh, sizeof(uh));
		len = ntohs(uh.len);
	}
	sum = skb_checksum(skb, l4, len, 0);
	if (skb->protocol == htons(ETH_P_IPV6))
		return csum_ipv6_magic(&ipv6_hdr(skb)->saddr,
				       &ipv6_hdr(skb)->daddr, len, proto, sum);
	if (proto == IPPROTO_ICMP)
		return csum_fold(sum);
	return csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, len,
				 proto, sum);
}

static void put(struct sk_buff *skb, unsigned int off, const void *from,
		unsigned int len)
{
	const u8 *octet = from;

	for (; len--; off++, octet++) {
		if (off < skb_headlen(skb))
			skb->data[off] = *octet;
		else
			skb->rest[off - skb_headlen(skb)] = *octet;
	}
}

static void mend(struct sk_buff *skb, unsigned int l4, u8 proto)
{
	int off = sum_offset(proto);
	__sum16 sum = 0;

	if (off < 0 || l4 + off + sizeof(sum) > skb->len)
		return;
	put(skb, l4 + off, &sum, sizeof(sum));
	sum = wrong_by(skb, l4, proto);
	if (!sum && proto == IPPROTO_UDP)
		sum = CSUM_MANGLED_0;
	put(skb, l4 + off, &sum, sizeof(sum));
}

/* As a host that leaves the sum to its interface. */
static bool offload(struct sk_buff *skb, unsigned int l4, u8 proto)
{
	int off = sum_offset(proto);
	struct udphdr uh;
	__sum16 sum;

	/* The host knows how long its datagram is; ICMP is not offloaded. */
	if (off < 0 || proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6 ||
	    (proto == IPPROTO_UDP &&
			(!skb_get(skb, l4, &uh, sizeof(uh)) ||
			 ntohs(uh.len) != skb->len - l4)))
		return false;
	if (skb->protocol == htons(ETH_P_IPV6))
		sum = ~csum_ipv6_magic(&ipv6_hdr(skb)->saddr,
				       &ipv6_hdr(skb)->daddr, skb->len - l4,
				       proto, 0);
	else
		sum = ~csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr,
					 skb->len - l4, proto, 0);
	put(skb, l4 + off, &sum, sizeof(sum));
	return true;
}

static void make_flow(const struct nat64_packet *pkt, struct nat64_flow *flow)
{
	*flow = (struct nat64_flow){};
	if (pkt->from_v6) {
		flow->t6 = pkt->t6;
		flow->t4.proto = pkt->t6.proto;
		flow->t4.local = htonl(0xc6336401);
		flow->t4.remote = pkt->t6.remote.s6_addr32[3];
		flow->t4.lport = pkt->kind == NAT64_KIND_OTHER ?
				 pkt->t6.lport : htons(40000);
		flow->t4.rport = pkt->t6.rport;
	} else {
		flow->t4 = pkt->t4;
		flow->t6.proto = pkt->t4.proto;
		flow->t6.local = client;
		flow->t6.remote = prefix;
		flow->t6.remote.s6_addr32[3] = pkt->t4.remote;
		flow->t6.lport = pkt->kind == NAT64_KIND_OTHER ?
				 pkt->t4.lport : htons(2000);
		flow->t6.rport = pkt->t4.rport;
	}
}

static enum nat64_counter translate(struct nat64_packet *pkt,
				    const struct nat64_flow *flow)
{
	if (pkt->kind == NAT64_KIND_ERROR)
		return pkt->from_v6 ? nat64_xlat_error64(pkt, flow) :
				      nat64_xlat_error46(pkt, flow);
	return pkt->from_v6 ? nat64_xlat64(pkt, flow) :
			      nat64_xlat46(pkt, flow);
}

static void check_lengths(const struct sk_buff *skb, bool to_v6)
{
	const struct iphdr *ip4 = ip_hdr(skb);

	if (to_v6) {
		assert(skb->protocol == htons(ETH_P_IPV6));
		assert(ipv6_hdr(skb)->version == 6);
		assert((u16)(ntohs(ipv6_hdr(skb)->payload_len) + sizeof(struct ipv6hdr)) ==
		       (u16)skb->len);
		assert(skb->transport_header == sizeof(struct ipv6hdr));
		return;
	}
	assert(skb->protocol == htons(ETH_P_IP));
	assert(ip4->version == 4 && ip4->ihl == 5);
	assert(ntohs(ip4->tot_len) == skb->len);
	assert(!csum_fold(csum_partial(ip4, sizeof(*ip4), 0)));
	assert(skb->transport_header == sizeof(*ip4));
}

/* What the interface that it leaves by is to do must be possible. */
static void check_offloads(struct sk_buff *skb, bool to_v6)
{
	if (skb_is_gso(skb))
		assert(!(skb->shinfo.gso_type &
			 (to_v6 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6)));
	memory_lacks = 0;
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		assert(skb_checksum_start_offset(skb) >= skb->transport_header);
		skb_checksum_help(skb);
	}
}

static void check_sum(const struct sk_buff *skb, u8 proto)
{
	if (sum_offset(proto) >= 0)
		assert(!wrong_by(skb, skb->transport_header, proto));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct nat64_config cfg;
	static struct nat64_net nn;
	const struct how *how = (const struct how *)data;
	unsigned int len = size - sizeof(*how), hdr;
	struct net_device dev = { .mtu = 1500, .room = 16 };
	struct nf_hook_state state = { .in = &dev, .out = &dev };
	struct dst_entry dst = { .dev = &dev };
	enum nat64_counter verdict;
	struct nat64_packet pkt;
	struct nat64_flow flow;
	bool right, lacks;
	struct sk_buff skb;
	u8 proto;

	if (size < sizeof(*how) || size > sizeof(*how) + IP_MAX_MTU)
		return 0;
	data += sizeof(*how);
	if (!(how->from_v6 ? came6(data, &len, &hdr) : came4(data, &len, &hdr)))
		return 0;
	make_skb(&skb, data, len, hdr, how);

	cfg.udp_zero_checksum = how->zero_checksum;
	cfg.lowest_ipv6_mtu = IPV6_MIN_MTU;
	cfg.tos = how->options & 1 ? NAT64_CONFIG_COPY : how->options;
	cfg.tclass = cfg.tos;
	cfg.icmp_source = how->options & 2 ? htonl(0xcb007100) : 0;
	cfg.icmp_source_len = 24;
	cfg.icmp_extension = how->options >> 2 & 1;
	cfg.prefix_count = 1;
	cfg.prefixes[0] = (struct nat64_prefix){
		.addr = prefix, .mask = { ~0ULL, htonl(~0) }, .len = 96,
		.private = how->options & 8,
	};
	dst.mtu = 1280 + how->link_mtu;
	pkt = (struct nat64_packet){
		.nn = &nn, .cfg = &cfg, .state = &state, .skb = &skb,
		.hops_paid = how->hops_paid, .dst = &dst,
		.frag_max = how->came_in_fragments ? 1280 : 0,
	};
	verdict = how->from_v6 ? nat64_packet_parse6(&pkt) :
				 nat64_packet_parse4(&pkt);
	if (verdict)
		goto free;

	/* Of an error pkt.proto is that of the packet inside. */
	proto = pkt.kind != NAT64_KIND_ERROR ? pkt.proto : IPPROTO_ICMP;
	if (how->from_v6 && proto == IPPROTO_ICMP)
		proto = IPPROTO_ICMPV6;
	if (how->mend && skb.ip_summed != CHECKSUM_PARTIAL)
		mend(&skb, pkt.l4, proto);
	if (skb.ip_summed == CHECKSUM_PARTIAL)
		right = how->mend && pkt.partial &&
			offload(&skb, pkt.l4, proto);
	else
		right = sum_offset(proto) >= 0 && !wrong_by(&skb, pkt.l4, proto);
	make_flow(&pkt, &flow);
	if (how->meddle && skb.data_len) {
		skb.rest[how->csum_start % skb.data_len] ^= how->csum_offset;
		skb.rest[how->gso_type % skb.data_len] ^= how->link_mtu;
		right = false;
	}
	memory_lacks = how->headroom >> LACKS_SHIFT;
	lacks = memory_lacks;
	verdict = translate(&pkt, &flow);
	if (lacks && !memory_lacks)
		assert(verdict == NAT64_DROP_NO_MEMORY);
	if (verdict)
		goto free;

	if (how->from_v6 && proto == IPPROTO_ICMPV6)
		proto = IPPROTO_ICMP;
	else if (proto == IPPROTO_ICMP)
		proto = IPPROTO_ICMPV6;
	translated++;
	check_lengths(&skb, !how->from_v6);
	check_offloads(&skb, !how->from_v6);
	if (right || pkt.kind == NAT64_KIND_ERROR)
		check_sum(&skb, proto);
free:
	free(skb.head);
	free(skb.rest);
	return 0;
}
