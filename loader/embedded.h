/* SPDX-License-Identifier: GPL-2.0 */
/* The five objects inside the binary. */
#ifndef LOADER_EMBEDDED_H
#define LOADER_EMBEDDED_H

#include "elf/spec.h"

#define EMBEDDED_N 5

/* The name of an object, "xdp_firewall". */
const char *embedded_name(unsigned i);

struct embedded {
	unsigned char *bytes;
	struct view object[EMBEDDED_N];
};

/* Unpacks the objects. 0, or -ENOMEM or -EINVAL with a sentence. */
int embedded_open(struct embedded *embedded, struct error *err);

/* One is not looked at any more: its memory is given back. */
void embedded_drop(const struct embedded *embedded, unsigned i);
void embedded_close(struct embedded *embedded);

#endif
