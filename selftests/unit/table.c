// SPDX-License-Identifier: GPL-2.0
/*
 * Test of the hash table, in which threads insert, remove, replace, find and walk
 * while it grows and shrinks.  Prints KTAP.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernel/shim.h"

/* The table needs nothing of nat64.h. */
#define NAT64_H
#include "../../kmod/table.c"

#define CHURNERS	3
/* When threads begin no other round, a second more or less */
#define SECONDS		1
/* Nodes removed between two grace periods, and nodes replaced */
#define BATCH		1000
#define REPLACED	32

struct entry {
	struct nat64_node node;
	u32 key, hash;
	/* The last walk that saw it */
	u32 walk;
	bool removed;
	struct entry *next;
};

struct churner {
	pthread_t thread;
	u32 key;
	unsigned int count, max, removed;
	struct entry **entries, *trash;
};

/* A tenth of the nodes stays, with the least keys. */
static const struct scenario {
	const char *name;
	unsigned int nodes, failures;
	u32 mask;
} scenarios[] = {
	{ "many nodes", 300000, 0, U32_MAX },
	{ "few nodes", 3000, 0, U32_MAX },
	{ "without memory", 300000, 30, U32_MAX },
	{ "bad hashes", 10000, 0, 511 },
}, *scenario;

enum rule {
	GROWS, PERMANENT, REPLACES, OWN, DUPLICATE, REMOVES, GONE, WALK, ONCE,
	ORDER, COUNT, SHRINKS, RULES
};

static const char *const rules[] = {
	[GROWS] = "the table grows",
	[PERMANENT] = "a node that stays is found at any time, or what replaces it",
	[REPLACES] = "a node is replaced, and not found any more",
	[OWN] = "a node is found once it has been inserted",
	[DUPLICATE] = "a second one with the same key is refused",
	[REMOVES] = "a node is removed, and only once",
	[GONE] = "a node is not found once it has been removed",
	[WALK] = "a walk sees all that stay",
	[ONCE] = "a walk sees no node twice",
	[ORDER] = "a walk is in order",
	[COUNT] = "nodes are counted",
	[SHRINKS] = "an empty table has its first size",
};

static int count, failed;
static bool broken[RULES];
static struct nat64_table table;
/* Each of those that stay, and behind them each again to replace it. */
static struct entry *permanent;
static unsigned int permanents;

static void ok(bool good, const char *what)
{
	printf("%sok %d %s\n", good ? "" : "not ", ++count, what);
	failed += !good;
}

/* Threads report no more than that a rule was broken. */
static void expect(enum rule rule, bool good)
{
	if (!good)
		WRITE_ONCE(broken[rule], true);
}

static struct entry *entry_of(const struct nat64_node *node)
{
	return container_of(node, struct entry, node);
}

static u32 hash_of(const struct nat64_node *node)
{
	return smp_load_acquire(&entry_of(node)->hash);
}

static bool match(const struct nat64_node *node, const void *key)
{
	return entry_of(node)->key == *(const u32 *)key;
}

static u32 hash_key(u32 key)
{
	key = (key ^ key >> 16) * 0x85ebca6b;
	key = (key ^ key >> 13) * 0xc2b2ae35;
	return ((key ^ key >> 16) & scenario->mask) * 0x9e3779b1;
}

static bool find(const struct entry *entry)
{
	u32 key = entry->key;

	return nat64_table_find(&table, hash_key(key), &key, match) ==
	       &entry->node;
}

static struct nat64_node *insert(struct entry *entry, u32 key)
{
	entry->key = key;
	entry->hash = hash_key(key);
	return nat64_table_insert(&table, entry->hash, &entry->node, &key,
				  match);
}

static struct nat64_node *insert_or_replace(struct entry *entry, u32 key)
{
	entry->key = key;
	entry->hash = hash_key(key);
	return nat64_table_replace(&table, entry->hash, &entry->node, &key,
				   match);
}

static void insert_one(struct churner *churner)
{
	struct entry *entry = calloc(1, sizeof(*entry)), other = {};

	rcu_read_lock();
	if (get_random_u32() % 2)
		expect(DUPLICATE, !insert(entry, churner->key));
	else
		expect(REPLACES, !insert_or_replace(entry, churner->key));
	expect(OWN, find(entry));
	expect(DUPLICATE, insert(&other, churner->key++) == &entry->node);
	rcu_read_unlock();
	churner->entries[churner->count++] = entry;
}

