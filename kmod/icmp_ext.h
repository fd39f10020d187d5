/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_ICMP_EXT_H
#define NAT64_ICMP_EXT_H

#include "pure.h"

/* RFC 4884 section 3: the packet inside is padded to this if extensions follow */
#define NAT64_ICMP_FIELD_MIN	128

/* An extension structure with one object of RFC 5837 */
#define NAT64_ICMP_EXT_SOURCE	28

/* Less than the header of an extension structure is none. */
#define NAT64_ICMP_EXT_MIN	4

/**
 * struct nat64_icmp_layout - what follows the headers of an ICMP error
 * @there: octets of the packet inside, behind its IP headers
 * @field: octets of the field that holds the packet inside, with its new IP
 *	headers and padding; 0 if no extensions follow
 * @ext: octets of extensions
 */
struct nat64_icmp_layout {
	unsigned int there;
	unsigned int field;
	unsigned int ext;
};

void nat64_icmp_layout(struct nat64_icmp_layout *layout, unsigned int there,
		       unsigned int inner_hdr, unsigned int ext_len,
		       unsigned int word, unsigned int max);
bool nat64_icmp4_has_length(u8 type);
bool nat64_icmp6_has_length(u8 type);
void nat64_icmp_ext_source(u8 ext[NAT64_ICMP_EXT_SOURCE],
			   const struct in6_addr *source);

#endif /* NAT64_ICMP_EXT_H */
