/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands that go on until they are told to end have in common: when to end, and when to open all anew. */
#ifndef LOADER_FOLLOW_H
#define LOADER_FOLLOW_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include "loader/firewall.h"

struct follow {
	struct firewall *fw;
	const char *command; /* in sentences */
	sigset_t caught;     /* the signals that end the wait */
	map_bits maps;       /* that are read */
	__u32 id[MAP_N];     /* the kernel's number of each: another map in its place is to be opened */
	__s64 look_ms;       /* when the next look at them is due */
};

enum follow_end {
	FOLLOW_ON,    /* go on */
	FOLLOW_END,   /* SIGINT, SIGTERM or SIGHUP, or nobody reads standard output any more */
	FOLLOW_DOWN,  /* the firewall is no longer up */
	FOLLOW_AGAIN, /* a map was replaced: follow_reopen */
};

/*
 * From here on SIGINT, SIGTERM and SIGHUP only interrupt what waits, and a closed standard output only fails writes.
 * Lets go of the firewall's lock, since other commands must not wait for this one. `maps` outlives it. 0, or -errno
 * with the sentence.
 */
int follow_begin(struct follow *follow, struct firewall *fw, const char *command, map_bits maps, struct error *err);

/* Catches one more signal, whose handler calls follow_wake: the wait, or the next one, ends with FOLLOW_ON. */
void follow_catch(struct follow *follow, int signal, void (*handler)(int));
void follow_wake(void);

/* CLOCK_MONOTONIC. */
__s64 follow_now_ms(void);

/* For who follows something else than maps: the signals alone; and ppoll(2) with them, left_ms below 0: for ever. */
void follow_signals(struct follow *follow);
int follow_sleep(const struct follow *follow, struct pollfd *fds, nfds_t n, __s64 left_ms);

/* Whether the firewall's pin directory, of that descriptor, is gone. */
bool follow_is_down(int fd);

/*
 * Sleeps until one of fds can be read, a signal comes or it is until_ms. fds[0] is for its own use; n counts it. Once a
 * second it looks whether the firewall is still there; before FOLLOW_AGAIN it waits until who replaced the map is done.
 */
enum follow_end follow_wait(struct follow *follow, struct pollfd *fds, nfds_t n, __s64 until_ms);

/* Closes the firewall and opens what is there now. 0, or -errno with the sentence. */
int follow_reopen(struct follow *follow, struct error *err);

/* Whether a signal to end has come. */
int follow_stopped(void);

/* The sentence for FOLLOW_DOWN; gives -ENOENT. */
int follow_down(const struct follow *follow, struct error *err);

/* Writes out what stdio holds: FOLLOW_END where the reader has gone, else FOLLOW_ON, or -errno (a full disk). */
int follow_flush(struct error *err);

#endif
