// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink by libmnl.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/socket.h>

#include "nat64ctl.h"

/* A dump that was interrupted is asked for again so many times. */
#define DUMP_TRIES 20

#define BUFFER_SIZE (64 * 1024)

static struct mnl_socket *sock;
static uint16_t family;
static unsigned int seq;
static char request[4096];

static int attr_store(const struct nlattr *attr, void *data)
{
	const struct nlattr **attrs = data;
	unsigned int maxattr = (uintptr_t)attrs[0];

	if (mnl_attr_get_type(attr) <= maxattr && mnl_attr_get_type(attr))
		attrs[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

/* attrs has room for maxattr + 1 entries; unknown ones are passed over. */
void nl_parse(const struct nlmsghdr *nlh, unsigned int maxattr,
	      const struct nlattr **attrs)
{
	memset(attrs, 0, (maxattr + 1) * sizeof(*attrs));
	attrs[0] = (void *)(uintptr_t)maxattr;
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), attr_store, attrs);
}

/* The same of attributes inside of another one, which may be missing. */
void nl_parse_nested(const struct nlattr *nest, unsigned int maxattr,
		     const struct nlattr **attrs)
{
	memset(attrs, 0, (maxattr + 1) * sizeof(*attrs));
	attrs[0] = (void *)(uintptr_t)maxattr;
	if (nest)
		mnl_attr_parse_nested(nest, attr_store, attrs);
}

/* Groups of events, by the numbers that the kernel has for them. */
static struct group {
	char name[GENL_NAMSIZ];
	uint32_t id;
} known_groups[16];

static int store_group(const struct nlattr *nest, void *data)
{
	const struct nlattr *attrs[CTRL_ATTR_MCAST_GRP_MAX + 1];
	struct group **end = data;

	nl_parse_nested(nest, CTRL_ATTR_MCAST_GRP_MAX, attrs);
	if (*end == known_groups + sizeof(known_groups) / sizeof(known_groups[0]))
		return MNL_CB_STOP;
	snprintf((*end)->name, sizeof((*end)->name), "%s",
		 nl_str(attrs[CTRL_ATTR_MCAST_GRP_NAME]));
	(*end)->id = nl_u32(attrs[CTRL_ATTR_MCAST_GRP_ID]);
	(*end)++;
	return MNL_CB_OK;
}

static int store_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attrs[CTRL_ATTR_MAX + 1];
	struct group *end = known_groups;

	(void)data;
	nl_parse(nlh, CTRL_ATTR_MAX, attrs);
	if (attrs[CTRL_ATTR_FAMILY_ID])
		family = mnl_attr_get_u16(attrs[CTRL_ATTR_FAMILY_ID]);
	if (attrs[CTRL_ATTR_MCAST_GROUPS])
		mnl_attr_parse_nested(attrs[CTRL_ATTR_MCAST_GROUPS], store_group,
				      &end);
	return MNL_CB_OK;
}

/* The module fills its texts up with spaces. */
static void complain_filled(const char *text)
{
	int len = strlen(text);

	while (len && text[len - 1] == ' ')
		len--;
	complain("%.*s", len, text);
}

/* The kernel's own words, if it gave any, and which error it is. */
static int explain(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	size_t skip = sizeof(*err);

	if (!err->error)
		return 0;
	place_spot();
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += err->msg.nlmsg_len - sizeof(err->msg);
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS) {
		mnl_attr_for_each(attr, nlh, skip) {
			if (mnl_attr_get_type(attr) != NLMSGERR_ATTR_MSG)
				continue;
			complain_filled(mnl_attr_get_str(attr));
			return err->error;
		}
	}
	if (err->error == -EPERM)
		complain("%s (CAP_NET_ADMIN is needed)", strerror(EPERM));
	else if (family && err->error == -ENOENT)
		/* It always says what there is none of; the kernel does not. */
		complain("the kernel module nat64 was removed");
	else if (family)
		complain("%s", strerror(-err->error));
	return err->error;
}

/* A dump that fails midway says so at its end. */
static int done(const struct nlmsghdr *nlh)
{
	int error = 0;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(error))
		memcpy(&error, mnl_nlmsg_get_payload(nlh), sizeof(error));
	if (error)
		complain("dump: %s", strerror(-error));
	return error;
}

