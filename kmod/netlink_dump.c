// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps of the tables over generic netlink.
 *
 * A hash table is walked across messages.  An entry that is there from the
 * first message to the last is dumped once.  If the table of EIPs was resized
 * meanwhile, its walk begins anew and the dump is flagged as interrupted, so
 * that userspace asks again.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "compat/genetlink.h"
#include "binding.h"
#include "block.h"
#include "client.h"
#include "config.h"
#include "eip.h"
#include "filter.h"
#include "interface.h"
#include "nat64.h"
#include "netlink.h"
#include "pool.h"
#include "rate.h"
#include "session.h"
#include "uapi/nat64.h"

static struct nat64_net *dump_net(const struct netlink_callback *cb)
{
	return nat64_pernet(sock_net(cb->skb->sk));
}

static void *dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &nat64_genl_family,
				NLM_F_MULTI, cmd);

	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	return hdr;
}

int nat64_fill_prefix(struct sk_buff *skb, const void *entry)
{
	const struct nat64_prefix *prefix = entry;

	return nla_put_in6_addr(skb, NAT64_PREFIX_ADDR, &prefix->addr) ||
	       nla_put_u8(skb, NAT64_PREFIX_LEN, prefix->len) ||
	       nla_put_u8(skb, NAT64_PREFIX_MODE, prefix->mode) ||
	       nla_put_u8(skb, NAT64_PREFIX_PRIVATE, prefix->private);
}

static int fill_blocks(struct sk_buff *skb, const struct nat64_pool *pool)
{
	return nla_put_u16(skb, NAT64_POOL_BLOCK_SIZE, pool->params.block_size) ||
	       nla_put_u8(skb, NAT64_POOL_BLOCKS_MAX, pool->params.blocks_max) ||
	       nla_put_u32(skb, NAT64_POOL_BLOCKS, nat64_pool_blocks(pool)) ||
	       nla_put_u32(skb, NAT64_POOL_BLOCKS_USED,
			   atomic_read(&pool->blocks_used));
}

int nat64_fill_pool(struct sk_buff *skb, const void *entry)
{
	const struct nat64_pool *pool = entry;

	return nla_put_in_addr(skb, NAT64_POOL_ADDR, pool->params.addr) ||
	       nla_put_u8(skb, NAT64_POOL_LEN, pool->params.len) ||
	       nla_put_u16(skb, NAT64_POOL_PORT_MIN, pool->params.port_min) ||
	       nla_put_u16(skb, NAT64_POOL_PORT_MAX, pool->params.port_max) ||
	       nla_put_u32(skb, NAT64_POOL_USED_TCP,
			   nat64_pool_used(pool, NAT64_PROTO_TCP)) ||
	       nla_put_u32(skb, NAT64_POOL_USED_UDP,
			   nat64_pool_used(pool, NAT64_PROTO_UDP)) ||
	       nla_put_u32(skb, NAT64_POOL_USED_ICMP,
			   nat64_pool_used(pool, NAT64_PROTO_ICMP)) ||
	       nla_put_u8(skb, NAT64_POOL_MAPPING, pool->params.mapping) ||
	       nla_put_u8(skb, NAT64_POOL_FILTERING, pool->params.filtering) ||
	       nla_put_u8(skb, NAT64_POOL_PARITY, pool->params.parity) ||
	       nla_put_u8(skb, NAT64_POOL_PORT_CLASS, pool->params.port_class) ||
	       (pool->params.block_size && fill_blocks(skb, pool));
}

/**
 * nat64_dump_start() - begin a dump
 * @cb: the dump, whose @skb is the call's still
 *
 * Context: process.
 * Return: 0 or -EINVAL if it is not the first command of the call.
 */
int nat64_dump_start(struct netlink_callback *cb)
{
	return nat64_netlink_is_first(cb->skb, cb->extack);
}

int nat64_dump_prefixes(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nat64_net *nn = dump_net(cb);
	const struct nat64_config *cfg;
	void *hdr;

	mutex_lock(&nn->lock);
	cfg = nat64_config_locked(nn);
	cb->seq = nn->generation;
	for (; cb->args[0] < cfg->prefix_count; cb->args[0]++) {
		hdr = dump_put(skb, cb, NAT64_CMD_PREFIX_GET);
		if (!hdr)
			break;
		if (nat64_fill_prefix(skb, &cfg->prefixes[cb->args[0]])) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
	}
	mutex_unlock(&nn->lock);
	return skb->len;
}

