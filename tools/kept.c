// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that are kept rather than sent, each with its place in a file.
 */
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "nat64ctl.h"

struct kept *kept;

void keep(const struct nlmsghdr *nlh)
{
	size_t len = MNL_ALIGN(nlh->nlmsg_len);

	if (kept->len + len > kept->size) {
		kept->size = 2 * kept->size + len;
		kept->data = alloc(kept->data, kept->size);
	}
	memset(kept->data + kept->len, 0, len);
	memcpy(kept->data + kept->len, nlh, nlh->nlmsg_len);
	kept->len += len;
	if (kept->count == kept->room) {
		kept->room = 2 * kept->room + 16;
		kept->spots = alloc(kept->spots,
				    kept->room * sizeof(*kept->spots));
	}
	kept->spots[kept->count++] = place_spot();
}

/* Visit the requests of a command. */
void kept_walk(const struct kept *k, uint8_t cmd,
	       void (*entry)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	const struct genlmsghdr *genl;
	const struct nlmsghdr *nlh;

	for (size_t i = 0; i < k->len; i += MNL_ALIGN(nlh->nlmsg_len)) {
		nlh = (const struct nlmsghdr *)(k->data + i);
		genl = mnl_nlmsg_get_payload(nlh);
		if (genl->cmd == cmd)
			entry(nlh, arg);
	}
}

void kept_free(struct kept *k)
{
	free(k->data);
	free(k->spots);
	free(k->prefixes);
}