enum answer { ANSWER_OK, ANSWER_ERROR, ANSWER_INTERRUPTED };

static bool put_on_wire(const void *data, size_t len)
{
	return mnl_socket_sendto(sock, data, len) >= 0 ||
	       fail("netlink: %s", strerror(errno));
}

/* Send the request and read what comes back, to its end. */
static enum answer talk(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	static char buffer[BUFFER_SIZE];
	enum answer answer = ANSWER_OK;

	nlh->nlmsg_seq = ++seq;
	if (!put_on_wire(nlh, nlh->nlmsg_len))
		return ANSWER_ERROR;
	for (;;) {
		ssize_t n = mnl_socket_recvfrom(sock, buffer, sizeof(buffer));
		struct nlmsghdr *in = (struct nlmsghdr *)buffer;
		int left = n;

		if (n < 0) {
			complain("netlink: %s", strerror(errno));
			return ANSWER_ERROR;
		}
		for (; mnl_nlmsg_ok(in, left); in = mnl_nlmsg_next(in, &left)) {
			if (in->nlmsg_seq != seq)
				continue;
			if (in->nlmsg_flags & NLM_F_DUMP_INTR)
				answer = ANSWER_INTERRUPTED;
			switch (in->nlmsg_type) {
			case NLMSG_ERROR:
				return explain(in) ? ANSWER_ERROR : answer;
			case NLMSG_DONE:
				return done(in) ? ANSWER_ERROR : answer;
			default:
				cb(in, data);
			}
		}
	}
}

static bool open_socket(void)
{
	struct mnl_socket *new = mnl_socket_open(NETLINK_GENERIC);
	int one = 1;

	if (!new)
		return false;
	if (mnl_socket_bind(new, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(new);
		return false;
	}
	mnl_socket_setsockopt(new, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(new, NETLINK_CAP_ACK, &one, sizeof(one));
	sock = new;
	return true;
}

static bool connect_kernel(void)
{
	char buffer[256];
	struct nlmsghdr *nlh;
	struct genlmsghdr *genl;

	if (family)
		return true;
	if (!sock && !open_socket())
		return fail("netlink: %s", strerror(errno));
	nlh = mnl_nlmsg_put_header(buffer);
	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, NAT64_GENL_NAME);
	if (talk(nlh, store_family, NULL) != ANSWER_OK || !family) {
		/* No word is to blame. */
		place_set(NULL, 0, NULL, 0);
		return fail("the kernel module nat64 is not loaded (modprobe nat64)");
	}
	return true;
}

/*
 * Begin a request; its attributes follow.  The kernel is not asked before it
 * is complete, so that wrong words are found first.
 */
struct nlmsghdr *nl_request(uint8_t cmd, bool dump)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request);
	struct genlmsghdr *genl;

	nlh->nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = NAT64_GENL_VERSION;
	return nlh;
}

static enum answer ask(struct nlmsghdr *nlh, mnl_cb_t cb, void *arg)
{
	if (!connect_kernel())
		return ANSWER_ERROR;
	nlh->nlmsg_type = family;
	return talk(nlh, cb, arg);
}

/* Ask, and have each message of the reply.  An exit code. */
int nl_reply(struct nlmsghdr *nlh, mnl_cb_t cb, void *arg)
{
	return ask(nlh, cb, arg) == ANSWER_OK ? EXIT_OK : EXIT_KERNEL;
}

static int ignore(const struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	(void)data;
	return MNL_CB_OK;
}

/* A command that changes something, or is kept for later.  An exit code. */
int nl_change(struct nlmsghdr *nlh)
{
	if (!kept)
		return nl_reply(nlh, ignore, NULL);
	keep(nlh);
	return EXIT_OK;
}

/* A command without arguments.  An exit code. */
int nl_command(uint8_t cmd)
{
	return nl_reply(nl_request(cmd, false), ignore, NULL);
}

/*
 * Read the answers to requests up to the one numbered last, of which the first has the
 * spots.  An exit code.
 */
