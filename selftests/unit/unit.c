// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the pure functions.  Prints KTAP.
 *
 * Expectations are written out from the RFCs, or recomputed by other means;
 * they never call the function under test.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../kmod/addr4.h"
#include "../../kmod/eam.h"
#include "../../kmod/ftp_line.h"
#include "../../kmod/icmp_ext.h"
#include "../../kmod/icmp_map.h"
#include "../../kmod/rfc6052.h"
#include "../../kmod/tcp.h"

static int count, failed;

static void ok(bool good, const char *what)
{
	printf("%sok %d %s\n", good ? "" : "not ", ++count, what);
	failed += !good;
}

static struct in6_addr in6(const char *text)
{
	struct in6_addr addr;

	if (inet_pton(AF_INET6, text, &addr) != 1)
		abort();
	return addr;
}

static __be32 in4(const char *text)
{
	struct in_addr addr;

	if (inet_pton(AF_INET, text, &addr) != 1)
		abort();
	return addr.s_addr;
}

/* RFC 6052 section 2.4, tables 1 and 2 */
static void rfc6052_examples(void)
{
	static const struct {
		unsigned int len;
		const char *prefix, *addr;
	} t[] = {
		{ 32, "2001:db8::", "2001:db8:c000:221::" },
		{ 40, "2001:db8:100::", "2001:db8:1c0:2:21::" },
		{ 48, "2001:db8:122::", "2001:db8:122:c000:2:2100::" },
		{ 56, "2001:db8:122:300::", "2001:db8:122:3c0:0:221::" },
		{ 64, "2001:db8:122:344::", "2001:db8:122:344:c0:2:2100::" },
		{ 96, "2001:db8:122:344::", "2001:db8:122:344::192.0.2.33" },
		{ 96, "64:ff9b::", "64:ff9b::192.0.2.33" },
	};
	char what[80];

	for (unsigned int i = 0; i < ARRAY_SIZE(t); i++) {
		struct in6_addr prefix = in6(t[i].prefix);
		struct in6_addr want = in6(t[i].addr), got;

		nat64_rfc6052_embed(&got, &prefix, t[i].len, in4("192.0.2.33"));
		snprintf(what, sizeof(what), "6052 2.4 %s/%u embeds",
			 t[i].prefix, t[i].len);
		ok(!memcmp(&want, &got, sizeof(got)), what);
		snprintf(what, sizeof(what), "6052 2.4 %s/%u extracts",
			 t[i].prefix, t[i].len);
		ok(nat64_rfc6052_extract(&want, t[i].len) ==
		   in4("192.0.2.33"), what);
	}
}

/* Every single bit of an address comes back, whatever the suffix. */
static void rfc6052_round_trip(void)
{
	static const unsigned int lens[] = { 32, 40, 48, 56, 64, 96 };
	struct in6_addr base = in6("2001:db8:aaaa:5555::");
	bool same = true, u_zero = true, inside = true, suffix = true;

	for (unsigned int l = 0; l < ARRAY_SIZE(lens); l++) {
		unsigned int len = lens[l], end;
		struct in6_addr prefix = base, addr;

		for (unsigned int i = len / 8; i < 16; i++)
			prefix.s6_addr[i] = 0;
		end = len == 96 ? 16 : len / 8 + 4 + (len > 32);
		for (unsigned int n = 0; n < 100000; n++) {
			__be32 v = n < 32 ? 1u << n : (u32)random() * 2 + n;

			nat64_rfc6052_embed(&addr, &prefix, len, v);
			u_zero &= !addr.s6_addr[8];
			inside &= nat64_rfc6052_match(&addr, &prefix, len);
			for (unsigned int i = end; i < 16; i++) {
				suffix &= !addr.s6_addr[i];
				addr.s6_addr[i] = random();
			}
			same &= nat64_rfc6052_extract(&addr, len) == v;
		}
		addr.s6_addr[0] ^= 1;
		inside &= !nat64_rfc6052_match(&addr, &prefix, len);
	}
	ok(same, "6052 2.3 any address comes back, any suffix is ignored");
	ok(u_zero, "6052 2.2 bits 64 to 71 are zero");
	ok(suffix, "6052 2.2 the suffix is zero");
	ok(inside, "a prefix holds its addresses and no others");
}

