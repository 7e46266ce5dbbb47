/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A line of commands as words: blanks part them, # begins a comment, "what stands in quotes" is one word or a part of
 * one, with \" and \\ for these two.
 */
#ifndef LOADER_LINE_WORDS_H
#define LOADER_LINE_WORDS_H

#include <stddef.h>

/*
 * Cuts n bytes of text, which has room for one more, into at most `most` words, in their place. Gives how many; or
 * -EINVAL, *at being the place of what is wrong, and *why the reason.
 */
int line_words(char *text, size_t n, char **words, unsigned most, size_t *at, const char **why);

#endif
