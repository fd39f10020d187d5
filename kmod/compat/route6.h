/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/version.h>
#include <net/ip6_fib.h>

/*
 * Does whoever holds it hold a device too?  Before Linux 6.1 a route by a nexthop
 * object keeps that, and so its device, when it is replaced.
 */
static inline bool rt6_holds_device(const struct rt6_info *rt)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
	return rt->sernum;
#else
	return false;
#endif
}