static void rfc6052_check(void)
{
	static const struct {
		const char *prefix;
		unsigned int len;
		bool good;
	} t[] = {
		{ "64:ff9b::", 96, true },
		{ "64:ff9b:1::", 48, true },
		{ "64:ff9b:1:fffe::", 96, true },
		{ "2001:db8::", 32, true },
		{ "2001:db8::1", 96, false },
		{ "2001:db8::", 33, false },
		{ "2001:db8::", 0, false },
		{ "2001:db8::", 128, false },
		{ "2001:db8:0:1::", 48, false },
		{ "2001:db8:0:0:100::", 96, false },	/* u octet */
		{ "ff0e::", 96, false },
		{ "fe80::", 64, false },
		{ "febf:1::", 96, false },
		{ "fec0::", 96, true },
		{ "::ffff:0:0", 96, false },
		{ "::", 96, false },
	};
	char what[80];

	for (unsigned int i = 0; i < ARRAY_SIZE(t); i++) {
		struct in6_addr prefix = in6(t[i].prefix);

		snprintf(what, sizeof(what), "6052 2.2 %s/%u is %s",
			 t[i].prefix, t[i].len, t[i].good ? "good" : "refused");
		ok(!nat64_rfc6052_check(&prefix, t[i].len) == t[i].good, what);
	}
}

static void special_addresses(void)
{
	static const struct {
		const char *addr;
		bool unicast, global;
	} t[] = {
		{ "0.0.0.0", false, false },
		{ "0.255.255.255", false, false },
		{ "1.0.0.0", true, true },
		{ "9.255.255.255", true, true },
		{ "10.0.0.0", true, false },
		{ "10.255.255.255", true, false },
		{ "11.0.0.0", true, true },
		{ "100.63.255.255", true, true },
		{ "100.64.0.0", true, false },
		{ "100.127.255.255", true, false },
		{ "100.128.0.0", true, true },
		{ "127.0.0.1", false, false },
		{ "169.254.169.254", true, false },
		{ "169.255.0.0", true, true },
		{ "172.15.255.255", true, true },
		{ "172.16.0.0", true, false },
		{ "172.31.255.255", true, false },
		{ "172.32.0.0", true, true },
		{ "192.0.0.8", true, false },
		{ "192.0.0.9", true, true },
		{ "192.0.0.10", true, true },
		{ "192.0.1.0", true, true },
		{ "192.0.2.1", true, false },
		{ "192.88.99.1", true, false },
		{ "192.168.1.1", true, false },
		{ "192.169.0.0", true, true },
		{ "198.17.255.255", true, true },
		{ "198.18.0.0", true, false },
		{ "198.19.255.255", true, false },
		{ "198.20.0.0", true, true },
		{ "198.51.100.1", true, false },
		{ "203.0.113.1", true, false },
		{ "223.255.255.255", true, true },
		{ "224.0.0.1", false, false },
		{ "240.0.0.1", false, false },
		{ "255.255.255.255", false, false },
	};
	char what[80];

	for (unsigned int i = 0; i < ARRAY_SIZE(t); i++) {
		__be32 addr = in4(t[i].addr);

		snprintf(what, sizeof(what), "6890 %s%s%s", t[i].addr,
			 t[i].unicast ? " unicast" : "",
			 t[i].global ? " global" : "");
		ok(nat64_addr4_unicast(addr) == t[i].unicast &&
		   nat64_addr4_global(addr) == t[i].global, what);
	}
}

/* RFC 7915 sections 4.2 and 5.2: -1 is "dropped", else type << 8 | code */
static int want46(int type, int code)
{
	static const int unreach[16] = {
		0x100, 0x100, 0x401, 0x104, 0x200, 0x100, 0x100, 0x100,
		0x100, 0x101, 0x101, 0x100, 0x100, 0x101, -1, 0x101
	};

	if (type == 3)
		return code < 16 ? unreach[code] : -1;
	if (type == 11)
		return 0x300 | code;
	if (type == 12 && (code == 0 || code == 2))
		return 0x400;
	return -1;
}

