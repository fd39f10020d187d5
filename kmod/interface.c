// SPDX-License-Identifier: GPL-2.0
/*
 * Which interfaces have the fast path: those that the operator wants to, or all
 * but those that he does not, whenever they come.
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

/*
 * An interface about which there is something to know: a wish, which is 1 or 0,
 * or -1 for what holds for all; or a hook.  Under RTNL.  While wishes are replaced
 * the one before is known as well, and kept says that it is.
 */
struct interface {
	struct list_head list;
	struct net_device *dev;
	int wish;
	int before;
	bool kept;
	bool hooked;
	struct nf_hook_ops ops;
	struct rcu_head rcu;
};

static struct interface *find(const struct nat64_net *nn,
			      const struct net_device *dev)
{
	struct interface *i;

	ASSERT_RTNL();
	list_for_each_entry(i, &nn->interfaces, list)
		if (i->dev == dev)
			return i;
	return NULL;
}

static struct interface *get(struct nat64_net *nn, struct net_device *dev)
{
	struct interface *i = find(nn, dev);

	if (i)
		return i;
	i = kzalloc(sizeof(*i), GFP_KERNEL_ACCOUNT);
	if (!i)
		return NULL;
	i->dev = dev;
	i->wish = -1;
	i->before = -1;
	list_add(&i->list, &nn->interfaces);
	return i;
}

/* Forget it if there is nothing to know. */
static void put(struct interface *i)
{
	if (i->wish >= 0 || i->hooked || i->kept)
		return;
	list_del(&i->list);
	/* A hook may be on its last packet. */
	kfree_rcu(i, rcu);
}

static int set_hook(struct nat64_net *nn, struct interface *i, bool want)
{
	int err = 0;

	if (want && !i->hooked) {
		i->ops = (struct nf_hook_ops){
			.hook = nat64_fastpath_hook,
			.dev = i->dev,
			.pf = NFPROTO_NETDEV,
			.hooknum = NF_NETDEV_INGRESS,
			/* After whatever the operator filters there. */
			.priority = INT_MAX,
		};
		err = nf_register_net_hook(nn->net, &i->ops);
		i->hooked = !err;
	} else if (!want && i->hooked) {
		nf_unregister_net_hook(nn->net, &i->ops);
		i->hooked = false;
	}
	return err;
}

static int update(struct nat64_net *nn, struct net_device *dev, bool want)
{
	struct interface *i = want ? get(nn, dev) : find(nn, dev);
	int err;

	if (!i)
		return want ? -ENOMEM : 0;
	err = set_hook(nn, i, want);
	put(i);
	return err;
}

/* Is @dev to have the fast path?  Loopback has nothing to forward. */
static bool wanted(const struct nat64_net *nn, const struct net_device *dev)
{
	int wish = nat64_interface_wished(nn, dev);

	return !(dev->flags & IFF_LOOPBACK) && (wish < 0 ? nn->fastpath : wish);
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
	const struct interface *i = find(nn, dev);

	return i ? i->wish : -1;
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
	const struct interface *i = find(nn, dev);

	return i && i->hooked;
}

/* Nobody may ask what the rules said, now or when an interface comes. */
static bool nobody_asks(const struct nat64_net *nn)
{
	const struct interface *i;

	ASSERT_RTNL();
	list_for_each_entry(i, &nn->interfaces, list)
		if (i->wish > 0 || i->hooked)
			return false;
	return !nn->fastpath;
}

/* The end of a change under RTNL. */
static void unlock(struct nat64_net *nn)
{
	bool quiet = nobody_asks(nn);

	rtnl_unlock();
	if (quiet)
		nat64_rules_unwatch(nn);
}

/* Hook the interfaces that are wanted, no others. */
static int hook_wanted(struct nat64_net *nn, struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	int err;

	for_each_netdev(nn->net, dev) {
		err = update(nn, dev, wanted(nn, dev));
		if (err) {
			nat64_extack(nn, extack, "no hook at interface %s",
				     dev->name);
			return err;
		}
	}
	nn->unhooked = false;
	return 0;
}

