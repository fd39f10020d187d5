// SPDX-License-Identifier: GPL-2.0
/*
 * The front door: which packets are ours, and the order of the steps.
 */
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "compat/gso.h"
#include "answer.h"
#include "config.h"
#include "eip.h"
#include "event.h"
#include "flow.h"
#include "ftp.h"
#include "hook.h"
#include "nat64.h"
#include "output.h"
#include "packet.h"
#include "reassemble.h"
#include "rules.h"
#include "session.h"
#include "source.h"
#include "syn.h"
#include "xlat.h"

static unsigned int drop(struct nat64_packet *pkt, enum nat64_counter reason)
{
	nat64_drop(pkt->nn, pkt->skb, reason);
	nat64_event_refused(pkt, reason);
	nat64_answer(pkt, reason);
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

	if (hairpin || !nat64_flow_host4(pkt, ip_hdr(pkt->skb)->daddr))
		return drop(pkt, reason);
	nat64_count(pkt->nn, NAT64_PASSED);
	return NF_ACCEPT;
}

/* RFC 6146 section 3.5.2.2: perhaps the IPv6 host is opening it as well. */
static unsigned int unbound4(struct nat64_packet *pkt,
			     enum nat64_counter reason)
{
	if (pkt->state->pf != NFPROTO_IPV4 || !nat64_packet_opens(pkt) ||
	    nat64_flow_host4(pkt, ip_hdr(pkt->skb)->daddr))
		return not_ours4(pkt, reason);
	switch (nat64_syn_store(pkt, reason)) {
	case 0:
		nat64_count(pkt->nn, NAT64_SYN_STORED);
		consume_skb(pkt->skb);
		return NF_STOLEN;
	case -EEXIST:
		/* Sent again; the first one will be answered. */
		nat64_drop(pkt->nn, pkt->skb, reason);
		return NF_DROP;
	}
	return not_ours4(pkt, reason);
}

/* May it go on?  FTP may change its text, and so its length. */
static enum nat64_counter check(struct nat64_packet *pkt,
				const struct nat64_flow *flow)
{
	enum nat64_counter verdict = nat64_output_check(pkt);

	if (verdict || !nat64_ftp_wanted(pkt, flow))
		return verdict;
	verdict = nat64_ftp_pass(pkt, flow);
	return verdict ?: nat64_output_check(pkt);
}

static unsigned int translate46(struct nat64_packet *pkt)
{
	enum nat64_counter verdict;
	struct nat64_flow flow;

	verdict = nat64_packet_parse4(pkt);
	if (verdict)
		return not_ours4(pkt, verdict);
	verdict = nat64_flow46(pkt, &flow);
	switch (verdict) {
	case NAT64_OK:
		break;
	case NAT64_DROP_NO_BINDING:
	case NAT64_DROP_FILTERED:
		return unbound4(pkt, verdict);
	case NAT64_DROP_NO_SESSION:
	case NAT64_DROP_UNKNOWN_PROTOCOL:
	/* An error about what has no ports, as the host's own tunnels. */
	case NAT64_DROP_BAD_HEADER:
		return not_ours4(pkt, verdict);
	case NAT64_DROP_BAD_SOURCE:
		return nat64_source_own(pkt->state) ? not_ours4(pkt, verdict) :
						      drop(pkt, verdict);
	default:
		return drop(pkt, verdict);
	}
	verdict = nat64_output_route(pkt, &flow);
	if (!verdict)
		verdict = check(pkt, &flow);
	if (!verdict)
		verdict = pkt->kind == NAT64_KIND_ERROR ?
			  nat64_xlat_error46(pkt, &flow) :
			  nat64_xlat46(pkt, &flow);
	if (verdict)
		return drop(pkt, verdict);
	nat64_count(pkt->nn, NAT64_TRANSLATED_46);
	nat64_output_send(pkt, flow.session);
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

/* Of an IPv6 address that is an IPv4 host's, only what comes by a prefix. */
static unsigned int not_ours6(struct nat64_packet *pkt,
			      enum nat64_counter reason)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(pkt->skb);

	if (nat64_config_prefix(pkt->cfg, &ip6->daddr) ||
	    nat64_config_prefix(pkt->cfg, &ip6->saddr))
		return drop(pkt, reason);
	nat64_count(pkt->nn, NAT64_PASSED);
	return NF_ACCEPT;
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
		return not_ours6(pkt, verdict);
	turn = nat64_flow_hairpin(pkt, &flow);
	if (!turn)
		verdict = nat64_output_route(pkt, &flow);
	if (!verdict)
		verdict = check(pkt, &flow);
	if (!verdict)
		verdict = pkt->kind == NAT64_KIND_ERROR ?
			  nat64_xlat_error64(pkt, &flow) :
			  nat64_xlat64(pkt, &flow);
	if (verdict)
		return drop(pkt, verdict);
	if (turn)
		return hairpin(pkt);
	nat64_count(pkt->nn, NAT64_TRANSLATED_64);
	nat64_output_send(pkt, flow.session);
	return NF_STOLEN;
}

