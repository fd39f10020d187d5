// SPDX-License-Identifier: GPL-2.0
/*
 * "whois ... at TIME": which client had an IPv4 address and port, by a log of "monitor"
 * (RFC 6888 REQ-12, RFC 6302).
 */
#include <errno.h>
#include <jansson.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nat64ctl.h"

#define SECOND UINT64_C(1000000000)

/* Groups of events whose entries have an address and port. */
static const struct group {
	const char *name, *addr, *port;		/* keys; of a block, a range of ports */
} groups[] = {
	{ NAT64_GENL_GROUP_BLOCK, "addr4", "ports" },
	{ NAT64_GENL_GROUP_BINDING, "addr4", "port4" },
	{ NAT64_GENL_GROUP_SESSION, "local4", "lport4" },
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

/* What the log says of who is asked for. */
struct event {
	enum { CREATED, EXISTS, LISTED, ENDED } type;
	const struct group *group;
	uint64_t time;
	size_t line;		/* events of one time are in the order of the log */
	/* NULL of LISTED, which is said of all. */
	json_t *entry;
	char *key;		/* the same as text */
};

/* Who had it, and when. */
struct tenure {
	const struct event *event;
	uint64_t begin, end;
	bool seen;		/* it had begun before, who knows when */
	bool open;
	bool guessed;		/* its end is not in the log */
	bool listed;		/* by the list that is being read */
};

static struct event *events;
static size_t event_count, event_room;
static struct tenure *tenures;
static size_t tenure_count;
static void *by_key;		/* of each entry the last tenure */

/*
 * Times of which nothing is known, the last of which there is something, and of the
 * first list of all that there was.
 */
static uint64_t last[GROUPS], listed[GROUPS], log_begins, log_ends, gap_begins, gap_ends;

/* As out_time() prints it, in ns; of a time without a fraction, the second as a whole. */
static bool read_time(const char *text, uint64_t *begin, uint64_t *end)
{
	uint64_t unit = SECOND;
	struct tm tm = { 0 };
	const char *rest;
	int day;

	rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!rest || tm.tm_year < 70)
		return false;
	/* The 31st of February would be in March. */
	day = tm.tm_mday;
	*begin = (uint64_t)timegm(&tm) * SECOND;
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9' && unit > 1; rest++) {
			unit /= 10;
			*begin += unit * (*rest - '0');
		}
	*end = *begin + unit;
	return tm.tm_mday == day && (!strcmp(rest, "Z") || !*rest);
}

static const char *member(const json_t *line, const char *key)
{
	const char *value = json_string_value(json_object_get(line, key));

	return value ? value : "";
}

static bool has_port(const json_t *entry, const struct group *group, uint16_t port)
{
	const json_t *value = json_object_get(entry, group->port);
	uint16_t min, max;

	if (json_is_integer(value))
		return json_integer_value(value) == port;
	return json_is_string(value) &&
	       sscanf(json_string_value(value), "%hu-%hu", &min, &max) == 2 &&
	       min <= port && port <= max;
}

static bool concerns(const json_t *entry, const struct group *group,
		     const struct held *who)
{
	const char *proto = member(entry, "proto");

	return !strcmp(member(entry, group->addr), str4(who->addr)) &&
	       (who->any_port || has_port(entry, group, who->port)) &&
	       (who->any_proto || !*proto || !strcmp(proto, proto_name(who->proto)));
}

/* Between what it told of the group before and now, the log may have missed some. */
static void gap(const struct group *group, uint64_t now, const struct held *who)
{
	uint64_t before = last[group - groups];

	if (!before || before >= who->end || now <= who->begin || gap_ends)
		return;
	gap_begins = before;
	gap_ends = now;
}

static void add_event(const struct event *event)
{
	if (event_count == event_room) {
		event_room = 2 * event_room + 64;
		events = alloc(events, event_room * sizeof(*events));
	}
	events[event_count++] = *event;
}

