// SPDX-License-Identifier: GPL-2.0
/*
 * What would become of a packet: one is made as it is described, goes the way of all
 * packets up to where it would be sent, and leaves no trace.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/inetdevice.h>
#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "binding.h"
#include "config.h"
#include "eip.h"
#include "explain.h"
#include "extack.h"
#include "flow.h"
#include "nat64.h"
#include "netlink.h"
#include "output.h"
#include "packet.h"
#include "pool.h"
#include "rfc6052.h"
#include "session.h"
#include "source.h"
#include "stats.h"
#include "xlat.h"

static struct netlink_range_validation len_range = { 68, U16_MAX };

const struct nla_policy nat64_explain_policy[NAT64_EXPLAIN_MAX + 1] = {
	[NAT64_EXPLAIN_SRC6] = NAT64_POLICY_IN6,
	[NAT64_EXPLAIN_DST6] = NAT64_POLICY_IN6,
	[NAT64_EXPLAIN_SRC4] = { .type = NLA_U32 },
	[NAT64_EXPLAIN_DST4] = { .type = NLA_U32 },
	[NAT64_EXPLAIN_PROTO] = { .type = NLA_U8 },
	[NAT64_EXPLAIN_SPORT] = { .type = NLA_U16 },
	[NAT64_EXPLAIN_DPORT] = { .type = NLA_U16 },
	[NAT64_EXPLAIN_IIF] = NLA_POLICY_MIN(NLA_U32, 1),
	[NAT64_EXPLAIN_LEN] = NLA_POLICY_FULL_RANGE(NLA_U32, &len_range),
	[NAT64_EXPLAIN_HOPS] = { .type = NLA_U8 },
	[NAT64_EXPLAIN_DF] = { .type = NLA_FLAG },
	[NAT64_EXPLAIN_ACK] = { .type = NLA_FLAG },
	[NAT64_EXPLAIN_MARK] = { .type = NLA_U32 },
	[NAT64_EXPLAIN_VERDICT] = { .type = NLA_REJECT },
	[NAT64_EXPLAIN_REASON] = { .type = NLA_REJECT },
	[NAT64_EXPLAIN_PREFIX] = { .type = NLA_REJECT },
	[NAT64_EXPLAIN_POOL] = { .type = NLA_REJECT },
	[NAT64_EXPLAIN_EIP] = { .type = NLA_REJECT },
	[NAT64_EXPLAIN_BINDING] = { .type = NLA_REJECT },
	[NAT64_EXPLAIN_SESSION] = { .type = NLA_REJECT },
	[NAT64_EXPLAIN_HAIRPIN] = { .type = NLA_REJECT },
	[NAT64_EXPLAIN_OIF] = { .type = NLA_REJECT },
	[NAT64_EXPLAIN_GATEWAY4] = { .type = NLA_REJECT },
	[NAT64_EXPLAIN_GATEWAY6] = { .type = NLA_REJECT },
	[NAT64_EXPLAIN_MTU] = { .type = NLA_REJECT },
};

/**
 * struct question - a packet, and what has become of it
 * @nn: the namespace
 * @from_v6: it is one of IPv6
 * @src6: its addresses
 * @dst6: the same
 * @src4: of one of IPv4
 * @dst4: the same
 * @proto: as in a binding
 * @sport: its ports; of ICMP, the id
 * @dport: the same
 * @len: of the whole packet
 * @hops: its hop limit or TTL
 * @own: this host sends it
 * @df: of one of IPv4
 * @ack: of TCP, it belongs to a connection rather than to begin one
 * @mark: the firewall's
 * @in: where it comes in; of one of this host's own, loopback
 * @out: where that would leave if it were not translated
 * @state: of the hook that would see it
 * @skb: the packet
 * @pkt: the same, as the translator sees it
 * @flow: its flow
 * @verdict: NAT64_OK, or why it is dropped
 * @ours: it is translated, or dropped
 * @hairpin: it has turned around
 */
