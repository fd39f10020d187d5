/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_CLIENT_H
#define NAT64_CLIENT_H

#include <linux/in6.h>

#include "stats.h"

struct nat64_net;
struct nat64_packet;

int nat64_client_cache_init(void);
void nat64_client_cache_fini(void);
int nat64_client_init(struct nat64_net *nn);
void nat64_client_fini(struct nat64_net *nn);
enum nat64_counter nat64_client_full(const struct nat64_packet *pkt,
				     const struct in6_addr *addr, bool port);
bool nat64_client_too_fast(const struct nat64_packet *pkt,
			   const struct in6_addr *addr);
enum nat64_counter nat64_client_admit(const struct nat64_packet *pkt,
				      const struct in6_addr *addr, bool port);
void nat64_client_end_session(struct nat64_net *nn, const struct in6_addr *addr,
			      u8 len, bool from_v6);
void nat64_client_end_port(struct nat64_net *nn, const struct in6_addr *addr,
			   u8 len);

#endif /* NAT64_CLIENT_H */
