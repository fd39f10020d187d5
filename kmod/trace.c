// SPDX-License-Identifier: GPL-2.0
/*
 * What tracepoints tell of a packet, which need not be a good one.
 */
#include <net/ip.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

/**
 * nat64_trace_read() - read addresses and ports of a packet
 * @skb: the packet, as it came or as it was left; NULL if it is no more
 * @traced: result, zero where there is nothing to read
 *
 * Context: any.
 */
void nat64_trace_read(const struct sk_buff *skb, struct nat64_traced *traced)
{
	const struct ipv6hdr *ip6;
	const struct iphdr *ip4;
	__be16 _ports[2], *ports;
	unsigned int off;
	union {
		struct ipv6hdr ip6;
		struct iphdr ip4;
	} _ip;

	memset(traced, 0, sizeof(*traced));
	if (!skb)
		return;
	off = skb_network_offset(skb);
	ip4 = skb_header_pointer(skb, off, sizeof(*ip4), &_ip);
	if (!ip4)
		return;
	/* What is half translated need not be what skb->protocol says. */
	if (ip4->version == 6) {
		ip6 = skb_header_pointer(skb, off, sizeof(*ip6), &_ip);
		if (!ip6)
			return;
		traced->saddr = ip6->saddr;
		traced->daddr = ip6->daddr;
		traced->proto = ip6->nexthdr;
		off += sizeof(*ip6);
	} else {
		ipv6_addr_set_v4mapped(ip4->saddr, &traced->saddr);
		ipv6_addr_set_v4mapped(ip4->daddr, &traced->daddr);
		traced->proto = ip4->protocol;
		if (ip4->frag_off & htons(IP_OFFSET))
			return;
		off += ip4->ihl * 4;
	}
	if (traced->proto != IPPROTO_TCP && traced->proto != IPPROTO_UDP)
		return;
	ports = skb_header_pointer(skb, off, sizeof(_ports), _ports);
	if (!ports)
		return;
	traced->sport = ntohs(ports[0]);
	traced->dport = ntohs(ports[1]);
}
