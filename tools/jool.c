// SPDX-License-Identifier: GPL-2.0
/*
 * "import jool": Jool's JSON configuration, as "jool file handle" reads it, in the words
 * of ours.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nat64ctl.h"

/* What is read, and where in it we are: "pool4[2].prefix". */
static const char *file;
static char where[256];
static bool good, differs;
static FILE *out;

static void place(const char *list, size_t index, const char *key)
{
	if (list && !strcmp(list, "global"))
		snprintf(where, sizeof(where), "global.%s", key);
	else if (list)
		snprintf(where, sizeof(where), "%s[%zu]%s%s", list, index,
			 key ? "." : "", key ? key : "");
	else
		snprintf(where, sizeof(where), "%s", key);
}

/* A string with a place, and false. */
static bool wrong(const char *what)
{
	complain("%s: %s: %s", file, where, what);
	good = false;
	return false;
}

/* What cannot be had here, or is not needed: a comment where it would have been. */
__attribute__((format(printf, 1, 2)))
static void note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fprintf(out, "# %s: ", where);
	vfprintf(out, fmt, args);
	fputc('\n', out);
	va_end(args);
}

#define cannot(...) (differs = true, note("NOT CONVERTED: " __VA_ARGS__))

/* Jool reads keys by letters of any case.  NULL if one is there twice by that. */
static json_t *lower_keys(const json_t *value)
{
	const char *key;
	json_t *each, *lower;
	size_t index;

	if (json_is_array(value)) {
		lower = json_array();
		json_array_foreach(value, index, each)
			if (json_array_append_new(lower, lower_keys(each)))
				goto twice;
		return lower;
	}
	if (!json_is_object(value))
		return json_copy((json_t *)value);
	lower = json_object();
	json_object_foreach((json_t *)value, key, each) {
		char *name = alloc(NULL, strlen(key) + 1);
		bool once;

		for (size_t i = 0; i <= strlen(key); i++)
			name[i] = tolower((unsigned char)key[i]);
		once = !json_object_get(lower, name);
		snprintf(where, sizeof(where), "%s", name);
		once = once && !json_object_set_new(lower, name, lower_keys(each));
		free(name);
		if (!once)
			goto twice;
	}
	return lower;
twice:
	json_decref(lower);
	return NULL;
}

/* An address, prefix or port is printed as it was understood, never as it was. */
static const char *text_of(const json_t *value)
{
	if (json_is_string(value))
		return json_string_value(value);
	wrong(value ? "a string is wanted" : "is missing");
	return NULL;
}

static bool has_host_bits(const char *addr, int family, size_t len)
{
	unsigned char octets[16];
	size_t bits = family == AF_INET ? 32 : 128;

	inet_pton(family, addr, octets);
	for (; len < bits; len++)
		if (octets[len / 8] & 0x80 >> len % 8)
			return true;
	return false;
}

/* The address that ends at end, as it is written best. */
static bool read_addr(const char *text, const char *end, int family, char *addr)
{
	char octets[16];

	if (end - text >= INET6_ADDRSTRLEN)
		return false;
	memcpy(addr, text, end - text);
	addr[end - text] = 0;
	if (inet_pton(family, addr, octets) != 1)
		return false;
	inet_ntop(family, octets, addr, INET6_ADDRSTRLEN);
	return true;
}

/* ADDRESS[/LEN]; of which length. */
static bool read_prefix(const json_t *value, int family, char *prefix, size_t size,
			unsigned int *length)
{
	const char *text = text_of(value), *slash;
	unsigned long most = family == AF_INET ? 32 : 128, len = most;
	char addr[INET6_ADDRSTRLEN];
	const char *end;

	if (!text)
		return false;
	slash = strchr(text, '/');
	if (slash) {
		end = read_digits(slash + 1, most, &len);
		if (!end || *end)
			return wrong("is not a prefix");
	}
	if (!read_addr(text, slash ? slash : text + strlen(text), family, addr))
		return wrong(family == AF_INET ? "is not an IPv4 prefix" :
						 "is not an IPv6 prefix");
	if (has_host_bits(addr, family, len))
		return wrong("has host bits set");
	if (len == most)
		snprintf(prefix, size, "%s", addr);
	else
		snprintf(prefix, size, "%s/%lu", addr, len);
	*length = len;
	return true;
}