struct question {
	struct nat64_net *nn;
	bool from_v6;
	struct in6_addr src6;
	struct in6_addr dst6;
	__be32 src4;
	__be32 dst4;
	u8 proto;
	__be16 sport;
	__be16 dport;
	u32 len;
	u8 hops;
	bool df;
	bool ack;
	bool own;
	u32 mark;
	struct net_device *in;
	struct net_device *out;
	struct nf_hook_state state;
	struct sk_buff *skb;
	struct nat64_packet pkt;
	struct nat64_flow flow;
	enum nat64_counter verdict;
	bool ours;
	bool hairpin;
};

static int read_addrs(struct question *q, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;

	q->from_v6 = attrs[NAT64_EXPLAIN_SRC6] && attrs[NAT64_EXPLAIN_DST6];
	if (q->from_v6 ==
	    (attrs[NAT64_EXPLAIN_SRC4] && attrs[NAT64_EXPLAIN_DST4])) {
		nat64_extack(q->nn, info->extack,
			     "source and destination are missing, both of one family");
		return -EINVAL;
	}
	if (q->from_v6) {
		q->src6 = nla_get_in6_addr(attrs[NAT64_EXPLAIN_SRC6]);
		q->dst6 = nla_get_in6_addr(attrs[NAT64_EXPLAIN_DST6]);
	} else {
		q->src4 = nla_get_in_addr(attrs[NAT64_EXPLAIN_SRC4]);
		q->dst4 = nla_get_in_addr(attrs[NAT64_EXPLAIN_DST4]);
	}
	return 0;
}

static int read_question(struct question *q, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	int err = read_addrs(q, info);

	if (err)
		return err;
	q->proto = attrs[NAT64_EXPLAIN_PROTO] ?
		   nla_get_u8(attrs[NAT64_EXPLAIN_PROTO]) : IPPROTO_ICMP;
	if (q->proto != IPPROTO_TCP && q->proto != IPPROTO_UDP &&
	    q->proto != IPPROTO_ICMP) {
		nat64_extack(q->nn, info->extack,
			     "protocol %u is not one of tcp, udp and icmp",
			     q->proto);
		return -EINVAL;
	}
	if (attrs[NAT64_EXPLAIN_SPORT])
		q->sport = nla_get_be16(attrs[NAT64_EXPLAIN_SPORT]);
	if (attrs[NAT64_EXPLAIN_DPORT])
		q->dport = nla_get_be16(attrs[NAT64_EXPLAIN_DPORT]);
	q->len = attrs[NAT64_EXPLAIN_LEN] ?
		 nla_get_u32(attrs[NAT64_EXPLAIN_LEN]) : 100;
	q->hops = attrs[NAT64_EXPLAIN_HOPS] ?
		  nla_get_u8(attrs[NAT64_EXPLAIN_HOPS]) : 64;
	if (attrs[NAT64_EXPLAIN_MARK])
		q->mark = nla_get_u32(attrs[NAT64_EXPLAIN_MARK]);
	q->df = attrs[NAT64_EXPLAIN_DF];
	q->ack = attrs[NAT64_EXPLAIN_ACK];
	return 0;
}

/* Where the way to an address of the packet leads. */
static struct net_device *way_to(const struct question *q,
				 const struct in6_addr *addr6, __be32 addr4)
{
	struct flowi6 fl6 = { .daddr = *addr6, .flowi6_mark = q->mark };
	struct flowi4 fl4 = { .daddr = addr4, .flowi4_mark = q->mark };
	struct net_device *dev = NULL;
	struct dst_entry *dst;
	struct rtable *rt;

	if (q->from_v6) {
		dst = ip6_route_output(q->nn->net, NULL, &fl6);
		if (!dst->error)
			dev = dst->dev;
		dst_release(dst);
	} else {
		rt = ip_route_output_key(q->nn->net, &fl4);
		if (IS_ERR(rt))
			return NULL;
		dev = rt->dst.dev;
		ip_rt_put(rt);
	}
	return dev;
}

