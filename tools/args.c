// SPDX-License-Identifier: GPL-2.0
/*
 * Words of the command line.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "nat64ctl.h"

/* The line of a file that words are from, if they are. */
static struct {
	const char *file;
	const char *text;
	size_t len;
	const char *object;
	struct spot spot;
} place;

/* What follows is about a line of a file; NULL for the command line. */
void place_set(const char *file, unsigned int line, const char *text,
	       size_t len)
{
	place.file = file;
	place.text = text;
	place.len = len;
	place.object = text;
	place.spot = (struct spot) { line, 0 };
}

/* What follows is about a place that was known before. */
void place_back(const char *file, struct spot spot)
{
	place_set(file, spot.line, NULL, 0);
	place.spot = spot;
}

/* What follows is about this word of the line, or about one that is missing. */
const char *at(const char *word)
{
	size_t n = place.len;

	if (!place.text)
		return word;
	while (n && strchr("\r\n", place.text[n - 1]))
		n--;
	if (word && word >= place.text && word <= place.text + n)
		n = word - place.text;
	place.spot.column = n + 1;
	return word;
}

/* What the command as a whole is about. */
void place_object(const char *word)
{
	place.object = word;
}

/* Where that is. */
struct spot place_spot(void)
{
	if (place.text)
		at(place.object);
	return place.spot;
}

static void print_place(void)
{
	if (!place.file)
		fputs("nat64ctl: ", stderr);
	else if (!place.spot.line)
		fprintf(stderr, "%s: ", place.file);
	else
		fprintf(stderr, "%s:%u:%u: ", place.file, place.spot.line,
			place.spot.column);
}

/*
 * Say what is wrong.  fail() is false, so that a caller can return it.  Words of a file
 * may be of any length, and not for a terminal.
 */
void complain(const char *fmt, ...)
{
	char text[1024];
	va_list args;
	int len;

	print_place();
	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (const char *c = text; *c; c++) {
		if (iscntrl((unsigned char)*c))
			fprintf(stderr, "\\x%02x", (unsigned char)*c);
		else
			fputc(*c, stderr);
	}
	fputs(len < (int)sizeof(text) ? "\n" : "...\n", stderr);
}

/* More memory, or the end. */
void *alloc(void *old, size_t size)
{
	void *new = realloc(old, size);

	if (!new) {
		complain("%s", strerror(ENOMEM));
		exit(EXIT_KERNEL);
	}
	return new;
}

/* Is a word the beginning of another? */
bool match_word(const char *word, const char *full)
{
	return *word && !strncmp(word, full, strlen(word));
}

bool arg_end(char **args)
{
	return !*args || fail("unexpected word \"%s\"%s", at(*args),
			      **args == '-' ? ": options stand before the noun" : "");
}

/* A word that may be given once. */
bool arg_once(bool *given, const char *what)
{
	if (*given)
		return fail("%s is given twice", what);
	*given = true;
	return true;
}

/*
 * The entry that a word names, perhaps by its beginning, of a table whose entries begin
 * with their names; or NULL.
 */
const void *arg_entry(const char *word, const void *table, size_t size,
		      size_t count, const char *what)
{
	const char *const *found = NULL;

	at(word);
	for (size_t i = 0; i < count; i++) {
		const char *const *name = (const void *)((const char *)table +
							 i * size);

		if (!strcmp(word, *name))
			return name;
		if (!match_word(word, *name))
			continue;
		if (found) {
			complain("\"%s\" is ambiguous: %s or %s", word, *found,
				 *name);
			return NULL;
		}
		found = name;
	}
	if (!found)
		complain("\"%s\" is not %s", word, what);
	return found;
}

bool arg_addr4(const char *word, struct in_addr *addr)
{
	at(word);
	if (!word)
		return fail("an IPv4 address is missing");
	return inet_pton(AF_INET, word, addr) == 1 ||
	       fail("\"%s\" is not an IPv4 address", word);
}

