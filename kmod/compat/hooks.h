/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/netfilter.h>
#include <linux/version.h>

/* Whose hook is it?  Linux before 5.14 cannot tell. */
static inline bool nf_hook_is_nftables(const struct nf_hook_ops *ops)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
	return ops->hook_ops_type == NF_HOOK_OP_NF_TABLES;
#else
	return false;
#endif
}
