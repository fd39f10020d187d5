// SPDX-License-Identifier: GPL-2.0
/*
 * The TCP state machine of RFC 6146 section 3.5.2.2.
 *
 * Pure functions of (state, event), any context, no locks.  The machine
 * follows connections so that their sessions live as long as they should; it
 * does not check sequence numbers.
 */
#include "tcp.h"

/**
 * nat64_tcp_event() - classify a segment
 * @from_v6: it came from the IPv6 side
 * @syn: its SYN flag
 * @fin: its FIN flag
 * @rst: its RST flag
 */
enum nat64_tcp_event nat64_tcp_event(bool from_v6, bool syn, bool fin,
				     bool rst)
{
	if (rst)
		return from_v6 ? NAT64_TCP_V6_RST : NAT64_TCP_V4_RST;
	if (fin)
		return from_v6 ? NAT64_TCP_V6_EV_FIN : NAT64_TCP_V4_EV_FIN;
	if (syn)
		return from_v6 ? NAT64_TCP_V6_SYN : NAT64_TCP_V4_SYN;
	return from_v6 ? NAT64_TCP_V6_DATA : NAT64_TCP_V4_DATA;
}

static bool is_rst(enum nat64_tcp_event event)
{
	return event == NAT64_TCP_V4_RST || event == NAT64_TCP_V6_RST;
}

/**
 * nat64_tcp_next() - the state after an event
 * @state: &enum nat64_tcp_state before
 * @event: what happened
 *
 * Beyond the RFC: a RST after one FIN shortens the session too (RFC 7857
 * section 2.2), and a SYN after both FINs begins a new connection of the same
 * ports instead of being lost with the old session's end.
 *
 * Return: &enum nat64_tcp_state after; CLOSED stays closed unless the event
 * is a SYN.
 */
u8 nat64_tcp_next(u8 state, enum nat64_tcp_event event)
{
	switch (state) {
	case NAT64_TCP_CLOSED:
	case NAT64_TCP_V4_V6_FIN:
		if (event == NAT64_TCP_V6_SYN)
			return NAT64_TCP_V6_INIT;
		if (event == NAT64_TCP_V4_SYN)
			return NAT64_TCP_V4_INIT;
		break;
	case NAT64_TCP_V4_INIT:
		if (event == NAT64_TCP_V6_SYN)
			return NAT64_TCP_ESTABLISHED;
		break;
	case NAT64_TCP_V6_INIT:
		if (event == NAT64_TCP_V4_SYN)
			return NAT64_TCP_ESTABLISHED;
		break;
	case NAT64_TCP_ESTABLISHED:
		if (event == NAT64_TCP_V4_EV_FIN)
			return NAT64_TCP_V4_FIN;
		if (event == NAT64_TCP_V6_EV_FIN)
			return NAT64_TCP_V6_FIN;
		if (is_rst(event))
			return NAT64_TCP_TRANS;
		break;
	case NAT64_TCP_V4_FIN:
		if (event == NAT64_TCP_V6_EV_FIN)
			return NAT64_TCP_V4_V6_FIN;
		if (is_rst(event))
			return NAT64_TCP_TRANS;
		break;
	case NAT64_TCP_V6_FIN:
		if (event == NAT64_TCP_V4_EV_FIN)
			return NAT64_TCP_V4_V6_FIN;
		if (is_rst(event))
			return NAT64_TCP_TRANS;
		break;
	case NAT64_TCP_TRANS:
		if (!is_rst(event))
			return NAT64_TCP_ESTABLISHED;
		break;
	}
	return state;
}

/**
 * nat64_tcp_timer() - which timer an event starts anew
 * @state: &enum nat64_tcp_state before
 * @event: what happened
 */
enum nat64_tcp_timer nat64_tcp_timer(u8 state, enum nat64_tcp_event event)
{
	u8 next = nat64_tcp_next(state, event);

	switch (next) {
	case NAT64_TCP_ESTABLISHED:
	case NAT64_TCP_V4_FIN:
	case NAT64_TCP_V6_FIN:
		return NAT64_TCP_TIMER_EST;
	case NAT64_TCP_V6_INIT:
		if (event == NAT64_TCP_V6_SYN)
			return NAT64_TCP_TIMER_TRANS;
		break;
	}
	return next != state ? NAT64_TCP_TIMER_TRANS : NAT64_TCP_TIMER_KEEP;
}
