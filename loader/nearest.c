/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/nearest.h"

#include <string.h>

#define SHORT 3

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * In how many letters two words differ: put in, left out, changed, or exchanged with the next one (optimal string
 * alignment). Of the table by the letters of both, three rows are kept.
 */
static unsigned distance(const char *a, const char *b, size_t length)
{
	unsigned rows[3][NEAREST_LETTERS_MAX + 1], i, j, *row = rows[0], *above, *above_that;

	for (j = 0; j <= length; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		above_that = rows[(i + 1) % 3];
		above = rows[(i + 2) % 3];
		row = rows[i % 3];
		row[0] = i;
		for (j = 1; j <= length; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], above_that[j - 2] + 1);
		}
	}
	return row[length];
}

void nearest_begin(struct nearest *nearest, const char *to)
{
	nearest->to = to;
	nearest->distance = strlen(to) > SHORT ? 3 : 2;
	nearest->word[0] = '\0';
}

void nearest_consider(struct nearest *nearest, const char *word, size_t length)
{
	unsigned far;

	if (length > NEAREST_LETTERS_MAX)
		return;
	far = distance(nearest->to, word, length);
	if (far >= nearest->distance)
		return;
	nearest->distance = far;
	memcpy(nearest->word, word, length);
	nearest->word[length] = '\0';
}
