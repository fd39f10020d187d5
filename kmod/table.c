// SPDX-License-Identifier: GPL-2.0
/*
 * The hash table of bindings and sessions.
 *
 * Why not rhashtable: that rehashes the whole table for each doubling, which
 * was a third of the time of a new session and came in peaks; and a walk of it
 * begins anew when it is resized.
 */
#include <linux/bitrev.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "nat64.h"
#include "table.h"

/* Of a bucket with five slots the average, at which one is split or merged. */
#define TOO_FULL(size)	((size) / 2 * 5)
#define TOO_EMPTY(size)	(size)

/* How much of a hash a bucket knows: its own number, and tags. */
#define KNOWN_BITS	(NAT64_TABLE_BITS + 16)

/* After a lack of memory */
#define TRY_AGAIN	(HZ / 10)

static struct nat64_node *protected(const struct nat64_stripe *stripe,
				    struct nat64_node __rcu *node)
{
	return rcu_dereference_protected(node,
					 lockdep_is_held(&stripe->lock));
}

/* The number of the first bucket of a segment. */
static unsigned int first_of(unsigned int segment)
{
	unsigned int doubling, step;

	if (!segment)
		return 0;
	doubling = (segment - 1) / NAT64_TABLE_STEPS;
	step = (segment - 1) % NAT64_TABLE_STEPS;
	return (NAT64_TABLE_STEPS + step) <<
	       (NAT64_TABLE_BITS + doubling - NAT64_TABLE_STEP_BITS);
}

static unsigned int length_of(unsigned int segment)
{
	return first_of(segment + 1) - first_of(segment);
}

/* Ask for memory early. */
static bool wants_room(const struct nat64_table *table)
{
	return READ_ONCE(table->size) + length_of(table->room - 1) / 2 >=
	       first_of(table->room) && table->room < NAT64_TABLE_SEGMENTS;
}

static bool has_spare_room(const struct nat64_table *table)
{
	return table->room > 2 &&
	       READ_ONCE(table->size) < first_of(table->room - 2);
}

/**
 * nat64_bucket_put() - put a node into a bucket; for nat64_table_insert()
 * @bucket: the bucket
 * @hash: of @node
 * @node: the node
 *
 * Context: the lock of the bucket's stripe is held.
 */
void nat64_bucket_put(struct nat64_bucket *bucket, u32 hash,
		      struct nat64_node *node)
{
	unsigned int i;

	for (i = 0; i < NAT64_TABLE_SLOTS; i++) {
		if (rcu_access_pointer(bucket->slots[i]))
			continue;
		WRITE_ONCE(bucket->tags[i], nat64_table_tag(hash));
		rcu_assign_pointer(bucket->slots[i], node);
		return;
	}
	rcu_assign_pointer(node->next,
			   rcu_dereference_protected(bucket->more, true));
	rcu_assign_pointer(bucket->more, node);
}

/* The bucket whose nodes bucket @i gets, or gives back. */
static unsigned int twin(unsigned int i)
{
	return i - rounddown_pow_of_two(i);
}

/*
 * As much of the hash of a node as tells whether it belongs to bucket @index:
 * without a look at the node, unless the table is huge.
 */
static u32 hash_in(const struct nat64_table *table,
		   const struct nat64_bucket *bucket, unsigned int slot,
		   const struct nat64_node *node, unsigned int index)
{
	if (fls(index) > KNOWN_BITS)
		return table->hash(node);
	return (u32)bucket->tags[slot] << NAT64_TABLE_BITS |
	       index % NAT64_TABLE_BUCKETS;
}

/* Resize the table: what is now in one bucket, but belongs to its twin, moves. */
static void move(struct nat64_table *table, unsigned int from_index,
		 unsigned int to_index, unsigned int size)
{
	struct nat64_bucket *from = nat64_table_bucket(table, from_index);
	struct nat64_bucket *to = nat64_table_bucket(table, to_index);
	unsigned int last = max(from_index, to_index), i;
	/* They share it. */
	struct nat64_stripe *stripe = nat64_table_stripe(table, last);
	struct nat64_node *node, *next;
	u32 hash;

	spin_lock(&stripe->lock);
	write_seqcount_begin(&stripe->moves);
	for (i = 0; i < NAT64_TABLE_SLOTS; i++) {
		node = protected(stripe, from->slots[i]);
		if (!node)
			continue;
		hash = hash_in(table, from, i, node, last);
		if (nat64_table_index(hash, size) != to_index)
			continue;
		nat64_bucket_put(to, hash, node);
		RCU_INIT_POINTER(from->slots[i], NULL);
	}
	node = protected(stripe, from->more);
	RCU_INIT_POINTER(from->more, NULL);
	for (; node; node = next) {
		next = protected(stripe, node->next);
		hash = table->hash(node);
		nat64_bucket_put(nat64_table_index(hash, size) == to_index ?
				 to : from, hash, node);
	}
	/* Pairs with nat64_table_home(). */
	smp_store_release(&table->size, size);
	write_seqcount_end(&stripe->moves);
	spin_unlock(&stripe->lock);
}

