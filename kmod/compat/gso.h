/* SPDX-License-Identifier: GPL-2.0 */
/* Linux 6.5 took its functions out of linux/skbuff.h and linux/netdevice.h. */
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/* Of packets in tunnels newer ones have a type of its own, also after the tunnel. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define GSO_FIXED_IDS (SKB_GSO_TCP_FIXEDID | SKB_GSO_TCP_FIXEDID_INNER)
#else
#define GSO_FIXED_IDS SKB_GSO_TCP_FIXEDID
#endif