/* False if it is no line of the monitor's. */
static bool read_line(json_t *line, size_t number, const struct held *who)
{
	static const char *const types[] = {
		[CREATED] = "created", [EXISTS] = "exists", [LISTED] = "listed",
		[ENDED] = "ended",
	};
	struct event event = { .line = number };
	const char *type = member(line, "event");
	uint64_t end;

	if (!read_time(member(line, "time"), &event.time, &end) || !*type)
		return false;
	if (!log_begins)
		log_begins = event.time;
	if (log_ends < event.time)
		log_ends = event.time;
	for (event.group = groups; event.group < groups + GROUPS; event.group++)
		if (!strcmp(member(line, "group"), event.group->name))
			break;
	if (event.group == groups + GROUPS)
		return true;
	while (event.type <= ENDED && strcmp(type, types[event.type]))
		event.type++;
	if (event.type > ENDED || event.type == LISTED)
		gap(event.group, event.time, who);
	if (event.type == LISTED && !listed[event.group - groups])
		listed[event.group - groups] = event.time;
	if (event.type == LISTED ||
	    (event.type <= ENDED && concerns(line, event.group, who))) {
		if (event.type != LISTED) {
			json_object_del(line, "time");
			json_object_del(line, "event");
			event.key = json_dumps(line, JSON_SORT_KEYS | JSON_COMPACT);
			if (!event.key)
				return false;
			event.entry = json_incref(line);
		}
		add_event(&event);
	}
	/* A list tells of one moment: none of its lines fills the gap before it. */
	if (event.type != EXISTS && last[event.group - groups] < event.time)
		last[event.group - groups] = event.time;
	return true;
}

/* After so many lines that are wrong nobody reads of more. */
#define WRONG_MAX 20

/*
 * An exit code; what can be read is read even if some cannot.  Others may write to the
 * same log.
 */
static int read_log(const char *file, const struct held *who)
{
	const char *name = strcmp(file, "-") ? file : "stdin";
	FILE *f = strcmp(file, "-") ? fopen(file, "r") : stdin;
	size_t size = 0, number = 0, wrong = 0;
	int code = EXIT_OK;
	char *text = NULL;

	if (!f) {
		complain("%s: %s", name, strerror(errno));
		return EXIT_USAGE;
	}
	while (getline(&text, &size, f) >= 0) {
		const char *json = strchr(text, '{');
		json_t *line;

		number++;
		if (!json || !strstr(json, "\"group\":"))
			continue;
		line = json_loads(json, 0, NULL);
		if (!line || !read_line(line, number, who)) {
			if (wrong++ < WRONG_MAX)
				complain("%s:%zu: not a line of nat64ctl -j monitor", name,
					 number);
			code = EXIT_USAGE;
		}
		json_decref(line);
	}
	if (wrong > WRONG_MAX)
		complain("%s: and %zu more", name, wrong - WRONG_MAX);
	if (ferror(f)) {
		complain("%s: %s", name, strerror(errno));
		code = EXIT_USAGE;
	} else if (!log_begins) {
		complain("%s: there is no line of nat64ctl -j monitor", name);
		code = EXIT_USAGE;
	}
	free(text);
	if (f != stdin)
		fclose(f);
	return code;
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->line < y->line ? -1 : 1;
}

static int by_entry(const void *a, const void *b)
{
	const struct tenure *x = a, *y = b;

	return strcmp(x->event->key, y->event->key);
}

static struct tenure *find(const struct event *event)
{
	const struct tenure sought = { .event = event };
	struct tenure **found = tfind(&sought, &by_key, by_entry);

	return found ? *found : NULL;
}

static struct tenure *begin(const struct event *event)
{
	struct tenure *t = &tenures[tenure_count++], **last_one;
	uint64_t end;

	*t = (struct tenure) { .event = event, .open = true };
	/* Of blocks it is told. */
	if (!read_time(member(event->entry, "since"), &t->begin, &end)) {
		t->begin = event->time;
		t->seen = event->type != CREATED;
	}
	last_one = tsearch(t, &by_key, by_entry);
	if (last_one)
		*last_one = t;
	return t;
}

/* What a list does not have has ended before it. */
static void end_others(const struct event *list)
{
	for (struct tenure *t = tenures; t < tenures + tenure_count; t++) {
		if (t->event->group != list->group)
			continue;
		if (t->open && !t->listed) {
			t->open = false;
			t->guessed = true;
			t->end = list->time;
		}
		t->listed = false;
	}
}

