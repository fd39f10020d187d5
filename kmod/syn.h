/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_SYN_H
#define NAT64_SYN_H

#include "packet.h"
#include "tuple.h"

struct nat64_net;

int nat64_syn_init(struct nat64_net *nn);
void nat64_syn_stop(struct nat64_net *nn);
void nat64_syn_fini(struct nat64_net *nn);
int nat64_syn_store(const struct nat64_packet *pkt,
		    enum nat64_counter reason);
bool nat64_syn_take(struct nat64_net *nn, const struct nat64_tuple4 *t4);

#endif /* NAT64_SYN_H */
