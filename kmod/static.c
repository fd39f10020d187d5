// SPDX-License-Identifier: GPL-2.0
/*
 * Static bindings: one port of an IPv6 host at one of an IPv4 address, as the
 * operator wants it (RFC 6146 section 3.1).
 */
#include <net/ipv6.h>

#include "binding.h"
#include "config.h"
#include "eip.h"
#include "extack.h"
#include "nat64.h"
#include "pool.h"
#include "session.h"
#include "static.h"

/**
 * nat64_static_refuse() - say that a binding is in the way
 * @nn: the namespace, locked
 * @extack: says it
 * @key6: its IPv6 side
 * @key4: its IPv4 side
 * @fixed: it is static
 */
void nat64_static_refuse(struct nat64_net *nn, struct netlink_ext_ack *extack,
			 const struct nat64_key6 *key6,
			 const struct nat64_key4 *key4, bool fixed)
{
	nat64_extack(nn, extack, "%pI4 %u is bound to %pI6c %u by a %s binding",
		     &key4->addr, ntohs(key4->port), &key6->addr,
		     ntohs(key6->port), fixed ? "static" : "dynamic");
}

/**
 * nat64_static_refuse_for() - the same of a binding in use
 * @nn: the namespace, locked
 * @extack: says it
 * @b: the binding
 *
 * Context: RCU.
 */
void nat64_static_refuse_for(struct nat64_net *nn,
			     struct netlink_ext_ack *extack,
			     const struct nat64_binding *b)
{
	struct nat64_key6 key6 = nat64_binding_key6(b);
	struct nat64_key4 key4 = nat64_binding_key4(b);

	nat64_static_refuse(nn, extack, &key6, &key4, nat64_binding_fixed(b));
}

/**
 * nat64_static_check() - may there be a static binding, whoever has its place?
 * @nn: the namespace, locked
 * @cfg: the configuration, that is in use or is to be
 * @key6: the IPv6 transport address
 * @key4: the IPv4 transport address
 * @extack: says why not
 *
 * Return: 0 or -EINVAL.
 */
int nat64_static_check(struct nat64_net *nn, const struct nat64_config *cfg,
		       const struct nat64_key6 *key6,
		       const struct nat64_key4 *key4,
		       struct netlink_ext_ack *extack)
{
	return nat64_eip_check4(nn, key4->addr, extack) ?:
	       nat64_eip_check6(nn, cfg, &key6->addr, 128, extack);
}

/**
 * nat64_static_refuse_prefix() - say so if a static binding leads into a prefix
 * @nn: the namespace, locked
 * @extack: says it
 * @prefix: the prefix
 * @key6: the binding's IPv6 side
 * @key4: its IPv4 side
 *
 * Return: 0 or -EEXIST.
 */
int nat64_static_refuse_prefix(struct nat64_net *nn,
			       struct netlink_ext_ack *extack,
			       const struct nat64_prefix *prefix,
			       const struct nat64_key6 *key6,
			       const struct nat64_key4 *key4)
{
	if (!ipv6_prefix_equal(&key6->addr, &prefix->addr, prefix->len))
		return 0;
	nat64_extack(nn, extack,
		     "prefix %pI6c/%u holds %pI6c, to which %pI4 %u is bound",
		     &prefix->addr, prefix->len, &key6->addr, &key4->addr,
		     ntohs(key4->port));
	return -EEXIST;
}

struct prefix_check {
	struct nat64_net *nn;
	const struct nat64_prefix *prefix;
	struct netlink_ext_ack *extack;
};

static int check_prefix(struct nat64_node *node, void *arg)
{
	const struct nat64_binding *b =
		nat64_binding_of(nat64_session_of6(node));
	struct nat64_key6 key6 = nat64_binding_key6(b);
	struct nat64_key4 key4 = nat64_binding_key4(b);
	const struct prefix_check *check = arg;

	return nat64_binding_fixed(b) ?
	       nat64_static_refuse_prefix(check->nn, check->extack,
					  check->prefix, &key6, &key4) : 0;
}

/**
 * nat64_static_check_prefix() - does no static binding lead into a prefix?
 * @nn: the namespace, locked
 * @prefix: the prefix
 * @extack: names one that does
 *
 * Context: process.
 * Return: 0 or -EEXIST.
 */
int nat64_static_check_prefix(struct nat64_net *nn,
			      const struct nat64_prefix *prefix,
			      struct netlink_ext_ack *extack)
{
	struct prefix_check check = { nn, prefix, extack };

