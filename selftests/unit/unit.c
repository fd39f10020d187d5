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
		{ "::", 96, false },
	};
	char what[80];

	for (unsigned int i = 0; i < ARRAY_SIZE(t); i++) {
		struct in6_addr prefix = in6(t[i].prefix);

		snprintf(what, sizeof(what), "6052 2.2 %s/%u is %s",
			 t[i].prefix, t[i].len, t[i].good ? "good" : "refused");
		ok(!nat64_rfc6052_check(&prefix, t[i].len) == t[i].good, what);
	}
	struct in6_addr wkp = in6("64:ff9b::"), other = in6("64:ff9b:1::");

	ok(nat64_rfc6052_well_known(&wkp, 96) &&
	   !nat64_rfc6052_well_known(&wkp, 64) &&
	   !nat64_rfc6052_well_known(&other, 96), "6052 2.1 well-known prefix");
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
	if (type == 11 && code < 2)
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
	if (type == 3 && code < 2)
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

int main(void)
{
	rfc6052_examples();
	rfc6052_round_trip();
	rfc6052_check();
	special_addresses();
	icmp_maps();
	tcp_machine();
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}
