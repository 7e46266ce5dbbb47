/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A command's synopsis, read as the grammar of its words. Small letters are a word of the command, capitals a kind of
 * word; [] may be left out, ... may come again; a|b is one word or the other, and | with blanks around it parts the
 * command's forms. A line "\nKIND := ..." says what such a word, or such words, may be.
 */
#ifndef LOADER_SYNOPSIS_H
#define LOADER_SYNOPSIS_H

#include <stdbool.h>
#include <stddef.h>

/* A word of the synopsis, as it stands there: "rate", "-f", "NAME", "N[-M]". */
typedef void (*synopsis_visit)(const char *token, size_t length, void *context);

/* Of a KIND of word, the capitals that name it: 1 of "N[-M]", 4 of "FILE.o"; 0 of a word of the command. */
size_t synopsis_kind(const char *token, size_t length);

/*
 * Whether the n words are a whole command. *fit is how many of them, from the first, may begin one. `visit`, unless it
 * is NULL, is called for each word that may stand behind all n. More than 62 words are not looked at: all fit.
 */
bool synopsis_walk(const char *synopsis, char **words, unsigned n, unsigned *fit, synopsis_visit visit, void *context);

#endif
