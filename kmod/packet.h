/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_PACKET_H
#define NAT64_PACKET_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/ipv6.h>

#include "pure.h"
#include "stats.h"
#include "tuple.h"

struct dst_entry;
struct nat64_config;
struct nat64_net;

/* More extension headers than any honest packet has. */
#define NAT64_EXTHDR_MAX 8

/**
 * enum nat64_kind - what a packet carries
 * @NAT64_KIND_TCP: a TCP segment
 * @NAT64_KIND_UDP: a UDP datagram
 * @NAT64_KIND_QUERY: an ICMP echo request or reply
 * @NAT64_KIND_OTHER: a protocol without ports that we know, for one to one
 *	mappings only
 * @NAT64_KIND_ERROR: an ICMP error
 */
enum nat64_kind {
	NAT64_KIND_TCP,
	NAT64_KIND_UDP,
	NAT64_KIND_QUERY,
	NAT64_KIND_OTHER,
	NAT64_KIND_ERROR,
};

/**
 * struct nat64_inner - the packet inside an ICMP error
 * @l3: offset of its IP header from the outer one
 * @l4: offset of its transport header from the outer IP header
 * @kind: what it carries, never an error
 * @ids: its ports or ICMP id are there
 * @frag: it is a fragment
 * @frag_more: more fragments follow
 * @frag_off: where it belongs, in octets
 * @frag_id: identification, of a fragment
 */
struct nat64_inner {
	u16 l3;
	u16 l4;
	enum nat64_kind kind;
	bool ids;
	bool frag;
	bool frag_more;
	u16 frag_off;
	__be32 frag_id;
};

/**
 * struct nat64_packet - a packet, each header read once
 * @nn: the namespace
 * @cfg: the configuration that holds for this packet, RCU
 * @state: the hook that saw it
 * @skb: the packet; data is at the IP header
 * @from_v6: it is IPv6, to become IPv4
 * @hops_paid: do not count the hop: the packet was counted when it was IPv6,
 *	or the host itself sent it
 * @df: an IPv4 packet with the DF flag
 * @partial: its transport checksum is left to the device (CHECKSUM_PARTIAL), and
 *	not that of a packet tunnelled inside
 * @asked: nobody has sent it, see nat64_explain(): it makes and ends no session
 * @kind: what it carries
 * @proto: the transport protocol, IPPROTO_ICMP also for ICMPv6; of the inner
 *	packet if this is an error
 * @l4: offset of the transport header
 * @frag_max: size of its largest fragment, 0 if it came whole
 * @t6: if @from_v6: its tuple, seen from the IPv6 host; of an error, the tuple
 *	of the packet inside
 * @t4: the same, if it is IPv4
 * @event: of TCP, &enum nat64_tcp_event
 * @inner: of an error
 * @info: MTU or pointer for the ICMP answer to a drop
 * @dst: route of the translated packet, RCU; NULL before it is known
 * @dst_ref: @dst carries a reference
 * @stamp: nat64_rules_stamp() when the hook saw it, if anybody wants to know
 */
struct nat64_packet {
	struct nat64_net *nn;
	const struct nat64_config *cfg;
	const struct nf_hook_state *state;
	struct sk_buff *skb;
	bool from_v6;
	bool hops_paid;
	bool df;
	bool partial;
	bool asked;
	enum nat64_kind kind;
	u8 proto;
	u16 l4;
	u16 frag_max;
	union {
		struct nat64_tuple6 t6;
		struct nat64_tuple4 t4;
	};
	u8 event;
	struct nat64_inner inner;
	u32 info;
	struct dst_entry *dst;
	bool dst_ref;
	u32 stamp;
};

/**
 * nat64_packet_device() - the interface that tells the VRF of a packet
 * @state: the hook that saw it
 *
 * A packet that this host sends has come by none, and may have no skb->dev yet.
 */
static inline struct net_device *
nat64_packet_device(const struct nf_hook_state *state)
{
	return state->in ?: state->out;
}

/**
 * nat64_packet_has_exthdr() - does an extension header follow the IPv6 header?
 * @ip6: the IPv6 header
 */
static inline bool nat64_packet_has_exthdr(const struct ipv6hdr *ip6)
{
	u8 proto = ip6->nexthdr;

	return unlikely(proto != IPPROTO_UDP && proto != IPPROTO_TCP &&
			ipv6_ext_hdr(proto));
}

enum nat64_counter nat64_packet_parse6(struct nat64_packet *pkt);
enum nat64_counter nat64_packet_parse4(struct nat64_packet *pkt);
bool nat64_packet_opens(const struct nat64_packet *pkt);

#endif /* NAT64_PACKET_H */
