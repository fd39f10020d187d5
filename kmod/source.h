/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_SOURCE_H
#define NAT64_SOURCE_H

#include "packet.h"
#include "stats.h"

bool nat64_source_own(const struct nf_hook_state *state);
enum nat64_counter nat64_source_check6(const struct nat64_packet *pkt);
enum nat64_counter nat64_source_check4(const struct nat64_packet *pkt);

#endif /* NAT64_SOURCE_H */