static int read_refusals(const struct kept *k, unsigned int first,
			 unsigned int last)
{
	static char buffer[BUFFER_SIZE];
	int code = EXIT_OK;

	for (;;) {
		ssize_t n = mnl_socket_recvfrom(sock, buffer, sizeof(buffer));
		const struct nlmsghdr *in = (const struct nlmsghdr *)buffer;
		int left = n;

		if (n < 0) {
			complain("netlink: %s", strerror(errno));
			return EXIT_KERNEL;
		}
		for (; mnl_nlmsg_ok(in, left); in = mnl_nlmsg_next(in, &left)) {
			if (in->nlmsg_type != NLMSG_ERROR ||
			    in->nlmsg_seq - first >= k->count)
				continue;
			place_back(k->file, k->spots[in->nlmsg_seq - first]);
			if (explain(in))
				code = EXIT_KERNEL;
			place_set(NULL, 0, NULL, 0);
			if (in->nlmsg_seq == last)
				return code;
		}
	}
}

/* So many requests go at once: their answers fit into the socket's memory. */
#define BATCH 100

/* The kernel takes one command at a time, but for these in a transaction. */
static bool may_follow(const struct nlmsghdr *nlh)
{
	const struct nlattr *attrs[NAT64_EIP_MAX + 1];
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	if (genl->cmd != NAT64_CMD_EIP_ADD)
		return genl->cmd == NAT64_CMD_BINDING_ADD;
	nl_parse(nlh, NAT64_EIP_MAX, attrs);
	return !attrs[NAT64_EIP_LEN] || nl_u8(attrs[NAT64_EIP_LEN]) == 32;
}

/*
 * Send what was kept, after some other request, to the end or to what the kernel
 * refuses.  An exit code.
 */
int nl_send_kept(const struct kept *k)
{
	unsigned int first = seq + 1, together = 0;
	size_t sent = 0, end = 0;
	int code = EXIT_OK;

	for (size_t i = 0; i < k->count && !code; i++) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)(k->data + end);
		bool last;

		end += MNL_ALIGN(nlh->nlmsg_len);
		last = ++together == BATCH || i + 1 == k->count ||
		       !may_follow((struct nlmsghdr *)(k->data + end));
		nlh->nlmsg_type = family;
		nlh->nlmsg_seq = ++seq;
		nlh->nlmsg_flags = NLM_F_REQUEST | (last ? NLM_F_ACK : 0);
		if (!last)
			continue;
		together = 0;
		if (!put_on_wire(k->data + sent, end - sent))
			return EXIT_KERNEL;
		code = read_refusals(k, first, seq);
		sent = end;
	}
	return code;
}

/* A command that takes no arguments.  An exit code. */
int nl_flush(uint8_t cmd, char **args)
{
	return arg_end(args) ? nl_change(nl_request(cmd, false)) : EXIT_USAGE;
}

struct messages {
	char *data;
	size_t len, size;
};

static int collect(const struct nlmsghdr *nlh, void *data)
{
	struct messages *m = data;

	if (m->len + nlh->nlmsg_len > m->size) {
		m->size = 2 * m->size + BUFFER_SIZE;
		m->data = alloc(m->data, m->size);
	}
	memcpy(m->data + m->len, nlh, nlh->nlmsg_len);
	m->len += MNL_ALIGN(nlh->nlmsg_len);
	return MNL_CB_OK;
}

static void for_each(const struct messages *m,
		    void (*entry)(const struct nlmsghdr *nlh, void *arg),
		    void *arg)
{
	const struct nlmsghdr *nlh;

	for (size_t at = 0; at < m->len; at += MNL_ALIGN(nlh->nlmsg_len)) {
		nlh = (const struct nlmsghdr *)(m->data + at);
		entry(nlh, arg);
	}
}

/*
 * Dump a table whole: what was read while the table was resized is thrown
 * away and read again.  An exit code; the caller frees m->data.
 */
static int dump(struct nlmsghdr *nlh, struct messages *m)
{
	enum answer answer = ANSWER_INTERRUPTED;

	for (int i = 0; answer == ANSWER_INTERRUPTED && i < DUMP_TRIES; i++) {
		m->len = 0;
		answer = ask(nlh, collect, m);
	}
	if (answer == ANSWER_INTERRUPTED)
		complain("the table changes too fast to be listed whole");
	return answer == ANSWER_OK ? EXIT_OK : EXIT_KERNEL;
}

