// SPDX-License-Identifier: GPL-2.0
/*
 * nat64-ipfix: the events of "nat64ctl -j monitor" for a collector, as RFC 8158 has
 * them.
 */
#include <arpa/inet.h>
#include <fixbuf/public.h>
#include <jansson.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXIT_USAGE 2

/* Of UDP, templates may be lost: they are told again after so many seconds. */
#define TELL_AGAIN 10

/* So many records are one message at most, which fits a frame. */
#define MESSAGE 20

/* In the order of the elements below, without gaps. */
struct record {
	uint64_t time;			/* ms */
	uint8_t local6[16];
	uint8_t remote6[16];
	uint32_t local4, remote4;
	uint16_t lport6, rport6, lport4, rport4;
	uint16_t port_min, port_max;
	uint8_t event, proto, len6;
};

#define RECORD_SIZE (offsetof(struct record, len6) + 1)

enum {
	PORTS = 1,			/* of a session or binding */
	REMOTE = 2,			/* of a session */
	BLOCK = 4,
};

static fbInfoElementSpec_t elements[] = {
	{ (char *)"observationTimeMilliseconds", 8, 0 },
	{ (char *)"sourceIPv6Address", 16, 0 },
	{ (char *)"destinationIPv6Address", 16, REMOTE },
	{ (char *)"postNATSourceIPv4Address", 4, 0 },
	{ (char *)"postNATDestinationIPv4Address", 4, REMOTE },
	{ (char *)"sourceTransportPort", 2, PORTS },
	{ (char *)"destinationTransportPort", 2, REMOTE },
	{ (char *)"postNAPTSourceTransportPort", 2, PORTS },
	{ (char *)"postNAPTDestinationTransportPort", 2, REMOTE },
	{ (char *)"portRangeStart", 2, BLOCK },
	{ (char *)"portRangeEnd", 2, BLOCK },
	{ (char *)"natEvent", 1, 0 },
	{ (char *)"protocolIdentifier", 1, PORTS },
	{ (char *)"sourceIPv6PrefixLength", 1, BLOCK },
	FB_IESPEC_NULL
};

/* "2026-11-23T03:12:44.035166Z", in ms since 1970 */
static bool read_time(const char *text, uint64_t *ms)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	double fraction;

	if (!rest)
		return false;
	fraction = *rest == '.' ? strtod(rest, NULL) : 0;
	*ms = (uint64_t)timegm(&tm) * 1000 + (uint64_t)(fraction * 1000);
	return true;
}

static bool read4(const char *text, uint32_t *addr)
{
	struct in_addr in;

	if (!text || inet_pton(AF_INET, text, &in) != 1)
		return false;
	*addr = ntohl(in.s_addr);
	return true;
}

static bool read6(const char *text, uint8_t *addr)
{
	return text && inet_pton(AF_INET6, text, addr) == 1;
}

/* ICMP's is that of IPv6, where the client is. */
static uint8_t read_proto(const char *text)
{
	return !strcmp(text, "tcp") ? IPPROTO_TCP :
	       !strcmp(text, "udp") ? IPPROTO_UDP : IPPROTO_ICMPV6;
}

static bool read_session(json_t *line, struct record *r)
{
	const char *local6, *remote6, *local4, *remote4, *proto;
	int lport6, rport6, lport4, rport4;

	if (json_unpack(line, "{s:s s:s s:i s:s s:i s:s s:i s:s s:i}",
			"proto", &proto, "local6", &local6, "lport6", &lport6,
			"remote6", &remote6, "rport6", &rport6, "local4", &local4,
			"lport4", &lport4, "remote4", &remote4, "rport4", &rport4))
		return false;
	r->proto = read_proto(proto);
	r->lport6 = lport6;
	r->rport6 = rport6;
	r->lport4 = lport4;
	r->rport4 = rport4;
	return read6(local6, r->local6) && read6(remote6, r->remote6) &&
	       read4(local4, &r->local4) && read4(remote4, &r->remote4);
}