int nat64_dump_pools(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nat64_net *nn = dump_net(cb);
	const struct nat64_config *cfg;
	void *hdr;

	mutex_lock(&nn->lock);
	cfg = nat64_config_locked(nn);
	cb->seq = nn->generation;
	for (; cb->args[0] < cfg->pool_count; cb->args[0]++) {
		hdr = dump_put(skb, cb, NAT64_CMD_POOL_GET);
		if (!hdr)
			break;
		if (nat64_fill_pool(skb, cfg->pools[cb->args[0]])) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
	}
	mutex_unlock(&nn->lock);
	return skb->len;
}

int nat64_fill_eip(struct sk_buff *skb, const void *entry)
{
	const struct nat64_eip *eip = entry;

	if (nla_put_in_addr(skb, NAT64_EIP_ADDR, eip->eip.addr) ||
	    nla_put_u8(skb, NAT64_EIP_LEN, eip->eip.len))
		return -EMSGSIZE;
	if (eip->kind == NAT64_EIP_TO4)
		return nla_put_in_addr(skb, NAT64_EIP_TARGET4,
				       eip->target.addr.s6_addr32[3]);
	return nla_put_in6_addr(skb, NAT64_EIP_TARGET6, &eip->target.addr) ||
	       nla_put_u8(skb, NAT64_EIP_TARGET6_LEN, eip->target.len) ||
	       (eip->kind == NAT64_EIP_CLAT_HOST &&
		nla_put_flag(skb, NAT64_EIP_CLAT));
}

int nat64_fill_binding(struct sk_buff *skb, const void *entry)
{
	const struct nat64_binding *b =
		container_of((const struct nat64_session *)entry,
			     struct nat64_binding, first);
	const struct nat64_tuple6 *t6 = &b->first.t6;
	const struct nat64_tuple4 *t4 = &b->first.t4;
	/* One that is about to end has no references. */
	int sessions = max_t(int, 0, refcount_read(&b->first.refs) -
				     nat64_binding_fixed(b));

	return nla_put_u8(skb, NAT64_BINDING_PROTO, t6->proto) ||
	       nla_put_in6_addr(skb, NAT64_BINDING_ADDR6, &t6->local) ||
	       nla_put_be16(skb, NAT64_BINDING_PORT6, t6->lport) ||
	       nla_put_in_addr(skb, NAT64_BINDING_ADDR4, t4->local) ||
	       nla_put_be16(skb, NAT64_BINDING_PORT4, t4->lport) ||
	       nla_put_u32(skb, NAT64_BINDING_SESSIONS, sessions) ||
	       (nat64_binding_fixed(b) && nla_put_flag(skb, NAT64_BINDING_STATIC));
}

int nat64_fill_session(struct sk_buff *skb, const void *entry)
{
	struct nat64_session *s = (struct nat64_session *)entry;
	const struct nat64_binding *b = nat64_binding_of(s);
	s32 left = READ_ONCE(s->expires) - (u32)jiffies;
	int state = atomic_read(&s->state);

	return nla_put_u8(skb, NAT64_SESSION_PROTO, s->t6.proto) ||
	       nla_put_in6_addr(skb, NAT64_SESSION_LOCAL6, &s->t6.local) ||
	       nla_put_be16(skb, NAT64_SESSION_LPORT6, s->t6.lport) ||
	       nla_put_in6_addr(skb, NAT64_SESSION_REMOTE6, &s->t6.remote) ||
	       nla_put_in_addr(skb, NAT64_SESSION_LOCAL4, s->t4.local) ||
	       nla_put_be16(skb, NAT64_SESSION_LPORT4, s->t4.lport) ||
	       nla_put_in_addr(skb, NAT64_SESSION_REMOTE4, s->t4.remote) ||
	       nla_put_be16(skb, NAT64_SESSION_RPORT, s->t4.rport) ||
	       (s->t6.proto == IPPROTO_TCP &&
		nla_put_u8(skb, NAT64_SESSION_STATE, nat64_session_tcp(s))) ||
	       nla_put_u32(skb, NAT64_SESSION_EXPIRES,
			   left > 0 ? jiffies_to_msecs(left) : 0) ||
	       (state & NAT64_SESSION_FROM4 &&
		nla_put_flag(skb, NAT64_SESSION_IS_FROM4)) ||
	       (state & NAT64_SESSION_ASSURED &&
		nla_put_flag(skb, NAT64_SESSION_IS_ASSURED)) ||
	       (b && nat64_binding_fixed(b) &&
		nla_put_flag(skb, NAT64_SESSION_IS_STATIC)) ||
	       (!b && nla_put_flag(skb, NAT64_SESSION_IS_ALONE));
}

