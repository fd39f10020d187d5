/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_FTP_H
#define NAT64_FTP_H

#include "config.h"
#include "flow.h"
#include "nat64.h"
#include "packet.h"
#include "tuple.h"

struct nat64_net;

#define NAT64_FTP_PORT 21

int nat64_ftp_init(struct nat64_net *nn);
void nat64_ftp_fini(struct nat64_net *nn);
enum nat64_counter nat64_ftp_pass(struct nat64_packet *pkt,
				  const struct nat64_flow *flow);
void nat64_ftp_end(struct nat64_net *nn, const struct nat64_session *session);

/**
 * nat64_ftp_wanted() - is this a segment that FTP might have to look at?
 * @pkt: the packet
 * @flow: its flow
 */
static inline bool nat64_ftp_wanted(const struct nat64_packet *pkt,
				    const struct nat64_flow *flow)
{
	return flow->t4.rport == htons(NAT64_FTP_PORT) && flow->session &&
	       pkt->kind == NAT64_KIND_TCP &&
	       (pkt->cfg->ftp || atomic_read(&pkt->nn->ftps.nelems));
}

#endif /* NAT64_FTP_H */
