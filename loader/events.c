/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/command.h"
#include "loader/container.h"
#include "loader/container_names.h"
#include "loader/cpus.h"
#include "loader/event_filter.h"
#include "loader/event_print.h"
#include "loader/event_source.h"
#include "loader/firewall.h"
#include "loader/follow.h"
#include "loader/report.h"
#include "loader/terminal.h"

#define NS_PER_SECOND 1000000000LL
#define NAMES_LIVE_NS NS_PER_SECOND
#define NAMES_UNKNOWN_NS (NS_PER_SECOND / 20) /* where one is missing */
#define IFNAMES 16
#define READS 16 /* before anything else is looked at */
#define NAP_NS 100000
#define COUNTED 1 /* print_event: that was the last */

struct reader {
	const struct options *options;
	struct firewall fw;
	struct event_source source;
	struct follow follow;
	struct event_filter filter;
	bool colour;
	unsigned long long count, printed; /* count 0: no end */
	unsigned long taken;
	struct container_names names;
	__s64 names_read_ns;
	struct {
		__u32 ifindex;
		char name[IF_NAMESIZE];
	} ifnames[IFNAMES];
};

static int parse_count(const char *word, struct reader *reader, struct error *err)
{
	char *end = NULL;

	errno = 0;
	if (word && *word >= '0' && *word <= '9')
		reader->count = strtoull(word, &end, 10);
	if (!word)
		return usage_error(err, "events: count: the number is missing: say count 10");
	if (!reader->count || *end || errno)
		return usage_error(err, "events: count %s: that is no number of events: give 1 or more", word);
	return 0;
}

static int parse(struct reader *reader, char **words, struct error *err)
{
	int status = 0;

	for (; !status && *words; words++) {
		if (!strcmp(*words, "count") && !reader->count)
			status = parse_count(*++words, reader, err);
		else
			status = event_filter_take(&reader->filter, &words, err);
	}
	return status;
}

static __s64 clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* Containers come and go, and devices change their names, while we read. */
static void names_refresh(struct reader *reader, __s64 live_ns)
{
	__s64 now = clock_ns(CLOCK_MONOTONIC);

	if (reader->names_read_ns && now - reader->names_read_ns < live_ns)
		return;
	reader->names_read_ns = now;
	memset(reader->ifnames, 0, sizeof(reader->ifnames));
	container_names_read(&reader->fw, &reader->names, NULL);
}

/* A container that came after the names were read is asked for at once. */
static const char *container_text(struct reader *reader, __u32 container, char room[16])
{
	names_refresh(reader, NAMES_LIVE_NS);
	if (container && !container_name_find(&reader->names, container))
		names_refresh(reader, NAMES_UNKNOWN_NS);
	return container_name_text(&reader->names, container, room);
}

/* The index that a cgroup's program sees is one of the container's own network namespace: no name of ours. */
static const char *ifname(struct reader *reader, const struct fw_event *event)
{
	__u32 slot = event->ifindex % IFNAMES;

	if (event->layer == FW_LAYER_CGROUP || !event->ifindex)
		return "";
	if (reader->ifnames[slot].ifindex != event->ifindex) {
		reader->ifnames[slot].ifindex = event->ifindex;
		if (!if_indextoname(event->ifindex, reader->ifnames[slot].name))
			reader->ifnames[slot].name[0] = '\0';
	}
	return reader->ifnames[slot].name;
}

static int print_event(const void *bytes, size_t size, void *context)
{
	struct reader *reader = context;
	struct fw_event event;
	struct event_view view = { .event = &event };
	char room[16];

	reader->taken++;
	if (!event_filter_matches(&reader->filter, bytes, size) || event_from_record(bytes, size, &event))
		return 0;
	view.container = container_text(reader, event.container, room);
	/* By name, since a container that is attached anew has another number. */
	if (reader->filter.container && strcmp(view.container, reader->filter.container))
		return 0;
	view.ifname = ifname(reader, &event);
	view.wall_ns = (__s64)event.timestamp_ns + clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	if (reader->options->json)
		event_print_json(stdout, &view);
	else
		event_print_text(stdout, &view, reader->colour);
	/* Line by line: who reads them waits for whole ones. */
	if (fflush(stdout) || ferror(stdout) || follow_stopped())
		return COUNTED;
	return ++reader->printed == reader->count ? COUNTED : 0;
}

