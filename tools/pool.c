// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "nat64ctl.h"

static int request(uint8_t cmd, char ***args, struct nlmsghdr **nlh)
{
	struct in_addr addr;
	uint8_t len;

	if (!arg_prefix4(**args, &addr, &len))
		return EXIT_USAGE;
	if (len < 16) {
		complain("\"%s\": the length of a pool is 16 to 32",
			 at(**args));
		return EXIT_USAGE;
	}
	*nlh = nl_request(cmd, false);
	mnl_attr_put_u32(*nlh, NAT64_POOL_ADDR, addr.s_addr);
	mnl_attr_put_u8(*nlh, NAT64_POOL_LEN, len);
	++*args;
	return EXIT_OK;
}

static bool arg_ports(char *word, uint32_t *min, uint32_t *max)
{
	char *dash;

	at(word);
	if (!word)
		return fail("ports is missing: MIN-MAX");
	dash = strchr(word, '-');
	if (!dash)
		return fail("\"%s\" is not a range of ports, MIN-MAX", word);
	*dash = 0;
	return arg_u32(word, "port", 1, 65535, min) &&
	       arg_u32(dash + 1, "port", 1, 65535, max);
}

static const char *const mappings[] = {
	[NAT64_MAPPING_ENDPOINT_INDEPENDENT] = "endpoint-independent",
	[NAT64_MAPPING_ADDRESS_PORT_DEPENDENT] = "address-port-dependent",
};

static const char *const filterings[] = {
	[NAT64_FILTERING_ENDPOINT_INDEPENDENT] = "endpoint-independent",
	[NAT64_FILTERING_ADDRESS_DEPENDENT] = "address-dependent",
};

/* One of two words. */
static bool arg_choice(const char *word, const char *what,
		       const char *const names[2], uint8_t *choice)
{
	at(word);
	if (!word)
		return fail("%s is missing: %s or %s", what, names[0],
			    names[1]);
	for (*choice = 0; *choice < 2; ++*choice)
		if (match_word(word, names[*choice]))
			return true;
	return fail("\"%s\": %s is %s or %s", word, what, names[0], names[1]);
}

static int add(char **args)
{
	bool ports = false, mapping = false, filtering = false, parity = false;
	bool port_class = false, block_size = false, blocks_max = false;
	struct nlmsghdr *nlh;
	int code = request(NAT64_CMD_POOL_ADD, &args, &nlh);
	uint32_t min, max, number;
	uint8_t choice;
	bool on;

	if (code)
		return code;
	for (; *args; args += 2) {
		at(*args);
		if (match_word(*args, "ports")) {
			if (!arg_once(&ports, "ports") ||
			    !arg_ports(args[1], &min, &max))
				return EXIT_USAGE;
			mnl_attr_put_u16(nlh, NAT64_POOL_PORT_MIN, min);
			mnl_attr_put_u16(nlh, NAT64_POOL_PORT_MAX, max);
		} else if (match_word(*args, "mapping")) {
			if (!arg_once(&mapping, "mapping") ||
			    !arg_choice(args[1], "mapping", mappings, &choice))
				return EXIT_USAGE;
			mnl_attr_put_u8(nlh, NAT64_POOL_MAPPING, choice);
		} else if (match_word(*args, "filtering")) {
			if (!arg_once(&filtering, "filtering") ||
			    !arg_choice(args[1], "filtering", filterings,
					&choice))
				return EXIT_USAGE;
			mnl_attr_put_u8(nlh, NAT64_POOL_FILTERING, choice);
		} else if (match_word(*args, "parity")) {
			if (!arg_once(&parity, "parity") ||
			    !arg_bool(args[1], "parity", &on))
				return EXIT_USAGE;
			mnl_attr_put_u8(nlh, NAT64_POOL_PARITY, on);
		} else if (match_word(*args, "port-class")) {
			if (!arg_once(&port_class, "port-class") ||
			    !arg_bool(args[1], "port-class", &on))
				return EXIT_USAGE;
			mnl_attr_put_u8(nlh, NAT64_POOL_PORT_CLASS, on);
		} else if (match_word(*args, "block-size")) {
			if (!arg_once(&block_size, "block-size") ||
			    !arg_u32(args[1], "block-size", 64, 16384, &number))
				return EXIT_USAGE;
			mnl_attr_put_u16(nlh, NAT64_POOL_BLOCK_SIZE, number);
		} else if (match_word(*args, "blocks-max")) {
			if (!arg_once(&blocks_max, "blocks-max") ||
			    !arg_u32(args[1], "blocks-max", 1, 64, &number))
				return EXIT_USAGE;
			mnl_attr_put_u8(nlh, NAT64_POOL_BLOCKS_MAX, number);
		} else {
			complain("unexpected word \"%s\": ports, mapping, filtering, parity, port-class, block-size or blocks-max",
				 *args);
			return EXIT_USAGE;
		}
	}
	return nl_change(nlh);
}

static int del(char **args)
{
	struct nlmsghdr *nlh;
	int code = request(NAT64_CMD_POOL_DEL, &args, &nlh);

	if (code)
		return code;
	return arg_end(args) ? nl_change(nlh) : EXIT_USAGE;
}

