/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE /* ppoll */
#include "loader/follow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "loader/clock.h"
#include "syscalls/bpf.h"

#define LOOK_MS 1000

static volatile sig_atomic_t stopped, woken;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

void follow_wake(void)
{
	woken = 1;
}

int follow_stopped(void)
{
	return stopped;
}

/* At the end nothing that waits may wait on. Otherwise only the sleep ends: output goes on. */
void follow_catch(struct follow *follow, int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = handler == stop ? 0 : SA_RESTART };

	sigaction(signal, &action, NULL);
	sigaddset(&follow->caught, signal);
}

void follow_signals(struct follow *follow)
{
	struct sigaction before;

	sigemptyset(&follow->caught);
	follow_catch(follow, SIGINT, stop);
	follow_catch(follow, SIGTERM, stop);
	/* nohup(1) */
	if (!sigaction(SIGHUP, NULL, &before) && before.sa_handler != SIG_IGN)
		follow_catch(follow, SIGHUP, stop);
	signal(SIGPIPE, SIG_IGN);
}

static int map_id(int fd, __u32 *id)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	int code = sys_bpf_info(fd, &info, &size);

	*id = info.id;
	return code;
}

static int note_ids(struct follow *follow, struct error *err)
{
	unsigned i;
	int code = 0;

	for (i = 0; !code && i < MAP_N; i++)
		if (follow->maps & MAP_BIT(i))
			code = map_id(follow->fw->map_fd[i], &follow->id[i]);
	if (code)
		return error_set(err, code, "%s: the maps cannot be asked about: %s: run as root", follow->command,
				 strerror(-code));
	return 0;
}

int follow_begin(struct follow *follow, struct firewall *fw, const char *command, map_bits maps, struct error *err)
{
	memset(follow, 0, sizeof(*follow));
	follow->fw = fw;
	follow->command = command;
	follow->maps = maps;
	flock(fw->lock_fd, LOCK_UN);
	follow_signals(follow);
	return note_ids(follow, err);
}

int follow_reopen(struct follow *follow, struct error *err)
{
	const struct options *options = follow->fw->options;
	int code;

	firewall_close(follow->fw);
	code = firewall_open(follow->fw, options, FIREWALL_READ, err);
	return code ? code : note_ids(follow, err);
}

/* The directory goes with the firewall, so that one that came up since is another. */
bool follow_is_down(int fd)
{
	struct stat directory;

	return fstat(fd, &directory) || !directory.st_nlink;
}

static enum follow_end look_at(const struct follow *follow, enum fw_map map)
{
	int fd = firewall_open_map(follow->fw->options, map), code;
	__u32 id;

	if (fd == -ENOENT)
		return FOLLOW_DOWN;
	if (fd < 0)
		return fd == -EPROTO ? FOLLOW_AGAIN : FOLLOW_ON; /* of another version: opening it says so */
	code = map_id(fd, &id);
	close(fd);
	return code || id == follow->id[map] ? FOLLOW_ON : FOLLOW_AGAIN;
}

static enum follow_end look(struct follow *follow)
{
	enum follow_end end = follow_is_down(follow->fw->lock_fd) ? FOLLOW_DOWN : FOLLOW_ON;
	unsigned i;

	for (i = 0; end == FOLLOW_ON && i < MAP_N; i++)
		if (follow->maps & MAP_BIT(i))
			end = look_at(follow, (enum fw_map)i);
	if (end != FOLLOW_AGAIN)
		return end;
	/* Until then the programs before may still be at work. */
	flock(follow->fw->lock_fd, LOCK_SH);
	flock(follow->fw->lock_fd, LOCK_UN);
	return follow_is_down(follow->fw->lock_fd) ? FOLLOW_DOWN : FOLLOW_AGAIN;
}

__s64 follow_now_ms(void)
{
	return (__s64)(clock_now_ns() / 1000000);
}

/* The signals are held back from the question until the sleep, so that none is missed in between. */
int follow_sleep(const struct follow *follow, struct pollfd *fds, nfds_t n, __s64 left_ms)
{
	struct timespec timeout = { left_ms / 1000, left_ms % 1000 * 1000000 };
	sigset_t before;
	int ready = -1;

	sigprocmask(SIG_BLOCK, &follow->caught, &before);
	if (!stopped && !woken)
		ready = ppoll(fds, n, left_ms < 0 ? NULL : &timeout, &before);
	woken = 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ready;
}

enum follow_end follow_wait(struct follow *follow, struct pollfd *fds, nfds_t n, __s64 until_ms)
{
	enum follow_end end = FOLLOW_ON;
	__s64 now = follow_now_ms(), left;
	int ready = 0;

	while (end == FOLLOW_ON && !ready) {
		if (now >= follow->look_ms) {
			follow->look_ms = now + LOOK_MS;
			end = look(follow);
			continue;
		}
		left = (until_ms < follow->look_ms ? until_ms : follow->look_ms) - now;
		fds[0] = (struct pollfd) { .fd = STDOUT_FILENO }; /* events none: only errors are told */
		ready = follow_sleep(follow, fds, n, left > 0 ? left : 0);
		if (stopped || (ready > 0 && fds[0].revents & (POLLERR | POLLHUP | POLLNVAL)))
			return FOLLOW_END;
		now = follow_now_ms();
		if (now >= until_ms)
			break;
	}
	return end;
}

int follow_down(const struct follow *follow, struct error *err)
{
	return error_set(err, -ENOENT, "%s: the firewall is no longer up: run bulkhead up, then %s again",
			 follow->command, follow->command);
}

int follow_flush(struct error *err)
{
	int code;

	if (!fflush(stdout) && !ferror(stdout))
		return FOLLOW_ON;
	code = errno;
	if (stopped)
		clearerr(stdout); /* what the signal cut off is no failure */
	if (code == EPIPE || stopped)
		return FOLLOW_END;
	return error_set(err, -code, "standard output: it cannot be written: %s", strerror(code));
}
