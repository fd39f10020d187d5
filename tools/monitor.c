// SPDX-License-Identifier: GPL-2.0
/*
 * "monitor": what happens, as it happens.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nat64ctl.h"

/* Of events that wait to be read. */
#define BUFFER_KIB (16 * 1024)

#define GROUPS __NAT64_EVENTS_MAX

/* Words that may be given: groups, and what else. */
enum { EXISTING = GROUPS, BUFFER, WORDS };
static const char *const groups[WORDS] = {
	[NAT64_EVENTS_SESSION] = NAT64_GENL_GROUP_SESSION,
	[NAT64_EVENTS_BINDING] = NAT64_GENL_GROUP_BINDING,
	[NAT64_EVENTS_REFUSAL] = NAT64_GENL_GROUP_REFUSAL,
	[NAT64_EVENTS_CONFIG] = NAT64_GENL_GROUP_CONFIG,
	[NAT64_EVENTS_BLOCK] = NAT64_GENL_GROUP_BLOCK,
	[EXISTING] = "existing",
	[BUFFER] = "buffer",
};

static const struct {
	uint8_t cmd;
	const struct noun *noun;	/* whose line the attributes make */
	bool del;
	const char *text;		/* or what there is to say */
} commands[] = {
	{ NAT64_CMD_PREFIX_ADD, &prefix_noun },
	{ NAT64_CMD_PREFIX_DEL, &prefix_noun, true },
	{ NAT64_CMD_PREFIX_FLUSH, .text = "prefix flush" },
	{ NAT64_CMD_POOL_ADD, &pool_noun },
	{ NAT64_CMD_POOL_DEL, &pool_noun, true },
	{ NAT64_CMD_POOL_FLUSH, .text = "pool flush" },
	{ NAT64_CMD_EIP_ADD, &eip_noun },
	{ NAT64_CMD_EIP_DEL, &eip_noun, true },
	{ NAT64_CMD_EIP_FLUSH, .text = "eip flush" },
	{ NAT64_CMD_BINDING_ADD, &binding_noun },
	{ NAT64_CMD_BINDING_DEL, &binding_noun, true },
	{ NAT64_CMD_BINDING_FLUSH, .text = "binding flush" },
	{ NAT64_CMD_TRANSACTION_COMMIT, .text = "apply" },
};

/* A command as somebody would have typed it. */
static void write_command(uint8_t cmd, const struct nlattr *request, FILE *out)
{
	const struct nlattr *attrs[64];
	char *text, *to, *verb;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct noun *noun = commands[i].noun;

		if (commands[i].cmd != cmd)
			continue;
		if (!noun) {
			fputs(commands[i].text, out);
			return;
		}
		nl_parse_nested(request, noun->maxattr, attrs);
		text = noun_line(noun, attrs);
		if (!text)
			return;
		to = strstr(text, " to ");
		verb = strstr(text, " add ");
		if (commands[i].del && to)
			*to = 0;
		if (commands[i].del && verb)
			memcpy(verb, " del ", 5);
		fputs(text, out);
		free(text);
		return;
	}
	if (cmd == NAT64_CMD_CONFIG_SET) {
		nl_parse_nested(request, NAT64_CONFIG_MAX, attrs);
		set_given(attrs, out);
	} else if (cmd == NAT64_CMD_INTERFACE_SET) {
		nl_parse_nested(request, NAT64_INTERFACE_MAX, attrs);
		interface_given(attrs, out);
	} else if (cmd == NAT64_CMD_SESSION_FLUSH) {
		nl_parse_nested(request, NAT64_SESSION_MAX, attrs);
		session_flush_given(attrs, out);
	} else {
		fprintf(out, "command %u", cmd);
	}
}

