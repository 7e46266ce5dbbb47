/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ring.c over a ring made by hand: two mappings of one memory, as the kernel's, and records as a program would leave
 * them.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "loader/ring.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/bpf.h>

#define SIZE 4096UL

struct fixture {
	struct ring ring;
	unsigned long consumer, producer;
	unsigned char *data;
	char seen[4096];
	unsigned n_seen, end_after;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fd = memfd_create("ring", MFD_CLOEXEC);

	assert_non_null(f);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	f->data = mmap(NULL, 2 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mmap(f->data, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	mmap(f->data + SIZE, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	close(fd);
	f->ring = (struct ring) { &f->consumer, &f->producer, f->data, SIZE, 0 };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	munmap(f->data, 2 * SIZE);
	free(f);
	return 0;
}

/* As bpf_ringbuf_output would: a header of two words, the bytes, steps of eight. */
static void put(struct fixture *f, const char *text, __u32 bits)
{
	unsigned char *record = f->data + (f->producer & (SIZE - 1));
	__u32 length = (__u32)strlen(text), header = length | bits;

	memcpy(record, &header, sizeof(header));
	memcpy(record + BPF_RINGBUF_HDR_SZ, text, length);
	f->producer += (BPF_RINGBUF_HDR_SZ + length + 7) & ~7UL;
}

static int see(const void *bytes, size_t size, void *context)
{
	struct fixture *f = context;

	strncat(f->seen, bytes, size);
	strcat(f->seen, ",");
	return ++f->n_seen == f->end_after ? 7 : 0;
}

static void reads_in_order_and_gives_the_room_back(void **state)
{
	struct fixture *f = *state;

	put(f, "a", 0);
	put(f, "eight888", 0);
	put(f, "nine99999", 0);
	assert_int_equal(ring_read(&f->ring, see, f), 0);
	assert_string_equal(f->seen, "a,eight888,nine99999,");
	assert_int_equal(f->consumer, 16 + 16 + 24);
	assert_int_equal(ring_read(&f->ring, see, f), 0);
	assert_int_equal(f->n_seen, 3);
}

static void a_busy_record_holds_up_those_behind_it(void **state)
{
	struct fixture *f = *state;
	unsigned long busy_at;
	__u32 done = 4;

	put(f, "one", 0);
	busy_at = f->producer;
	put(f, "busy", BPF_RINGBUF_BUSY_BIT);
	put(f, "last", 0);
	assert_int_equal(ring_read(&f->ring, see, f), 0);
	assert_string_equal(f->seen, "one,");
	assert_int_equal(f->consumer, busy_at);
	memcpy(f->data + busy_at, &done, sizeof(done));
	assert_int_equal(ring_read(&f->ring, see, f), 0);
	assert_string_equal(f->seen, "one,busy,last,");
}

static void a_discarded_record_is_passed_over(void **state)
{
	struct fixture *f = *state;

	put(f, "one", 0);
	put(f, "discarded", BPF_RINGBUF_DISCARD_BIT);
	put(f, "two", 0);
	assert_int_equal(ring_read(&f->ring, see, f), 0);
	assert_string_equal(f->seen, "one,two,");
	assert_int_equal(f->consumer, f->producer);
}

static void the_visitor_can_end_it_behind_its_record(void **state)
{
	struct fixture *f = *state;

	put(f, "one", 0);
	put(f, "two", 0);
	f->end_after = 1;
	assert_int_equal(ring_read(&f->ring, see, f), 7);
	assert_string_equal(f->seen, "one,");
	assert_int_equal(f->consumer, 16);
	assert_int_equal(ring_read(&f->ring, see, f), 0);
	assert_string_equal(f->seen, "one,two,");
}

/* Round and round, with sizes that put records across the end, and positions that overflow. */
static void records_across_the_end_are_whole(void **state)
{
	struct fixture *f = *state;
	char text[128], wanted[130];
	unsigned i;

	f->consumer = f->producer = -4096UL;
	for (i = 0; i < 1000; i++) {
		memset(text, 'a' + i % 26, sizeof(text));
		text[1 + i % 120] = '\0';
		snprintf(wanted, sizeof(wanted), "%s,", text);
		f->seen[0] = '\0';
		put(f, text, 0);
		assert_int_equal(ring_read(&f->ring, see, f), 0);
		assert_string_equal(f->seen, wanted);
	}
	assert_true(f->producer < SIZE * 100);
}

static void a_record_larger_than_the_ring_is_refused(void **state)
{
	struct fixture *f = *state;
	__u32 header = 0x3fffffff;

	memcpy(f->data, &header, sizeof(header));
	f->producer = 64;
	assert_int_equal(ring_read(&f->ring, see, f), -EIO);
	assert_int_equal(f->n_seen, 0);
}

static void opening_refuses_what_is_no_ring(void **state)
{
	struct ring ring;

	(void)state;
	assert_int_equal(ring_open(&ring, -1, 0), -EINVAL);
	assert_int_equal(ring_open(&ring, -1, 3 * 4096), -EINVAL);
	assert_int_equal(ring_open(&ring, -1, 4096), -EBADF);
	ring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_in_order_and_gives_the_room_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_busy_record_holds_up_those_behind_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_discarded_record_is_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(the_visitor_can_end_it_behind_its_record, setup, teardown),
		cmocka_unit_test_setup_teardown(records_across_the_end_are_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(a_record_larger_than_the_ring_is_refused, setup, teardown),
		cmocka_unit_test(opening_refuses_what_is_no_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
