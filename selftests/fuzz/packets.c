// SPDX-License-Identifier: GPL-2.0
/*
 * packets INTERFACE MAC SEEDS COUNT NUMBER: send COUNT packets to MAC, each made
 * from one of SEEDS by chance, which begins with NUMBER: the same packets for the
 * same number.  SEEDS is a file of IP packets, each behind its length, two octets.
 *
 * One in four is sent as it is, so that there are sessions for the others to hit.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define SEEDS_MAX	65536
#define LENGTH_MAX	2048
#define BATCH		32

struct frame {
	struct virtio_net_hdr vnet;
	struct ether_header eth;
	uint8_t ip[LENGTH_MAX];
} __attribute__((packed));

static uint64_t state;

/* xorshift64* */
static uint32_t rnd(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1d >> 32) * below >> 32;
}

static uint32_t sum(const uint8_t *p, size_t len, uint32_t s)
{
	for (size_t i = 0; i < len; i++)
		s += i & 1 ? p[i] : p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static void put16(uint8_t *p, uint16_t value)
{
	p[0] = value >> 8;
	p[1] = value;
}

/* Where the checksum of a transport is, or -1. */
static int sum_at(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return 6;
	case IPPROTO_DCCP:
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	}
	return -1;
}

static bool is_extension(uint8_t proto)
{
	return proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING ||
	       proto == IPPROTO_DSTOPTS || proto == IPPROTO_FRAGMENT;
}

/* Offset of the transport header, as far as there is one; its protocol. */
static size_t transport(const uint8_t *ip, size_t len, uint8_t *proto)
{
	size_t off = 40;

	if (ip[0] >> 4 == 4) {
		*proto = ip[9];
		return (ip[0] & 15) * 4;
	}
	*proto = ip[6];
	while (is_extension(*proto) && off + 8 <= len) {
		size_t step = *proto == IPPROTO_FRAGMENT ? 8 :
			      (ip[off + 1] + 1) * 8;

		*proto = ip[off];
		off += step;
	}
	return off;
}

static void mend(uint8_t *ip, size_t len, bool inner)
{
	bool four = ip[0] >> 4 == 4;
	uint8_t proto;
	size_t off;
	uint32_t s;
	int at;

	if (len < 40)
		return;
	if (four) {
		put16(ip + 10, 0);
		put16(ip + 10, ~sum(ip, 20, sum(ip + 20,
			(ip[0] & 15) > 5 && len >= 60 ?
			(ip[0] & 15) * 4 - 20 : 0, 0)));
	}
	off = transport(ip, len, &proto);
	at = sum_at(proto);
	if (at < 0 || off + at + 2 > len)
		return;
	/* The packet inside an error may be mended first. */
	if (!inner && (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) &&
	    off + 48 < len && rnd(2))
		mend(ip + off + 8, len - off - 8, true);
	put16(ip + off + at, 0);
	s = sum(ip + off, len - off, 0);
	if (!four || proto != IPPROTO_ICMP) {
		s = four ? sum(ip + 12, 8, s) : sum(ip + 8, 32, s);
		s += proto + len - off;
		s = (s & 0xffff) + (s >> 16);
	}
	put16(ip + off + at, ~s);
}

/* To and from the few ports that there are sessions of, and be it inside an error. */
static void aim(uint8_t *ip, size_t len, bool six, bool inner)
{
	static const uint16_t services[] = { 21, 53, 80, 443 };
	uint8_t proto, *local, *remote;
	size_t off;

	if (len < 40)
		return;
	off = transport(ip, len, &proto);
	if (off + 8 > len)
		return;
	if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) {
		if (six ? ip[off] >> 1 != 64 : ip[off] & ~8) {
			if (!inner)
				aim(ip + off + 8, len - off - 8, six, true);
			return;
		}
		put16(ip + off + 4, (six ? 2000 : 1024) + rnd(64));
		return;
	}
	if (proto != IPPROTO_TCP && proto != IPPROTO_UDP)
		return;
	local = ip + off + (six != inner ? 0 : 2);
	remote = ip + off + (six != inner ? 2 : 0);
	put16(local, (six ? 2000 : 1024) + rnd(64));
	put16(remote, services[rnd(4)]);
	if (proto == IPPROTO_TCP && !inner && off + 20 <= len && rnd(2))
		ip[off + 13] = rnd(2) ? 0x02 : 0x10;
}

static void set_length(uint8_t *ip, size_t len)
{
	if (ip[0] >> 4 == 4)
		put16(ip + 2, len);
	else
		put16(ip + 4, len - 40);
}

static const uint8_t odd[] = { 0, 1, 4, 6, 8, 17, 20, 40, 44, 58, 60, 64, 127, 128,
			       255 };

static size_t mutate(uint8_t *ip, size_t len)
{
	/* Without its IP header a packet seldom gets far. */
	size_t low = rnd(4) ? (ip[0] >> 4 == 4 ? 20 : 40) : 0;
	/* Most mistakes are made about headers. */
	size_t top = rnd(4) && low + 64 < len ? low + 64 : len;
	unsigned int times = 1 + rnd(1 + rnd(4));

	while (times--) {
		size_t at = low < top ? low + rnd(top - low) : rnd(top);

		switch (rnd(7)) {
		case 0:
			ip[at] ^= 1 << rnd(8);
			break;
		case 1:
			ip[at] = rnd(256);
			break;
		case 2:
			ip[at] = odd[rnd(sizeof(odd))];
			break;
		case 3:
			if (at + 2 <= len)
				put16(ip + at, len - rnd(60));
			break;
		case 4:		/* cut short */
			if (len > low + 21)
				len = low + 20 + rnd(len - low - 20);
			if (rnd(8))
				set_length(ip, len);
			break;
		case 5:		/* longer */
			if (len < LENGTH_MAX - 100) {
				size_t more = rnd(100);

				memset(ip + len, rnd(256), more);
				len += more;
			}
			if (rnd(2))
				set_length(ip, len);
			break;
		case 6: {	/* a piece of it elsewhere */
			size_t from = rnd(len), n = rnd(32);

			if (from + n <= len && at + n <= len)
				memmove(ip + at, ip + from, n);
			break;
		}
		}
		if (top > len)
			top = len;
	}
	return len;
}