/*
 * What comes in a burst is taken together: the kernel wakes who has read all for each event, and that takes longer than
 * to read it.
 */
static int read_events(struct reader *reader)
{
	static const struct timespec nap = { .tv_nsec = NAP_NS };
	unsigned long before = reader->taken;
	unsigned reads = READS;
	int answer = event_source_read(&reader->source, print_event, reader);

	while (!answer && reader->taken != before && --reads && !follow_stopped()) {
		before = reader->taken;
		nanosleep(&nap, NULL);
		answer = event_source_read(&reader->source, print_event, reader);
	}
	return answer;
}

static int batch(struct reader *reader, struct error *err)
{
	__u64 lost = event_source_lost(&reader->source);
	int answer, code;

	if (lost && reader->options->json)
		event_print_lost_json(stdout, lost);
	else if (lost)
		event_print_lost_text(stdout, lost, reader->colour);
	answer = read_events(reader);
	code = follow_flush(err);
	if (code)
		return code;
	if (answer < 0)
		return error_set(err, answer,
				 "events: fw_events holds what no program wrote: run bulkhead down and up");
	return answer == COUNTED ? FOLLOW_END : FOLLOW_ON;
}

/* What the maps before still hold comes first. */
static int reopen(struct reader *reader, struct error *err)
{
	int end = batch(reader, err);

	if (end == FOLLOW_ON)
		end = follow_reopen(&reader->follow, err);
	if (end == FOLLOW_ON)
		end = event_source_reopen(&reader->source, err);
	reader->names_read_ns = 0;
	return end;
}

static int follow_events(struct reader *reader, struct error *err)
{
	static const map_bits maps = MAP_BIT(MAP_FW_EVENTS) | MAP_BIT(MAP_FW_CPU) | MAP_BIT(MAP_CONTAINERS);
	size_t room = 1 + cpus_bound();
	struct pollfd *fds = calloc(room, sizeof(*fds));
	nfds_t n;
	int end = fds ? follow_begin(&reader->follow, &reader->fw, "events", maps, err) : -ENOMEM;

	while (end == FOLLOW_ON) {
		n = 1 + event_source_fds(&reader->source, fds + 1, room - 1);
		end = follow_wait(&reader->follow, fds, n, follow_now_ms() + 1000);
		if (end == FOLLOW_ON)
			end = batch(reader, err);
		else if (end == FOLLOW_AGAIN)
			end = reopen(reader, err);
	}
	free(fds);
	if (end == FOLLOW_DOWN)
		return follow_down(&reader->follow, err);
	return end < 0 ? end : 0;
}

int events_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct reader reader = { .options = options };
	struct fw_container container;
	int code;

	(void)n_words;
	if (parse(&reader, words, err))
		return EXIT_USAGE;
	code = firewall_open(&reader.fw, options, FIREWALL_READ, err);
	if (code)
		return exit_status_of(code);
	reader.colour = !options->json && terminal_has_colour();
	if (reader.filter.container)
		code = container_find(&reader.fw, reader.filter.container, &container, err);
	if (!code)
		code = event_source_open(&reader.source, &reader.fw, err);
	if (!code) {
		/* A program that asked for them cannot see it otherwise, before the first has come. */
		if (options->json)
			report_remark(options, "events: they are read from here on");
		code = follow_events(&reader, err);
		event_source_close(&reader.source);
	}
	container_names_free(&reader.names);
	firewall_close(&reader.fw);
	return exit_status_of(code);
}