static void split(struct nat64_table *table)
{
	unsigned int last = table->size;

	/* For the next one to be split. */
	prefetchw(nat64_table_bucket(table, twin(last)) + 1);
	prefetchw(nat64_table_bucket(table, last) + 1);
	move(table, twin(last), last, last + 1);
}

static void merge(struct nat64_table *table)
{
	unsigned int last = table->size - 1;

	move(table, last, twin(last), last);
}

static bool is_too_full(const struct nat64_table *table)
{
	return nat64_table_count(table) > TOO_FULL(READ_ONCE(table->size));
}

static bool is_too_empty(const struct nat64_table *table)
{
	unsigned int size = READ_ONCE(table->size);

	return nat64_table_count(table) < TOO_EMPTY(size) &&
	       size > NAT64_TABLE_BUCKETS;
}

/* Two steps for each node that comes or goes, so that we are not left behind. */
static void resize(struct nat64_table *table)
{
	unsigned int i;

	if (!spin_trylock_bh(&table->resize))
		return;
	for (i = 0; i < 2 && is_too_full(table) &&
		    table->size < first_of(table->room); i++)
		split(table);
	for (i = 0; i < 2 && is_too_empty(table); i++)
		merge(table);
	if (wants_room(table) || has_spare_room(table) || is_too_empty(table))
		queue_delayed_work(nat64_wq, &table->work, 0);
	spin_unlock_bh(&table->resize);
}

/**
 * nat64_table_grown() - a node has been inserted; for nat64_table_insert()
 * @table: the table
 *
 * Context: any.
 */
void nat64_table_grown(struct nat64_table *table)
{
	if (is_too_full(table))
		resize(table);
}

static bool take(struct nat64_stripe *stripe, struct nat64_bucket *bucket,
		 const struct nat64_node *node)
{
	struct nat64_node __rcu **place = &bucket->more;
	struct nat64_node *here;
	unsigned int i;

	for (i = 0; i < NAT64_TABLE_SLOTS; i++) {
		if (rcu_access_pointer(bucket->slots[i]) == node) {
			RCU_INIT_POINTER(bucket->slots[i], NULL);
			return true;
		}
	}
	while ((here = protected(stripe, *place)) && here != node)
		place = &here->next;
	if (here)
		rcu_assign_pointer(*place, protected(stripe, node->next));
	return here;
}

/**
 * nat64_table_remove() - let nobody find a node any more
 * @table: the table
 * @node: the node
 *
 * Context: RCU.
 * Return: false if the table has it not.
 */
bool nat64_table_remove(struct nat64_table *table, struct nat64_node *node)
{
	u32 hash = table->hash(node);
	struct nat64_stripe *stripe = nat64_table_stripe(table, hash);
	bool taken;

	spin_lock_bh(&stripe->lock);
	taken = take(stripe, nat64_table_home(table, hash), node);
	spin_unlock_bh(&stripe->lock);
	if (!taken)
		return false;
	atomic_dec(&table->count);
	if (is_too_empty(table))
		resize(table);
	return true;
}

/* Where a bucket points to one of its nodes. */
static struct nat64_node __rcu **place_of(struct nat64_stripe *stripe,
					  struct nat64_bucket *bucket,
					  const struct nat64_node *node)
{
	struct nat64_node __rcu **place = &bucket->more;
	unsigned int i;

	for (i = 0; i < NAT64_TABLE_SLOTS; i++)
		if (rcu_access_pointer(bucket->slots[i]) == node)
			return &bucket->slots[i];
	while (rcu_access_pointer(*place) != node)
		place = &protected(stripe, *place)->next;
	return place;
}

/**
 * nat64_bucket_replace() - put a node in the place of another
 * @stripe: of the bucket
 * @bucket: the bucket
 * @old: the other node, of the same hash
 * @node: the node
 *
 * Context: the lock of the stripe is held.
 */
