// SPDX-License-Identifier: GPL-2.0
/*
 * The way out: route, hop limit and MTU, netfilter of the new family.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "compat/flow.h"
#include "compat/route6.h"
#include "compat/skbuff.h"
#include "config.h"
#include "nat64.h"
#include "output.h"
#include "rules.h"
#include "session.h"
#include "xlat.h"

static int oif(const struct nat64_packet *pkt)
{
	return l3mdev_master_ifindex_rcu(nat64_packet_device(pkt->state));
}

/* Rules, IPsec policies and routes by several ways may ask for them. */
static bool has_ports(const struct nat64_packet *pkt)
{
	return pkt->kind == NAT64_KIND_TCP || pkt->kind == NAT64_KIND_UDP;
}

/* Of the packet to be. */
static u8 dsfield(const struct nat64_packet *pkt)
{
	return pkt->from_v6 ?
		nat64_xlat_tos(pkt->cfg->tos, ipv6_get_dsfield(ipv6_hdr(pkt->skb))) :
		nat64_xlat_tos(pkt->cfg->tclass, ip_hdr(pkt->skb)->tos);
}

static struct dst_entry *lookup4(const struct nat64_packet *pkt,
				 const struct nat64_tuple4 *t4)
{
	struct flowi4 fl4 = {
		.daddr = t4->remote,
		.saddr = t4->local,
		.flowi4_mark = pkt->skb->mark,
		.flowi4_proto = pkt->kind == NAT64_KIND_ERROR ? IPPROTO_ICMP :
								pkt->proto,
		.flowi4_oif = oif(pkt),
		/* A pool address need not be one of the host's. */
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct rtable *rt;

	if (has_ports(pkt)) {
		fl4.fl4_sport = t4->lport;
		fl4.fl4_dport = t4->rport;
	}
	flowi4_set_dsfield(&fl4, dsfield(pkt));
	rt = ip_route_output_key(pkt->nn->net, &fl4);
	if (IS_ERR(rt))
		return NULL;
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		return NULL;
	}
	return &rt->dst;
}

static struct dst_entry *lookup6(const struct nat64_packet *pkt,
				 const struct nat64_tuple6 *t6)
{
	struct flowi6 fl6 = {
		.daddr = t6->local,
		.saddr = t6->remote,
		.flowi6_mark = pkt->skb->mark,
		.flowi6_proto = pkt->kind == NAT64_KIND_ERROR ||
				pkt->proto == IPPROTO_ICMP ? IPPROTO_ICMPV6 :
							     pkt->proto,
		.flowi6_oif = oif(pkt),
		.flowlabel = ip6_make_flowinfo(dsfield(pkt), 0),
	};
	struct dst_entry *dst;

	if (has_ports(pkt)) {
		fl6.fl6_sport = t6->rport;
		fl6.fl6_dport = t6->lport;
	}
	dst = ip6_route_output(pkt->nn->net, NULL, &fl6);
	if (dst->error) {
		dst_release(dst);
		return NULL;
	}
	dst = xfrm_lookup(pkt->nn->net, dst, flowi6_to_flowi(&fl6), NULL, 0);
	return IS_ERR(dst) ? NULL : dst;
}

static struct dst_entry *kept_route(const struct nat64_session *s,
				    bool from_v6)
{
	return from_v6 ? rcu_dereference(s->dst4) : rcu_dereference(s->dst6);
}

/*
 * Let the session keep @dst, with its reference, for the packets that follow.
 * Of CPUs that race the first wins, so that a late one with an older route
 * cannot take the place of a newer; a cookie that does not fit for a moment
 * only costs a lookup.
 */
static bool keep_route(struct nat64_session *s, bool from_v6,
		       struct dst_entry *old, struct dst_entry *dst)
{
	struct dst_entry __rcu **slot = from_v6 ? &s->dst4 : &s->dst6;
	u32 *passed = from_v6 ? &s->passed64 : &s->passed46;

	/* Rules may think of another interface in another way. */
	WRITE_ONCE(*passed, 0);
	/* A bundle holds its device, which then could not go, and so does the
	 * hole where packets wait for a bundle.
	 */
	if (dst_xfrm(dst) || dst->flags & DST_XFRM_QUEUE ||
	    (!from_v6 && rt6_holds_device((struct rt6_info *)dst)) ||
	    dst->obsolete == DST_OBSOLETE_DEAD ||
	    cmpxchg(slot, RCU_INITIALIZER(old),
		    RCU_INITIALIZER(dst)) != RCU_INITIALIZER(old))
		return false;
	/* Pairs with learn(), which may have met the old route. */
	WRITE_ONCE(*passed, 0);
	if (!from_v6)
		WRITE_ONCE(s->cookie6, rt6_get_cookie((struct rt6_info *)dst));
	dst_release(old);
	return true;
}