bool arg_addr6(const char *word, struct in6_addr *addr)
{
	at(word);
	if (!word)
		return fail("an IPv6 address is missing");
	return inet_pton(AF_INET6, word, addr) == 1 ||
	       fail("\"%s\" is not an IPv6 address", word);
}

/* Digits; where they end, or NULL if there are none, or it is more than max. */
const char *read_digits(const char *text, unsigned long max, unsigned long *n)
{
	char *end;

	/* strtoul() takes signs and spaces, we do not. */
	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	*n = strtoul(text, &end, 10);
	return errno || *n > max ? NULL : end;
}

static bool number(const char *word, uint32_t max, uint32_t *value)
{
	unsigned long n;
	const char *end = read_digits(word, max, &n);

	if (!end || *end)
		return false;
	*value = n;
	return true;
}

bool arg_u32(const char *word, const char *what, uint32_t min, uint32_t max,
	     uint32_t *value)
{
	at(word);
	if (!word)
		return fail("%s is missing", what);
	return (number(word, max, value) && *value >= min) ||
	       fail("\"%s\" is not a %s from %u to %u", word, what, min, max);
}

bool arg_port(const char *word, uint16_t *port)
{
	uint32_t value;

	if (!arg_u32(word, "port", 0, 65535, &value))
		return false;
	*port = value;
	return true;
}

/* An address, and behind a slash its length. */
static bool split_prefix(const char *word, const char *family, char *addr,
			 size_t size, uint8_t max, uint8_t *len)
{
	const char *slash = strchr(word, '/');
	size_t n = slash ? (size_t)(slash - word) : strlen(word);
	uint32_t value = max;

	if (n >= size)
		return fail("\"%s\" is not an %s prefix", word, family);
	memcpy(addr, word, n);
	addr[n] = 0;
	if (slash && !number(slash + 1, max, &value))
		return fail("\"%s\": the length of an %s prefix is 0 to %u",
			    word, family, max);
	*len = value;
	return true;
}

bool arg_prefix6(const char *word, struct in6_addr *addr, uint8_t *len)
{
	char text[INET6_ADDRSTRLEN];

	at(word);
	if (!word)
		return fail("an IPv6 prefix is missing");
	if (!strchr(word, '/'))
		return fail("\"%s\" is not a prefix: its length is missing",
			    word);
	if (!split_prefix(word, "IPv6", text, sizeof(text), 128, len))
		return false;
	return inet_pton(AF_INET6, text, addr) == 1 ||
	       fail("\"%s\" is not an IPv6 prefix", word);
}

/* An address is a prefix of all its bits. */
bool arg_net6(const char *word, struct in6_addr *addr, uint8_t *len)
{
	*len = 128;
	return word && strchr(word, '/') ? arg_prefix6(word, addr, len) :
					   arg_addr6(word, addr);
}

bool arg_prefix4(const char *word, struct in_addr *addr, uint8_t *len)
{
	char text[INET_ADDRSTRLEN];

	at(word);
	if (!word)
		return fail("an IPv4 prefix is missing");
	if (!split_prefix(word, "IPv4", text, sizeof(text), 32, len))
		return false;
	return inet_pton(AF_INET, text, addr) == 1 ||
	       fail("\"%s\" is not an IPv4 address or prefix", word);
}

static const struct {
	const char *name;
	uint8_t proto;
} protos[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP },
};

bool arg_proto(const char *word, uint8_t *proto)
{
	at(word);
	if (!word)
		return fail("a protocol is missing: tcp, udp or icmp");
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (!strcmp(word, protos[i].name)) {
			*proto = protos[i].proto;
			return true;
		}
	}
	return fail("\"%s\" is not a protocol: tcp, udp or icmp", word);
}

const char *proto_name(uint8_t proto)
{
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (proto == protos[i].proto)
			return protos[i].name;
	return "?";
}

bool arg_bool(const char *word, const char *what, bool *value)
{
	at(word);
	if (!word)
		return fail("%s is missing: on or off", what);
	*value = !strcmp(word, "on");
	return *value || !strcmp(word, "off") ||
	       fail("\"%s\": %s is on or off", word, what);
}
