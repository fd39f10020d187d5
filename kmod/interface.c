// SPDX-License-Identifier: GPL-2.0
/*
 * Which interfaces have the fast path: those that the operator wants to, or all
 * but those that he does not, whenever they come: he says it by their names.
 */
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "config.h"
#include "extack.h"
#include "fastpath.h"
#include "interface.h"
#include "nat64.h"
#include "rules.h"

/* So many interfaces may be told otherwise than the others. */
#define WISHES_MAX 1024

/* The hook of an interface that has the fast path.  Under RTNL. */
struct interface {
	struct nf_hook_ops ops;
	struct rcu_head rcu;
};

static struct interface *find(const struct nat64_net *nn,
			      const struct net_device *dev)
{
	ASSERT_RTNL();
	return xa_load((struct xarray *)&nn->interfaces, dev->ifindex);
}

/* Each is compared with each device, under RTNL. */
static struct nat64_wish *find_wish(const struct list_head *wishes,
				    const char *name)
{
	struct nat64_wish *w;

	list_for_each_entry(w, wishes, list)
		if (!strcmp(w->name, name))
			return w;
	return NULL;
}

static int hook(struct nat64_net *nn, struct net_device *dev)
{
	struct interface *i;
	int err;

	i = kzalloc(sizeof(*i), GFP_KERNEL_ACCOUNT);
	if (!i)
		return -ENOMEM;
	i->ops = (struct nf_hook_ops){
		.hook = nat64_fastpath_hook,
		.dev = dev,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		/* After whatever the operator filters there. */
		.priority = INT_MAX,
	};
	err = xa_insert(&nn->interfaces, dev->ifindex, i, GFP_KERNEL);
	if (err)
		goto err_free;
	err = nf_register_net_hook(nn->net, &i->ops);
	if (err)
		goto err_erase;
	return 0;

err_erase:
	xa_erase(&nn->interfaces, dev->ifindex);
err_free:
	kfree(i);
	return err;
}

static void unhook(struct nat64_net *nn, struct interface *i)
{
	nf_unregister_net_hook(nn->net, &i->ops);
	xa_erase(&nn->interfaces, i->ops.dev->ifindex);
	/* It may be on its last packet. */
	kfree_rcu(i, rcu);
}

/* Is @dev to have the fast path?  Loopback has nothing to forward. */
static bool wanted(const struct nat64_net *nn, const struct net_device *dev)
{
	int wish = nat64_interface_wished(nn, dev);

	return !(dev->flags & IFF_LOOPBACK) && (wish < 0 ? nn->fastpath : wish);
}

static int update(struct nat64_net *nn, struct net_device *dev)
{
	struct interface *i = find(nn, dev);
	bool want = wanted(nn, dev);

	if (want && !i)
		return hook(nn, dev);
	if (!want && i)
		unhook(nn, i);
	return 0;
}

/**
 * nat64_interface_wished() - what the operator said of an interface
 * @nn: the namespace
 * @dev: the interface
 *
 * Context: RTNL.
 * Return: 1 the fast path, 0 not, -1 nothing.
 */
int nat64_interface_wished(const struct nat64_net *nn,
			   const struct net_device *dev)
{
	const struct nat64_wish *w;

	ASSERT_RTNL();
	w = find_wish(&nn->wishes, dev->name);
	return w ? w->wish : -1;
}

/**
 * nat64_interface_hooked() - has an interface the fast path?
 * @nn: the namespace
 * @dev: the interface
 *
 * Context: RTNL.
 */
bool nat64_interface_hooked(const struct nat64_net *nn,
			    const struct net_device *dev)
{
	return find(nn, dev);
}

/* Nobody may ask what the rules said, now or when an interface comes. */
static bool nobody_asks(const struct nat64_net *nn)
{
	const struct nat64_wish *w;

	ASSERT_RTNL();
	list_for_each_entry(w, &nn->wishes, list)
		if (w->wish)
			return false;
	return !nn->fastpath && xa_empty(&nn->interfaces);
}

/* The end of a change under RTNL. */
static void unlock(struct nat64_net *nn)
{
	bool quiet = nobody_asks(nn);

	rtnl_unlock();
	if (quiet)
		nat64_rules_unwatch(nn);
}

static int update_or_tell(struct nat64_net *nn, struct net_device *dev,
			  struct netlink_ext_ack *extack)
{
	int err = update(nn, dev);

	if (err)
		nat64_extack(nn, extack, "no hook at interface %s", dev->name);
	return err;
}

