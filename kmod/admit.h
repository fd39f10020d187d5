/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_ADMIT_H
#define NAT64_ADMIT_H

#include <linux/in6.h>

#include "stats.h"

struct nat64_packet;
struct nat64_pool;
struct nat64_session;
struct nat64_tuple6;

enum nat64_counter nat64_admissible(const struct nat64_packet *pkt,
				    const struct in6_addr *addr, bool port);
enum nat64_counter nat64_admit(const struct nat64_packet *pkt,
			       const struct in6_addr *addr, bool port);
bool nat64_evict(const struct nat64_packet *pkt, struct nat64_session *session);
bool nat64_evict_port_of(const struct nat64_packet *pkt,
			 const struct nat64_tuple6 *t6,
			 const struct nat64_pool *pool);
void nat64_evict_port(const struct nat64_packet *pkt,
		      const struct nat64_tuple6 *t6);

#endif /* NAT64_ADMIT_H */
