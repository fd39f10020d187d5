/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/version.h>
#include <net/genetlink.h>

/* From which command on what is reserved in the header must be zero. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)
#define GENL_RESV_START_OP(cmd) .resv_start_op = (cmd),
#else
#define GENL_RESV_START_OP(cmd)
#endif

/* Who may join a group of events: whoever has CAP_NET_ADMIN where it is. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN GENL_UNS_ADMIN_PERM
#endif

/*
 * To those of a group whom @filter does not keep it from.  Linux 6.1 to 6.5 cannot ask
 * at this time.
 */
#define NAT64_CAN_FILTER (LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0) || \
			  LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0))
static inline int nat64_broadcast(struct sock *from, struct sk_buff *skb, u32 group,
				  int (*filter)(struct sock *listener,
						struct sk_buff *skb, void *data),
				  void *data)
{
	NETLINK_CB(skb).dst_group = group;
#if NAT64_CAN_FILTER
	return netlink_broadcast_filtered(from, skb, 0, group, GFP_ATOMIC, filter,
					  data);
#else
	return netlink_broadcast(from, skb, 0, group, GFP_ATOMIC);
#endif
}

/* The attributes of a dump's request. */
static inline struct nlattr **nat64_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_dumpit_info(cb)->info.attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}
