/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands that go on until they are told to end have in common: when to end. */
#ifndef LOADER_FOLLOW_H
#define LOADER_FOLLOW_H

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

struct error;
struct firewall;

struct follow {
	struct firewall *fw;
	sigset_t caught;    /* the signals that end it */
	struct stat pinned; /* the pin of the map that is read: another in its place is another firewall */
	const char *pin;    /* below the pin directory: "maps/fw_events" */
};

enum follow_end {
	FOLLOW_ON,   /* go on */
	FOLLOW_END,  /* SIGINT, SIGTERM or SIGHUP, or nobody reads standard output any more */
	FOLLOW_DOWN, /* the firewall is no longer up */
};

/*
 * From here on SIGINT, SIGTERM and SIGHUP only interrupt what waits, and a closed standard output only fails writes.
 * Lets go of the firewall's lock, since other commands must not wait for this one. 0, or -errno with the sentence.
 */
int follow_begin(struct follow *follow, struct firewall *fw, const char *pin, struct error *err);

/*
 * Sleeps until one of fds can be read, or the time is over. fds[0] is for its own use; n counts it. At least once a
 * second it looks whether the firewall is still there.
 */
enum follow_end follow_wait(struct follow *follow, struct pollfd *fds, nfds_t n, int timeout_ms);

/* Whether a signal has come. */
int follow_stopped(void);

/* The sentence for FOLLOW_DOWN; gives -ENOENT. */
int follow_down(const char *command, struct error *err);

/* Writes out what stdio holds: FOLLOW_END where the reader has gone, else FOLLOW_ON, or -errno (a full disk). */
int follow_flush(struct error *err);

#endif
