// SPDX-License-Identifier: GPL-2.0
/*
 * Output: text, one line per object, or JSON.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <time.h>

#include "nat64ctl.h"

bool out_json, out_pretty;

static bool first_object, first_field;

static void newline(int depth)
{
	if (out_pretty)
		printf("\n%*s", 4 * depth, "");
}

void out_list_begin(void)
{
	first_object = true;
	if (out_json)
		putchar('[');
}

void out_list_end(void)
{
	if (!out_json)
		return;
	if (!first_object)
		newline(0);
	puts("]");
}

void out_begin(void)
{
	if (out_json) {
		if (!first_object)
			putchar(',');
		newline(1);
		putchar('{');
	}
	first_object = false;
	first_field = true;
}

void out_end(void)
{
	if (out_json) {
		newline(1);
		putchar('}');
	} else {
		putchar('\n');
	}
}

/* A line of its own; an object in JSON. */
void out_line_begin(void)
{
	first_object = true;
	out_begin();
}

void out_line_end(void)
{
	out_end();
	if (out_json)
		putchar('\n');
}

static void quote(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			printf("\\u%04x", *s);
		else
			putchar(*s);
	}
	putchar('"');
}

/* In text the key of a "word" is left out: its place tells what it is. */
static void begin_field(const char *key, bool word)
{
	if (out_json) {
		if (!first_field)
			putchar(',');
		newline(2);
		quote(key);
		fputs(out_pretty ? ": " : ":", stdout);
	} else {
		if (!first_field)
			putchar(' ');
		if (!word)
			printf("%s ", key);
	}
	first_field = false;
}

static void text(const char *key, const char *value, bool word)
{
	begin_field(key, word);
	if (out_json)
		quote(value);
	else
		fputs(value, stdout);
}

void out_str(const char *key, const char *value)
{
	text(key, value, false);
}

void out_word(const char *key, const char *value)
{
	text(key, value, true);
}

static void format(const char *key, const char *fmt, va_list args, bool word)
{
	char value[128];

	vsnprintf(value, sizeof(value), fmt, args);
	text(key, value, word);
}

void out_fmt(const char *key, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	format(key, fmt, args, false);
	va_end(args);
}

void out_wordf(const char *key, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	format(key, fmt, args, true);
	va_end(args);
}

void out_num(const char *key, uint64_t value)
{
	begin_field(key, false);
	printf("%" PRIu64, value);
}

void out_flag(const char *key, bool value)
{
	begin_field(key, false);
	fputs(out_json ? value ? "true" : "false" : value ? "on" : "off",
	      stdout);
}

/* Several values of one key. */
void out_strings(const char *key, const char *const *values, size_t count)
{
	if (!count && !out_json)
		return;
	begin_field(key, false);
	if (out_json)
		putchar('[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			putchar(out_json ? ',' : ' ');
		if (out_json)
			quote(values[i]);
		else
			fputs(values[i], stdout);
	}
	if (out_json)
		putchar(']');
}

/* An address and its port: two fields in JSON. */
void out_endpoint(const char *addr_key, const char *addr,
		  const char *port_key, uint16_t port)
{
	if (out_json) {
		out_str(addr_key, addr);
		out_num(port_key, port);
	} else {
		out_wordf(addr_key, "%s %u", addr, port);
	}
}

/* Up to eight results are good at a time. */
static char *slot(void)
{
	static char slots[8][INET6_ADDRSTRLEN];
	static unsigned int next;

	return slots[next++ % 8];
}

const char *str4(struct in_addr addr)
{
	return inet_ntop(AF_INET, &addr, slot(), INET6_ADDRSTRLEN);
}

const char *str6(struct in6_addr addr)
{
	char *s = slot();
	uint32_t low;

	inet_ntop(AF_INET6, &addr, s, INET6_ADDRSTRLEN);
	/* An IPv4-compatible look only hides the bits of an EIP. */
	if (IN6_IS_ADDR_V4COMPAT(&addr)) {
		low = ntohl(addr.s6_addr32[3]);
		snprintf(s, INET6_ADDRSTRLEN, "::%x:%x", low >> 16,
			 low & 0xffff);
	}
	return s;
}

/* UTC, with microseconds. */
void out_time(const char *key, uint64_t ns)
{
	time_t seconds = ns / 1000000000;
	struct tm tm;
	char text[32];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%FT%T", &tm);
	out_wordf(key, "%s.%06uZ", text,
		  (unsigned int)(ns % 1000000000 / 1000));
}

/* The same behind what it is the time of. */
void out_keyed_time(const char *key, uint64_t ns)
{
	if (!out_json)
		out_word(key, key);
	out_time(key, ns);
}
