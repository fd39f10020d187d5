/* SPDX-License-Identifier: GPL-2.0 */
/* Linux 6.12 moved it. */
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#include <asm/unaligned.h>
#else
#include <linux/unaligned.h>
#endif