static void free_trash(struct churner *churner)
{
	struct entry *entry;

	synchronize_rcu();
	while ((entry = churner->trash)) {
		churner->trash = entry->next;
		free(entry);
	}
}

static void remove_one(struct churner *churner)
{
	unsigned int i = get_random_u32() % churner->count;
	struct entry *entry = churner->entries[i];

	churner->entries[i] = churner->entries[--churner->count];
	rcu_read_lock();
	expect(OWN, find(entry));
	expect(REMOVES, nat64_table_remove(&table, &entry->node) &&
			!nat64_table_remove(&table, &entry->node));
	expect(GONE, !find(entry));
	rcu_read_unlock();
	/* Whoever still sees the node may get a wrong hash. */
	WRITE_ONCE(entry->removed, true);
	smp_store_release(&entry->hash, get_random_u32());
	entry->next = churner->trash;
	churner->trash = entry;
	if (++churner->removed % BATCH == 0)
		free_trash(churner);
}

static void churn_to(struct churner *churner, unsigned int goal)
{
	bool grow = churner->count < goal;

	while (churner->count != goal) {
		if (!churner->count || (churner->count < churner->max &&
					!(get_random_u32() % 8) != grow))
			insert_one(churner);
		else
			remove_one(churner);
	}
}

static void *churn(void *arg)
{
	struct churner *churner = arg;
	time_t end = time(NULL) + SECONDS;

	churner->entries = calloc(churner->max, sizeof(struct entry *));
	do {
		churn_to(churner, churner->max);
		if (READ_ONCE(table.size) > scenario->nodes / 10)
			WRITE_ONCE(broken[GROWS], false);
		churn_to(churner, 0);
	} while (time(NULL) < end);
	free_trash(churner);
	free(churner->entries);
	return NULL;
}

static bool find_either(u32 key)
{
	const struct nat64_node *node;

	node = nat64_table_find(&table, hash_key(key), &key, match);
	return node == &permanent[key].node ||
	       node == &permanent[permanents + key].node;
}

static void *find_permanent(void *stop)
{
	unsigned int i;

	while (!READ_ONCE(*(bool *)stop)) {
		rcu_read_lock();
		for (i = 0; i < 16; i++)
			expect(PERMANENT,
			       find_either(get_random_u32() % permanents));
		rcu_read_unlock();
	}
	return NULL;
}

static void replace(u32 key)
{
	struct entry *old = &permanent[key], *new = &permanent[permanents + key];

	rcu_read_lock();
	if (!find(old)) {
		old = new;
		new = &permanent[key];
	}
	expect(REPLACES, nat64_table_replace(&table, new->hash, &new->node,
					     &key, match) == &old->node);
	expect(REPLACES, find(new) && !nat64_table_remove(&table, &old->node));
	rcu_read_unlock();
}

static void *replace_permanent(void *stop)
{
	unsigned int i;
	u32 key;

	while (!READ_ONCE(*(bool *)stop)) {
		key = get_random_u32() % permanents;
		for (i = 0; i < REPLACED && i < permanents; i++)
			replace((key + i) % permanents);
		synchronize_rcu();
	}
	return NULL;
}

/* Go back to a node, and not into the middle of those with the same hash. */
static void go_back(struct nat64_walk *walk)
{
	unsigned int i = get_random_u32() % walk->count;

	while (i && walk->places[i - 1] == walk->places[i])
		i--;
	walk->count = i;
	walk->at = walk->places[i];
	walk->done = false;
}

/* Return whether it is one that stays. */
static bool see(struct entry *entry, u32 number)
{
	expect(ONCE, entry->walk != number || READ_ONCE(entry->removed));
	entry->walk = number;
	return entry->key < permanents;
}

/* Return the number of nodes. */
static unsigned int walk_once(void)
{
	static u32 number;
	struct nat64_walk walk = {};
	unsigned int i, seen = 0, nodes = 0;
	u32 place = 0;

	number++;
	while (!walk.done) {
		rcu_read_lock();
		nat64_table_walk(&table, &walk);
		if (walk.count && !(get_random_u32() % 4))
			go_back(&walk);
		for (i = 0; i < walk.count; i++) {
			expect(ORDER, walk.places[i] >= place);
			place = walk.places[i];
			seen += see(entry_of(walk.nodes[i]), number);
		}
		nodes += walk.count;
		rcu_read_unlock();
	}
	expect(WALK, seen == permanents);
	return nodes;
}

