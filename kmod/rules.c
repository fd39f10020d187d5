// SPDX-License-Identifier: GPL-2.0
/*
 * What the packet filter said of a session, and whether that still holds.
 *
 * A session learns that the rules let a packet of its pass, with a stamp of the
 * epoch that the packet began in and of the interface that it came in by.  A
 * change of rules begins a new epoch.  nftables announces its changes to whoever
 * listens; other kinds of rules do not, so that where they are nothing holds, nor
 * where the kernel cannot tell the one from the others.  What rules look at may
 * change without them, a set of ipset, the time of day: where there are rules an
 * epoch lasts a second at most.
 */
#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/net.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/dst.h>
#include <net/sock.h>

#include "compat/hooks.h"
#include "compat/socket.h"
#include "hook.h"
#include "packet.h"
#include "rules.h"
#include "session.h"

#define EPOCH_LENGTH	HZ

/**
 * nat64_rules_changed() - what the rules said holds no more
 * @nn: the namespace
 *
 * Context: any.
 */
void nat64_rules_changed(struct nat64_net *nn)
{
	atomic_inc(&nn->epoch);
}

enum rules {
	RULES_NONE,
	RULES_NFTABLES,
	RULES_OTHER,
};

/*
 * What there is of hooks that come before a priority.  Reassembly has no rules; those
 * who have keep them in private data.
 */
static enum rules rules_of(struct nf_hook_entries __rcu *const *entries,
			   int before)
{
	const struct nf_hook_entries *e = rcu_dereference(*entries);
	enum rules found = RULES_NONE;
	struct nf_hook_ops **ops;
	unsigned int i;

	if (!e)
		return RULES_NONE;
	ops = nf_hook_entries_get_hook_ops(e);
	for (i = 0; i < e->num_hook_entries && ops[i]->priority < before; i++) {
		if (ops[i]->priority == NF_IP_PRI_CONNTRACK_DEFRAG &&
		    !ops[i]->priv)
			continue;
		if (!nf_hook_is_nftables(ops[i]))
			return RULES_OTHER;
		found = RULES_NFTABLES;
	}
	return found;
}

/* Those that a packet meets: raw in its own family, FORWARD in the other. */
static enum rules rules_for(const struct net *net, bool from_v6)
{
	BUILD_BUG_ON((int)NF_IP_PRI_CONNTRACK_DEFRAG !=
		     (int)NF_IP6_PRI_CONNTRACK_DEFRAG);
	if (from_v6)
		return max(rules_of(&net->nf.hooks_ipv6[NF_INET_PRE_ROUTING],
				    NAT64_HOOK_PRIORITY),
			   rules_of(&net->nf.hooks_ipv4[NF_INET_FORWARD],
				    INT_MAX));
	return max(rules_of(&net->nf.hooks_ipv4[NF_INET_PRE_ROUTING],
			    NAT64_HOOK_PRIORITY),
		   rules_of(&net->nf.hooks_ipv6[NF_INET_FORWARD], INT_MAX));
}

static bool any_rules(const struct net *net)
{
	bool found;

	rcu_read_lock();
	found = rules_for(net, true) || rules_for(net, false);
	rcu_read_unlock();
	return found;
}

/* Once more for packets that met the old rules and then saw the new epoch. */
static void change_again(struct work_struct *work)
{
	struct nat64_net *nn = container_of(to_delayed_work(work),
					    struct nat64_net, rules_work);
	bool announced = atomic_xchg(&nn->rules_announced, 0);

	if (announced || any_rules(nn->net)) {
		synchronize_rcu();
		nat64_rules_changed(nn);
	}
	queue_delayed_work(nat64_wq, &nn->rules_work, EPOCH_LENGTH);
}

static void announced(struct sock *sk)
{
	struct nat64_net *nn = sk->sk_user_data;

	skb_queue_purge(&sk->sk_receive_queue);
	nat64_rules_changed(nn);
	atomic_set(&nn->rules_announced, 1);
	mod_delayed_work(nat64_wq, &nn->rules_work, 0);
}

void nat64_rules_init(struct nat64_net *nn)
{
	INIT_DELAYED_WORK(&nn->rules_work, change_again);
}

/**
 * nat64_rules_watch() - listen to nftables, if we do not yet
 * @nn: the namespace, locked
 *
 * Context: process, of somebody with CAP_NET_ADMIN.
 * Return: 0 or -errno.
 */