int nat64_fill_block(struct sk_buff *skb, const void *entry)
{
	const struct nat64_block *block = entry;

	return nla_put_in6_addr(skb, NAT64_BLOCK_CLIENT, &block->prefix) ||
	       nla_put_u8(skb, NAT64_BLOCK_CLIENT_LEN, block->len) ||
	       nla_put_in_addr(skb, NAT64_BLOCK_ADDR4, block->addr4) ||
	       nla_put_u16(skb, NAT64_BLOCK_PORT_MIN, block->port) ||
	       nla_put_u16(skb, NAT64_BLOCK_PORT_MAX, nat64_block_last(block)) ||
	       nla_put_u32(skb, NAT64_BLOCK_USED, nat64_block_used(block)) ||
	       nla_put_u64_64bit(skb, NAT64_BLOCK_SINCE, block->since,
				 NAT64_BLOCK_PAD);
}

/**
 * nat64_fill_nested() - put an entry into an attribute
 * @skb: the message
 * @type: the attribute
 * @fill: puts the entry's own attributes
 * @entry: the entry
 *
 * Return: 0 or -EMSGSIZE.
 */
int nat64_fill_nested(struct sk_buff *skb, int type, nat64_fill_t *fill,
		      const void *entry)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest || fill(skb, entry))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* A way through the EIPs, which may be replaced by others meanwhile. */
struct eip_walk {
	struct nat64_eips *eips;
	struct rhashtable_iter iter;
	bool clats;	/* these are clients, which not everybody may see */
};

int nat64_dump_start_eips(struct netlink_callback *cb)
{
	struct nat64_net *nn = dump_net(cb);
	struct eip_walk *walk;
	int err;

	err = nat64_dump_start(cb);
	if (err)
		return err;
	walk = kmalloc(sizeof(*walk), GFP_KERNEL);
	if (!walk)
		return -ENOMEM;
	mutex_lock(&nn->lock);
	walk->eips = nat64_config_locked(nn)->eips;
	refcount_inc(&walk->eips->refs);
	mutex_unlock(&nn->lock);
	walk->clats = netlink_ns_capable(cb->skb, nn->net->user_ns,
					 CAP_NET_ADMIN);
	rhashtable_walk_enter(&walk->eips->by_addr, &walk->iter);
	cb->args[0] = (long)walk;
	cb->seq = 1;
	return 0;
}

int nat64_dump_done_eips(struct netlink_callback *cb)
{
	struct eip_walk *walk = (void *)cb->args[0];

	rhashtable_walk_exit(&walk->iter);
	nat64_eips_put(walk->eips);
	kfree(walk);
	return 0;
}

