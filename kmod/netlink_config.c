// SPDX-License-Identifier: GPL-2.0
/*
 * Options and timers over generic netlink.
 */
#include "addr4.h"
#include "config.h"
#include "eam.h"
#include "extack.h"
#include "interface.h"
#include "nat64.h"
#include "netlink.h"
#include "transaction.h"
#include "uapi/nat64.h"

/* A week at most, far from the wrap of jiffies. */
#define WEEK (7 * 24 * 3600)

/* RFC 4787 REQ-5: no less than two minutes. */
static struct netlink_range_validation udp_range = { 120, WEEK };
static struct netlink_range_validation tcp_est_range = { 120, WEEK };
static struct netlink_range_validation timer_range = { 10, WEEK };
static struct netlink_range_validation syn_range = { 0, 65536 };
static struct netlink_range_validation rate_range = { 0, 65535 };
static struct netlink_range_validation block_range = { 0, WEEK };

const struct nla_policy nat64_netlink_config_policy[NAT64_CONFIG_MAX + 1] = {
	[NAT64_CONFIG_UDP_TIMEOUT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &udp_range),
	[NAT64_CONFIG_TCP_EST_TIMEOUT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &tcp_est_range),
	[NAT64_CONFIG_TCP_TRANS_TIMEOUT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &timer_range),
	[NAT64_CONFIG_ICMP_TIMEOUT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &timer_range),
	[NAT64_CONFIG_SESSION_MAX] = NLA_POLICY_MIN(NLA_U32, 1),
	[NAT64_CONFIG_LOWEST_IPV6_MTU] = NLA_POLICY_RANGE(NLA_U32, 1280, 9216),
	[NAT64_CONFIG_UDP_ZERO_CHECKSUM] = NLA_POLICY_MAX(NLA_U32, 1),
	[NAT64_CONFIG_NO_BINDING_ICMP] = NLA_POLICY_MAX(NLA_U32, 1),
	[NAT64_CONFIG_SYN_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &syn_range),
	[NAT64_CONFIG_TCLASS] = NLA_POLICY_MAX(NLA_U32, NAT64_CONFIG_COPY),
	[NAT64_CONFIG_TOS] = NLA_POLICY_MAX(NLA_U32, NAT64_CONFIG_COPY),
	[NAT64_CONFIG_ICMP_SOURCE] = { .type = NLA_U32 },
	[NAT64_CONFIG_ICMP_SOURCE_LEN] = NLA_POLICY_RANGE(NLA_U32, 8, 32),
	[NAT64_CONFIG_ICMP_EXTENSION] = NLA_POLICY_MAX(NLA_U32, 1),
	[NAT64_CONFIG_FTP] = NLA_POLICY_MAX(NLA_U32, 1),
	[NAT64_CONFIG_FASTPATH] = NLA_POLICY_MAX(NLA_U32, 1),
	[NAT64_CONFIG_ICMP_RATE] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &rate_range),
	[NAT64_CONFIG_EARLY_DROP] = NLA_POLICY_MAX(NLA_U32, 1),
	[NAT64_CONFIG_REVERSE_PATH] = NLA_POLICY_MAX(NLA_U32, 1),
	[NAT64_CONFIG_CLIENT_PREFIX_LEN] = NLA_POLICY_RANGE(NLA_U32, 32, 128),
	[NAT64_CONFIG_CLIENT_SESSION_MAX] = { .type = NLA_U32 },
	[NAT64_CONFIG_CLIENT_PORT_MAX] = { .type = NLA_U32 },
	[NAT64_CONFIG_CLIENT_SESSION_RATE] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &rate_range),
	[NAT64_CONFIG_BLOCK_TIMEOUT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &block_range),
};

