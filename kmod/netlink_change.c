// SPDX-License-Identifier: GPL-2.0
/*
 * Commands that change something: what they take, where they belong, and how many
 * there may be at a time.  Each calls one function of the owner of what it changes.
 */
#include <net/addrconf.h>

#include "addr4.h"
#include "binding.h"
#include "config.h"
#include "eam.h"
#include "eip.h"
#include "event.h"
#include "extack.h"
#include "filter.h"
#include "hook.h"
#include "interface.h"
#include "nat64.h"
#include "netlink.h"
#include "pool.h"
#include "rfc6052.h"
#include "rules.h"
#include "session.h"
#include "static.h"
#include "transaction.h"
#include "uapi/nat64.h"

const struct nla_policy nat64_prefix_policy[NAT64_PREFIX_MAX + 1] = {
	[NAT64_PREFIX_ADDR] = NAT64_POLICY_IN6,
	[NAT64_PREFIX_LEN] = { .type = NLA_U8 },
	[NAT64_PREFIX_MODE] = NLA_POLICY_MAX(NLA_U8, NAT64_PREFIX_CLAT),
	[NAT64_PREFIX_PRIVATE] = NLA_POLICY_MAX(NLA_U8, 1),
};

const struct nla_policy nat64_pool_policy[NAT64_POOL_MAX + 1] = {
	[NAT64_POOL_ADDR] = { .type = NLA_U32 },
	[NAT64_POOL_LEN] = NLA_POLICY_RANGE(NLA_U8, 16, 32),
	[NAT64_POOL_PORT_MIN] = NLA_POLICY_MIN(NLA_U16, 1),
	[NAT64_POOL_PORT_MAX] = NLA_POLICY_MIN(NLA_U16, 1),
	[NAT64_POOL_USED_TCP] = { .type = NLA_REJECT },
	[NAT64_POOL_USED_UDP] = { .type = NLA_REJECT },
	[NAT64_POOL_USED_ICMP] = { .type = NLA_REJECT },
	[NAT64_POOL_MAPPING] =
		NLA_POLICY_MAX(NLA_U8, NAT64_MAPPING_ADDRESS_PORT_DEPENDENT),
	[NAT64_POOL_FILTERING] =
		NLA_POLICY_MAX(NLA_U8, NAT64_FILTERING_ADDRESS_DEPENDENT),
	[NAT64_POOL_PARITY] = NLA_POLICY_MAX(NLA_U8, 1),
	[NAT64_POOL_PORT_CLASS] = NLA_POLICY_MAX(NLA_U8, 1),
	[NAT64_POOL_BLOCK_SIZE] = NLA_POLICY_RANGE(NLA_U16, 64, 16384),
	[NAT64_POOL_BLOCKS_MAX] = NLA_POLICY_RANGE(NLA_U8, 1, 64),
	[NAT64_POOL_BLOCKS] = { .type = NLA_REJECT },
	[NAT64_POOL_BLOCKS_USED] = { .type = NLA_REJECT },
};

const struct nla_policy nat64_eip_policy[NAT64_EIP_MAX + 1] = {
	[NAT64_EIP_ADDR] = { .type = NLA_U32 },
	[NAT64_EIP_TARGET4] = { .type = NLA_U32 },
	[NAT64_EIP_TARGET6] = NAT64_POLICY_IN6,
	[NAT64_EIP_LEN] = NLA_POLICY_RANGE(NLA_U8, 8, 32),
	[NAT64_EIP_TARGET6_LEN] = NLA_POLICY_RANGE(NLA_U8, 8, 128),
	[NAT64_EIP_CLAT] = { .type = NLA_FLAG },
};

