// SPDX-License-Identifier: GPL-2.0
/*
 * What the reasons for a drop mean.
 */
#include <string.h>

#include "nat64ctl.h"

static const struct {
	const char *name, *text;
} reasons[] = {
	{ "bad_header", "a header is cut short or contradicts itself" },
	{ "bad_checksum", "an ICMP error has a wrong checksum" },
	{ "fragment", "a fragment could not be reassembled, or is one too many" },
	{ "routing_header", "its routing header has segments left" },
	{ "source_route", "its source route is not spent" },
	{ "bad_source", "no host has such a source, or this host itself has it, "
	  "or a pool or EIP" },
	{ "bad_destination", "no host has such a destination" },
	{ "loop", "its source is inside a prefix, or a tunnel of this host leads "
	  "back into itself" },
	{ "spoofed", "reverse-path is on, and the way back to its source does not "
	  "lead where it came from" },
	{ "unknown_protocol", "neither TCP, UDP nor ICMP, and no EIP one to one" },
	{ "icmp_type", "RFC 7915 does not translate this ICMP type or code" },
	{ "udp_zero_checksum", "it has no UDP checksum" },
	{ "bad_offload", "its offload state contradicts what it is" },
	{ "ipsec_policy", "an IPsec policy of this host forbids it" },
	{ "hop_limit", "its hop limit runs out" },
	{ "too_big", "it is more than the next link carries" },
	{ "not_global", "the IPv4 address is not global: \"private on\" of the "
	  "prefix would let it pass, or an EIP" },
	{ "not_eip", "the prefix is of mode eip, and this is no EIP" },
	{ "no_prefix", "no prefix fits" },
	{ "no_pool", "there is no pool" },
	{ "pool_exhausted", "no port of the pools is free" },
	{ "no_binding", "nobody uses this address and port" },
	{ "filtered", "the client does not talk to this host, and its pool filters "
	  "by address" },
	{ "simultaneous_open", "the client has opened this connection as well" },
	{ "no_session", "no connection has such a packet" },
	{ "session_limit", "session-max is reached" },
	{ "client_sessions", "client-session-max is reached" },
	{ "client_ports", "client-port-max is reached" },
	{ "client_rate", "client-session-rate is reached" },
	{ "session_conflict", "the client reaches this IPv4 host by another IPv6 "
	  "address from the same port already" },
	{ "no_memory", "the kernel has no memory for it" },
	{ "no_route", "this host has no route to the destination" },
};

/* Or NULL, of a reason that is newer than this program. */
const char *reason_text(const char *name)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (!strcmp(name, reasons[i].name))
			return reasons[i].text;
	return NULL;
}
