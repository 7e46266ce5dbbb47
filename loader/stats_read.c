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

int stats_sum(const struct firewall *fw, __u32 container, void *room, struct pkt_stats *out)
{
	int fd = fw->map_fd[container ? MAP_PKT_STATS : MAP_UPLINK_STATS];
	unsigned reason;
	int code;

	memset(out, 0, sizeof(*out));
	code = percpu_sum(fd, &container, room, (__u64 *)(void *)out, sizeof(*out) / sizeof(__u64));
	if (!code && container)
		code = container_stats_add_passed(fw, container, room, out);
	for (reason = 0; reason < FW_REASON_N; reason++)
		out->dropped += out->drops[reason];
	out->rate_limited = out->drops[FW_REASON_RATE_LIMIT];
	return code;
}

static int row_read(struct firewall *fw, void *room, struct stats_row *row)
{
	return stats_sum(fw, row->container, room, &row->total);
}

/* A container that has never been attached and has counted nothing is left out, unless asked for by name. */
static int rows_read(struct firewall *fw, const char *only, const struct container_names *names, void *room,
		     struct stats *stats)
{
	size_t i;
	int code;

	if (!only) {
		code = row_read(fw, room, &stats->rows[stats->n++]);
		if (code && code != -ENOENT)
			return code;
	}
	for (i = 0; i < names->n; i++) {
		const struct container_name *name = &names->items[i];
		struct stats_row *row = &stats->rows[stats->n];

		if (only && strcmp(only, name->text))
			continue;
		memcpy(row->name, name->text, sizeof(row->name));
		row->container = name->id;
		row->cgroup_id = name->cgroup_id;
		code = row_read(fw, room, row);
		if (code && code != -ENOENT)
			return code;
		if (!code || name->attached || only)
			stats->n++;
	}
	return 0;
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