void nat64_bucket_replace(struct nat64_stripe *stripe,
			  struct nat64_bucket *bucket,
			  const struct nat64_node *old, struct nat64_node *node)
{
	RCU_INIT_POINTER(node->next, protected(stripe, old->next));
	rcu_assign_pointer(*place_of(stripe, bucket, old), node);
}

static void add_room(struct nat64_table *table)
{
	unsigned int room = table->room;
	struct nat64_bucket *buckets;

	buckets = kvcalloc(length_of(room), sizeof(*buckets),
			   GFP_KERNEL | __GFP_NOWARN);
	if (!buckets) {
		queue_delayed_work(nat64_wq, &table->work, TRY_AGAIN);
		return;
	}
	table->segments[room] = buckets;
	spin_lock_bh(&table->resize);
	table->room++;
	spin_unlock_bh(&table->resize);
}

static void give_room(struct nat64_table *table)
{
	unsigned int before = table->room, i;

	spin_lock_bh(&table->resize);
	while (has_spare_room(table))
		table->room--;
	spin_unlock_bh(&table->resize);
	if (table->room == before)
		return;
	/* Somebody may still believe that the table is larger. */
	synchronize_rcu();
	for (i = table->room; i < before; i++) {
		kvfree(table->segments[i]);
		table->segments[i] = NULL;
	}
}

/* What many CPUs remove at once, one of them merges. */
static void catch_up(struct nat64_table *table)
{
	while (is_too_empty(table)) {
		resize(table);
		cond_resched();
	}
}

/* Nobody else writes @table->room. */
static void change_room(struct work_struct *work)
{
	struct nat64_table *table = container_of(to_delayed_work(work),
						 struct nat64_table, work);

	catch_up(table);
	if (wants_room(table))
		add_room(table);
	else
		give_room(table);
}

/**
 * nat64_table_init() - make a table
 * @table: the table, zeroes
 * @hash: the hash of a node of the table; for one that is being removed it may
 *	be wrong
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int nat64_table_init(struct nat64_table *table,
		     u32 (*hash)(const struct nat64_node *node))
{
	struct nat64_stripe *stripe;

	table->segments[0] = kvcalloc(NAT64_TABLE_BUCKETS,
				      sizeof(*table->segments[0]),
				      GFP_KERNEL_ACCOUNT);
	if (!table->segments[0])
		return -ENOMEM;
	table->hash = hash;
	table->size = NAT64_TABLE_BUCKETS;
	table->room = 1;
	spin_lock_init(&table->resize);
	for (stripe = table->stripes;
	     stripe < table->stripes + NAT64_TABLE_STRIPES; stripe++) {
		spin_lock_init(&stripe->lock);
		seqcount_spinlock_init(&stripe->moves, &stripe->lock);
	}
	INIT_DELAYED_WORK(&table->work, change_room);
	return 0;
}

/**
 * nat64_table_fini() - free a table, not its nodes
 * @table: the table, which nobody uses any more
 *
 * Context: process.
 */
void nat64_table_fini(struct nat64_table *table)
{
	unsigned int i;

	cancel_delayed_work_sync(&table->work);
	for (i = 0; i < NAT64_TABLE_SEGMENTS; i++)
		kvfree(table->segments[i]);
}

/**
 * nat64_table_some() - look at some nodes for one that will do
 * @table: the table
 * @random: where to begin
 * @most: nodes to look at
 * @match: will it do?
 * @arg: for @match
 *
 * Context: RCU.
 * Return: the first that will, or NULL.
 */
struct nat64_node *nat64_table_some(const struct nat64_table *table, u32 random,
				    unsigned int most, nat64_match_t *match,
				    const void *arg)
{
	/* Pairs with the change of the size, before which they are ready. */
	unsigned int size = smp_load_acquire(&table->size);
	unsigned int index = reciprocal_scale(random, size), n, i;
	const struct nat64_bucket *bucket;
	struct nat64_node *node;

	/* But for the smallest table, a bucket has one or more on average. */
	for (n = 0; n < NAT64_TABLE_BUCKETS; n++, index = (index + 1) % size) {
		bucket = nat64_table_bucket(table, index);
		for (i = 0; i < NAT64_TABLE_SLOTS; i++) {
			node = rcu_dereference(bucket->slots[i]);
			if (!node)
				continue;
			if (match(node, arg))
				return node;
			if (!--most)
				return NULL;
		}
	}
	return NULL;
}