/* How large this host would make fragments of what it sends, or 0 if it would not. */
static unsigned int own_frag_max(struct sk_buff *skb)
{
	const struct ipv6_pinfo *np = skb->sk ? inet6_sk(skb->sk) : NULL;
	unsigned int mtu = ip6_skb_dst_mtu(skb);

	if (!skb->ignore_df || skb_is_gso(skb) || skb->len <= mtu)
		return 0;
	return np && np->frag_size ? min_t(unsigned int, mtu, np->frag_size) : mtu;
}

/*
 * What fragments are to be no larger than, or 0 of what is none.  A datagram that this
 * host sends comes whole, and would become fragments behind us.
 */
static unsigned int frag_max(struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (state->pf != NFPROTO_IPV6)
		return IPCB(skb)->frag_max_size;
	if (IP6CB(skb)->frag_max_size || state->hook != NF_INET_LOCAL_OUT)
		return IP6CB(skb)->frag_max_size;
	return own_frag_max(skb);
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
		.frag_max = frag_max(skb, state),
	};

	if (nat64_rules_asked(pkt.nn) && state->in)
		pkt.stamp = nat64_rules_stamp(pkt.nn, state->in->ifindex);
	return translate(&pkt);
}

/*
 * A datagram that a guest has left to its interface to fragment: it is whole, and
 * we fragment what becomes of it.
 */
static bool make_datagram(struct sk_buff *skb)
{
	if (!(skb_shinfo(skb)->gso_type & SKB_GSO_UDP) || skb->encapsulation ||
	    skb_unclone(skb, GFP_ATOMIC))
		return false;
	skb_gso_reset(skb);
	return true;
}

/*
 * BIG TCP has a jumbo payload option in front (RFC 2675), which the segmenter takes off
 * where there is a link's header before it, but not here.
 */
static int take_jumbo_off(struct sk_buff *skb)
{
	static const u8 jumbo[] = { NEXTHDR_TCP, 0, IPV6_TLV_JUMBO, 4 };
	const unsigned int len = 8;

	if (skb->protocol != htons(ETH_P_IPV6) || ipv6_hdr(skb)->nexthdr != NEXTHDR_HOP ||
	    !pskb_may_pull(skb, sizeof(struct ipv6hdr) + len) ||
	    memcmp(skb->data + sizeof(struct ipv6hdr), jumbo, sizeof(jumbo)))
		return 0;
	if (skb_cow_head(skb, 0))
		return -ENOMEM;
	memmove(skb->data + len, skb->data, sizeof(struct ipv6hdr));
	__skb_pull(skb, len);
	skb_reset_network_header(skb);
	ipv6_hdr(skb)->nexthdr = NEXTHDR_TCP;
	return 0;
}

