// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 6052: IPv4 addresses embedded in IPv6 addresses.
 *
 * Pure functions, any context, no locks.
 */
#include "rfc6052.h"

/* RFC 6052 section 2.2: bits 64 to 71, the "u" octet, are zero. */
#define U_OCTET 8

/* Where the first octet of the IPv4 address stands. */
static unsigned int first_octet(unsigned int len)
{
	return len / 8 == U_OCTET ? U_OCTET + 1 : len / 8;
}

/**
 * nat64_rfc6052_check() - is this a prefix that addresses can be embedded in?
 * @prefix: the prefix
 * @len: its length in bits
 *
 * Return: NULL if so, else what is wrong, a static text.
 */
const char *nat64_rfc6052_check(const struct in6_addr *prefix,
				unsigned int len)
{
	unsigned int i;

	switch (len) {
	case 32: case 40: case 48: case 56: case 64: case 96:
		break;
	default:
		return "prefix length must be 32, 40, 48, 56, 64 or 96 (RFC 6052)";
	}
	for (i = len / 8; i < 16; i++)
		if (prefix->s6_addr[i])
			return "prefix has host bits set";
	if (prefix->s6_addr[U_OCTET])
		return "bits 64 to 71 of a prefix must be zero (RFC 6052)";
	if (prefix->s6_addr[0] == 0xff)
		return "prefix is multicast";
	if (prefix->s6_addr[0] == 0xfe && (prefix->s6_addr[1] & 0xc0) == 0x80)
		return "prefix is link-local";
	for (i = 0; i < len / 8 && !prefix->s6_addr[i]; i++)
		;
	if (i == len / 8)
		return "prefix must not be zero";
	if (i == 10 && prefix->s6_addr[10] == 0xff && prefix->s6_addr[11] == 0xff)
		return "prefix is that of IPv4-mapped addresses";
	return NULL;
}

/**
 * nat64_rfc6052_match() - is an address inside a prefix?
 * @addr: the address
 * @prefix: the prefix, checked
 * @len: its length in bits
 */
bool nat64_rfc6052_match(const struct in6_addr *addr,
			 const struct in6_addr *prefix, unsigned int len)
{
	return !memcmp(addr, prefix, len / 8);
}

/**
 * nat64_rfc6052_embed() - make the IPv6 address of an IPv4 address
 * @addr: the result, suffix zero
 * @prefix: the prefix, checked
 * @len: its length in bits
 * @addr4: the IPv4 address
 */
void nat64_rfc6052_embed(struct in6_addr *addr, const struct in6_addr *prefix,
			 unsigned int len, __be32 addr4)
{
	const u8 *from = (const u8 *)&addr4;
	unsigned int i, to = first_octet(len);

	*addr = *prefix;
	for (i = 0; i < 4; i++) {
		addr->s6_addr[to++] = from[i];
		if (to == U_OCTET)
			to++;
	}
}

/**
 * nat64_rfc6052_extract() - find the IPv4 address in an IPv6 address
 * @addr: the IPv6 address, inside the prefix; its suffix is ignored
 * @len: length of the prefix in bits
 */
__be32 nat64_rfc6052_extract(const struct in6_addr *addr, unsigned int len)
{
	unsigned int i, from = first_octet(len);
	__be32 addr4;
	u8 *to = (u8 *)&addr4;

	for (i = 0; i < 4; i++) {
		to[i] = addr->s6_addr[from++];
		if (from == U_OCTET)
			from++;
	}
	return addr4;
}
