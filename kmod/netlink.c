// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: its commands, and the answers of one message.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat/genetlink.h"
#include "config.h"
#include "eip.h"
#include "event.h"
#include "explain.h"
#include "filter.h"
#include "nat64.h"
#include "netlink.h"
#include "session.h"
#include "stats.h"
#include "transaction.h"
#include "uapi/nat64.h"

static int fill_stats(struct nat64_net *nn, struct sk_buff *skb,
		      struct genl_info *info)
{
	enum nat64_counter c;

	for (c = NAT64_OK + 1; c < __NAT64_COUNTERS; c++) {
		struct nlattr *nest = nla_nest_start(skb, NAT64_STATS_COUNTER);

		if (!nest ||
		    nla_put_string(skb, NAT64_STATS_NAME,
				   nat64_stats_name(c)) ||
		    nla_put_u64_64bit(skb, NAT64_STATS_VALUE,
				      nat64_stats_read(nn, c),
				      NAT64_STATS_PAD) ||
		    (c >= NAT64_DROP_FIRST &&
		     nla_put_flag(skb, NAT64_STATS_DROP)))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int fill_status(struct nat64_net *nn, struct sk_buff *skb,
		       struct genl_info *info)
{
	const struct nat64_config *cfg = nat64_config_locked(nn);

	if (nla_put_string(skb, NAT64_STATUS_VERSION, NAT64_VERSION) ||
	    nla_put_u8(skb, NAT64_STATUS_ACTIVE, nn->active) ||
	    nla_put_u32(skb, NAT64_STATUS_PREFIXES, cfg->prefix_count) ||
	    nla_put_u32(skb, NAT64_STATUS_POOLS, cfg->pool_count) ||
	    nla_put_u32(skb, NAT64_STATUS_EIPS, nat64_eip_count(cfg->eips)) ||
	    nla_put_u32(skb, NAT64_STATUS_BINDINGS,
			nat64_table_count(&nn->bindings6)) ||
	    nla_put_u32(skb, NAT64_STATUS_SESSIONS, nat64_session_count(nn)))
		return -EMSGSIZE;
	return 0;
}

typedef int fill_t(struct nat64_net *nn, struct sk_buff *skb,
		   struct genl_info *info);

static fill_t * const fills[NAT64_CMD_MAX + 1] = {
	[NAT64_CMD_CONFIG_GET] = nat64_netlink_fill_config,
	[NAT64_CMD_DEFAULTS_GET] = nat64_netlink_fill_defaults,
	[NAT64_CMD_STATS_GET] = fill_stats,
	[NAT64_CMD_STATUS_GET] = fill_status,
	[NAT64_CMD_EXPLAIN] = nat64_explain,
};

static int fill_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nat64_net *nn = nat64_pernet(genl_info_net(info));
	u8 cmd = info->genlhdr->cmd;
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = nat64_netlink_is_first(skb, info->extack);
	if (err)
		return err;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &nat64_genl_family, 0, cmd);
	err = -EMSGSIZE;
	if (!hdr)
		goto err_free;
	err = nat64_netlink_lock(nn);
	if (err)
		goto err_free;
	err = fills[cmd](nn, msg, info);
	mutex_unlock(&nn->lock);
	if (err)
		goto err_free;
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);

err_free:
	nlmsg_free(msg);
	return err;
}

#define CHANGE(command, set) CHANGE_BY(command, nat64_##set##_policy)

#define CHANGE_BY(command, by) {					\
	.cmd = NAT64_CMD_##command,					\
	.doit = nat64_netlink_change,					\
	.policy = by,							\
	.maxattr = ARRAY_SIZE(by) - 1,					\
	.flags = GENL_UNS_ADMIN_PERM,					\
}

#define FILL(command) {							\
	.cmd = NAT64_CMD_##command,					\
	.doit = fill_doit,						\
	NO_ATTRIBUTES							\
}

#define NO_ATTRIBUTES							\
	.policy = no_policy,						\
	.maxattr = ARRAY_SIZE(no_policy) - 1,

/* With no maxattr at all, attributes would not even be looked at. */
static const struct nla_policy no_policy[2] = {
	[1] = { .type = NLA_REJECT },
};

