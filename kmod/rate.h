/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_RATE_H
#define NAT64_RATE_H

#include <linux/compiler.h>
#include <linux/jiffies.h>

/* How often it has happened in this second. */
static inline u32 nat64_rate_count(const u32 *slot)
{
	u32 seen = READ_ONCE(*slot);

	return seen >> 16 == ((u32)(jiffies / HZ) & 0xffff) ? seen & 0xffff : 0;
}

/**
 * nat64_rate_allows() - may it happen once more in this second?
 * @slot: which second it was seen in last, and how often; zero to begin
 * @rate: how often it may, 0 to 65535, 0 for as often as it likes
 *
 * If so it is counted; two CPUs at once may count as one.
 *
 * Context: any.
 */
static inline bool nat64_rate_allows(u32 *slot, u32 rate)
{
	u32 count = nat64_rate_count(slot);

	if (!rate)
		return true;
	if (count >= rate)
		return false;
	WRITE_ONCE(*slot, (u32)(jiffies / HZ) << 16 | (count + 1));
	return true;
}

#endif /* NAT64_RATE_H */
