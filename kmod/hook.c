// SPDX-License-Identifier: GPL-2.0
/*
 * The front door: which packets are ours, and the order of the steps.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "config.h"
#include "flow.h"
#include "hook.h"
#include "nat64.h"
#include "output.h"
#include "packet.h"
#include "xlat.h"

static unsigned int drop(struct nat64_packet *pkt, enum nat64_counter reason)
{
	nat64_count(pkt->nn, reason);
	nat64_output_answer(pkt, reason);
	if (pkt->dst_ref)
		dst_release(pkt->dst);
	return NF_DROP;
}

/*
 * Not ours after all.  An address that is in a pool and the host's own gets
 * for the host what no binding claims.
 */
static unsigned int not_ours4(struct nat64_packet *pkt,
			      enum nat64_counter reason)
{
	bool hairpin = pkt->state->pf == NFPROTO_IPV6;

	if (hairpin || !nat64_flow_host4(pkt->nn, ip_hdr(pkt->skb)->daddr))
		return drop(pkt, reason);
	nat64_count(pkt->nn, NAT64_PASSED);
	return NF_ACCEPT;
}

static unsigned int translate46(struct nat64_packet *pkt)
{
	enum nat64_counter verdict;
	struct nat64_flow flow;

	verdict = nat64_packet_parse4(pkt);
	if (verdict)
		return not_ours4(pkt, verdict);
	verdict = nat64_flow46(pkt, &flow);
	if (verdict == NAT64_DROP_NO_BINDING ||
	    verdict == NAT64_DROP_NO_SESSION)
		return not_ours4(pkt, verdict);
	if (verdict)
		return drop(pkt, verdict);
	verdict = nat64_output_route(pkt, &flow);
	if (!verdict)
		verdict = nat64_output_check(pkt);
	if (!verdict)
		verdict = pkt->kind == NAT64_KIND_ERROR ?
			  nat64_xlat_error46(pkt, &flow) :
			  nat64_xlat46(pkt, &flow);
	if (verdict)
		return drop(pkt, verdict);
	nat64_count(pkt->nn, NAT64_TRANSLATED_46);
	nat64_output_send(pkt);
	return NF_STOLEN;
}

/* RFC 6146 section 3.8: the packet comes back in as if from the IPv4 side. */
static unsigned int hairpin(const struct nat64_packet *pkt)
{
	struct nat64_packet back = {
		.nn = pkt->nn,
		.cfg = pkt->cfg,
		.state = pkt->state,
		.skb = pkt->skb,
		.hops_paid = true,
	};

	nat64_count(pkt->nn, NAT64_HAIRPINNED);
	return translate46(&back);
}

static unsigned int translate64(struct nat64_packet *pkt)
{
	enum nat64_counter verdict;
	struct nat64_flow flow;
	bool turn;

	verdict = nat64_packet_parse6(pkt);
	if (!verdict)
		verdict = nat64_flow64(pkt, &flow);
	if (verdict)
		return drop(pkt, verdict);
	turn = nat64_flow_hairpin(pkt, &flow);
	if (!turn)
		verdict = nat64_output_route(pkt, &flow);
	if (!verdict)
		verdict = nat64_output_check(pkt);
	if (!verdict)
		verdict = pkt->kind == NAT64_KIND_ERROR ?
			  nat64_xlat_error64(pkt, &flow) :
			  nat64_xlat64(pkt, &flow);
	if (verdict)
		return drop(pkt, verdict);
	if (turn)
		return hairpin(pkt);
	nat64_count(pkt->nn, NAT64_TRANSLATED_64);
	nat64_output_send(pkt);
	return NF_STOLEN;
}

typedef unsigned int translate_t(struct nat64_packet *pkt);

static unsigned int translate_one(struct sk_buff *skb,
				  const struct nf_hook_state *state,
				  const struct nat64_config *cfg,
				  translate_t *translate)
{
	struct nat64_packet pkt = {
		.nn = nat64_pernet(state->net),
		.cfg = cfg,
		.state = state,
		.skb = skb,
		.hops_paid = state->hook == NF_INET_LOCAL_OUT,
	};

	return translate(&pkt);
}

