/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nat64ctl: configure and observe the nat64 kernel module.
 */
#ifndef NAT64CTL_H
#define NAT64CTL_H

#include <libmnl/libmnl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../kmod/uapi/nat64.h"

/* Exit codes, as iproute2 has them. */
enum {
	EXIT_OK,
	EXIT_USAGE,	/* the command line is wrong, nothing was tried */
	EXIT_KERNEL,	/* the kernel refused, or cannot be asked */
	EXIT_DIFFERS,	/* a file is not what is in use; nobody is found */
};

/* A word after the noun.  args end with NULL. */
struct verb {
	const char *name;
	int (*run)(char **args);
};

struct noun {
	const char *name;
	const char *help;
	const struct verb *verbs;	/* the first is the default */
	int (*run)(char **args);	/* a noun without verbs */
	/* Of what a configuration consists of: */
	const char *makes;		/* the verb, "" if there are none */
	uint8_t cmd_add, cmd_get;	/* kernel's commands, attributes alike */
	uint16_t get_flag;		/* asks for no more than that */
	unsigned int maxattr;
	bool any_order;			/* does not matter */
	/* The lines that would make it. */
	void (*line)(const struct nlattr **attrs, FILE *out);
};

extern const struct noun addr_noun, apply_noun, binding_noun, block_noun, check_noun,
			 client_noun, complete_noun, diff_noun, eip_noun, get_noun,
			 import_noun, interface_noun, monitor_noun, pool_noun, prefix_noun,
			 save_noun, session_noun, set_noun, show_noun,
			 stats_noun, status_noun, top_noun, whois_noun;

/* main.c: all nouns, up to a NULL. */
extern const struct noun *const nouns[];
const struct noun *find_noun(const char *word);
const struct verb *find_verb(const struct noun *noun, const char *word);
int run_command(char **args);

/* Where "ip netns" keeps them. */
#define NETNS_DIR "/run/netns"

bool enter_netns(const char *name);

/* file.c */
int batch(void);

/* args.c: reading words; each says what is wrong, and where, and gives false. */
struct spot {
	unsigned int line, column;
};

void place_set(const char *file, unsigned int line, const char *text,
	       size_t len);
void place_back(const char *file, struct spot spot);
void place_object(const char *word);
struct spot place_spot(void);
const char *at(const char *word);
void *alloc(void *old, size_t size);
__attribute__((format(printf, 1, 2)))
void complain(const char *fmt, ...);
#define fail(...) (complain(__VA_ARGS__), false)
bool match_word(const char *word, const char *full);
bool arg_end(char **args);
bool arg_once(bool *given, const char *what);
const void *arg_entry(const char *word, const void *table, size_t size,
		      size_t count, const char *what);
bool arg_addr4(const char *word, struct in_addr *addr);
bool arg_addr6(const char *word, struct in6_addr *addr);
bool arg_prefix6(const char *word, struct in6_addr *addr, uint8_t *len);
bool arg_net6(const char *word, struct in6_addr *addr, uint8_t *len);
bool arg_prefix4(const char *word, struct in_addr *addr, uint8_t *len);
const char *read_digits(const char *text, unsigned long max, unsigned long *n);
bool arg_u32(const char *word, const char *what, uint32_t min, uint32_t max,
	     uint32_t *value);
bool arg_port(const char *word, uint16_t *port);
bool arg_proto(const char *word, uint8_t *proto);
bool arg_bool(const char *word, const char *what, bool *value);
const char *proto_name(uint8_t proto);

/* nl.c: talking to the kernel; requests are built in one static buffer. */
struct nlmsghdr *nl_request(uint8_t cmd, bool dump);
int nl_change(struct nlmsghdr *nlh);
int nl_command(uint8_t cmd);
int nl_flush(uint8_t cmd, char **args);
int nl_reply(struct nlmsghdr *nlh, mnl_cb_t cb, void *arg);
typedef void nl_entry_t(const struct nlattr **attrs);
int nl_get(struct nlmsghdr *nlh, unsigned int maxattr, nl_entry_t *entry);
int nl_walk(struct nlmsghdr *nlh,
	    void (*entry)(const struct nlmsghdr *nlh, void *arg), void *arg);
int nl_visit(uint8_t cmd,
	     void (*entry)(const struct nlmsghdr *nlh, void *arg), void *arg);
int nl_list(struct nlmsghdr *nlh, unsigned int maxattr, nl_entry_t *entry);
struct nlmsghdr *noun_request(const struct noun *noun);
char *noun_line(const struct noun *noun, const struct nlattr **attrs);
struct listener {
	int (*joined)(void);	/* before the first event; an exit code, as of all */
	bool (*event)(const struct nlmsghdr *nlh);	/* were some lost before it? */
	int (*list)(void);	/* some were lost, a second ago at most */
	int (*ask)(void);	/* some were lost, and a moment nothing has come */
	int (*settled)(void);	/* and another moment after that */
};

