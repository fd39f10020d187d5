/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_INTERFACE_H
#define NAT64_INTERFACE_H

#include <linux/if.h>
#include <linux/types.h>

struct net_device;
struct nat64_net;
struct netlink_ext_ack;

/**
 * struct nat64_wish - what is said of one interface
 * @list: node in nat64_net.wishes or nat64_transaction.wishes
 * @name: its name; it may come later, and again
 * @wish: 1 if it is to have the fast path, 0 if not
 */
struct nat64_wish {
	struct list_head list;
	char name[IFNAMSIZ];
	int wish;
};

int nat64_interface_module_init(void);
void nat64_interface_module_fini(void);
void nat64_interface_init(struct nat64_net *nn);
void nat64_interface_stop(struct nat64_net *nn);
void nat64_interface_fini(struct nat64_net *nn);
int nat64_interface_wish(struct nat64_net *nn, const char *name, int wish,
			 struct netlink_ext_ack *extack);
int nat64_interface_check(struct nat64_net *nn, const char *name,
			  struct netlink_ext_ack *extack);
int nat64_wish_add(struct list_head *wishes, const char *name, int wish);
void nat64_wish_free(struct list_head *wishes);
int nat64_interface_replace(struct nat64_net *nn, bool on,
			    struct list_head *wishes,
			    struct netlink_ext_ack *extack);
int nat64_interface_apply(struct nat64_net *nn, bool by_default,
			  struct netlink_ext_ack *extack);
int nat64_interface_wished(const struct nat64_net *nn,
			   const struct net_device *dev);
bool nat64_interface_hooked(const struct nat64_net *nn,
			    const struct net_device *dev);

#endif /* NAT64_INTERFACE_H */