/*
 * Some super-packets cannot pass in one piece: a list of whole packets, each
 * with a header of the old family; one that is too long for IPv4's length
 * field; a tunnel's, whose GSO type is about the packet inside; and datagrams
 * without DF, which may have to be fragmented one by one.
 */
static bool must_segment(const struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	unsigned int type = skb_shinfo(skb)->gso_type;

	if (!skb_is_gso(skb))
		return false;
	return type & SKB_GSO_FRAGLIST || skb->len > IP_MAX_MTU ||
	       skb->encapsulation ||
	       (state->pf == NFPROTO_IPV4 && !(type & SKB_GSO_TCPV4) &&
		!(ip_hdr(skb)->frag_off & htons(IP_DF)));
}

static unsigned int translate(struct sk_buff *skb,
			      const struct nf_hook_state *state,
			      const struct nat64_config *cfg,
			      translate_t *translate)
{
	struct sk_buff *segs, *seg, *next;

	if (likely(!must_segment(skb, state)))
		return translate_one(skb, state, cfg, translate);

	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs)) {
		nat64_count(nat64_pernet(state->net), NAT64_DROP_NO_MEMORY);
		return NF_DROP;
	}
	/* The first segment may be the packet itself. */
	consume_skb(skb);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		switch (translate_one(seg, state, cfg, translate)) {
		case NF_DROP:
			kfree_skb(seg);
			break;
		case NF_ACCEPT:
			state->okfn(state->net, state->sk, seg);
			break;
		}
	}
	return NF_STOLEN;
}

static unsigned int hook6(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	struct nat64_net *nn = nat64_pernet(state->net);
	const struct nat64_config *cfg = rcu_dereference(nn->config);

	if (skb->pkt_type != PACKET_HOST ||
	    !nat64_config_prefix(cfg, &ipv6_hdr(skb)->daddr))
		return NF_ACCEPT;
	return translate(skb, state, cfg, translate64);
}

static unsigned int hook4(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	struct nat64_net *nn = nat64_pernet(state->net);
	const struct nat64_config *cfg = rcu_dereference(nn->config);

	if (skb->pkt_type != PACKET_HOST ||
	    !nat64_flow_ours4(nn, cfg, ip_hdr(skb)->daddr))
		return NF_ACCEPT;
	return translate(skb, state, cfg, translate46);
}

/* After defragmentation and the raw table, before conntrack. */
static const struct nf_hook_ops hooks[] = {
	{
		.hook = hook6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_CONNTRACK - 1,
	}, {
		.hook = hook4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_CONNTRACK - 1,
	}, {
		.hook = hook6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP6_PRI_CONNTRACK - 1,
	}, {
		.hook = hook4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_CONNTRACK - 1,
	},
};

/**
 * nat64_hook_enable() - see packets, if we do not yet
 * @nn: the namespace, locked
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int nat64_hook_enable(struct nat64_net *nn)
{
	int err;

	lockdep_assert_held(&nn->lock);
	if (nn->active)
		return 0;
	err = nf_defrag_ipv4_enable(nn->net);
	if (err)
		return err;
	err = nf_defrag_ipv6_enable(nn->net);
	if (err)
		goto err_defrag4;
	err = nf_register_net_hooks(nn->net, hooks, ARRAY_SIZE(hooks));
	if (err)
		goto err_defrag6;
	nn->active = true;
	return 0;

err_defrag6:
	nf_defrag_ipv6_disable(nn->net);
err_defrag4:
	nf_defrag_ipv4_disable(nn->net);
	return err;
}

/**
 * nat64_hook_disable() - see no packets any more, if we do
 * @nn: the namespace, locked
 *
 * Context: process.
 */
void nat64_hook_disable(struct nat64_net *nn)
{
	lockdep_assert_held(&nn->lock);
	if (!nn->active)
		return;
	nn->active = false;
	nf_unregister_net_hooks(nn->net, hooks, ARRAY_SIZE(hooks));
	nf_defrag_ipv6_disable(nn->net);
	nf_defrag_ipv4_disable(nn->net);
}
