/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/version.h>

/* Does ip6_output() count what is forwarded as sent (OutTransmits)? */
static inline bool ip6_counts_forwarded(void)
{
	return LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0);
}
