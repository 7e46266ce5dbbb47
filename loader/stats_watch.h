/* SPDX-License-Identifier: GPL-2.0 */
/* The counters again and again, until a signal or the firewall's end. */
#ifndef LOADER_STATS_WATCH_H
#define LOADER_STATS_WATCH_H

struct error;
struct firewall;

/*
 * Of one container, or of all (NULL): on a terminal's screen in place, else one table or one JSON list a sample. 0, or
 * -errno with the sentence.
 */
int stats_watch(struct firewall *fw, const char *only, unsigned seconds, struct error *err);

#endif
