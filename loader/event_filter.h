/* SPDX-License-Identifier: GPL-2.0 */
/* Which events are wanted: those of which everything is so that was asked for. */
#ifndef LOADER_EVENT_FILTER_H
#define LOADER_EVENT_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include "loader/address.h"

struct event_filter {
	const char *container;  /* NULL: any */
	__u8 layer;             /* enum fw_layer; 0: any */
	__u8 reason;            /* enum fw_reason; FW_REASON_NONE: any */
	struct prefix from, to; /* family 0: any address, and what is not IP */
};

/*
 * Takes one filter: [container] NAME, layer LAYER, reason REASON, from PREFIX or to PREFIX. *words is at its first word
 * and is left at its last. 0, or EXIT_USAGE and a sentence.
 */
int event_filter_take(struct event_filter *filter, char ***words, struct error *err);

/*
 * Whether an event fits, by its record's bytes as the programs send them: to take a copy of each takes longer. All but
 * the container: that has a number in the event, and a name in the filter.
 */
bool event_filter_matches(const struct event_filter *filter, const void *bytes, size_t size);

#endif