	/* Without an address that has some there is no need to look. */
	if (!nat64_config_locked(nn)->eips->ports)
		return 0;
	return nat64_table_for_each(&nn->bindings6, check_prefix, &check);
}

/**
 * nat64_static_add() - add a static binding
 * @nn: the namespace, locked
 * @key6: the IPv6 server, its port or ICMP id
 * @key4: the public address and port, or ICMP id
 * @extack: names what is in the way
 *
 * Context: process.
 * Return: 0, -EINVAL, -EEXIST, -EBUSY, -ENOMEM.
 */
int nat64_static_add(struct nat64_net *nn, const struct nat64_key6 *key6,
		     const struct nat64_key4 *key4,
		     struct netlink_ext_ack *extack)
{
	const struct nat64_config *cfg = nat64_config_locked(nn);
	struct nat64_binding *other;
	struct nat64_pool *pool;
	int err;

	err = nat64_static_check(nn, cfg, key6, key4, extack);
	if (!err)
		err = nat64_eip_ports_get(nn, cfg, key4->addr, extack);
	if (err)
		return err;

	rcu_read_lock();
	err = -EEXIST;
	other = nat64_binding_find4(nn, key4->proto, key4->addr, key4->port);
	if (!other)
		other = nat64_binding_find6(nn, key6->proto, &key6->addr,
					    key6->port);
	if (other)
		goto refuse;
	pool = nat64_pool_find(cfg, key4->addr);
	if (pool) {
		err = nat64_pool_reserve(pool, key4->proto, key4->addr,
					 key4->port);
		if (err)
			goto in_use;
	}
	err = nat64_binding_add_fixed(nn, key6, key4, pool, &other);
	if (err == -EEXIST)
		goto refuse;
	if (err)
		goto in_use;
	rcu_read_unlock();
	return 0;

refuse:
	nat64_static_refuse_for(nn, extack, other);
in_use:
	if (err == -EBUSY)
		nat64_extack(nn, extack, "%pI4 %u is in use", &key4->addr,
			     ntohs(key4->port));
	rcu_read_unlock();
	nat64_eip_ports_put(cfg->eips, key4->addr);
	return err;
}

static bool match_binding(struct nat64_session *session, const void *arg)
{
	return nat64_binding_of(session) == arg;
}

static void drop_binding(struct nat64_net *nn, struct nat64_binding *b)
{
	nat64_eip_ports_put(nat64_config_locked(nn)->eips, b->first.t4.local);
	nat64_binding_put(nn, b);
}

/**
 * nat64_static_del() - remove a static binding and its sessions
 * @nn: the namespace, locked
 * @key4: the public address and port, or ICMP id
 * @extack: says so if there is no such binding
 *
 * Context: process.
 * Return: 0 or -ENOENT.
 */
int nat64_static_del(struct nat64_net *nn, const struct nat64_key4 *key4,
		     struct netlink_ext_ack *extack)
{
	struct nat64_binding *b;

	rcu_read_lock();
	b = nat64_binding_find4(nn, key4->proto, key4->addr, key4->port);
	if (b && !nat64_binding_fixed(b))
		b = NULL;
	rcu_read_unlock();
	if (!b) {
		nat64_extack(nn, extack, "there is no static binding of %pI4 %u",
			     &key4->addr, ntohs(key4->port));
		return -ENOENT;
	}
	nat64_binding_unlink(nn, b);
	/* It cannot be found any more; nor can its sessions, soon. */
	synchronize_rcu_expedited();
	nat64_session_flush(nn, match_binding, b);
	drop_binding(nn, b);
	return 0;
}

static bool match_fixed(struct nat64_session *session, const void *arg)
{
	const struct nat64_binding *binding = nat64_binding_of(session);

	return binding && nat64_binding_fixed(binding);
}

/**
 * nat64_static_flush() - remove all static bindings
 * @nn: the namespace, locked
 *
 * Context: process.
 */
void nat64_static_flush(struct nat64_net *nn)
{
	struct nat64_session *first, *next;
	struct llist_node *gone;

	while ((gone = nat64_binding_unlink_fixed(nn, NULL, NULL))) {
		synchronize_rcu_expedited();
		nat64_session_flush(nn, match_fixed, NULL);
		llist_for_each_entry_safe(first, next, gone, ended) {
			drop_binding(nn, nat64_binding_of(first));
			cond_resched();
		}
	}
}
