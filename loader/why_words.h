/* SPDX-License-Identifier: GPL-2.0 */
/* From the words of `why` to the packet that they ask for. */
#ifndef LOADER_WHY_WORDS_H
#define LOADER_WHY_WORDS_H

#include "loader/domain.h"
#include "loader/way.h"

#define WHY_FORM "write why NAME in|out PROTO from IP to IP [port N], or why FILE [NAME]"

struct wanted {
	const char *name;
	enum fw_direction direction;
	struct flow flow;
	bool has_source_port, has_query;
	struct domain query;
};

/* "NAME in|out PROTO from IP [port N] to IP [port N] [name DOMAIN]". 0, or EXIT_USAGE with a sentence. */
int why_parse(char **words, struct wanted *out, struct error *err);

/* The first packet of such a connection, or the next one of that which is tracked between its ports. */
void why_packet(struct ways *ways, const struct wanted *wanted, struct question *out, __u8 room[FRAME_BUILT_MAX]);

#endif
