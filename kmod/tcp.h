/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_TCP_H
#define NAT64_TCP_H

#include "pure.h"
#include "uapi/nat64.h"

/**
 * enum nat64_tcp_event - what a segment means to the state machine
 * @NAT64_TCP_V4_SYN: SYN from the IPv4 side
 * @NAT64_TCP_V6_SYN: SYN from the IPv6 side
 * @NAT64_TCP_V4_EV_FIN: FIN from the IPv4 side
 * @NAT64_TCP_V6_EV_FIN: FIN from the IPv6 side
 * @NAT64_TCP_V4_RST: RST from the IPv4 side
 * @NAT64_TCP_V6_RST: RST from the IPv6 side
 * @NAT64_TCP_V4_DATA: any other segment from the IPv4 side
 * @NAT64_TCP_V6_DATA: any other segment from the IPv6 side
 */
enum nat64_tcp_event {
	NAT64_TCP_V4_SYN,
	NAT64_TCP_V6_SYN,
	NAT64_TCP_V4_EV_FIN,
	NAT64_TCP_V6_EV_FIN,
	NAT64_TCP_V4_RST,
	NAT64_TCP_V6_RST,
	NAT64_TCP_V4_DATA,
	NAT64_TCP_V6_DATA,
	__NAT64_TCP_EVENTS
};

/**
 * enum nat64_tcp_timer - which timer a segment starts anew
 * @NAT64_TCP_TIMER_KEEP: none, the session ends when it would have
 * @NAT64_TCP_TIMER_EST: the established one
 * @NAT64_TCP_TIMER_TRANS: the transitory one
 */
enum nat64_tcp_timer {
	NAT64_TCP_TIMER_KEEP,
	NAT64_TCP_TIMER_EST,
	NAT64_TCP_TIMER_TRANS,
};

enum nat64_tcp_event nat64_tcp_event(bool from_v6, bool syn, bool fin,
				     bool rst);
u8 nat64_tcp_next(u8 state, enum nat64_tcp_event event);
enum nat64_tcp_timer nat64_tcp_timer(u8 state, enum nat64_tcp_event event);

#endif /* NAT64_TCP_H */