/* Dump a table and visit its entries.  An exit code. */
int nl_walk(struct nlmsghdr *nlh,
	    void (*entry)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	struct messages m = { 0 };
	int code = dump(nlh, &m);

	if (!code)
		for_each(&m, entry, arg);
	free(m.data);
	return code;
}

/* The same of what is not a table, and comes in one message. */
int nl_visit(uint8_t cmd,
	     void (*entry)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	struct messages m = { 0 };
	int code = nl_reply(nl_request(cmd, false), collect, &m);

	if (!code)
		for_each(&m, entry, arg);
	free(m.data);
	return code;
}

struct printer {
	unsigned int maxattr;
	nl_entry_t *entry;
};

static void print_entry(const struct nlmsghdr *nlh, void *arg)
{
	const struct printer *p = arg;
	const struct nlattr *attrs[p->maxattr + 1];

	nl_parse(nlh, p->maxattr, attrs);
	out_begin();
	p->entry(attrs);
	out_end();
}

/* Dump a table to the output.  An exit code. */
int nl_list(struct nlmsghdr *nlh, unsigned int maxattr, nl_entry_t *entry)
{
	struct printer p = { maxattr, entry };
	struct messages m = { 0 };
	int code = dump(nlh, &m);

	if (!code) {
		out_list_begin();
		for_each(&m, print_entry, &p);
		out_list_end();
	}
	free(m.data);
	return code;
}

/* Ask for what a noun's configuration consists of. */
struct nlmsghdr *noun_request(const struct noun *noun)
{
	struct nlmsghdr *nlh = nl_request(noun->cmd_get, true);

	if (noun->get_flag)
		mnl_attr_put(nlh, noun->get_flag, 0, NULL);
	return nlh;
}

/* The first line that would make an entry, to be freed; or NULL. */
char *noun_line(const struct noun *noun, const struct nlattr **attrs)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	noun->line(attrs, out);
	fclose(out);
	text[strcspn(text, "\n")] = 0;
	return text;
}

static int print_reply(const struct nlmsghdr *nlh, void *data)
{
	const struct printer *p = data;
	const struct nlattr *attrs[p->maxattr + 1];

	nl_parse(nlh, p->maxattr, attrs);
	p->entry(attrs);
	return MNL_CB_OK;
}

/* One message for a reply, its attributes parsed.  An exit code. */
int nl_get(struct nlmsghdr *nlh, unsigned int maxattr, nl_entry_t *entry)
{
	struct printer p = { maxattr, entry };

	return nl_reply(nlh, print_reply, &p);
}

static bool join(const char *name)
{
	for (size_t i = 0; i < sizeof(known_groups) / sizeof(known_groups[0]); i++) {
		struct group *group = &known_groups[i];

		if (strcmp(group->name, name))
			continue;
		return !mnl_socket_setsockopt(sock, NETLINK_ADD_MEMBERSHIP,
					      &group->id, sizeof(group->id)) ||
		       fail("%s%s", strerror(errno), errno == EPERM ?
			    " (CAP_NET_ADMIN is needed)" : "");
	}
	return fail("this module has no events of %s", name);
}

/* The module was unloaded: nothing will come any more. */
static bool says_gone(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[CTRL_ATTR_MAX + 1];

	if (nlh->nlmsg_type != GENL_ID_CTRL || genl->cmd != CTRL_CMD_DELFAMILY)
		return false;
	nl_parse(nlh, CTRL_ATTR_MAX, attrs);
	return nl_u16(attrs[CTRL_ATTR_FAMILY_ID]) == family;
}

/* Ask while another socket listens. */
static int ask_beside(int (*question)(void))
{
	struct mnl_socket *listener = sock;
	int code = EXIT_KERNEL;

	if (open_socket()) {
		code = question();
		mnl_socket_close(sock);
	} else {
		complain("netlink: %s", strerror(errno));
	}
	sock = listener;
	return code;
}

/* Longer than the kernel gathers events. */
#define SETTLE_MS 200

/* Whoever listens is told to end by a signal, which waits for the end of a line. */
static volatile sig_atomic_t told_to_end;
static sigset_t awake;

static void tell_to_end(int number)
{
	(void)number;
	told_to_end = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = tell_to_end };
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &awake);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Until something comes, or for a moment if @settle. */
static bool something_comes(bool settle)
{
	static const struct timespec moment = { .tv_nsec = SETTLE_MS * 1000000L };
	struct pollfd fd = { .fd = mnl_socket_get_fd(sock), .events = POLLIN };

	return ppoll(&fd, 1, settle ? &moment : NULL, &awake) > 0;
}

