// SPDX-License-Identifier: GPL-2.0
/*
 * "top": rates, sessions, pools, drops and the busiest clients, on the whole screen,
 * again and again.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/genetlink.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "nat64ctl.h"

#define INTERVAL	2	/* seconds */
#define CTRL_C		3
#define COUNTERS_MAX	128
#define NAME_SIZE	32

struct counter {
	char name[NAME_SIZE];
	bool drop;
	uint64_t value;
};

struct pool {
	char name[INET_ADDRSTRLEN + 4];
	uint64_t ports, used[3];
	uint32_t blocks, blocks_used;
};

struct client {
	char name[INET6_ADDRSTRLEN + 5];
	uint32_t sessions, from4, ports;
};

/* What was read of the kernel at a time. */
struct state {
	double time;	/* seconds, since some point */
	uint32_t sessions, bindings, session_max;
	bool active;
	struct counter counters[COUNTERS_MAX];
	size_t counter_count;
	struct pool *pools;
	size_t pool_count;
	struct client *clients;		/* the busiest first */
	size_t client_count, client_room;
};

/* By what clients are the busiest. */
static const struct order {
	int key;
	const char *name;
} orders[] = {
	{ 's', "sessions" }, { '4', "sessions from IPv4" }, { 'p', "ports" },
};

static const struct order *order = orders;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int read_counter(const struct nlattr *nest, void *data)
{
	const struct nlattr *attrs[NAT64_STATS_MAX + 1];
	struct state *now = data;
	struct counter *c = &now->counters[now->counter_count];

	if (mnl_attr_get_type(nest) != NAT64_STATS_COUNTER ||
	    now->counter_count == COUNTERS_MAX)
		return MNL_CB_OK;
	nl_parse_nested(nest, NAT64_STATS_MAX, attrs);
	snprintf(c->name, sizeof(c->name), "%s", nl_str(attrs[NAT64_STATS_NAME]));
	c->drop = attrs[NAT64_STATS_DROP];
	c->value = nl_u64(attrs[NAT64_STATS_VALUE]);
	now->counter_count++;
	return MNL_CB_OK;
}

static void read_stats(const struct nlmsghdr *nlh, void *now)
{
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), read_counter, now);
}

static void read_status(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attrs[NAT64_STATUS_MAX + 1];
	struct state *now = data;

	nl_parse(nlh, NAT64_STATUS_MAX, attrs);
	now->active = nl_u8(attrs[NAT64_STATUS_ACTIVE]);
	now->sessions = nl_u32(attrs[NAT64_STATUS_SESSIONS]);
	now->bindings = nl_u32(attrs[NAT64_STATUS_BINDINGS]);
}

static void read_config(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attrs[NAT64_CONFIG_MAX + 1];
	struct state *now = data;

	nl_parse(nlh, NAT64_CONFIG_MAX, attrs);
	now->session_max = nl_u32(attrs[NAT64_CONFIG_SESSION_MAX]);
}

static void read_pool(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attrs[NAT64_POOL_MAX + 1];
	struct state *now = data;
	struct pool *p;
	uint8_t len;

	nl_parse(nlh, NAT64_POOL_MAX, attrs);
	now->pools = alloc(now->pools, (now->pool_count + 1) * sizeof(*p));
	p = &now->pools[now->pool_count++];
	len = nl_u8(attrs[NAT64_POOL_LEN]) % 33;
	snprintf(p->name, sizeof(p->name), "%s/%u",
		 str4(nl_in(attrs[NAT64_POOL_ADDR])), len);
	p->ports = (nl_u16(attrs[NAT64_POOL_PORT_MAX]) -
		    nl_u16(attrs[NAT64_POOL_PORT_MIN]) + UINT64_C(1)) << (32 - len);
	p->used[0] = nl_u32(attrs[NAT64_POOL_USED_TCP]);
	p->used[1] = nl_u32(attrs[NAT64_POOL_USED_UDP]);
	p->used[2] = nl_u32(attrs[NAT64_POOL_USED_ICMP]);
	p->blocks = nl_u32(attrs[NAT64_POOL_BLOCKS]);
	p->blocks_used = nl_u32(attrs[NAT64_POOL_BLOCKS_USED]);
}

static uint32_t busy(const struct client *c)
{
	return order->key == 's' ? c->sessions :
	       order->key == '4' ? c->from4 : c->ports;
}

/* Those that the screen has room for. */
static void read_client(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attrs[NAT64_CLIENT_MAX + 1];
	struct state *now = data;
	struct client c;
	size_t i;

	nl_parse(nlh, NAT64_CLIENT_MAX, attrs);
	c.sessions = nl_u32(attrs[NAT64_CLIENT_SESSIONS]);
	c.from4 = nl_u32(attrs[NAT64_CLIENT_SESSIONS4]);
	c.ports = nl_u32(attrs[NAT64_CLIENT_PORTS]);
	for (i = now->client_count; i && busy(&now->clients[i - 1]) < busy(&c); i--)
		if (i < now->client_room)
			now->clients[i] = now->clients[i - 1];
	if (i == now->client_room)
		return;
	snprintf(c.name, sizeof(c.name), "%s/%u",
		 str6(nl_in6(attrs[NAT64_CLIENT_PREFIX])),
		 nl_u8(attrs[NAT64_CLIENT_LEN]));
	now->clients[i] = c;
	if (now->client_count < now->client_room)
		now->client_count++;
}

