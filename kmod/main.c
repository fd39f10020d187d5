// SPDX-License-Identifier: GPL-2.0
/*
 * nat64: stateful IPv6/IPv4 translation.  Life of the module and of its state
 * in each network namespace.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/random.h>

#include "binding.h"
#include "block.h"
#include "client.h"
#include "config.h"
#include "contact.h"
#include "event.h"
#include "ftp.h"
#include "hook.h"
#include "interface.h"
#include "memory.h"
#include "nat64.h"
#include "netlink.h"
#include "rules.h"
#include "session.h"
#include "stats.h"
#include "syn.h"
#include "transaction.h"

unsigned int nat64_net_id __read_mostly;
hsiphash_key_t nat64_hash_secret __read_mostly;
u64 nat64_hash4_secret[2] __read_mostly;
struct workqueue_struct *nat64_wq;

static int __net_init nat64_net_init(struct net *net)
{
	struct nat64_net *nn = nat64_pernet(net);
	int err;

	nn->net = net;
	nn->seed = get_random_u32();
	mutex_init(&nn->lock);
	nat64_memory_init(nn);
	nat64_rules_init(nn);
	nat64_interface_init(nn);
	nat64_transaction_init(nn);
	err = nat64_stats_init(nn);
	if (err)
		return err;
	err = nat64_event_init(nn);
	if (err)
		goto err_stats;
	err = nat64_config_init(nn);
	if (err)
		goto err_event;
	err = nat64_client_init(nn);
	if (err)
		goto err_config;
	err = nat64_block_init(nn);
	if (err)
		goto err_client;
	err = nat64_binding_init(nn);
	if (err)
		goto err_block;
	err = nat64_contact_init(nn);
	if (err)
		goto err_binding;
	err = nat64_syn_init(nn);
	if (err)
		goto err_contact;
	err = nat64_ftp_init(nn);
	if (err)
		goto err_syn;
	err = nat64_session_init(nn);
	if (err)
		goto err_ftp;
	return 0;

err_ftp:
	nat64_ftp_fini(nn);
err_syn:
	nat64_syn_fini(nn);
err_contact:
	nat64_contact_fini(nn);
err_binding:
	nat64_binding_fini(nn);
err_block:
	nat64_block_fini(nn);
err_client:
	nat64_client_fini(nn);
err_config:
	nat64_config_fini(nn);
err_event:
	nat64_event_fini(nn);
err_stats:
	nat64_stats_fini(nn);
	return err;
}

/* Packets stop here; whoever has seen our state is gone before ->exit(). */
static void __net_exit nat64_net_pre_exit(struct net *net)
{
	struct nat64_net *nn = nat64_pernet(net);

	nat64_transaction_stop(nn);
	nat64_interface_stop(nn);
	mutex_lock(&nn->lock);
	nat64_rules_unwatch(nn);
	nat64_hook_disable(nn);
	mutex_unlock(&nn->lock);
}

static void __net_exit nat64_net_exit_batch(struct list_head *nets)
{
	struct nat64_net *nn;
	struct net *net;

	list_for_each_entry(net, nets, exit_list) {
		nat64_session_stop(nat64_pernet(net));
		nat64_syn_stop(nat64_pernet(net));
	}
	list_for_each_entry(net, nets, exit_list) {
		nn = nat64_pernet(net);
		nat64_session_fini(nn);
		/* Those that have ended hold routes, which must not outlive
		 * the namespace's routing.
		 */
		nat64_memory_stop(nn);
		nat64_ftp_fini(nn);
		nat64_syn_fini(nn);
		nat64_contact_fini(nn);
		nat64_binding_fini(nn);
		nat64_block_fini(nn);
		nat64_client_fini(nn);
		nat64_interface_fini(nn);
		nat64_config_fini(nn);
		nat64_event_fini(nn);
		nat64_stats_fini(nn);
	}
}

/*
 * A session's IPv6 route holds loopback (before Linux 6.0), whose end would wait for
 * that of the session: these come before the namespace's devices go.  ->exit() above
 * does it too, for a namespace that failed before it got this far.
 */
static void __net_exit nat64_routes_exit_batch(struct list_head *nets)
{
	struct net *net;

	list_for_each_entry(net, nets, exit_list)
		nat64_session_stop(nat64_pernet(net));
	list_for_each_entry(net, nets, exit_list)
		nat64_session_flush(nat64_pernet(net), NULL, NULL);
	/* One grace period for all. */
	list_for_each_entry(net, nets, exit_list)
		nat64_memory_stop(nat64_pernet(net));
}

static struct pernet_operations nat64_routes_ops = {
	.exit_batch = nat64_routes_exit_batch,
};

static struct pernet_operations nat64_net_ops = {
	.init = nat64_net_init,
	.pre_exit = nat64_net_pre_exit,
	.exit_batch = nat64_net_exit_batch,
	.id = &nat64_net_id,
	.size = sizeof(struct nat64_net),
};

static int __init nat64_init(void)
{
	int err;

	/* Of ipv6.disable=1: there are no routes then. */
	if (!ipv6_mod_enabled()) {
		pr_err("IPv6 is disabled on this host\n");
		return -EAFNOSUPPORT;
	}
	get_random_bytes(&nat64_hash_secret, sizeof(nat64_hash_secret));
	get_random_bytes(nat64_hash4_secret, sizeof(nat64_hash4_secret));
	nat64_wq = alloc_workqueue("nat64", WQ_UNBOUND, 0);
	if (!nat64_wq)
		return -ENOMEM;
	err = nat64_memory_caches_init();
	if (err)
		goto err_wq;
	err = nat64_client_cache_init();
	if (err)
		goto err_caches;
	err = nat64_block_cache_init();
	if (err)
		goto err_client;
	err = register_pernet_subsys(&nat64_net_ops);
	if (err)
		goto err_block;
	err = register_pernet_device(&nat64_routes_ops);
	if (err)
		goto err_net;
	err = nat64_interface_module_init();
	if (err)
		goto err_routes;
	err = nat64_netlink_init();
	if (err)
		goto err_interface;
	return 0;

err_interface:
	nat64_interface_module_fini();
err_routes:
	unregister_pernet_device(&nat64_routes_ops);
err_net:
	unregister_pernet_subsys(&nat64_net_ops);
	rcu_barrier();
err_block:
	nat64_block_cache_fini();
err_client:
	nat64_client_cache_fini();
err_caches:
	nat64_memory_caches_fini();
err_wq:
	destroy_workqueue(nat64_wq);
	return err;
}

static void __exit nat64_exit(void)
{
	nat64_netlink_fini();
	nat64_interface_module_fini();
	unregister_pernet_device(&nat64_routes_ops);
	unregister_pernet_subsys(&nat64_net_ops);
	/* Pools and smaller things on their way through RCU. */
	rcu_barrier();
	destroy_workqueue(nat64_wq);
	nat64_block_cache_fini();
	nat64_client_cache_fini();
	nat64_memory_caches_fini();
}

module_init(nat64_init);
module_exit(nat64_exit);

MODULE_DESCRIPTION("Stateful NAT64: translation between IPv6 and IPv4 (RFC 6146)");
MODULE_LICENSE("GPL");
MODULE_VERSION(NAT64_VERSION);
MODULE_ALIAS_GENL_FAMILY("nat64");
