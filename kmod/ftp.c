// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 6384: FTP from IPv6 clients to IPv4 servers.
 *
 * The commands for IPv6 become those that every IPv4 server knows, EPSV becomes
 * PASV and EPRT becomes PORT, and the reply to PASV becomes that to EPSV.  Lines
 * change their length thereby, so sequence numbers behind them are shifted.
 * Once the client has turned on encryption nothing is looked at any more.
 *
 * Lines are looked for in segments that end with the end of a line, as every
 * client and server sends them; anything else passes as it is.  Sequence
 * numbers are not checked against the windows of the ends.
 */
#include <linux/inet.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "compat/unaligned.h"
#include "addr4.h"
#include "config.h"
#include "ftp.h"
#include "ftp_line.h"
#include "nat64.h"
#include "session.h"
#include "uapi/nat64.h"
#include "xlat.h"

/* Longer segments hold no command or reply that is ours. */
#define FTP_MAX 512

/* So much longer it may get. */
#define FTP_GROWS 128

/*
 * How sequence numbers of one direction are shifted: those behind @seq by
 * @after, others by @before.  @seq is in the sender's numbers.
 */
struct shift {
	u32 seq;
	s32 before;
	s32 after;
};

/* A control connection that needs to be remembered. */
struct ftp {
	struct rhash_head node;
	struct nat64_tuple4 t4;
	const struct nat64_session *owner;	/* NULL once it is to go */
	struct rcu_head rcu;
	spinlock_t lock;	/* protects what follows */
	/* what follows is of one connection: a SYN begins it anew */
	struct_group(connection,
		struct shift shift[2];	/* by nat64_packet.from_v6 */
		u32 reply_seq;		/* where the last 227 stood */
		bool replied;		/* there was one */
		bool passive;		/* a PASV is ours, its reply is to be 229 */
		bool epsv_all;		/* the server is to know EPSV itself */
		bool auth;		/* an AUTH has not been answered */
		bool encrypted;
	);
};

/* A segment, and what becomes of its lines. */
struct lines {
	char in[FTP_MAX];
	char out[FTP_MAX + FTP_GROWS];
	unsigned int in_len;
	unsigned int out_len;
	bool changed;
	bool port_made;
	bool again;		/* it has been sent before, with a 227 */
};

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct ftp, node),
	.key_offset = offsetof(struct ftp, t4),
	.key_len = sizeof(struct nat64_tuple4),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

int nat64_ftp_init(struct nat64_net *nn)
{
	return rhashtable_init(&nn->ftps, &params);
}

static void free_last(void *ptr, void *arg)
{
	kfree(ptr);
}

/* No hook, no sweep and no command is running any more. */
void nat64_ftp_fini(struct nat64_net *nn)
{
	rhashtable_free_and_destroy(&nn->ftps, free_last, NULL);
}

/**
 * nat64_ftp_end() - a session to an FTP server ends
 * @nn: the namespace
 * @session: the session; what another one of its tuple has is left alone
 *
 * Context: any.
 */
void nat64_ftp_end(struct nat64_net *nn, const struct nat64_session *session)
{
	struct ftp *f;

	if (!atomic_read(&nn->ftps.nelems))
		return;
	rcu_read_lock();
	f = rhashtable_lookup(&nn->ftps, &session->t4, params);
	if (f && cmpxchg(&f->owner, session, NULL) == session &&
	    !rhashtable_remove_fast(&nn->ftps, &f->node, params))
		kfree_rcu(f, rcu);
	rcu_read_unlock();
}

/* The next session of a tuple takes it over; false if it is about to go. */
static bool own(struct ftp *f, const struct nat64_session *session)
{
	const struct nat64_session *owner = READ_ONCE(f->owner);

	return owner == session ||
	       (owner && cmpxchg(&f->owner, owner, session) == owner);
}

static struct ftp *ftp_get(struct nat64_net *nn,
			   const struct nat64_session *session)
{
	struct ftp *f, *old;

	f = kzalloc(sizeof(*f), GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!f)
		return NULL;
	f->t4 = session->t4;
	f->owner = session;
	spin_lock_init(&f->lock);
	old = rhashtable_lookup_get_insert_fast(&nn->ftps, &f->node, params);
	if (old) {
		kfree(f);
		return IS_ERR(old) ? NULL : old;
	}
	/* Pairs with nat64_session_end(): either it finds this, or we see that. */
	smp_mb();
	if (!nat64_session_live(session))
		nat64_ftp_end(nn, session);
	return f;
}