static void print(const struct nlattr **attrs)
{
	out_wordf("pool", "%s/%u", str4(nl_in(attrs[NAT64_POOL_ADDR])),
		  nl_u8(attrs[NAT64_POOL_LEN]));
	out_fmt("ports", "%u-%u", nl_u16(attrs[NAT64_POOL_PORT_MIN]),
		nl_u16(attrs[NAT64_POOL_PORT_MAX]));
	out_str("mapping", mappings[nl_u8(attrs[NAT64_POOL_MAPPING]) & 1]);
	out_str("filtering",
		filterings[nl_u8(attrs[NAT64_POOL_FILTERING]) & 1]);
	out_flag("parity", nl_u8(attrs[NAT64_POOL_PARITY]));
	out_flag("port-class", nl_u8(attrs[NAT64_POOL_PORT_CLASS]));
	if (attrs[NAT64_POOL_BLOCK_SIZE]) {
		out_num("block-size", nl_u16(attrs[NAT64_POOL_BLOCK_SIZE]));
		out_num("blocks-max", nl_u8(attrs[NAT64_POOL_BLOCKS_MAX]));
		out_num("blocks", nl_u32(attrs[NAT64_POOL_BLOCKS]));
		out_num("blocks-used", nl_u32(attrs[NAT64_POOL_BLOCKS_USED]));
	}
	out_num("tcp", nl_u32(attrs[NAT64_POOL_USED_TCP]));
	out_num("udp", nl_u32(attrs[NAT64_POOL_USED_UDP]));
	out_num("icmp", nl_u32(attrs[NAT64_POOL_USED_ICMP]));
}

static int list(char **args)
{
	if (!arg_end(args))
		return EXIT_USAGE;
	return nl_list(nl_request(NAT64_CMD_POOL_GET, true), NAT64_POOL_MAX,
		       print);
}

static int flush(char **args)
{
	return nl_flush(NAT64_CMD_POOL_FLUSH, args);
}

static void line(const struct nlattr **attrs, FILE *out)
{
	const struct nlattr *min = attrs[NAT64_POOL_PORT_MIN];
	const struct nlattr *max = attrs[NAT64_POOL_PORT_MAX];
	const struct nlattr *port_class = attrs[NAT64_POOL_PORT_CLASS];
	const struct nlattr *blocks_max = attrs[NAT64_POOL_BLOCKS_MAX];
	uint8_t mapping = nl_u8(attrs[NAT64_POOL_MAPPING]) & 1;
	uint8_t filtering = nl_u8(attrs[NAT64_POOL_FILTERING]) & 1;
	uint16_t first = min ? nl_u16(min) : 1;
	uint16_t last = max ? nl_u16(max) : 65535;

	fprintf(out, "pool add %s/%u", str4(nl_in(attrs[NAT64_POOL_ADDR])),
		nl_u8(attrs[NAT64_POOL_LEN]));
	if (first != 1 || last != 65535)
		fprintf(out, " ports %u-%u", first, last);
	if (mapping)
		fprintf(out, " mapping %s", mappings[mapping]);
	if (filtering)
		fprintf(out, " filtering %s", filterings[filtering]);
	if (nl_u8(attrs[NAT64_POOL_PARITY]))
		fputs(" parity on", out);
	if (port_class && !nl_u8(port_class))
		fputs(" port-class off", out);
	if (attrs[NAT64_POOL_BLOCK_SIZE])
		fprintf(out, " block-size %u", nl_u16(attrs[NAT64_POOL_BLOCK_SIZE]));
	if (blocks_max && nl_u8(blocks_max) != 8)
		fprintf(out, " blocks-max %u", nl_u8(blocks_max));
	fputc('\n', out);
}

const struct noun pool_noun = {
	.name = "pool",
	.makes = "add",
	.cmd_add = NAT64_CMD_POOL_ADD,
	.cmd_get = NAT64_CMD_POOL_GET,
	.maxattr = NAT64_POOL_MAX,
	.line = line,
	.help =
"nat64ctl pool [ list ]\n"
"nat64ctl pool add ADDRESS[/LEN] [ ports MIN-MAX ] [ mapping MAPPING ]\n"
"                  [ filtering FILTERING ] [ parity on|off ] [ port-class on|off ]\n"
"                  [ block-size N [ blocks-max N ] ]\n"
"nat64ctl pool del ADDRESS[/LEN]\n"
"nat64ctl pool flush\n"
"\n"
"IPv4 addresses, /16 to /32, and their ports (default 1-65535; the same range\n"
"serves ICMP ids) that stand for IPv6 hosts.  A host keeps one address as long\n"
"as that has ports.  If an address is also the host's own, leave the host ports\n"
"of its own by \"ports\".  A pool that is removed takes its sessions with it.\n"
"The list tells how many ports are in use, by protocol.\n"
"\n"
"  mapping endpoint-independent    a port belongs to one port of an IPv6 host,\n"
"                                  whatever it talks to (default, RFC 4787)\n"
"  mapping address-port-dependent  a port belongs to one session; sessions to\n"
"                                  different servers may share it, so that one\n"
"                                  address holds many more.  Nobody can connect\n"
"                                  to a client; some games and calls suffer.\n"
"  filtering endpoint-independent  any IPv4 host may answer (default)\n"
"  filtering address-dependent     only hosts that the client talks to may\n"
"  parity on                       an even port becomes an even one, an odd\n"
"                                  port an odd one (default off, RFC 7857)\n"
"  port-class off                  a port below 1024 may become any port, and\n"
"                                  any port such a one (default on, RFC 6146)\n"
"  block-size N                    a client (client-prefix-len) gets ports by N at\n"
"                                  a time, a power of two, 64 to 16384, so that a\n"
"                                  log has a line of each block and not of each\n"
"                                  port (nat64ctl block help); those below 1024\n"
"                                  are left out\n"
"  blocks-max N                    most blocks of a client, 1 to 64 (default 8)\n",
	.verbs = (const struct verb[]) {
		{ "list", list }, { "show", list }, { "add", add },
		{ "del", del }, { "delete", del }, { "flush", flush }, { 0 }
	},
};
