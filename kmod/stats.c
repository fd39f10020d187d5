// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of a network namespace, one per event and per drop reason.
 */
#include <linux/percpu.h>

#include "nat64.h"
#include "stats.h"
#include "trace.h"

static const char * const names[__NAT64_COUNTERS] = {
#define NAT64_COUNTER(id, name) [NAT64_##id] = #name,
	NAT64_EVENT_COUNTERS(NAT64_COUNTER)
#undef NAT64_COUNTER
#define NAT64_COUNTER(id, name) [NAT64_DROP_##id] = #name,
	NAT64_DROP_COUNTERS(NAT64_COUNTER)
#undef NAT64_COUNTER
};

/**
 * nat64_count() - add one to a counter
 * @nn: the namespace
 * @counter: which one
 *
 * Context: any.
 */
void nat64_count(struct nat64_net *nn, enum nat64_counter counter)
{
	this_cpu_inc(nn->stats->count[counter]);
}

/**
 * nat64_drop() - count a packet that is not translated, and tell who traces it
 * @nn: the namespace
 * @skb: the packet; NULL if it is no more
 * @reason: why
 *
 * Context: any.
 */
void nat64_drop(struct nat64_net *nn, const struct sk_buff *skb,
		enum nat64_counter reason)
{
	nat64_count(nn, reason);
	trace_drop(nn->net, skb, reason);
}

int nat64_stats_init(struct nat64_net *nn)
{
	nn->stats = alloc_percpu(struct nat64_stats);
	return nn->stats ? 0 : -ENOMEM;
}

void nat64_stats_fini(struct nat64_net *nn)
{
	free_percpu(nn->stats);
}

/**
 * nat64_stats_read() - sum a counter over the CPUs
 * @nn: the namespace
 * @counter: which one
 */
u64 nat64_stats_read(const struct nat64_net *nn, enum nat64_counter counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(nn->stats, cpu)->count[counter]);
	return sum;
}

/**
 * nat64_stats_name() - the one name of a counter
 * @counter: which one
 */
const char *nat64_stats_name(enum nat64_counter counter)
{
	return names[counter];
}