static struct tcphdr *tcp_header(const struct nat64_packet *pkt)
{
	return (struct tcphdr *)(pkt->skb->data + pkt->l4);
}

static void put_line(struct lines *l, const char *line, unsigned int len)
{
	memcpy(l->out + l->out_len, line, len);
	l->out_len += len;
}

__printf(2, 3)
static void put_text(struct lines *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	l->out_len += vscnprintf(l->out + l->out_len,
				 sizeof(l->out) - l->out_len, fmt, args);
	va_end(args);
	l->changed = true;
}

/*
 * The client waits at its own port: the server is to connect to ours, from its
 * data port or, as filtering lets it, another.
 */
static bool put_port(const struct nat64_packet *pkt,
		     const struct nat64_flow *flow, struct lines *l,
		     const struct in6_addr *addr, u16 port)
{
	struct nat64_flow data;
	u8 *a = (u8 *)&data.t4.local;

	/*
	 * Not for others: a client cannot open a way to its neighbours.  Nor to
	 * services of its own, which somebody else may have talked it into
	 * (RFC 2577 section 3).  And once a segment, as clients have it.
	 */
	if (!ipv6_addr_equal(addr, &flow->t6.local) || port < 1024 ||
	    l->port_made || nat64_flow_expect(pkt, flow, htons(port), &data))
		return false;
	put_text(l, "PORT %u,%u,%u,%u,%u,%u\r\n", a[0], a[1], a[2], a[3],
		 ntohs(data.t4.lport) >> 8, ntohs(data.t4.lport) & 255);
	l->port_made = true;
	return true;
}

static void client_line(const struct nat64_packet *pkt,
			const struct nat64_flow *flow, struct ftp *f,
			struct lines *l, const char *line, unsigned int len)
{
	struct in6_addr addr;
	u16 port;

	switch (nat64_ftp_command(line, len, &addr, &port)) {
	case NAT64_FTP_EPSV:
		/* RFC 2428 section 4: the client has made EPSV a must. */
		if (f->epsv_all)
			break;
		f->passive = true;
		put_text(l, "PASV\r\n");
		return;
	case NAT64_FTP_EPSV_ALL:
		f->epsv_all = true;
		break;
	case NAT64_FTP_EPRT:
		if (put_port(pkt, flow, l, &addr, port))
			return;
		break;
	case NAT64_FTP_AUTH:
		f->auth = true;
		break;
	case NAT64_FTP_OTHER:
		break;
	}
	put_line(l, line, len);
}

static void server_line(const struct nat64_flow *flow, struct ftp *f,
			struct lines *l, const char *line, unsigned int len)
{
	unsigned int code = nat64_ftp_reply(line, len);
	__be32 addr;
	u16 port;

	if (f->auth && code >= 200) {
		f->auth = false;
		f->encrypted = code < 400;
	}
	if ((f->passive || l->again) &&
	    nat64_ftp_227(line, len, &addr, &port)) {
		f->passive = false;
		l->again = false;
		/* By 229 the client goes to the address that it knows.  One
		 * that is not global is the server's own idea of itself.
		 */
		if (addr == flow->t4.remote || !nat64_addr4_global(addr))
			put_text(l, "229 Entering Extended Passive Mode (|||%u|)\r\n",
				 port);
		else
			put_text(l, "425 Can't open data connection.\r\n");
		return;
	}
	if (f->passive && code >= 400)
		f->passive = false;
	put_line(l, line, len);
}

static void read_lines(const struct nat64_packet *pkt,
		       const struct nat64_flow *flow, struct ftp *f,
		       struct lines *l)
{
	const char *line = l->in, *end = l->in + l->in_len, *next;

	for (; line < end; line = next) {
		next = memchr(line, '\n', end - line) + 1;
		/* Room for the longest line that we make and for the rest. */
		if (l->out_len + (end - line) + 64 > l->in_len + FTP_GROWS)
			put_line(l, line, next - line);
		else if (pkt->from_v6)
			client_line(pkt, flow, f, l, line, next - line);
		else
			server_line(flow, f, l, line, next - line);
	}
}

