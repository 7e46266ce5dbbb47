/* SPDX-License-Identifier: GPL-2.0 */
/* stats_live.c: what a page of the counters shows, and that it fits. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "loader/stats_live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SECOND 1000000000ULL
#define LINES_MAX 64

static struct live live;
static struct live_look look;
static char *page, *lines[LINES_MAX];
static unsigned n_lines;

static int setup(void **state)
{
	(void)state;
	memset(&live, 0, sizeof(live));
	look = (struct live_look) { { 100, 24 }, true, false, 2, "10:50:01" };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	live_free(&live);
	free(page);
	page = NULL;
	return 0;
}

/* A sample at so many seconds, with a row for each name; "" is the uplinks. The n-th has n times `count` packets. */
static void take(unsigned at, const char *const *names, __u64 count)
{
	struct stats stats = { .rows = calloc(32, sizeof(*stats.rows)), .at_ns = at * SECOND, .events_lost = 1 };

	for (; names[stats.n]; stats.n++) {
		struct stats_row *row = &stats.rows[stats.n];

		strcpy(row->name, names[stats.n]);
		row->container = *row->name ? 100U + (unsigned char)*row->name : 0;
		row->total.rx_packets = row->total.tx_packets = count * stats.n;
		row->total.rx_bytes = 1024 * count * stats.n;
		row->total.dropped = row->total.drops[FW_REASON_DNS] = count;
	}
	assert_int_equal(live_take(&live, &stats), 0);
}

static void forget_sequences(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\033')
			text += strcspn(text, "HKJmlh");
		else if (*text != '\r')
			*to++ = *text;
	}
	*to = '\0';
}

static void draw(void)
{
	size_t size;
	FILE *out;
	char *line;

	free(page);
	out = open_memstream(&page, &size);
	live_draw(out, &live, &look);
	fclose(out);
	forget_sequences(page);
	n_lines = 0;
	for (line = strtok(page, "\n"); line; line = strtok(NULL, "\n"))
		lines[n_lines++] = line;
}

static unsigned width_of(const char *line)
{
	unsigned width = 0;

	for (; *line; line++)
		width += (*line & 0xc0) != 0x80;
	return width;
}

static void the_first_sample_has_no_rates(void **state)
{
	static const char *const names[] = { "", "web", NULL };

	(void)state;
	take(1, names, 10);
	draw();
	assert_string_equal(lines[0], "bulkhead  10:50:01  every 2 s  1 container  1 event lost");
	assert_string_equal(lines[1], "rx 0/s, 0 B/s  tx 0/s, 0 B/s  dropped 0/s");
	assert_string_equal(lines[2], "dropped in all: dns 20");
	assert_string_equal(lines[5], "web             -        -       -        -       -                    ");
}

static void then_each_container_has_its_own(void **state)
{
	static const char *const names[] = { "", "db", "web", NULL };

	(void)state;
	take(1, names, 0);
	take(3, names, 10);
	draw();
	assert_string_equal(lines[1], "rx 15/s, 15 KiB/s  tx 15/s, 0 B/s  dropped 15/s");
	assert_string_equal(lines[5], "db              5  5.0 KiB       5      0 B       5                 █  dns 5");
	assert_string_equal(lines[6], "web            10   10 KiB      10      0 B       5                 █  dns 5");
	take(5, names, 10);
	draw();
	assert_string_equal(lines[6], "web             0      0 B       0      0 B       0                █▁  ");
}

static void who_comes_and_goes_keeps_no_other_s_line(void **state)
{
	static const char *const before[] = { "a", "web", NULL }, *const after[] = { "b", "web", NULL };

	(void)state;
	take(1, before, 0);
	take(2, before, 5);
	take(3, after, 5);
	assert_false(live.rows[0].is_known);
	assert_int_equal(live.rows[0].spark.n, 0);
	assert_true(live.rows[1].is_known);
	assert_int_equal(live.rows[1].spark.n, 2);
}

static void it_fits_every_terminal(void **state)
{
	static const char *const names[] = {
		"", "a", "b", "c", "a-name-of-sixty-four-bytes-which-is-as-long-as-a-name-may-be-here", NULL
	};
	unsigned columns, rows, i;

	(void)state;
	take(1, names, 0);
	take(2, names, ~0ULL / 1024 / 8);
	for (columns = 1; columns < 260; columns += 7)
		for (rows = 1; rows < 20; rows++) {
			look.size = (struct terminal_size) { columns, rows };
			draw();
			assert_true(n_lines >= 1 && n_lines <= rows);
			for (i = 0; i < n_lines; i++)
				assert_true(width_of(lines[i]) <= columns);
		}
}

static void the_busiest_come_first_where_there_is_no_room(void **state)
{
	static const char *const names[] = { "", "a", "b", "c", "d", NULL };

	(void)state;
	take(1, names, 0);
	take(2, names, 9);
	look.size.rows = 7;
	draw();
	assert_int_equal(n_lines, 7);
	assert_int_equal(strncmp(lines[4], "d ", 2), 0);
	assert_int_equal(strncmp(lines[5], "c ", 2), 0);
	assert_string_equal(lines[6], "... and 3 more");
	look.size.rows = 9;
	draw();
	assert_int_equal(strncmp(lines[4], "(uplinks) ", 10), 0);
	assert_int_equal(strncmp(lines[8], "d ", 2), 0);
}

static void large_rates_have_six_characters(void **state)
{
	static const char *const names[] = { "", "a", NULL };

	(void)state;
	take(0, names, 0);
	take(1, names, 999999);
	draw();
	assert_non_null(strstr(lines[5], "a          999999  976 MiB  999999"));
	take(2, names, 999999 + 1234567);
	draw();
	assert_non_null(strstr(lines[5], "a           1234k  1.1 GiB   1234k"));
}

static void only_what_drops_is_red(void **state)
{
	static const char *const names[] = { "a", NULL };
	size_t size;
	FILE *out;

	(void)state;
	look.colour = true;
	take(1, names, 0);
	take(2, names, 5);
	out = open_memstream(&page, &size);
	live_draw(out, &live, &look);
	fclose(out);
	assert_non_null(strstr(page, "\033[31m\033[Ka "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_sample_has_no_rates, setup, teardown),
		cmocka_unit_test_setup_teardown(then_each_container_has_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(who_comes_and_goes_keeps_no_other_s_line, setup, teardown),
		cmocka_unit_test_setup_teardown(it_fits_every_terminal, setup, teardown),
		cmocka_unit_test_setup_teardown(the_busiest_come_first_where_there_is_no_room, setup, teardown),
		cmocka_unit_test_setup_teardown(large_rates_have_six_characters, setup, teardown),
		cmocka_unit_test_setup_teardown(only_what_drops_is_red, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