static void forget(struct state *s)
{
	free(s->pools);
	free(s->clients);
	memset(s, 0, sizeof(*s));
}

/*
 * As many as the screen has lines, the busiest.  There may be a million of them: those
 * who are far from what was on the screen before are left out.  An exit code.
 */
static int read_clients(struct state *now, const struct state *before)
{
	struct nlmsghdr *nlh = nl_request(NAT64_CMD_CLIENT_GET, true);
	const struct client *last;

	if (before && before->client_count == before->client_room) {
		last = &before->clients[before->client_count - 1];
		mnl_attr_put_u32(nlh, NAT64_CLIENT_SESSIONS, busy(last) / 2);
	}
	now->client_count = 0;
	now->client_room = LINES;
	now->clients = alloc(now->clients, LINES * sizeof(*now->clients));
	return nl_walk(nlh, read_client, now);
}

/* An exit code. */
static int read_state(struct state *now, const struct state *before)
{
	int code = nl_visit(NAT64_CMD_STATS_GET, read_stats, now);

	now->time = seconds();
	if (!code)
		code = nl_visit(NAT64_CMD_STATUS_GET, read_status, now);
	if (!code)
		code = nl_visit(NAT64_CMD_CONFIG_GET, read_config, now);
	if (!code)
		code = nl_walk(nl_request(NAT64_CMD_POOL_GET, true), read_pool, now);
	return code ? code : read_clients(now, before);
}

static const struct counter *counter(const struct state *s, const char *name)
{
	for (size_t i = 0; i < s->counter_count; i++)
		if (!strcmp(s->counters[i].name, name))
			return &s->counters[i];
	return NULL;
}

/* A second, since the state before. */
static double rate(const struct state *now, const struct state *before,
		   const char *name)
{
	const struct counter *a = counter(before, name), *b = counter(now, name);

	if (!a || !b || now->time <= before->time)
		return 0;
	return (b->value - a->value) / (now->time - before->time);
}

static void heading(const char *text)
{
	int y, x;

	attron(A_REVERSE);
	addstr(text);
	getyx(stdscr, y, x);
	for (; x < COLS; x++)
		mvaddch(y, x, ' ');
	attroff(A_REVERSE);
	move(y + 1, 0);
}

/* What does not fit a line is cut. */
__attribute__((format(printf, 1, 2)))
static void line(const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	addnstr(text, COLS - 1);
	move(getcury(stdscr) + 1, 0);
}

static double percent(double part, double whole)
{
	return whole ? 100 * part / whole : 0;
}

static void draw_rates(const struct state *now, const struct state *before)
{
	line("sessions %" PRIu32 " of %" PRIu32 " (%.1f%%), %.0f new and %.0f ended a second",
	     now->sessions, now->session_max,
	     percent(now->sessions, now->session_max),
	     rate(now, before, "session_created"),
	     rate(now, before, "session_ended"));
	line("bindings %" PRIu32, now->bindings);
	line("packets a second: %.0f to IPv4, %.0f to IPv6, of them %.0f by the fast path",
	     rate(now, before, "translated_64"), rate(now, before, "translated_46"),
	     rate(now, before, "fastpath"));
}

static void draw_pools(const struct state *now, size_t rows)
{
	heading("POOL                        TCP             UDP            ICMP     BLOCKS");
	for (size_t i = 0; i < now->pool_count && i < rows; i++) {
		const struct pool *p = &now->pools[i];
		char blocks[32] = "";

		if (p->blocks)
			snprintf(blocks, sizeof(blocks), "%u/%u", p->blocks_used,
				 p->blocks);
		line("%-18s %6" PRIu64 " %5.1f%%  %6" PRIu64 " %5.1f%%  %6" PRIu64
		     " %5.1f%% %10s", p->name,
		     p->used[0], percent(p->used[0], p->ports),
		     p->used[1], percent(p->used[1], p->ports),
		     p->used[2], percent(p->used[2], p->ports), blocks);
	}
}

struct drop {
	const struct counter *counter;
	double rate;
};

/* What happens most now, and what has happened most. */
static int by_rate(const void *a, const void *b)
{
	const struct drop *x = a, *y = b;

	if (x->rate != y->rate)
		return x->rate < y->rate ? 1 : -1;
	return (x->counter->value < y->counter->value) -
	       (x->counter->value > y->counter->value);
}

static void draw_drops(const struct state *now, const struct state *before,
		       size_t rows)
{
	struct drop drops[COUNTERS_MAX];
	size_t count = 0;

	heading("DROPPED               A SECOND           TOTAL");
	for (size_t i = 0; i < now->counter_count; i++) {
		const struct counter *c = &now->counters[i];

		if (c->drop && c->value)
			drops[count++] = (struct drop){
				c, rate(now, before, c->name) };
	}
	qsort(drops, count, sizeof(*drops), by_rate);
	for (size_t i = 0; i < count && i < rows; i++)
		line("%-20s %9.0f %15" PRIu64, drops[i].counter->name,
		     drops[i].rate, drops[i].counter->value);
}

