/* SPDX-License-Identifier: GPL-2.0 */
/* The terminal that standard output may be. */
#ifndef LOADER_TERMINAL_H
#define LOADER_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

struct follow;

struct terminal_size {
	unsigned columns, rows; /* 80 and 24 where the terminal does not say */
};

/* Whether it is one that knows escape sequences: TERM is set, and not dumb. */
bool terminal_is_smart(void);

/* Whether it is, and the user did not refuse colours by NO_COLOR. */
bool terminal_has_colour(void);

/* Whether the locale's characters are in UTF-8, by LC_ALL, LC_CTYPE and LANG. */
bool terminal_is_utf8(void);

struct terminal_size terminal_size(void);

/*
 * Takes the whole screen until terminal_close, and catches the signals for a change of its size and for stopping. What
 * was on the screen comes back at the end, and while the process is stopped.
 */
void terminal_open(struct follow *follow);
void terminal_close(void);

/* Whether the screen has to be drawn again, for its size has changed or it was away: told once. */
bool terminal_changed(void);

#endif