/* The host's IPsec policies for packets that it forwards. */
static bool policy_lets_in(const struct nat64_packet *pkt)
{
	/* Its own packets, and those that turned around, have been let in. */
	if (pkt->hops_paid)
		return true;
	return pkt->from_v6 ?
		xfrm6_policy_check(NULL, XFRM_POLICY_FWD, pkt->skb) :
		xfrm4_policy_check(NULL, XFRM_POLICY_FWD, pkt->skb);
}

/* By a mark, or by a rule that looks at the DSCP. */
static bool goes_its_own_way(const struct nat64_packet *pkt)
{
	const struct net *net = pkt->nn->net;

	if (pkt->skb->mark)
		return true;
	return (pkt->from_v6 ? fib4_has_custom_rules(net) :
			       fib6_has_custom_rules(net)) &&
	       dsfield(pkt) & ~INET_ECN_MASK;
}

/**
 * nat64_output_route() - find the route of the packet to be
 * @pkt: the packet, not yet changed; result in its dst
 * @flow: its addresses to be
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK or NAT64_DROP_NO_ROUTE.
 */
enum nat64_counter nat64_output_route(struct nat64_packet *pkt,
				      const struct nat64_flow *flow)
{
	struct nat64_session *s = flow->session;
	struct dst_entry *dst, *old = NULL;

	if (pkt->kind == NAT64_KIND_ERROR || goes_its_own_way(pkt))
		s = NULL;
	if (s) {
		old = kept_route(s, pkt->from_v6);
		if (old && dst_check(old, pkt->from_v6 ? 0 :
				     READ_ONCE(s->cookie6))) {
			pkt->dst = old;
			return NAT64_OK;
		}
	}
	dst = pkt->from_v6 ? lookup4(pkt, &flow->t4) : lookup6(pkt, &flow->t6);
	if (!dst)
		return NAT64_DROP_NO_ROUTE;
	pkt->dst = dst;
	pkt->dst_ref = !s || pkt->asked ||
		       !keep_route(s, pkt->from_v6, old, dst);
	return NAT64_OK;
}

static bool is_local(const struct nat64_packet *pkt)
{
	if (pkt->from_v6)
		return ((struct rtable *)pkt->dst)->rt_flags & RTCF_LOCAL;
	return ((struct rt6_info *)pkt->dst)->rt6i_flags & RTF_LOCAL;
}

/**
 * nat64_output_kept() - has the session a route for it that leads straight to a device?
 * @pkt: the packet; result in its dst
 * @session: its session
 *
 * Context: RCU, BH disabled.
 */
bool nat64_output_kept(struct nat64_packet *pkt,
		       const struct nat64_session *session)
{
	if (goes_its_own_way(pkt))
		return false;
	pkt->dst = kept_route(session, pkt->from_v6);
	return pkt->dst && !pkt->dst->lwtstate && !is_local(pkt) &&
	       dst_check(pkt->dst, pkt->from_v6 ? 0 :
			 READ_ONCE(session->cookie6));
}

static unsigned int mtu_out(const struct nat64_packet *pkt)
{
	return pkt->from_v6 ? ip_dst_mtu_maybe_forward(pkt->dst, true) :
			      dst_mtu(pkt->dst);
}

/* RFC 7915 section 5.1 and RFC 6146 section 3.4 */
static enum nat64_counter check_mtu64(struct nat64_packet *pkt)
{
	unsigned int len = pkt->skb->len - pkt->l4 + sizeof(struct iphdr);
	int grows = (int)sizeof(struct iphdr) - (int)pkt->l4;
	unsigned int mtu = mtu_out(pkt);

	/* IPv4 has 16 bits for the length, whoever reassembled it. */
	if (!skb_is_gso(pkt->skb) && len > IP_MAX_MTU) {
		pkt->info = IP_MAX_MTU;
		return NAT64_DROP_TOO_BIG;
	}
	/* Without DF, IPv4 fragments it where it must. */
	if (pkt->frag_max || nat64_xlat_fits(pkt->skb, len, grows,
					     max_t(unsigned int, mtu,
						   NAT64_DF_LIMIT)))
		return NAT64_OK;
	/*
	 * A datagram of this host's own may be cut, and who has sent it may not hear of
	 * what is too big, as the host does not that answers an echo.
	 */
	if (pkt->state->hook == NF_INET_LOCAL_OUT && pkt->skb->ignore_df &&
	    pkt->kind != NAT64_KIND_TCP && !skb_is_gso(pkt->skb)) {
		pkt->frag_max = min_t(unsigned int, U16_MAX,
				      mtu + sizeof(struct ipv6hdr) +
				      sizeof(struct frag_hdr) - sizeof(struct iphdr));
		return NAT64_OK;
	}
	pkt->info = max_t(unsigned int, IPV6_MIN_MTU, mtu - grows);
	return NAT64_DROP_TOO_BIG;
}