static int want64(int type, int code)
{
	static const int unreach[5] = { 0x301, 0x30a, 0x301, 0x301, 0x303 };

	if (type == 1)
		return code < 5 ? unreach[code] : -1;
	if (type == 2)
		return 0x304;
	if (type == 3)
		return 0xb00 | code;
	if (type == 4 && code < 2)
		return code ? 0x302 : 0xc00;
	return -1;
}

static void icmp_maps(void)
{
	static const int p46[20] = {
		0, 1, 4, 4, -1, -1, -1, -1, 7, 6, -1, -1, 8, 8, 8, 8,
		24, 24, 24, 24
	};
	struct nat64_icmp_map map;
	bool good46 = true, good64 = true, rest = true;

	for (int type = 0; type < 256; type++) {
		for (int code = 0; code < 256; code++) {
			int want = want46(type, code);
			bool is = nat64_icmp_map46(type, code, &map);

			good46 &= is ? (map.type << 8 | map.code) == want :
				       want < 0;
			if (is && map.type == 2)
				rest &= map.rest == NAT64_ICMP_REST_MTU;
			if (is && map.type == 4)
				rest &= map.rest == (map.code ?
					NAT64_ICMP_REST_NEXTHDR :
					NAT64_ICMP_REST_POINTER);
			want = want64(type, code);
			is = nat64_icmp_map64(type, code, &map);
			good64 &= is ? (map.type << 8 | map.code) == want :
				       want < 0;
		}
	}
	ok(good46, "7915 4.2 all types and codes of ICMPv4");
	ok(good64, "7915 5.2 all types and codes of ICMPv6");
	ok(rest, "7915 4.2 what becomes of the second word");

	good46 = good64 = true;
	for (u32 p = 0; p < 300; p++) {
		int want = p < 20 ? p46[p] : -1;

		good46 &= nat64_icmp_pointer46(p) == want;
		want = p == 0 || p == 1 ? (int)p : p == 4 || p == 5 ? 2 :
		       p == 6 ? 9 : p == 7 ? 8 : p >= 8 && p < 24 ? 12 :
		       p >= 24 && p < 40 ? 16 : -1;
		good64 &= nat64_icmp_pointer64(p) == want;
	}
	ok(good46, "7915 figure 3 pointers 4->6");
	ok(good64, "7915 figure 6 pointers 6->4");
	ok(nat64_icmp_plateau(1500) == 1492 && nat64_icmp_plateau(1492) == 1006 &&
	   nat64_icmp_plateau(65535) == 32000 && nat64_icmp_plateau(69) == 68 &&
	   nat64_icmp_plateau(0) == 68, "1191 7.1 plateaus");
}

/*
 * RFC 6146 section 3.5.2.2, and the two choices beyond it (tcp.c), as a table:
 * rows are states, columns events; "." keeps the state.
 */
static void tcp_machine(void)
{
	/*	       4syn 6syn 4fin 6fin 4rst 6rst 4data 6data */
	static const char table[__NAT64_TCP_MAX][__NAT64_TCP_EVENTS + 1] = {
		[NAT64_TCP_CLOSED]	= "46......",
		[NAT64_TCP_V4_INIT]	= ".E......",
		[NAT64_TCP_V6_INIT]	= "E.......",
		[NAT64_TCP_ESTABLISHED]	= "..fFTT..",
		[NAT64_TCP_V4_FIN]	= "...BTT..",
		[NAT64_TCP_V6_FIN]	= "..B.TT..",
		[NAT64_TCP_V4_V6_FIN]	= "46......",
		[NAT64_TCP_TRANS]	= "EEEE..EE",
	};
	/* which timer begins anew: established, transitory, none */
	static const char timers[__NAT64_TCP_MAX][__NAT64_TCP_EVENTS + 1] = {
		[NAT64_TCP_CLOSED]	= "TT......",
		[NAT64_TCP_V4_INIT]	= ".E......",
		[NAT64_TCP_V6_INIT]	= "ET......",
		[NAT64_TCP_ESTABLISHED]	= "EEEETTEE",
		[NAT64_TCP_V4_FIN]	= "EEETTTEE",
		[NAT64_TCP_V6_FIN]	= "EETETTEE",
		[NAT64_TCP_V4_V6_FIN]	= "TT......",
		[NAT64_TCP_TRANS]	= "EEEE..EE",
	};
	static const char names[] = "C46EfFBT";
	static const char timer_names[] = ".ET";
	char what[80];

	for (int state = 0; state < __NAT64_TCP_MAX; state++) {
		bool good = true, timer = true;

		for (int event = 0; event < __NAT64_TCP_EVENTS; event++) {
			char want = table[state][event];

			if (want == '.')
				want = names[state];
			good &= names[nat64_tcp_next(state, event)] == want;
			timer &= timer_names[nat64_tcp_timer(state, event)] ==
				 timers[state][event];
		}
		snprintf(what, sizeof(what), "6146 3.5.2.2 state %c",
			 names[state]);
		ok(good, what);
		snprintf(what, sizeof(what), "6146 3.5.2.2 timers in state %c",
			 names[state]);
		ok(timer, what);
	}
	ok(nat64_tcp_event(true, true, true, true) == NAT64_TCP_V6_RST &&
	   nat64_tcp_event(false, true, true, false) == NAT64_TCP_V4_EV_FIN &&
	   nat64_tcp_event(true, true, false, false) == NAT64_TCP_V6_SYN &&
	   nat64_tcp_event(false, false, false, false) == NAT64_TCP_V4_DATA,
	   "what flags mean: RST before FIN before SYN");
}

