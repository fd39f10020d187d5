/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_ANSWER_H
#define NAT64_ANSWER_H

#include "packet.h"
#include "stats.h"

void nat64_answer(struct nat64_packet *pkt, enum nat64_counter reason);

#endif /* NAT64_ANSWER_H */
