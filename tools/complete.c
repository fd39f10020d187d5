// SPDX-License-Identifier: GPL-2.0
/*
 * "complete": words that may come next, for the completion of shells.
 */
#include <dirent.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "nat64ctl.h"
#include "options.h"

#define ON_OFF "on,off"
#define PROTOS "tcp,udp,icmp"
#define STATES "v4-init,v6-init,established,v4-fin,v6-fin,v4-v6-fin,trans"
#define MAPPINGS "endpoint-independent,address-port-dependent"
#define FILTERINGS "endpoint-independent,address-dependent"
#define SESSIONS "proto:" PROTOS " local6:? lport6:? remote6:? rport6:? local4:? " \
		 "lport4:? remote4:? rport4:? state:" STATES
#define BINDINGS "proto:" PROTOS " addr4:? port4:? addr6:? port6:? type:static"

/*
 * What follows a verb, or a noun without verbs.  First words by their place: "?" for
 * something that cannot be known, "%" for the words of an object that there is, or a
 * choice; then, from the first one that has a colon or stands behind "|", words in any
 * order, each with its value, if it has one, behind the colon.  "%dev" is an interface.
 */
static const struct {
	const char *noun, *verb, *words;
} grammar[] = {
	{ "prefix", "add", "? mode:open,eip,clat private:" ON_OFF },
	{ "prefix", "del", "%" },
	{ "pool", "add", "? ports:? mapping:" MAPPINGS " filtering:" FILTERINGS
	  " parity:" ON_OFF " port-class:" ON_OFF " block-size:? blocks-max:?" },
	{ "pool", "del", "%" },
	{ "eip", "add", "? to:? clat:" ON_OFF },
	{ "eip", "del", "%" },
	{ "binding", "add", PROTOS " ? ? to:?" },
	{ "binding", "del", "% % %" },
	{ "binding", "list", BINDINGS },
	{ "block", "list", "| client:? addr4:? port:?" },
	{ "client", "list", "| client:? sessions:?" },
	{ "session", "list", SESSIONS },
	{ "session", "show", SESSIONS },
	{ "session", "flush", SESSIONS },
	{ "interface", "set", "%dev fastpath:on,off,default" },
	{ "stats", NULL, "| show all --prometheus:text" },
	{ "monitor", NULL, "| session binding block refusal config existing buffer:?" },
	{ "top", NULL, "| delay:?" },
	{ "apply", NULL, "%file" },
	{ "check", NULL, "%file" },
	{ "diff", NULL, "%file" },
	{ "save", NULL, "%file" },
	{ "import", "jool", "%file" },
	{ "whois", NULL, "? ? " PROTOS " | at:?" },
	{ "get", NULL, "| from:? to:? tcp udp icmp sport:? dport:? id:? ack "
	  "iif:%dev len:? hops:? df mark:?" },
};

static const char *begun;

static void offer(const char *word, size_t len)
{
	if (!strncmp(word, begun, strlen(begun)))
		printf("%.*s\n", (int)len, word);
}

static void offer_devices(void)
{
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *i = all; i && i->if_index; i++)
		offer(i->if_name, strlen(i->if_name));
	if (all)
		if_freenameindex(all);
}

/* Choices, "on,off", up to a space. */
static void offer_choices(const char *choices)
{
	size_t len = strcspn(choices, " ");

	if (!strncmp(choices, "%dev", len)) {
		offer_devices();
		return;
	}
	if (!strncmp(choices, "%file", len)) {
		puts("%file");
		return;
	}
	for (const char *c = choices; c < choices + len; c++) {
		size_t n = strcspn(c, ", ");

		if (n && *c != '?')
			offer(c, n);
		c += n;
	}
}

struct object {
	const struct noun *noun;
	char **before;		/* words that are there already */
};

/* The next word of an object, if the first ones are those that are there. */
static void offer_object(const struct nlmsghdr *nlh, void *arg)
{
	const struct object *object = arg;
	const struct nlattr *attrs[object->noun->maxattr + 1];
	char *text, *word, *rest, **before = object->before;

	nl_parse(nlh, object->noun->maxattr, attrs);
	text = noun_line(object->noun, attrs);
	if (!text)
		return;
	rest = text;
	/* Behind the noun and "add". */
	strsep(&rest, " ");
	strsep(&rest, " ");
	word = strsep(&rest, " ");
	while (word && *before && !strcmp(word, *before)) {
		word = strsep(&rest, " ");
		before++;
	}
	if (word && !*before)
		offer(word, strlen(word));
	free(text);
}

