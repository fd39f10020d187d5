// SPDX-License-Identifier: GPL-2.0
/*
 * The fast path: packets of a session that is under way need not ask the route
 * tables and the rules again.  They are taken at the interface, translated by
 * the same code, and handed to the neighbour of the session's route.
 *
 * The first packet of each direction goes the ordinary way, and so does whatever
 * is unusual: the ordinary way knows the answer.  Until a packet is changed it
 * can still be left to it.
 */
#include <linux/if_vlan.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "compat/snmp.h"
#include "config.h"
#include "fastpath.h"
#include "flow.h"
#include "ftp.h"
#include "nat64.h"
#include "output.h"
#include "packet.h"
#include "rules.h"
#include "session.h"
#include "tcp.h"
#include "xlat.h"

/* IPsec has a say. */
#ifdef CONFIG_XFRM
static bool policies(const struct sk_buff *skb, const struct net *net)
{
	return secpath_exists(skb) || net->xfrm.policy_count[XFRM_POLICY_FWD] ||
	       net->xfrm.policy_count[XFRM_POLICY_OUT] ||
	       net->xfrm.policy_default[XFRM_POLICY_FWD] !=
	       XFRM_USERPOLICY_ACCEPT;
}
#else
static bool policies(const struct sk_buff *skb, const struct net *net)
{
	return false;
}
#endif

/*
 * What the IP layer looks at before it lets a packet into PRE_ROUTING.  A packet
 * that is shorter than its frame is cut there, one of a VLAN, a bridge or a VRF
 * is not for this interface.
 */
static bool device_plain(const struct sk_buff *skb, const struct net *net)
{
	return skb->pkt_type == PACKET_HOST && !skb_vlan_tag_present(skb) &&
	       !policies(skb, net) &&
	       !skb->mark && !skb_network_offset(skb) &&
	       !rcu_access_pointer(skb->dev->rx_handler) &&
	       !netif_is_l3_slave(skb->dev);
}

/* What others hold too must not move. */
static bool may_pull(struct sk_buff *skb, unsigned int len)
{
	return skb_shared(skb) ? skb_headlen(skb) >= len :
				 pskb_may_pull(skb, len);
}

static bool header_plain6(struct sk_buff *skb)
{
	const struct inet6_dev *idev = __in6_dev_get(skb->dev);
	const struct ipv6hdr *ip6;

	if (!idev || READ_ONCE(idev->cnf.disable_ipv6) ||
	    !may_pull(skb, sizeof(*ip6)))
		return false;
	ip6 = ipv6_hdr(skb);
	return ip6->version == 6 && ip6->payload_len &&
	       ntohs(ip6->payload_len) + sizeof(*ip6) == skb->len &&
	       !nat64_packet_has_exthdr(ip6);
}

static bool header_plain4(struct sk_buff *skb)
{
	const struct iphdr *ip4;

	if (!may_pull(skb, sizeof(*ip4)))
		return false;
	ip4 = ip_hdr(skb);
	return ip4->version == 4 && ip4->ihl == 5 && !ip_is_fragment(ip4) &&
	       ntohs(ip4->tot_len) == skb->len &&
	       !ip_fast_csum((u8 *)ip4, ip4->ihl);
}

/* Nothing that begins, ends or answers. */
static bool session_plain(const struct nat64_packet *pkt,
			  const struct nat64_session *session)
{
	if (pkt->kind == NAT64_KIND_UDP || pkt->kind == NAT64_KIND_QUERY)
		return !nat64_session_expired(session);
	return pkt->kind == NAT64_KIND_TCP &&
	       (pkt->event == NAT64_TCP_V6_DATA ||
		pkt->event == NAT64_TCP_V4_DATA) &&
	       nat64_session_tcp(session) == NAT64_TCP_ESTABLISHED;
}

/* It need not be cut on the way out. */
static bool fits(const struct nat64_packet *pkt)
{
	unsigned int mtu = dst_mtu(pkt->dst);

	if (pkt->from_v6)
		return nat64_xlat_fits(pkt->skb, pkt->skb->len - 20, -20, mtu);
	if (!pkt->df)
		mtu = min(mtu, pkt->cfg->lowest_ipv6_mtu);
	return (pkt->df || !skb_is_gso(pkt->skb)) &&
	       nat64_xlat_fits(pkt->skb, pkt->skb->len + 20, 20, mtu);
}

static bool find_way(struct nat64_packet *pkt, struct nat64_flow *flow)
{
	struct nat64_binding *binding;
	struct nat64_session *s;

	s = pkt->from_v6 ? nat64_session_find6(pkt->nn, &pkt->t6, &binding) :
			   nat64_session_find4(pkt->nn, &pkt->t4);
	if (!s || !session_plain(pkt, s) || !nat64_output_kept(pkt, s))
		return false;
	/* Pairs with keep_route(): what holds may be about an older route. */
	smp_rmb();
	if (!nat64_rules_hold(pkt, s))
		return false;
	/* Nobody has looked for it yet. */
	skb_set_transport_header(pkt->skb, pkt->l4);
	if (!fits(pkt) || nat64_output_limits(pkt))
		return false;
	flow->t6 = s->t6;
	flow->t4 = s->t4;
	flow->session = s;
	return !nat64_ftp_wanted(pkt, flow);
}

static struct neighbour *neighbour6(struct dst_entry *dst,
				    const struct in6_addr *daddr)
{
	const struct in6_addr *next = rt6_nexthop((struct rt6_info *)dst,
						  daddr);
	struct neighbour *n = __ipv6_neigh_lookup_noref(dst->dev, next);

	return n ?: __neigh_create(&nd_tbl, next, dst->dev, false);
}

