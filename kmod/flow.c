// SPDX-License-Identifier: GPL-2.0
/*
 * Whose packet is it, and what do its addresses and ports become?
 *
 * A session answers with one lookup.  Without one: an EIP that is bound one
 * to one (RFC 7757), or a binding, old or new, and a new session on it
 * (RFC 6146 section 3.5).
 */
#include <linux/inetdevice.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "admit.h"
#include "addr4.h"
#include "binding.h"
#include "client.h"
#include "config.h"
#include "contact.h"
#include "eip.h"
#include "flow.h"
#include "nat64.h"
#include "pool.h"
#include "rfc6052.h"
#include "session.h"
#include "source.h"
#include "syn.h"
#include "tcp.h"

static void flow_of_session(struct nat64_session *s, struct nat64_flow *flow)
{
	flow->t6 = s->t6;
	flow->t4 = s->t4;
	flow->session = s;
}

/**
 * nat64_flow_ours4() - may an IPv4 address stand for an IPv6 host?
 * @cfg: the configuration, RCU
 * @addr: the address
 *
 * Context: RCU.
 */
bool nat64_flow_ours4(const struct nat64_config *cfg, __be32 addr)
{
	const struct nat64_eip *eip;

	if (nat64_pool_find(cfg, addr))
		return true;
	if (likely(bitmap_empty(cfg->eips->lens, 33)))
		return false;
	eip = nat64_eip_find(cfg->eips, addr);
	return eip && (eip->kind == NAT64_EIP_TO6 ||
		       eip->kind == NAT64_EIP_PORTS);
}

/* What an address is to this host, or to the VRF that a packet came in by. */
static unsigned int type4(struct nat64_net *nn,
				     const struct nf_hook_state *state,
				     __be32 addr)
{
	return inet_addr_type_dev_table(nn->net, nat64_packet_device(state),
					addr);
}

static const struct nat64_eip *clat_of4(const struct nat64_config *cfg,
					__be32 addr)
{
	const struct nat64_eip *eip;

	if (!READ_ONCE(cfg->eips->clats))
		return NULL;
	eip = nat64_eip_find(cfg->eips, addr);
	return eip && eip->kind == NAT64_EIP_CLAT_HOST ? eip : NULL;
}

static const struct nat64_eip *clat_of6(const struct nat64_config *cfg,
					const struct in6_addr *addr)
{
	const struct nat64_eip *eip;

	if (!READ_ONCE(cfg->eips->clats))
		return NULL;
	eip = nat64_eip_by_target6(cfg->eips, addr);
	return eip && eip->kind == NAT64_EIP_CLAT_HOST ? eip : NULL;
}

/**
 * nat64_flow_clat4() - does an IPv4 packet go on in IPv6 for its source's sake?
 * @nn: the namespace
 * @cfg: the configuration, RCU
 * @state: the hook that saw it
 * @saddr: its source
 * @daddr: its destination
 *
 * RFC 6877: a host on this side, to any address but those of this host and of
 * its fellows.
 *
 * Context: RCU.
 */
bool nat64_flow_clat4(struct nat64_net *nn, const struct nat64_config *cfg,
		      const struct nf_hook_state *state, __be32 saddr,
		      __be32 daddr)
{
	return clat_of4(cfg, saddr) && !clat_of4(cfg, daddr) &&
	       type4(nn, state, daddr) == RTN_UNICAST;
}

/**
 * nat64_flow_ours6() - is an IPv6 packet to be translated?
 * @cfg: the configuration, RCU
 * @ip6: its header
 *
 * What a CLAT here has made is for the NAT64 at the other end (RFC 6877), as is
 * all that is sent to its prefix.
 *
 * Context: RCU.
 */
bool nat64_flow_ours6(const struct nat64_config *cfg, const struct ipv6hdr *ip6)
{
	const struct nat64_prefix *prefix = nat64_config_prefix(cfg,
								&ip6->daddr);

	return (prefix && prefix->mode != NAT64_PREFIX_CLAT &&
		!clat_of6(cfg, &ip6->saddr)) ||
	       clat_of6(cfg, &ip6->daddr);
}

/**
 * nat64_flow_host4() - is an address this host's own?
 * @pkt: a packet, which tells the VRF
 * @addr: the address
 *
 * An operator may share an address between a pool and the host.
 *
 * Context: any.
 */
bool nat64_flow_host4(const struct nat64_packet *pkt, __be32 addr)
{
	return type4(pkt->nn, pkt->state, addr) == RTN_LOCAL;
}

