// SPDX-License-Identifier: GPL-2.0
/*
 * Error texts that name the offending thing.
 *
 * NL_SET_ERR_MSG_FMT is younger than the kernels that we serve, and the text
 * has to outlive the command until netlink has copied it into the reply.  A
 * namespace therefore keeps a ring of texts: commands are serialised by a
 * mutex, so a text is read long before the ring comes around, unless somebody
 * wants to see what happens otherwise.  Texts are filled up with spaces: one that
 * changes while netlink copies it has the length that it had when that measured
 * it.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "extack.h"
#include "nat64.h"

/**
 * nat64_extack() - explain a refusal
 * @nn: the namespace, locked
 * @extack: where to put the text, or NULL
 * @fmt: as for printk()
 */
void nat64_extack(struct nat64_net *nn, struct netlink_ext_ack *extack,
		  const char *fmt, ...)
{
	char text[sizeof(nn->texts[0])];
	unsigned int len;
	va_list args;
	char *kept;

	lockdep_assert_held(&nn->lock);
	if (!extack)
		return;
	va_start(args, fmt);
	len = vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	memset(text + len, ' ', sizeof(text) - 1 - len);
	text[sizeof(text) - 1] = '\0';
	kept = nn->texts[nn->next_text++ % ARRAY_SIZE(nn->texts)];
	memcpy(kept, text, sizeof(text));
	extack->_msg = kept;
}
