/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_REASSEMBLE_H
#define NAT64_REASSEMBLE_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

int nat64_reassemble6(struct sk_buff *skb, const struct nf_hook_state *state);
int nat64_reassemble4(struct sk_buff *skb, const struct nf_hook_state *state);

#endif /* NAT64_REASSEMBLE_H */
