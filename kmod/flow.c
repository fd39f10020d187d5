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

#include "addr4.h"
#include "binding.h"
#include "config.h"
#include "eip.h"
#include "flow.h"
#include "nat64.h"
#include "pool.h"
#include "rfc6052.h"
#include "session.h"
#include "tcp.h"

static void flow_of_session(struct nat64_session *s, struct nat64_flow *flow)
{
	flow->t6 = s->t6;
	flow->t4 = s->t4;
	flow->session = s;
}

static bool source6_legal(const struct in6_addr *addr)
{
	int type = ipv6_addr_type(addr);

	return type & IPV6_ADDR_UNICAST &&
	       !(type & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL |
			 IPV6_ADDR_MAPPED));
}

/**
 * nat64_flow_ours4() - may an IPv4 address stand for an IPv6 host?
 * @nn: the namespace
 * @cfg: the configuration, RCU
 * @addr: the address
 *
 * Context: RCU.
 */
bool nat64_flow_ours4(struct nat64_net *nn, const struct nat64_config *cfg,
		      __be32 addr)
{
	const struct nat64_eip *eip;

	if (nat64_pool_find(cfg, addr))
		return true;
	eip = nat64_eip_find(nn, addr);
	return eip && eip->kind != NAT64_EIP_TO4;
}

/**
 * nat64_flow_host4() - is an address this host's own?
 * @nn: the namespace
 * @addr: the address
 *
 * An operator may share an address between a pool and the host.
 *
 * Context: any.
 */
bool nat64_flow_host4(struct nat64_net *nn, __be32 addr)
{
	return inet_addr_type(nn->net, addr) == RTN_LOCAL;
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

	if (!nat64_flow_ours4(pkt->nn, pkt->cfg, t4->remote))
		return false;
	eip = nat64_eip_find(pkt->nn, t4->remote);
	if (eip && eip->kind == NAT64_EIP_TO6)
		return true;
	return nat64_binding_find4(pkt->nn, t4->proto, t4->remote, t4->rport) ||
	       !nat64_flow_host4(pkt->nn, t4->remote);
}

/* The IPv4 host that an IPv6 host means, by policy of the prefix. */
static enum nat64_counter remote4(const struct nat64_packet *pkt,
				  const struct nat64_prefix *prefix,
				  bool any, __be32 *addr)
{
	const struct nat64_eip *eip;

	*addr = nat64_rfc6052_extract(&pkt->t6.remote, prefix->len);
	if (!nat64_addr4_unicast(*addr))
		return NAT64_DROP_BAD_DESTINATION;
	eip = nat64_eip_find(pkt->nn, *addr);
	if (eip && eip->kind == NAT64_EIP_TO4) {
		*addr = nat64_eip_target4(eip);
		return NAT64_OK;
	}
	/* Of an address with static bindings, just what they publish. */
	if (eip && (eip->kind == NAT64_EIP_TO6 ||
		    nat64_binding_find4(pkt->nn, pkt->proto, *addr,
					pkt->t6.rport)))
		return NAT64_OK;
	if (prefix->mode == NAT64_PREFIX_EIP && !any)
		return NAT64_DROP_NOT_EIP;
	/* RFC 6052 section 3.1 */
	if (!prefix->private && !nat64_addr4_global(*addr))
		return NAT64_DROP_NOT_GLOBAL;
	return NAT64_OK;
}

static enum nat64_counter open_session(const struct nat64_packet *pkt,
				       struct nat64_binding *binding,
				       struct nat64_flow *flow)
{
	return nat64_session_create(pkt->nn, &flow->t6, &flow->t4, binding,
				    &flow->session);
}

static enum nat64_counter new_flow64(const struct nat64_packet *pkt,
				     const struct nat64_prefix *prefix,
				     struct nat64_flow *flow)
{
	struct nat64_net *nn = pkt->nn;
	struct nat64_binding *binding;
	enum nat64_counter verdict;
	struct nat64_eip *own;

	if (!source6_legal(&pkt->t6.local))
		return NAT64_DROP_BAD_SOURCE;
	/* RFC 6146 section 3.5: a source inside a prefix is a loop. */
	if (nat64_config_prefix(pkt->cfg, &pkt->t6.local))
		return NAT64_DROP_LOOP;

	flow->t6 = pkt->t6;
	flow->t4 = (struct nat64_tuple4){
		.rport = pkt->t6.rport,
		.proto = pkt->t6.proto,
	};
	own = nat64_eip_by_target6(nn, &pkt->t6.local);
	verdict = remote4(pkt, prefix, own, &flow->t4.remote);
	if (verdict)
		return verdict;
	if (own) {
		flow->t4.local = own->addr;
		flow->t4.lport = pkt->t6.lport;
		flow->session = NULL;
		return NAT64_OK;
	}