static bool join_all(const char *const *groups, size_t count, int bytes)
{
	unsigned int control = GENL_ID_CTRL;

	if (setsockopt(mnl_socket_get_fd(sock), SOL_SOCKET, SO_RCVBUFFORCE,
		       &bytes, sizeof(bytes)))
		setsockopt(mnl_socket_get_fd(sock), SOL_SOCKET, SO_RCVBUF,
			   &bytes, sizeof(bytes));
	for (size_t i = 0; i < count; i++)
		if (!join(groups[i]))
			return false;
	/* To hear that the family goes. */
	mnl_socket_setsockopt(sock, NETLINK_ADD_MEMBERSHIP, &control,
			      sizeof(control));
	return true;
}

/* Read what has come.  An exit code; the module may have gone. */
static int hear(int *steps, const struct listener *listener)
{
	static char buffer[BUFFER_SIZE];
	ssize_t n = mnl_socket_recvfrom(sock, buffer, sizeof(buffer));
	const struct nlmsghdr *in = (const struct nlmsghdr *)buffer;
	int left = n;

	if (n < 0 && errno == ENOBUFS) {
		complain("events come faster than they are read: some are lost");
		*steps = 2;
		return EXIT_OK;
	}
	if (n < 0) {
		complain("netlink: %s", strerror(errno));
		return EXIT_KERNEL;
	}
	for (; mnl_nlmsg_ok(in, left); in = mnl_nlmsg_next(in, &left)) {
		if (in->nlmsg_type == family && listener->event(in))
			*steps = 2;
		if (!says_gone(in))
			continue;
		fflush(stdout);
		complain("the kernel module nat64 was removed");
		return EXIT_KERNEL;
	}
	return EXIT_OK;
}

/* On a busy host there may be no moment at which nothing comes. */
#define LIST_MS 1000

static bool is_due(unsigned long *last)
{
	struct timespec t;
	unsigned long now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = t.tv_sec * 1000UL + t.tv_nsec / 1000000;
	if (now - *last < LIST_MS)
		return false;
	*last = now;
	return true;
}

/*
 * Hear the events of these groups, of which so many bytes may wait.  An exit code, if it
 * comes to an end: by SIGINT or SIGTERM that is no failure.
 */
int nl_listen(const char *const *groups, size_t count, int bytes,
	      const struct listener *listener)
{
	unsigned long last = 0;
	int code, steps = 0;

	if (!connect_kernel() || !join_all(groups, count, bytes))
		return EXIT_KERNEL;
	catch_signals();
	code = ask_beside(listener->joined);
	while (!code && !told_to_end) {
		if (fflush(stdout)) {
			complain("output: %s", strerror(errno));
			return EXIT_KERNEL;
		}
		if (something_comes(steps)) {
			code = hear(&steps, listener);
			if (!code && steps && is_due(&last))
				code = ask_beside(listener->list);
		} else if (steps && !told_to_end) {
			code = ask_beside(--steps ? listener->ask :
						    listener->settled);
		}
	}
	return code;
}

void nl_put_in6(struct nlmsghdr *nlh, uint16_t type,
		const struct in6_addr *addr)
{
	mnl_attr_put(nlh, type, sizeof(*addr), addr);
}

/*
 * A module of another version may leave an attribute out, or make it shorter:
 * what is not there is zero.
 */
static void get(const struct nlattr *attr, void *to, size_t size)
{
	memset(to, 0, size);
	if (attr && mnl_attr_get_payload_len(attr) >= size)
		memcpy(to, mnl_attr_get_payload(attr), size);
}

#define GETTER(name, type)			\
type name(const struct nlattr *attr)		\
{						\
	type value;				\
						\
	get(attr, &value, sizeof(value));	\
	return value;				\
}

GETTER(nl_u8, uint8_t)
GETTER(nl_u16, uint16_t)
GETTER(nl_u32, uint32_t)
GETTER(nl_u64, uint64_t)
GETTER(nl_in, struct in_addr)
GETTER(nl_in6, struct in6_addr)

const char *nl_str(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_str(attr) : "?";
}