int nat64_rules_watch(struct nat64_net *nn)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1 << (NFNLGRP_NFTABLES - 1),
	};
	struct socket *sock;
	int err, one = 1;

	lockdep_assert_held(&nn->lock);
	if (nn->rules_sock)
		return 0;
	err = sock_create_kern(nn->net, AF_NETLINK, SOCK_RAW,
			       NETLINK_NETFILTER, &sock);
	if (err)	/* without memory it lacks files */
		return err == -ENFILE ? -ENOMEM : err;
	sock->sk->sk_user_data = nn;
	sock->sk->sk_data_ready = announced;
	sock->sk->sk_error_report = announced;
	/* One that cannot be delivered must not end the others. */
	err = sock->ops->setsockopt(sock, SOL_NETLINK, NETLINK_NO_ENOBUFS,
				    KERNEL_SOCKPTR(&one), sizeof(one));
	if (!err)
		err = kernel_bind(sock, (struct sockaddr_unsized *)&addr, sizeof(addr));
	if (err) {
		sock_release(sock);
		return err;
	}
	WRITE_ONCE(nn->rules_sock, sock);
	queue_delayed_work(nat64_wq, &nn->rules_work, EPOCH_LENGTH);
	return 0;
}

/* Milliseconds, and more than most grace periods take */
#define UNWATCH_PATIENCE 50

/**
 * nat64_rules_unwatch() - listen no more, if we do
 * @nn: the namespace, locked
 *
 * Context: process.
 */
void nat64_rules_unwatch(struct nat64_net *nn)
{
	unsigned int waited = 0;
	struct sock *sk;

	lockdep_assert_held(&nn->lock);
	if (!nn->rules_sock)
		return;
	sk = nn->rules_sock->sk;
	sock_hold(sk);
	sock_release(nn->rules_sock);
	WRITE_ONCE(nn->rules_sock, NULL);
	/*
	 * Whoever sends to it at this moment still calls announced().  It lets go of
	 * its own reference by a callback, which may be lazy.
	 */
	while (refcount_read(&sk->sk_refcnt) > 1) {
		if (++waited == UNWATCH_PATIENCE)
			rcu_barrier();
		usleep_range(1000, 2000);
	}
	sock_put(sk);
	cancel_delayed_work_sync(&nn->rules_work);
	nat64_rules_changed(nn);
}

/* What passed by one route need not by another. */
static u32 by_route(u32 stamp, const struct dst_entry *dst)
{
	return stamp ^ hash_ptr(dst, 32);
}

/**
 * nat64_rules_passed() - the rules let a packet pass
 * @pkt: the packet
 * @session: its session
 * @stamp: nat64_rules_stamp() when the packet began, 0 to forget
 *
 * Context: RCU.
 */
void nat64_rules_passed(const struct nat64_packet *pkt,
			struct nat64_session *session, u32 stamp)
{
	u32 *passed = pkt->from_v6 ? &session->passed64 : &session->passed46;

	if (stamp)
		stamp = by_route(stamp, pkt->dst);
	if (READ_ONCE(*passed) != stamp)
		WRITE_ONCE(*passed, stamp);
}

/**
 * nat64_rules_hold() - would the rules let a packet pass?
 * @pkt: the packet
 * @session: its session
 *
 * Context: RCU.
 * Return: true if yes, false if they must be asked.
 */
bool nat64_rules_hold(const struct nat64_packet *pkt,
		      const struct nat64_session *session)
{
	u32 passed = pkt->from_v6 ? READ_ONCE(session->passed64) :
				    READ_ONCE(session->passed46);

	return passed == by_route(nat64_rules_stamp(pkt->nn,
						    pkt->state->in->ifindex),
				  pkt->dst) &&
	       rules_for(pkt->nn->net, pkt->from_v6) != RULES_OTHER;
}

/**
 * nat64_rules_behind() - are there rules in POST_ROUTING for a packet?
 * @pkt: the packet, translated
 *
 * AppArmor's and SELinux's first ones are about marks that no packet from outside
 * has.
 *
 * Context: RCU.
 */
bool nat64_rules_behind(const struct nat64_packet *pkt)
{
	const struct net *net = pkt->nn->net;
	const struct nf_hook_entries *e;
	struct nf_hook_ops **ops;

	e = pkt->from_v6 ?
	    rcu_dereference(net->nf.hooks_ipv4[NF_INET_POST_ROUTING]) :
	    rcu_dereference(net->nf.hooks_ipv6[NF_INET_POST_ROUTING]);
	if (!e)
		return false;
	if (e->num_hook_entries > 1)
		return true;
	ops = nf_hook_entries_get_hook_ops(e);
	return ops[0]->priority != NF_IP_PRI_SELINUX_FIRST || ops[0]->priv;
}
