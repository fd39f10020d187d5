// SPDX-License-Identifier: GPL-2.0
/*
 * Which IPv4 hosts a binding talks to: what address-dependent filtering asks
 * (RFC 6146 sections 3.5.1.2 and 3.5.2.2, RFC 4787 section 5).
 *
 * An entry lives as long as there are sessions of the binding with the host.
 */
#include <linux/slab.h>

#include "contact.h"
#include "nat64.h"

/* The key is a tuple without the remote port. */
struct contact {
	struct rhash_head node;
	struct nat64_tuple4 key;
	unsigned int sessions;
	struct rcu_head rcu;
};

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct contact, node),
	.key_offset = offsetof(struct contact, key),
	.key_len = sizeof(struct nat64_tuple4),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

int nat64_contact_init(struct nat64_net *nn)
{
	spin_lock_init(&nn->contact_lock);
	return rhashtable_init(&nn->contacts, &params);
}

static void free_last(void *ptr, void *arg)
{
	kfree(ptr);
}

/* No hook, no sweep and no command is running any more. */
void nat64_contact_fini(struct nat64_net *nn)
{
	rhashtable_free_and_destroy(&nn->contacts, free_last, NULL);
}

static struct contact *find(struct nat64_net *nn, const struct nat64_tuple4 *t4)
{
	struct nat64_tuple4 key = *t4;

	key.rport = 0;
	return rhashtable_lookup(&nn->contacts, &key, params);
}

/**
 * nat64_contact_find() - does a binding talk to an IPv4 host?
 * @nn: the namespace
 * @t4: the tuple of a packet from there; its remote port plays no part
 *
 * Context: RCU.
 */
bool nat64_contact_find(struct nat64_net *nn, const struct nat64_tuple4 *t4)
{
	return find(nn, t4);
}

/**
 * nat64_contact_get() - a session of a filtered binding begins
 * @nn: the namespace
 * @t4: its tuple
 *
 * Context: RCU, BH disabled.
 * Return: 0 or -ENOMEM.
 */
int nat64_contact_get(struct nat64_net *nn, const struct nat64_tuple4 *t4)
{
	struct contact *c;
	int err = 0;

	spin_lock_bh(&nn->contact_lock);
	c = find(nn, t4);
	if (c) {
		c->sessions++;
		goto unlock;
	}
	err = -ENOMEM;
	c = kzalloc(sizeof(*c), GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!c)
		goto unlock;
	c->key = *t4;
	c->key.rport = 0;
	c->sessions = 1;
	err = rhashtable_insert_fast(&nn->contacts, &c->node, params);
	if (err)
		kfree(c);
unlock:
	spin_unlock_bh(&nn->contact_lock);
	return err;
}

/**
 * nat64_contact_put() - a session of a filtered binding ends
 * @nn: the namespace
 * @t4: its tuple
 *
 * Context: any.
 */
void nat64_contact_put(struct nat64_net *nn, const struct nat64_tuple4 *t4)
{
	struct contact *c;

	spin_lock_bh(&nn->contact_lock);
	rcu_read_lock();
	c = find(nn, t4);
	if (!--c->sessions) {
		rhashtable_remove_fast(&nn->contacts, &c->node, params);
		kfree_rcu(c, rcu);
	}
	rcu_read_unlock();
	spin_unlock_bh(&nn->contact_lock);
}