/* A sum that does not fit must not become one that does. */
static bool checksum_bad(const struct nat64_packet *pkt)
{
	unsigned int hook = pkt->state->hook;

	if (pkt->partial)
		return false;
	return pkt->from_v6 ?
		nf_ip6_checksum(pkt->skb, hook, pkt->l4, IPPROTO_TCP) :
		nf_ip_checksum(pkt->skb, hook, pkt->l4, IPPROTO_TCP);
}

static __sum16 pseudo_sum(const struct nat64_packet *pkt, unsigned int len,
			  __wsum sum)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(pkt->skb);
	const struct iphdr *ip4 = ip_hdr(pkt->skb);

	return pkt->from_v6 ?
		csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, IPPROTO_TCP,
				sum) :
		csum_tcpudp_magic(ip4->saddr, ip4->daddr, len, IPPROTO_TCP,
				  sum);
}

/* New text in the place of the old, with all lengths and sums. */
static void replace_text(struct nat64_packet *pkt, const struct lines *l,
			 unsigned int off)
{
	unsigned int len = off + l->out_len - pkt->l4;
	struct sk_buff *skb = pkt->skb;
	int grows = (int)l->out_len - (int)l->in_len;
	struct tcphdr *th;

	if (grows > 0)
		skb_put(skb, grows);
	else
		skb_trim(skb, skb->len + grows);
	memcpy(skb->data + off, l->out, l->out_len);
	if (pkt->from_v6) {
		ipv6_hdr(skb)->payload_len =
			htons(skb->len - sizeof(struct ipv6hdr));
	} else {
		ip_hdr(skb)->tot_len = htons(skb->len);
		ip_send_check(ip_hdr(skb));
	}
	th = tcp_header(pkt);
	th->check = 0;
	if (pkt->partial) {
		th->check = ~pseudo_sum(pkt, len, 0);
	} else {
		th->check = pseudo_sum(pkt, len,
				       skb_checksum(skb, pkt->l4, len, 0));
		skb->ip_summed = CHECKSUM_NONE;
	}
}

/* A number that begins at an odd octet, as the checksum sees it. */
static __be32 turned(__be32 value)
{
	const u8 *v = (const u8 *)&value;
	u8 turned[4] = { v[3], v[0], v[1], v[2] };

	return get_unaligned((__be32 *)turned);
}

static void set32(struct sk_buff *skb, struct tcphdr *th, void *field,
		  u32 value)
{
	bool odd = ((u8 *)field - (u8 *)th) & 1;
	__be32 old = get_unaligned((__be32 *)field);
	__be32 new = htonl(value);

	if (old == new)
		return;
	inet_proto_csum_replace4(&th->check, skb, odd ? turned(old) : old,
				 odd ? turned(new) : new, false);
	put_unaligned(new, (__be32 *)field);
}

/* What the other end was told to be @seq, in the numbers of the sender. */
static u32 unshift(const struct shift *s, u32 seq)
{
	return seq - (after(seq - s->before, s->seq) ? s->after : s->before);
}

static void shift_sack(struct sk_buff *skb, struct tcphdr *th, const u8 *end,
		       const struct shift *s)
{
	u8 *opt = (u8 *)(th + 1);

	while (end - opt >= 2 && opt[0] != TCPOPT_EOL) {
		u8 *block;

		if (opt[0] == TCPOPT_NOP) {
			opt++;
			continue;
		}
		if (opt[1] < 2 || opt[1] > end - opt)
			return;
		for (block = opt + 2;
		     opt[0] == TCPOPT_SACK && block + 4 <= opt + opt[1];
		     block += 4)
			set32(skb, th, block,
			      unshift(s, get_unaligned_be32(block)));
		opt += opt[1];
	}
}

static void shift_numbers(struct nat64_packet *pkt, const struct ftp *f,
			  unsigned int off)
{
	const struct shift *mine = &f->shift[pkt->from_v6];
	const struct shift *other = &f->shift[!pkt->from_v6];
	struct tcphdr *th = tcp_header(pkt);
	u32 seq = ntohl(th->seq);

	set32(pkt->skb, th, &th->seq,
	      seq + (after(seq, mine->seq) ? mine->after : mine->before));
	if (!th->ack || !(other->before | other->after))
		return;
	set32(pkt->skb, th, &th->ack_seq, unshift(other, ntohl(th->ack_seq)));
	shift_sack(pkt->skb, th, pkt->skb->data + off, other);
}