static void offer_objects(const struct noun *noun, char **before)
{
	struct object object = { noun, before };

	nl_walk(noun_request(noun), offer_object, &object);
}

static const char *next(const char *words)
{
	words += strcspn(words, " ");
	return words + strspn(words, " ");
}

/* The words behind a verb; the last one is what has been begun. */
static void offer_words(const struct noun *noun, const char *words, char **args)
{
	char **first = args;
	const char *w;

	for (; *words && *words != '|' && !memchr(words, ':', strcspn(words, " "));
	     words = next(words)) {
		if (args[1]) {
			args++;
			continue;
		}
		*args = NULL;
		if (*words == '%' && (!words[1] || words[1] == ' '))
			offer_objects(noun, first);
		else
			offer_choices(words);
		return;
	}
	if (*words == '|')
		words = next(words);
	for (; args[1]; args++) {
		size_t len = strlen(*args);

		for (w = words; *w; w = next(w))
			if (!strncmp(w, *args, len) && w[len] == ':')
				break;
		/* The value of one that has one. */
		if (*w && !*++args)
			return;
		if (*w && !args[1]) {
			offer_choices(w + len + 1);
			return;
		}
	}
	for (w = words; *w; w = next(w))
		offer(w, strcspn(w, ": "));
}

static void offer_verbs(const struct noun *noun)
{
	for (const struct verb *v = noun->verbs; v->name; v++)
		offer(v->name, strlen(v->name));
	offer("help", 4);
}

static void offer_nouns(void)
{
	for (size_t i = 0; nouns[i]; i++)
		offer(nouns[i]->name, strlen(nouns[i]->name));
}

static void offer_netns(void)
{
	DIR *names = opendir(NETNS_DIR);
	struct dirent *name;

	while (names && (name = readdir(names)))
		if (*name->d_name != '.')
			offer(name->d_name, strlen(name->d_name));
	if (names)
		closedir(names);
}

static void offer_options(void)
{
	char text[32];

	for (const struct option *o = long_options; o->name; o++)
		offer(text, snprintf(text, sizeof(text), "--%s", o->name));
}

/*
 * Behind the options, of which a namespace counts; NULL if what has been begun is one
 * itself, or its value.  The first word is the tool's name.
 */
static char **skip_options(char **args, int count)
{
	int option;

	optind = 0;
	while ((option = getopt_long_only(count, args, "+:" SHORT_OPTIONS, long_options,
					  NULL)) != -1) {
		if (option == ':')
			offer_netns();
		if (option == ':' || (option == 'n' && !enter_netns(optarg)))
			return NULL;
	}
	if (optind == count && *begun == '-') {
		offer_options();
		return NULL;
	}
	return args + optind;
}

static int run(char **args)
{
	const struct noun *noun;
	const char *verb = NULL;
	int count = 0;

	while (args[count])
		count++;
	if (!count)
		return EXIT_OK;
	begun = args[count - 1];
	args = skip_options(args - 1, count);
	if (!args)
		return EXIT_OK;
	if (!args[1] || (!strcmp(*args, "help") && !args[2])) {
		offer_nouns();
		return EXIT_OK;
	}
	noun = find_noun(*args++);
	if (!noun)
		return EXIT_USAGE;
	if (noun == &set_noun || noun == &show_noun) {
		set_offer(noun == &set_noun ? args : NULL, offer, offer_choices);
		return EXIT_OK;
	}
	if (!noun->run) {
		const struct verb *v;

		if (!args[1]) {
			offer_verbs(noun);
			return EXIT_OK;
		}
		v = find_verb(noun, *args++);
		if (!v)
			return EXIT_USAGE;
		/* Of two names the first one is in the grammar. */
		for (const struct verb *same = noun->verbs; !verb; same++)
			if (same->run == v->run)
				verb = same->name;
	}
	for (size_t i = 0; i < sizeof(grammar) / sizeof(grammar[0]); i++)
		if (!strcmp(grammar[i].noun, noun->name) &&
		    (!verb || !strcmp(grammar[i].verb, verb)))
			offer_words(noun, grammar[i].words, args);
	return EXIT_OK;
}

const struct noun complete_noun = {
	.name = "complete",
	.help =
"nat64ctl complete WORD...\n"
"\n"
"What the last word, which may be empty, may become, one a line, or \"%file\": a\n"
"file; for the completion of shells.  The words are all behind \"nat64ctl\", options\n"
"too.\n",
	.run = run,
};
