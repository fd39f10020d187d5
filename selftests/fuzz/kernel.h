/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as the parser and the translators need, in userspace:
 * included before them, by the compiler.  A packet's head and the rest of it are
 * allocations of their exact size, so that the sanitizer sees each octet too far;
 * they move whenever they may, as those of a packet that others have a copy of.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../kmod/pure.h"

#include <linux/dccp.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/version.h>

#define __force
#define __rcu
#define __percpu
#define __acquires(x)
#define __packed		__attribute__((packed))
#define __aligned(n)		__attribute__((aligned(n)))
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define ____cacheline_aligned_in_smp
#define fallthrough		__attribute__((fallthrough))
#define unlikely(x)		(x)
#define BUILD_BUG_ON(x)		_Static_assert(!(x), #x)
#define offsetofend(type, member) \
	(offsetof(type, member) + sizeof(((type *)0)->member))
#define READ_ONCE(x)		(*(volatile typeof(x) *)&(x))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min3(a, b, c)		min(min(a, b), c)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define swap(a, b) \
	do { typeof(a) swapped = (a); (a) = (b); (b) = swapped; } while (0)
#define get_unaligned(p) \
	(((struct { typeof(*(p)) x; } __packed *)(p))->x)
#define BIT(n)			(1UL << (n))
#define BITS_PER_LONG		64
#define DECLARE_BITMAP(name, bits) unsigned long name[((bits) + 63) / 64]
#define GOLDEN_RATIO_64		0x61C8864680B583EBull
#define U16_MAX			0xffff
#define U32_MAX			0xffffffff

/* What the structures of the module hold and nobody here touches. */
typedef struct { int counter; } atomic_t;
typedef struct { int unused; } refcount_t;
typedef struct { int unused; } spinlock_t;
typedef struct { int unused; } seqcount_spinlock_t;
typedef struct { u64 key[2]; } hsiphash_key_t;
struct mutex { int unused; };
struct rhashtable { int unused; };
struct rhash_head { int unused; };
struct rcu_head { int unused; };
struct list_head { int unused; };
struct llist_head { int unused; };
struct work_struct { int unused; };
struct delayed_work { int unused; };
struct xarray { int unused; };
struct net { int unused; };
struct netlink_ext_ack;

static inline void *net_generic(const struct net *net, unsigned int id)
{
	return NULL;
}

static inline u32 hsiphash(const void *key, u32 len, const hsiphash_key_t *secret)
{
	u32 h = secret->key[0];

	while (len--)
		h = h * 31 + *(const u8 *)key++;
	return h;
}

/* The table's inline functions are not called. */
#define atomic_read(a)			((a)->counter)
#define atomic_inc(a)			((a)->counter++)
#define smp_load_acquire(p)		(*(p))
#define rcu_dereference(p)		(p)
#define read_seqcount_begin(s)		((void)(s), 0)
#define read_seqcount_retry(s, n)	((void)(n), false)
#define spin_lock_bh(l)			((void)(l))
#define spin_unlock_bh(l)		((void)(l))
#define prefetchw(p)
#define fls(n)				((n) ? 32 - __builtin_clz(n) : 0)
#define roundup_pow_of_two(n)		(n)

struct net_device {
	unsigned int mtu;
	unsigned int room;
};

#define LL_RESERVED_SPACE(dev)	((dev)->room)

struct dst_entry {
	struct net_device *dev;
	unsigned int mtu;
};

static inline unsigned int dst_mtu(const struct dst_entry *dst)
{
	return dst->mtu;
}

struct nf_hook_state {
	u8 hook;
	u8 pf;
	struct net_device *in;
	struct net_device *out;
};

/* Offloads, as the kernel has them */
enum {
	SKB_GSO_TCPV4 = 1 << 0,
	SKB_GSO_DODGY = 1 << 1,
	SKB_GSO_TCP_FIXEDID = 1 << 3,
	SKB_GSO_TCPV6 = 1 << 4,
	SKB_GSO_SCTP = 1 << 14,
	SKB_GSO_UDP = 1 << 16,
	SKB_GSO_UDP_L4 = 1 << 17,
	SKB_GSO_FRAGLIST = 1 << 18,
	SKB_GSO_TCP_FIXEDID_INNER = 1 << 30,
};

