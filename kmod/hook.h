/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_HOOK_H
#define NAT64_HOOK_H

#include <linux/netfilter_ipv4.h>

struct nat64_net;

/* Between the raw table and conntrack, the same for both families. */
#define NAT64_HOOK_PRIORITY	(NF_IP_PRI_CONNTRACK - 1)

int nat64_hook_enable(struct nat64_net *nn);
void nat64_hook_disable(struct nat64_net *nn);

#endif /* NAT64_HOOK_H */