/* Under RCU. */
static int find_device(struct question *q, struct genl_info *info)
{
	struct nlattr *iif = info->attrs[NAT64_EXPLAIN_IIF];

	q->in = iif ? dev_get_by_index_rcu(q->nn->net, nla_get_u32(iif)) :
		      way_to(q, &q->src6, q->src4);
	q->own = q->in && q->in->flags & IFF_LOOPBACK;
	if (q->own)
		q->out = way_to(q, &q->dst6, q->dst4);
	if (q->in && (q->out || !q->own))
		return 0;
	if (q->own)
		nat64_extack(q->nn, info->extack,
			     "this host has the source, and no route to the destination");
	else if (iif)
		nat64_extack(q->nn, info->extack, "there is no interface %u",
			     nla_get_u32(iif));
	else
		nat64_extack(q->nn, info->extack,
			     "no route leads back to the source: tell the interface");
	return -ENODEV;
}

static void put_l4(const struct question *q, void *l4, unsigned int len)
{
	struct icmphdr *ih = l4;
	struct tcphdr *th = l4;
	struct udphdr *uh = l4;

	switch (q->proto) {
	case IPPROTO_TCP:
		th->source = q->sport;
		th->dest = q->dport;
		th->doff = sizeof(*th) / 4;
		th->syn = !q->ack;
		th->ack = q->ack;
		break;
	case IPPROTO_UDP:
		uh->source = q->sport;
		uh->dest = q->dport;
		uh->len = htons(len);
		/* Nobody verifies it; zero would mean that there is none. */
		uh->check = CSUM_MANGLED_0;
		break;
	default:
		ih->type = q->from_v6 ? ICMPV6_ECHO_REQUEST : ICMP_ECHO;
		ih->un.echo.id = q->sport;
	}
}

static void put_headers(const struct question *q, struct sk_buff *skb)
{
	unsigned int l3_len = q->from_v6 ? sizeof(struct ipv6hdr) :
					   sizeof(struct iphdr);
	void *l3 = skb_put_zero(skb, q->len);
	struct ipv6hdr *ip6 = l3;
	struct iphdr *ip4 = l3;

	skb_reset_network_header(skb);
	skb_set_transport_header(skb, l3_len);
	put_l4(q, l3 + l3_len, q->len - l3_len);
	if (q->from_v6) {
		skb->protocol = htons(ETH_P_IPV6);
		ip6->version = 6;
		ip6->payload_len = htons(q->len - l3_len);
		ip6->nexthdr = q->proto == IPPROTO_ICMP ? IPPROTO_ICMPV6 :
							  q->proto;
		ip6->hop_limit = q->hops;
		ip6->saddr = q->src6;
		ip6->daddr = q->dst6;
	} else {
		skb->protocol = htons(ETH_P_IP);
		ip4->version = 4;
		ip4->ihl = sizeof(*ip4) / 4;
		ip4->tot_len = htons(q->len);
		ip4->frag_off = q->df ? htons(IP_DF) : 0;
		ip4->ttl = q->hops;
		ip4->protocol = q->proto;
		ip4->saddr = q->src4;
		ip4->daddr = q->dst4;
		ip_send_check(ip4);
	}
}

/* May sleep. */
static struct sk_buff *make_packet(const struct question *q)
{
	struct sk_buff *skb = alloc_skb(MAX_HEADER + 128 + q->len,
					GFP_KERNEL | __GFP_NOWARN);

	if (!skb)
		return NULL;
	skb_reserve(skb, MAX_HEADER + 128);
	put_headers(q, skb);
	skb->mark = q->mark;
	return skb;
}

