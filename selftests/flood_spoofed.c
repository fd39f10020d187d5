// SPDX-License-Identifier: GPL-2.0
/*
 * flood_spoofed INTERFACE MAC ADDRESS COUNT: COUNT packets to the IPv6 ADDRESS
 * behind MAC, every second one a TCP SYN, the others UDP, each from a /64 of its
 * own of 3fff::/20 (RFC 9637).  COUNT 0: until killed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH 64

struct frame {
	uint16_t unused;	/* so that what follows is aligned */
	struct ether_header eth;
	struct ip6_hdr ip6;
	union {
		struct tcphdr tcp;
		struct udphdr udp;
	};
};

static uint64_t seed = 0x9e3779b97f4a7c15;

/* xorshift64* */
static uint64_t rnd(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1d;
}

static uint16_t checksum(const struct ip6_hdr *ip6, const void *l4, size_t len)
{
	const uint8_t *addrs = (const uint8_t *)&ip6->ip6_src, *data = l4;
	uint32_t sum = len + ip6->ip6_nxt;

	for (size_t i = 0; i < 32; i += 2)
		sum += addrs[i] << 8 | addrs[i + 1];
	for (size_t i = 0; i < len; i += 2)
		sum += data[i] << 8 | data[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

static size_t make(struct frame *f, int tcp)
{
	size_t len = tcp ? sizeof(f->tcp) : sizeof(f->udp);
	uint64_t net = rnd(), host = rnd();

	net = htobe64(0x3fff000000000000 | net >> 20);
	memcpy(&f->ip6.ip6_src, &net, 8);
	memcpy(f->ip6.ip6_src.s6_addr + 8, &host, 8);
	f->ip6.ip6_plen = htons(len);
	f->ip6.ip6_nxt = tcp ? IPPROTO_TCP : IPPROTO_UDP;
	memset(&f->tcp, 0, sizeof(f->tcp));
	if (tcp) {
		f->tcp.th_sport = htons(1024 + rnd() % 60000);
		f->tcp.th_dport = htons(7);
		f->tcp.th_seq = rnd();
		f->tcp.th_off = 5;
		f->tcp.th_flags = TH_SYN;
		f->tcp.th_win = htons(1000);
		f->tcp.th_sum = checksum(&f->ip6, &f->tcp, len);
	} else {
		f->udp.uh_sport = htons(1024 + rnd() % 60000);
		f->udp.uh_dport = htons(9);
		f->udp.uh_ulen = htons(len);
		f->udp.uh_sum = checksum(&f->ip6, &f->udp, len);
	}
	return offsetof(struct frame, tcp) - offsetof(struct frame, eth) + len;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IPV6),
	};
	static struct frame frames[BATCH];
	struct mmsghdr msgs[BATCH] = {};
	struct iovec iovs[BATCH];
	unsigned long count, sent = 0;
	struct ether_addr mac;
	int fd;

	if (argc != 5 || !ether_aton_r(argv[2], &mac))
		errx(1, "usage: flood_spoofed INTERFACE MAC ADDRESS COUNT");
	to.sll_ifindex = if_nametoindex(argv[1]);
	count = strtoul(argv[4], NULL, 0);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "%s", argv[1]);
	for (int i = 0; i < BATCH; i++) {
		memcpy(frames[i].eth.ether_dhost, &mac, 6);
		frames[i].eth.ether_type = htons(ETHERTYPE_IPV6);
		frames[i].ip6.ip6_flow = htonl(6 << 28);
		frames[i].ip6.ip6_hlim = 64;
		if (inet_pton(AF_INET6, argv[3], &frames[i].ip6.ip6_dst) != 1)
			errx(1, "%s is not an IPv6 address", argv[3]);
		msgs[i].msg_hdr.msg_iov = &iovs[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	while (!count || sent < count) {
		int n = BATCH;

		for (int i = 0; i < BATCH; i++) {
			iovs[i].iov_base = &frames[i].eth;
			iovs[i].iov_len = make(&frames[i], i & 1);
		}
		n = sendmmsg(fd, msgs, n, 0);
		if (n < 0 && errno != ENOBUFS)
			err(1, "%s", argv[1]);
		sent += n > 0 ? n : 0;
	}
	printf("%lu\n", sent);
	return 0;
}
