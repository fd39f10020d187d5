/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_TABLE_H
#define NAT64_TABLE_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/log2.h>
#include <linux/prefetch.h>
#include <linux/rcupdate.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

/* Buckets of a table that is empty, in its first segment. */
#define NAT64_TABLE_BITS	7
#define NAT64_TABLE_BUCKETS	BIT(NAT64_TABLE_BITS)
/* Each doubling of the table comes in so many more segments. */
#define NAT64_TABLE_STEP_BITS	3
#define NAT64_TABLE_STEPS	BIT(NAT64_TABLE_STEP_BITS)
#define NAT64_TABLE_DOUBLINGS	18
#define NAT64_TABLE_SEGMENTS	(1 + NAT64_TABLE_STEPS * NAT64_TABLE_DOUBLINGS)
/* Buckets whose numbers end alike share a lock. */
#define NAT64_TABLE_STRIPES	NAT64_TABLE_BUCKETS
/* Slots of a bucket, so that it fills a cache line. */
#define NAT64_TABLE_SLOTS	5

/**
 * struct nat64_node - what an entry of a table is linked by
 * @next: another one that has no slot
 */
struct nat64_node {
	struct nat64_node __rcu *next;
};

/**
 * struct nat64_bucket - nodes whose hashes end alike
 * @tags: of each slot the bits of the hash that come next, see
 *	nat64_table_tag(); of an empty one any
 * @slots: nodes, or NULL
 * @more: those that found no slot
 */
struct nat64_bucket {
	u16 tags[NAT64_TABLE_SLOTS];
	struct nat64_node __rcu *slots[NAT64_TABLE_SLOTS];
	struct nat64_node __rcu *more;
};

/**
 * struct nat64_stripe - what every so many buckets share
 * @lock: serialises writers
 * @moves: odd while nodes move from one of the buckets to another
 */
struct nat64_stripe {
	spinlock_t lock;
	seqcount_spinlock_t moves;
};

/**
 * struct nat64_table - a hash table that grows and shrinks by a bucket at a time
 * @size: buckets in use
 * @hash: the hash of a node of the table
 * @segments: the buckets
 * @count: nodes; while one comes or goes it is counted already, or still
 * @resize: held by who adds or removes a bucket; others need not wait for it
 * @room: segments that there are; under @resize
 * @work: gets memory for more buckets, or gives it back
 * @stripes: locks of the buckets
 *
 * Linear hashing (Litwin 1980): when the table is too full the next bucket in turn
 * is split in two, so that no insertion pays for a whole table.  A bucket is a
 * cache line, and tells which nodes to look at and, mostly, where they go when it
 * is split.  Lookups take no lock; one that finds nothing while nodes are moved
 * begins anew.
 */
struct nat64_table {
	unsigned int size;
	u32 (*hash)(const struct nat64_node *node);
	struct nat64_bucket *segments[NAT64_TABLE_SEGMENTS];
	/* What follows is written for each new node. */
	atomic_t count ____cacheline_aligned_in_smp;
	spinlock_t resize;
	unsigned int room;
	struct delayed_work work;
	struct nat64_stripe stripes[NAT64_TABLE_STRIPES];
};

/* So many nodes are looked at between two chances to let others run. */
#define NAT64_WALK_NODES 64

/**
 * struct nat64_walk - a way through a table
 * @at: where to go on: all nodes whose hash, its bits reversed, is less have been
 *	seen; zero to begin
 * @done: no nodes are left
 * @count: how many there are in @nodes
 * @nodes: the nodes in order
 * @places: their hashes, bits reversed
 *
 * To see a node again and all after it, set @at to its place, and @done to false.
 */
struct nat64_walk {
	u32 at;
	bool done;
	unsigned int count;
	struct nat64_node *nodes[NAT64_WALK_NODES];
	u32 places[NAT64_WALK_NODES];
};

typedef bool nat64_match_t(const struct nat64_node *node, const void *key);

int nat64_table_init(struct nat64_table *table,
		     u32 (*hash)(const struct nat64_node *node));
void nat64_table_fini(struct nat64_table *table);
void nat64_bucket_put(struct nat64_bucket *bucket, u32 hash,
		      struct nat64_node *node);
void nat64_bucket_replace(struct nat64_stripe *stripe,
			  struct nat64_bucket *bucket,
			  const struct nat64_node *old,
			  struct nat64_node *node);
void nat64_table_grown(struct nat64_table *table);
bool nat64_table_remove(struct nat64_table *table, struct nat64_node *node);
void nat64_table_walk(struct nat64_table *table, struct nat64_walk *walk);
struct nat64_node *nat64_table_some(const struct nat64_table *table, u32 random,
				    unsigned int most, nat64_match_t *match,
				    const void *arg);
int nat64_table_for_each(struct nat64_table *table,
			 int (*visit)(struct nat64_node *node, void *arg),
			 void *arg);

static inline unsigned int nat64_table_count(const struct nat64_table *table)
{
	return atomic_read(&table->count);
}

static inline struct nat64_stripe *nat64_table_stripe(struct nat64_table *table,
						      u32 hash)
{
	return &table->stripes[hash % NAT64_TABLE_STRIPES];
}

/**
 * nat64_table_index() - the bucket of a hash
 * @hash: the hash
 * @size: buckets in use
 */
