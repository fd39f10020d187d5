/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a file of pure functions needs, in the kernel and in userspace: such
 * files (rfc6052.c, eam.c, tcp.c, icmp_map.c, icmp_ext.c, addr4.c, ftp_line.c)
 * are also compiled into the tool and into the unit tests.
 */
#ifndef NAT64_PURE_H
#define NAT64_PURE_H

#ifdef __KERNEL__
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#else
#include <arpa/inet.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define be32_to_cpu(x) ntohl(x)
#define cpu_to_be32(x) htonl(x)
#endif

#endif /* NAT64_PURE_H */