/**
 * nat64_flow_hairpin() - is the IPv4 host an IPv6 host of ours?
 * @pkt: an IPv6 packet
 * @flow: its flow
 *
 * RFC 6146 section 3.8.
 *
 * Context: RCU.
 */
bool nat64_flow_hairpin(const struct nat64_packet *pkt,
			const struct nat64_flow *flow)
{
	const struct nat64_tuple4 *t4 = &flow->t4;
	const struct nat64_eip *eip;

	if (!nat64_flow_ours4(pkt->cfg, t4->remote))
		return false;
	eip = nat64_eip_find(pkt->cfg->eips, t4->remote);
	if (eip && eip->kind == NAT64_EIP_TO6)
		return true;
	return nat64_binding_find4(pkt->nn, t4->proto, t4->remote, t4->rport) ||
	       !nat64_flow_host4(pkt, t4->remote);
}

/*
 * The IPv4 host that an IPv6 host means, by policy of the prefix, unless @any may
 * be meant by prefixes of mode eip.
 */
static enum nat64_counter remote4(struct nat64_net *nn,
				  const struct nat64_config *cfg,
				  const struct nat64_prefix *prefix,
				  const struct nat64_tuple6 *t6, bool any,
				  __be32 *addr)
{
	enum nat64_counter verdict;
	const struct nat64_eip *eip;
	struct in6_addr target;

	if (prefix->mode == NAT64_PREFIX_CLAT)
		return NAT64_DROP_NO_PREFIX;
	*addr = nat64_rfc6052_extract(&t6->remote, prefix->len);
	if (!nat64_addr4_unicast(*addr))
		return NAT64_DROP_BAD_DESTINATION;
	eip = nat64_eip_find(cfg->eips, *addr);
	if (eip && eip->kind == NAT64_EIP_TO4) {
		nat64_eip_to6(eip, *addr, &target);
		*addr = target.s6_addr32[3];
		return NAT64_OK;
	}
	/* RFC 6052 section 3.1 */
	if (prefix->mode == NAT64_PREFIX_EIP && !any)
		verdict = NAT64_DROP_NOT_EIP;
	else if (!prefix->private && !nat64_addr4_global(*addr))
		verdict = NAT64_DROP_NOT_GLOBAL;
	else
		return NAT64_OK;
	/* Of an address with static bindings, just what they publish. */
	if (eip && (eip->kind == NAT64_EIP_TO6 ||
		    nat64_binding_find4(nn, t6->proto, *addr, t6->rport)))
		return NAT64_OK;
	return verdict;
}

static enum nat64_counter open_session(const struct nat64_packet *pkt,
				       struct nat64_binding *binding,
				       struct nat64_pool *pool,
				       struct nat64_flow *flow)
{
	enum nat64_counter verdict;
	struct nat64_session *s;

	verdict = nat64_session_create(pkt, &flow->t6, &flow->t4, binding, pool,
				       &s);
	if (!verdict && s)
		flow_of_session(s, flow);
	return verdict;
}

static enum nat64_counter open_bound(const struct nat64_packet *pkt,
				     struct nat64_binding *binding,
				     struct nat64_flow *flow)
{
	flow->t4.local = binding->first.t4.local;
	flow->t4.lport = binding->first.t4.lport;
	return open_session(pkt, binding, NULL, flow);
}

/*
 * Address- and port-dependent mapping: any port that this remote end lacks, or
 * that of a session with it that nobody goes on with.
 */
static enum nat64_counter open_dependent(const struct nat64_packet *pkt,
					 struct nat64_pool *pool,
					 struct nat64_pool_search *search,
					 bool evict, struct nat64_flow *flow)
{
	enum nat64_counter verdict;
	struct nat64_session *s;

	nat64_pool_candidates(search);
	while (nat64_pool_candidate(pool, search, &flow->t4.local,
				    &flow->t4.lport)) {
		s = nat64_session_find4(pkt->nn, &flow->t4);
		if (s && !(evict && nat64_evict(pkt, s)))
			continue;
		verdict = open_session(pkt, NULL, pool, flow);
		if (verdict != NAT64_DROP_SESSION_CONFLICT)
			return verdict;
	}
	return NAT64_DROP_POOL_EXHAUSTED;
}