/* One of IPv4, unless what it is for must be longer. */
static bool read_prefix4(const json_t *value, char *prefix, size_t size,
			 unsigned int least, const char *what)
{
	unsigned int len;

	if (!read_prefix(value, AF_INET, prefix, size, &len))
		return false;
	if (len < least)
		cannot("%s: the length of %s is %u to 32", prefix, what, least);
	return len >= least;
}

/* ADDRESS#PORT */
static bool read_end(const json_t *value, int family, char *addr, unsigned int *port)
{
	const char *text = text_of(value), *hash;
	unsigned long n;
	const char *end;

	if (!text)
		return false;
	hash = strchr(text, '#');
	end = hash ? read_digits(hash + 1, UINT16_MAX, &n) : NULL;
	if (!end || *end || !read_addr(text, hash, family, addr))
		return wrong("is not ADDRESS#PORT");
	*port = n;
	return true;
}

/* [HH:[MM:]]SS[.mmm], in seconds */
static bool read_time(const json_t *value, unsigned long *seconds)
{
	const char *text = text_of(value), *end = text;
	unsigned long part;

	if (!text)
		return false;
	*seconds = 0;
	for (unsigned int parts = 0; parts < 3; parts++) {
		end = read_digits(end, UINT32_MAX, &part);
		if (!end)
			break;
		*seconds = 60 * *seconds + part;
		if (*end != ':' || parts == 2)
			break;
		end++;
	}
	if (end && *end == '.')
		end = read_digits(end + 1, ULONG_MAX, &part);
	return (end && !*end) || wrong("is not a time, [HH:[MM:]]SS[.mmm]");
}

static bool read_bool(const json_t *value)
{
	return json_is_boolean(value) ? json_is_true(value) :
					wrong("true or false is wanted");
}

static bool read_number(const json_t *value, long long max, long long *number)
{
	*number = json_integer_value(value);
	return (json_is_integer(value) && *number >= 0 && *number <= max) ||
	       wrong("is not a number that fits");
}

enum kind {
	ELSEWHERE,		/* is read by another part, or means nothing */
	TIME,
	NUMBER,
	ON_OFF,			/* an option of ours */
	PREFIX4,
	IF_ON,			/* what there is to say of true */
	SAY,			/* what there is to say in any case */
};

static const struct option {
	const char *key;
	enum kind kind;
	const char *text;	/* our option, or what there is to say */
} options[] = {
	{ "comment" },
	{ "pool6" },
	{ "manually-enabled" },
	{ "address-dependent-filtering" },
	{ "zeroize-traffic-class" },
	{ "override-tos" },
	{ "tos" },
	{ "udp-timeout", TIME, "udp-timeout" },
	{ "tcp-est-timeout", TIME, "tcp-est-timeout" },
	{ "tcp-trans-timeout", TIME, "tcp-trans-timeout" },
	{ "icmp-timeout", TIME, "icmp-timeout" },
	{ "maximum-simultaneous-opens", NUMBER, "syn-max" },
	{ "lowest-ipv6-mtu", NUMBER, "lowest-ipv6-mtu" },
	{ "amend-udp-checksum-zero", ON_OFF, "udp-zero-checksum" },
	{ "rfc6791v4-prefix", PREFIX4, "icmp-source" },
	{ "randomize-rfc6791-addresses", SAY,
	  "an IPv6 router has one address of icmp-source always" },
	{ "rfc6791v6-prefix", SAY,
	  "IPv4 routers are shown by their address inside the prefix" },
	{ "drop-externally-initiated-tcp", IF_ON,
	  "drop new TCP connections from IPv4 by a rule in ip filter" },
	{ "drop-icmpv6-info", IF_ON,
	  "drop ICMP echo by a rule in the raw tables" },
	{ "logging-bib", IF_ON, "let nat64-log.service log \"binding\"" },
	{ "logging-session", IF_ON, "let nat64-log.service log \"session\"" },
	{ "logging-debug", IF_ON, "see nat64ctl stats and nat64ctl get" },
	{ "trace", IF_ON, "see nat64ctl get and the tracepoints nat64:*" },
	{ "mtu-plateaus", SAY, "the plateaus are those of RFC 1191" },
	{ "handle-rst-during-fin-rcv", SAY, "a RST always ends a session soon" },
	{ "source-icmpv6-errors-better", SAY,
	  "errors have the address of the router that made them always" },
	{ "eam-hairpin-mode", SAY, "hairpinning of mapped hosts works always" },
	{ "f-args", SAY, "a client keeps one pool address, and ports are random" },
	{ "ss-enabled", IF_ON, "sessions are not shared with other routers" },
	{ "ss-capacity" },
	{ "ss-flush-asap" },
	{ "ss-flush-deadline" },
	{ "ss-max-payload" },
};

