// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 addresses that are special (RFC 6890 and the IANA registry).
 *
 * Pure functions, any context, no locks.
 */
#include "addr4.h"

/**
 * nat64_addr4_unicast() - can this be the address of a host on a wire?
 * @addr: the address
 *
 * Return: false for 0.0.0.0/8, loopback, multicast, reserved and broadcast.
 */
bool nat64_addr4_unicast(__be32 addr)
{
	u32 first = be32_to_cpu(addr) >> 24;

	return first != 0 && first != 127 && first < 224;
}

/**
 * nat64_addr4_global() - is this address globally reachable?
 * @addr: the address
 *
 * RFC 6052 section 3.1: the well-known prefix must not represent others.
 */
bool nat64_addr4_global(__be32 addr)
{
	static const struct { u32 net, mask; } special[] = {
		{ 0x00000000, 0xff000000 },	/* 0.0.0.0/8 */
		{ 0x0a000000, 0xff000000 },	/* 10.0.0.0/8 */
		{ 0x64400000, 0xffc00000 },	/* 100.64.0.0/10 */
		{ 0x7f000000, 0xff000000 },	/* 127.0.0.0/8 */
		{ 0xa9fe0000, 0xffff0000 },	/* 169.254.0.0/16 */
		{ 0xac100000, 0xfff00000 },	/* 172.16.0.0/12 */
		{ 0xc0000000, 0xffffff00 },	/* 192.0.0.0/24 */
		{ 0xc0000200, 0xffffff00 },	/* 192.0.2.0/24 */
		{ 0xc0586300, 0xffffff00 },	/* 192.88.99.0/24 */
		{ 0xc0a80000, 0xffff0000 },	/* 192.168.0.0/16 */
		{ 0xc6120000, 0xfffe0000 },	/* 198.18.0.0/15 */
		{ 0xc6336400, 0xffffff00 },	/* 198.51.100.0/24 */
		{ 0xcb007100, 0xffffff00 },	/* 203.0.113.0/24 */
		{ 0xe0000000, 0xe0000000 },	/* 224.0.0.0/3 */
	};
	u32 a = be32_to_cpu(addr);
	unsigned int i;

	/* Two anycast addresses inside 192.0.0.0/24 are global. */
	if (a == 0xc0000009 || a == 0xc000000a)
		return true;
	for (i = 0; i < ARRAY_SIZE(special); i++)
		if ((a & special[i].mask) == special[i].net)
			return false;
	return true;
}
