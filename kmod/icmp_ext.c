// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 4884: ICMP errors with extensions behind the packet inside.
 *
 * Pure functions, any context, no locks.
 */
#include "icmp_ext.h"

/**
 * nat64_icmp4_has_length() - can this ICMPv4 error have extensions?
 * @type: ICMPv4 type
 *
 * RFC 4884 section 4.
 */
bool nat64_icmp4_has_length(u8 type)
{
	return type == 3 || type == 11 || type == 12;
}

/**
 * nat64_icmp6_has_length() - can this ICMPv6 error have extensions?
 * @type: ICMPv6 type
 *
 * RFC 4884 section 4.
 */
bool nat64_icmp6_has_length(u8 type)
{
	return type == 1 || type == 3;
}

/**
 * nat64_icmp_layout() - how much of an error there will be
 * @layout: result
 * @there: octets that there are of the packet inside, behind its IP headers
 * @inner_hdr: octets of its new IP headers
 * @ext_len: octets of extensions, or 0
 * @word: unit of the length field, 4 in ICMPv4 and 8 in ICMPv6
 * @max: octets that there may be behind the ICMP header
 *
 * If it gets too long, the packet inside gives way to the extensions, down to
 * its least length; then their end is cut off (RFC 7915 section 4.2).
 */
void nat64_icmp_layout(struct nat64_icmp_layout *layout, unsigned int there,
		       unsigned int inner_hdr, unsigned int ext_len,
		       unsigned int word, unsigned int max)
{
	unsigned int field = inner_hdr + there, room;

	layout->field = 0;
	layout->ext = 0;
	if (ext_len) {
		room = max > ext_len ? (max - ext_len) / word * word : 0;
		if (room < NAT64_ICMP_FIELD_MIN)
			room = NAT64_ICMP_FIELD_MIN;
		if (field < NAT64_ICMP_FIELD_MIN)
			field = NAT64_ICMP_FIELD_MIN;
		field = (field + word - 1) / word * word;
		layout->field = field < room ? field : room;
		layout->ext = max - layout->field < ext_len ?
			      max - layout->field : ext_len;
		max = layout->field;
	}
	layout->there = inner_hdr + there > max ? max - inner_hdr : there;
}

static void put16(u8 *to, u32 value)
{
	to[0] = value >> 8;
	to[1] = value;
}

/**
 * nat64_icmp_ext_source() - tell the IPv6 source of an ICMPv4 error
 * @ext: result
 * @source: the source
 *
 * RFC 6791 section 4.2: as the address of the interface that the packet inside
 * came in by (RFC 5837).
 */
void nat64_icmp_ext_source(u8 ext[NAT64_ICMP_EXT_SOURCE],
			   const struct in6_addr *source)
{
	unsigned int i;
	u32 sum = 0;

	memset(ext, 0, NAT64_ICMP_EXT_SOURCE);
	ext[0] = 2 << 4;				/* version */
	put16(ext + 4, NAT64_ICMP_EXT_SOURCE - 4);	/* length of the object */
	ext[6] = 2;					/* interface information */
	ext[7] = 0x04;					/* IP address, incoming */
	put16(ext + 8, 2);				/* IPv6 */
	memcpy(ext + 12, source, sizeof(*source));
	for (i = 0; i < NAT64_ICMP_EXT_SOURCE; i += 2)
		sum += ext[i] << 8 | ext[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ext + 2, ~sum);
}