/* Tables of which events tell, and whose entries may be there before. */
static const struct table {
	uint8_t group, cmd, nest;
	unsigned int maxattr;
	nl_entry_t *print;
} tables[] = {
	{ NAT64_EVENTS_SESSION, NAT64_CMD_SESSION_GET, NAT64_EVENT_SESSION,
	  NAT64_SESSION_MAX, session_tuples },
	{ NAT64_EVENTS_BINDING, NAT64_CMD_BINDING_GET, NAT64_EVENT_BINDING,
	  NAT64_BINDING_MAX, binding_ends },
	{ NAT64_EVENTS_BLOCK, NAT64_CMD_BLOCK_GET, NAT64_EVENT_BLOCK,
	  NAT64_BLOCK_MAX, block_print },
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

static void print_entries(const struct nlattr **event)
{
	const struct nlattr *attrs[NAT64_SESSION_MAX + 1];

	for (const struct table *t = tables; t < tables + TABLES; t++) {
		if (!event[t->nest])
			continue;
		nl_parse_nested(event[t->nest], t->maxattr, attrs);
		t->print(attrs);
	}
}

static void print_config(const struct nlattr **attrs)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	write_command(nl_u8(attrs[NAT64_EVENT_COMMAND]),
		      attrs[NAT64_EVENT_REQUEST], out);
	fclose(out);
	out_word("command", text);
	free(text);
}

static const char *const types[] = {
	[NAT64_EVENT_CREATED] = "created",
	[NAT64_EVENT_ENDED] = "ended",
	[NAT64_EVENT_REFUSED] = "refused",
	[NAT64_EVENT_CONFIG] = "changed",
};

/* Of each CPU and group, the last number that was seen, and what the kernel had told. */
static struct numbers {
	uint64_t seen[GROUPS], told[GROUPS];
} *numbers;
static size_t cpus;
static bool wanted[GROUPS];

static struct numbers *numbers_of(const struct nlattr **attrs)
{
	uint32_t cpu = nl_u32(attrs[NAT64_EVENT_CPU]);

	if (cpu >= cpus) {
		numbers = alloc(numbers, (cpu + 1) * sizeof(*numbers));
		memset(numbers + cpus, 0, (cpu + 1 - cpus) * sizeof(*numbers));
		cpus = cpu + 1;
	}
	return &numbers[cpu];
}

/* What was lost on the way, by the gap in the numbers. */
static uint64_t count_lost(const struct nlattr **attrs, uint8_t group)
{
	uint64_t number = nl_u64(attrs[NAT64_EVENT_NUMBER]);
	uint64_t *seen = &numbers_of(attrs)->seen[group], before = *seen;

	/* It may have come before the number that was asked for. */
	if (number <= before)
		return 0;
	*seen = number;
	return number - before - 1;
}

static uint8_t group_of(const struct nlattr **attrs)
{
	return nl_u8(attrs[NAT64_EVENT_GROUP]) % GROUPS;
}

static void store_told(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_EVENT_MAX + 1];

	(void)arg;
	nl_parse(nlh, NAT64_EVENT_MAX, attrs);
	numbers_of(attrs)->told[group_of(attrs)] =
		nl_u64(attrs[NAT64_EVENT_NUMBER]);
}

static int ask_told(void)
{
	return nl_walk(nl_request(NAT64_CMD_EVENT, true), store_told, NULL);
}

static void begin(uint64_t time, const char *group, const char *event)
{
	out_line_begin();
	out_time("time", time);
	out_word("group", group);
	out_word("event", event);
}

/* What exists is to be told of, of these groups. */
static bool unknown[GROUPS];

