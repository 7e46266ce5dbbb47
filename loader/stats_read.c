/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/clock.h"
#include "loader/conntrack.h"
#include "loader/container_names.h"
#include "loader/container_stats.h"
#include "loader/cpus.h"
#include "loader/firewall.h"
#include "loader/map_walk.h"

/* From so many containers on the maps are read as a whole. */
#define STATS_MANY 64

#define N_COUNTERS (sizeof(struct pkt_stats) / sizeof(__u64))

static void sum_drops(struct pkt_stats *total)
{
	unsigned reason;

	total->dropped = 0;
	for (reason = 0; reason < FW_REASON_N; reason++)
		total->dropped += total->drops[reason];
	total->rate_limited = total->drops[FW_REASON_RATE_LIMIT];
}

int stats_sum(const struct firewall *fw, __u32 container, void *room, struct pkt_stats *out)
{
	int fd = fw->map_fd[container ? MAP_PKT_STATS : MAP_UPLINK_STATS];
	int code;

	memset(out, 0, sizeof(*out));
	code = percpu_sum(fd, &container, room, (__u64 *)(void *)out, N_COUNTERS);
	if (!code && container)
		code = container_stats_add_passed(fw, container, room, out);
	sum_drops(out);
	return code;
}

struct reading {
	const struct container_names *names;
	struct stats_row *rows; /* in the order of names */
};

/* NULL: it has been removed, or has come since the names were read. */
static struct stats_row *row_of(const struct reading *reading, __u32 container)
{
	const struct container_name *name = container_name_find(reading->names, container);

	return name ? &reading->rows[name - reading->names->items] : NULL;
}

static int take_counters(const void *key, const void *value, void *context)
{
	struct stats_row *row = row_of(context, *(const __u32 *)key);

	if (row) {
		memset(&row->total, 0, sizeof(row->total));
		percpu_add(value, (__u64 *)(void *)&row->total, N_COUNTERS);
		row->counts = true;
	}
	return 0;
}

/* Ends behind the last slot that a container can have. */
static int take_passed(const void *key, const void *value, void *context)
{
	const struct reading *reading = context;
	const struct fw_passed *slot = value;
	struct stats_row *row = row_of(reading, (__u32)slot->container);

	if (row && row->counts)
		container_stats_add_slot(slot, &row->total);
	return *(const __u32 *)key >= reading->names->by_id[reading->names->n - 1].id;
}

/* 0, -EOPNOTSUPP where there are few or the kernel has no batches of that kind, or -errno. */
static int read_whole(const struct firewall *fw, enum fw_map map, map_visit take, struct reading *reading)
{
	int code = reading->names->n < STATS_MANY ? -EOPNOTSUPP : map_walk_batches(fw->map_fd[map], take, reading);

	return code > 0 ? 0 : code;
}

/* A container that has never been attached and has counted nothing is left out, unless asked for by name. */
static int rows_read(struct firewall *fw, const char *only, const struct container_names *names, void *room,
		     struct stats *stats)
{
	struct reading reading = { names, stats->rows + 1 };
	int counters = -EOPNOTSUPP, passed = -EOPNOTSUPP, code = 0;
	size_t i;

	if (!only) {
		code = stats_sum(fw, 0, room, &stats->rows[stats->n++].total);
		if (code && code != -ENOENT)
			return code;
		counters = read_whole(fw, MAP_PKT_STATS, take_counters, &reading);
		passed = counters ? counters : read_whole(fw, MAP_PKT_PASSED, take_passed, &reading);
		code = passed == -EOPNOTSUPP ? 0 : passed;
	}
	for (i = 0; !code && i < names->n; i++) {
		const struct container_name *name = &names->items[i];
		struct stats_row *row = &reading.rows[i];

		if (only && strcmp(only, name->text))
			continue;
		memcpy(row->name, name->text, sizeof(row->name));
		row->container = name->id;
		row->cgroup_id = name->cgroup_id;
		if (counters) {
			code = stats_sum(fw, name->id, room, &row->total);
			row->counts = !code;
		} else {
			if (passed && row->counts)
				code = container_stats_add_passed(fw, name->id, room, &row->total);
			sum_drops(&row->total);
		}
		if (row->counts || name->attached || only)
			stats->rows[stats->n++] = *row;
		code = code == -ENOENT ? 0 : code;
	}
	return code;
}

static int lost_read(struct firewall *fw, void *room, __u64 *lost)
{
	struct fw_cpu state = { 0 };
	__u32 zero = 0;
	int code = percpu_sum(fw->map_fd[MAP_FW_CPU], &zero, room, (__u64 *)(void *)&state,
			      sizeof(state) / sizeof(__u64));

	*lost = state.lost;
	return code;
}

void stats_free(struct stats *stats)
{
	free(stats->rows);
	memset(stats, 0, sizeof(*stats));
}

int stats_read(struct firewall *fw, const char *only, struct stats *stats, struct error *err)
{
	struct container_names names = { 0 };
	void *room = percpu_room(sizeof(struct pkt_stats));
	int code = container_names_read(fw, &names, err);

	memset(stats, 0, sizeof(*stats));
	stats->rows = calloc(names.n + 1, sizeof(*stats->rows));
	if (!code && (!room || !stats->rows))
		code = -ENOMEM;
	if (!code)
		code = rows_read(fw, only, &names, room, stats);
	if (!code)
		code = lost_read(fw, room, &stats->events_lost);
	stats->at_ns = clock_now_ns();
	container_names_free(&names);
	free(room);
	if (!code)
		return 0;
	stats_free(stats);
	return error_set(err, code, "stats: the counters cannot be read: %s", strerror(-code));
}
