/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_EAM_H
#define NAT64_EAM_H

#include "pure.h"

const char *nat64_eam_check(__be32 addr4, u8 len4, const struct in6_addr *addr6,
			    u8 len6);
void nat64_eam_to6(const struct in6_addr *prefix6, u8 len6, u8 len4,
		   __be32 addr4, struct in6_addr *addr6);
__be32 nat64_eam_to4(__be32 prefix4, u8 len4, u8 len6,
		     const struct in6_addr *addr6);
void nat64_eam_mask6(struct in6_addr *addr, u8 len);
__be32 nat64_eam_mask4(__be32 addr, u8 len);

#endif /* NAT64_EAM_H */
