/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE /* ppoll */
#include "loader/follow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "elf/error.h"
#include "loader/firewall.h"

#define LOOK_MS 1000

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

int follow_stopped(void)
{
	return stopped;
}

/* Each system call that waits ends when one comes: there is no SA_RESTART. */
static void catch_signals(sigset_t *caught)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = stop };
	struct sigaction before;
	size_t i;

	sigemptyset(caught);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* nohup(1) */
		sigaction(signals[i], NULL, &before);
		if (signals[i] == SIGHUP && before.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &action, NULL);
		sigaddset(caught, signals[i]);
	}
	signal(SIGPIPE, SIG_IGN);
}

int follow_begin(struct follow *follow, struct firewall *fw, const char *pin, struct error *err)
{
	memset(follow, 0, sizeof(*follow));
	follow->fw = fw;
	follow->pin = pin;
	if (fstatat(fw->lock_fd, pin, &follow->pinned, 0))
		return error_set(err, -errno, "%s: it cannot be found: %s: run bulkhead up", pin, strerror(errno));
	flock(fw->lock_fd, LOCK_UN);
	catch_signals(&follow->caught);
	return 0;
}

static enum follow_end look(const struct follow *follow)
{
	struct stat now;

	if (fstatat(follow->fw->lock_fd, follow->pin, &now, 0))
		return errno == ENOENT ? FOLLOW_DOWN : FOLLOW_ON;
	return now.st_ino == follow->pinned.st_ino ? FOLLOW_ON : FOLLOW_DOWN;
}

static __s64 monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (__s64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The signals are held back from the question until the sleep, so that none is missed in between. */
static int sleep_for(const struct follow *follow, struct pollfd *fds, nfds_t n, __s64 left_ms)
{
	struct timespec timeout = { left_ms / 1000, left_ms % 1000 * 1000000 };
	sigset_t before;
	int ready = -1;

	sigprocmask(SIG_BLOCK, &follow->caught, &before);
	if (!stopped)
		ready = ppoll(fds, n, &timeout, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ready;
}

enum follow_end follow_wait(struct follow *follow, struct pollfd *fds, nfds_t n, int timeout_ms)
{
	__s64 end = monotonic_ms() + timeout_ms, left;
	int ready;

	do {
		left = end - monotonic_ms();
		if (left < 0)
			left = 0;
		fds[0] = (struct pollfd) { .fd = STDOUT_FILENO }; /* events none: only errors are told */
		ready = sleep_for(follow, fds, n, left < LOOK_MS ? left : LOOK_MS);
		if (stopped || fds[0].revents & (POLLERR | POLLHUP | POLLNVAL))
			return FOLLOW_END;
		if (ready > 0)
			return FOLLOW_ON;
		if (look(follow) == FOLLOW_DOWN)
			return FOLLOW_DOWN;
	} while (left > LOOK_MS);
	return FOLLOW_ON;
}

int follow_down(const char *command, struct error *err)
{
	return error_set(err, -ENOENT, "%s: the firewall is no longer up: run bulkhead up, then %s again", command,
			 command);
}

int follow_flush(struct error *err)
{
	int code;

	if (!fflush(stdout) && !ferror(stdout))
		return FOLLOW_ON;
	code = errno;
	if (code == EPIPE || stopped)
		return FOLLOW_END;
	return error_set(err, -code, "standard output: it cannot be written: %s", strerror(code));
}