static void print_lost(uint64_t time, uint8_t group, uint64_t count)
{
	unknown[group] = true;
	begin(time, groups[group], "lost");
	out_num("count", count);
	out_line_end();
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

static bool existing;

struct listing {
	const struct table *table;
	uint64_t time, count;
};

static void print_existing(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attrs[NAT64_SESSION_MAX + 1];
	struct listing *listing = arg;
	const struct table *table = listing->table;

	nl_parse(nlh, table->maxattr, attrs);
	begin(listing->time, groups[table->group], "exists");
	table->print(attrs);
	out_line_end();
	listing->count++;
}

static void print_listed(const struct listing *listing)
{
	begin(listing->time, groups[listing->table->group], "listed");
	out_num("count", listing->count);
	out_line_end();
}

/* By the time that was before: what happens meanwhile comes later. */
static int list_existing(void)
{
	int code = EXIT_OK;

	for (size_t i = 0; !code && existing && i < TABLES; i++) {
		struct listing listing = { &tables[i], now(), 0 };
		bool *list = &unknown[tables[i].group];

		if (!*list || !wanted[tables[i].group])
			continue;
		*list = false;
		code = nl_walk(nl_request(tables[i].cmd, true), print_existing,
			       &listing);
		if (!code)
			print_listed(&listing);
	}
	return code;
}

/* What was told before counts from here on. */
static int joined(void)
{
	int code = ask_told();

	for (size_t cpu = 0; cpu < cpus; cpu++)
		memcpy(numbers[cpu].seen, numbers[cpu].told,
		       sizeof(numbers[cpu].seen));
	memset(unknown, true, sizeof(unknown));
	return code ? code : list_existing();
}

/* What was told a while ago, and has not come, will not come any more. */
static int settled(void)
{
	for (size_t cpu = 0; cpu < cpus; cpu++) {
		for (uint8_t group = 0; group < GROUPS; group++) {
			struct numbers *n = &numbers[cpu];

			if (!wanted[group] || n->told[group] <= n->seen[group])
				continue;
			print_lost(now(), group,
				   n->told[group] - n->seen[group]);
			n->seen[group] = n->told[group];
		}
	}
	return list_existing();
}

static bool print(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[NAT64_EVENT_MAX + 1];
	uint64_t time, lost;
	uint8_t group, type;

	if (genl->cmd != NAT64_CMD_EVENT)
		return false;
	nl_parse(nlh, NAT64_EVENT_MAX, attrs);
	time = nl_u64(attrs[NAT64_EVENT_TIME]);
	type = nl_u8(attrs[NAT64_EVENT_TYPE]);
	group = group_of(attrs);
	lost = count_lost(attrs, group);
	if (lost)
		print_lost(time, group, lost);
	begin(time, groups[group],
	      type < sizeof(types) / sizeof(types[0]) ? types[type] : "?");
	if (attrs[NAT64_EVENT_REASON])
		out_word("reason", nl_str(attrs[NAT64_EVENT_REASON]));
	print_entries(attrs);
	if (group == NAT64_EVENTS_CONFIG)
		print_config(attrs);
	out_line_end();
	return lost;
}

static int run(char **args)
{
	static const struct listener listener = {
		.joined = joined,
		.event = print,
		.list = list_existing,
		.ask = ask_told,
		.settled = settled,
	};
	bool given[WORDS] = { false }, any = false;
	const char *names[GROUPS];
	uint32_t kib = BUFFER_KIB;
	size_t count = 0;

	for (; *args; args++) {
		const char *const *word;

		word = arg_entry(*args, groups, sizeof(groups[0]), WORDS,
				 "a group of events (see nat64ctl monitor help)");
		if (!word || !arg_once(&given[word - groups], *word))
			return EXIT_USAGE;
		if (word - groups < GROUPS)
			any = true;
		else if (word - groups == BUFFER &&
			 !arg_u32(*++args, "buffer", 16, 1024 * 1024, &kib))
			return EXIT_USAGE;
	}
	existing = given[EXISTING];
	for (size_t i = 0; i < GROUPS; i++) {
		wanted[i] = !any || given[i];
		if (wanted[i])
			names[count++] = groups[i];
	}
	return nl_listen(names, count, kib * 1024, &listener);
}

const struct noun monitor_noun = {
	.name = "monitor",
	.help =
"nat64ctl monitor [ session ] [ binding ] [ block ] [ refusal ] [ config ]\n"
"                 [ existing ] [ buffer KIB ]\n"
"\n"
"Tell what happens as it happens, of the groups given or of all, until it is\n"
"interrupted; with -j one JSON object a line.  Each line begins with the time (UTC),\n"
"the group and the event; the kernel gathers them, so that lines of other groups or\n"
"CPUs may be a twentieth of a second late, but for blocks, which are in order:\n"
"\n"
"  session    created, ended\n"
"  binding    created, ended\n"
"  block      created, ended: ports that a client has, of pools with block-size\n"
"  refusal    refused: a limit, or a pool without a free port, has kept a packet\n"
"             from opening a session; told of once a second for each reason\n"
"  config     changed: the command that has changed the configuration, or ended\n"
"             sessions\n"
"  any        lost: so many events of this group came faster than they were read\n"
"\n"
"\"existing\" tells first of the sessions, bindings and blocks that there are, as\n"
"\"exists\", and then, as \"listed\", how many these were; and again when some of their\n"
"events were lost.  \"buffer\" is the memory for events that come faster than they are\n"
"read, 16 to 1048576 KiB, default 16384.\n",
	.run = run,
};
