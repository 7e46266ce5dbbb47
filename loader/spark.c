/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/spark.h"

#include <string.h>

#define LEVELS 8

void spark_add(struct spark *spark, __u64 sample)
{
	if (spark->n == SPARK_MAX)
		memmove(spark->sample, spark->sample + 1, --spark->n * sizeof(*spark->sample));
	spark->sample[spark->n++] = sample > ~0U ? ~0U : (__u32)sample;
}

static char *put_level(char *to, unsigned level, bool utf8)
{
	if (!utf8) {
		*to = "_.:-=+*#"[level];
		return to + 1;
	}
	memcpy(to, "\xe2\x96", 2); /* U+2581 to U+2588 */
	to[2] = (char)(0x81 + level);
	return to + 3;
}

const char *spark_text(const struct spark *spark, unsigned width, bool utf8, char room[SPARK_TEXT_MAX])
{
	unsigned n, i;
	__u64 most = 1;
	char *to = room;

	if (width > SPARK_MAX)
		width = SPARK_MAX;
	n = spark->n < width ? spark->n : width;
	for (i = spark->n - n; i < spark->n; i++)
		if (spark->sample[i] > most)
			most = spark->sample[i];
	for (i = n; i < width; i++)
		*to++ = ' ';
	for (i = spark->n - n; i < spark->n; i++)
		to = put_level(to, (unsigned)((spark->sample[i] * (LEVELS - 1ULL) + most - 1) / most), utf8);
	*to = '\0';
	return room;
}
