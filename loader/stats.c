/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/stats.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "loader/command.h"
#include "loader/container.h"
#include "loader/firewall.h"
#include "loader/policy_state.h"
#include "loader/stats_watch.h"

#define WATCH_MAX_SECONDS 86400

struct request {
	const struct options *options;
	const char *name; /* NULL: all */
	unsigned watch_seconds;
	bool prometheus;
	const char *file; /* for prometheus; NULL: standard output */
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
			if (words[1] && strcmp(words[1], "watch"))
				request->file = *++words;
		} else if (!request->name && !request->watch_seconds && !request->prometheus) {
			request->name = *words;
		} else {
			return usage_error(err,
					   "stats: \"%s\" is one word too many: stats [NAME] [watch SECONDS] "
					   "[prometheus [FILE]]",
					   *words);
		}
	}
	if (request->prometheus && (request->watch_seconds || request->options->json))
		return usage_error(err, "stats: prometheus is a form of its own: leave out %s",
				   request->watch_seconds ? "watch" : "-j");
	return 0;
}

static int print_once(struct firewall *fw, const struct request *request, struct error *err)
{
	const struct policy_state *policy = NULL;
	struct policy_state state;
	struct stats stats;
	int code = stats_read(fw, request->name, &stats, err);

	if (code)
		return code;
	/* It is none of a container's. */
	if (request->prometheus && !request->name && !policy_state_read(request->options, &state))
		policy = &state;
	if (request->file && request->options->dry_run)
		printf("%s%s\n", request->options->quiet ? "" : "would write ", request->file);
	else if (request->file)
		code = stats_write_prometheus(request->file, &stats, policy, err);
	else if (request->prometheus)
		stats_print_prometheus(stdout, &stats, policy);
	else if (request->options->json)
		code = stats_print_json(stdout, &stats);
	else
		stats_print_text(stdout, &stats);
	stats_free(&stats);
	return code;
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
	code = firewall_open_some(&fw, options, FIREWALL_READ, STATS_MAPS, err);
	if (code)
		return exit_status_of(code);
	if (request.name)
		code = container_find(&fw, request.name, &container, err);
	if (!code)
		code = request.watch_seconds ? stats_watch(&fw, request.name, request.watch_seconds, err)
					     : print_once(&fw, &request, err);
	firewall_close(&fw);
	return exit_status_of(code);
}