/* The last place of a bucket: its nodes agree in the bits that say which it is. */
static u32 last_place(unsigned int index, unsigned int size, u32 place)
{
	unsigned int bits = ilog2(roundup_pow_of_two(size));
	unsigned int half = 1U << (bits - 1);

	if (index < half && index + half >= size)
		bits--;
	return place | (~0U >> bits);
}

/* In order; of more than fit, @walk->count tells by being too large. */
static void add(const struct nat64_table *table, struct nat64_walk *walk,
		struct nat64_node *node, u32 last)
{
	unsigned int i;
	u32 place;

	if (!node)
		return;
	place = bitrev32(table->hash(node));
	if (place < walk->at || place > last)
		return;
	i = walk->count++;
	if (i >= NAT64_WALK_NODES)
		return;
	for (; i && walk->places[i - 1] > place; i--) {
		walk->nodes[i] = walk->nodes[i - 1];
		walk->places[i] = walk->places[i - 1];
	}
	walk->nodes[i] = node;
	walk->places[i] = place;
}

/* The nodes of a bucket from @walk->at to @last; return the last place seen. */
static u32 look(struct nat64_table *table, struct nat64_walk *walk, u32 last)
{
	u32 hash = bitrev32(walk->at), until;
	const struct nat64_stripe *stripe = nat64_table_stripe(table, hash);
	unsigned int size, index, moves, i, before = walk->count;
	const struct nat64_bucket *bucket;
	struct nat64_node *node;

	do {
		walk->count = before;
		moves = read_seqcount_begin(&stripe->moves);
		/* As nat64_table_home() does. */
		size = smp_load_acquire(&table->size);
		index = nat64_table_index(hash, size);
		bucket = nat64_table_bucket(table, index);
		until = min(last, last_place(index, size, walk->at));
		for (i = 0; i < NAT64_TABLE_SLOTS; i++)
			add(table, walk, rcu_dereference(bucket->slots[i]),
			    until);
		for (node = rcu_dereference(bucket->more); node;
		     node = rcu_dereference(node->next))
			add(table, walk, node, until);
	} while (read_seqcount_retry(&stripe->moves, moves));
	return until;
}

/**
 * nat64_table_walk() - see the next nodes of a table
 * @table: the table
 * @walk: the way, and result
 *
 * A node that is there from the beginning to the end is seen once, whatever
 * becomes of others and of the size of the table: the order is that of the
 * reversed hashes, in which a bucket stays in its place when it is split.  (Of
 * nodes with the same hash NAT64_WALK_NODES are seen.)
 *
 * Context: RCU, which must not be left before the nodes have been used.
 */
void nat64_table_walk(struct nat64_table *table, struct nat64_walk *walk)
{
	unsigned int buckets, before;
	u32 last;

	walk->count = 0;
	for (buckets = 0; buckets < NAT64_WALK_NODES && !walk->done;
	     buckets++) {
		before = walk->count;
		last = look(table, walk, U32_MAX);
		if (walk->count > NAT64_WALK_NODES && before) {
			walk->count = before;
			return;
		}
		/* More in one bucket than fit: a part of it. */
		while (walk->count > NAT64_WALK_NODES && last > walk->at) {
			walk->count = 0;
			last = look(table, walk,
				    walk->at + (last - walk->at) / 2);
		}
		walk->count = min_t(unsigned int, walk->count,
				    NAT64_WALK_NODES);
		walk->done = last == U32_MAX;
		walk->at = last + 1;
	}
}

/**
 * nat64_table_for_each() - visit all nodes of a table
 * @table: the table
 * @visit: is called under RCU and may remove the node; a value other than 0 ends
 *	the walk
 * @arg: for @visit
 *
 * Context: process, may sleep between the visits.
 * Return: what the last visit returned.
 */
int nat64_table_for_each(struct nat64_table *table,
			 int (*visit)(struct nat64_node *node, void *arg),
			 void *arg)
{
	struct nat64_walk walk = {};
	unsigned int i;
	int result = 0;

	might_sleep();
	while (!walk.done && !result) {
		rcu_read_lock();
		nat64_table_walk(table, &walk);
		for (i = 0; i < walk.count && !result; i++)
			result = visit(walk.nodes[i], arg);
		rcu_read_unlock();
		cond_resched();
	}
	return result;
}