const struct nla_policy nat64_binding_policy[NAT64_BINDING_MAX + 1] = {
	[NAT64_BINDING_PROTO] = { .type = NLA_U8 },
	[NAT64_BINDING_ADDR6] = NAT64_POLICY_IN6,
	[NAT64_BINDING_PORT6] = { .type = NLA_U16 },
	[NAT64_BINDING_ADDR4] = { .type = NLA_U32 },
	[NAT64_BINDING_PORT4] = { .type = NLA_U16 },
	[NAT64_BINDING_STATIC] = { .type = NLA_REJECT },
	[NAT64_BINDING_SESSIONS] = { .type = NLA_REJECT },
	[NAT64_BINDING_ADDR6_LEN] = { .type = NLA_REJECT },
	[NAT64_BINDING_ADDR4_LEN] = { .type = NLA_REJECT },
};

const struct nla_policy nat64_transaction_policy[NAT64_TRANSACTION_MAX + 1] = {
	[NAT64_TRANSACTION_CHECK] = { .type = NLA_FLAG },
};

const struct nla_policy nat64_interface_policy[NAT64_INTERFACE_MAX + 1] = {
	[NAT64_INTERFACE_IFINDEX] = { .type = NLA_REJECT },
	[NAT64_INTERFACE_NAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[NAT64_INTERFACE_WISH] = NLA_POLICY_MAX(NLA_U8, 1),
	[NAT64_INTERFACE_FASTPATH] = { .type = NLA_REJECT },
};

static struct nat64_net *info_net(struct genl_info *info)
{
	return nat64_pernet(genl_info_net(info));
}

/**
 * nat64_netlink_transaction() - the transaction that a command is a part of
 * @nn: the namespace, locked
 * @info: the command
 *
 * Return: the transaction or NULL.
 */
struct nat64_transaction *
nat64_netlink_transaction(const struct nat64_net *nn,
			  const struct genl_info *info)
{
	return READ_ONCE(nn->transaction_portid) == info->snd_portid ?
	       nn->transaction : NULL;
}

/* The attribute, or NULL and an error that names it. */
static struct nlattr *need(struct genl_info *info, int type, const char *name)
{
	struct nlattr *attr = info->attrs[type];

	if (!attr)
		nat64_extack(info_net(info), info->extack, "%s is missing",
			     name);
	return attr;
}

static int prefix_args(struct genl_info *info, struct nat64_prefix *prefix)
{
	struct nlattr *addr = need(info, NAT64_PREFIX_ADDR, "prefix");
	struct nlattr *len = need(info, NAT64_PREFIX_LEN, "prefix length");

	if (!addr || !len)
		return -EINVAL;
	prefix->addr = nla_get_in6_addr(addr);
	prefix->len = nla_get_u8(len);
	return 0;
}

static void hook_update(struct nat64_net *nn)
{
	if (!nat64_config_locked(nn)->prefix_count)
		nat64_hook_disable(nn);
}

static int prefix_add(struct nat64_net *nn, struct genl_info *info)
{
	struct nat64_prefix prefix = { .mode = NAT64_PREFIX_OPEN };
	struct nat64_transaction *t = nat64_netlink_transaction(nn, info);
	struct nlattr **attrs = info->attrs;
	const char *wrong;
	int err;

	err = prefix_args(info, &prefix);
	if (err)
		return err;
	wrong = nat64_rfc6052_check(&prefix.addr, prefix.len);
	if (wrong) {
		nat64_extack(nn, info->extack, "%pI6c/%u: %s", &prefix.addr,
			     prefix.len, wrong);
		return -EINVAL;
	}
	if (attrs[NAT64_PREFIX_MODE])
		prefix.mode = nla_get_u8(attrs[NAT64_PREFIX_MODE]);
	if (attrs[NAT64_PREFIX_PRIVATE])
		prefix.private = nla_get_u8(attrs[NAT64_PREFIX_PRIVATE]);
	if (t)
		return nat64_transaction_prefix(nn, &prefix, info->extack);
	err = nat64_hook_enable(nn);
	if (err)
		return err;
	err = nat64_config_prefix_add(nn, &prefix, info->extack);
	if (err)
		hook_update(nn);
	return err;
}

static int prefix_del(struct nat64_net *nn, struct genl_info *info)
{
	struct nat64_prefix prefix;
	int err;

	err = prefix_args(info, &prefix);
	if (err)
		return err;
	err = nat64_config_prefix_del(nn, &prefix.addr, prefix.len,
				      info->extack);
	if (!err)
		hook_update(nn);
	return err;
}

static int prefix_flush(struct nat64_net *nn, struct genl_info *info)
{
	int err = nat64_config_prefix_flush(nn);

	hook_update(nn);
	return err;
}

static int pool_args(struct genl_info *info, __be32 *addr, u8 *len)
{
	struct nlattr *a = need(info, NAT64_POOL_ADDR, "pool address");
	struct nlattr *l = need(info, NAT64_POOL_LEN, "pool prefix length");

	if (!a || !l)
		return -EINVAL;
	*addr = nla_get_in_addr(a);
	*len = nla_get_u8(l);
	return 0;
}

static int pool_add(struct nat64_net *nn, struct genl_info *info)
{
	struct nat64_pool_params params = {
		.port_min = 1,
		.port_max = U16_MAX,
		.port_class = true,
	};
	struct nat64_transaction *t = nat64_netlink_transaction(nn, info);
	struct nlattr **attrs = info->attrs;
	int err;

	err = pool_args(info, &params.addr, &params.len);
	if (err)
		return err;
	if (attrs[NAT64_POOL_PORT_MIN])
		params.port_min = nla_get_u16(attrs[NAT64_POOL_PORT_MIN]);
	if (attrs[NAT64_POOL_PORT_MAX])
		params.port_max = nla_get_u16(attrs[NAT64_POOL_PORT_MAX]);
	if (attrs[NAT64_POOL_MAPPING])
		params.mapping = nla_get_u8(attrs[NAT64_POOL_MAPPING]);
	if (attrs[NAT64_POOL_FILTERING])
		params.filtering = nla_get_u8(attrs[NAT64_POOL_FILTERING]);
	if (attrs[NAT64_POOL_PARITY])
		params.parity = nla_get_u8(attrs[NAT64_POOL_PARITY]);
	if (attrs[NAT64_POOL_PORT_CLASS])
		params.port_class = nla_get_u8(attrs[NAT64_POOL_PORT_CLASS]);
	if (attrs[NAT64_POOL_BLOCK_SIZE]) {
		params.block_size = nla_get_u16(attrs[NAT64_POOL_BLOCK_SIZE]);
		params.blocks_max = attrs[NAT64_POOL_BLOCKS_MAX] ?
				    nla_get_u8(attrs[NAT64_POOL_BLOCKS_MAX]) : 8;
	} else if (attrs[NAT64_POOL_BLOCKS_MAX]) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[NAT64_POOL_BLOCKS_MAX],
				    "blocks-max goes with block-size only");
		return -EINVAL;
	}
	return t ? nat64_config_put_pool(nn, t->cfg, &params, info->extack) :
		   nat64_config_pool_add(nn, &params, info->extack);
}

