// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 7757 section 3: addresses of an explicit mapping.
 *
 * The bits behind the IPv4 prefix stand right behind the IPv6 prefix; what
 * follows them is zero when written and ignored when read.
 *
 * Pure functions, any context, no locks.
 */
#include "eam.h"

/**
 * nat64_eam_mask4() - the prefix of an IPv4 address
 * @addr: the address
 * @len: bits to keep, 0 to 32
 */
__be32 nat64_eam_mask4(__be32 addr, u8 len)
{
	return len ? addr & cpu_to_be32(~0U << (32 - len)) : 0;
}

/**
 * nat64_eam_mask6() - the prefix of an IPv6 address
 * @addr: the address, in and out
 * @len: bits to keep, 0 to 128
 */
void nat64_eam_mask6(struct in6_addr *addr, u8 len)
{
	unsigned int i;

	for (i = 0; i < 4; i++, len -= len < 32 ? len : 32)
		addr->s6_addr32[i] = nat64_eam_mask4(addr->s6_addr32[i],
						     len < 32 ? len : 32);
}

/**
 * nat64_eam_check() - can these two prefixes be mapped to each other?
 * @addr4: IPv4 prefix
 * @len4: its length, at most 32
 * @addr6: IPv6 prefix
 * @len6: its length, at most 128
 *
 * Return: NULL if so, else what is wrong, a static text.
 */
const char *nat64_eam_check(__be32 addr4, u8 len4, const struct in6_addr *addr6,
			    u8 len6)
{
	struct in6_addr masked = *addr6;

	nat64_eam_mask6(&masked, len6);
	if (nat64_eam_mask4(addr4, len4) != addr4)
		return "IPv4 prefix has host bits set";
	if (memcmp(&masked, addr6, sizeof(masked)))
		return "IPv6 prefix has host bits set";
	if (len4 < 8 || len6 < 8)
		return "a mapped prefix is no shorter than 8 bits";
	if (32 - len4 > 128 - len6)
		return "IPv6 prefix is too long to hold the IPv4 suffix (RFC 7757)";
	return NULL;
}

/**
 * nat64_eam_to6() - map an IPv4 address
 * @prefix6: IPv6 prefix of the mapping
 * @len6: its length
 * @len4: length of the IPv4 prefix of the mapping
 * @addr4: the address, inside that prefix
 * @addr6: result
 */
void nat64_eam_to6(const struct in6_addr *prefix6, u8 len6, u8 len4,
		   __be32 addr4, struct in6_addr *addr6)
{
	u32 suffix = be32_to_cpu(addr4 ^ nat64_eam_mask4(addr4, len4));
	/* Its place, counted from the right end of the address. */
	unsigned int shift = 128 - len6 - (32 - len4);
	u64 wide = (u64)suffix << (shift % 32);
	unsigned int word = 3 - shift / 32;

	*addr6 = *prefix6;
	addr6->s6_addr32[word] |= cpu_to_be32((u32)wide);
	if (word)
		addr6->s6_addr32[word - 1] |= cpu_to_be32(wide >> 32);
}

/**
 * nat64_eam_to4() - map an IPv6 address
 * @prefix4: IPv4 prefix of the mapping
 * @len4: its length
 * @len6: length of the IPv6 prefix of the mapping
 * @addr6: the address, inside that prefix
 */
__be32 nat64_eam_to4(__be32 prefix4, u8 len4, u8 len6,
		     const struct in6_addr *addr6)
{
	unsigned int shift = 128 - len6 - (32 - len4);
	unsigned int word = 3 - shift / 32;
	u64 wide = be32_to_cpu(addr6->s6_addr32[word]);
	__be32 suffix;

	if (word)
		wide |= (u64)be32_to_cpu(addr6->s6_addr32[word - 1]) << 32;
	suffix = cpu_to_be32((u32)(wide >> (shift % 32)));
	return prefix4 | (suffix ^ nat64_eam_mask4(suffix, len4));
}