static void begin(struct question *q, const struct nat64_config *cfg,
		  bool hops_paid)
{
	q->pkt = (struct nat64_packet){
		.nn = q->nn,
		.cfg = cfg,
		.state = &q->state,
		.skb = q->skb,
		.hops_paid = hops_paid,
		.asked = true,
	};
}

/* As if it came in now, or were about to leave. */
static void place_packet(struct question *q)
{
	q->skb->dev = q->own ? q->out : q->in;
	q->skb->skb_iif = q->own ? 0 : q->in->ifindex;
	/* As sockets send. */
	q->skb->ignore_df = q->own;
	q->state = (struct nf_hook_state){
		.hook = q->own ? NF_INET_LOCAL_OUT : NF_INET_PRE_ROUTING,
		.pf = q->from_v6 ? NFPROTO_IPV6 : NFPROTO_IPV4,
		.in = q->own ? NULL : q->in,
		.out = q->out,
		.net = q->nn->net,
	};
	begin(q, rcu_dereference(q->nn->config), q->own);
}

static enum nat64_counter way_out(struct question *q)
{
	enum nat64_counter verdict;

	if (!q->hairpin || !q->pkt.from_v6) {
		verdict = nat64_output_route(&q->pkt, &q->flow);
		if (verdict)
			return verdict;
	}
	verdict = nat64_output_check(&q->pkt);
	if (verdict)
		return verdict;
	return q->pkt.from_v6 ? nat64_xlat64(&q->pkt, &q->flow) :
				nat64_xlat46(&q->pkt, &q->flow);
}

static enum nat64_counter go46(struct question *q)
{
	enum nat64_counter verdict = nat64_packet_parse4(&q->pkt) ?:
				     nat64_flow46(&q->pkt, &q->flow);

	return verdict ?: way_out(q);
}

static enum nat64_counter go64(struct question *q)
{
	enum nat64_counter verdict = nat64_packet_parse6(&q->pkt) ?:
				     nat64_flow64(&q->pkt, &q->flow);

	if (verdict)
		return verdict;
	q->hairpin = nat64_flow_hairpin(&q->pkt, &q->flow);
	return way_out(q);
}

/* What the hook lets go on although it could have been ours. */
static bool passes(const struct question *q)
{
	if (q->from_v6)
		return q->verdict &&
		       !nat64_config_prefix(q->pkt.cfg, &q->dst6) &&
		       !nat64_config_prefix(q->pkt.cfg, &q->src6);
	switch (q->verdict) {
	case NAT64_DROP_NO_BINDING:
	case NAT64_DROP_FILTERED:
	case NAT64_DROP_NO_SESSION:
		return nat64_flow_host4(&q->pkt, q->dst4);
	case NAT64_DROP_BAD_SOURCE:
		return nat64_source_own(&q->state) &&
		       nat64_flow_host4(&q->pkt, q->dst4);
	default:
		return false;
	}
}

/* Under RCU, BH disabled, as packets are. */
static void follow(struct question *q)
{
	const struct nat64_config *cfg = q->pkt.cfg;

	if (!q->nn->active)
		return;
	q->ours = q->from_v6 ? nat64_flow_ours6(cfg, ipv6_hdr(q->skb)) :
		  nat64_flow_ours4(cfg, q->dst4) ||
		  nat64_flow_clat4(q->nn, cfg, &q->state, q->src4, q->dst4);
	if (!q->ours)
		return;
	q->verdict = q->from_v6 ? go64(q) : go46(q);
	q->ours = !passes(q);
	if (q->verdict || !q->hairpin)
		return;
	begin(q, cfg, true);
	q->verdict = go46(q);
}

static int fill_prefix(const struct question *q, struct sk_buff *reply)
{
	const struct nat64_prefix *prefix =
		nat64_config_prefix(q->pkt.cfg, q->from_v6 ? &q->dst6 :
					       &q->flow.t6.remote);

	return prefix ? nat64_fill_nested(reply, NAT64_EXPLAIN_PREFIX,
					  nat64_fill_prefix, prefix) : 0;
}

