/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_RULES_H
#define NAT64_RULES_H

#include <linux/atomic.h>
#include <linux/hash.h>

#include "nat64.h"

struct nat64_packet;
struct nat64_session;

void nat64_rules_init(struct nat64_net *nn);
int nat64_rules_watch(struct nat64_net *nn);
void nat64_rules_unwatch(struct nat64_net *nn);
void nat64_rules_changed(struct nat64_net *nn);
void nat64_rules_passed(const struct nat64_packet *pkt,
			struct nat64_session *session, u32 stamp);
bool nat64_rules_hold(const struct nat64_packet *pkt,
		      const struct nat64_session *session);
bool nat64_rules_behind(const struct nat64_packet *pkt);

/**
 * nat64_rules_stamp() - when, and where a packet comes from, as a number
 * @nn: the namespace
 * @ifindex: the interface that the packet came in by
 *
 * It differs after a change of rules, and by interface.
 *
 * Return: a number, never 0.
 */
static inline u32 nat64_rules_stamp(const struct nat64_net *nn, int ifindex)
{
	u64 both = (u64)(u32)atomic_read(&nn->epoch) << 32 | (u32)ifindex;

	return hash_64(both, 32) ?: 1;
}

/**
 * nat64_rules_asked() - does anybody want to know what the rules say?
 * @nn: the namespace
 */
static inline bool nat64_rules_asked(const struct nat64_net *nn)
{
	return READ_ONCE(nn->rules_sock);
}

#endif /* NAT64_RULES_H */
