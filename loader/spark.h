/* SPDX-License-Identifier: GPL-2.0 */
/* A small line that shows how a number went, one character a sample. */
#ifndef LOADER_SPARK_H
#define LOADER_SPARK_H

#include <stdbool.h>
#include <linux/types.h>

#define SPARK_MAX 32

/* Samples, the latest last; before the first there is nothing. */
struct spark {
	unsigned n;
	__u32 sample[SPARK_MAX];
};

/* Over SPARK_MAX the oldest goes; what does not fit into 32 bits is as much as does. */
void spark_add(struct spark *spark, __u64 sample);

/*
 * The last `width` samples (at most SPARK_MAX) as high as the largest of them asks for, behind blanks where there are
 * fewer: blocks, or signs of ASCII. 0 alone is the lowest. Gives `room`.
 */
#define SPARK_TEXT_MAX (3 * SPARK_MAX + 1)
const char *spark_text(const struct spark *spark, unsigned width, bool utf8, char room[SPARK_TEXT_MAX]);

#endif
