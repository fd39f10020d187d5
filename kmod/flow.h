/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_FLOW_H
#define NAT64_FLOW_H

#include "packet.h"
#include "tuple.h"

struct ipv6hdr;
struct nat64_session;

/**
 * struct nat64_flow - what a packet's addresses and ports become
 * @t6: as IPv6 sees it
 * @t4: as IPv4 sees it
 * @session: whose it is, or NULL: a one to one mapping, or a TCP segment that
 *	passes on its binding alone
 */
struct nat64_flow {
	struct nat64_tuple6 t6;
	struct nat64_tuple4 t4;
	struct nat64_session *session;
};

enum nat64_counter nat64_flow64(const struct nat64_packet *pkt,
				struct nat64_flow *flow);
bool nat64_flow_claimed4(const struct nat64_packet *pkt);
enum nat64_counter nat64_flow46(const struct nat64_packet *pkt,
				struct nat64_flow *flow);
enum nat64_counter nat64_flow_expect(const struct nat64_packet *pkt,
				     const struct nat64_flow *control,
				     __be16 lport, struct nat64_flow *flow);
bool nat64_flow_ours4(const struct nat64_config *cfg, __be32 addr);
bool nat64_flow_clat4(struct nat64_net *nn, const struct nat64_config *cfg,
		      const struct nf_hook_state *state, __be32 saddr,
		      __be32 daddr);
bool nat64_flow_ours6(const struct nat64_config *cfg,
		      const struct ipv6hdr *ip6);
bool nat64_flow_host4(const struct nat64_packet *pkt, __be32 addr);
bool nat64_flow_hairpin(const struct nat64_packet *pkt,
			const struct nat64_flow *flow);
bool nat64_flow_stale(struct nat64_net *nn, const struct nat64_config *cfg,
		      struct nat64_session *s);

#endif /* NAT64_FLOW_H */