static enum nat64_counter search_pools(const struct nat64_packet *pkt,
				       struct nat64_pool_search *search,
				       bool evict, struct nat64_flow *flow)
{
	enum nat64_counter verdict = NAT64_DROP_NO_POOL;
	struct nat64_session *s;
	struct nat64_pool *pool;

	nat64_pool_search(search, pkt);
	while ((pool = nat64_pool_next(search))) {
		if (pool->params.mapping ==
		    NAT64_MAPPING_ADDRESS_PORT_DEPENDENT) {
			verdict = open_dependent(pkt, pool, search, evict,
						 flow);
		} else {
			verdict = nat64_session_create_first(pkt, pool, search,
							     &flow->t6,
							     &flow->t4, &s);
			if (!verdict && s)
				flow_of_session(s, flow);
		}
		if (verdict != NAT64_DROP_POOL_EXHAUSTED)
			break;
	}
	return verdict;
}

/* RFC 6146 section 3.5: the binding that there is, or a new one of a pool. */
static enum nat64_counter map_client(const struct nat64_packet *pkt,
				     struct nat64_binding *binding,
				     struct nat64_flow *flow)
{
	struct nat64_pool_search search;
	enum nat64_counter verdict;

	if (binding && refcount_inc_not_zero(&binding->first.refs))
		return open_bound(pkt, binding, flow);
	/* Before it costs a search, and memory of a pool. */
	if (nat64_client_too_fast(pkt, &flow->t6.local))
		return NAT64_DROP_CLIENT_RATE;
	verdict = search_pools(pkt, &search, false, flow);
	if (!pkt->cfg->early_drop || pkt->asked ||
	    nat64_client_full(pkt, &flow->t6.local, true))
		return verdict;
	/* Of full blocks its own first; others' would have to become free whole. */
	if (verdict == NAT64_DROP_POOL_EXHAUSTED && pkt->cfg->blocks &&
	    nat64_evict_port_of(pkt, &flow->t6, NULL))
		return search_pools(pkt, &search, true, flow);
	if (verdict == NAT64_DROP_POOL_EXHAUSTED)
		nat64_evict_port(pkt, &flow->t6);
	else if (verdict != NAT64_DROP_CLIENT_PORTS ||
		 !nat64_evict_port_of(pkt, &flow->t6, search.pool))
		return verdict;
	return search_pools(pkt, &search, true, flow);
}

/* One to one by addresses alone, any protocol: the address of the IPv6 host. */
static enum nat64_counter static_local4(const struct nat64_packet *pkt,
					bool clat, __be32 *addr)
{
	const struct nat64_eip *own = nat64_eip_by_target6(pkt->cfg->eips,
							   &pkt->t6.local);
	const struct nat64_prefix *prefix;

	if (own && own->kind == NAT64_EIP_TO6) {
		*addr = nat64_eip_to4(own, &pkt->t6.local);
		return NAT64_OK;
	}
	/* The other end of a CLAT is the IPv4 world itself. */
	prefix = nat64_config_prefix(pkt->cfg, &pkt->t6.local);
	if (!clat || !prefix)
		return NAT64_DROP_NO_PREFIX;
	*addr = nat64_rfc6052_extract(&pkt->t6.local, prefix->len);
	/* What is on this side does not come from there. */
	if (!nat64_addr4_unicast(*addr) || clat_of4(pkt->cfg, *addr) ||
	    nat64_flow_host4(pkt, *addr))
		return NAT64_DROP_BAD_SOURCE;
	if (!prefix->private && !nat64_addr4_global(*addr))
		return NAT64_DROP_NOT_GLOBAL;
	return NAT64_OK;
}

static enum nat64_counter clat_flow64(const struct nat64_packet *pkt,
				      const struct nat64_eip *clat,
				      struct nat64_flow *flow)
{
	enum nat64_counter verdict = NAT64_OK;

	if (pkt->kind != NAT64_KIND_ERROR)
		verdict = nat64_source_check6(pkt);
	flow->t4.remote = nat64_eip_to4(clat, &pkt->t6.remote);
	return verdict ?: static_local4(pkt, true, &flow->t4.local);
}

static enum nat64_counter new_flow64(const struct nat64_packet *pkt,
				     struct nat64_binding *binding,
				     struct nat64_flow *flow)
{
	struct nat64_net *nn = pkt->nn;
	const struct nat64_prefix *prefix;
	const struct nat64_eip *clat;
	enum nat64_counter verdict;
	bool own;

	flow->session = NULL;
	flow->t6 = pkt->t6;
	flow->t4 = (struct nat64_tuple4){
		.lport = pkt->t6.lport,
		.rport = pkt->t6.rport,
		.proto = pkt->t6.proto,
	};
	clat = clat_of6(pkt->cfg, &pkt->t6.remote);
	if (clat)
		return clat_flow64(pkt, clat, flow);

