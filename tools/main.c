// SPDX-License-Identifier: GPL-2.0
/*
 * nat64ctl [ OPTIONS ] NOUN [ VERB ] ...
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nat64ctl.h"
#include "options.h"

const struct noun *const nouns[] = {
	&prefix_noun, &pool_noun, &eip_noun, &binding_noun, &block_noun,
	&client_noun, &session_noun, &set_noun, &show_noun, &interface_noun,
	&stats_noun, &status_noun, &top_noun,
	&monitor_noun, &whois_noun, &get_noun, &addr_noun, &apply_noun,
	&check_noun, &diff_noun, &save_noun, &import_noun, &complete_noun, NULL
};

static const char usage[] =
"nat64ctl [ OPTIONS ] NOUN [ VERB ] ...\n"
"\n"
"  prefix    IPv6 prefixes that stand for IPv4\n"
"  pool      IPv4 addresses and ports for IPv6 hosts\n"
"  eip       public IPv4 addresses bound to one server\n"
"  binding   the binding table, and static bindings of one port\n"
"  block     blocks of ports that clients have\n"
"  client    clients, and how much of their limits they use\n"
"  session   the session table\n"
"  set show  options and timers\n"
"  interface which interfaces have the fast path\n"
"  stats     counters, one for each reason to drop a packet\n"
"  status    a summary\n"
"  top       rates, pools, drops and the busiest clients, on the whole screen\n"
"  monitor   what happens, as it happens\n"
"  whois     which host has an IPv4 address and port\n"
"  get       what would become of a packet, and why\n"
"  addr      the IPv6 form of an IPv4 address, and back\n"
"  apply check diff save\n"
"            a whole configuration as a file\n"
"  import    the configuration of another translator, in these words\n"
"\n"
"Options: -j[son], -p[retty] (with -j), -n[etns] NAME a network namespace,\n"
"-b[atch] commands from the standard input, one a line, up to the first that\n"
"fails, -V, -version, -h[elp].  \"nat64ctl help NOUN\" tells more.  Nouns, verbs and the\n"
"names of options may be cut short as long as they are unambiguous.  Exit code:\n"
"0 done, 1 the command line is wrong, 2 the kernel refused, 3 there is a\n"
"difference, nobody, or what cannot be converted.\n";

const struct option long_options[] = {
	{ "batch", no_argument, NULL, 'b' },
	{ "json", no_argument, NULL, 'j' },
	{ "pretty", no_argument, NULL, 'p' },
	{ "netns", required_argument, NULL, 'n' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

bool enter_netns(const char *name)
{
	char path[256];
	int fd;

	if (strchr(name, '/'))
		return fail("\"%s\" is not a name of a network namespace",
			    name);
	snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		return fail("network namespace \"%s\": %s", name,
			    strerror(errno));
	close(fd);
	return true;
}

/* Find a noun by its name or an unambiguous beginning of it. */
const struct noun *find_noun(const char *word)
{
	const struct noun *found = NULL;

	at(word);
	for (size_t i = 0; nouns[i]; i++) {
		if (!strcmp(word, nouns[i]->name))
			return nouns[i];
		if (!match_word(word, nouns[i]->name))
			continue;
		if (found) {
			complain("\"%s\" is ambiguous: %s or %s", word,
			     found->name, nouns[i]->name);
			return NULL;
		}
		found = nouns[i];
	}
	if (!found)
		complain("\"%s\" is not a noun (see nat64ctl help)", word);
	return found;
}

/* The same for a verb; two names of one verb are not ambiguous. */
const struct verb *find_verb(const struct noun *noun, const char *word)
{
	const struct verb *found = NULL;

	at(word);
	for (const struct verb *v = noun->verbs; v->name; v++) {
		if (!strcmp(word, v->name))
			return v;
		if (!match_word(word, v->name))
			continue;
		if (found && found->run != v->run) {
			complain("\"%s\" is ambiguous: %s or %s", word,
			     found->name, v->name);
			return NULL;
		}
		found = found ? found : v;
	}
	if (!found)
		complain("\"%s\" is not a verb of %s (see nat64ctl %s help)", word,
		     noun->name, noun->name);
	return found;
}

static bool asks_help(const char *word)
{
	return !strcmp(word, "help") || !strcmp(word, "--help") ||
	       !strcmp(word, "-h");
}

/* A command, whose words end with NULLs.  An exit code. */
int run_command(char **args)
{
	const struct noun *noun;
	const struct verb *verb;
	bool help;

	if (!*args) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	help = asks_help(*args);
	if (help && !*++args) {
		fputs(usage, stdout);
		return EXIT_OK;
	}
	noun = find_noun(*args++);
	if (!noun)
		return EXIT_USAGE;
	for (char **word = args; *word && !help && noun != &complete_noun; word++)
		help = asks_help(*word);
	if (help) {
		fputs(noun->help, stdout);
		return EXIT_OK;
	}
	if (noun->run)
		return noun->run(args);
	if (!*args)
		return noun->verbs[0].run(args);
	verb = find_verb(noun, *args);
	return verb ? verb->run(args + 1) : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	bool from_stdin = false;
	int option, code;

	/* A NULL behind the last word's value: "add X mode" reads args[1]. */
	char **args = calloc(argc + 2, sizeof(*args));

	if (!args)
		return EXIT_KERNEL;
	while ((option = getopt_long_only(argc, argv, "+" SHORT_OPTIONS, long_options,
					  NULL)) != -1) {
		switch (option) {
		case 'b':
			from_stdin = true;
			break;
		case 'p':
			out_pretty = true;
			break;
		case 'j':
			out_json = true;
			break;
		case 'n':
			if (!enter_netns(optarg))
				return EXIT_KERNEL;
			break;
		case 'V':
			puts("nat64ctl " NAT64CTL_VERSION);
			return EXIT_OK;
		case 'h':
			fputs(usage, stdout);
			return EXIT_OK;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	out_pretty = out_pretty && out_json;
	memcpy(args, argv + optind, (argc - optind) * sizeof(*args));
	if (!from_stdin)
		code = run_command(args);
	else
		code = arg_end(args) ? batch() : EXIT_USAGE;
	if (fflush(stdout) || ferror(stdout)) {
		complain("output: %s", strerror(errno));
		code = EXIT_KERNEL;
	}
	free(args);
	return code;
}
