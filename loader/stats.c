/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/stats.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/command.h"
#include "loader/conntrack.h"
#include "loader/container.h"
#include "loader/container_names.h"
#include "loader/cpus.h"
#include "loader/follow.h"

#define WATCH_MAX_SECONDS 86400

struct request {
	const struct options *options;
	const char *name; /* NULL: all */
	unsigned watch_seconds;
	bool prometheus;
};

static int parse_watch(const char *word, struct request *request, struct error *err)
{
	char *end = NULL;
	unsigned long seconds = word && *word >= '0' && *word <= '9' ? strtoul(word, &end, 10) : 0;

	if (!word)
		return usage_error(err, "stats: watch: the seconds are missing: say watch 2");
	if (!seconds || *end || seconds > WATCH_MAX_SECONDS)
		return usage_error(err, "stats: watch %s: that is no number of seconds: give 1 to %u", word,
				   WATCH_MAX_SECONDS);
	request->watch_seconds = (unsigned)seconds;
	return 0;
}

static int parse(struct request *request, char **words, struct error *err)
{
	for (; *words; words++) {
		if (!strcmp(*words, "watch") && !request->watch_seconds) {
			if (parse_watch(*++words, request, err))
				return EXIT_USAGE;
		} else if (!strcmp(*words, "prometheus") && !request->prometheus) {
			request->prometheus = true;
		} else if (!request->name && !request->watch_seconds && !request->prometheus) {
			request->name = *words;
		} else {
			return usage_error(err,
					   "stats: \"%s\" is one word too many: stats [NAME] [watch SECONDS] "
					   "[prometheus]",
					   *words);
		}
	}
	if (request->prometheus && (request->watch_seconds || request->options->json))
		return usage_error(err, "stats: prometheus is a form of its own: leave out %s",
				   request->watch_seconds ? "watch" : "-j");
	return 0;
}

static int row_read(struct firewall *fw, void *room, struct stats_row *row)
{
	return percpu_sum(fw->map_fd[MAP_PKT_STATS], &row->container, room, (__u64 *)(void *)&row->total,
			  sizeof(row->total) / sizeof(__u64));
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
	struct fw_event_state state = { 0 };
	__u32 zero = 0;
	int code = percpu_sum(fw->map_fd[MAP_FW_EVENT_STATE], &zero, room, (__u64 *)(void *)&state,
			      sizeof(state) / sizeof(__u64));

	*lost = state.lost;
	return code;
}

static void stats_free(struct stats *stats)
{
	free(stats->rows);
	memset(stats, 0, sizeof(*stats));
}

static int stats_read(struct firewall *fw, const char *only, struct stats *stats, struct error *err)
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
	stats->at_ns = conntrack_now_ns();
	container_names_free(&names);
	free(room);
	if (!code)
		return 0;
	stats_free(stats);
	return error_set(err, code, "stats: the counters cannot be read: %s", strerror(-code));
}

static int print_once(struct firewall *fw, const struct request *request, struct error *err)
{
	struct stats stats;
	int code = stats_read(fw, request->name, &stats, err);

	if (code)
		return code;
	if (request->prometheus)
		stats_print_prometheus(stdout, &stats);
	else if (request->options->json)
		code = stats_print_json(stdout, &stats);
	else
		stats_print_text(stdout, &stats);
	stats_free(&stats);
	return code;
}

/* The names are read anew each time: a container that has gone is no longer in the table. */
static int print_again(struct firewall *fw, const struct request *request, struct stats *before, struct error *err)
{
	struct stats stats;
	int code = stats_read(fw, request->name, &stats, err);

	if (code)
		return code;
	if (request->options->json) {
		code = stats_print_json(stdout, &stats);
	} else {
		if (isatty(STDOUT_FILENO))
			fputs("\033[H\033[2J", stdout);
		stats_print_rates(stdout, &stats, before);
	}
	stats_free(before);
	*before = stats;
	return code == -EPIPE ? 0 : code; /* told by follow_wait */
}

static int watch(struct firewall *fw, const struct request *request, struct error *err)
{
	struct stats before = { 0 };
	struct pollfd none[1];
	struct follow follow;
	enum follow_end end = FOLLOW_ON;
	int code = follow_begin(&follow, fw, "maps/pkt_stats", err);

	while (!code && end == FOLLOW_ON) {
		code = print_again(fw, request, &before, err);
		if (!code)
			code = follow_flush(err);
		if (code > 0)
			break;
		if (!code)
			end = follow_wait(&follow, none, 1, (int)request->watch_seconds * 1000);
	}
	stats_free(&before);
	if (end == FOLLOW_DOWN)
		return follow_down("stats", err);
	return code < 0 ? code : 0;
}

int stats_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct request request = { .options = options };
	struct fw_container container;
	struct firewall fw;
	int code;

	(void)n_words;
	if (parse(&request, words, err))
		return EXIT_USAGE;
	code = firewall_open(&fw, options, FIREWALL_READ, err);
	if (code)
		return exit_status_of(code);
	if (request.name)
		code = container_find(&fw, request.name, &container, err);
	if (!code)
		code = request.watch_seconds ? watch(&fw, &request, err) : print_once(&fw, &request, err);
	firewall_close(&fw);
	return exit_status_of(code);
}
