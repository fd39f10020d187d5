// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 6146 section 3.5.2.2: is the IPv6 host of an idle connection still there?
 */
#include <linux/tcp.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/tcp.h>

#include "probe.h"
#include "xlat.h"

#define PROBE_HOP_LIMIT 64

/**
 * nat64_probe_send() - ask the IPv6 host for a sign of life
 * @net: the namespace
 * @t6: the session
 * @dst: route to the IPv6 host, whose reference goes; NULL if none is known
 *
 * An empty ACK as from the IPv4 host.  We do not follow sequence numbers, so it
 * is out of the window, which a host with that connection answers with an ACK
 * of its own and one without it by a RST (RFC 9293 section 3.10.7).
 *
 * Context: RCU, process.
 */
void nat64_probe_send(struct net *net, const struct nat64_tuple6 *t6,
		      struct dst_entry *dst)
{
	struct flowi6 fl6 = {
		.daddr = t6->local,
		.saddr = t6->remote,
		.flowi6_proto = IPPROTO_TCP,
		.fl6_sport = t6->rport,
		.fl6_dport = t6->lport,
	};
	struct sk_buff *skb;
	struct ipv6hdr *ip6;
	struct tcphdr *th;

	if (!dst)
		dst = xfrm_lookup(net, ip6_route_output(net, NULL, &fl6),
				  flowi6_to_flowi(&fl6), NULL, 0);
	if (IS_ERR(dst))
		return;
	if (dst->error)
		goto err_dst;
	skb = alloc_skb(LL_MAX_HEADER + sizeof(*ip6) + sizeof(*th),
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		goto err_dst;
	skb_reserve(skb, LL_MAX_HEADER);
	skb_reset_network_header(skb);
	ip6 = skb_put(skb, sizeof(*ip6));
	nat64_xlat_make6(ip6, &t6->remote, &t6->local, 0, PROBE_HOP_LIMIT,
			 IPPROTO_TCP, sizeof(*th));
	skb_set_transport_header(skb, sizeof(*ip6));
	th = skb_put_zero(skb, sizeof(*th));
	th->source = t6->rport;
	th->dest = t6->lport;
	th->doff = sizeof(*th) / 4;
	th->ack = 1;
	th->check = csum_ipv6_magic(&ip6->saddr, &ip6->daddr, sizeof(*th),
				    IPPROTO_TCP,
				    csum_partial(th, sizeof(*th), 0));
	skb->protocol = htons(ETH_P_IPV6);
	skb_dst_set(skb, dst);
	/* As with packets of the connection. */
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	ip6_local_out(net, NULL, skb);
	return;

err_dst:
	dst_release(dst);
}
