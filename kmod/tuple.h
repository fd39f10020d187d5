/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_TUPLE_H
#define NAT64_TUPLE_H

#include "pure.h"

/**
 * struct nat64_tuple6 - a session as IPv6 sees it; a hash key, no padding
 * @local: the IPv6 host
 * @remote: the IPv4 host, as an IPv6 address
 * @lport: port or ICMP id of the IPv6 host
 * @rport: port of the IPv4 host, 0 for ICMP
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 */
struct nat64_tuple6 {
	struct in6_addr local;
	struct in6_addr remote;
	__be16 lport;
	__be16 rport;
	u32 proto;
};

/**
 * struct nat64_tuple4 - a session as IPv4 sees it; a hash key, no padding
 * @local: the pool address that stands for the IPv6 host
 * @remote: the IPv4 host
 * @lport: port or ICMP id of @local
 * @rport: port of the IPv4 host, 0 for ICMP
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP
 */
struct nat64_tuple4 {
	__be32 local;
	__be32 remote;
	__be16 lport;
	__be16 rport;
	u32 proto;
};

#endif /* NAT64_TUPLE_H */
