/* SPDX-License-Identifier: GPL-2.0 */
/* The objects that the tests of elf/ read, as bytes in memory of exactly their size, so that a byte too far is seen. */
#ifndef TESTS_UNIT_SAMPLE_H
#define TESTS_UNIT_SAMPLE_H

#include "elf/error.h"
#include "elf/spec.h"

struct sample {
	unsigned char *bytes;
	size_t size;
};

/* By name, below build/bpf-test: "maps-el". Ends the test where it is not there: `make tests` builds them. */
struct sample sample_read(const char *name);
struct sample sample_read_path(const char *path);
void sample_free(struct sample *sample);
struct view sample_view(const struct sample *sample);

/* Parses, and ends the test where that fails. */
void sample_parse(const struct sample *sample, struct spec *out);

/* Little-endian and big-endian objects from the same source. */
extern const char *const sample_orders[2];

/* Calls visit for the path of every object of build/bpf and build/bpf-test; gives their number. */
unsigned sample_each(void (*visit)(const char *path));

#endif
