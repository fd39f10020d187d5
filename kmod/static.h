/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_STATIC_H
#define NAT64_STATIC_H

struct nat64_binding;
struct nat64_config;
struct nat64_key4;
struct nat64_key6;
struct nat64_net;
struct nat64_prefix;
struct netlink_ext_ack;

void nat64_static_refuse(struct nat64_net *nn, struct netlink_ext_ack *extack,
			 const struct nat64_key6 *key6,
			 const struct nat64_key4 *key4, bool fixed);
void nat64_static_refuse_for(struct nat64_net *nn,
			     struct netlink_ext_ack *extack,
			     const struct nat64_binding *b);
int nat64_static_check(struct nat64_net *nn, const struct nat64_config *cfg,
		       const struct nat64_key6 *key6,
		       const struct nat64_key4 *key4,
		       struct netlink_ext_ack *extack);
int nat64_static_refuse_prefix(struct nat64_net *nn,
			       struct netlink_ext_ack *extack,
			       const struct nat64_prefix *prefix,
			       const struct nat64_key6 *key6,
			       const struct nat64_key4 *key4);
int nat64_static_check_prefix(struct nat64_net *nn,
			      const struct nat64_prefix *prefix,
			      struct netlink_ext_ack *extack);
int nat64_static_add(struct nat64_net *nn, const struct nat64_key6 *key6,
		     const struct nat64_key4 *key4,
		     struct netlink_ext_ack *extack);
int nat64_static_del(struct nat64_net *nn, const struct nat64_key4 *key4,
		     struct netlink_ext_ack *extack);
void nat64_static_flush(struct nat64_net *nn);

#endif /* NAT64_STATIC_H */
