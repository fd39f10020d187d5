/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_ICMP_MAP_H
#define NAT64_ICMP_MAP_H

#include "pure.h"

/**
 * enum nat64_icmp_rest - how the second word of an ICMP error is made
 * @NAT64_ICMP_REST_ZERO: zero
 * @NAT64_ICMP_REST_MTU: the MTU, adjusted
 * @NAT64_ICMP_REST_POINTER: the pointer, mapped
 * @NAT64_ICMP_REST_NEXTHDR: a pointer to the next header field, 6
 */
enum nat64_icmp_rest {
	NAT64_ICMP_REST_ZERO,
	NAT64_ICMP_REST_MTU,
	NAT64_ICMP_REST_POINTER,
	NAT64_ICMP_REST_NEXTHDR,
};

/**
 * struct nat64_icmp_map - an ICMP error in the other family
 * @type: its type
 * @code: its code
 * @rest: &enum nat64_icmp_rest
 */
struct nat64_icmp_map {
	u8 type;
	u8 code;
	u8 rest;
};

bool nat64_icmp_map46(u8 type, u8 code, struct nat64_icmp_map *map);
bool nat64_icmp_map64(u8 type, u8 code, struct nat64_icmp_map *map);
int nat64_icmp_pointer46(u32 pointer);
int nat64_icmp_pointer64(u32 pointer);
u32 nat64_icmp_plateau(u32 len);

#endif /* NAT64_ICMP_MAP_H */
