/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_FTP_LINE_H
#define NAT64_FTP_LINE_H

#include "pure.h"

/**
 * enum nat64_ftp_verb - what a command line of a client means to us
 * @NAT64_FTP_OTHER: nothing
 * @NAT64_FTP_EPSV: EPSV for any network protocol, or for IPv6
 * @NAT64_FTP_EPSV_ALL: only EPSV will come from now on
 * @NAT64_FTP_EPRT: EPRT with an IPv6 address
 * @NAT64_FTP_AUTH: the beginning of encryption
 */
enum nat64_ftp_verb {
	NAT64_FTP_OTHER,
	NAT64_FTP_EPSV,
	NAT64_FTP_EPSV_ALL,
	NAT64_FTP_EPRT,
	NAT64_FTP_AUTH,
};

enum nat64_ftp_verb nat64_ftp_command(const char *line, unsigned int len,
				      struct in6_addr *addr, u16 *port);
unsigned int nat64_ftp_reply(const char *line, unsigned int len);
bool nat64_ftp_227(const char *line, unsigned int len, __be32 *addr,
		   u16 *port);

#endif /* NAT64_FTP_LINE_H */