/* RFC 7915 section 4.1 */
static enum nat64_counter check_mtu46(struct nat64_packet *pkt)
{
	unsigned int len = pkt->skb->len - pkt->l4 + sizeof(struct ipv6hdr);
	int grows = (int)sizeof(struct ipv6hdr) - (int)pkt->l4;
	unsigned int mtu = mtu_out(pkt);

	if (!pkt->df)
		return NAT64_OK;
	if (pkt->frag_max) {
		grows += sizeof(struct frag_hdr);
		if (pkt->frag_max + grows <= mtu)
			return NAT64_OK;
	} else if (nat64_xlat_fits(pkt->skb, len, grows, mtu)) {
		return NAT64_OK;
	}
	pkt->info = mtu - grows;
	return NAT64_DROP_TOO_BIG;
}

/**
 * nat64_output_limits() - do hop limit and MTU let the packet go on?
 * @pkt: the packet, not yet changed, with its route; without one if it is
 *	going to be translated back
 *
 * Context: RCU.
 * Return: NAT64_OK, or the reason why it must not.
 */
enum nat64_counter nat64_output_limits(struct nat64_packet *pkt)
{
	u8 hops = pkt->from_v6 ? ipv6_hdr(pkt->skb)->hop_limit :
				 ip_hdr(pkt->skb)->ttl;

	if (!pkt->hops_paid && hops <= 1)
		return NAT64_DROP_HOP_LIMIT;
	/* It may point to an extension header, and tell segments of another length. */
	if (skb_is_gso(pkt->skb))
		skb_set_transport_header(pkt->skb, pkt->l4);
	/* Errors are cut to what every link carries. */
	if (!pkt->dst || pkt->kind == NAT64_KIND_ERROR)
		return NAT64_OK;
	return pkt->from_v6 ? check_mtu64(pkt) : check_mtu46(pkt);
}

/**
 * nat64_output_check() - may the packet go on?
 * @pkt: the packet, as for nat64_output_limits()
 *
 * Context: RCU.
 * Return: NAT64_OK, or the reason why it must not.
 */
enum nat64_counter nat64_output_check(struct nat64_packet *pkt)
{
	return policy_lets_in(pkt) ? nat64_output_limits(pkt) :
				     NAT64_DROP_IPSEC_POLICY;
}

static void prepare4(struct nat64_packet *pkt)
{
	struct inet_skb_parm *cb = IPCB(pkt->skb);

	cb->iif = pkt->skb->skb_iif;
	cb->flags = IPSKB_FORWARDED;
	/* What came in fragments leaves in fragments, none larger. */
	if (pkt->frag_max)
		cb->frag_max_size = max_t(int, 68, pkt->frag_max -
					  (int)sizeof(struct ipv6hdr) -
					  (int)sizeof(struct frag_hdr) +
					  (int)sizeof(struct iphdr));
}

/*
 * An IPv4 packet without DF, and one that came in fragments, is fragmented to
 * lowest_ipv6_mtu; fragments with DF keep their size, unless that is less than
 * what every IPv6 link carries.
 */
static void prepare6(struct nat64_packet *pkt)
{
	struct sk_buff *skb = pkt->skb;
	struct inet6_skb_parm *cb = IP6CB(skb);
	unsigned int max = 0;

	cb->iif = nat64_packet_device(pkt->state)->ifindex;
	cb->nhoff = offsetof(struct ipv6hdr, nexthdr);
	cb->flags = IP6SKB_FORWARDED;
	if (pkt->frag_max)
		max = pkt->frag_max - sizeof(struct iphdr) +
		      sizeof(struct ipv6hdr) + sizeof(struct frag_hdr);
	if (!pkt->df && (!max || max > pkt->cfg->lowest_ipv6_mtu))
		max = pkt->cfg->lowest_ipv6_mtu;
	if (!max || skb_is_gso(skb))
		return;
	cb->frag_max_size = clamp_t(unsigned int, max, IPV6_MIN_MTU,
				    dst_mtu(pkt->dst));
	skb->ignore_df = 1;
}

/**
 * nat64_output_prepare() - tell the new family what it wants to know
 * @pkt: the packet, translated
 */
void nat64_output_prepare(struct nat64_packet *pkt)
{
	struct sk_buff *skb = pkt->skb;

	if (pkt->from_v6)
		prepare4(pkt);
	else
		prepare6(pkt);
	/* What this host sends has a time and a priority of its own. */
	if (pkt->state->hook == NF_INET_LOCAL_OUT)
		return;
	/* The fq qdisc takes a receive timestamp for a time to send. */
	skb_clear_tstamp(skb);
	if (pkt->from_v6)
		skb->priority = rt_tos2priority(ip_hdr(skb)->tos);
}