/* Nobody is there to be told of an error. */
static void try_update(struct nat64_net *nn, struct net_device *dev)
{
	if (update(nn, dev, wanted(nn, dev)))
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

/* An interface that forwards. */
static struct net_device *forwarder(struct nat64_net *nn, u32 ifindex,
				    struct netlink_ext_ack *extack)
{
	struct net_device *dev = __dev_get_by_index(nn->net, ifindex);

	if (!dev) {
		nat64_extack(nn, extack, "there is no interface %u", ifindex);
		return ERR_PTR(-ENODEV);
	}
	if (dev->flags & IFF_LOOPBACK) {
		nat64_extack(nn, extack, "%s forwards nothing", dev->name);
		return ERR_PTR(-EINVAL);
	}
	return dev;
}

/**
 * nat64_interface_check() - may something be said of an interface?
 * @nn: the namespace, locked
 * @ifindex: the interface
 * @extack: says why not
 *
 * Context: process.
 * Return: 0, -ENODEV, -EINVAL.
 */
int nat64_interface_check(struct nat64_net *nn, u32 ifindex,
			  struct netlink_ext_ack *extack)
{
	struct net_device *dev;

	rtnl_lock();
	dev = forwarder(nn, ifindex, extack);
	rtnl_unlock();
	return PTR_ERR_OR_ZERO(dev);
}

/* Keep in mind what each interface's wish was, and have none. */
static void keep_wishes(struct nat64_net *nn)
{
	struct interface *i;

	list_for_each_entry(i, &nn->interfaces, list) {
		i->before = i->wish;
		i->kept = true;
		i->wish = -1;
	}
}

static int make_wish(struct nat64_net *nn, const struct nat64_wish *wish,
		     struct netlink_ext_ack *extack)
{
	struct net_device *dev = forwarder(nn, wish->ifindex, extack);
	struct interface *i;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	i = get(nn, dev);
	if (!i)
		return -ENOMEM;
	i->kept = true;
	i->wish = wish->wish;
	return 0;
}

static void restore_wishes(struct nat64_net *nn)
{
	struct interface *i;

	list_for_each_entry(i, &nn->interfaces, list)
		i->wish = i->before;
}

static void forget_wishes(struct nat64_net *nn)
{
	struct interface *i, *next;

	list_for_each_entry_safe(i, next, &nn->interfaces, list) {
		i->before = -1;
		i->kept = false;
		put(i);
	}
}

static int wished_for(const struct list_head *wishes, int ifindex)
{
	const struct nat64_wish *wish;

	list_for_each_entry(wish, wishes, list)
		if (wish->ifindex == ifindex)
			return wish->wish;
	return -1;
}

/* As it mostly is; a host may have thousands of interfaces. */
static bool nothing_new(const struct nat64_net *nn, bool on,
			const struct list_head *wishes)
{
	const struct nat64_wish *wish;
	const struct interface *i;
	int had = 0;

	list_for_each_entry(i, &nn->interfaces, list) {
		if (i->wish < 0)
			continue;
		if (i->wish != wished_for(wishes, i->dev->ifindex))
			return false;
		had++;
	}
	list_for_each_entry(wish, wishes, list)
		had--;
	return nn->fastpath == on && !had && !nn->unhooked;
}

/**
 * nat64_interface_replace() - other wishes in the place of all that there are
 * @nn: the namespace, locked
 * @on: what holds for interfaces of which nothing is said
 * @wishes: &struct nat64_wish, what is said of single ones
 * @extack: names the interface that is in the way
 *
 * Context: process.
 * Return: 0, -ENODEV, -EINVAL, or what else hooks say; then everything is as it
 * was.
 */
int nat64_interface_replace(struct nat64_net *nn, bool on,
			    const struct list_head *wishes,
			    struct netlink_ext_ack *extack)
{
	const struct nat64_wish *wish;
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
	keep_wishes(nn);
	list_for_each_entry(wish, wishes, list) {
		err = make_wish(nn, wish, extack);
		if (err)
			break;
	}
	if (!err)
		err = hook_wanted(nn, extack);
	if (err) {
		nn->fastpath = before;
		restore_wishes(nn);
		hook_again(nn);
	}
	forget_wishes(nn);
out:
	unlock(nn);
	return err;
}

/**
 * nat64_interface_wish() - say whether one interface has the fast path
 * @nn: the namespace, locked
 * @ifindex: the interface
 * @wish: 1 if it has, 0 if not, -1 for what holds for all
 * @extack: says what is wrong
 *
 * Context: process.
 * Return: 0, -ENODEV, -EINVAL, -ENOMEM.
 */
int nat64_interface_wish(struct nat64_net *nn, u32 ifindex, int wish,
			 struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	struct interface *i;
	int err, before;

	err = watch(nn, extack);
	if (err)
		return err;
	rtnl_lock();
	dev = forwarder(nn, ifindex, extack);
	err = PTR_ERR_OR_ZERO(dev);
	if (err)
		goto out;
	err = -ENOMEM;
	i = get(nn, dev);
	if (!i)
		goto out;
	before = i->wish;
	i->wish = wish;
	err = set_hook(nn, i, wanted(nn, dev));
	if (err) {
		nat64_extack(nn, extack, "no hook at interface %s", dev->name);
		i->wish = before;
	}
	put(i);
out:
	unlock(nn);
	return err;
}

static void forget(struct nat64_net *nn, struct net_device *dev)
{
	struct interface *i = find(nn, dev);

	if (!i)
		return;
	i->wish = -1;
	set_hook(nn, i, false);
	put(i);
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
		/* Rules know interfaces by their names. */
		nat64_rules_changed(nn);
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
	INIT_LIST_HEAD(&nn->interfaces);
}

/* The namespace goes: no interface gets the fast path any more. */
void nat64_interface_stop(struct nat64_net *nn)
{
	struct net_device *dev;

	rtnl_lock();
	nn->stopped = true;
	for_each_netdev(nn->net, dev)
		forget(nn, dev);
	rtnl_unlock();
}