	if (pkt->proto == IPPROTO_TCP && pkt->event != NAT64_TCP_V6_SYN) {
		binding = nat64_binding_find6(nn, pkt->proto, &pkt->t6.local,
					      pkt->t6.lport);
		if (!binding)
			return NAT64_DROP_NO_SESSION;
		flow->t4.local = binding->key4.addr;
		flow->t4.lport = binding->key4.port;
		flow->session = NULL;
		return NAT64_OK;
	}
	if (nat64_session_full(nn, pkt->cfg))
		return NAT64_DROP_SESSION_LIMIT;
	verdict = nat64_binding_get(nn, pkt->cfg, pkt->proto, &pkt->t6.local,
				    pkt->t6.lport, &binding);
	if (verdict)
		return verdict;
	flow->t4.local = binding->key4.addr;
	flow->t4.lport = binding->key4.port;
	return open_session(pkt, binding, flow);
}

/* An error about a packet of an EIP that is bound one to one. */
static enum nat64_counter static_error64(const struct nat64_packet *pkt,
					 const struct nat64_prefix *prefix,
					 struct nat64_flow *flow)
{
	struct nat64_eip *own = nat64_eip_by_target6(pkt->nn, &pkt->t6.local);
	enum nat64_counter verdict;

	if (!own || !nat64_config_prefix(pkt->cfg, &pkt->t6.remote))
		return NAT64_DROP_NO_SESSION;
	flow->t6 = pkt->t6;
	flow->t4 = (struct nat64_tuple4){
		.local = own->addr,
		.lport = pkt->t6.lport,
		.rport = pkt->t6.rport,
		.proto = pkt->t6.proto,
	};
	verdict = remote4(pkt, prefix, true, &flow->t4.remote);
	flow->session = NULL;
	return verdict;
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
	const struct nat64_prefix *prefix;
	enum nat64_counter verdict;
	struct nat64_session *s;

	s = nat64_session_find6(pkt->nn, &pkt->t6);
	if (s) {
		flow_of_session(s, flow);
	} else {
		prefix = nat64_config_prefix(pkt->cfg, &pkt->t6.remote);
		if (!prefix)
			return NAT64_DROP_NO_PREFIX;
		if (pkt->kind == NAT64_KIND_ERROR)
			return static_error64(pkt, prefix, flow);
		verdict = new_flow64(pkt, prefix, flow);
		if (verdict)
			return verdict;
	}
	if (flow->session && pkt->kind != NAT64_KIND_ERROR)
		nat64_session_touch(flow->session, pkt->cfg, pkt->event);
	return NAT64_OK;
}

/* The address by which an IPv6 host sees an IPv4 host: by its EIP if any. */
static enum nat64_counter remote6(const struct nat64_packet *pkt,
				  struct in6_addr *addr)
{
	const struct nat64_prefix *prefix;
	const struct nat64_eip *eip;
	__be32 addr4 = pkt->t4.remote;

	prefix = nat64_config_reply_prefix(pkt->cfg);
	if (!prefix)
		return NAT64_DROP_NO_PREFIX;
	eip = nat64_eip_by_target4(pkt->nn, addr4);
	if (eip)
		addr4 = eip->addr;
	else if (!prefix->private && !nat64_addr4_global(addr4))
		return NAT64_DROP_NOT_GLOBAL;
	nat64_rfc6052_embed(addr, &prefix->addr, prefix->len, addr4);
	return NAT64_OK;
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
	flow->t6.rport = pkt->t4.rport;
	flow->t6.proto = pkt->t4.proto;

	eip = nat64_eip_find(nn, pkt->t4.local);
	if (eip && eip->kind == NAT64_EIP_TO6) {
		flow->t6.local = eip->target;
		flow->t6.lport = pkt->t4.lport;
		return remote6(pkt, &flow->t6.remote);
	}
	if (pkt->kind == NAT64_KIND_ERROR)
		return NAT64_DROP_NO_SESSION;

	binding = nat64_binding_find4(nn, pkt->proto, pkt->t4.local,
				      pkt->t4.lport);
	if (!binding)
		return NAT64_DROP_NO_BINDING;
	flow->t6.local = binding->key6.addr;
	flow->t6.lport = binding->key6.port;
	verdict = remote6(pkt, &flow->t6.remote);
	if (verdict)
		return verdict;
	if (pkt->proto == IPPROTO_TCP && pkt->event != NAT64_TCP_V4_SYN)
		return NAT64_OK;
	if (nat64_session_full(nn, pkt->cfg))
		return NAT64_DROP_SESSION_LIMIT;
	if (!refcount_inc_not_zero(&binding->refs))
		return NAT64_DROP_NO_BINDING;
	return open_session(pkt, binding, flow);
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

	s = nat64_session_find4(pkt->nn, &pkt->t4);
	/* Past its time is past: the IPv4 side cannot bring it back, unless
	 * something else, a session or the operator, keeps its binding.
	 */
	if (s && nat64_session_expired(s) &&
	    refcount_read(&s->binding->refs) <= 1)
		return NAT64_DROP_NO_BINDING;
	if (s) {
		flow_of_session(s, flow);
	} else {
		verdict = new_flow46(pkt, flow);
		if (verdict)
			return verdict;
	}
	if (flow->session && pkt->kind != NAT64_KIND_ERROR)
		nat64_session_touch(flow->session, pkt->cfg, pkt->event);
	return NAT64_OK;
}