	prefix = nat64_config_prefix(pkt->cfg, &pkt->t6.remote);
	if (!prefix)
		return NAT64_DROP_NO_PREFIX;
	if (pkt->kind != NAT64_KIND_ERROR) {
		verdict = nat64_source_check6(pkt);
		if (verdict)
			return verdict;
		/* RFC 6146 section 3.5: a source inside a prefix is a loop. */
		if (nat64_config_prefix(pkt->cfg, &pkt->t6.local))
			return NAT64_DROP_LOOP;
	}
	own = !static_local4(pkt, false, &flow->t4.local);
	if (pkt->kind == NAT64_KIND_ERROR && !own)
		return pkt->inner.ids ? NAT64_DROP_NO_SESSION :
					NAT64_DROP_BAD_HEADER;
	verdict = remote4(nn, pkt->cfg, prefix, &pkt->t6, own,
			  &flow->t4.remote);
	if (verdict || own)
		return verdict;

	if (pkt->kind == NAT64_KIND_OTHER)
		return NAT64_DROP_UNKNOWN_PROTOCOL;
	if (pkt->proto == IPPROTO_TCP && pkt->event != NAT64_TCP_V6_SYN) {
		if (!binding)
			return NAT64_DROP_NO_SESSION;
		flow->t4.local = binding->first.t4.local;
		flow->t4.lport = binding->first.t4.lport;
		return NAT64_OK;
	}
	return map_client(pkt, binding, flow);
}

/* Packets, and errors that reach far enough, may be a session's. */
static bool has_ids(const struct nat64_packet *pkt)
{
	return pkt->kind == NAT64_KIND_ERROR ? pkt->inner.ids :
					       pkt->kind != NAT64_KIND_OTHER;
}

/**
 * nat64_flow64() - find or make the flow of an IPv6 packet
 * @pkt: the packet, parsed; not yet changed
 * @flow: result
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, or the reason to drop.
 */
enum nat64_counter nat64_flow64(const struct nat64_packet *pkt,
				struct nat64_flow *flow)
{
	enum nat64_counter verdict;
	struct nat64_binding *binding = NULL;
	struct nat64_session *s;

	s = has_ids(pkt) ? nat64_session_find6(pkt->nn, &pkt->t6, &binding) :
			   NULL;
	if (s) {
		flow_of_session(s, flow);
	} else {
		verdict = new_flow64(pkt, binding, flow);
		if (verdict)
			return verdict;
	}
	if (!flow->session || pkt->kind == NAT64_KIND_ERROR || pkt->asked)
		return NAT64_OK;
	nat64_session_touch(pkt->nn, flow->session, pkt->cfg, true, pkt->event);
	/* RFC 6146 section 3.5.2.2: both ends opened at once. */
	if (pkt->proto == IPPROTO_TCP && pkt->event == NAT64_TCP_V6_SYN &&
	    nat64_syn_take(pkt->nn, &flow->t4))
		nat64_session_touch(pkt->nn, flow->session, pkt->cfg, false,
				    NAT64_TCP_V4_SYN);
	return NAT64_OK;
}

/* RFC 959 section 3.2: where an FTP server's data connections come from. */
#define FTP_DATA_PORT 20

/**
 * nat64_flow_expect() - make a flow for a connection that is to come
 * @pkt: a packet of the FTP control connection
 * @control: its flow
 * @lport: the port where the IPv6 host waits
 * @flow: result
 *
 * As if the IPv6 host had sent a SYN to the server's data port.
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, or the reason why not.
 */
enum nat64_counter nat64_flow_expect(const struct nat64_packet *pkt,
				     const struct nat64_flow *control,
				     __be16 lport, struct nat64_flow *flow)
{
	struct nat64_packet data = {
		.nn = pkt->nn,
		.cfg = pkt->cfg,
		.state = pkt->state,
		.skb = pkt->skb,
		.from_v6 = true,
		.kind = NAT64_KIND_TCP,
		.proto = IPPROTO_TCP,
		.t6 = control->t6,
		.event = NAT64_TCP_V6_SYN,
	};

	data.t6.lport = lport;
	data.t6.rport = htons(FTP_DATA_PORT);
	return nat64_flow64(&data, flow);
}

