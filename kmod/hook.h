/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NAT64_HOOK_H
#define NAT64_HOOK_H

struct nat64_net;

int nat64_hook_enable(struct nat64_net *nn);
void nat64_hook_disable(struct nat64_net *nn);

#endif /* NAT64_HOOK_H */