/* Hook the interfaces that are wanted, no others. */
static int hook_wanted(struct nat64_net *nn, struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	int err;

	for_each_netdev(nn->net, dev) {
		err = update_or_tell(nn, dev, extack);
		if (err)
			return err;
	}
	nn->unhooked = false;
	return 0;
}

/* Nobody is there to be told of an error. */
static void try_update(struct nat64_net *nn, struct net_device *dev)
{
	if (update(nn, dev))
		nn->unhooked = true;
}

/* Back to what there was, as far as that can be had. */
static void hook_again(struct nat64_net *nn)
{
	struct net_device *dev;

	for_each_netdev(nn->net, dev)
		try_update(nn, dev);
}

static int watch(struct nat64_net *nn, struct netlink_ext_ack *extack)
{
	int err = nat64_rules_watch(nn);

	if (err)
		nat64_extack(nn, extack, "cannot listen to nftables");
	return err;
}

/**
 * nat64_interface_apply() - hook the interfaces that are wanted, no others
 * @nn: the namespace, locked
 * @on: what holds for interfaces of which the operator said nothing
 * @extack: names the interface that cannot be hooked
 *
 * Context: process.
 * Return: 0 or -errno; then everything is as it was.
 */
int nat64_interface_apply(struct nat64_net *nn, bool on,
			  struct netlink_ext_ack *extack)
{
	int err = 0;
	bool before;

	if (on)
		err = watch(nn, extack);
	if (err)
		return err;
	rtnl_lock();
	before = nn->fastpath;
	nn->fastpath = on;
	err = hook_wanted(nn, extack);
	if (err) {
		nn->fastpath = before;
		hook_again(nn);
	}
	unlock(nn);
	return err;
}

/**
 * nat64_interface_check() - may something be said of an interface?
 * @nn: the namespace, locked
 * @name: its name; it need not be there yet
 * @extack: says why not
 *
 * Context: process.
 * Return: 0, -EINVAL.
 */
int nat64_interface_check(struct nat64_net *nn, const char *name,
			  struct netlink_ext_ack *extack)
{
	const struct net_device *dev;
	int err = 0;

	if (!dev_valid_name(name)) {
		nat64_extack(nn, extack, "\"%s\" is no name of an interface",
			     name);
		return -EINVAL;
	}
	rtnl_lock();
	dev = __dev_get_by_name(nn->net, name);
	if (dev && dev->flags & IFF_LOOPBACK) {
		nat64_extack(nn, extack, "%s forwards nothing", name);
		err = -EINVAL;
	}
	rtnl_unlock();
	return err;
}

/**
 * nat64_wish_add() - say of one interface more whether it has the fast path
 * @wishes: what was said of others
 * @name: its name, valid
 * @wish: 1 if it has, 0 if not
 *
 * Context: process.
 * Return: 0, -EEXIST, -ENOSPC if there are too many, -ENOMEM.
 */
int nat64_wish_add(struct list_head *wishes, const char *name, int wish)
{
	unsigned int count = 0;
	struct nat64_wish *w;

	list_for_each_entry(w, wishes, list) {
		if (!strcmp(w->name, name))
			return -EEXIST;
		count++;
	}
	if (count >= WISHES_MAX)
		return -ENOSPC;
	w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);
	if (!w)
		return -ENOMEM;
	strscpy(w->name, name, sizeof(w->name));
	w->wish = wish;
	list_add_tail(&w->list, wishes);
	return 0;
}

/**
 * nat64_wish_free() - forget what was said of interfaces
 * @wishes: &struct nat64_wish
 *
 * Context: any.
 */
void nat64_wish_free(struct list_head *wishes)
{
	struct nat64_wish *w, *next;

	list_for_each_entry_safe(w, next, wishes, list)
		kfree(w);
	INIT_LIST_HEAD(wishes);
}

/* As it mostly is, in the order of the same file; a host may have thousands. */
static bool nothing_new(const struct nat64_net *nn, bool on,
			const struct list_head *wishes)
{
	const struct list_head *new = wishes->next;
	const struct nat64_wish *w, *old;

	list_for_each_entry(old, &nn->wishes, list) {
		if (new == wishes)
			return false;
		w = list_entry(new, struct nat64_wish, list);
		if (strcmp(w->name, old->name) || w->wish != old->wish)
			return false;
		new = new->next;
	}
	return nn->fastpath == on && new == wishes && !nn->unhooked;
}

static void swap_wishes(struct nat64_net *nn, struct list_head *wishes)
{
	LIST_HEAD(old);

	list_splice_init(&nn->wishes, &old);
	list_splice_init(wishes, &nn->wishes);
	list_splice(&old, wishes);
}

