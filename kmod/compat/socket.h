/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/socket.h>
#include <linux/version.h>

/* The type of an address of any length, of which the caller tells the length. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define sockaddr_unsized sockaddr
#endif
