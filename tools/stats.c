// SPDX-License-Identifier: GPL-2.0
#include <linux/genetlink.h>
#include <string.h>

#include "nat64ctl.h"

static bool all;

/* Which of the counters are of packets that were not translated; how many these are. */
static const char **drops;
static size_t drop_count;

static int counter(const struct nlattr *attr, void *data)
{
	const struct nlattr *attrs[NAT64_STATS_MAX + 1];
	const char *name;
	uint64_t value;

	(void)data;
	if (mnl_attr_get_type(attr) != NAT64_STATS_COUNTER)
		return MNL_CB_OK;
	nl_parse_nested(attr, NAT64_STATS_MAX, attrs);
	name = nl_str(attrs[NAT64_STATS_NAME]);
	value = nl_u64(attrs[NAT64_STATS_VALUE]);
	if (out_json && attrs[NAT64_STATS_DROP]) {
		drops = alloc(drops, (drop_count + 1) * sizeof(*drops));
		drops[drop_count++] = name;
	}
	if (out_json)
		out_num(name, value);
	else if (value || all)
		printf("%-6s %-20s %llu\n",
		       attrs[NAT64_STATS_DROP] ? "drop" : "", name,
		       (unsigned long long)value);
	return MNL_CB_OK;
}

static int print(const struct nlmsghdr *nlh, void *arg)
{
	(void)arg;
	if (out_json) {
		out_list_begin();
		out_begin();
	}
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), counter, NULL);
	if (out_json) {
		out_strings("drops", drops, drop_count);
		drop_count = 0;
		out_end();
		out_list_end();
	}
	return MNL_CB_OK;
}

static int run(char **args)
{
	struct nlmsghdr *nlh;

	if (*args && (match_word(*args, "show") || match_word(*args, "list")))
		args++;
	if (*args && (match_word(*args, "prometheus") ||
		      !strcmp(*args, "--prometheus"))) {
		bool text = *++args && match_word(*args, "text");

		return arg_end(args + text) ? metrics(text) : EXIT_USAGE;
	}
	all = *args && match_word(*args, "all");
	if (all)
		args++;
	if (!arg_end(args))
		return EXIT_USAGE;
	nlh = nl_request(NAT64_CMD_STATS_GET, false);
	return nl_reply(nlh, print, NULL);
}

const struct noun stats_noun = {
	.name = "stats",
	.help =
"nat64ctl stats [ show ] [ all ]\n"
"nat64ctl stats --prometheus [ text ]\n"
"\n"
"Counters since the namespace began, one a line; lines that begin with \"drop\"\n"
"count packets that were not translated, each for the one reason named.\n"
"Counters at zero are left out, unless \"all\" is given.  With -j there are all, and\n"
"in \"drops\" the names of those that count such packets.  \"--prometheus\" prints\n"
"them, how many of everything there are, and the use of the pools, in the format\n"
"of OpenMetrics; with \"text\" in the older one of Prometheus, which is what the\n"
"textfile collector of its node exporter reads.\n",
	.run = run,
};