int nl_listen(const char *const *groups, size_t count, int bytes,
	      const struct listener *listener);
void nl_parse(const struct nlmsghdr *nlh, unsigned int maxattr,
	      const struct nlattr **attrs);
void nl_parse_nested(const struct nlattr *nest, unsigned int maxattr,
		     const struct nlattr **attrs);
void nl_put_in6(struct nlmsghdr *nlh, uint16_t type,
		const struct in6_addr *addr);
uint8_t nl_u8(const struct nlattr *attr);
uint16_t nl_u16(const struct nlattr *attr);
uint32_t nl_u32(const struct nlattr *attr);
uint64_t nl_u64(const struct nlattr *attr);
const char *nl_str(const struct nlattr *attr);
struct in6_addr nl_in6(const struct nlattr *attr);
struct in_addr nl_in(const struct nlattr *attr);

/* filter.c: which entries of a table are asked for. */
struct filter {
	const char *name;
	enum {
		FILTER_PROTO,
		FILTER_NET6,
		FILTER_NET4,
		FILTER_PORT,
		FILTER_LEAST,
		FILTER_STATE,
		FILTER_STATIC,
	} kind;
	uint16_t attr, len_attr;
};

extern const char *const tcp_states[];
bool filter_put(struct nlmsghdr *nlh, const struct filter *filters, size_t count,
		char **args);
void filter_given(const struct nlattr **attrs, const struct filter *filters,
		  size_t count, FILE *out);

/* reason.c */
const char *reason_text(const char *name);

/* held.c: whose an IPv4 address and port was, by a log. */
struct held {
	struct in_addr addr;
	bool any_port, any_proto;
	uint16_t port;
	uint8_t proto;
	uint64_t begin, end;	/* when, ns since 1970; up to, not including, end */
};

bool held_time(const char *word, struct held *who);
int held(const char *file, const struct held *who);

/* metrics.c */
int metrics(bool as_text);

/* What events have, too. */
void session_tuples(const struct nlattr **attrs);
void binding_ends(const struct nlattr **attrs);
void binding_print(const struct nlattr **attrs);
void block_print(const struct nlattr **attrs);
void set_offer(char **args, void (*offer)(const char *word, size_t len),
	       void (*offer_choices)(const char *choices));
void set_given(const struct nlattr **attrs, FILE *out);
void set_range(const char *name, uint32_t *min, uint32_t *max);
void interface_given(const struct nlattr **attrs, FILE *out);
void session_flush_given(const struct nlattr **attrs, FILE *out);

/* prefix.c: the name of a mode; the prefixes in use, for the IPv6 form of an EIP. */
const char *prefix_mode(uint8_t mode);

struct prefix {
	struct in6_addr addr;
	uint8_t len;
};

int prefixes_get(struct prefix **prefixes, size_t *count);

/* kept.c: requests for later; nl_change() keeps them where kept says. */
struct kept {
	const char *file;
	char *data;
	size_t len, size;
	struct spot *spots;
	size_t count, room;
	struct prefix *prefixes;
	size_t prefix_count;
	bool given[64];		/* options, by their number */
};

extern struct kept *kept;
void keep(const struct nlmsghdr *nlh);
void kept_free(struct kept *k);
void kept_walk(const struct kept *k, uint8_t cmd,
	       void (*entry)(const struct nlmsghdr *nlh, void *arg), void *arg);
int nl_send_kept(const struct kept *k);

/* out.c: one line per object as text, an array of objects as JSON. */
extern bool out_json, out_pretty;
void out_list_begin(void);
void out_list_end(void);
void out_line_begin(void);
void out_line_end(void);
void out_begin(void);
void out_end(void);
void out_str(const char *key, const char *value);
void out_num(const char *key, uint64_t value);
void out_flag(const char *key, bool value);
void out_time(const char *key, uint64_t ns);
void out_keyed_time(const char *key, uint64_t ns);
void out_word(const char *key, const char *value);
void out_strings(const char *key, const char *const *values, size_t count);
__attribute__((format(printf, 2, 3)))
void out_fmt(const char *key, const char *fmt, ...);
__attribute__((format(printf, 2, 3)))
void out_wordf(const char *key, const char *fmt, ...);
void out_endpoint(const char *addr_key, const char *addr,
		  const char *port_key, uint16_t port);
const char *str4(struct in_addr addr);
const char *str6(struct in6_addr addr);

#endif /* NAT64CTL_H */
