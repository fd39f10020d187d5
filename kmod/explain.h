/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_EXPLAIN_H
#define NAT64_EXPLAIN_H

#include <net/genetlink.h>

#include "uapi/nat64.h"

struct nat64_net;

extern const struct nla_policy nat64_explain_policy[NAT64_EXPLAIN_MAX + 1];

int nat64_explain(struct nat64_net *nn, struct sk_buff *reply,
		  struct genl_info *info);

#endif /* NAT64_EXPLAIN_H */
