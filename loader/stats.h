/* SPDX-License-Identifier: GPL-2.0 */
/* The counters of all containers at one moment, and their forms. */
#ifndef LOADER_STATS_H
#define LOADER_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "loader/firewall.h"

/* Those that the counters are read from. */
#define STATS_MAPS                                                                                                     \
	(MAP_BIT(MAP_CONTAINERS) | MAP_BIT(MAP_PKT_STATS) | MAP_BIT(MAP_PKT_PASSED) | MAP_BIT(MAP_UPLINK_STATS) |      \
	 MAP_BIT(MAP_FW_CPU))

struct stats_row {
	char name[FW_NAME_MAX + 1]; /* "": the uplinks */
	__u32 container;            /* 0: the uplinks */
	__u64 cgroup_id;
	bool counts;            /* has counters */
	struct pkt_stats total; /* over all CPUs */
};

struct stats {
	struct stats_row *rows; /* the uplinks first, then in the order of names */
	size_t n;
	__u64 at_ns;       /* CLOCK_MONOTONIC */
	__u64 events_lost; /* since the firewall came up */
};

struct error;
struct policy_state;

/*
 * A container's counters (0: the uplinks') over all CPUs. `room` is percpu_room(sizeof(struct pkt_stats)). 0, or -errno
 * (-ENOENT: it has none) and zeroes.
 */
int stats_sum(const struct firewall *fw, __u32 container, void *room, struct pkt_stats *out);

/* Reads them, of one container (NULL: all). 0, or -errno with the sentence and nothing to free. */
int stats_read(struct firewall *fw, const char *only, struct stats *stats, struct error *err);
void stats_free(struct stats *stats);

/* For people; the second with rates a second since `before` was read (an empty one: not known yet). */
void stats_print_text(FILE *out, const struct stats *stats);
void stats_print_rates(FILE *out, const struct stats *stats, const struct stats *before);

/* A list of objects, the same keys in each. 0, or -errno where the reader has gone. */
int stats_print_json(FILE *out, const struct stats *stats);

/* Prometheus' text format 0.0.4, without timestamps: counters, and how a watched policy stands (NULL: none is). */
void stats_print_prometheus(FILE *out, const struct stats *stats, const struct policy_state *policy);

/* The same as a file that everybody may read, replaced in one step by way of PATH.tmp. 0, or -errno and a sentence. */
int stats_write_prometheus(const char *path, const struct stats *stats, const struct policy_state *policy,
			   struct error *err);

/* "999", "1.5 KiB", "12 MiB": three digits at most before the unit. */
const char *stats_bytes_text(__u64 bytes, char room[16]);

/* What a counter grew by, a second; 0 where it went back, since the container was made anew. */
__u64 stats_rate(__u64 now, __u64 before, __u64 elapsed_ns);

/* Why packets were dropped, the most frequent first: "default_deny 12, dns 3"; "" for none. */
#define STATS_REASONS_MAX 512
const char *stats_reasons_text(const struct pkt_stats *total, char room[STATS_REASONS_MAX]);

#endif
