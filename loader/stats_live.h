/* SPDX-License-Identifier: GPL-2.0 */
/* The counters as a page on a terminal: what went on between the last two samples, and how it went before. */
#ifndef LOADER_STATS_LIVE_H
#define LOADER_STATS_LIVE_H

#include <stdbool.h>
#include "loader/spark.h"
#include "loader/stats.h"
#include "loader/terminal.h"

struct live_row {
	struct stats_row *row;
	bool is_known;         /* it was in the sample before, so that there are rates */
	struct pkt_stats rate; /* a second */
	struct spark spark;    /* packets a second, with those that were dropped */
};

struct live {
	struct stats stats;    /* the latest sample */
	struct live_row *rows; /* one for each of its rows */
};

/* Takes the next sample over, all of it. 0 or -ENOMEM. */
int live_take(struct live *live, struct stats *stats);
void live_free(struct live *live);

struct live_look {
	struct terminal_size size;
	bool utf8, colour;
	unsigned seconds; /* between samples */
	char clock[16];
};

/*
 * Draws the page from the top left corner on, never beyond the size. Where not all containers fit, those come first
 * that have most packets.
 */
void live_draw(FILE *out, const struct live *live, const struct live_look *look);

#endif
