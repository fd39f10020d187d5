// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 7915 sections 4.2 and 5.2: ICMP error types, codes and pointers of one
 * family in the other.
 *
 * Pure functions, any context, no locks.
 */
#include "icmp_map.h"

#define MAP(t, c, r) \
	(*map = (struct nat64_icmp_map){ t, c, NAT64_ICMP_REST_##r }, true)

/**
 * nat64_icmp_map46() - an ICMPv4 error as ICMPv6, RFC 7915 section 4.2
 * @type: ICMPv4 type
 * @code: ICMPv4 code
 * @map: the result
 *
 * Return: false if this error is not translated.
 */
bool nat64_icmp_map46(u8 type, u8 code, struct nat64_icmp_map *map)
{
	switch (type) {
	case 3:		/* destination unreachable */
		switch (code) {
		case 0: case 1: case 5: case 6: case 7: case 8: case 11:
		case 12:
			return MAP(1, 0, ZERO);
		case 2:
			return MAP(4, 1, NEXTHDR);
		case 3:
			return MAP(1, 4, ZERO);
		case 4:
			return MAP(2, 0, MTU);
		case 9: case 10: case 13: case 15:
			return MAP(1, 1, ZERO);
		}
		return false;
	case 11:	/* time exceeded: the code stays */
		return MAP(3, code, ZERO);
	case 12:	/* parameter problem */
		return code == 0 || code == 2 ? MAP(4, 0, POINTER) : false;
	}
	return false;
}

/**
 * nat64_icmp_map64() - an ICMPv6 error as ICMPv4, RFC 7915 section 5.2
 * @type: ICMPv6 type
 * @code: ICMPv6 code
 * @map: the result
 *
 * Return: false if this error is not translated.
 */
bool nat64_icmp_map64(u8 type, u8 code, struct nat64_icmp_map *map)
{
	switch (type) {
	case 1:		/* destination unreachable */
		switch (code) {
		case 0: case 2: case 3:
			return MAP(3, 1, ZERO);
		case 1:
			return MAP(3, 10, ZERO);
		case 4:
			return MAP(3, 3, ZERO);
		}
		return false;
	case 2:		/* packet too big: any code, RFC 4443 section 3.2 */
		return MAP(3, 4, MTU);
	case 3:		/* time exceeded: the code stays */
		return MAP(11, code, ZERO);
	case 4:		/* parameter problem */
		if (code == 0)
			return MAP(12, 0, POINTER);
		return code == 1 ? MAP(3, 2, ZERO) : false;
	}
	return false;
}

/**
 * nat64_icmp_pointer46() - a pointer into an IPv4 header as one into IPv6
 * @pointer: offset in octets
 *
 * Return: offset in octets, or -1 if that field has no counterpart.
 */
int nat64_icmp_pointer46(u32 pointer)
{
	switch (pointer) {
	case 0: return 0;		/* version */
	case 1: return 1;		/* type of service */
	case 2: case 3: return 4;	/* length */
	case 8: return 7;		/* time to live */
	case 9: return 6;		/* protocol */
	case 12 ... 15: return 8;	/* source */
	case 16 ... 19: return 24;	/* destination */
	}
	return -1;
}

/**
 * nat64_icmp_pointer64() - a pointer into an IPv6 header as one into IPv4
 * @pointer: offset in octets
 *
 * Return: offset in octets, or -1 if that field has no counterpart.
 */
int nat64_icmp_pointer64(u32 pointer)
{
	switch (pointer) {
	case 0: return 0;		/* version */
	case 1: return 1;		/* traffic class */
	case 4: case 5: return 2;	/* length */
	case 6: return 9;		/* next header */
	case 7: return 8;		/* hop limit */
	case 8 ... 23: return 12;	/* source */
	case 24 ... 39: return 16;	/* destination */
	}
	return -1;
}

/**
 * nat64_icmp_plateau() - an MTU guess for a router that tells none
 * @len: total length of the packet that did not fit
 *
 * Return: the RFC 1191 section 7.1 plateau below @len.
 */
u32 nat64_icmp_plateau(u32 len)
{
	static const u16 plateaus[] = {
		65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(plateaus) - 1; i++)
		if (plateaus[i] < len)
			break;
	return plateaus[i];
}
