/* SPDX-License-Identifier: GPL-2.0 */
/* What stands behind a backslash in a JSON string (RFC 8259, section 7). */
#ifndef LOADER_JSON_ESCAPE_H
#define LOADER_JSON_ESCAPE_H

/*
 * The code point of the escape whose four digits begin at *at, which is left behind it, and behind the second half of a
 * surrogate pair. -1: it is none, or half of a pair.
 */
long json_escape_unicode(const char **at, const char *end);

/* What a letter stands for, but u; 0: nothing. */
char json_escape_letter(char letter);

#endif
