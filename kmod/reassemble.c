// SPDX-License-Identifier: GPL-2.0
/*
 * Fragments are put together before they are translated (RFC 6146 section 3.4),
 * by the kernel, and ours only: traffic that passes by is left as it is.
 */
#include <net/ip.h>
#include <net/ipv6_frag.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "packet.h"
#include "reassemble.h"

/*
 * The kernel walks all headers to find out, through every fragment of what somebody
 * else has put together.
 */
static bool is_fragment6(const struct sk_buff *skb)
{
	u8 proto = ipv6_hdr(skb)->nexthdr;
	int off = sizeof(struct ipv6hdr);
	unsigned int i;

	for (i = 0; i <= NAT64_EXTHDR_MAX; i++) {
		const struct ipv6_opt_hdr *opt;
		struct ipv6_opt_hdr _opt;

		switch (proto) {
		case NEXTHDR_FRAGMENT:
			return true;
		case NEXTHDR_HOP:
		case NEXTHDR_ROUTING:
		case NEXTHDR_DEST:
			break;
		default:
			return false;
		}
		opt = skb_header_pointer(skb, off, sizeof(_opt), &_opt);
		if (!opt)
			return false;
		proto = opt->nexthdr;
		off += ipv6_optlen(opt);
	}
	return false;
}

/**
 * nat64_reassemble6() - put IPv6 fragments together
 * @skb: a packet with extension headers, perhaps a fragment
 * @state: the hook that saw it
 *
 * Context: RCU.
 * Return: 0, and the packet is whole, or broken so that it cannot be; -EINPROGRESS
 * if the packet is kept until the others come; another -errno if it is to be
 * dropped.
 */
int nat64_reassemble6(struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (!is_fragment6(skb))
		return 0;
	return nf_ct_frag6_gather(state->net, skb,
				  state->hook == NF_INET_LOCAL_OUT ?
				  IP6_DEFRAG_CONNTRACK_OUT :
				  IP6_DEFRAG_CONNTRACK_IN);
}

/**
 * nat64_reassemble4() - put IPv4 fragments together
 * @skb: a fragment
 * @state: the hook that saw it
 *
 * Context: RCU.
 * Return: 0, and the packet is whole; -EINPROGRESS if the fragment is kept until
 * the others come; another -errno if it was dropped.
 */
int nat64_reassemble4(struct sk_buff *skb, const struct nf_hook_state *state)
{
	int err;

	local_bh_disable();
	err = ip_defrag(state->net, skb,
			state->hook == NF_INET_LOCAL_OUT ?
			IP_DEFRAG_CONNTRACK_OUT : IP_DEFRAG_CONNTRACK_IN);
	local_bh_enable();
	if (!err)
		skb->ignore_df = 1;
	return err;
}