/* Unless set would refuse it. */
static void set_number(const char *option, long long number)
{
	uint32_t min, max;

	set_range(option, &min, &max);
	if (number < min || number > max)
		cannot("%s is from %u to %u, not %lld", option, min, max, number);
	else
		fprintf(out, "set %s %lld\n", option, number);
}

static void convert_option(const struct option *o, const json_t *value)
{
	unsigned long seconds;
	long long number;
	char prefix[64];

	switch (o->kind) {
	case ELSEWHERE:
		break;
	case TIME:
		if (read_time(value, &seconds))
			set_number(o->text, seconds);
		break;
	case NUMBER:
		if (read_number(value, UINT32_MAX, &number))
			set_number(o->text, number);
		break;
	case ON_OFF:
		fprintf(out, "set %s %s\n", o->text, read_bool(value) ? "on" : "off");
		break;
	case PREFIX4:
		if (!json_is_null(value) &&
		    read_prefix4(value, prefix, sizeof(prefix), 8, o->text))
			fprintf(out, "set %s %s\n", o->text, prefix);
		break;
	case IF_ON:
		if (read_bool(value))
			cannot("%s", o->text);
		break;
	case SAY:
		note("%s", o->text);
		break;
	}
}

static const json_t *get(const json_t *object, const char *list, size_t index,
			 const char *key)
{
	place(list, index, key);
	return json_object_get(object, key);
}

static void convert_pool6(const json_t *value, bool siit, bool maps)
{
	const char *inside = "it stands for IPv4 alone: IPv6 hosts inside it need an \"eip add\" each";
	char prefix[64];
	unsigned int len;

	if (!value || json_is_null(value)) {
		if (!siit)
			cannot("Jool translates nothing without");
		return;
	}
	if (!read_prefix(value, AF_INET6, prefix, sizeof(prefix), &len))
		return;
	fprintf(out, "prefix add %s private on\n", prefix);
	if (siit && maps)
		note("%s", inside);
	else if (siit)
		cannot("%s", inside);
}

static void convert_global(json_t *global, bool siit, bool maps)
{
	const json_t *value;
	const char *key;
	long long tos;
	json_t *each;

	convert_pool6(get(global, "global", 0, "pool6"), siit, maps);
	json_object_foreach(global, key, each) {
		size_t i = 0;

		place("global", 0, key);
		while (i < sizeof(options) / sizeof(options[0]) &&
		       strcmp(options[i].key, key))
			i++;
		if (i < sizeof(options) / sizeof(options[0]))
			convert_option(&options[i], each);
		else
			wrong("is no key of Jool's");
	}
	value = get(global, "global", 0, "manually-enabled");
	if (value && !read_bool(value))
		cannot("Jool was told to translate nothing");
	value = get(global, "global", 0, "zeroize-traffic-class");
	if (value && read_bool(value))
		fputs("set tclass 0\n", out);
	value = get(global, "global", 0, "override-tos");
	if (value && read_bool(value)) {
		value = get(global, "global", 0, "tos");
		if (!value || read_number(value, 255, &tos))
			fprintf(out, "set tos %lld\n", value ? tos : 0);
	}
}

/* An object that has these keys only. */
static void check_keys(json_t *object, const char *list, size_t index,
		       const char *const *keys)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		size_t i = 0;

		place(list, index, key);
		while (keys[i] && strcmp(keys[i], key))
			i++;
		if (!keys[i])
			wrong("is no key of Jool's");
	}
}