enum { CHECKSUM_NONE, CHECKSUM_UNNECESSARY, CHECKSUM_COMPLETE, CHECKSUM_PARTIAL };

struct skb_shared_info {
	u16 gso_size;
	u16 gso_segs;
	u32 gso_type;
};

struct sk_buff {
	u8 *head;		/* an allocation */
	u8 *data;		/* in @head */
	u8 *end;		/* of @head */
	u8 *rest;		/* an allocation, what is not in @head */
	unsigned int len;
	unsigned int data_len;	/* of @rest */
	u16 protocol;
	u8 ip_summed;
	bool encapsulation;
	bool ignore_df;
	u16 csum_start;		/* from @head on */
	u16 csum_offset;
	u16 transport_header;	/* from @data on, when it was set */
	u64 tstamp;
	char cb[48];
	struct skb_shared_info shinfo;
};

#define skb_shinfo(skb)		(&(skb)->shinfo)
#define skb_is_gso(skb)		((skb)->shinfo.gso_size)
#define skb_headlen(skb)	((skb)->len - (skb)->data_len)
#define skb_tailroom(skb) \
	((skb)->data_len ? 0 : (skb)->end - (skb)->data - (skb)->len)
#define ip_hdr(skb)		((struct iphdr *)(skb)->data)
#define ipv6_hdr(skb)		((struct ipv6hdr *)(skb)->data)
#define skb_reset_network_header(skb)
#define skb_reset_mac_header(skb)
#define skb_reset_mac_len(skb)
#define skb_set_transport_header(skb, off) ((skb)->transport_header = (off))
#define skb_dst_drop(skb)
#define skb_clear_hash(skb)
#define nf_reset_ct(skb)
#define nf_ct_set(skb, ct, info)
#define secpath_reset(skb)

/* Where the headers are older, compat/skbuff.h has it. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
#define skb_clear_tstamp(skb)	((skb)->tstamp = 0)
#endif

static inline int skb_checksum_start_offset(const struct sk_buff *skb)
{
	return skb->csum_start - (skb->data - skb->head);
}

/* Copy from both parts; false if there is less. */
static inline bool skb_get(const struct sk_buff *skb, unsigned int off, void *to,
			   unsigned int len)
{
	unsigned int here = skb_headlen(skb), n;

	if (off > skb->len || len > skb->len - off)
		return false;
	n = off < here ? min(len, here - off) : 0;
	memcpy(to, skb->data + off, n);
	if (len > n)
		memcpy((u8 *)to + n, skb->rest + off + n - here, len - n);
	return true;
}

static inline void *skb_header_pointer(const struct sk_buff *skb, int off, int len,
				       void *buffer)
{
	if ((int)skb_headlen(skb) - off >= len)
		return skb->data + off;
	return skb_get(skb, off, buffer, len) ? buffer : NULL;
}

/* A head of other size, with the first @head_len octets. */
static inline void skb_rebuild(struct sk_buff *skb, unsigned int headroom,
			       unsigned int head_len, unsigned int tailroom)
{
	u8 *head = malloc(headroom + head_len + tailroom), *rest = NULL;
	unsigned int left = skb->len - head_len;
	int start = skb_checksum_start_offset(skb);

	skb_get(skb, 0, head + headroom, head_len);
	if (left) {
		rest = malloc(left);
		skb_get(skb, head_len, rest, left);
	}
	free(skb->head);
	free(skb->rest);
	skb->head = head;
	skb->data = head + headroom;
	skb->end = skb->data + head_len + tailroom;
	skb->rest = rest;
	skb->data_len = left;
	skb->csum_start = headroom + start;
}

/* The allocation that fails counted from now, 0 if none does. */
extern unsigned int memory_lacks;

static inline bool lacks_memory(void)
{
	return memory_lacks && !--memory_lacks;
}

static inline int skb_cow(struct sk_buff *skb, unsigned int headroom)
{
	if (lacks_memory())
		return -ENOMEM;
	skb_rebuild(skb, max(headroom, (unsigned int)(skb->data - skb->head)),
		    skb_headlen(skb), skb->end - skb->data - skb_headlen(skb));
	return 0;
}

