/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_STATS_H
#define NAT64_STATS_H

#include <linux/types.h>

struct nat64_net;
struct sk_buff;

/*
 * Every packet that is ours ends in exactly one of the translated_* and the
 * drop counters, a stored SYN when it is stored no more.  The names are what
 * "nat64ctl stats" shows.
 */
#define NAT64_EVENT_COUNTERS(C)						\
	C(TRANSLATED_64, translated_64)					\
	C(TRANSLATED_46, translated_46)					\
	C(FASTPATH, fastpath)						\
	C(HAIRPINNED, hairpinned)					\
	C(PASSED, passed)						\
	C(ICMP_ANSWERED, icmp_answered)					\
	C(ICMP_LIMITED, icmp_limited)					\
	C(BINDING_CREATED, binding_created)				\
	C(BINDING_ENDED, binding_ended)					\
	C(BLOCK_CREATED, block_created)					\
	C(BLOCK_ENDED, block_ended)					\
	C(SESSION_CREATED, session_created)				\
	C(SESSION_ENDED, session_ended)					\
	C(SESSION_EVICTED, session_evicted)				\
	C(SYN_STORED, syn_stored)					\
	C(TCP_PROBED, tcp_probed)

#define NAT64_DROP_COUNTERS(C)						\
	/* the packet itself */						\
	C(BAD_HEADER, bad_header)					\
	C(BAD_CHECKSUM, bad_checksum)					\
	C(FRAGMENT, fragment)						\
	C(ROUTING_HEADER, routing_header)				\
	C(SOURCE_ROUTE, source_route)					\
	C(BAD_SOURCE, bad_source)					\
	C(BAD_DESTINATION, bad_destination)				\
	C(LOOP, loop)							\
	C(SPOOFED, spoofed)						\
	C(UNKNOWN_PROTOCOL, unknown_protocol)				\
	C(ICMP_TYPE, icmp_type)						\
	C(UDP_ZERO_CHECKSUM, udp_zero_checksum)				\
	C(BAD_OFFLOAD, bad_offload)					\
	C(IPSEC_POLICY, ipsec_policy)					\
	C(HOP_LIMIT, hop_limit)						\
	C(TOO_BIG, too_big)						\
	/* policy */							\
	C(NOT_GLOBAL, not_global)					\
	C(NOT_EIP, not_eip)						\
	/* state */							\
	C(NO_PREFIX, no_prefix)						\
	C(NO_POOL, no_pool)						\
	C(POOL_EXHAUSTED, pool_exhausted)				\
	C(NO_BINDING, no_binding)					\
	C(FILTERED, filtered)						\
	C(SIMULTANEOUS_OPEN, simultaneous_open)				\
	C(NO_SESSION, no_session)					\
	C(SESSION_LIMIT, session_limit)					\
	C(CLIENT_SESSIONS, client_sessions)				\
	C(CLIENT_PORTS, client_ports)					\
	C(CLIENT_RATE, client_rate)					\
	C(SESSION_CONFLICT, session_conflict)				\
	C(NO_MEMORY, no_memory)						\
	C(NO_ROUTE, no_route)

/**
 * enum nat64_counter - what is counted; the drop reasons come last
 * @NAT64_OK: the verdict "go on", no counter
 */
enum nat64_counter {
	NAT64_OK,
#define NAT64_COUNTER(id, name) NAT64_##id,
	NAT64_EVENT_COUNTERS(NAT64_COUNTER)
#undef NAT64_COUNTER
#define NAT64_COUNTER(id, name) NAT64_DROP_##id,
	NAT64_DROP_COUNTERS(NAT64_COUNTER)
#undef NAT64_COUNTER
	__NAT64_COUNTERS
};

#define NAT64_DROP_FIRST NAT64_DROP_BAD_HEADER

struct nat64_stats {
	u64 count[__NAT64_COUNTERS];
};

void nat64_count(struct nat64_net *nn, enum nat64_counter counter);
void nat64_drop(struct nat64_net *nn, const struct sk_buff *skb,
		enum nat64_counter reason);
int nat64_stats_init(struct nat64_net *nn);
void nat64_stats_fini(struct nat64_net *nn);
u64 nat64_stats_read(const struct nat64_net *nn, enum nat64_counter counter);
const char *nat64_stats_name(enum nat64_counter counter);

#endif /* NAT64_STATS_H */