/* NULL if there is none, or it is none. */
static const json_t *array_of(const json_t *config, const char *list)
{
	const json_t *array = get(config, NULL, 0, list);

	if (!array || json_is_array(array))
		return array;
	wrong("an array is wanted");
	return NULL;
}

/* One of objects that have these keys only. */
static const json_t *list_of(const json_t *config, const char *list,
			     const char *const *keys)
{
	const json_t *array = array_of(config, list);
	size_t index;
	json_t *each;

	json_array_foreach(array, index, each) {
		place(list, index, NULL);
		if (!json_is_object(each))
			wrong("an object is wanted");
		check_keys(each, list, index, keys);
	}
	return good ? array : NULL;
}

static bool read_proto(const json_t *value, const char **proto)
{
	static const char *const protos[] = { "tcp", "udp", "icmp" };
	const char *text = text_of(value);

	for (size_t i = 0; text && i < 3; i++) {
		*proto = protos[i];
		if (!strcasecmp(text, protos[i]))
			return true;
	}
	return text ? wrong("is not TCP, UDP or ICMP") : false;
}

static bool read_ports(const json_t *value, unsigned int *min, unsigned int *max)
{
	unsigned long first, last;
	const char *text, *end;

	/* Jool's default, which leaves others to its host. */
	*min = 61001;
	*max = UINT16_MAX;
	if (!value)
		return true;
	text = text_of(value);
	if (!text)
		return false;
	end = read_digits(text, UINT16_MAX, &first);
	last = first;
	if (end && *end == '-')
		end = read_digits(end + 1, UINT16_MAX, &last);
	if (end && !*end && first <= last && last) {
		/* Port 0 is nobody's. */
		*min = first ? first : 1;
		*max = last;
		return true;
	}
	return wrong("is not a range of ports");
}

/*
 * Jool has ports for each protocol and mark; a pool here has one range for all of them.
 * The first entry of an address is taken, TCP before UDP before ICMP, others are
 * compared with it.
 */
struct entry {
	char prefix[64];
	uint32_t first, last;		/* of its addresses */
	const char *proto;
	unsigned int min, max;
	size_t index;
};

static int by_proto(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	const char order[] = "tui";
	long diff = strchr(order, *x->proto) - strchr(order, *y->proto);

	return diff ? (diff < 0 ? -1 : 1) : (x->index < y->index ? -1 : 1);
}

/* The address of a prefix that has been read, and the last one. */
static void find_ends(struct entry *e)
{
	char addr[INET_ADDRSTRLEN];
	unsigned int len = 32;
	struct in_addr in;

	sscanf(e->prefix, "%15[^/]/%u", addr, &len);
	inet_pton(AF_INET, addr, &in);
	e->first = ntohl(in.s_addr);
	e->last = e->first | (uint32_t)(UINT32_MAX * 1ULL >> len);
}

static bool for_all(const struct entry *entries, size_t count, const char *prefix)
{
	bool tcp = false, udp = false, icmp = false;

	for (const struct entry *e = entries; e < entries + count; e++) {
		if (strcmp(e->prefix, prefix))
			continue;
		tcp |= *e->proto == 't';
		udp |= *e->proto == 'u';
		icmp |= *e->proto == 'i';
	}
	return tcp && udp && icmp;
}

