// SPDX-License-Identifier: GPL-2.0
/*
 * Fragments are put together before they are translated (RFC 6146 section 3.4),
 * by the kernel, and ours only: traffic that passes by is left as it is.
 */
#include <net/ip.h>
#include <net/ipv6_frag.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "reassemble.h"

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
