/* SPDX-License-Identifier: GPL-2.0 */
/* perf.c over a ring made by hand. */
#include "loader/perf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <linux/perf_event.h>

#define SIZE 4096

struct fixture {
	struct perf perf;
	struct perf_ring ring;
	struct perf_event_mmap_page page;
	unsigned char data[SIZE], whole[65536];
	char seen[256];
	unsigned n_seen, end_after;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->perf.whole = f->whole;
	f->ring = (struct perf_ring) { -1, &f->page, f->data, SIZE };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void put_bytes(struct fixture *f, const void *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		f->data[f->page.data_head++ & (SIZE - 1)] = ((const unsigned char *)bytes)[i];
}

/* As bpf_perf_event_output: the size counts the padding that brings the record to steps of eight. */
static void put_sample(struct fixture *f, const char *text)
{
	char padded[256] = { 0 };
	__u32 length = (__u32)((strlen(text) + 4 + 7) & ~7UL) - 4;
	struct perf_event_header header = { .type = PERF_RECORD_SAMPLE, .size = (__u16)(sizeof(header) + 4 + length) };

	strcpy(padded, text);
	put_bytes(f, &header, sizeof(header));
	put_bytes(f, &length, sizeof(length));
	put_bytes(f, padded, length);
}

static void put_lost(struct fixture *f, __u64 lost)
{
	__u64 body[2] = { 99, lost };
	struct perf_event_header header = { .type = PERF_RECORD_LOST, .size = sizeof(header) + sizeof(body) };

	put_bytes(f, &header, sizeof(header));
	put_bytes(f, body, sizeof(body));
}

static int see(const void *bytes, size_t size, void *context)
{
	struct fixture *f = context;

	strncat(f->seen, bytes, size);
	strcat(f->seen, ",");
	return ++f->n_seen == f->end_after ? 7 : 0;
}

static int read_all(struct fixture *f)
{
	return perf_ring_read(&f->perf, &f->ring, see, f);
}

static void reads_samples_and_counts_losses(void **state)
{
	struct fixture *f = *state;

	put_sample(f, "one");
	put_lost(f, 5);
	put_sample(f, "two is longer");
	put_lost(f, 2);
	assert_int_equal(read_all(f), 0);
	assert_string_equal(f->seen, "one,two is longer,");
	assert_int_equal(f->perf.lost, 7);
	assert_int_equal(f->page.data_tail, f->page.data_head);
}

static void passes_over_records_of_other_types(void **state)
{
	struct fixture *f = *state;
	struct perf_event_header header = { .type = 77, .size = sizeof(header) };

	put_bytes(f, &header, sizeof(header));
	put_sample(f, "one");
	assert_int_equal(read_all(f), 0);
	assert_string_equal(f->seen, "one,");
}

static void records_across_the_end_are_whole(void **state)
{
	struct fixture *f = *state;
	char text[100], wanted[101];
	unsigned i;

	for (i = 0; i < 1000; i++) {
		memset(text, 'a' + i % 26, sizeof(text));
		text[1 + i % 90] = '\0';
		snprintf(wanted, sizeof(wanted), "%s,", text);
		f->seen[0] = '\0';
		put_sample(f, text);
		assert_int_equal(read_all(f), 0);
		assert_string_equal(f->seen, wanted);
	}
}

static void the_visitor_can_end_it_behind_its_record(void **state)
{
	struct fixture *f = *state;

	put_sample(f, "one");
	put_sample(f, "two");
	f->end_after = 1;
	assert_int_equal(read_all(f), 7);
	assert_string_equal(f->seen, "one,");
	assert_int_equal(read_all(f), 0);
	assert_string_equal(f->seen, "one,two,");
}

static void refuses_sizes_that_cannot_be(void **state)
{
	struct fixture *f = *state;
	struct perf_event_header header = { .type = PERF_RECORD_SAMPLE, .size = 4 };
	__u32 length = 1000;

	put_bytes(f, &header, sizeof(header));
	assert_int_equal(read_all(f), -EIO);
	f->page.data_head = f->page.data_tail = 0;
	header.size = 64; /* more than has been written */
	put_bytes(f, &header, sizeof(header));
	assert_int_equal(read_all(f), -EIO);
	f->page.data_head = f->page.data_tail = 0;
	header.size = 16; /* a sample longer than its record */
	put_bytes(f, &header, sizeof(header));
	put_bytes(f, &length, sizeof(length));
	put_bytes(f, &length, sizeof(length));
	assert_int_equal(read_all(f), -EIO);
	assert_int_equal(f->n_seen, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_samples_and_counts_losses, setup, teardown),
		cmocka_unit_test_setup_teardown(passes_over_records_of_other_types, setup, teardown),
		cmocka_unit_test_setup_teardown(records_across_the_end_are_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(the_visitor_can_end_it_behind_its_record, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_sizes_that_cannot_be, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