static inline unsigned int nat64_table_index(u32 hash, unsigned int size)
{
	unsigned int mask = roundup_pow_of_two(size) - 1;

	return (hash & mask) < size ? hash & mask : hash & (mask >> 1);
}

/* Bits that the smallest table does not look at. */
static inline u16 nat64_table_tag(u32 hash)
{
	return hash >> NAT64_TABLE_BITS;
}

/**
 * nat64_table_segment() - the segment of a bucket
 * @index: the bucket's number
 * @offset: result: its number in the segment
 */
static inline unsigned int nat64_table_segment(unsigned int index,
					       unsigned int *offset)
{
	unsigned int doubling = fls(index >> NAT64_TABLE_BITS), bits;

	*offset = index;
	if (!doubling)
		return 0;
	bits = NAT64_TABLE_BITS - 1 + doubling;
	*offset -= 1U << bits;
	bits -= NAT64_TABLE_STEP_BITS;
	index = *offset >> bits;
	*offset -= index << bits;
	return 1 + (doubling - 1) * NAT64_TABLE_STEPS + index;
}

static inline struct nat64_bucket *
nat64_table_bucket(const struct nat64_table *table, unsigned int index)
{
	unsigned int offset, segment = nat64_table_segment(index, &offset);

	return &table->segments[segment][offset];
}

/* Pairs with the change of the size, before which the buckets are ready. */
static inline struct nat64_bucket *
nat64_table_home(const struct nat64_table *table, u32 hash)
{
	return nat64_table_bucket(table, nat64_table_index(hash,
				  smp_load_acquire(&table->size)));
}

/**
 * nat64_table_expect() - a node is going to be inserted soon
 * @table: the table
 * @hash: its hash
 *
 * Context: RCU.
 */
static inline void nat64_table_expect(const struct nat64_table *table,
				      u32 hash)
{
	prefetchw(nat64_table_home(table, hash));
}

static __always_inline struct nat64_node *
nat64_bucket_find(const struct nat64_bucket *bucket, u32 hash, const void *key,
		  nat64_match_t *match)
{
	struct nat64_node *node;
	unsigned int i;

	for (i = 0; i < NAT64_TABLE_SLOTS; i++) {
		if (READ_ONCE(bucket->tags[i]) != nat64_table_tag(hash))
			continue;
		node = rcu_dereference(bucket->slots[i]);
		if (node && match(node, key))
			return node;
	}
	for (node = rcu_dereference(bucket->more); unlikely(node);
	     node = rcu_dereference(node->next))
		if (match(node, key))
			return node;
	return NULL;
}

/**
 * nat64_table_find() - find a node
 * @table: the table
 * @hash: of @key
 * @key: what is looked for
 * @match: tells it from others
 *
 * Context: RCU.
 * Return: the node or NULL.
 */
static __always_inline struct nat64_node *
nat64_table_find(struct nat64_table *table, u32 hash, const void *key,
		 nat64_match_t *match)
{
	const struct nat64_stripe *stripe = nat64_table_stripe(table, hash);
	struct nat64_node *node;
	unsigned int moves;

	do {
		moves = read_seqcount_begin(&stripe->moves);
		node = nat64_bucket_find(nat64_table_home(table, hash), hash,
					 key, match);
	} while (!node && read_seqcount_retry(&stripe->moves, moves));
	return node;
}

/* The two that follow. */
static __always_inline struct nat64_node *
nat64_table_put(struct nat64_table *table, u32 hash, struct nat64_node *node,
		const void *key, nat64_match_t *match, bool replace)
{
	struct nat64_stripe *stripe = nat64_table_stripe(table, hash);
	struct nat64_bucket *bucket;
	struct nat64_node *old;

	spin_lock_bh(&stripe->lock);
	bucket = nat64_table_home(table, hash);
	old = nat64_bucket_find(bucket, hash, key, match);
	if (!old) {
		/* A table that seems empty is. */
		atomic_inc(&table->count);
		nat64_bucket_put(bucket, hash, node);
	} else if (replace) {
		nat64_bucket_replace(stripe, bucket, old, node);
	}
	spin_unlock_bh(&stripe->lock);
	if (!old)
		nat64_table_grown(table);
	return old;
}

/**
 * nat64_table_insert() - insert a node unless there is one like it
 * @table: the table
 * @hash: of @node and of @key
 * @node: the node
 * @key: what nodes like it have
 * @match: tells them from others
 *
 * Context: RCU.
 * Return: NULL, or the other node.
 */
static __always_inline struct nat64_node *
nat64_table_insert(struct nat64_table *table, u32 hash, struct nat64_node *node,
		   const void *key, nat64_match_t *match)
{
	return nat64_table_put(table, hash, node, key, match, false);
}

/**
 * nat64_table_replace() - insert a node in the place of one like it, if there is one
 * @table: the table
 * @hash: of @node and of @key
 * @node: the node
 * @key: what nodes like it have
 * @match: tells them from others
 *
 * There is no moment at which neither can be found.
 *
 * Context: RCU.
 * Return: the other node, which nobody finds any more, or NULL.
 */
static __always_inline struct nat64_node *
nat64_table_replace(struct nat64_table *table, u32 hash, struct nat64_node *node,
		    const void *key, nat64_match_t *match)
{
	return nat64_table_put(table, hash, node, key, match, true);
}

#endif /* NAT64_TABLE_H */
