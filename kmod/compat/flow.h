/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/version.h>
#include <net/flow.h>
#include <net/inet_ecn.h>
#include <net/route.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#include <net/inet_dscp.h>
#endif

static inline void flowi4_set_dsfield(struct flowi4 *fl4, u8 dsfield)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	fl4->flowi4_dscp = inet_dsfield_to_dscp(dsfield);
#else
	/* Those that know TOS only take that of it by themselves. */
	fl4->flowi4_tos = dsfield & ~INET_ECN_MASK;
#endif
}
