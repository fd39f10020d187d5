// SPDX-License-Identifier: GPL-2.0
/*
 * Commands from files: "apply", "check", "diff" and "save" a whole configuration,
 * and -b, which runs one command after another.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nat64ctl.h"

/* Where an editor says that a text is UTF-8. */
#define BOM "\xef\xbb\xbf"

/* After so many lines that are wrong it is another file that was meant. */
#define WRONG_MAX 20

#define SPACE " \t\r\n\v\f"

struct words {
	char **word;
	size_t count, room;
};

/*
 * The words of a line, up to a comment; NULLs follow, as on command lines.  Where they
 * end.
 */
static char *split(char *line, struct words *w)
{
	char *end = line, *word = line;

	w->count = 0;
	for (;;) {
		if (w->count + 2 >= w->room) {
			w->room = 2 * w->room + 16;
			w->word = alloc(w->word, w->room * sizeof(*w->word));
		}
		word += strspn(word, SPACE);
		if (!*word || *word == '#')
			break;
		w->word[w->count++] = word;
		word += strcspn(word, SPACE);
		end = word;
		if (*word)
			*word++ = 0;
	}
	w->word[w->count] = NULL;
	w->word[w->count + 1] = NULL;
	return end;
}

/* What a file is called in messages. */
static const char *called(const char *file)
{
	return strcmp(file, "-") ? file : "stdin";
}

/*
 * Run something for each line that has words, to the end or the first that fails.
 * An exit code, and how many lines there were.
 */
static int each_line(const char *file, int (*run_line)(char **words), bool go_on,
		     unsigned int *lines)
{
	FILE *f = strcmp(file, "-") ? fopen(file, "r") : stdin;
	unsigned int number = 0, wrong = 0;
	struct words w = { 0 };
	int code = EXIT_OK;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (!f) {
		complain("%s: %s", file, strerror(errno));
		return EXIT_USAGE;
	}
	while ((go_on || !code) && (len = getline(&line, &size, f)) >= 0) {
		char *end;
		int this;

		number++;
		if (number == 1 && !strncmp(line, BOM, strlen(BOM)))
			memset(line, ' ', strlen(BOM));
		if (wrong == WRONG_MAX) {
			place_set(NULL, 0, NULL, 0);
			complain("%s: and perhaps more", called(file));
			break;
		}
		if (strlen(line) != (size_t)len) {
			place_set(called(file), number, line, len);
			at(line + strlen(line));
			complain("a line of text has no octet 0 inside");
			code = EXIT_USAGE;
			wrong++;
			continue;
		}
		end = split(line, &w);
		if (!w.count)
			continue;
		place_set(called(file), number, line, end - line);
		place_object(w.word[w.count > 2 ? 2 : 0]);
		this = run_line(w.word);
		code = code ? code : this;
		wrong += this != EXIT_OK;
	}
	place_set(NULL, 0, NULL, 0);
	if (ferror(f)) {
		complain("%s: %s", called(file), strerror(errno));
		code = EXIT_USAGE;
	}
	free(line);
	free(w.word);
	if (f != stdin)
		fclose(f);
	*lines = number;
	return code;
}

/* -b: an exit code, that of the command which failed. */
int batch(void)
{
	unsigned int lines;

	return each_line("-", run_command, false, &lines);
}

/* A configuration says what there is to be, nothing else. */
static int keep_line(char **words)
{
	const struct noun *noun = find_noun(words[0]);
	const struct verb *verb;

	if (!noun)
		return EXIT_USAGE;
	if (!noun->makes) {
		at(words[0]);
		complain("\"%s\" has no place in a configuration: prefix, pool, eip, binding, interface or set",
			 words[0]);
		return EXIT_USAGE;
	}
	if (noun->run)
		return noun->run(words + 1);
	if (!at(words[1])) {
		complain("a verb is missing: %s", noun->makes);
		return EXIT_USAGE;
	}
	verb = find_verb(noun, words[1]);
	if (!verb)
		return EXIT_USAGE;
	if (strcmp(verb->name, noun->makes)) {
		at(words[1]);
		complain("\"%s\" has no place in a configuration: %s", words[1],
			 noun->makes);
		return EXIT_USAGE;
	}
	return verb->run(words + 2);
}

/* Read a configuration, as requests that are not yet sent.  An exit code. */
static int read_config(char **args, struct kept *k)
{
	unsigned int lines;
	int code;

	if (!*args) {
		complain("a file is missing");
		return EXIT_USAGE;
	}
	if (!arg_end(args + 1))
		return EXIT_USAGE;
	k->file = called(*args);
	kept = k;
	code = each_line(*args, keep_line, true, &lines);
	kept = NULL;
	/* What was to write it has failed, and took all that there is with it. */
	if (!code && !lines && strcmp(*args, "/dev/null")) {
		complain("%s is empty: what has no command has a comment, or is /dev/null",
			 k->file);
		code = EXIT_USAGE;
	}
	return code;
}