static bool read_binding(json_t *line, struct record *r)
{
	const char *addr6, *addr4, *proto;
	int port6, port4;

	if (json_unpack(line, "{s:s s:s s:i s:s s:i}", "proto", &proto,
			"addr4", &addr4, "port4", &port4,
			"addr6", &addr6, "port6", &port6))
		return false;
	r->proto = read_proto(proto);
	r->lport6 = port6;
	r->lport4 = port4;
	return read6(addr6, r->local6) && read4(addr4, &r->local4);
}

#define BLOCK_CREATED 16

/* Its beginning is when the client got it, whenever that is told. */
static bool read_block(json_t *line, struct record *r)
{
	const char *client, *addr4, *ports, *since;
	char addr6[INET6_ADDRSTRLEN];

	if (json_unpack(line, "{s:s s:s s:s s:s}", "client", &client,
			"addr4", &addr4, "ports", &ports, "since", &since) ||
	    sscanf(client, "%45[^/]/%hhu", addr6, &r->len6) != 2 ||
	    sscanf(ports, "%hu-%hu", &r->port_min, &r->port_max) != 2)
		return false;
	return read6(addr6, r->local6) && read4(addr4, &r->local4) &&
	       (r->event != BLOCK_CREATED || read_time(since, &r->time));
}

/* RFC 8158 section 4.3: what begins and what ends; a template's number. */
static const struct kind {
	const char *group;
	uint8_t created, ended;
	uint16_t template;
	uint32_t flags;
	bool (*read)(json_t *line, struct record *record);
} kinds[] = {
	{ "session", 6, 7, 256, PORTS | REMOTE, read_session },
	{ "binding", 10, 11, 257, PORTS, read_binding },
	{ "block", BLOCK_CREATED, 17, 258, BLOCK, read_block },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))
#define INTERNAL 999

static fbConnSpec_t collector = { .transport = FB_UDP };
static fbInfoModel_t *model;
static fbSession_t *session;
static fBuf_t *buffer;
static time_t told;

/* What is to be sent, and is kept until it has been. */
static struct {
	const struct kind *kind;
	struct record record;
} message[MESSAGE];
static unsigned int records;

static void say(const char *what, const char *why)
{
	fprintf(stderr, "nat64-ipfix: %s: %s\n", what, why);
}

static void check(bool good, GError *error)
{
	if (good)
		return;
	say("libfixbuf", error ? error->message : "no memory");
	exit(EXIT_FAILURE);
}

static void add_template(bool internal, uint16_t id, uint32_t flags)
{
	fbTemplate_t *template = fbTemplateAlloc(model);
	GError *error = NULL;

	check(fbTemplateAppendSpecArray(template, elements, flags, &error), error);
	check(fbSessionAddTemplate(session, internal, id, template, &error), error);
}

static void begin(void)
{
	model = model ? model : fbInfoModelAlloc();
	session = fbSessionAlloc(model);
	add_template(true, INTERNAL, ~0U);
	for (const struct kind *k = kinds; k < kinds + KINDS; k++)
		add_template(false, k->template, k->flags);
	buffer = fBufAllocForExport(session, fbExporterAllocNet(&collector));
	told = 0;
}

static bool try_to_send(GError **error)
{
	time_t now = time(NULL);

	if (!told || (collector.transport == FB_UDP && now - told >= TELL_AGAIN)) {
		if (!fbSessionExportTemplates(session, error))
			return false;
		told = now;
	}
	for (unsigned int i = 0; i < records; i++) {
		if (!fBufSetInternalTemplate(buffer, INTERNAL, error) ||
		    !fBufSetExportTemplate(buffer, message[i].kind->template,
					   error) ||
		    !fBufAppend(buffer, (uint8_t *)&message[i].record,
				RECORD_SIZE, error))
			return false;
	}
	return fBufEmit(buffer, error);
}