static enum nat64_counter embed(const struct nat64_packet *pkt, __be32 addr4,
				bool clat, struct in6_addr *addr)
{
	const struct nat64_prefix *prefix;
	const struct nat64_eip *eip;
	struct in6_addr mapped;

	prefix = nat64_config_reply_prefix(pkt->cfg, clat);
	if (!prefix)
		return NAT64_DROP_NO_PREFIX;
	eip = nat64_eip_by_target4(pkt->cfg->eips, addr4);
	if (eip && eip->kind == NAT64_EIP_TO4) {
		ipv6_addr_set_v4mapped(addr4, &mapped);
		addr4 = nat64_eip_to4(eip, &mapped);
	} else if (!prefix->private && !nat64_addr4_global(addr4)) {
		return NAT64_DROP_NOT_GLOBAL;
	}
	nat64_rfc6052_embed(addr, &prefix->addr, prefix->len, addr4);
	return NAT64_OK;
}

/* The address by which an IPv6 host sees an IPv4 host: by its EIP if any. */
static enum nat64_counter remote6(const struct nat64_packet *pkt,
				  struct in6_addr *addr)
{
	const struct nat64_eip *clat = clat_of4(pkt->cfg, pkt->t4.remote);

	if (!clat)
		return embed(pkt, pkt->t4.remote, false, addr);
	nat64_eip_to6(clat, pkt->t4.remote, addr);
	return NAT64_OK;
}

/* RFC 6146 section 3.5.1.2 and 3.5.2.2: address-dependent filtering */
static bool filtered(const struct nat64_packet *pkt,
		     const struct nat64_binding *binding)
{
	return nat64_binding_filters(binding) &&
	       !nat64_contact_find(pkt->nn, &pkt->t4);
}

/* What is for the host itself has been left to it before that. */
static enum nat64_counter came_from4(const struct nat64_packet *pkt)
{
	return pkt->kind == NAT64_KIND_ERROR ? NAT64_OK :
					       nat64_source_check4(pkt);
}

static enum nat64_counter new_flow46(const struct nat64_packet *pkt,
				     struct nat64_flow *flow)
{
	struct nat64_net *nn = pkt->nn;
	struct nat64_binding *binding;
	enum nat64_counter verdict;
	struct nat64_eip *eip;

	if (pkt->kind != NAT64_KIND_ERROR &&
	    !nat64_addr4_unicast(pkt->t4.remote))
		return NAT64_DROP_BAD_SOURCE;
	flow->session = NULL;
	flow->t4 = pkt->t4;
	flow->t6.lport = pkt->t4.lport;
	flow->t6.rport = pkt->t4.rport;
	flow->t6.proto = pkt->t4.proto;

	eip = nat64_eip_find(pkt->cfg->eips, pkt->t4.local);
	if (eip && eip->kind == NAT64_EIP_TO6) {
		nat64_eip_to6(eip, pkt->t4.local, &flow->t6.local);
		return came_from4(pkt) ?: remote6(pkt, &flow->t6.remote);
	}
	if (clat_of4(pkt->cfg, pkt->t4.remote)) {
		if (!nat64_addr4_unicast(pkt->t4.local))
			return NAT64_DROP_BAD_DESTINATION;
		return embed(pkt, pkt->t4.local, true, &flow->t6.local) ?:
		       came_from4(pkt) ?: remote6(pkt, &flow->t6.remote);
	}
	if (pkt->kind == NAT64_KIND_ERROR)
		return pkt->inner.ids ? NAT64_DROP_NO_SESSION :
					NAT64_DROP_BAD_HEADER;
	if (pkt->kind == NAT64_KIND_OTHER)
		return NAT64_DROP_UNKNOWN_PROTOCOL;

	binding = nat64_binding_find4(nn, pkt->proto, pkt->t4.local,
				      pkt->t4.lport);
	if (!binding || !nat64_binding_held(binding, 0))
		return NAT64_DROP_NO_BINDING;
	verdict = came_from4(pkt);
	if (verdict)
		return verdict;
	if (filtered(pkt, binding))
		return NAT64_DROP_FILTERED;
	flow->t6.local = binding->first.t6.local;
	flow->t6.lport = binding->first.t6.lport;
	verdict = remote6(pkt, &flow->t6.remote);
	if (verdict)
		return verdict;
	if (pkt->proto == IPPROTO_TCP && pkt->event != NAT64_TCP_V4_SYN)
		return NAT64_OK;
	if (!refcount_inc_not_zero(&binding->first.refs))
		return NAT64_DROP_NO_BINDING;
	return open_session(pkt, binding, NULL, flow);
}