/* The rules let it pass by the route that the session keeps, if it still does. */
static void learn(const struct nat64_packet *pkt,
		  struct nat64_session *session)
{
	nat64_rules_passed(pkt, session, pkt->stamp);
	/* Pairs with keep_route(). */
	smp_mb();
	if (kept_route(session, pkt->from_v6) != pkt->dst)
		nat64_rules_passed(pkt, session, 0);
}

/* What rules do to a packet they want to do to each: its header, or @skb->mark. */
struct touchable {
	u8 header[sizeof(struct ipv6hdr)];
	u32 mark;
	u32 priority;
};

static void note(const struct nat64_packet *pkt, struct touchable *t)
{
	const struct sk_buff *skb = pkt->skb;
	unsigned int len = pkt->from_v6 ? sizeof(struct iphdr) :
					  sizeof(struct ipv6hdr);

	memset(t, 0, sizeof(*t));
	memcpy(t->header, skb_network_header(skb), len);
	t->mark = skb->mark;
	t->priority = skb->priority;
}

static void forward(struct nat64_packet *pkt, struct nat64_session *session)
{
	bool asked = session && pkt->stamp && !pkt->skb->mark;
	struct dst_entry *dst = pkt->dst;
	struct net *net = pkt->nn->net;
	struct sk_buff *skb = pkt->skb;
	struct touchable before, after;

	if (asked)
		note(pkt, &before);
	if (nf_hook(pkt->from_v6 ? NFPROTO_IPV4 : NFPROTO_IPV6, NF_INET_FORWARD,
		    net, NULL, skb, skb->dev, dst->dev, dst->output) != 1)
		return;
	if (asked) {
		note(pkt, &after);
		if (!memcmp(&before, &after, sizeof(before)))
			learn(pkt, session);
	}
	dst->output(net, NULL, skb);
}

/*
 * To a VRF it belongs as what was received there does, or no socket of the VRF would be
 * found.  The route of an IPv4 packet names the address's device already, so the VRF
 * comes where that would.
 */
static void enter_vrf(const struct nat64_packet *pkt)
{
	struct sk_buff *skb = pkt->skb;
	struct net_device *vrf = l3mdev_master_dev_rcu(skb->dev);

	if (!vrf || vrf == skb->dev)
		return;
	skb->dev = vrf;
	skb->skb_iif = vrf->ifindex;
	if (pkt->from_v6) {
		IPCB(skb)->iif = vrf->ifindex;
		IPCB(skb)->flags |= IPSKB_L3SLAVE;
	} else {
		IP6CB(skb)->flags |= IP6SKB_L3SLAVE;
	}
}

/**
 * nat64_output_send() - send the translated packet
 * @pkt: the packet, translated; the skb is gone afterwards
 * @session: its session or NULL
 *
 * Rules of the FORWARD hook (OUTPUT, if this host sent it) of the new family
 * see it, then POSTROUTING; if it is for this host, those of INPUT.
 *
 * Context: RCU, BH disabled.
 */
void nat64_output_send(struct nat64_packet *pkt, struct nat64_session *session)
{
	bool local = pkt->state->hook == NF_INET_LOCAL_OUT;
	bool turned = pkt->from_v6 != (pkt->state->pf == NFPROTO_IPV6);
	struct sk_buff *skb = pkt->skb;
	struct dst_entry *dst = pkt->dst;
	bool kept = !pkt->dst_ref;

	nat64_output_prepare(pkt);
	if (kept)
		skb_dst_set_noref(skb, dst);
	else
		skb_dst_set(skb, dst);
	pkt->dst_ref = false;
	/* Fragments of IPv6 take references of their own. */
	if (skb->ignore_df && !skb_dst_force(skb)) {
		kfree_skb(skb);
		return;
	}
	/* Of what is too big IPsec would tell a socket of the wrong family. */
	if (local && dst_xfrm(dst))
		skb_orphan(skb);

	/* Not by the loopback device, which firewalls trust. */
	if (!local && is_local(pkt)) {
		enter_vrf(pkt);
		dst->input(skb);
		return;
	}
	/* A rule may queue the packet for longer than we are loaded, so what
	 * follows is the route's own output function.
	 */
	if (local)
		NF_HOOK(pkt->from_v6 ? NFPROTO_IPV4 : NFPROTO_IPV6,
			NF_INET_LOCAL_OUT, pkt->nn->net, NULL, skb, NULL,
			dst->dev, dst->output);
	else
		forward(pkt, kept && !turned ? session : NULL);
}