static int pool_del(struct nat64_net *nn, struct genl_info *info)
{
	__be32 addr;
	u8 len;
	int err;

	err = pool_args(info, &addr, &len);
	if (err)
		return err;
	return nat64_config_pool_del(nn, addr, len, info->extack);
}

static int pool_flush(struct nat64_net *nn, struct genl_info *info)
{
	return nat64_config_pool_flush(nn);
}

static int eip_args(struct genl_info *info, struct nat64_eip4 *eip)
{
	struct nlattr *addr = need(info, NAT64_EIP_ADDR, "EIP");
	struct nlattr *len = info->attrs[NAT64_EIP_LEN];

	if (!addr)
		return -EINVAL;
	eip->addr = nla_get_in_addr(addr);
	eip->len = len ? nla_get_u8(len) : 32;
	return 0;
}

static int eip_add(struct nat64_net *nn, struct genl_info *info)
{
	struct nlattr *target4 = info->attrs[NAT64_EIP_TARGET4];
	struct nlattr *target6 = info->attrs[NAT64_EIP_TARGET6];
	struct nlattr *len = info->attrs[NAT64_EIP_TARGET6_LEN];
	struct nlattr *clat = info->attrs[NAT64_EIP_CLAT];
	struct nat64_transaction *t = nat64_netlink_transaction(nn, info);
	const struct nat64_config *cfg = t ? t->cfg : nat64_config_locked(nn);
	struct nat64_eip6 target;
	struct nat64_eip4 eip;
	int err;

	err = eip_args(info, &eip);
	if (err)
		return err;
	/* In a transaction it may come behind. */
	if (!t && !cfg->prefix_count) {
		nat64_extack(nn, info->extack,
			     "EIP %pI4 is outside any prefix: add a prefix first",
			     &eip.addr);
		return -ENOENT;
	}
	if (target4 && target6) {
		NL_SET_ERR_MSG_ATTR(info->extack, target6,
				    "an EIP has one target, not two");
		return -EINVAL;
	}
	if (!target6 && (len || clat)) {
		NL_SET_ERR_MSG_ATTR(info->extack, len ?: clat,
				    "this goes with an IPv6 target only");
		return -EINVAL;
	}
	if (target6) {
		target.addr = nla_get_in6_addr(target6);
		target.len = len ? nla_get_u8(len) : 128;
		return nat64_eip_add(nn, cfg, &eip,
				     clat ? NAT64_EIP_CLAT_HOST : NAT64_EIP_TO6,
				     &target, info->extack);
	}
	ipv6_addr_set_v4mapped(target4 ? nla_get_in_addr(target4) : eip.addr,
			       &target.addr);
	target.len = 128 - 32 + eip.len;
	return nat64_eip_add(nn, cfg, &eip, NAT64_EIP_TO4, &target,
			     info->extack);
}