static const struct genl_ops ops[] = {
	CHANGE(PREFIX_ADD, prefix),
	CHANGE(PREFIX_DEL, prefix),
	CHANGE_BY(PREFIX_FLUSH, no_policy),
	CHANGE(POOL_ADD, pool),
	CHANGE(POOL_DEL, pool),
	CHANGE_BY(POOL_FLUSH, no_policy),
	CHANGE(EIP_ADD, eip),
	CHANGE(EIP_DEL, eip),
	CHANGE_BY(EIP_FLUSH, no_policy),
	CHANGE(BINDING_ADD, binding),
	CHANGE(BINDING_DEL, binding),
	CHANGE_BY(BINDING_FLUSH, no_policy),
	CHANGE_BY(SESSION_FLUSH, nat64_filter_sessions),
	CHANGE_BY(CONFIG_SET, nat64_netlink_config_policy),
	CHANGE(INTERFACE_SET, interface),
	CHANGE_BY(TRANSACTION_BEGIN, no_policy),
	CHANGE(TRANSACTION_COMMIT, transaction),
	CHANGE_BY(TRANSACTION_ABORT, no_policy),
	FILL(CONFIG_GET),
	FILL(DEFAULTS_GET),
	FILL(STATS_GET),
	FILL(STATUS_GET),
	{
		.cmd = NAT64_CMD_EVENT,
		.start = nat64_dump_start,
		.dumpit = nat64_event_numbers,
		NO_ATTRIBUTES
		.flags = GENL_UNS_ADMIN_PERM,
	}, {
		.cmd = NAT64_CMD_EXPLAIN,
		.doit = fill_doit,
		.policy = nat64_explain_policy,
		.maxattr = ARRAY_SIZE(nat64_explain_policy) - 1,
		.flags = GENL_UNS_ADMIN_PERM,
	}, {
		.cmd = NAT64_CMD_PREFIX_GET,
		.start = nat64_dump_start,
		.dumpit = nat64_dump_prefixes,
		NO_ATTRIBUTES
	}, {
		.cmd = NAT64_CMD_POOL_GET,
		.start = nat64_dump_start,
		.dumpit = nat64_dump_pools,
		NO_ATTRIBUTES
	}, {
		.cmd = NAT64_CMD_EIP_GET,
		.start = nat64_dump_start_eips,
		.dumpit = nat64_dump_eips,
		.done = nat64_dump_done_eips,
		NO_ATTRIBUTES
	}, {
		.cmd = NAT64_CMD_BINDING_GET,
		.start = nat64_dump_start_bindings,
		.dumpit = nat64_dump_bindings,
		.done = nat64_dump_done_walk,
		.policy = nat64_filter_bindings,
		.maxattr = ARRAY_SIZE(nat64_filter_bindings) - 1,
		.flags = GENL_UNS_ADMIN_PERM,
	}, {
		.cmd = NAT64_CMD_SESSION_GET,
		.start = nat64_dump_start_sessions,
		.dumpit = nat64_dump_sessions,
		.done = nat64_dump_done_walk,
		.policy = nat64_filter_sessions,
		.maxattr = ARRAY_SIZE(nat64_filter_sessions) - 1,
		.flags = GENL_UNS_ADMIN_PERM,
	}, {
		.cmd = NAT64_CMD_BLOCK_GET,
		.start = nat64_dump_start_blocks,
		.dumpit = nat64_dump_blocks,
		.done = nat64_dump_done_walk,
		.policy = nat64_filter_blocks,
		.maxattr = ARRAY_SIZE(nat64_filter_blocks) - 1,
		.flags = GENL_UNS_ADMIN_PERM,
	}, {
		.cmd = NAT64_CMD_CLIENT_GET,
		.start = nat64_dump_start_clients,
		.dumpit = nat64_dump_clients,
		.done = nat64_dump_done_walk,
		.policy = nat64_filter_clients,
		.maxattr = ARRAY_SIZE(nat64_filter_clients) - 1,
		.flags = GENL_UNS_ADMIN_PERM,
	}, {
		.cmd = NAT64_CMD_INTERFACE_GET,
		.start = nat64_dump_start,
		.dumpit = nat64_dump_interfaces,
		NO_ATTRIBUTES
	},
};

struct genl_family nat64_genl_family = {
	.name = NAT64_GENL_NAME,
	.version = NAT64_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = nat64_event_groups,
	.n_mcgrps = ARRAY_SIZE(nat64_event_groups),
	GENL_RESV_START_OP(NAT64_CMD_UNSPEC + 1)
};

/* Who does not end a transaction has no more use for it. */
static int released(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct netlink_notify *notify = ptr;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC)
		nat64_transaction_abandon(nat64_pernet(notify->net),
					  notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = released };

#define TRIES 10

int __init nat64_netlink_init(void)
{
	int err = netlink_register_notifier(&notifier);
	unsigned int tries = TRIES;

	if (err)
		return err;
	err = genl_register_family(&nat64_genl_family);
	/* With the groups those end who are in them. */
	while (!err && nat64_event_overheard() && --tries) {
		genl_unregister_family(&nat64_genl_family);
		err = genl_register_family(&nat64_genl_family);
	}
	if (err) {
		netlink_unregister_notifier(&notifier);
		return err;
	}
	if (tries)
		nat64_event_module_init();
	else
		pr_warn("no events: a process that may not hear them joins their groups\n");
	return 0;
}

void nat64_netlink_fini(void)
{
	nat64_event_module_fini();
	genl_unregister_family(&nat64_genl_family);
	netlink_unregister_notifier(&notifier);
}
