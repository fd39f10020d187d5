/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/skbuff.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
/* Older ones cannot tell a time of delivery from a time of receipt. */
static inline void skb_clear_tstamp(struct sk_buff *skb)
{
	skb->tstamp = 0;
}
#endif
