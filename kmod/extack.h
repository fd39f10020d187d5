/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_EXTACK_H
#define NAT64_EXTACK_H

#include <linux/netlink.h>

struct nat64_net;

__printf(3, 4)
void nat64_extack(struct nat64_net *nn, struct netlink_ext_ack *extack,
		  const char *fmt, ...);

#endif /* NAT64_EXTACK_H */
