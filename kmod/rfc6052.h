/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_RFC6052_H
#define NAT64_RFC6052_H

#include "pure.h"

const char *nat64_rfc6052_check(const struct in6_addr *prefix,
				unsigned int len);
bool nat64_rfc6052_match(const struct in6_addr *addr,
			 const struct in6_addr *prefix, unsigned int len);
void nat64_rfc6052_embed(struct in6_addr *addr, const struct in6_addr *prefix,
			 unsigned int len, __be32 addr4);
__be32 nat64_rfc6052_extract(const struct in6_addr *addr, unsigned int len);

#endif /* NAT64_RFC6052_H */
