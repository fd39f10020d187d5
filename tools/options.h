/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options before the noun; a file of its own, as getopt's "struct option" is not that of
 * "set".
 */
#ifndef NAT64CTL_OPTIONS_H
#define NAT64CTL_OPTIONS_H

#include <getopt.h>

#define SHORT_OPTIONS "bjpn:Vh"

extern const struct option long_options[];

#endif /* NAT64CTL_OPTIONS_H */