static unsigned int translate(struct sk_buff *skb,
			      const struct nf_hook_state *state,
			      const struct nat64_config *cfg,
			      translate_t *translate)
{
	struct sk_buff *segs, *seg, *next;

	if (likely(!nat64_xlat_must_segment(skb)) || make_datagram(skb))
		return translate_one(skb, state, cfg, translate);

	segs = take_jumbo_off(skb) ? ERR_PTR(-ENOMEM) : skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs)) {
		/* A guest may claim what its packet is not. */
		nat64_drop(nat64_pernet(state->net), skb,
			   segs == ERR_PTR(-ENOMEM) ? NAT64_DROP_NO_MEMORY :
						      NAT64_DROP_BAD_HEADER);
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

/*
 * Is it for this host, on its link?  br_netfilter says so of every packet that
 * passes a bridge, and keeps the truth to itself.
 */
static bool for_us(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	const struct nf_bridge_info *bridge = nf_bridge_info_get(skb);

	if (bridge && bridge->pkt_otherhost)
		return false;
#endif
	return skb->pkt_type == PACKET_HOST;
}

/*
 * What this host's own tunnels wrap comes here again and again if it is led back into
 * them: the stack would be used up before the kernel's own limit.
 */
#define RECURSION_MAX 3

static bool goes_round(const struct sk_buff *skb,
		       const struct nf_hook_state *state)
{
	if (likely(state->hook != NF_INET_LOCAL_OUT ||
		   dev_recursion_level() <= RECURSION_MAX))
		return false;
	nat64_drop(nat64_pernet(state->net), skb, NAT64_DROP_LOOP);
	return true;
}

/*
 * To a CLAT's address from neither a prefix nor a mapped host: as left_to_host4(), but
 * for errors, which are not cut.
 */
static bool left_to_host6(const struct nat64_config *cfg,
			  const struct ipv6hdr *ip6)
{
	const struct nat64_eip *eip = nat64_eip_by_target6(cfg->eips,
							   &ip6->saddr);

	return !nat64_config_prefix(cfg, &ip6->daddr) &&
	       !nat64_config_prefix(cfg, &ip6->saddr) &&
	       !(eip && eip->kind == NAT64_EIP_TO6);
}

static unsigned int hook6(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	struct nat64_net *nn = nat64_pernet(state->net);
	const struct nat64_config *cfg = rcu_dereference(nn->config);
	int err;

	if (!for_us(skb) || !nat64_flow_ours6(cfg, ipv6_hdr(skb)))
		return NF_ACCEPT;
	if (goes_round(skb, state))
		return NF_DROP;
	/* A fragment is nothing to be cut; a guest may say so. */
	if (nat64_packet_has_exthdr(ipv6_hdr(skb)) && !skb_is_gso(skb)) {
		err = nat64_reassemble6(skb, state);
		if (err == -EINPROGRESS)
			return NF_STOLEN;
		if (err) {
			nat64_drop(nn, skb, NAT64_DROP_FRAGMENT);
			return NF_DROP;
		}
	}
	if (unlikely(nat64_xlat_must_segment(skb)) &&
	    left_to_host6(cfg, ipv6_hdr(skb))) {
		nat64_count(nn, NAT64_PASSED);
		return NF_ACCEPT;
	}
	return translate(skb, state, cfg, translate64);
}

/*
 * Of an address of a pool that is the host's own as well, what no binding claims.
 * Had it been cut before we know, its pieces would miss the hooks behind us.
 */
static bool left_to_host4(struct sk_buff *skb, const struct nf_hook_state *state,
			  struct nat64_net *nn, const struct nat64_config *cfg)
{
	struct nat64_packet pkt = {
		.nn = nn,
		.cfg = cfg,
		.state = state,
		.skb = skb,
	};
	const struct iphdr *ip4 = ip_hdr(skb);
	const struct nat64_eip *eip = nat64_eip_find(cfg->eips, ip4->daddr);
	__be16 _ports[2], *ports;

	if ((eip && eip->kind != NAT64_EIP_PORTS) ||
	    !nat64_flow_host4(&pkt, ip4->daddr))
		return false;
	ports = skb_header_pointer(skb, ip4->ihl * 4, sizeof(_ports), _ports);
	if (!ports)
		return true;
	pkt.t4 = (struct nat64_tuple4){
		.local = ip4->daddr,
		.remote = ip4->saddr,
		.lport = ports[1],
		.rport = ports[0],
		.proto = ip4->protocol,
	};
	return !nat64_flow_claimed4(&pkt);
}

static unsigned int hook4(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	struct nat64_net *nn = nat64_pernet(state->net);
	const struct nat64_config *cfg = rcu_dereference(nn->config);
	int err;

	if (!for_us(skb) ||
	    !(nat64_flow_ours4(cfg, ip_hdr(skb)->daddr) ||
	      (unlikely(READ_ONCE(cfg->eips->clats)) &&
	       nat64_flow_clat4(nn, cfg, state, ip_hdr(skb)->saddr,
				ip_hdr(skb)->daddr))))
		return NF_ACCEPT;
	if (goes_round(skb, state))
		return NF_DROP;
	if (unlikely(ip_is_fragment(ip_hdr(skb))) && !skb_is_gso(skb)) {
		err = nat64_reassemble4(skb, state);
		if (err && err != -EINPROGRESS)
			nat64_drop(nn, NULL, NAT64_DROP_FRAGMENT);
		if (err)
			return NF_STOLEN;
	}
	if (unlikely(nat64_xlat_must_segment(skb)) &&
	    left_to_host4(skb, state, nn, cfg)) {
		nat64_count(nn, NAT64_PASSED);
		return NF_ACCEPT;
	}
	return translate(skb, state, cfg, translate46);
}

/* After the raw table, before conntrack. */
static const struct nf_hook_ops hooks[] = {
	{
		.hook = hook6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NAT64_HOOK_PRIORITY,
	}, {
		.hook = hook4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NAT64_HOOK_PRIORITY,
	}, {
		.hook = hook6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NAT64_HOOK_PRIORITY,
	}, {
		.hook = hook4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NAT64_HOOK_PRIORITY,
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
	err = nf_register_net_hooks(nn->net, hooks, ARRAY_SIZE(hooks));
	nn->active = !err;
	if (!err)
		nat64_session_start(nn);
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
}
