/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/stats_watch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "elf/error.h"
#include "loader/command.h"
#include "loader/follow.h"
#include "loader/stats_live.h"

struct watch {
	struct follow follow;
	const char *only;
	unsigned seconds;
	bool json, on_screen;
	struct live live;
};

static void draw(const struct watch *watch)
{
	struct live_look look = {
		.size = terminal_size(),
		.utf8 = terminal_is_utf8(),
		.colour = terminal_has_colour(),
		.seconds = watch->seconds,
	};
	time_t now = time(NULL);
	struct tm tm = { 0 };

	localtime_r(&now, &tm);
	snprintf(look.clock, sizeof(look.clock), "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
	live_draw(stdout, &watch->live, &look);
}

static int sample(struct watch *watch, struct error *err)
{
	struct stats stats;
	int code = stats_read(watch->follow.fw, watch->only, &stats, err);

	if (code)
		return code;
	if (watch->json)
		code = stats_print_json(stdout, &stats);
	else if (!watch->on_screen)
		stats_print_rates(stdout, &stats, &watch->live.stats);
	if (live_take(&watch->live, &stats))
		return error_set(err, -ENOMEM, "stats: no memory");
	if (watch->on_screen)
		draw(watch);
	return code && code != -EPIPE ? code : follow_flush(err);
}

/* Draws again where the screen has changed meanwhile. */
static int wait_for(struct watch *watch, __s64 until_ms, struct error *err)
{
	struct pollfd none[1];
	int end;

	do {
		end = follow_wait(&watch->follow, none, 1, until_ms);
		if (end == FOLLOW_AGAIN)
			end = follow_reopen(&watch->follow, err);
		if (end == FOLLOW_ON && watch->on_screen && terminal_changed()) {
			draw(watch);
			end = follow_flush(err);
		}
	} while (end == FOLLOW_ON && follow_now_ms() < until_ms);
	return end;
}

static int watch_on(struct watch *watch, struct error *err)
{
	/* The first rates come soon, whatever the interval. */
	__s64 next = follow_now_ms(), step_ms = watch->on_screen ? 1000 : watch->seconds * 1000LL;
	int end = FOLLOW_ON;

	while (end == FOLLOW_ON) {
		end = sample(watch, err);
		next += step_ms;
		if (next < follow_now_ms()) /* it was stopped */
			next = follow_now_ms() + step_ms;
		if (end == FOLLOW_ON)
			end = wait_for(watch, next, err);
		step_ms = watch->seconds * 1000LL;
	}
	return end;
}

int stats_watch(struct firewall *fw, const char *only, unsigned seconds, struct error *err)
{
	struct watch watch = { .only = only, .seconds = seconds, .json = fw->options->json };
	int end = follow_begin(&watch.follow, fw, "stats", STATS_MAPS, err);

	if (end)
		return end;
	watch.on_screen = !watch.json && terminal_is_smart();
	if (watch.on_screen)
		terminal_open(&watch.follow);
	end = watch_on(&watch, err);
	if (watch.on_screen)
		terminal_close();
	live_free(&watch.live);
	if (end == FOLLOW_DOWN)
		return follow_down(&watch.follow, err);
	return end < 0 ? end : 0;
}
