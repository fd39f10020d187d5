/* SPDX-License-Identifier: GPL-2.0 */
/* Linux 6.5 took it out of linux/skbuff.h and linux/netdevice.h. */
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif
