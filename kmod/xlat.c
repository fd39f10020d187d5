// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 7915, what both directions share: room for the new header, checksums,
 * offload state.
 */
#include <linux/icmp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/xfrm.h>

#include "compat/gso.h"
#include "xlat.h"

/**
 * nat64_xlat_writable() - make headers ours to write
 * @skb: the packet
 * @len: bytes from skb->data on that will be written, at most skb->len
 * @headroom: bytes that will be put in front
 *
 * Context: any.
 * Return: 0 or -ENOMEM; the packet is still the same then.
 */
int nat64_xlat_writable(struct sk_buff *skb, unsigned int len,
			unsigned int headroom)
{
	/* A clone shares the GSO type with its twin, a TCP sender's queue. */
	if (skb_is_gso(skb) ? skb_cow(skb, headroom) :
			      skb_cow_head(skb, headroom))
		return -ENOMEM;
	return skb_ensure_writable(skb, len);
}

/**
 * nat64_xlat_replace() - put a new header in the place of the old
 * @skb: the packet, writable
 * @old: bytes to take from the front
 * @new: bytes to put there
 *
 * Return: the new header, not initialised.
 */
void *nat64_xlat_replace(struct sk_buff *skb, unsigned int old,
			 unsigned int new)
{
	__skb_pull(skb, old);
	__skb_push(skb, new);
	skb_reset_network_header(skb);
	return skb->data;
}

/**
 * nat64_xlat_finish() - forget what belongs to the old family
 * @skb: the packet, with its new header
 * @protocol: the new family, ETH_P_IP or ETH_P_IPV6 in network byte order
 * @l4: offset of the transport header
 */
void nat64_xlat_finish(struct sk_buff *skb, __be16 protocol, unsigned int l4)
{
	skb->protocol = protocol;
	skb_set_transport_header(skb, l4);
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	memset(skb->cb, 0, sizeof(skb->cb));
	skb_dst_drop(skb);
	/* Not tracked, rather than invalid, which rules drop; and what is not
	 * tracked no NAT will change again.
	 */
	nf_reset_ct(skb);
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	secpath_reset(skb);
	skb_clear_hash(skb);
	skb->ignore_df = 0;
}

/**
 * nat64_xlat_must_segment() - can a packet not pass in one piece?
 * @skb: the packet, which may be a super-packet
 *
 * A list of whole packets cannot, each with a header of the old family; nor one
 * that is too long for IPv4's length field; a tunnel's, whose GSO type is about
 * the packet inside; and datagrams without DF, which may have to be fragmented
 * one by one.
 */
bool nat64_xlat_must_segment(const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;

	if (!skb_is_gso(skb))
		return false;
	return type & SKB_GSO_FRAGLIST || skb->len > IP_MAX_MTU ||
	       skb->encapsulation ||
	       (skb->protocol == htons(ETH_P_IP) && !(type & SKB_GSO_TCPV4) &&
		!(ip_hdr(skb)->frag_off & htons(IP_DF)));
}

/**
 * nat64_xlat_gso() - tell the segmenter the new family
 * @skb: the packet, not shared
 * @from: GSO type to replace
 * @to: its counterpart
 */
void nat64_xlat_gso(struct sk_buff *skb, unsigned int from, unsigned int to)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	if (shinfo->gso_type & from)
		shinfo->gso_type = (shinfo->gso_type & ~from) | to;
	/* IPv6 has no identification that could be fixed. */
	if (to == SKB_GSO_TCPV6)
		shinfo->gso_type &= ~GSO_FIXED_IDS;
}

/**
 * nat64_xlat_l4_len() - how much of a transport header is written, at most
 * @kind: what the packet carries
 */
unsigned int nat64_xlat_l4_len(enum nat64_kind kind)
{
	return kind == NAT64_KIND_TCP ? sizeof(struct tcphdr) :
					sizeof(struct udphdr);
}

/* A checksum over a pseudo header, or NULL. */
static __sum16 *checksum(u8 proto, void *l4)
{
	switch (proto) {
	case IPPROTO_TCP:
		return &((struct tcphdr *)l4)->check;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		/* All have it at the same place. */
		return &((struct udphdr *)l4)->check;
	}
	return NULL;
}

/**
 * nat64_xlat_l4() - mend a checksum for new addresses and ports
 * @partial: &nat64_packet.partial; false for a packet inside an error
 * @proto: the transport protocol, not ICMP
 * @l4: the transport header, writable up to its checksum
 * @addr_diff: new addresses minus old
 * @id_diff: new ports minus old
 *
 * RFC 7915 section 4.5: protocols without a pseudo header pass as they are.
 */
void nat64_xlat_l4(bool partial, u8 proto, void *l4, __wsum addr_diff,
		   __wsum id_diff)
{
	__sum16 *check = checksum(proto, l4);

	if (!check)
		return;
	if (partial) {
		/* The sum of the pseudo header; the device adds the rest. */
		*check = ~csum_fold(csum_add(csum_unfold(*check), addr_diff));
		return;
	}
	*check = csum_fold(csum_add(csum_add(~csum_unfold(*check), addr_diff),
				    id_diff));
	if (!*check && (proto == IPPROTO_UDP || proto == IPPROTO_UDPLITE))
		*check = CSUM_MANGLED_0;
}

/**
 * nat64_xlat_segments_fit() - nat64_xlat_fits() for a super-packet
 * @skb: the packet, before
 * @grows: how much longer each segment becomes
 * @mtu: of the link
 */
bool nat64_xlat_segments_fit(const struct sk_buff *skb, int grows,
			     unsigned int mtu)
{
	return (int)mtu > grows &&
	       skb_gso_validate_network_len(skb, mtu - grows);
}