static void convert_pool4(const json_t *config, const char *filtering)
{
	static const char *const keys[] = { "comment", "mark", "protocol", "prefix",
					    "port range", "max-iterations", NULL };
	const json_t *array = list_of(config, "pool4", keys);
	size_t index, count = 0, first;
	struct entry *entries;
	long long mark;
	json_t *each;

	if (!array || !json_array_size(array)) {
		if (good)
			cannot("Jool took the router's own addresses, ports 61001-65535: add a pool");
		return;
	}
	entries = alloc(NULL, json_array_size(array) * sizeof(*entries));
	json_array_foreach(array, index, each) {
		struct entry *e = &entries[count];
		const json_t *value = get(each, "pool4", index, "mark");

		if (value && read_number(value, UINT32_MAX, &mark) && mark) {
			cannot("a pool for packets of mark %lld", mark);
			continue;
		}
		e->index = index;
		if (read_proto(get(each, "pool4", index, "protocol"), &e->proto) &&
		    read_prefix4(get(each, "pool4", index, "prefix"), e->prefix,
				 sizeof(e->prefix), 16, "a pool") &&
		    read_ports(get(each, "pool4", index, "port range"), &e->min,
			       &e->max))
			count++;
	}
	qsort(entries, count, sizeof(*entries), by_proto);
	for (index = 0; good && index < count; index++) {
		struct entry *e = &entries[index];

		find_ends(e);
		for (first = 0; e->first > entries[first].last ||
				entries[first].first > e->last; first++)
			;
		place("pool4", e->index, NULL);
		if (first == index && !for_all(entries, count, e->prefix))
			note("Jool did not use it for all protocols, a pool is for all");
		if (first == index)
			fprintf(out, "pool add %s ports %u-%u%s\n", e->prefix, e->min,
			       e->max, filtering);
		else if (strcmp(entries[first].prefix, e->prefix))
			cannot("%s is in part %s already, which is for all protocols",
			       e->prefix, entries[first].prefix);
		else if ((e->min != entries[first].min ||
			  e->max != entries[first].max) && *e->proto != 'i')
			cannot("%s had ports %u-%u, a pool has one range", e->proto,
			       e->min, e->max);
		else if (e->min > entries[first].min || e->max < entries[first].max)
			note("icmp had ids %u-%u, a pool has one range", e->min, e->max);
	}
	free(entries);
}

static void convert_bib(const json_t *config)
{
	static const char *const keys[] = { "comment", "protocol", "ipv6 address",
					    "ipv4 address", NULL };
	const json_t *array = list_of(config, "bib", keys);
	unsigned int port4, port6;
	char addr4[INET6_ADDRSTRLEN], addr6[INET6_ADDRSTRLEN];
	const char *proto;
	size_t index;
	json_t *each;

	json_array_foreach(array, index, each) {
		if (read_proto(get(each, "bib", index, "protocol"), &proto) &&
		    read_end(get(each, "bib", index, "ipv4 address"), AF_INET, addr4,
			     &port4) &&
		    read_end(get(each, "bib", index, "ipv6 address"), AF_INET6,
			     addr6, &port6)) {
			if (*proto != 'i' && (!port4 || !port6))
				cannot("port 0 cannot be bound");
			else
				fprintf(out, "binding add %s %s %u to %s %u\n", proto,
					addr4, port4, addr6, port6);
		}
	}
}

static void convert_eamt(const json_t *config)
{
	static const char *const keys[] = { "comment", "ipv6 prefix", "ipv4 prefix",
					    NULL };
	const json_t *array = list_of(config, "eamt", keys);
	char prefix4[64], prefix6[64];
	unsigned int len;
	size_t index;
	json_t *each;

	json_array_foreach(array, index, each) {
		if (read_prefix(get(each, "eamt", index, "ipv6 prefix"), AF_INET6,
				prefix6, sizeof(prefix6), &len) &&
		    read_prefix4(get(each, "eamt", index, "ipv4 prefix"), prefix4,
				 sizeof(prefix4), 8, "an EIP"))
			fprintf(out, "eip add %s to %s\n", prefix4, prefix6);
	}
}

static void convert_denylist(const json_t *config, const char *list)
{
	const json_t *array = array_of(config, list);
	unsigned int len;
	char prefix[64];
	size_t index;
	json_t *each;

	json_array_foreach(array, index, each) {
		place(list, index, NULL);
		if (read_prefix(each, AF_INET, prefix, sizeof(prefix), &len))
			cannot("leave packets of %s to others by a rule in the raw tables",
			       prefix);
	}
}

static const char *any_of(const json_t *object, const char *const *keys)
{
	for (; *keys; keys++)
		if (json_object_get(object, *keys))
			return *keys;
	return NULL;
}

