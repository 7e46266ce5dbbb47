/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/verifier_log.h"

#include <stdbool.h>
#include <string.h>

#include "loader/report.h"

#define LINES_SHOWN 5
#define LINE_BYTES 160

/* The figures that follow the reason, and the registers, say nothing to whoever wrote the program. */
static bool is_told(const char *line)
{
	static const char *const left_out[] = { "processed ",  "verification time", "stack depth",
						"peak_states", "mark_precise",      "from " };
	size_t i;

	for (i = 0; i < sizeof(left_out) / sizeof(*left_out); i++)
		if (!strncmp(line, left_out[i], strlen(left_out[i])))
			return false;
	return *line != '\0';
}

static bool is_source(const char *line)
{
	return line[0] == ';' && line[1] == ' ';
}

struct tail {
	const char *line[LINES_SHOWN];
	unsigned n;
	const char *source; /* the last source line, where it is not among them */
};

static void push(struct tail *tail, const char *line)
{
	if (tail->n == LINES_SHOWN) {
		if (is_source(tail->line[0]))
			tail->source = tail->line[0];
		memmove(tail->line, tail->line + 1, (LINES_SHOWN - 1) * sizeof(*tail->line));
		tail->n--;
	}
	if (is_source(line))
		tail->source = NULL;
	tail->line[tail->n++] = line;
}

static void append(struct error *err, const char *line)
{
	size_t at = strlen(err->text), n = strlen(line), i;

	n = n < LINE_BYTES ? n : LINE_BYTES;
	if (at + n + 2 > sizeof(err->text))
		return;
	err->text[at++] = REPORT_LINE[0];
	for (i = 0; i < n; i++)
		err->text[at++] = (unsigned char)line[i] < ' ' || line[i] == 0x7f ? '?' : line[i];
	err->text[at] = '\0';
}

void verifier_log_append(struct error *err, char *log)
{
	struct tail tail = { .n = 0 };
	char *line;
	unsigned i;

	if (!err)
		return;
	while ((line = strsep(&log, "\n")))
		if (is_told(line))
			push(&tail, line);
	if (tail.source)
		append(err, tail.source);
	for (i = 0; i < tail.n; i++)
		append(err, tail.line[i]);
}
