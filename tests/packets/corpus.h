/* SPDX-License-Identifier: GPL-2.0 */
/* The whole table, each row in all the ways that it is for. How a packet is run is the test's own. */
#ifndef TESTS_PACKETS_CORPUS_H
#define TESTS_PACKETS_CORPUS_H

#include <stdbool.h>

#include "tests/packets/row.h"
#include "tests/packets/world.h"

/* One way to run a row. */
struct variant {
	const struct row *row;
	int family;
	enum box box;
	enum fw_layer layer;
	unsigned tags;
	__u32 shift;   /* of all TCP sequence numbers */
	unsigned path; /* of those that the test has */
};

struct corpus {
	bool cgroup;                                    /* at the cgroup too, and not at TC alone */
	bool shifted;                                   /* with other sequence numbers too */
	unsigned without;                               /* rows that are not for it, by these bits */
	unsigned paths;                                 /* at TC */
	bool (*applies)(const struct variant *variant); /* NULL: always */
	const struct table *more;                       /* rows for this test alone; NULL: none */
	void (*run_packet)(const struct variant *variant, const struct step *step, unsigned at);
};

/*
 * One test for each row, or for those whose numbers PACKETS_ROWS matches ("7*"). Gives the number of those that failed.
 */
int corpus_run(const struct corpus *corpus, unsigned *n_rows);

/* The step's packet as the variant has it. */
unsigned variant_build(const struct variant *variant, const struct step *step, __u8 frame[FRAME_MAX]);

/*
 * Distances to other sequence numbers: none, to where either side's first wraps, to where both have their sign bit set.
 */
#define SHIFTS_N 4
extern const __u32 shifts[SHIFTS_N];

const char *verdict_title(unsigned reason);

/* What the row promises where the variant is run; of XDP, before that. */
enum fw_reason expected_of(const struct variant *variant, const struct step *step);
enum fw_reason xdp_of(const struct row *row, enum fw_reason expected);

/* Says so, and the row's test fails. */
void wrong(const struct variant *variant, unsigned step, const char *what);

#endif