/* Options, by attribute. */
static const size_t options[NAT64_CONFIG_MAX + 1] = {
	[NAT64_CONFIG_UDP_TIMEOUT] =
		offsetof(struct nat64_config, udp_timeout),
	[NAT64_CONFIG_TCP_EST_TIMEOUT] =
		offsetof(struct nat64_config, tcp_est_timeout),
	[NAT64_CONFIG_TCP_TRANS_TIMEOUT] =
		offsetof(struct nat64_config, tcp_trans_timeout),
	[NAT64_CONFIG_ICMP_TIMEOUT] =
		offsetof(struct nat64_config, icmp_timeout),
	[NAT64_CONFIG_SESSION_MAX] =
		offsetof(struct nat64_config, session_max),
	[NAT64_CONFIG_LOWEST_IPV6_MTU] =
		offsetof(struct nat64_config, lowest_ipv6_mtu),
	[NAT64_CONFIG_UDP_ZERO_CHECKSUM] =
		offsetof(struct nat64_config, udp_zero_checksum),
	[NAT64_CONFIG_NO_BINDING_ICMP] =
		offsetof(struct nat64_config, no_binding_icmp),
	[NAT64_CONFIG_SYN_MAX] = offsetof(struct nat64_config, syn_max),
	[NAT64_CONFIG_TCLASS] = offsetof(struct nat64_config, tclass),
	[NAT64_CONFIG_TOS] = offsetof(struct nat64_config, tos),
	[NAT64_CONFIG_ICMP_SOURCE] =
		offsetof(struct nat64_config, icmp_source),
	[NAT64_CONFIG_ICMP_SOURCE_LEN] =
		offsetof(struct nat64_config, icmp_source_len),
	[NAT64_CONFIG_ICMP_EXTENSION] =
		offsetof(struct nat64_config, icmp_extension),
	[NAT64_CONFIG_FTP] = offsetof(struct nat64_config, ftp),
	[NAT64_CONFIG_FASTPATH] = offsetof(struct nat64_config, fastpath),
	[NAT64_CONFIG_ICMP_RATE] = offsetof(struct nat64_config, icmp_rate),
	[NAT64_CONFIG_EARLY_DROP] = offsetof(struct nat64_config, early_drop),
	[NAT64_CONFIG_REVERSE_PATH] =
		offsetof(struct nat64_config, reverse_path),
	[NAT64_CONFIG_CLIENT_PREFIX_LEN] =
		offsetof(struct nat64_config, client_prefix_len),
	[NAT64_CONFIG_CLIENT_SESSION_MAX] =
		offsetof(struct nat64_config, client_session_max),
	[NAT64_CONFIG_CLIENT_PORT_MAX] =
		offsetof(struct nat64_config, client_port_max),
	[NAT64_CONFIG_CLIENT_SESSION_RATE] =
		offsetof(struct nat64_config, client_session_rate),
	[NAT64_CONFIG_BLOCK_TIMEOUT] =
		offsetof(struct nat64_config, block_timeout),
};

static u32 *option(const struct nat64_config *cfg, unsigned int attr)
{
	return (u32 *)((char *)cfg + options[attr]);
}

/* Options that are only right or wrong together. */
static int check_source(struct nat64_net *nn, __be32 source, u32 len,
			struct netlink_ext_ack *extack)
{
	if (!source)
		return 0;
	if (!nat64_addr4_unicast(source) ||
	    source != nat64_eam_mask4(source, len)) {
		nat64_extack(nn, extack,
			     "icmp-source %pI4/%u: not unicast, or host bits set",
			     &source, len);
		return -EINVAL;
	}
	return 0;
}

static int edit_config(struct nat64_net *nn, struct genl_info *info,
		       struct nat64_config *cfg)
{
	struct nlattr *addr = info->attrs[NAT64_CONFIG_ICMP_SOURCE];
	struct nlattr *len = info->attrs[NAT64_CONFIG_ICMP_SOURCE_LEN];
	__be32 source = addr ? nla_get_in_addr(addr) : cfg->icmp_source;
	u32 source_len = len ? nla_get_u32(len) :
			 addr ? 32 : cfg->icmp_source_len;
	unsigned int i;
	int err;

	err = check_source(nn, source, source_len, info->extack);
	if (err)
		return err;
	for (i = 1; i <= NAT64_CONFIG_MAX; i++)
		if (info->attrs[i])
			*option(cfg, i) = nla_get_u32(info->attrs[i]);
	cfg->icmp_source_len = source_len;
	return 0;
}

/* Under nn->lock, as all commands. */
int nat64_netlink_config_set(struct nat64_net *nn, struct genl_info *info)
{
	struct nat64_transaction *t = nat64_netlink_transaction(nn, info);
	struct nat64_config *cfg;
	int err;

	if (t)
		return edit_config(nn, info, t->cfg);
	cfg = nat64_config_edit(nn);
	if (!cfg)
		return -ENOMEM;
	err = edit_config(nn, info, cfg);
	if (!err && info->attrs[NAT64_CONFIG_FASTPATH])
		err = nat64_interface_apply(nn, cfg->fastpath, info->extack);
	if (err) {
		kvfree(cfg);
		return err;
	}
	nat64_config_commit(nn, cfg);
	return 0;
}

static int fill_options(const struct nat64_config *cfg, struct sk_buff *skb)
{
	unsigned int i;

	for (i = 1; i <= NAT64_CONFIG_MAX; i++)
		if (nla_put_u32(skb, i, *option(cfg, i)))
			return -EMSGSIZE;
	return 0;
}

int nat64_netlink_fill_config(struct nat64_net *nn, struct sk_buff *skb,
			      struct genl_info *info)
{
	return fill_options(nat64_config_locked(nn), skb);
}

int nat64_netlink_fill_defaults(struct nat64_net *nn, struct sk_buff *skb,
				struct genl_info *info)
{
	struct nat64_config *cfg = nat64_config_alloc(nn->tenant);
	int err;

	if (!cfg)
		return -ENOMEM;
	err = fill_options(cfg, skb);
	nat64_config_free(cfg);
	return err;
}
