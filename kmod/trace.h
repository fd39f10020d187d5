/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: nat64:drop, a packet that is not translated, and nat64:session, a
 * session that is made or has ended.  Addresses of IPv4 are mapped ones.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM nat64

#if !defined(NAT64_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define NAT64_TRACE_H

#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "session.h"
#include "stats.h"

#ifndef NAT64_TRACED
#define NAT64_TRACED
/**
 * struct nat64_traced - what a tracepoint tells of a packet
 * @saddr: source, of IPv4 as a mapped address
 * @daddr: destination, the same
 * @proto: what follows the IP header
 * @sport: source port, host byte order, of TCP and UDP
 * @dport: destination port, the same
 */
struct nat64_traced {
	struct in6_addr saddr;
	struct in6_addr daddr;
	u8 proto;
	u16 sport;
	u16 dport;
};

void nat64_trace_read(const struct sk_buff *skb, struct nat64_traced *traced);
#endif

TRACE_EVENT(drop,
	TP_PROTO(const struct net *net, const struct sk_buff *skb,
		 enum nat64_counter reason),
	TP_ARGS(net, skb, reason),
	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(u32, netns)
		__field(u32, ifindex)
		__field(u32, len)
		__field(u8, proto)
		__field(u16, sport)
		__field(u16, dport)
		__array(u8, saddr, 16)
		__array(u8, daddr, 16)
		__array(char, reason, 24)
	),
	TP_fast_assign(
		struct nat64_traced t;

		nat64_trace_read(skb, &t);
		__entry->skbaddr = skb;
		__entry->netns = net->ns.inum;
		__entry->ifindex = skb && skb->dev ? skb->dev->ifindex : 0;
		__entry->len = skb ? skb->len : 0;
		__entry->proto = t.proto;
		__entry->sport = t.sport;
		__entry->dport = t.dport;
		memcpy(__entry->saddr, &t.saddr, 16);
		memcpy(__entry->daddr, &t.daddr, 16);
		strscpy(__entry->reason, nat64_stats_name(reason), 24);
	),
	TP_printk("reason=%s netns=%u ifindex=%u proto=%u saddr=%pI6c sport=%u daddr=%pI6c dport=%u len=%u",
		  __entry->reason, __entry->netns, __entry->ifindex,
		  __entry->proto, __entry->saddr, __entry->sport,
		  __entry->daddr, __entry->dport, __entry->len)
);

TRACE_EVENT(session,
	TP_PROTO(const struct net *net, const struct nat64_session *session,
		 bool ended),
	TP_ARGS(net, session, ended),
	TP_STRUCT__entry(
		__field(u32, netns)
		__field(bool, ended)
		__field(u8, proto)
		__array(u8, local6, 16)
		__field(u16, lport6)
		__array(u8, remote6, 16)
		__field(u16, rport)
		__array(u8, local4, 4)
		__field(u16, lport4)
		__array(u8, remote4, 4)
	),
	TP_fast_assign(
		__entry->netns = net->ns.inum;
		__entry->ended = ended;
		__entry->proto = session->t6.proto;
		memcpy(__entry->local6, &session->t6.local, 16);
		__entry->lport6 = ntohs(session->t6.lport);
		memcpy(__entry->remote6, &session->t6.remote, 16);
		__entry->rport = ntohs(session->t6.rport);
		memcpy(__entry->local4, &session->t4.local, 4);
		__entry->lport4 = ntohs(session->t4.lport);
		memcpy(__entry->remote4, &session->t4.remote, 4);
	),
	TP_printk("%s netns=%u proto=%u local6=%pI6c lport6=%u remote6=%pI6c local4=%pI4 lport4=%u remote4=%pI4 rport=%u",
		  __entry->ended ? "ended" : "created", __entry->netns,
		  __entry->proto, __entry->local6, __entry->lport6,
		  __entry->remote6, __entry->local4, __entry->lport4,
		  __entry->remote4, __entry->rport)
);

#endif /* NAT64_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