static void draw_clients(const struct state *now)
{
	char text[128];

	snprintf(text, sizeof(text), "CLIENT, by %-33s SESSIONS  FROM IPV4      PORTS",
		 order->name);
	heading(text);
	for (size_t i = 0; i < now->client_count; i++) {
		const struct client *c = &now->clients[i];

		line("%-43s %9" PRIu32 "  %9" PRIu32 "  %9" PRIu32, c->name,
		     c->sessions, c->from4, c->ports);
	}
}

/* Each part has a share of the lines, and clients what is left. */
static size_t rows_of_part(void)
{
	return LINES > 16 ? (LINES - 8) / 4 : 2;
}

static void draw(const struct state *now, const struct state *before,
		 unsigned int interval, bool paused)
{
	char clock[16];
	time_t t = time(NULL);
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(clock, sizeof(clock), "%T", &tm);
	erase();
	line("nat64 top, %s, every %u s%s%s    q quit, space pause, clients by s 4 p",
	     clock, interval, now->active ? "" : ", not active",
	     paused ? ", paused" : "");
	draw_rates(now, before);
	draw_pools(now, rows_of_part());
	draw_drops(now, before, rows_of_part());
	draw_clients(now);
	refresh();
}

/* Milliseconds until it is time to read again. */
static int wait_ms(const struct state *now, unsigned int interval, bool paused)
{
	double left = now->time + interval - seconds();

	return paused ? -1 : left > 0 ? left * 1000 + 1 : 0;
}

/* Those of a key, if it is one of these.  An exit code. */
static int reorder(int key, struct state *now)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		if (orders[i].key != key)
			continue;
		order = &orders[i];
		return read_clients(now, NULL);
	}
	return EXIT_OK;
}

/* An exit code. */
static int go_on(unsigned int interval)
{
	struct state now = { 0 }, before = { 0 };
	bool paused = false, quit = false;
	int code = read_state(&now, NULL), key;

	while (!code && !quit) {
		draw(&now, before.counter_count ? &before : &now, interval, paused);
		timeout(wait_ms(&now, interval, paused));
		key = getch();
		if (key == 'q' || key == CTRL_C)
			quit = true;
		else if (key == ' ')
			paused = !paused;
		else
			code = reorder(key, &now);
		if (code || quit || wait_ms(&now, interval, paused))
			continue;
		forget(&before);
		before = now;
		memset(&now, 0, sizeof(now));
		code = read_state(&now, &before);
	}
	forget(&now);
	forget(&before);
	return code;
}

/* By a signal ncurses would end the program as if something had failed. */
static void make_ctrl_c_a_key(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t))
		return;
	t.c_cc[VINTR] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSANOW, &t);
	def_prog_mode();
}

/* What is said while the screen is not ours to write on. */
static FILE *keep_words(int *words)
{
	FILE *said = tmpfile();

	*words = dup(STDERR_FILENO);
	if (said && *words >= 0 && dup2(fileno(said), STDERR_FILENO) >= 0)
		return said;
	complain("%s", strerror(errno));
	return NULL;
}

static void say_words(FILE *said, int words)
{
	char text[512];

	dup2(words, STDERR_FILENO);
	close(words);
	rewind(said);
	while (fgets(text, sizeof(text), said))
		fputs(text, stderr);
	fclose(said);
}

static int run(char **args)
{
	uint32_t interval = INTERVAL;
	SCREEN *screen;
	FILE *said;
	int code, words;

	if (*args && match_word(*args, "delay")) {
		if (!arg_u32(args[1], "delay", 1, 3600, &interval))
			return EXIT_USAGE;
		args += 2;
	}
	if (!arg_end(args))
		return EXIT_USAGE;
	if (out_json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		complain("top is for a terminal; elsewhere see nat64ctl -j stats and client");
		return EXIT_USAGE;
	}
	screen = newterm(NULL, stdout, stdin);
	if (!screen) {
		complain("the terminal is of no known type: TERM is not set rightly");
		return EXIT_USAGE;
	}
	cbreak();
	make_ctrl_c_a_key();
	noecho();
	curs_set(0);
	keypad(stdscr, true);
	said = keep_words(&words);
	code = said ? go_on(interval) : EXIT_KERNEL;
	endwin();
	delscreen(screen);
	if (said)
		say_words(said, words);
	return code;
}

const struct noun top_noun = {
	.name = "top",
	.help =
"nat64ctl top [ delay SECONDS ]\n"
"\n"
"Show, on the whole screen and again every 2 seconds: sessions, packets a second, the\n"
"use of the pools, which packets are dropped and why, and the busiest clients.  Keys:\n"
"\n"
"  q          the end\n"
"  space      stop, and go on\n"
"  s, 4, p    clients by the sessions that they opened, by those that IPv4 hosts\n"
"             opened to them, by ports\n",
	.run = run,
};