static void *walk_all(void *stop)
{
	while (!READ_ONCE(*(bool *)stop))
		walk_once();
	return NULL;
}

static void run_threads(void)
{
	struct churner churners[CHURNERS] = {};
	pthread_t finder, replacer, walker;
	bool stop = false;
	unsigned int i;

	pthread_create(&finder, NULL, find_permanent, &stop);
	pthread_create(&replacer, NULL, replace_permanent, &stop);
	pthread_create(&walker, NULL, walk_all, &stop);
	for (i = 0; i < CHURNERS; i++) {
		churners[i].key = (i + 1) << 28;
		churners[i].max = (scenario->nodes - permanents) / CHURNERS;
		pthread_create(&churners[i].thread, NULL, churn, &churners[i]);
	}
	for (i = 0; i < CHURNERS; i++)
		pthread_join(churners[i].thread, NULL);
	WRITE_ONCE(stop, true);
	pthread_join(finder, NULL);
	pthread_join(replacer, NULL);
	pthread_join(walker, NULL);
}

static int remove_node(struct nat64_node *node, void *removed)
{
	expect(REMOVES, nat64_table_remove(&table, node));
	++*(unsigned int *)removed;
	return 0;
}

static void empty_table(void)
{
	unsigned int removed = 0, i;

	expect(WALK, walk_once() == permanents);
	expect(COUNT, nat64_table_count(&table) == permanents);
	nat64_table_for_each(&table, remove_node, &removed);
	expect(WALK, removed == permanents);
	expect(COUNT, !nat64_table_count(&table));
	/* Until the work has run. */
	for (i = 0; i < 1000 && (READ_ONCE(table.size) > NAT64_TABLE_BUCKETS ||
				 READ_ONCE(table.room) > 3); i++)
		usleep(1000);
	expect(SHRINKS, i < 1000);
}

static void run_scenario(void)
{
	char what[80];
	unsigned int i;

	memset(broken, 0, sizeof(broken));
	broken[GROWS] = true;
	memset(&table, 0, sizeof(table));
	alloc_failures = 0;
	if (nat64_table_init(&table, hash_of))
		abort();
	alloc_failures = scenario->failures;
	permanents = scenario->nodes / 10;
	permanent = calloc(2 * permanents, sizeof(*permanent));
	rcu_read_lock();
	for (i = 0; i < permanents; i++) {
		expect(DUPLICATE, !insert(&permanent[i], i));
		permanent[permanents + i].key = i;
		permanent[permanents + i].hash = hash_key(i);
	}
	rcu_read_unlock();
	run_threads();
	empty_table();
	nat64_table_fini(&table);
	free(permanent);
	for (i = 0; i < RULES; i++) {
		snprintf(what, sizeof(what), "%s: %s", scenario->name,
			 rules[i]);
		ok(!broken[i], what);
	}
}

/* Each bucket has its place, in the order of their numbers. */
static void check_segments(void)
{
	unsigned int i, offset, segment, at = 0, length = 0;
	bool good = true;

	for (i = 0; i < NAT64_TABLE_BUCKETS << NAT64_TABLE_DOUBLINGS; i++) {
		segment = nat64_table_segment(i, &offset);
		if (offset != length) {
			good &= length_of(at) == length;
			length = 0;
			at++;
		}
		good &= segment == at && offset == length++ &&
			first_of(segment) + offset == i;
	}
	ok(good && at == NAT64_TABLE_SEGMENTS - 1,
	   "segments follow each other");
}

static void check_index(void)
{
	unsigned int size, i, n;
	bool index = true, last = true;
	u32 hash, place, end;

	for (size = NAT64_TABLE_BUCKETS; size < 3000; size++) {
		for (n = 0; n < 100; n++) {
			hash = get_random_u32();
			i = nat64_table_index(hash, size + 1);
			index &= nat64_table_index(hash, size) ==
				 (i == size ? twin(size) : i);
			place = bitrev32(hash);
			end = last_place(i, size + 1, place);
			last &= end >= place &&
				nat64_table_index(bitrev32(end),
						  size + 1) == i &&
				(end == U32_MAX ||
				 nat64_table_index(bitrev32(end + 1),
						   size + 1) != i);
		}
	}
	ok(index, "a new bucket has nodes of its twin only");
	ok(last, "a bucket ends at its last place");
}

int main(void)
{
	check_segments();
	check_index();
	for (scenario = scenarios;
	     scenario < scenarios + sizeof(scenarios) / sizeof(*scenarios);
	     scenario++)
		run_scenario();
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}