/* Straight to the neighbour. */
static void hand_over(struct nat64_packet *pkt, const struct nat64_flow *flow)
{
	struct dst_entry *dst = pkt->dst;
	struct sk_buff *skb = pkt->skb;
	bool skip_cache = false;
	struct neighbour *n;

	skb->dev = dst->dev;
	rcu_read_lock_bh();
	n = pkt->from_v6 ? ip_neigh_for_gw((struct rtable *)dst, skb,
					   &skip_cache) :
			   neighbour6(dst, &flow->t6.local);
	if (IS_ERR(n)) {
		if (!pkt->from_v6)
			IP6_INC_STATS(pkt->nn->net, ip6_dst_idev(dst),
				      IPSTATS_MIB_OUTNOROUTES);
		kfree_skb(skb);
	} else {
		neigh_output(n, skb, skip_cache);
	}
	rcu_read_unlock_bh();
}

/* As ip_rcv() and ipv6_rcv() do. */
static void count_in(const struct nat64_packet *pkt)
{
	struct net *net = pkt->nn->net;
	struct sk_buff *skb = pkt->skb;

	unsigned int segments = max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	struct inet6_dev *idev;

	if (pkt->from_v6) {
		idev = __in6_dev_get(skb->dev);
		__IP6_UPD_PO_STATS(net, idev, IPSTATS_MIB_IN, skb->len);
		__IP6_ADD_STATS(net, idev, IPSTATS_MIB_NOECTPKTS +
				(ipv6_get_dsfield(ipv6_hdr(skb)) &
				 INET_ECN_MASK), segments);
	} else {
		__IP_UPD_PO_STATS(net, IPSTATS_MIB_IN, skb->len);
		__IP_ADD_STATS(net, IPSTATS_MIB_NOECTPKTS +
			       (ip_hdr(skb)->tos & INET_ECN_MASK), segments);
	}
}

/* As ip_output() and ip6_output() do. */
static void count_out(const struct nat64_packet *pkt)
{
	struct net *net = pkt->nn->net;
	struct sk_buff *skb = pkt->skb;

	if (pkt->from_v6)
		IP_UPD_PO_STATS(net, IPSTATS_MIB_OUT, skb->len);
	else if (ip6_counts_forwarded())
		IP6_UPD_PO_STATS(net, ip6_dst_idev(pkt->dst), IPSTATS_MIB_OUT,
				 skb->len);
}

/* The IP layer would clone it; the header is going to be written as well. */
static bool make_own(struct nat64_packet *pkt)
{
	struct sk_buff *skb = pkt->skb;

	if (unlikely(skb_shared(skb))) {
		pkt->skb = pskb_copy(skb, GFP_ATOMIC);
		if (!pkt->skb) {
			pkt->skb = skb;
			return false;
		}
		consume_skb(skb);
	}
	skb_orphan(pkt->skb);
	skb_reset_redirect(pkt->skb);
	return true;
}

static unsigned int translate(struct nat64_packet *pkt, bool from_v6)
{
	enum nat64_counter verdict;
	struct nat64_flow flow;

	verdict = from_v6 ? nat64_packet_parse6(pkt) :
			    nat64_packet_parse4(pkt);
	if (verdict || !find_way(pkt, &flow) || !make_own(pkt))
		return NF_ACCEPT;
	count_in(pkt);
	nat64_session_touch(pkt->nn, flow.session, pkt->cfg, from_v6,
			    pkt->event);
	verdict = from_v6 ? nat64_xlat64(pkt, &flow) : nat64_xlat46(pkt, &flow);
	if (!verdict && from_v6 &&
	    skb_cow_head(pkt->skb, LL_RESERVED_SPACE(pkt->dst->dev)))
		verdict = NAT64_DROP_NO_MEMORY;
	if (verdict) {
		nat64_drop(pkt->nn, pkt->skb, verdict);
		kfree_skb(pkt->skb);
		return NF_STOLEN;
	}
	nat64_count(pkt->nn, from_v6 ? NAT64_TRANSLATED_64 :
				       NAT64_TRANSLATED_46);
	nat64_count(pkt->nn, NAT64_FASTPATH);
	nat64_output_prepare(pkt);
	skb_dst_set_noref(pkt->skb, pkt->dst);
	if (nat64_rules_behind(pkt)) {
		pkt->dst->output(pkt->nn->net, NULL, pkt->skb);
	} else {
		count_out(pkt);
		hand_over(pkt, &flow);
	}
	return NF_STOLEN;
}

/**
 * nat64_fastpath_hook() - see a packet at its interface
 * @priv: not used
 * @skb: the packet
 * @state: of the ingress hook
 *
 * Context: RCU, softirq.
 * Return: NF_STOLEN if it was translated or dropped, NF_ACCEPT if it is to go on as
 * it came.
 */
unsigned int nat64_fastpath_hook(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct nat64_net *nn = nat64_pernet(state->net);
	struct nat64_packet pkt = {
		.nn = nn,
		.cfg = rcu_dereference(nn->config),
		.state = state,
		.skb = skb,
	};

	if (!device_plain(skb, state->net))
		return NF_ACCEPT;
	if (skb->protocol == htons(ETH_P_IPV6) && header_plain6(skb) &&
	    nat64_flow_ours6(pkt.cfg, ipv6_hdr(skb)) &&
	    !nat64_xlat_must_segment(skb))
		return translate(&pkt, true);
	if (skb->protocol == htons(ETH_P_IP) && header_plain4(skb) &&
	    nat64_flow_ours4(pkt.cfg, ip_hdr(skb)->daddr) &&
	    !nat64_xlat_must_segment(skb))
		return translate(&pkt, false);
	return NF_ACCEPT;
}
