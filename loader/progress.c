/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/clock.h"
#include "loader/command.h"

#define BAR 40
#define STEPS_A_LOOK 256 /* the clock is asked then alone */
#define FIRST_NS 500000000ULL
#define AGAIN_NS 100000000ULL

void progress_begin(struct progress *progress, const struct options *options, size_t total)
{
	memset(progress, 0, sizeof(*progress));
	progress->is_shown = total && !options->quiet && !options->json && isatty(STDERR_FILENO);
	progress->total = total;
	progress->told_ns = clock_now_ns() + FIRST_NS - AGAIN_NS;
}

static void draw(const struct progress *progress)
{
	static const char full[] = "########################################";
	size_t done = progress->done < progress->total ? progress->done : progress->total;
	int filled = (int)(done * BAR / progress->total);

	fprintf(stderr, "\r[%.*s%*s] %3zu %%", filled, full, BAR - filled, "", done * 100 / progress->total);
	fflush(stderr);
}

void progress_steps(struct progress *progress, size_t n)
{
	size_t before;
	__u64 now;

	if (!progress || !progress->is_shown)
		return;
	before = progress->done;
	progress->done += n;
	if (before / STEPS_A_LOOK == progress->done / STEPS_A_LOOK)
		return;
	now = clock_now_ns();
	if ((__s64)(now - progress->told_ns) < (__s64)AGAIN_NS)
		return;
	progress->told_ns = now;
	draw(progress);
}

void progress_step(struct progress *progress)
{
	progress_steps(progress, 1);
}

void progress_end(struct progress *progress)
{
	if (progress->is_shown)
		fprintf(stderr, "\r%*s\r", BAR + 10, "");
	progress->is_shown = false;
}
