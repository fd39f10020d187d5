// SPDX-License-Identifier: GPL-2.0
/*
 * Events, told by generic netlink to whoever listens.
 *
 * Messages are gathered, by CPU and group, and sent when they fill a buffer or a
 * moment later.  Each has a number that counts those of its group on its CPU while
 * somebody listens, so that a listener knows how many it has missed.  Those of blocks,
 * which are few, have one place for all CPUs: they come in the order of what happened.
 */
#include <linux/percpu.h>
#include <net/sock.h>

#include "compat/genetlink.h"
#include "binding.h"
#include "event.h"
#include "nat64.h"
#include "netlink.h"
#include "packet.h"
#include "session.h"
#include "trace.h"

/* How long a message waits for others. */
#define GATHER	(HZ / 20)

/* How long none is made where the last ones found nobody who listens. */
#define QUIET	(HZ / 10)

struct buffer {
	struct sk_buff *skb;
	u64 number;
	u32 unheard;	/* when that was; jiffies, low 32 bits, or 0 */
	unsigned int cpu;
	enum nat64_event_group group;
};

/* Of one CPU; the lock is for whoever sends what another one has gathered. */
struct nat64_events {
	spinlock_t lock;
	struct buffer buffers[__NAT64_EVENTS_MAX];
};

const struct genl_multicast_group nat64_event_groups[__NAT64_EVENTS_MAX] = {
	[NAT64_EVENTS_SESSION] = {
		.name = NAT64_GENL_GROUP_SESSION,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
	[NAT64_EVENTS_BINDING] = {
		.name = NAT64_GENL_GROUP_BINDING,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
	[NAT64_EVENTS_REFUSAL] = {
		.name = NAT64_GENL_GROUP_REFUSAL,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
	[NAT64_EVENTS_CONFIG] = {
		.name = NAT64_GENL_GROUP_CONFIG,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
	[NAT64_EVENTS_BLOCK] = {
		.name = NAT64_GENL_GROUP_BLOCK,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

/* The family is registered. */
static bool open;

/* Somewhere: the kernel does not know in which namespace.  Under RCU. */
static bool anybody_listens(struct nat64_net *nn, enum nat64_event_group group)
{
	/* Pairs with nat64_event_module_init(): the groups have their numbers. */
	return smp_load_acquire(&open) &&
	       genl_has_listeners(&nat64_genl_family, nn->net, group);
}

/*
 * Whoever joined a group before it was one has not been asked what he may.  A socket
 * in a group has its file.
 */
static int may_not_hear(struct sock *listener, struct sk_buff *skb, void *data)
{
	const struct file *file = listener->sk_socket ?
				  listener->sk_socket->file : NULL;
	const struct nat64_net *nn = data;

	return !file || !file_ns_capable(file, nn->net->user_ns, CAP_NET_ADMIN);
}

static void send(struct nat64_net *nn, struct buffer *buffer)
{
	u32 group = nat64_genl_family.mcgrp_offset + buffer->group;
	struct sk_buff *skb = buffer->skb;

	buffer->skb = NULL;
	if (skb)
		buffer->unheard = nat64_broadcast(nn->net->genl_sock, skb, group,
						  may_not_hear, nn) == -ESRCH ?
				  (u32)jiffies | 1 : 0;
}

/*
 * A tenant who listens in his namespace costs another one next to nothing.  The events
 * are counted, for the listener here may just have been too slow.
 */
static bool is_quiet(const struct buffer *buffer)
{
	return buffer->unheard && (u32)jiffies - buffer->unheard < QUIET;
}

static int fill_number(struct sk_buff *skb, const struct buffer *buffer)
{
	return nla_put_u32(skb, NAT64_EVENT_CPU, buffer->cpu) ||
	       nla_put_u8(skb, NAT64_EVENT_GROUP, buffer->group) ||
	       nla_put_u64_64bit(skb, NAT64_EVENT_NUMBER, buffer->number,
				 NAT64_EVENT_PAD);
}

static bool append(struct buffer *buffer, enum nat64_event type,
		   nat64_fill_t *fill, const void *what)
{
	struct sk_buff *skb = buffer->skb;
	void *hdr = genlmsg_put(skb, 0, 0, &nat64_genl_family, 0,
				NAT64_CMD_EVENT);

	if (!hdr)
		return false;
	if (nla_put_u8(skb, NAT64_EVENT_TYPE, type) ||
	    nla_put_u64_64bit(skb, NAT64_EVENT_TIME, ktime_get_real_ns(),
			      NAT64_EVENT_PAD) ||
	    fill_number(skb, buffer) || fill(skb, what)) {
		genlmsg_cancel(skb, hdr);
		return false;
	}
	genlmsg_end(skb, hdr);
	return true;
}

/* Without memory the event is lost, as its number will tell. */
static void put(struct nat64_net *nn, struct buffer *buffer,
		enum nat64_event type, nat64_fill_t *fill, const void *what)
{
	buffer->number++;
	if (buffer->skb && append(buffer, type, fill, what))
		return;
	send(nn, buffer);
	if (is_quiet(buffer))
		return;
	buffer->skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!buffer->skb)
		return;
	if (append(buffer, type, fill, what)) {
		queue_delayed_work(nat64_wq, &nn->event_work, GATHER);
		return;
	}
	nlmsg_free(buffer->skb);
	buffer->skb = NULL;
}

static void tell(struct nat64_net *nn, enum nat64_event_group group,
		 enum nat64_event type, nat64_fill_t *fill, const void *what)
{
	struct nat64_events *events;

	rcu_read_lock();
	local_bh_disable();
	if (anybody_listens(nn, group)) {
		events = group == NAT64_EVENTS_BLOCK ?
			 per_cpu_ptr(nn->events,
				     cpumask_first(cpu_possible_mask)) :
			 this_cpu_ptr(nn->events);
		spin_lock(&events->lock);
		put(nn, &events->buffers[group], type, fill, what);
		spin_unlock(&events->lock);
	}
	local_bh_enable();
	rcu_read_unlock();
}

static void send_all(struct work_struct *work)
{
	struct nat64_net *nn = container_of(to_delayed_work(work),
					    struct nat64_net, event_work);
	enum nat64_event_group group;
	struct nat64_events *events;
	int cpu;

	for_each_possible_cpu(cpu) {
		events = per_cpu_ptr(nn->events, cpu);
		rcu_read_lock();
		spin_lock_bh(&events->lock);
		for (group = 0; group < __NAT64_EVENTS_MAX; group++) {
			if (READ_ONCE(open))
				send(nn, &events->buffers[group]);
		}
		spin_unlock_bh(&events->lock);
		rcu_read_unlock();
	}
}

static int fill_session(struct sk_buff *skb, const void *what)
{
	return nat64_fill_nested(skb, NAT64_EVENT_SESSION, nat64_fill_session,
				 what);
}

static int fill_binding(struct sk_buff *skb, const void *what)
{
	return nat64_fill_nested(skb, NAT64_EVENT_BINDING, nat64_fill_binding,
				 what);
}

/**
 * nat64_event_session() - tell of a session
 * @nn: the namespace
 * @session: the session
 * @type: what has become of it
 *
 * Context: RCU.
 */
void nat64_event_session(struct nat64_net *nn,
			 const struct nat64_session *session,
			 enum nat64_event type)
{
	trace_session(nn->net, session, type == NAT64_EVENT_ENDED);
	tell(nn, NAT64_EVENTS_SESSION, type, fill_session, session);
}

/**
 * nat64_event_binding() - tell of a binding
 * @nn: the namespace
 * @binding: the binding
 * @type: what has become of it
 *
 * Context: any.
 */
void nat64_event_binding(struct nat64_net *nn,
			 const struct nat64_binding *binding,
			 enum nat64_event type)
{
	tell(nn, NAT64_EVENTS_BINDING, type, fill_binding, &binding->first);
}

static int fill_block(struct sk_buff *skb, const void *what)
{
	return nat64_fill_nested(skb, NAT64_EVENT_BLOCK, nat64_fill_block, what);
}

/**
 * nat64_event_block() - tell of a block of ports
 * @nn: the namespace
 * @block: the block
 * @type: what has become of it
 *
 * Context: RCU.
 */
void nat64_event_block(struct nat64_net *nn, const struct nat64_block *block,
		       enum nat64_event type)
{
	tell(nn, NAT64_EVENTS_BLOCK, type, fill_block, block);
}

struct refusal {
	const struct nat64_packet *pkt;
	enum nat64_counter reason;
};

static int fill_refused(struct sk_buff *skb, const void *what)
{
	const struct nat64_packet *pkt = what;
	const struct nat64_tuple6 *t6 = &pkt->t6;
	const struct nat64_tuple4 *t4 = &pkt->t4;

	if (nla_put_u8(skb, NAT64_SESSION_PROTO, pkt->proto))
		return -EMSGSIZE;
	if (pkt->from_v6)
		return nla_put_in6_addr(skb, NAT64_SESSION_LOCAL6, &t6->local) ||
		       nla_put_be16(skb, NAT64_SESSION_LPORT6, t6->lport) ||
		       nla_put_in6_addr(skb, NAT64_SESSION_REMOTE6, &t6->remote) ||
		       nla_put_be16(skb, NAT64_SESSION_RPORT, t6->rport);
	return nla_put_in_addr(skb, NAT64_SESSION_LOCAL4, t4->local) ||
	       nla_put_be16(skb, NAT64_SESSION_LPORT4, t4->lport) ||
	       nla_put_in_addr(skb, NAT64_SESSION_REMOTE4, t4->remote) ||
	       nla_put_be16(skb, NAT64_SESSION_RPORT, t4->rport);
}

static int fill_refusal(struct sk_buff *skb, const void *what)
{
	const struct refusal *r = what;

	return nla_put_string(skb, NAT64_EVENT_REASON,
			      nat64_stats_name(r->reason)) ||
	       nat64_fill_nested(skb, NAT64_EVENT_SESSION, fill_refused, r->pkt);
}

static bool is_limit(enum nat64_counter reason)
{
	switch (reason) {
	case NAT64_DROP_POOL_EXHAUSTED:
	case NAT64_DROP_SESSION_LIMIT:
	case NAT64_DROP_CLIENT_SESSIONS:
	case NAT64_DROP_CLIENT_PORTS:
	case NAT64_DROP_CLIENT_RATE:
		return true;
	default:
		return false;
	}
}

/**
 * nat64_event_refused() - tell that a limit has kept a packet from opening a session
 * @pkt: the packet, parsed
 * @reason: why it is dropped
 *
 * Of other reasons, and of the same one within a second, nothing is told.
 *
 * Context: RCU.
 */
void nat64_event_refused(const struct nat64_packet *pkt,
			 enum nat64_counter reason)
{
	struct refusal refusal = { pkt, reason };
	u32 now = (u32)jiffies | 1, *last;
	struct nat64_net *nn = pkt->nn;

	if (!is_limit(reason) || !anybody_listens(nn, NAT64_EVENTS_REFUSAL))
		return;
	last = &nn->refused[reason];
	if (READ_ONCE(*last) && now - READ_ONCE(*last) < HZ)
		return;
	WRITE_ONCE(*last, now);
	tell(nn, NAT64_EVENTS_REFUSAL, NAT64_EVENT_REFUSED, fill_refusal,
	     &refusal);
}

static int fill_command(struct sk_buff *skb, const void *what)
{
	const struct genl_info *info = what;

	return nla_put_u8(skb, NAT64_EVENT_COMMAND, info->genlhdr->cmd) ||
	       nla_put(skb, NAT64_EVENT_REQUEST | NLA_F_NESTED,
		       nlmsg_attrlen(info->nlhdr, GENL_HDRLEN),
		       nlmsg_attrdata(info->nlhdr, GENL_HDRLEN));
}

/**
 * nat64_event_config() - tell that a command has changed something
 * @nn: the namespace
 * @info: the command
 *
 * Context: process.
 */
void nat64_event_config(struct nat64_net *nn, struct genl_info *info)
{
	tell(nn, NAT64_EVENTS_CONFIG, NAT64_EVENT_CONFIG, fill_command, info);
}

static int dump_number(struct sk_buff *skb, struct netlink_callback *cb,
		       unsigned int cpu, enum nat64_event_group group)
{
	struct nat64_net *nn = nat64_pernet(sock_net(cb->skb->sk));
	struct nat64_events *events = per_cpu_ptr(nn->events, cpu);
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &nat64_genl_family,
				NLM_F_MULTI, NAT64_CMD_EVENT);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	spin_lock_bh(&events->lock);
	err = fill_number(skb, &events->buffers[group]);
	/* Who asks has just come to listen. */
	events->buffers[group].unheard = 0;
	spin_unlock_bh(&events->lock);
	if (err) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * nat64_event_numbers() - dump how many events have been told of
 * @skb: the message to be
 * @cb: the dump
 *
 * Context: process.
 */
int nat64_event_numbers(struct sk_buff *skb, struct netlink_callback *cb)
{
	long place = 0;
	int cpu, group;

	if (!READ_ONCE(open))
		return -EBUSY;
	for_each_possible_cpu(cpu) {
		for (group = 0; group < __NAT64_EVENTS_MAX; group++) {
			if (place++ < cb->args[0])
				continue;
			if (dump_number(skb, cb, cpu, group))
				return skb->len;
			cb->args[0] = place;
		}
	}
	return skb->len;
}

int nat64_event_init(struct nat64_net *nn)
{
	enum nat64_event_group group;
	struct nat64_events *events;
	int cpu;

	nn->events = alloc_percpu(struct nat64_events);
	if (!nn->events)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		events = per_cpu_ptr(nn->events, cpu);
		spin_lock_init(&events->lock);
		for (group = 0; group < __NAT64_EVENTS_MAX; group++) {
			events->buffers[group].cpu = cpu;
			events->buffers[group].group = group;
		}
	}
	INIT_DELAYED_WORK(&nn->event_work, send_all);
	return 0;
}

/* Nothing happens in the namespace any more. */
void nat64_event_fini(struct nat64_net *nn)
{
	enum nat64_event_group group;
	int cpu;

	cancel_delayed_work_sync(&nn->event_work);
	for_each_possible_cpu(cpu)
		for (group = 0; group < __NAT64_EVENTS_MAX; group++)
			kfree_skb(per_cpu_ptr(nn->events, cpu)->buffers[group].skb);
	free_percpu(nn->events);
}

/**
 * nat64_event_overheard() - did somebody join a group without being asked what he may?
 *
 * He joined the number before it was that of a group, where the kernel cannot ask him
 * later.  Who joins just now, may do so, is taken for such a one.
 *
 * Context: process, the family has been registered this moment.
 */
bool nat64_event_overheard(void)
{
	enum nat64_event_group group;
	bool found = false;

	for (group = 0; !NAT64_CAN_FILTER && group < __NAT64_EVENTS_MAX; group++)
		found |= genl_has_listeners(&nat64_genl_family, &init_net, group);
	return found;
}

/* The family is registered, and nobody is in its groups who must not be. */
void nat64_event_module_init(void)
{
	/* Pairs with anybody_listens(). */
	smp_store_release(&open, true);
}

/* It is about to be no more: whoever sends has done so. */
void nat64_event_module_fini(void)
{
	WRITE_ONCE(open, false);
	synchronize_rcu();
}
