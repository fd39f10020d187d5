/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_OUTPUT_H
#define NAT64_OUTPUT_H

#include "flow.h"
#include "packet.h"

enum nat64_counter nat64_output_route(struct nat64_packet *pkt,
				      const struct nat64_flow *flow);
enum nat64_counter nat64_output_limits(struct nat64_packet *pkt);
enum nat64_counter nat64_output_check(struct nat64_packet *pkt);
bool nat64_output_kept(struct nat64_packet *pkt,
		       const struct nat64_session *session);
void nat64_output_prepare(struct nat64_packet *pkt);
void nat64_output_send(struct nat64_packet *pkt, struct nat64_session *session);

#endif /* NAT64_OUTPUT_H */