static int fill_eip(const struct question *q, struct sk_buff *reply)
{
	const struct nat64_prefix *prefix;
	const struct nat64_eip *eip;
	__be32 addr = q->dst4;

	if (q->from_v6) {
		prefix = nat64_config_prefix(q->pkt.cfg, &q->dst6);
		if (!prefix)
			return 0;
		addr = nat64_rfc6052_extract(&q->dst6, prefix->len);
	}
	eip = nat64_eip_find(q->pkt.cfg->eips, addr);
	if (!eip || eip->kind == NAT64_EIP_PORTS)
		return 0;
	return nat64_fill_nested(reply, NAT64_EXPLAIN_EIP, nat64_fill_eip, eip);
}

static int fill_pool(const struct question *q, struct sk_buff *reply)
{
	const struct nat64_pool *pool = nat64_pool_find(q->pkt.cfg,
							q->flow.t4.local);

	return pool ? nat64_fill_nested(reply, NAT64_EXPLAIN_POOL,
					nat64_fill_pool, pool) : 0;
}

static int fill_state(const struct question *q, struct sk_buff *reply)
{
	const struct nat64_tuple4 *t4 = &q->flow.t4;
	const struct nat64_binding *binding =
		nat64_binding_find4(q->nn, t4->proto, t4->local, t4->lport);

	if (binding && nat64_fill_nested(reply, NAT64_EXPLAIN_BINDING,
					 nat64_fill_binding, &binding->first))
		return -EMSGSIZE;
	return q->flow.session ?
	       nat64_fill_nested(reply, NAT64_EXPLAIN_SESSION,
				 nat64_fill_session, q->flow.session) : 0;
}

static int fill_route(const struct question *q, struct sk_buff *reply)
{
	const struct dst_entry *dst = q->pkt.dst;
	const struct in6_addr *gateway6;
	const struct rtable *rt;

	if (!dst)
		return 0;
	if (nla_put_u32(reply, NAT64_EXPLAIN_OIF, dst->dev->ifindex) ||
	    nla_put_u32(reply, NAT64_EXPLAIN_MTU, dst_mtu(dst)))
		return -EMSGSIZE;
	if (q->pkt.from_v6) {
		rt = container_of(dst, struct rtable, dst);
		if (rt->rt_gw_family == AF_INET)
			return nla_put_in_addr(reply, NAT64_EXPLAIN_GATEWAY4,
					       rt->rt_gw4);
		if (rt->rt_gw_family == AF_INET6)
			return nla_put_in6_addr(reply, NAT64_EXPLAIN_GATEWAY6,
						&rt->rt_gw6);
		return 0;
	}
	gateway6 = &container_of(dst, struct rt6_info, dst)->rt6i_gateway;
	return ipv6_addr_any(gateway6) ||
	       ipv6_addr_equal(gateway6, &q->flow.t6.local) ? 0 :
	       nla_put_in6_addr(reply, NAT64_EXPLAIN_GATEWAY6, gateway6);
}

/* The packet as it would be sent. */
static int fill_packet(const struct question *q, struct sk_buff *reply)
{
	bool is6 = !q->pkt.from_v6;
	const struct ipv6hdr *ip6 = ipv6_hdr(q->skb);
	const struct iphdr *ip4 = ip_hdr(q->skb);
	const __be16 *ports = (const __be16 *)(is6 ? (void *)(ip6 + 1) :
						     (void *)(ip4 + 1));
	const struct icmphdr *ih = (const struct icmphdr *)ports;
	bool icmp = q->proto == IPPROTO_ICMP;

	if (is6 ? nla_put_in6_addr(reply, NAT64_EXPLAIN_SRC6, &ip6->saddr) ||
		  nla_put_in6_addr(reply, NAT64_EXPLAIN_DST6, &ip6->daddr) ||
		  nla_put_u8(reply, NAT64_EXPLAIN_HOPS, ip6->hop_limit) :
		  nla_put_in_addr(reply, NAT64_EXPLAIN_SRC4, ip4->saddr) ||
		  nla_put_in_addr(reply, NAT64_EXPLAIN_DST4, ip4->daddr) ||
		  nla_put_u8(reply, NAT64_EXPLAIN_HOPS, ip4->ttl))
		return -EMSGSIZE;
	return nla_put_u8(reply, NAT64_EXPLAIN_PROTO, q->proto) ||
	       nla_put_be16(reply, NAT64_EXPLAIN_SPORT,
			    icmp ? ih->un.echo.id : ports[0]) ||
	       (!icmp && nla_put_be16(reply, NAT64_EXPLAIN_DPORT, ports[1])) ||
	       nla_put_u32(reply, NAT64_EXPLAIN_LEN, q->skb->len);
}