static int eip_del(struct nat64_net *nn, struct genl_info *info)
{
	struct nat64_eip4 eip;
	int err;

	err = eip_args(info, &eip);
	return err ?: nat64_eip_del(nn, &eip, info->extack);
}

static int eip_flush(struct nat64_net *nn, struct genl_info *info)
{
	nat64_eip_flush(nn);
	return 0;
}

static int binding_args(struct nat64_net *nn, struct genl_info *info,
			struct nat64_key4 *key4)
{
	struct nlattr *proto = need(info, NAT64_BINDING_PROTO, "protocol");
	struct nlattr *addr4 = need(info, NAT64_BINDING_ADDR4, "IPv4 address");
	struct nlattr *port4 = need(info, NAT64_BINDING_PORT4, "IPv4 port");

	if (!proto || !addr4 || !port4)
		return -EINVAL;
	key4->proto = nla_get_u8(proto);
	key4->addr = nla_get_in_addr(addr4);
	key4->port = nla_get_be16(port4);
	if (key4->proto != IPPROTO_TCP && key4->proto != IPPROTO_UDP &&
	    key4->proto != IPPROTO_ICMP) {
		nat64_extack(nn, info->extack,
			     "protocol %u has no bindings, only tcp, udp and icmp have",
			     key4->proto);
		return -EINVAL;
	}
	if (!key4->port && key4->proto != IPPROTO_ICMP) {
		NL_SET_ERR_MSG_ATTR(info->extack, port4,
				    "port 0 cannot be bound");
		return -EINVAL;
	}
	return 0;
}

static int binding_add(struct nat64_net *nn, struct genl_info *info)
{
	struct nlattr *addr6 = need(info, NAT64_BINDING_ADDR6, "IPv6 address");
	struct nlattr *port6 = info->attrs[NAT64_BINDING_PORT6];
	struct nat64_key6 key6;
	struct nat64_key4 key4;
	int err;

	err = binding_args(nn, info, &key4);
	if (err || !addr6)
		return -EINVAL;
	key6.addr = nla_get_in6_addr(addr6);
	key6.port = port6 ? nla_get_be16(port6) : key4.port;
	key6.proto = key4.proto;
	return nat64_netlink_transaction(nn, info) ?
		nat64_transaction_bind(nn, &key6, &key4, info->extack) :
		nat64_static_add(nn, &key6, &key4, info->extack);
}