#define skb_cow_head		skb_cow

static inline int skb_ensure_writable(struct sk_buff *skb, unsigned int len)
{
	assert(len <= skb->len);
	if (lacks_memory())
		return -ENOMEM;
	skb_rebuild(skb, skb->data - skb->head, max(len, skb_headlen(skb)),
		    len > skb_headlen(skb) ? 0 : skb_tailroom(skb));
	return 0;
}

static inline int skb_linearize(struct sk_buff *skb)
{
	return skb->data_len ? skb_ensure_writable(skb, skb->len) : 0;
}

static inline int pskb_expand_head(struct sk_buff *skb, int head, int tail, int flags)
{
	if (lacks_memory())
		return -ENOMEM;
	skb_rebuild(skb, skb->data - skb->head + head, skb_headlen(skb),
		    skb->end - skb->data - skb_headlen(skb) + tail);
	return 0;
}

static inline void *__skb_pull(struct sk_buff *skb, unsigned int len)
{
	assert(len <= skb_headlen(skb));
	skb->len -= len;
	return skb->data += len;
}

static inline void *__skb_push(struct sk_buff *skb, unsigned int len)
{
	assert(len <= skb->data - skb->head);
	skb->len += len;
	return skb->data -= len;
}

static inline void *skb_put(struct sk_buff *skb, unsigned int len)
{
	u8 *tail = skb->data + skb->len;

	assert(len <= skb_tailroom(skb));
	skb->len += len;
	return tail;
}

#define skb_put_zero(skb, len)		memset(skb_put(skb, len), 0, len)
#define skb_put_data(skb, data, len)	memcpy(skb_put(skb, len), data, len)

static inline void skb_trim(struct sk_buff *skb, unsigned int len)
{
	assert(!skb->data_len);
	skb->len = min(skb->len, len);
}

#define GFP_ATOMIC	0
#define __GFP_NOWARN	0
#define kfree(p)	free(p)

static inline void *kmemdup(const void *p, unsigned int len, int flags)
{
	void *copy = lacks_memory() ? NULL : malloc(len);

	return copy ? memcpy(copy, p, len) : NULL;
}

/* Checksums, octet by octet */
#define CSUM_MANGLED_0	((__sum16)0xffff)
#define csum_unfold(sum)	((__wsum)(__u16)(sum))

static inline __wsum csum_add(__wsum a, __wsum b)
{
	u64 sum = (u64)a + b;

	return (u32)sum + (u32)(sum >> 32);
}

#define csum_sub(a, b)	csum_add(a, ~(b))

static inline __sum16 csum_fold(__wsum sum)
{
	u32 s = (sum & 0xffff) + (sum >> 16);

	return ~((s & 0xffff) + (s >> 16));
}

static inline __wsum csum_partial(const void *p, int len, __wsum sum)
{
	const u8 *octet = p;
	u64 s = sum;
	u16 word;

	for (; len > 1; len -= 2, octet += 2) {
		memcpy(&word, octet, 2);
		s += word;
	}
	if (len)
		s += htons(*octet << 8);
	s = (s & U32_MAX) + (s >> 32);
	return (u32)s + (u32)(s >> 32);
}

static inline __wsum skb_checksum(const struct sk_buff *skb, int off, int len,
				  __wsum sum)
{
	u8 *copy = malloc(len);

	assert(skb_get(skb, off, copy, len));
	sum = csum_partial(copy, len, sum);
	free(copy);
	return sum;
}

static inline __sum16 csum_ipv6_magic(const struct in6_addr *saddr,
				      const struct in6_addr *daddr, u32 len,
				      u8 proto, __wsum sum)
{
	__be32 tail[2] = { htonl(len), htonl(proto) };

	sum = csum_partial(saddr, sizeof(*saddr), sum);
	sum = csum_partial(daddr, sizeof(*daddr), sum);
	return csum_fold(csum_partial(tail, sizeof(tail), sum));
}

static inline __sum16 csum_tcpudp_magic(__be32 saddr, __be32 daddr, u32 len,
					u8 proto, __wsum sum)
{
	__be32 pseudo[4] = { saddr, daddr, htonl(len), htonl(proto) };

	return csum_fold(csum_partial(pseudo, sizeof(pseudo), sum));
}