/* RFC 7757 section 3.2: mappings, and the examples of its figure 2 */
static void eam_examples(void)
{
	static const struct {
		const char *prefix4;
		int len4;
		const char *prefix6;
		int len6;
		const char *addr4, *addr6;
	} t[] = {
		{ "192.0.2.1", 32, "2001:db8:aaaa::", 128, "192.0.2.1",
		  "2001:db8:aaaa::" },
		{ "192.0.2.2", 32, "2001:db8:bbbb::b", 128, "192.0.2.2",
		  "2001:db8:bbbb::b" },
		{ "192.0.2.16", 28, "2001:db8:cccc::", 124, "192.0.2.24",
		  "2001:db8:cccc::8" },
		{ "192.0.2.128", 26, "2001:db8:dddd::", 64, "192.0.2.183",
		  "2001:db8:dddd:0:dc00::" },
		{ "192.0.2.192", 29, "2001:db8:eeee:8::", 62, "192.0.2.199",
		  "2001:db8:eeee:b:8000::" },
		{ "192.0.2.224", 31, "64:ff9b::", 127, "192.0.2.225",
		  "64:ff9b::1" },
	};
	char what[80];

	for (unsigned int i = 0; i < ARRAY_SIZE(t); i++) {
		struct in6_addr prefix6 = in6(t[i].prefix6), addr6;
		struct in6_addr want6 = in6(t[i].addr6);

		nat64_eam_to6(&prefix6, t[i].len6, t[i].len4, in4(t[i].addr4),
			      &addr6);
		snprintf(what, sizeof(what), "7757 3.2 %s and back",
			 t[i].addr4);
		ok(!memcmp(&addr6, &want6, 16) &&
		   nat64_eam_to4(in4(t[i].prefix4), t[i].len4, t[i].len6,
				 &want6) == in4(t[i].addr4) &&
		   !nat64_eam_check(in4(t[i].prefix4), t[i].len4, &prefix6,
				    t[i].len6), what);
	}
}

/* Every pair of lengths, bit by bit. */
static void eam_bits(void)
{
	bool good = true;

	for (int len4 = 8; len4 <= 32; len4++) {
		for (int len6 = 8; len6 <= 96 + len4; len6++) {
			for (int bit = len4; bit < 32; bit++) {
				struct in6_addr prefix = { 0 }, got, want = { 0 };
				int place = len6 + bit - len4;

				prefix.s6_addr[0] = want.s6_addr[0] = 0x20;
				want.s6_addr[place / 8] |= 0x80 >> place % 8;
				nat64_eam_to6(&prefix, len6, len4,
					      htonl(0x80000000U >> bit), &got);
				good &= !memcmp(&got, &want, 16);
				/* What is behind the suffix is ignored. */
				for (int b = len6 + 32 - len4; b < 128; b++)
					want.s6_addr[b / 8] |= 0x80 >> b % 8;
				good &= nat64_eam_to4(0, len4, len6, &want) ==
					htonl(0x80000000U >> bit);
			}
		}
	}
	ok(good, "7757 3.2 each bit of each suffix, both ways");
}

