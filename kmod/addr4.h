/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_ADDR4_H
#define NAT64_ADDR4_H

#include "pure.h"

bool nat64_addr4_unicast(__be32 addr);
bool nat64_addr4_global(__be32 addr);

#endif /* NAT64_ADDR4_H */
