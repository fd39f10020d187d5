// SPDX-License-Identifier: GPL-2.0
/*
 * SYNs from IPv4 that no binding lets in (RFC 6146 section 3.5.2.2).
 *
 * Perhaps the IPv6 host is about to open the same connection from its end, so
 * that an error now would spoil it (RFC 5382 REQ-4): they are kept for a while,
 * no more than syn_max of them, and answered if nothing came of it.  What is
 * kept is a copy of the headers, which holds no device and no route.
 */
#include <linux/slab.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "config.h"
#include "memory.h"
#include "nat64.h"
#include "syn.h"

/* RFC 6146 section 4: TCP_INCOMING_SYN */
#define SYN_TIMEOUT	(6 * HZ)

/* An IPv4 and a TCP header with all options. */
#define SYN_BYTES	120

/* With its part of the table, at most. */
#define SYN_SHARE	1024

struct syn {
	struct rhash_head node;
	struct list_head list;
	struct nat64_tuple4 t4;
	unsigned long expires;
	struct sk_buff *skb;
	u32 mark;
	int oif;
	enum nat64_counter reason;
};

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct syn, node),
	.key_offset = offsetof(struct syn, t4),
	.key_len = sizeof(struct nat64_tuple4),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

static void answer(struct nat64_net *nn, struct syn *syn)
{
	struct sk_buff *skb = syn->skb;
	struct flowi4 fl4 = {
		.daddr = ip_hdr(skb)->saddr,
		.flowi4_mark = syn->mark,
		.flowi4_proto = IPPROTO_ICMP,
		.flowi4_oif = syn->oif,
	};
	struct rtable *rt;

	nat64_drop(nn, skb, syn->reason);
	rcu_read_lock();
	rt = ip_route_output_key(nn->net, &fl4);
	if (!IS_ERR(rt)) {
		skb_dst_set(skb, &rt->dst);
		skb->dev = rt->dst.dev;
		nat64_count(nn, NAT64_ICMP_ANSWERED);
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	}
	rcu_read_unlock();
}

/* The table is read under the lock only, so there is nobody to wait for. */
static void syn_free(struct nat64_net *nn, struct syn *syn)
{
	kfree_skb(syn->skb);
	kfree(syn);
	nat64_memory_give(nn->tenant, SYN_SHARE);
}

static void syn_unlink(struct nat64_net *nn, struct syn *syn)
{
	lockdep_assert_held(&nn->syn_lock);
	rhashtable_remove_fast(&nn->syn_table, &syn->node, params);
	list_del(&syn->list);
	WRITE_ONCE(nn->syn_count, nn->syn_count - 1);
}

/* The oldest one if its time is over, unlinked. */
static struct syn *pop_expired(struct nat64_net *nn)
{
	struct syn *syn;

	spin_lock_bh(&nn->syn_lock);
	syn = list_first_entry_or_null(&nn->syns, struct syn, list);
	if (syn && time_before(jiffies, syn->expires)) {
		queue_delayed_work(nat64_wq, &nn->syn_work,
				   syn->expires - jiffies);
		syn = NULL;
	}
	if (syn)
		syn_unlink(nn, syn);
	spin_unlock_bh(&nn->syn_lock);
	return syn;
}

static void syn_work(struct work_struct *work)
{
	struct nat64_net *nn = container_of(to_delayed_work(work),
					    struct nat64_net, syn_work);
	struct syn *syn;

	while ((syn = pop_expired(nn))) {
		answer(nn, syn);
		syn_free(nn, syn);
		cond_resched();
	}
}

int nat64_syn_init(struct nat64_net *nn)
{
	INIT_LIST_HEAD(&nn->syns);
	spin_lock_init(&nn->syn_lock);
	INIT_DELAYED_WORK(&nn->syn_work, syn_work);
	return rhashtable_init(&nn->syn_table, &params);
}

