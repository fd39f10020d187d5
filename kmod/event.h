/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_EVENT_H
#define NAT64_EVENT_H

#include <net/genetlink.h>

#include "stats.h"
#include "uapi/nat64.h"

struct nat64_binding;
struct nat64_block;
struct nat64_net;
struct nat64_packet;
struct nat64_session;

extern const struct genl_multicast_group
	nat64_event_groups[__NAT64_EVENTS_MAX];

int nat64_event_init(struct nat64_net *nn);
void nat64_event_fini(struct nat64_net *nn);
bool nat64_event_overheard(void);
void nat64_event_module_init(void);
void nat64_event_module_fini(void);

void nat64_event_session(struct nat64_net *nn,
			 const struct nat64_session *session,
			 enum nat64_event type);
void nat64_event_binding(struct nat64_net *nn,
			 const struct nat64_binding *binding,
			 enum nat64_event type);
void nat64_event_block(struct nat64_net *nn, const struct nat64_block *block,
		       enum nat64_event type);
void nat64_event_refused(const struct nat64_packet *pkt,
			 enum nat64_counter reason);
int nat64_event_numbers(struct sk_buff *skb, struct netlink_callback *cb);
void nat64_event_config(struct nat64_net *nn, struct genl_info *info);

#endif /* NAT64_EVENT_H */