static int put_entry(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		     const void *entry,
		     nat64_fill_t *fill)
{
	void *hdr = dump_put(skb, cb, cmd);

	if (!hdr)
		return -EMSGSIZE;
	if (fill(skb, entry)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static bool is_shown(const struct eip_walk *walk, const struct nat64_eip *eip)
{
	return eip->kind != NAT64_EIP_PORTS &&
	       (eip->kind != NAT64_EIP_CLAT_HOST || walk->clats);
}

/*
 * Up to the end, to what does not fit, or for as long as others can wait: there may be
 * millions that are not shown.  True if there is more to be done at once.
 */
static bool dump_some_eips(struct sk_buff *skb, struct netlink_callback *cb,
			   struct eip_walk *walk, int *err)
{
	struct rhashtable_iter *iter = &walk->iter;
	const struct nat64_eip *eip;
	unsigned int seen = 0;
	bool more = false;

	/* The table may have been resized, or emptied, since it was left. */
	if (nat64_eips_walk(walk->eips, iter) && cb->prev_seq)
		cb->seq++;
	if (READ_ONCE(walk->eips->retired))
		cb->prev_seq = cb->seq++;
	/* The one at which it was left comes first. */
	for (eip = rhashtable_walk_peek(iter); eip;
	     eip = rhashtable_walk_next(iter)) {
		if (IS_ERR(eip)) {
			cb->seq++;
			continue;
		}
		more = seen++ && need_resched();
		if (more)
			break;
		if (is_shown(walk, eip))
			*err = put_entry(skb, cb, NAT64_CMD_EIP_GET, eip,
					 nat64_fill_eip);
		if (*err)
			break;
	}
	rhashtable_walk_stop(iter);
	cond_resched();
	return more;
}

int nat64_dump_eips(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct eip_walk *walk = (void *)cb->args[0];
	int err = 0;

	while (dump_some_eips(skb, cb, walk, &err))
		;
	return skb->len ?: err;
}

/* A way through sessions, bindings, blocks or clients. */
struct table_walk {
	struct nat64_walk walk;
	struct nat64_filter filter;
};

typedef int read_filter_t(struct nat64_filter *filter, struct nlattr **attrs,
			  struct netlink_ext_ack *extack);

static int start_walk(struct netlink_callback *cb, read_filter_t *read_filter)
{
	struct table_walk *walk;
	int err;

	err = nat64_dump_start(cb);
	if (err)
		return err;
	walk = kzalloc(sizeof(*walk), GFP_KERNEL);
	if (!walk)
		return -ENOMEM;
	err = read_filter(&walk->filter, nat64_dump_attrs(cb), cb->extack);
	if (err) {
		kfree(walk);
		return err;
	}
	cb->args[0] = (long)walk;
	return 0;
}

int nat64_dump_start_bindings(struct netlink_callback *cb)
{
	return start_walk(cb, nat64_filter_binding);
}

int nat64_dump_start_sessions(struct netlink_callback *cb)
{
	return start_walk(cb, nat64_filter_session);
}

int nat64_dump_done_walk(struct netlink_callback *cb)
{
	kfree((void *)cb->args[0]);
	return 0;
}

/* What a dump tells of a node, or NULL if it is not asked for. */
typedef const void *wanted_t(const struct nat64_filter *filter,
			     const struct nat64_node *node);

static int dump_walk(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		     struct nat64_table *table, wanted_t *wanted,
		     nat64_fill_t *fill)
{
	struct table_walk *dump = (void *)cb->args[0];
	struct nat64_walk *walk = &dump->walk;
	const void *entry;
	unsigned int i;
	int err = 0;

	while (!walk->done && !err) {
		rcu_read_lock();
		nat64_table_walk(table, walk);
		/* Those of the same place that the last message has. */
		i = cb->args[2];
		cb->args[2] = 0;
		for (; i < walk->count; i++) {
			entry = wanted(&dump->filter, walk->nodes[i]);
			if (!entry)
				continue;
			err = put_entry(skb, cb, cmd, entry, fill);
			if (err) {
				walk->at = walk->places[i];
				walk->done = false;
				while (i-- && walk->places[i] == walk->at)
					cb->args[2]++;
				break;
			}
		}
		rcu_read_unlock();
		cond_resched();
	}
	return skb->len ?: err;
}

static const void *wanted_binding(const struct nat64_filter *filter,
				  const struct nat64_node *node)
{
	const struct nat64_session *s = nat64_session_of6(node);

	return nat64_filter_wants(filter, s) ? s : NULL;
}

int nat64_dump_bindings(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_walk(skb, cb, NAT64_CMD_BINDING_GET,
			 &dump_net(cb)->bindings6, wanted_binding,
			 nat64_fill_binding);
}

/* Swept or not, a session past its time is none. */
static const void *wanted_session(const struct nat64_filter *filter,
				  const struct nat64_node *node)
{
	const struct nat64_session *s = nat64_session_of6(node);

	return nat64_session_live(s) && !nat64_session_expired(s) &&
	       nat64_filter_wants(filter, s) ? s : NULL;
}

/* Those that are part of their bindings, then the others. */
int nat64_dump_sessions(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct table_walk *dump = (void *)cb->args[0];
	struct nat64_net *nn = dump_net(cb);
	int len;

	if (!cb->args[1]) {
		len = dump_walk(skb, cb, NAT64_CMD_SESSION_GET, &nn->bindings6,
				wanted_session, nat64_fill_session);
		if (len)
			return len;
		cb->args[1] = 1;
		dump->walk.done = false;
	}
	return dump_walk(skb, cb, NAT64_CMD_SESSION_GET, &nn->sessions6,
			 wanted_session, nat64_fill_session);
}

int nat64_dump_start_blocks(struct netlink_callback *cb)
{
	int err = start_walk(cb, nat64_filter_block);

	/* What was told of before anybody listened, is in the table then. */
	if (!err)
		synchronize_rcu_expedited();
	return err;
}

static const void *wanted_block(const struct nat64_filter *filter,
				const struct nat64_node *node)
{
	const struct nat64_block *block = nat64_block_of(node);

	return nat64_filter_wants_block(filter, block) ? block : NULL;
}

int nat64_dump_blocks(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_walk(skb, cb, NAT64_CMD_BLOCK_GET, &dump_net(cb)->blocks,
			 wanted_block, nat64_fill_block);
}

static int fill_client(struct sk_buff *skb, const void *entry)
{
	const struct nat64_client *client = entry;

	return nla_put_in6_addr(skb, NAT64_CLIENT_PREFIX, &client->prefix) ||
	       nla_put_u8(skb, NAT64_CLIENT_LEN, client->len) ||
	       nla_put_u32(skb, NAT64_CLIENT_SESSIONS,
			   atomic_read(&client->sessions[0])) ||
	       nla_put_u32(skb, NAT64_CLIENT_SESSIONS4,
			   atomic_read(&client->sessions[1])) ||
	       nla_put_u32(skb, NAT64_CLIENT_PORTS,
			   atomic_read(&client->ports)) ||
	       nla_put_u32(skb, NAT64_CLIENT_OPENED,
			   nat64_rate_count(&client->opened));
}

int nat64_dump_start_clients(struct netlink_callback *cb)
{
	return start_walk(cb, nat64_filter_client);
}

static const void *wanted_client(const struct nat64_filter *filter,
				 const struct nat64_node *node)
{
	const struct nat64_client *client = nat64_client_of(node);

	return nat64_filter_wants_client(filter, client) ? client : NULL;
}

int nat64_dump_clients(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_walk(skb, cb, NAT64_CMD_CLIENT_GET, &dump_net(cb)->clients,
			 wanted_client, fill_client);
}

static int fill_interface(struct sk_buff *skb, const char *name, int wish,
			  bool hooked)
{
	return nla_put_string(skb, NAT64_INTERFACE_NAME, name) ||
	       (wish >= 0 && nla_put_u8(skb, NAT64_INTERFACE_WISH, wish)) ||
	       nla_put_u8(skb, NAT64_INTERFACE_FASTPATH, hooked);
}

static int fill_device(struct sk_buff *skb, const struct nat64_net *nn,
		       const void *what)
{
	const struct net_device *dev = what;

	return nla_put_u32(skb, NAT64_INTERFACE_IFINDEX, dev->ifindex) ||
	       fill_interface(skb, dev->name, nat64_interface_wished(nn, dev),
			      nat64_interface_hooked(nn, dev));
}

/* Of an interface that is not there. */
static int fill_wish(struct sk_buff *skb, const struct nat64_net *nn,
		     const void *what)
{
	const struct nat64_wish *wish = what;

	return fill_interface(skb, wish->name, wish->wish, false);
}

/* Unless it was dumped before; @place counts all. */
static bool dump_interface(struct sk_buff *skb, struct netlink_callback *cb,
			   long *place, const void *what,
			   int (*fill)(struct sk_buff *skb,
				       const struct nat64_net *nn,
				       const void *what))
{
	void *hdr;

	if ((*place)++ < cb->args[0])
		return true;
	hdr = dump_put(skb, cb, NAT64_CMD_INTERFACE_GET);
	if (!hdr)
		return false;
	if (fill(skb, dump_net(cb), what)) {
		genlmsg_cancel(skb, hdr);
		return false;
	}
	genlmsg_end(skb, hdr);
	cb->args[0] = *place;
	return true;
}

int nat64_dump_interfaces(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nat64_net *nn = dump_net(cb);
	const struct nat64_wish *wish;
	struct net_device *dev;
	long place = 0;

	rtnl_lock();
	cb->seq = nn->net->dev_base_seq;
	for_each_netdev(nn->net, dev)
		if (!(dev->flags & IFF_LOOPBACK) &&
		    !dump_interface(skb, cb, &place, dev, fill_device))
			goto out;
	list_for_each_entry(wish, &nn->wishes, list)
		if (!__dev_get_by_name(nn->net, wish->name) &&
		    !dump_interface(skb, cb, &place, wish, fill_wish))
			goto out;
out:
	rtnl_unlock();
	return skb->len;
}
