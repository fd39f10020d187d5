// SPDX-License-Identifier: GPL-2.0
/*
 * Lines of an FTP control connection (RFC 959, RFC 2428, RFC 6384).
 *
 * Pure functions, any context, no locks.  A line need not end with a zero, and
 * may hold anything at all.
 */
#include "ftp_line.h"

struct text {
	const char *at;
	const char *end;
};

static bool more(const struct text *t)
{
	return t->at < t->end;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

/* Pass over a word, in capitals or not. */
static bool take_word(struct text *t, const char *word)
{
	const char *at = t->at;

	for (; *word; word++, at++)
		if (at == t->end || upper(*at) != *word)
			return false;
	t->at = at;
	return true;
}

static bool take_char(struct text *t, char c)
{
	if (!more(t) || *t->at != c)
		return false;
	t->at++;
	return true;
}

/* Nothing is left but blanks and the end of the line. */
static bool at_end(struct text t)
{
	while (take_char(&t, ' ') || take_char(&t, '\t'))
		;
	take_char(&t, '\r');
	return take_char(&t, '\n') && !more(&t);
}

static bool take_number(struct text *t, u32 max, u32 *value)
{
	const char *start = t->at;

	*value = 0;
	while (more(t) && *t->at >= '0' && *t->at <= '9' && *value <= max)
		*value = *value * 10 + (*t->at++ - '0');
	return t->at > start && *value <= max;
}

#ifdef __KERNEL__
static bool parse_in6(const char *text, unsigned int len,
		      struct in6_addr *addr)
{
	return in6_pton(text, len, addr->s6_addr, -1, NULL) == 1;
}
#else
static bool parse_in6(const char *text, unsigned int len,
		      struct in6_addr *addr)
{
	char copy[INET6_ADDRSTRLEN] = "";

	memcpy(copy, text, len);
	return inet_pton(AF_INET6, copy, addr) == 1;
}
#endif

/* RFC 2428 section 2: |2|address|port|, with any delimiter. */
static bool take_eprt(struct text *t, struct in6_addr *addr, u16 *port)
{
	const char *start;
	u32 value;
	char d;

	if (!more(t))
		return false;
	d = *t->at++;
	if (d < 33 || d > 126 || !take_char(t, '2') || !take_char(t, d))
		return false;
	start = t->at;
	while (more(t) && *t->at != d)
		t->at++;
	if (t->at - start >= 46 || !parse_in6(start, t->at - start, addr))
		return false;
	if (!take_char(t, d) || !take_number(t, 65535, &value) || !value ||
	    !take_char(t, d))
		return false;
	*port = value;
	return at_end(*t);
}

/**
 * nat64_ftp_command() - read a command line
 * @line: the line, with its end
 * @len: its length
 * @addr: result for EPRT
 * @port: result for EPRT, host byte order
 */
enum nat64_ftp_verb nat64_ftp_command(const char *line, unsigned int len,
				      struct in6_addr *addr, u16 *port)
{
	struct text t = { line, line + len };

	if (take_word(&t, "EPSV")) {
		if (at_end(t))
			return NAT64_FTP_EPSV;
		if (take_word(&t, " ALL") && at_end(t))
			return NAT64_FTP_EPSV_ALL;
		if (take_word(&t, " 2") && at_end(t))
			return NAT64_FTP_EPSV;
	} else if (take_word(&t, "EPRT ")) {
		if (take_eprt(&t, addr, port))
			return NAT64_FTP_EPRT;
	} else if (take_word(&t, "AUTH ")) {
		return NAT64_FTP_AUTH;
	}
	return NAT64_FTP_OTHER;
}

/**
 * nat64_ftp_reply() - read the code of the last line of a reply
 * @line: the line, with its end
 * @len: its length
 *
 * Return: the code, or 0 if this is no such line.
 */
unsigned int nat64_ftp_reply(const char *line, unsigned int len)
{
	struct text t = { line, line + len };
	u32 code;

	if (!take_number(&t, 599, &code) || t.at != line + 3 || code < 100 ||
	    !take_char(&t, ' '))
		return 0;
	return code;
}

/**
 * nat64_ftp_227() - read the address and port of a reply to PASV
 * @line: the line, with its end
 * @len: its length
 * @addr: result
 * @port: result, host byte order
 *
 * RFC 1123 section 4.1.2.6: look for the digits, whatever stands around them.
 */
bool nat64_ftp_227(const char *line, unsigned int len, __be32 *addr,
		   u16 *port)
{
	struct text t = { line, line + len };
	u32 value[6];
	unsigned int i;

	if (nat64_ftp_reply(line, len) != 227)
		return false;
	for (t.at += 4; more(&t) && !(*t.at >= '0' && *t.at <= '9'); t.at++)
		;
	for (i = 0; i < 6; i++)
		if (!take_number(&t, 255, &value[i]) ||
		    (i < 5 && !take_char(&t, ',')))
			return false;
	*addr = cpu_to_be32(value[0] << 24 | value[1] << 16 | value[2] << 8 |
			    value[3]);
	*port = value[4] << 8 | value[5];
	return *port;
}
