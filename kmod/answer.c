// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP answers to packets that cannot go on.
 *
 * The kernel limits their rate, but late: it has looked up the route and the
 * source address before it knows that there will be no answer, and in a flood
 * of packets that are refused this would take longer than all the rest.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "answer.h"
#include "config.h"
#include "nat64.h"
#include "rate.h"

/* How a drop is answered: types and codes, or -1 for silence. */
static const struct answer {
	s16 type6;
	s16 code6;
	s16 type4;
	s16 code4;
} answers[__NAT64_COUNTERS] = {
#define ANSWER(reason, ...) [NAT64_DROP_##reason] = { __VA_ARGS__ }
	ANSWER(ROUTING_HEADER, ICMPV6_PARAMPROB, ICMPV6_HDR_FIELD, -1, -1),
	ANSWER(SOURCE_ROUTE, -1, -1, ICMP_DEST_UNREACH, ICMP_SR_FAILED),
	ANSWER(UNKNOWN_PROTOCOL, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH,
	       ICMP_DEST_UNREACH, ICMP_PROT_UNREACH),
	ANSWER(HOP_LIMIT, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT,
	       ICMP_TIME_EXCEEDED, ICMP_EXC_TTL),
	ANSWER(TOO_BIG, ICMPV6_PKT_TOOBIG, 0, ICMP_DEST_UNREACH,
	       ICMP_FRAG_NEEDED),
	ANSWER(NOT_EIP, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, -1, -1),
	ANSWER(NOT_GLOBAL, ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED, -1, -1),
	ANSWER(NO_POOL, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, -1, -1),
	ANSWER(POOL_EXHAUSTED, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH,
	       -1, -1),
	ANSWER(SESSION_LIMIT, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH,
	       -1, -1),
	ANSWER(CLIENT_SESSIONS, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH,
	       -1, -1),
	ANSWER(CLIENT_PORTS, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, -1, -1),
	ANSWER(CLIENT_RATE, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, -1, -1),
	ANSWER(NO_BINDING, -1, -1, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH),
	ANSWER(FILTERED, -1, -1, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED),
	ANSWER(NO_ROUTE, ICMPV6_DEST_UNREACH, ICMPV6_NOROUTE,
	       ICMP_DEST_UNREACH, ICMP_NET_UNREACH),
#undef ANSWER
};

static u32 client(const struct nat64_packet *pkt)
{
	struct in6_addr prefix;

	if (!pkt->from_v6)
		return nat64_hash(&ip_hdr(pkt->skb)->saddr, 4, 4);
	ipv6_addr_prefix(&prefix, &ipv6_hdr(pkt->skb)->saddr,
			 pkt->cfg->client_prefix_len);
	return nat64_hash(&prefix, sizeof(prefix), 6);
}

/* Clients that share a slot share its answers. */
static bool within_rate(const struct nat64_packet *pkt)
{
	u32 *answered = pkt->nn->answered;

	return nat64_rate_allows(&answered[client(pkt) %
					   ARRAY_SIZE(pkt->nn->answered)],
				 pkt->cfg->icmp_rate);
}

static void answer6(struct nat64_packet *pkt, const struct answer *a)
{
	if (!pkt->skb->dev)
		pkt->skb->dev = pkt->state->out;
	nat64_count(pkt->nn, NAT64_ICMP_ANSWERED);
	icmpv6_send(pkt->skb, a->type6, a->code6, pkt->info);
}

static void answer4(struct nat64_packet *pkt, const struct answer *a)
{
	const struct net_device *dev = nat64_packet_device(pkt->state);
	struct flowi4 fl4 = {
		.daddr = ip_hdr(pkt->skb)->saddr,
		.flowi4_mark = pkt->skb->mark,
		.flowi4_proto = IPPROTO_ICMP,
		.flowi4_oif = l3mdev_master_ifindex_rcu(dev),
	};
	struct rtable *rt;

	/* Before routing a packet has no route, and icmp_send() wants one. */
	if (!skb_dst(pkt->skb)) {
		rt = ip_route_output_key(pkt->nn->net, &fl4);
		if (IS_ERR(rt))
			return;
		skb_dst_set(pkt->skb, &rt->dst);
	}
	nat64_count(pkt->nn, NAT64_ICMP_ANSWERED);
	icmp_send(pkt->skb, a->type4, a->code4, htonl(pkt->info));
}

/**
 * nat64_answer() - tell the sender why, where the RFCs ask for it
 * @pkt: the packet, not changed
 * @reason: why it is dropped
 *
 * No more than icmp_rate times a second to a client, but for what path MTU
 * discovery needs; the kernel has limits of its own and knows to whom no error
 * must be sent.
 *
 * Context: RCU.
 */
void nat64_answer(struct nat64_packet *pkt, enum nat64_counter reason)
{
	const struct answer *a = &answers[reason];

	if ((reason == NAT64_DROP_NO_BINDING ||
	     reason == NAT64_DROP_FILTERED) && !pkt->cfg->no_binding_icmp)
		return;
	if ((pkt->from_v6 ? a->type6 : a->type4) <= 0)
		return;
	if (reason != NAT64_DROP_TOO_BIG && !within_rate(pkt)) {
		nat64_count(pkt->nn, NAT64_ICMP_LIMITED);
		return;
	}
	if (pkt->from_v6)
		answer6(pkt, a);
	else
		answer4(pkt, a);
}