static void convert(json_t *config)
{
	/* What only one of Jool's two translators has. */
	static const char *const siit_lists[] = { "eamt", "denylist4", "blacklist4",
						  NULL };
	static const char *const siit_options[] = {
		"amend-udp-checksum-zero", "eam-hairpin-mode", "rfc6791v4-prefix",
		"rfc6791v6-prefix", "randomize-rfc6791-addresses", NULL };
	static const char *const nat64_lists[] = { "pool4", "bib", NULL };
	static const char *const keys[] = { "comment", "instance", "framework", "global",
					    "pool4", "bib", "eamt", "denylist4",
					    "blacklist4", NULL };
	json_t *global = json_object_get(config, "global");
	const json_t *filtering;
	const char *framework, *other;
	bool siit;

	check_keys(config, NULL, 0, keys);
	other = any_of(config, nat64_lists);
	siit = any_of(config, siit_lists) || (!other && any_of(global, siit_options));
	if (siit && other) {
		place(NULL, 0, other);
		wrong("jool_siit, which has the other lists, has no such list");
	}
	framework = json_string_value(get(config, NULL, 0, "framework"));
	if (framework && !strcmp(framework, "iptables"))
		cannot("all packets of the prefix, pools and EIPs are translated, not what rules choose");
	place(NULL, 0, "global");
	if (global && !json_is_object(global))
		wrong("an object is wanted");
	else
		convert_global(global, siit,
			       json_array_size(json_object_get(config, "eamt")));
	if (siit) {
		convert_eamt(config);
		convert_denylist(config, "denylist4");
		convert_denylist(config, "blacklist4");
		return;
	}
	filtering = get(global, "global", 0, "address-dependent-filtering");
	convert_pool4(config, filtering && read_bool(filtering) ?
			      " filtering address-dependent" : "");
	convert_bib(config);
}

static int import_jool(char **args)
{
	json_error_t error;
	json_t *read, *config;
	FILE *input;
	int first;
	char *text;
	size_t size;

	file = *args;
	if (!file) {
		complain("a file is missing: - is the standard input");
		return EXIT_USAGE;
	}
	if (!arg_end(args + 1))
		return EXIT_USAGE;
	input = strcmp(file, "-") ? fopen(file, "r") : stdin;
	first = input ? getc(input) : EOF;
	if (!input || ferror(input)) {
		complain("%s: %s", file, strerror(errno));
		return EXIT_USAGE;
	}
	ungetc(first, input);
	read = json_loadf(input, JSON_REJECT_DUPLICATES, &error);
	if (input != stdin)
		fclose(input);
	if (!read) {
		if (error.line > 0)
			complain("%s:%d:%d: %s", file, error.line, error.column,
				 error.text);
		else
			complain("%s", error.text);
		return EXIT_USAGE;
	}
	config = lower_keys(read);
	json_decref(read);
	good = json_is_object(config);
	if (!config)
		complain("%s: %s: is there twice", file, where);
	else if (!good)
		complain("%s: an object is wanted", file);
	/* All or nothing. */
	out = open_memstream(&text, &size);
	if (!out) {
		json_decref(config);
		return EXIT_KERNEL;
	}
	if (good)
		convert(config);
	fclose(out);
	if (good)
		fwrite(text, 1, size, stdout);
	free(text);
	json_decref(config);
	if (good && differs)
		complain("%s: not all of it can be converted, see the lines NOT CONVERTED",
			 file);
	return !good ? EXIT_USAGE : differs ? EXIT_DIFFERS : EXIT_OK;
}

static const struct verb verbs[] = {
	{ "jool", import_jool },
	{ 0 }
};

const struct noun import_noun = {
	.name = "import",
	.help =
"nat64ctl import jool FILE\n"
"\n"
"Print the commands for what a configuration of Jool, the JSON that \"jool file handle\"\n"
"and \"jool_siit file handle\" read, asks for: a file for \"nat64ctl check\" and \"apply\".\n"
"Nothing is changed.  What works otherwise here is told of in comments; what cannot be\n"
"converted is a comment \"NOT CONVERTED\", and then the exit code is 3.  A key that Jool\n"
"does not know, or a value that is none, is an error.  - is the standard input.\n",
	.verbs = verbs,
};