/* A fragment of it: to match others of the same few identifications. */
static size_t fragment(uint8_t *ip, size_t len)
{
	size_t off = rnd(len / 8 + 1) * 8, n = 8 * (1 + rnd(20));
	bool more = rnd(3);

	if (ip[0] >> 4 == 4) {
		size_t hdr = (ip[0] & 15) * 4;

		if (hdr + off + n > len)
			return len;
		memmove(ip + hdr, ip + hdr + off, n);
		put16(ip + 4, rnd(4));
		put16(ip + 6, off / 8 | (more ? 0x2000 : 0));
		len = hdr + n;
	} else {
		uint8_t head[8] = { ip[6] };

		if (40 + off + n > len || len + 8 > LENGTH_MAX)
			return len;
		put16(head + 2, off | more);
		head[7] = rnd(4);
		memmove(ip + 48, ip + 40 + off, n);
		memcpy(ip + 40, head, 8);
		ip[6] = IPPROTO_FRAGMENT;
		len = 48 + n;
	}
	set_length(ip, len);
	return len;
}

/* Offloads that a guest may claim; many of them the kernel refuses. */
static void offloads(struct frame *f, size_t len)
{
	struct virtio_net_hdr vnet = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM };
	uint8_t proto;
	size_t off = transport(f->ip, len, &proto);

	vnet.csum_start = sizeof(f->eth) + off;
	vnet.csum_offset = proto == IPPROTO_TCP ? 16 : 6;
	if (!rnd(4))
		vnet.csum_start += rnd(40) - 20;
	if (!rnd(4))
		vnet.csum_offset = rnd(40);
	if (rnd(2)) {
		vnet.gso_type = proto == IPPROTO_UDP ? VIRTIO_NET_HDR_GSO_UDP :
				f->ip[0] >> 4 == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 :
						     VIRTIO_NET_HDR_GSO_TCPV6;
		if (!rnd(4))
			vnet.gso_type = rnd(6);
		vnet.hdr_len = vnet.csum_start + 20;
		vnet.gso_size = 1 + rnd(rnd(2) ? 64 : 1400);
	}
	f->vnet = vnet;
}

static const uint8_t *seeds[SEEDS_MAX];
static unsigned int seed_count;

static void read_seeds(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	uint8_t *data;

	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		err(1, "%s", path);
	for (off_t at = 0; at < st.st_size && seed_count < SEEDS_MAX;
	     at += 2 + (data[at] << 8 | data[at + 1]))
		seeds[seed_count++] = data + at;
	if (!seed_count)
		errx(1, "%s is empty", path);
}

static size_t make(struct frame *f)
{
	const uint8_t *seed = seeds[rnd(seed_count)];
	size_t len = seed[0] << 8 | seed[1];

	memcpy(f->ip, seed + 2, len);
	memset(&f->vnet, 0, sizeof(f->vnet));
	if (rnd(4)) {
		aim(f->ip, len, f->ip[0] >> 4 == 6, false);
		mend(f->ip, len, false);
	}
	if (rnd(4)) {
		if (!rnd(8))
			len = fragment(f->ip, len);
		len = mutate(f->ip, len);
		if (rnd(8))
			mend(f->ip, len, false);
		if (!rnd(4))
			offloads(f, len);
	}
	f->eth.ether_type = htons(seed[2] >> 4 == 4 ? ETHERTYPE_IP :
						      ETHERTYPE_IPV6);
	return offsetof(struct frame, ip) + len;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	unsigned long count, sent = 0, refused = 0;
	static struct frame frames[BATCH];
	struct ether_addr mac;
	int fd, one = 1;

	if (argc != 6 || !ether_aton_r(argv[2], &mac))
		errx(1, "usage: packets INTERFACE MAC SEEDS COUNT NUMBER");
	read_seeds(argv[3]);
	count = strtoul(argv[4], NULL, 0);
	state = strtoul(argv[5], NULL, 0) * 0x9e3779b97f4a7c15 | 1;
	to.sll_ifindex = if_nametoindex(argv[1]);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)))
		err(1, "%s", argv[1]);
	for (int i = 0; i < BATCH; i++)
		memcpy(frames[i].eth.ether_dhost, &mac, 6);
	/* Some the kernel refuses; if it is most, something else is wrong. */
	while (sent < count && refused <= count) {
		struct mmsghdr msgs[BATCH] = {};
		struct iovec iovs[BATCH];
		int n;

		for (int i = 0; i < BATCH; i++) {
			iovs[i].iov_base = &frames[i];
			iovs[i].iov_len = make(&frames[i]);
			msgs[i].msg_hdr.msg_iov = &iovs[i];
			msgs[i].msg_hdr.msg_iovlen = 1;
		}
		for (int i = 0; i < BATCH; i += n) {
			n = sendmmsg(fd, msgs + i, BATCH - i, 0);
			if (n > 0) {
				sent += n;
				continue;
			}
			/* This one the kernel does not take. */
			if (errno == ENETDOWN || errno == ENXIO)
				err(1, "%s", argv[1]);
			refused += errno != ENOBUFS;
			n = errno != ENOBUFS;
		}
	}
	printf("%lu %lu\n", sent, refused);
	return 0;
}