static void eam_check(void)
{
	struct in6_addr a = in6("2001:db8::");
	struct in6_addr host = in6("2001:db8::1");

	ok(!nat64_eam_check(in4("192.0.2.0"), 24, &a, 120),
	   "7757 3.2 suffixes of the same length");
	ok(nat64_eam_check(in4("192.0.2.0"), 24, &a, 121),
	   "7757 3.2 an IPv6 suffix that is too short is refused");
	ok(nat64_eam_check(in4("192.0.2.1"), 24, &a, 64),
	   "host bits in the IPv4 prefix are refused");
	ok(nat64_eam_check(in4("192.0.2.0"), 24, &host, 64),
	   "host bits in the IPv6 prefix are refused");
}

static void icmp_layouts(void)
{
	struct nat64_icmp_layout l;

	nat64_icmp_layout(&l, 100, 40, 0, 8, 1232);
	ok(l.there == 100 && !l.field && !l.ext, "4884 none, all kept");
	nat64_icmp_layout(&l, 1300, 40, 0, 8, 1232);
	ok(l.there == 1192, "4884 none, cut to the limit");
	nat64_icmp_layout(&l, 20, 40, 16, 8, 1232);
	ok(l.there == 20 && l.field == 128 && l.ext == 16,
	   "4884 4 padded to 128 octets");
	nat64_icmp_layout(&l, 101, 40, 16, 8, 1232);
	ok(l.field == 144 && l.there == 101, "4884 4 padded to 64 bits");
	nat64_icmp_layout(&l, 101, 40, 16, 4, 548);
	ok(l.field == 144 && l.there == 101, "4884 4 padded to 32 bits");
	nat64_icmp_layout(&l, 600, 20, 50, 4, 548);
	ok(l.field == 496 && l.there == 476 && l.ext == 50,
	   "4884 the packet gives way to the extensions");
	nat64_icmp_layout(&l, 600, 20, 500, 4, 548);
	ok(l.field == 128 && l.there == 108 && l.ext == 420,
	   "7915 4.2 down to 128 octets, then they are cut");
	ok(nat64_icmp4_has_length(3) && nat64_icmp4_has_length(11) &&
	   nat64_icmp4_has_length(12) && !nat64_icmp4_has_length(8) &&
	   nat64_icmp6_has_length(1) && nat64_icmp6_has_length(3) &&
	   !nat64_icmp6_has_length(2) && !nat64_icmp6_has_length(4),
	   "4884 4 which errors may have extensions");
}