static inline int skb_checksum_help(struct sk_buff *skb)
{
	int start = skb_checksum_start_offset(skb);
	__sum16 sum;

	/* Of which the kernel would warn */
	assert(start >= 0 &&
	       start + skb->csum_offset + 2 <= (int)skb_headlen(skb));
	sum = csum_fold(skb_checksum(skb, start, skb->len - start, 0));
	if (!sum)
		sum = CSUM_MANGLED_0;
	if (skb_ensure_writable(skb, start + skb->csum_offset + 2))
		return -ENOMEM;
	memcpy(skb->data + start + skb->csum_offset, &sum, 2);
	skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

static inline __sum16 nf_ip_checksum(struct sk_buff *skb, unsigned int hook,
				     unsigned int off, u8 proto)
{
	return csum_fold(skb_checksum(skb, off, skb->len - off, 0));
}

static inline __sum16 nf_ip6_checksum(struct sk_buff *skb, unsigned int hook,
				      unsigned int off, u8 proto)
{
	return csum_ipv6_magic(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr,
			       skb->len - off, proto,
			       skb_checksum(skb, off, skb->len - off, 0));
}

static inline void ip_send_check(struct iphdr *ip4)
{
	ip4->check = 0;
	ip4->check = csum_fold(csum_partial(ip4, ip4->ihl * 4, 0));
}

static inline void __ip_select_ident(struct net *net, struct iphdr *ip4, int segs)
{
	ip4->id = htons(segs);
}

static inline bool skb_gso_validate_network_len(const struct sk_buff *skb,
						unsigned int mtu)
{
	return skb->shinfo.gso_size + 60u <= mtu;
}

/* IP */
#define NEXTHDR_HOP		0
#define NEXTHDR_ROUTING		43
#define NEXTHDR_FRAGMENT	44
#define NEXTHDR_AUTH		51
#define NEXTHDR_ICMP		58
#define NEXTHDR_NONE		59
#define NEXTHDR_DEST		60
#define IP6_MF			0x0001
#define IP6_OFFSET		0xfff8
#define IP_DF			0x4000
#define IP_MF			0x2000
#define IP_OFFSET		0x1fff
#define IP_MAX_MTU		65535u
#define IPV4_MIN_MTU		68
#define IPV6_MIN_MTU		1280
#define ETH_P_IP		0x0800
#define ETH_P_IPV6		0x86dd
#define RT_SCOPE_UNIVERSE	0
#define ipv6_optlen(opt)	(((opt)->hdrlen + 1) << 3)
#define __tcp_hdrlen(th)	((th)->doff * 4u)

struct frag_hdr {
	__u8 nexthdr;
	__u8 reserved;
	__be16 frag_off;
	__be32 identification;
};

static inline bool ipv6_ext_hdr(u8 nexthdr)
{
	return nexthdr == NEXTHDR_HOP || nexthdr == NEXTHDR_ROUTING ||
	       nexthdr == NEXTHDR_FRAGMENT || nexthdr == NEXTHDR_AUTH ||
	       nexthdr == NEXTHDR_NONE || nexthdr == NEXTHDR_DEST;
}

static inline bool ip_is_fragment(const struct iphdr *ip4)
{
	return ip4->frag_off & htons(IP_MF | IP_OFFSET);
}

static inline u8 ipv6_get_dsfield(const struct ipv6hdr *ip6)
{
	return ntohs(*(const __be16 *)ip6) >> 4;
}

static inline void ip6_flow_hdr(struct ipv6hdr *ip6, unsigned int tclass,
				__be32 label)
{
	*(__be32 *)ip6 = htonl(0x60000000 | tclass << 20) | label;
}

static inline bool ipv6_addr_equal(const struct in6_addr *a,
				   const struct in6_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline __be32 inet_select_addr(const struct net_device *dev, __be32 dst,
				      int scope)
{
	return htonl(0xc0000201);
}

static inline int ipv6_dev_get_saddr(struct net *net, const struct net_device *dev,
				     const struct in6_addr *daddr, unsigned int prefs,
				     struct in6_addr *saddr)
{
	*saddr = *daddr;
	return 0;
}

#endif /* FUZZ_KERNEL_H */
