/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_PROBE_H
#define NAT64_PROBE_H

#include "tuple.h"

struct dst_entry;
struct net;

void nat64_probe_send(struct net *net, const struct nat64_tuple6 *t6,
		      struct dst_entry *dst);

#endif /* NAT64_PROBE_H */