static void icmp_source(void)
{
	struct in6_addr source = in6("2001:db8:77::1");
	u8 ext[NAT64_ICMP_EXT_SOURCE];
	u32 sum = 0;

	nat64_icmp_ext_source(ext, &source);
	for (unsigned int i = 0; i < sizeof(ext); i += 2)
		sum += ext[i] << 8 | ext[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	ok(sum == 0xffff, "4884 7 checksum of the extension");
	ok(ext[0] == 0x20 && ext[4] == 0 && ext[5] == 24 && ext[6] == 2 &&
	   ext[7] == 4 && ext[9] == 2 && !memcmp(ext + 12, &source, 16),
	   "5837 4 an IPv6 interface address");
}

static enum nat64_ftp_verb verb(const char *line, struct in6_addr *addr,
				u16 *port)
{
	/* Exactly as long as it is, so that the sanitizer sees one step over. */
	char *copy = malloc(strlen(line));
	enum nat64_ftp_verb got;

	memcpy(copy, line, strlen(line));
	got = nat64_ftp_command(copy, strlen(line), addr, port);
	free(copy);
	return got;
}

static void ftp_lines(void)
{
	static const struct {
		const char *line;
		enum nat64_ftp_verb verb;
	} t[] = {
		{ "EPSV\r\n", NAT64_FTP_EPSV },
		{ "epsv\n", NAT64_FTP_EPSV },
		{ "EPSV 2\r\n", NAT64_FTP_EPSV },
		{ "EPSV  \r\n", NAT64_FTP_EPSV },
		{ "EPSV 1\r\n", NAT64_FTP_OTHER },
		{ "EPSV 3\r\n", NAT64_FTP_OTHER },
		{ "EPSV ALL\r\n", NAT64_FTP_EPSV_ALL },
		{ "EPSVX\r\n", NAT64_FTP_OTHER },
		{ "EPSV", NAT64_FTP_OTHER },
		{ "EPRT |2|2001:db8::7|5282|\r\n", NAT64_FTP_EPRT },
		{ "eprt !2!2001:db8::7!5282!\n", NAT64_FTP_EPRT },
		{ "EPRT |1|192.0.2.1|5282|\r\n", NAT64_FTP_OTHER },
		{ "EPRT |2|2001:db8::7|65536|\r\n", NAT64_FTP_OTHER },
		{ "EPRT |2|2001:db8::7|0|\r\n", NAT64_FTP_OTHER },
		{ "EPRT |2|2001:db8::7|99999999999|\r\n", NAT64_FTP_OTHER },
		{ "EPRT |2|2001:db8::g|5282|\r\n", NAT64_FTP_OTHER },
		{ "EPRT |2|2001:db8::7|5282\r\n", NAT64_FTP_OTHER },
		{ "EPRT |2|2001:db8::7|5282|x\r\n", NAT64_FTP_OTHER },
		{ "EPRT |2|", NAT64_FTP_OTHER },
		{ "EPRT |2||5282|\r\n", NAT64_FTP_OTHER },
		{ "EPRT |2|2001:db8:0000:0000:0000:0000:0000:0000:0007|1|\r\n",
		  NAT64_FTP_OTHER },
		{ "EPRT \r\n", NAT64_FTP_OTHER },
		{ "EPRT ", NAT64_FTP_OTHER },
		{ "AUTH TLS\r\n", NAT64_FTP_AUTH },
		{ "PASV\r\n", NAT64_FTP_OTHER },
		{ "\n", NAT64_FTP_OTHER },
	};
	struct in6_addr addr, want = in6("2001:db8::7");
	char what[80];
	__be32 addr4;
	u16 port;

	for (unsigned int i = 0; i < ARRAY_SIZE(t); i++) {
		snprintf(what, sizeof(what), "2428 6384 %.*s",
			 (int)strcspn(t[i].line, "\r\n"), t[i].line);
		ok(verb(t[i].line, &addr, &port) == t[i].verb, what);
	}
	verb("EPRT |2|2001:db8::7|5282|\r\n", &addr, &port);
	ok(!memcmp(&addr, &want, 16) && port == 5282,
	   "2428 2 address and port of EPRT");
#define IS_227(line, a, p) (nat64_ftp_227(line, strlen(line), &addr4, &port) && \
			    addr4 == in4(a) && port == (p))
	ok(IS_227("227 Entering Passive Mode (192,0,2,33,4,1).\r\n",
		  "192.0.2.33", 1025), "959 4.2 227");
	ok(IS_227("227 =192,0,2,33,255,255\r\n", "192.0.2.33", 65535),
	   "1123 4.1.2.6 227 without parentheses");
#undef IS_227
	ok(!nat64_ftp_227("227 (192,0,2,33,4,256)", 22, &addr4, &port) &&
	   !nat64_ftp_227("227 (192,0,2,33,4)", 18, &addr4, &port) &&
	   !nat64_ftp_227("227 nothing", 11, &addr4, &port) &&
	   !nat64_ftp_227("227", 3, &addr4, &port) &&
	   !nat64_ftp_227("228 (192,0,2,33,4,1)", 20, &addr4, &port),
	   "959 what is no reply to PASV");
	ok(nat64_ftp_reply("234 go\r\n", 8) == 234 &&
	   !nat64_ftp_reply("234-more\r\n", 10) &&
	   !nat64_ftp_reply("23 x\r\n", 6) && !nat64_ftp_reply("x\n", 2) &&
	   !nat64_ftp_reply("2345 x\n", 7), "959 4.2 last lines of replies");
}

int main(void)
{
	rfc6052_examples();
	rfc6052_round_trip();
	rfc6052_check();
	special_addresses();
	icmp_maps();
	tcp_machine();
	eam_examples();
	eam_bits();
	eam_check();
	icmp_layouts();
	icmp_source();
	ftp_lines();
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}