/* Where there is no way to. */
static int fill_unrouted(const struct question *q, struct sk_buff *reply)
{
	return q->pkt.from_v6 ?
	       nla_put_in_addr(reply, NAT64_EXPLAIN_DST4, q->flow.t4.remote) :
	       nla_put_in6_addr(reply, NAT64_EXPLAIN_DST6, &q->flow.t6.local);
}

static int fill(const struct question *q, struct sk_buff *reply)
{
	enum nat64_explain_verdict verdict =
		!q->ours ? NAT64_EXPLAIN_PASSES :
		q->verdict ? NAT64_EXPLAIN_DROPPED : NAT64_EXPLAIN_TRANSLATED;

	if (nla_put_u32(reply, NAT64_EXPLAIN_IIF, q->in->ifindex) ||
	    nla_put_u8(reply, NAT64_EXPLAIN_VERDICT, verdict))
		return -EMSGSIZE;
	if (q->verdict &&
	    nla_put_string(reply, NAT64_EXPLAIN_REASON,
			   nat64_stats_name(q->verdict)))
		return -EMSGSIZE;
	if (!q->ours)
		return 0;
	if (q->verdict == NAT64_DROP_TOO_BIG &&
	    nla_put_u32(reply, NAT64_EXPLAIN_MTU, q->pkt.info))
		return -EMSGSIZE;
	if (fill_prefix(q, reply) || fill_eip(q, reply))
		return -EMSGSIZE;
	if (q->verdict == NAT64_DROP_NO_ROUTE)
		return fill_pool(q, reply) || fill_state(q, reply) ||
		       fill_unrouted(q, reply);
	if (q->verdict)
		return 0;
	if (q->hairpin && nla_put_flag(reply, NAT64_EXPLAIN_HAIRPIN))
		return -EMSGSIZE;
	return fill_pool(q, reply) || fill_state(q, reply) ||
	       fill_route(q, reply) || fill_packet(q, reply);
}

/**
 * nat64_explain() - tell what would become of a packet
 * @nn: the namespace, locked
 * @reply: the answer
 * @info: the packet, NAT64_EXPLAIN_*
 *
 * Sessions are looked at, and neither made nor ended.
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int nat64_explain(struct nat64_net *nn, struct sk_buff *reply,
		  struct genl_info *info)
{
	struct question *q = kzalloc(sizeof(*q), GFP_KERNEL);
	int err;

	if (!q)
		return -ENOMEM;
	q->nn = nn;
	err = read_question(q, info);
	if (err)
		goto free;
	err = -ENOMEM;
	q->skb = make_packet(q);
	if (!q->skb)
		goto free;
	rcu_read_lock();
	local_bh_disable();
	err = find_device(q, info);
	if (!err) {
		place_packet(q);
		follow(q);
		err = fill(q, reply) ? -EMSGSIZE : 0;
		if (q->pkt.dst_ref)
			dst_release(q->pkt.dst);
	}
	local_bh_enable();
	rcu_read_unlock();
	consume_skb(q->skb);
free:
	kfree(q);
	return err;
}