/**
 * nat64_interface_replace() - other wishes in the place of all that there are
 * @nn: the namespace, locked
 * @on: what holds for interfaces of which nothing is said
 * @wishes: &struct nat64_wish, what is said of single ones; the old ones afterwards
 * @extack: names the interface that is in the way
 *
 * Context: process.
 * Return: 0, -ENOMEM, or what else hooks say; then everything is as it was.
 */
int nat64_interface_replace(struct nat64_net *nn, bool on,
			    struct list_head *wishes,
			    struct netlink_ext_ack *extack)
{
	int err = 0;
	bool before;

	if (on || !list_empty(wishes))
		err = watch(nn, extack);
	if (err)
		return err;
	rtnl_lock();
	if (nothing_new(nn, on, wishes))
		goto out;
	before = nn->fastpath;
	nn->fastpath = on;
	swap_wishes(nn, wishes);
	err = hook_wanted(nn, extack);
	if (err) {
		nn->fastpath = before;
		swap_wishes(nn, wishes);
		hook_again(nn);
	}
out:
	unlock(nn);
	return err;
}

/* What is said of one interface more, or no more. */
static int change_wish(struct nat64_net *nn, const char *name, int wish,
		       struct netlink_ext_ack *extack)
{
	struct nat64_wish *w = find_wish(&nn->wishes, name);
	struct net_device *dev = __dev_get_by_name(nn->net, name);
	int before = w ? w->wish : -1;
	int err = 0;

	if (!w && wish >= 0) {
		err = nat64_wish_add(&nn->wishes, name, wish);
		if (err == -ENOSPC)
			nat64_extack(nn, extack,
				     "there are %u interfaces set already",
				     WISHES_MAX);
		if (err)
			return err;
		w = find_wish(&nn->wishes, name);
	} else if (w) {
		w->wish = wish;
	}
	if (nn->unhooked)
		err = hook_wanted(nn, extack);
	else if (dev)
		err = update_or_tell(nn, dev, extack);
	if (w && err)
		w->wish = before;
	if (err)
		hook_again(nn);
	if (w && w->wish < 0) {
		list_del(&w->list);
		kfree(w);
	}
	return err;
}

/**
 * nat64_interface_wish() - say whether one interface has the fast path
 * @nn: the namespace, locked
 * @name: its name; it need not be there yet
 * @wish: 1 if it has, 0 if not, -1 for what holds for all
 * @extack: says what is wrong
 *
 * Context: process.
 * Return: 0, -EINVAL, -ENOSPC, -ENOMEM.
 */
int nat64_interface_wish(struct nat64_net *nn, const char *name, int wish,
			 struct netlink_ext_ack *extack)
{
	int err = nat64_interface_check(nn, name, extack);

	if (!err && wish > 0)
		err = watch(nn, extack);
	if (err)
		return err;
	rtnl_lock();
	err = change_wish(nn, name, wish, extack);
	unlock(nn);
	return err;
}

static void forget(struct nat64_net *nn, struct net_device *dev)
{
	struct interface *i = find(nn, dev);

	if (i)
		unhook(nn, i);
}

/* Interfaces come, go, and move between namespaces. */
static int event(struct notifier_block *nb, unsigned long what, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct nat64_net *nn = nat64_pernet(dev_net(dev));

	switch (what) {
	case NETDEV_REGISTER:
		if (!nn->stopped)
			try_update(nn, dev);
		break;
	case NETDEV_UNREGISTER:
		forget(nn, dev);
		break;
	case NETDEV_CHANGENAME:
		/* Rules know interfaces by their names, as wishes do. */
		nat64_rules_changed(nn);
		if (!nn->stopped)
			try_update(nn, dev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = event };

int nat64_interface_module_init(void)
{
	return register_netdevice_notifier(&notifier);
}

void nat64_interface_module_fini(void)
{
	unregister_netdevice_notifier(&notifier);
}

void nat64_interface_init(struct nat64_net *nn)
{
	xa_init_flags(&nn->interfaces, XA_FLAGS_ACCOUNT);
	INIT_LIST_HEAD(&nn->wishes);
}

/* The namespace goes: no interface gets the fast path any more. */
void nat64_interface_stop(struct nat64_net *nn)
{
	struct interface *i;
	unsigned long index;

	rtnl_lock();
	nn->stopped = true;
	xa_for_each(&nn->interfaces, index, i)
		unhook(nn, i);
	rtnl_unlock();
}

/* No command is running any more. */
void nat64_interface_fini(struct nat64_net *nn)
{
	nat64_wish_free(&nn->wishes);
}