/* A collector that comes back knows nothing. */
static void send_message(void)
{
	GError *error = NULL;
	bool away = false;

	while (records && !try_to_send(&error)) {
		if (!away)
			say(collector.host, error ? error->message : "away");
		away = true;
		g_clear_error(&error);
		fBufFree(buffer);
		sleep(1);
		begin();
	}
	if (away)
		say(collector.host, "is there again");
	records = 0;
}

/* False if it is no line of the monitor's. */
static bool export(json_t *line)
{
	const char *group, *event, *at;
	struct record record = { 0 };
	json_int_t count;

	if (json_unpack(line, "{s:s s:s s:s}", "time", &at, "group", &group,
			"event", &event) || !read_time(at, &record.time))
		return false;
	if (!strcmp(event, "lost")) {
		if (json_unpack(line, "{s:I}", "count", &count))
			return false;
		fprintf(stderr, "nat64-ipfix: %lld events of group %s were lost\n",
			(long long)count, group);
		return true;
	}
	for (const struct kind *k = kinds; k < kinds + KINDS; k++) {
		if (strcmp(group, k->group))
			continue;
		if (!strcmp(event, "listed"))
			return true;
		record.event = strcmp(event, "ended") ? k->created : k->ended;
		if (!k->read(line, &record))
			return false;
		message[records].kind = k;
		message[records++].record = record;
		if (records == MESSAGE)
			send_message();
	}
	return true;
}

static void export_line(const char *text)
{
	json_error_t error;
	json_t *line = json_loads(text, 0, &error);

	if (!line || !export(line))
		say("not a line of nat64ctl -j monitor", text);
	json_decref(line);
}

/* Is there more to read, within so many ms? */
static bool more(int ms)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&in, 1, ms) > 0;
}

static void export_all(void)
{
	static char text[65536];
	size_t len = 0;
	ssize_t n;

	/* What comes in one go is sent in one. */
	while (more(100) || (send_message(), more(-1))) {
		char *line = text, *end;

		n = read(STDIN_FILENO, text + len, sizeof(text) - 1 - len);
		if (n <= 0)
			break;
		len += n;
		text[len] = 0;
		while ((end = strchr(line, '\n'))) {
			*end = 0;
			export_line(line);
			line = end + 1;
		}
		len -= line - text;
		memmove(text, line, len);
		if (len == sizeof(text) - 1) {
			say("not a line of nat64ctl -j monitor", "it has no end");
			len = 0;
		}
	}
	send_message();
}

static const char help[] =
"nat64-ipfix [ udp | tcp ] HOST [ PORT ]\n"
"\n"
"Reads the lines of \"nat64ctl -j monitor\" and tells the collector HOST, by default\n"
"by UDP to port 4739, of their sessions, bindings and port blocks (RFC 8158).\n"
"See nat64-ipfix(8).\n";

/* A number from 1, or the name of a service. */
static bool is_port(const char *word)
{
	unsigned long port;
	char *end;

	port = strtoul(word, &end, 10);
	return *end ? !!getservbyname(word, NULL) : port > 0 && port <= UINT16_MAX;
}

int main(int argc, char **argv)
{
	char **args = argv + 1;

	if (argc > 1 && (!strcmp(argv[1], "help") || !strcmp(argv[1], "-h") ||
			 !strcmp(argv[1], "--help"))) {
		fputs(help, stdout);
		return EXIT_SUCCESS;
	}
	if (*args && !strcmp(*args, "tcp")) {
		collector.transport = FB_TCP;
		args++;
	} else if (*args && !strcmp(*args, "udp")) {
		args++;
	}
	if (!*args || **args == '-' || (args[1] && args[2])) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	if (args[1] && !is_port(args[1])) {
		say(args[1], "is not a port");
		return EXIT_USAGE;
	}
	collector.host = args[0];
	collector.svc = args[1] ? args[1] : (char *)"4739";
	signal(SIGPIPE, SIG_IGN);
	begin();
	export_all();
	return EXIT_SUCCESS;
}