static int binding_del(struct nat64_net *nn, struct genl_info *info)
{
	struct nat64_key4 key4;
	int err;

	err = binding_args(nn, info, &key4);
	return err ?: nat64_static_del(nn, &key4, info->extack);
}

static int binding_flush(struct nat64_net *nn, struct genl_info *info)
{
	nat64_static_flush(nn);
	return 0;
}

static bool match_filter(struct nat64_session *session, const void *filter)
{
	return nat64_filter_wants(filter, session);
}

static int session_flush(struct nat64_net *nn, struct genl_info *info)
{
	struct nat64_filter filter = { 0 };
	int err;

	err = nat64_filter_session(&filter, info->attrs, info->extack);
	if (!err)
		nat64_session_flush(nn, match_filter, &filter);
	return err;
}

static int interface_set(struct nat64_net *nn, struct genl_info *info)
{
	struct nlattr *name = need(info, NAT64_INTERFACE_NAME, "interface");
	struct nlattr *wish = info->attrs[NAT64_INTERFACE_WISH];

	if (!name)
		return -EINVAL;
	if (!nat64_netlink_transaction(nn, info))
		return nat64_interface_wish(nn, nla_data(name),
					    wish ? nla_get_u8(wish) : -1,
					    info->extack);
	return wish ? nat64_transaction_wish(nn, nla_data(name),
					     nla_get_u8(wish), info->extack) : 0;
}

static int transaction_begin(struct nat64_net *nn, struct genl_info *info)
{
	return nat64_transaction_begin(nn, info->snd_portid, info->extack);
}

static int transaction_commit(struct nat64_net *nn, struct genl_info *info)
{
	if (info->attrs[NAT64_TRANSACTION_CHECK])
		return nat64_transaction_check(nn, info->extack);
	return nat64_transaction_commit(nn, info->extack);
}

static int transaction_abort(struct nat64_net *nn, struct genl_info *info)
{
	nat64_transaction_end(nn);
	return 0;
}

typedef int change_t(struct nat64_net *nn, struct genl_info *info);

static change_t * const changes[NAT64_CMD_MAX + 1] = {
	[NAT64_CMD_PREFIX_ADD] = prefix_add,
	[NAT64_CMD_PREFIX_DEL] = prefix_del,
	[NAT64_CMD_PREFIX_FLUSH] = prefix_flush,
	[NAT64_CMD_POOL_ADD] = pool_add,
	[NAT64_CMD_POOL_DEL] = pool_del,
	[NAT64_CMD_POOL_FLUSH] = pool_flush,
	[NAT64_CMD_EIP_ADD] = eip_add,
	[NAT64_CMD_EIP_DEL] = eip_del,
	[NAT64_CMD_EIP_FLUSH] = eip_flush,
	[NAT64_CMD_BINDING_ADD] = binding_add,
	[NAT64_CMD_BINDING_DEL] = binding_del,
	[NAT64_CMD_BINDING_FLUSH] = binding_flush,
	[NAT64_CMD_SESSION_FLUSH] = session_flush,
	[NAT64_CMD_CONFIG_SET] = nat64_netlink_config_set,
	[NAT64_CMD_INTERFACE_SET] = interface_set,
	[NAT64_CMD_TRANSACTION_BEGIN] = transaction_begin,
	[NAT64_CMD_TRANSACTION_COMMIT] = transaction_commit,
	[NAT64_CMD_TRANSACTION_ABORT] = transaction_abort,
};

/* Commands of a transaction may come together up to here, octets of a call. */
#define TOGETHER_MAX 8192

/*
 * A call holds up the registration of families until all of its messages are done, and
 * that holds up everybody: what is one of many may neither look at all that there is
 * nor wait.
 */