/* The lines of a segment, if it is one to look at. */
static bool take_lines(const struct nat64_packet *pkt, struct lines *l,
		       unsigned int off)
{
	l->in_len = pkt->skb->len - off;
	l->out_len = 0;
	l->changed = false;
	l->port_made = false;
	return !skb_is_gso(pkt->skb) && l->in_len && l->in_len <= FTP_MAX &&
	       !skb_copy_bits(pkt->skb, off, l->in, l->in_len) &&
	       l->in[l->in_len - 1] == '\n';
}

/* Does a client begin to say what a connection has to be remembered for? */
static bool is_interesting(const struct nat64_packet *pkt,
			   const struct lines *l)
{
	return pkt->from_v6 && l->in_len > 4 &&
	       (!strncasecmp(l->in, "EP", 2) || !strncasecmp(l->in, "AUTH", 4));
}

/* Ours alone, in one piece and with room for what it may grow by. */
static bool make_ready(struct sk_buff *skb, unsigned int off, bool look)
{
	if (nat64_xlat_writable(skb, look ? skb->len : off, 0))
		return false;
	if (!look)
		return true;
	return !skb_linearize(skb) &&
	       (skb_tailroom(skb) >= FTP_GROWS ||
		!pskb_expand_head(skb, 0, FTP_GROWS,
				  GFP_ATOMIC | __GFP_NOWARN));
}

/* Lines behind which numbers are shifted already are not changed any more. */
static void change_lines(struct nat64_packet *pkt,
			 const struct nat64_flow *flow, struct ftp *f,
			 struct lines *l, unsigned int off)
{
	struct shift *mine = &f->shift[pkt->from_v6];
	u32 seq = ntohl(tcp_header(pkt)->seq);
	bool shifted = mine->before != mine->after;

	if (f->encrypted || (shifted && before(seq, mine->seq)))
		return;
	l->again = f->replied && f->reply_seq == seq;
	read_lines(pkt, flow, f, l);
	if (!l->changed)
		return;
	replace_text(pkt, l, off);
	if (!pkt->from_v6) {
		f->replied = true;
		f->reply_seq = seq;
	}
	/* Sent again, it is changed again, but counts once. */
	if (l->out_len != l->in_len && !(shifted && mine->seq == seq)) {
		mine->seq = seq;
		mine->before = mine->after;
		mine->after += (s32)l->out_len - (s32)l->in_len;
	}
}

/**
 * nat64_ftp_pass() - a segment of a control connection passes
 * @pkt: the segment, not yet translated; its text may change
 * @flow: its flow, for which nat64_ftp_wanted() holds
 *
 * With the helper off, connections that it has changed still have their numbers
 * shifted.
 *
 * Context: RCU.
 * Return: NAT64_OK, or the reason to drop.
 */
enum nat64_counter nat64_ftp_pass(struct nat64_packet *pkt,
				  const struct nat64_flow *flow)
{
	struct tcphdr *th, _th;
	struct lines lines;
	unsigned int off;
	struct ftp *f;
	bool look;

	th = skb_header_pointer(pkt->skb, pkt->l4, sizeof(_th), &_th);
	/* Who shares the page may have changed it since it was parsed. */
	off = pkt->l4 + th->doff * 4;
	if (th->doff * 4 < sizeof(*th) || off > pkt->skb->len)
		return NAT64_DROP_BAD_HEADER;
	look = pkt->cfg->ftp && take_lines(pkt, &lines, off);
	f = rhashtable_lookup(&pkt->nn->ftps, &flow->t4, params);
	if (!f && (!look || !is_interesting(pkt, &lines)))
		return NAT64_OK;
	if (!f)
		f = ftp_get(pkt->nn, flow->session);
	if (!f || !own(f, flow->session) || !make_ready(pkt->skb, off, look))
		return NAT64_DROP_NO_MEMORY;
	if (look && checksum_bad(pkt))
		return NAT64_DROP_BAD_CHECKSUM;
	spin_lock_bh(&f->lock);
	if (nat64_packet_opens(pkt) && pkt->from_v6)
		memset(&f->connection, 0, sizeof(f->connection));
	if (look)
		change_lines(pkt, flow, f, &lines, off);
	shift_numbers(pkt, f, off);
	spin_unlock_bh(&f->lock);
	return NAT64_OK;
}
