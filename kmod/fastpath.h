/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_FASTPATH_H
#define NAT64_FASTPATH_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

unsigned int nat64_fastpath_hook(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state);

#endif /* NAT64_FASTPATH_H */