static bool may_follow(const struct nat64_net *nn, const struct sk_buff *skb,
		       const struct genl_info *info)
{
	const struct nlattr *len;

	if (!nat64_netlink_transaction(nn, info) || skb_headroom(skb) > TOGETHER_MAX)
		return false;
	if (info->genlhdr->cmd != NAT64_CMD_EIP_ADD)
		return info->genlhdr->cmd == NAT64_CMD_BINDING_ADD;
	/* Other commands have fewer attributes than that. */
	len = info->attrs[NAT64_EIP_LEN];
	return !len || nla_get_u8(len) == 32;
}

/**
 * nat64_netlink_is_first() - does a command come first in its call, as most must?
 * @skb: what the call has brought
 * @extack: says so if it does not
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int nat64_netlink_is_first(const struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	/* Messages are pulled off one after another. */
	if (!skb_headroom(skb))
		return 0;
	NL_SET_ERR_MSG(extack,
		       "one command at a time, but for EIPs of one address and bindings in a transaction");
	return -EINVAL;
}

/* Is a command one that belongs where it comes, in a transaction or not? */
static int check_place(struct nat64_net *nn, const struct sk_buff *skb,
		       struct genl_info *info)
{
	bool inside = nat64_netlink_transaction(nn, info);
	int err = may_follow(nn, skb, info) ? 0 :
		  nat64_netlink_is_first(skb, info->extack);

	if (err)
		return err;
	switch (info->genlhdr->cmd) {
	case NAT64_CMD_PREFIX_ADD:
	case NAT64_CMD_POOL_ADD:
	case NAT64_CMD_EIP_ADD:
	case NAT64_CMD_BINDING_ADD:
	case NAT64_CMD_CONFIG_SET:
	case NAT64_CMD_INTERFACE_SET:
		return 0;
	case NAT64_CMD_TRANSACTION_COMMIT:
	case NAT64_CMD_TRANSACTION_ABORT:
		if (inside)
			return 0;
		nat64_extack(nn, info->extack, "there is no transaction");
		return -EINVAL;
	case NAT64_CMD_TRANSACTION_BEGIN:
		return 0;
	}
	if (!inside)
		return 0;
	nat64_extack(nn, info->extack,
		     "a transaction is told what there is to be, nothing else");
	return -EINVAL;
}

/**
 * nat64_netlink_lock() - take the lock of the control path for a command
 * @nn: the namespace; its @lock is to be released
 *
 * Context: process.
 * Return: 0 or -EINTR, if the caller is about to die.
 */
int nat64_netlink_lock(struct nat64_net *nn)
{
	return fatal_signal_pending(current) ? -EINTR :
	       mutex_lock_killable(&nn->lock);
}

/*
 * Whoever runs a command, or waits to, keeps families from being registered, and that
 * keeps everybody from generic netlink: a tenant may do so for a moment only.  Whoever
 * only asks, which anybody may, is not counted, and waits for those who are.
 */
#define CHANGERS_MAX 16

static int lock_to_change(struct nat64_net *nn, struct netlink_ext_ack *extack)
{
	int err = -EBUSY;

	if (atomic_inc_return(&nn->changers) > CHANGERS_MAX)
		NL_SET_ERR_MSG(extack, "too many commands at a time");
	else
		err = nat64_netlink_lock(nn);
	if (err)
		atomic_dec(&nn->changers);
	return err;
}

/**
 * nat64_netlink_change() - run a command that changes something
 * @skb: what a call has brought
 * @info: the command in it
 *
 * Context: process.
 * Return: 0 or -errno, with a text.
 */
int nat64_netlink_change(struct sk_buff *skb, struct genl_info *info)
{
	struct nat64_net *nn = info_net(info);
	int err = lock_to_change(nn, info->extack);

	if (err)
		return err;
	err = check_place(nn, skb, info);
	if (!err)
		err = changes[info->genlhdr->cmd](nn, info);
	/* Sessions may have to go another way now. */
	if (!err && !nat64_netlink_transaction(nn, info) &&
	    info->genlhdr->cmd != NAT64_CMD_TRANSACTION_ABORT) {
		nat64_rules_changed(nn);
		nat64_event_config(nn, info);
	}
	mutex_unlock(&nn->lock);
	atomic_dec(&nn->changers);
	return err;
}