/* The IPv4 side cannot bring a session back that is past its time, unless
 * something else, a session or the operator, keeps its binding.
 */
static bool is_over(struct nat64_session *s)
{
	const struct nat64_binding *binding;

	if (!nat64_session_expired(s))
		return false;
	binding = nat64_binding_of(s);
	return !binding ||
	       !nat64_binding_held(binding,
				   nat64_session_holds(atomic_read(&s->state)));
}

/**
 * nat64_flow_claimed4() - has a packet a session, or a binding that lets it in?
 * @pkt: nn and t4 are set
 *
 * Context: RCU.
 */
bool nat64_flow_claimed4(const struct nat64_packet *pkt)
{
	const struct nat64_tuple4 *t4 = &pkt->t4;
	const struct nat64_binding *binding;
	struct nat64_session *s;

	s = nat64_session_find4(pkt->nn, t4);
	if (s)
		return !is_over(s);
	binding = nat64_binding_find4(pkt->nn, t4->proto, t4->local, t4->lport);
	return binding && nat64_binding_held(binding, 0) &&
	       !filtered(pkt, binding);
}

/**
 * nat64_flow46() - find or make the flow of an IPv4 packet
 * @pkt: the packet, parsed; not yet changed
 * @flow: result
 *
 * Context: RCU, BH disabled.
 * Return: NAT64_OK, or the reason to drop.
 */
enum nat64_counter nat64_flow46(const struct nat64_packet *pkt,
				struct nat64_flow *flow)
{
	enum nat64_counter verdict;
	struct nat64_session *s;

	s = has_ids(pkt) ? nat64_session_find4(pkt->nn, &pkt->t4) : NULL;
	if (s && is_over(s))
		return NAT64_DROP_NO_BINDING;
	if (s) {
		flow_of_session(s, flow);
	} else {
		verdict = new_flow46(pkt, flow);
		if (verdict)
			return verdict;
	}
	if (!flow->session || pkt->kind == NAT64_KIND_ERROR || pkt->asked)
		return NAT64_OK;
	nat64_session_touch(pkt->nn, flow->session, pkt->cfg, false,
			    pkt->event);
	/* What let this one in may have come after one that is stored. */
	if (pkt->proto == IPPROTO_TCP && pkt->event == NAT64_TCP_V4_SYN)
		nat64_syn_take(pkt->nn, &flow->t4);
	return NAT64_OK;
}

/* A host that needs no session, or may have none. */
static bool is_mapped6(const struct nat64_config *cfg,
		       const struct in6_addr *addr)
{
	const struct nat64_eip *eip = nat64_eip_by_target6(cfg->eips, addr);

	return (eip && eip->kind == NAT64_EIP_TO6) ||
	       nat64_config_prefix(cfg, addr);
}

/**
 * nat64_flow_stale() - is a session one that there would not be now?
 * @nn: the namespace
 * @cfg: the configuration, in use
 * @s: the session
 *
 * Its prefix, the EIP that it is for, its pool or its static binding may be gone,
 * or no more what they were.
 *
 * Context: RCU.
 */
bool nat64_flow_stale(struct nat64_net *nn, const struct nat64_config *cfg,
		      struct nat64_session *s)
{
	const struct nat64_binding *binding = nat64_binding_of(s);
	bool from4 = atomic_read(&s->state) & NAT64_SESSION_FROM4;
	bool fixed = binding && nat64_binding_fixed(binding);
	const struct nat64_tuple6 *t6 = &s->t6;
	const struct nat64_tuple4 *t4 = &s->t4;
	const struct nat64_prefix *prefix;
	const struct nat64_eip *clat;
	__be32 remote;

	/* One that is alone must not hide a static binding. */
	if (nat64_binding_find6(nn, t6->proto, &t6->local, t6->lport) !=
	    binding ||
	    (!binding && nat64_binding_find4(nn, t4->proto, t4->local,
					     t4->lport)))
		return true;
	if (!fixed &&
	    READ_ONCE((binding ? binding->first.pool : s->pool)->removed))
		return true;
	if (!(from4 && fixed) && is_mapped6(cfg, &t6->local))
		return true;
	clat = clat_of6(cfg, &t6->remote);
	if (clat)
		return nat64_eip_to4(clat, &t6->remote) != t4->remote;
	prefix = nat64_config_prefix(cfg, &t6->remote);
	return !prefix || remote4(nn, cfg, prefix, t6, from4, &remote) ||
	       remote != t4->remote;
}
