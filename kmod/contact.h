/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_CONTACT_H
#define NAT64_CONTACT_H

#include "tuple.h"

struct nat64_net;

int nat64_contact_init(struct nat64_net *nn);
void nat64_contact_fini(struct nat64_net *nn);
bool nat64_contact_find(struct nat64_net *nn, const struct nat64_tuple4 *t4);
int nat64_contact_get(struct nat64_net *nn, const struct nat64_tuple4 *t4);
void nat64_contact_put(struct nat64_net *nn, const struct nat64_tuple4 *t4);

#endif /* NAT64_CONTACT_H */
