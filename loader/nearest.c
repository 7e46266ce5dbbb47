/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/nearest.h"

#include <string.h>

#define SHORT 3

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* In how many letters two words differ: put in, left out or changed (Levenshtein), a row of the table at a time. */
static unsigned distance(const char *a, const char *b, size_t length)
{
	unsigned row[NEAREST_LETTERS_MAX + 1], i, j, corner, above;

	for (j = 0; j <= length; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		corner = row[0];
		row[0] = i;
		for (j = 1; j <= length; j++) {
			above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1]));
			corner = above;
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