/* No hook is running any more. */
void nat64_syn_stop(struct nat64_net *nn)
{
	cancel_delayed_work_sync(&nn->syn_work);
}

static void free_last(void *ptr, void *arg)
{
	syn_free(arg, ptr);
}

void nat64_syn_fini(struct nat64_net *nn)
{
	rhashtable_free_and_destroy(&nn->syn_table, free_last, nn);
}

static struct syn *syn_copy(const struct nat64_packet *pkt)
{
	unsigned int len = min_t(u32, pkt->skb->len, SYN_BYTES);
	struct nat64_net *nn = pkt->nn;
	struct syn *syn;

	if (!nat64_memory_take(nn->tenant, SYN_SHARE))
		return NULL;
	syn = kzalloc(sizeof(*syn), GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!syn) {
		nat64_memory_give(nn->tenant, SYN_SHARE);
		return NULL;
	}
	syn->skb = alloc_skb(len, GFP_ATOMIC | __GFP_NOWARN);
	if (!syn->skb || skb_copy_bits(pkt->skb, 0, skb_put(syn->skb, len),
				       len)) {
		syn_free(nn, syn);
		return NULL;
	}
	skb_reset_network_header(syn->skb);
	skb_set_transport_header(syn->skb, pkt->l4);
	syn->skb->protocol = htons(ETH_P_IP);
	syn->skb->pkt_type = PACKET_HOST;
	syn->t4 = pkt->t4;
	syn->mark = pkt->skb->mark;
	syn->oif = pkt->state->in ? l3mdev_master_ifindex_rcu(pkt->state->in) :
				    0;
	syn->expires = jiffies + SYN_TIMEOUT;
	return syn;
}

/**
 * nat64_syn_store() - keep a SYN for a while
 * @pkt: a SYN from IPv4, not changed; it stays the caller's
 * @reason: why it does not pass
 *
 * Context: RCU.
 * Return: 0 if it is kept, -EEXIST if another of the connection is, -ENOSPC,
 * -ENOMEM.
 */
int nat64_syn_store(const struct nat64_packet *pkt, enum nat64_counter reason)
{
	struct nat64_net *nn = pkt->nn;
	struct syn *syn;
	int err;

	if (READ_ONCE(nn->syn_count) >= pkt->cfg->syn_max)
		return -ENOSPC;
	syn = syn_copy(pkt);
	if (!syn)
		return -ENOMEM;
	syn->reason = reason;
	spin_lock_bh(&nn->syn_lock);
	err = nn->syn_count >= pkt->cfg->syn_max ? -ENOSPC :
	      rhashtable_lookup_insert_fast(&nn->syn_table, &syn->node, params);
	if (!err) {
		list_add_tail(&syn->list, &nn->syns);
		if (!nn->syn_count)
			queue_delayed_work(nat64_wq, &nn->syn_work,
					   SYN_TIMEOUT);
		WRITE_ONCE(nn->syn_count, nn->syn_count + 1);
	}
	spin_unlock_bh(&nn->syn_lock);
	if (err)
		syn_free(nn, syn);
	return err;
}

/**
 * nat64_syn_take() - the IPv6 host opens a connection: is its SYN kept?
 * @nn: the namespace
 * @t4: the connection
 *
 * Context: RCU.
 * Return: true if so; it needs no answer any more.
 */
bool nat64_syn_take(struct nat64_net *nn, const struct nat64_tuple4 *t4)
{
	struct syn *syn;

	if (!READ_ONCE(nn->syn_count))
		return false;
	spin_lock_bh(&nn->syn_lock);
	syn = rhashtable_lookup_fast(&nn->syn_table, t4, params);
	if (syn)
		syn_unlink(nn, syn);
	spin_unlock_bh(&nn->syn_lock);
	if (!syn)
		return false;
	nat64_drop(nn, syn->skb, NAT64_DROP_SIMULTANEOUS_OPEN);
	syn_free(nn, syn);
	return true;
}