/* An exit code; on failure everything is as it was. */
static int transact(const struct kept *k, bool check)
{
	int code = nl_command(NAT64_CMD_TRANSACTION_BEGIN);
	struct nlmsghdr *nlh;

	if (code)
		return code;
	code = nl_send_kept(k);
	if (!code) {
		nlh = nl_request(NAT64_CMD_TRANSACTION_COMMIT, false);
		if (check)
			mnl_attr_put(nlh, NAT64_TRANSACTION_CHECK, 0, NULL);
		place_set(k->file, 0, NULL, 0);
		code = nl_change(nlh);
		place_set(NULL, 0, NULL, 0);
	}
	if (code || check)
		nl_command(NAT64_CMD_TRANSACTION_ABORT);
	return code;
}

static int read_and_transact(char **args, bool check)
{
	struct kept k = { 0 };
	int code = read_config(args, &k);

	if (!code)
		code = transact(&k, check);
	kept_free(&k);
	return code;
}

static int apply(char **args)
{
	return read_and_transact(args, false);
}

static int check(char **args)
{
	return read_and_transact(args, true);
}

/* Lines of a configuration as "save" has them. */
struct lines {
	char **line;
	size_t count;
};

static void add_line(struct lines *l, char *line)
{
	if ((l->count & (l->count + 1)) == 0)
		l->line = alloc(l->line, 2 * (l->count + 1) * sizeof(*l->line));
	l->line[l->count++] = line;
}

static int by_number(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static int by_octets(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->line[i]);
	free(l->line);
}

struct printing {
	const struct noun *noun;
	FILE *out;
};

static void print_line(const struct nlmsghdr *nlh, void *arg)
{
	const struct printing *p = arg;
	const struct nlattr *attrs[p->noun->maxattr + 1];

	nl_parse(nlh, p->noun->maxattr, attrs);
	p->noun->line(attrs, p->out);
}

/* What there is of a noun, in use or kept, as text.  An exit code. */
static int noun_text(const struct noun *noun, const struct kept *k, char **text)
{
	struct printing p = { noun };
	int code = EXIT_OK;
	size_t size;

	p.out = open_memstream(text, &size);
	if (!p.out) {
		complain("%s", strerror(errno));
		return EXIT_KERNEL;
	}
	if (k)
		kept_walk(k, noun->cmd_add, print_line, &p);
	else
		code = noun->run ? nl_visit(noun->cmd_get, print_line, &p) :
		       nl_walk(noun_request(noun), print_line, &p);
	fclose(p.out);
	return code;
}

static void add_lines(struct lines *l, char *text, bool any_order)
{
	size_t first = l->count;
	char *word, *rest = text;

	while ((word = strsep(&rest, "\n")))
		if (*word)
			add_line(l, strcpy(alloc(NULL, strlen(word) + 1), word));
	if (any_order && l->count > first)
		qsort(l->line + first, l->count - first, sizeof(*l->line),
		      by_number);
}

static const struct noun *const parts[] = {
	&prefix_noun, &set_noun, &pool_noun, &eip_noun, &binding_noun,
	&interface_noun,
};

/* All nouns of a configuration.  An exit code. */
static int all_lines(const struct kept *k, struct lines *l)
{
	int code = EXIT_OK;

	for (size_t i = 0; !code && i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *text = NULL;

		code = noun_text(parts[i], k, &text);
		if (!code)
			add_lines(l, text, parts[i]->any_order);
		free(text);
	}
	return code;
}

static bool write_lines(const struct lines *l, FILE *f)
{
	if (!l->count)
		fputs("# nothing is configured\n", f);
	for (size_t i = 0; i < l->count; i++)
		fprintf(f, "%s\n", l->line[i]);
	return !ferror(f) && !fflush(f);
}

static bool write_to(const struct lines *l, FILE *f, bool sync)
{
	bool good = f && write_lines(l, f) && (!sync || !fsync(fileno(f)));

	/* What has failed first is what is told. */
	if (f && fclose(f) && good)
		good = false;
	return good;
}

/* In the place of a file, with its rights, which stays what it was if this fails. */
static bool replace(const struct lines *l, const char *file, const struct stat *st)
{
	char *new = alloc(NULL, strlen(file) + sizeof(".XXXXXX"));
	bool good;
	int fd;

	sprintf(new, "%s.XXXXXX", file);
	fd = mkstemp(new);
	good = fd >= 0 && !fchown(fd, st->st_uid, st->st_gid) &&
	       !fchmod(fd, st->st_mode & 07777) && write_to(l, fdopen(fd, "w"), true) &&
	       !rename(new, file);
	if (fd >= 0 && !good) {
		int error = errno;

		unlink(new);
		errno = error;
	}
	free(new);
	return good;
}

