/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "loader/follow.h"

/* The other screen, without a cursor; and back. */
#define TAKE "\033[?1049h\033[?25l"
#define GIVE_BACK "\033[?25h\033[?1049l"

static volatile sig_atomic_t changed;

bool terminal_is_smart(void)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") && isatty(STDOUT_FILENO);
}

bool terminal_has_colour(void)
{
	const char *refused = getenv("NO_COLOR");

	return !(refused && *refused) && terminal_is_smart();
}

bool terminal_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = NULL;
	size_t i;

	for (i = 0; i < 3 && !(locale && *locale); i++)
		locale = getenv(names[i]);
	locale = locale ? strchr(locale, '.') : NULL;
	return locale && (!strncasecmp(locale, ".utf-8", 6) || !strncasecmp(locale, ".utf8", 5));
}

struct terminal_size terminal_size(void)
{
	struct winsize window = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) || !window.ws_col || !window.ws_row)
		return (struct terminal_size) { 80, 24 };
	return (struct terminal_size) { window.ws_col, window.ws_row };
}

/* Nobody can help where it fails; by write(2), since this runs in a signal's handler too. */
static void send(const char *text)
{
	ssize_t ignored = write(STDOUT_FILENO, text, strlen(text));

	(void)ignored;
}

static void note_change(int signal)
{
	(void)signal;
	changed = 1;
	follow_wake();
}

static void stop_and_go_on(int signal)
{
	int before = errno;

	send(GIVE_BACK);
	raise(SIGSTOP);
	send(TAKE);
	note_change(signal);
	errno = before;
}

void terminal_open(struct follow *follow)
{
	follow_catch(follow, SIGWINCH, note_change);
	follow_catch(follow, SIGTSTP, stop_and_go_on);
	send(TAKE);
}

void terminal_close(void)
{
	send(GIVE_BACK);
}

bool terminal_changed(void)
{
	bool was = changed;

	changed = 0;
	return was;
}
