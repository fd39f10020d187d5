/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_MEMORY_H
#define NAT64_MEMORY_H

#include <linux/types.h>

struct nat64_binding;
struct nat64_net;
struct nat64_session;

int nat64_memory_caches_init(void);
void nat64_memory_caches_fini(void);
void nat64_memory_init(struct nat64_net *nn);
void nat64_memory_stop(struct nat64_net *nn);

bool nat64_memory_take(bool tenant, unsigned long size);
void nat64_memory_give(bool tenant, unsigned long size);
struct nat64_session *nat64_memory_session(const struct nat64_net *nn);
struct nat64_binding *nat64_memory_binding(const struct nat64_net *nn);
void nat64_memory_free(const struct nat64_net *nn,
		       struct nat64_session *session);
void nat64_memory_retire(struct nat64_net *nn, struct nat64_session *session);
unsigned int nat64_memory_waiting(const struct nat64_net *nn);

#endif /* NAT64_MEMORY_H */