static void replay(const struct event *event)
{
	struct tenure *t;

	if (event->type == LISTED) {
		end_others(event);
		return;
	}
	t = find(event);
	if (event->type != ENDED) {
		if (!t || !t->open)
			t = begin(event);
		t->listed = event->type == EXISTS;
		return;
	}
	if (!t) {
		t = begin(event);
		/* Its beginning is in an older log. */
		if (t->seen && !listed[event->group - groups])
			t->begin = log_begins;
	}
	if (t->open || t->guessed) {
		t->open = t->guessed = false;
		t->end = event->time;
	}
}

static void print(const struct tenure *t)
{
	const char *key;
	json_t *value;

	out_begin();
	out_word("group", t->event->group->name);
	json_object_foreach(t->event->entry, key, value) {
		if (!strcmp(key, "group") || !strcmp(key, "since"))
			continue;
		if (json_is_string(value))
			out_str(key, json_string_value(value));
		else
			out_num(key, json_integer_value(value));
	}
	out_keyed_time(t->seen ? "seen" : "since", t->begin);
	if (!t->open)
		out_keyed_time(t->guessed ? "gone" : "until", t->end);
	out_end();
}

bool held_time(const char *word, struct held *who)
{
	if (!at(word))
		return fail("a time is missing");
	return read_time(word, &who->begin, &who->end) ||
	       fail("\"%s\" is not a time in UTC, such as 2026-11-23T03:12:44Z", word);
}

static const char *time_text(uint64_t ns)
{
	static char texts[2][32];
	static unsigned int next;
	char *text = texts[next++ % 2];
	time_t seconds = ns / SECOND;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(texts[0]), "%FT%TZ", &tm);
	return text;
}

/* Is there a group of which the log does not tell what there was before? */
static bool begins_in_the_middle(const struct held *who)
{
	for (size_t i = 0; i < GROUPS; i++)
		if (last[i] && (!listed[i] || listed[i] >= who->end))
			return true;
	return false;
}

static void say_what_is_missing(const struct held *who)
{
	if (who->end <= log_begins)
		complain("the log begins at %s", time_text(log_begins));
	else if (who->begin > log_ends)
		complain("the log ends at %s", time_text(log_ends));
	else if (gap_ends)
		complain("the log may have missed something from %s to %s",
			 time_text(gap_begins), time_text(gap_ends));
	else if (begins_in_the_middle(who))
		complain("the log does not begin with a list of what there was: put the one before it in front");
}

static void forget(void *nothing)
{
	(void)nothing;
}

/* Others may be asked for behind it. */
static void forget_all(void)
{
	for (size_t i = 0; i < event_count; i++) {
		json_decref(events[i].entry);
		free(events[i].key);
	}
	tdestroy(by_key, forget);
	by_key = NULL;
	free(tenures);
	tenures = NULL;
	event_count = tenure_count = 0;
	memset(last, 0, sizeof(last));
	memset(listed, 0, sizeof(listed));
	log_begins = log_ends = gap_begins = gap_ends = 0;
}

static size_t print_holders(const struct held *who)
{
	size_t found = 0;

	if (event_count)
		qsort(events, event_count, sizeof(*events), by_time);
	tenures = alloc(NULL, (event_count + 1) * sizeof(*tenures));
	for (size_t i = 0; i < event_count; i++)
		replay(&events[i]);
	out_list_begin();
	for (struct tenure *t = tenures; t < tenures + tenure_count; t++) {
		if (t->begin >= who->end || (!t->open && t->end <= who->begin))
			continue;
		print(t);
		found++;
	}
	out_list_end();
	return found;
}

/*
 * Print who had it, by the lines of a file, or of the standard input ("-").  An exit
 * code.
 */
int held(const char *file, const struct held *who)
{
	int code = read_log(file, who);

	if (log_begins) {
		size_t found = print_holders(who);

		say_what_is_missing(who);
		if (!found)
			complain("nobody had it then, by the log");
		code = code ? code : found ? EXIT_OK : EXIT_DIFFERS;
	}
	forget_all();
	return code;
}