/* An exit code. */
static int write_file(const struct lines *l, const char *file)
{
	char *real = realpath(file, NULL);
	mode_t mask = umask(0);
	/* Of one that is not there yet. */
	struct stat st = { .st_mode = S_IFREG | (0666 & ~mask), .st_uid = -1,
			   .st_gid = -1 };
	struct stat link;
	bool good;

	umask(mask);
	/* Where a link leads to nothing, that is what there is to be. */
	if (real ? !stat(real, &st) && S_ISREG(st.st_mode) : lstat(file, &link) != 0)
		good = replace(l, real ?: file, &st);
	else
		good = write_to(l, fopen(file, "w"), false);
	if (!good)
		complain("%s: %s", file, strerror(errno));
	free(real);
	return good ? EXIT_OK : EXIT_USAGE;
}

static int save(char **args)
{
	struct lines l = { 0 };
	int code;

	if (*args && !arg_end(args + 1))
		return EXIT_USAGE;
	code = all_lines(NULL, &l);
	if (!code && *args && strcmp(*args, "-"))
		code = write_file(&l, *args);
	else if (!code && !write_lines(&l, stdout))
		code = EXIT_KERNEL;
	lines_free(&l);
	return code;
}

static bool differs(char sign, const char *line)
{
	printf("%c%s\n", sign, line);
	return true;
}

/* Lines of one that the other has not. */
static bool diff_sorted(const struct lines *old, const struct lines *new)
{
	bool differ = false;
	size_t i = 0, j = 0;
	int which;

	while (i < old->count || j < new->count) {
		which = i == old->count ? 1 : j == new->count ? -1 :
			strcmp(old->line[i], new->line[j]);
		if (which < 0)
			differ = differs('-', old->line[i++]);
		else if (which > 0)
			differ = differs('+', new->line[j++]);
		else
			i++, j++;
	}
	return differ;
}

/* The first prefixes count for more than the others; hosts find their pool by order. */
static bool has_order(const char *line)
{
	return !strncmp(line, "prefix ", 7) || !strncmp(line, "pool ", 5);
}

/* Of two that have the same lines. */
static bool diff_order(const struct lines *old, const struct lines *new)
{
	bool differ = false;

	for (size_t i = 0; i < old->count; i++) {
		if (!has_order(old->line[i]) ||
		    !strcmp(old->line[i], new->line[i]))
			continue;
		differs('-', old->line[i]);
		differ = differs('+', new->line[i]);
	}
	return differ;
}

static void sort(struct lines *l)
{
	if (l->count)
		qsort(l->line, l->count, sizeof(*l->line), by_octets);
}

static struct lines copy(const struct lines *l)
{
	struct lines new = { NULL, l->count };

	new.line = alloc(NULL, (l->count + 1) * sizeof(*l->line));
	if (l->count)
		memcpy(new.line, l->line, l->count * sizeof(*l->line));
	return new;
}

static bool diff_lines(const struct lines *old, const struct lines *new)
{
	struct lines old_sorted = copy(old), new_sorted = copy(new);
	bool differ;

	sort(&old_sorted);
	sort(&new_sorted);
	differ = diff_sorted(&old_sorted, &new_sorted) ||
		 diff_order(old, new);
	free(old_sorted.line);
	free(new_sorted.line);
	return differ;
}

static int diff(char **args)
{
	struct lines old = { 0 }, new = { 0 };
	struct kept k = { 0 };
	int code = read_config(args, &k);

	if (!code)
		code = all_lines(NULL, &old);
	if (!code)
		code = all_lines(&k, &new);
	if (!code && diff_lines(&old, &new))
		code = EXIT_DIFFERS;
	kept_free(&k);
	lines_free(&old);
	lines_free(&new);
	return code;
}

#define HELP \
"nat64ctl apply FILE\n" \
"nat64ctl check FILE\n" \
"nat64ctl diff FILE\n" \
"nat64ctl save [ FILE ]\n" \
"\n" \
"A configuration as a file: the commands that make it, one a line, without\n" \
"\"nat64ctl\": prefix add, pool add, eip add, binding add, set, and interface\n" \
"set.  An EIP in its IPv6 form comes behind its prefix.  \"#\" begins a comment,\n" \
"\"-\" is the standard input.  A file without a line is refused, but for /dev/null.\n" \
"\n" \
"  apply   make it the configuration, whole and at once, or change nothing:\n" \
"          what it does not say there will not be, options have their\n" \
"          defaults.  Sessions go on that the new one would make, too: their\n" \
"          pool, with all its options, their prefix or static binding, and\n" \
"          their EIP's target, are the same\n" \
"  check   tell whether it could be applied now\n" \
"  diff    tell what \"apply\" would take away (-) and add (+); exit code 3 if\n" \
"          there is something\n" \
"  save    print the configuration in use, to be applied again, or make it the\n" \
"          content of a file, which loses its comments; if something goes wrong,\n" \
"          the file stays what it was\n" \
"\n" \
"What is wrong with a file is said with its line and column.\n"

const struct noun apply_noun = { .name = "apply", .help = HELP, .run = apply };
const struct noun check_noun = { .name = "check", .help = HELP, .run = check };
const struct noun diff_noun = { .name = "diff", .help = HELP, .run = diff };
const struct noun save_noun = { .name = "save", .help = HELP, .run = save };
