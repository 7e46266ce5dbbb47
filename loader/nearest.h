/* SPDX-License-Identifier: GPL-2.0 */
/* The word that somebody may have meant. */
#ifndef LOADER_NEAREST_H
#define LOADER_NEAREST_H

#include <stddef.h>

#define NEAREST_LETTERS_MAX 31

struct nearest {
	const char *to;
	unsigned distance;
	char word[NEAREST_LETTERS_MAX + 1]; /* "": none is near */
};

void nearest_begin(struct nearest *nearest, const char *to);

/* Takes the word where it is nearer than what was there. Two letters may be wrong, of a short word one. */
void nearest_consider(struct nearest *nearest, const char *word, size_t length);

#endif
