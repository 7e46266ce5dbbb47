/* SPDX-License-Identifier: GPL-2.0 */
/* bulkhead as a user runs it: a process of its own. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/vm/guest.h"

#define EVENT_MS 5000

bool few_capabilities;

/* Before 5.11 a map's memory counts against a limit that CAP_SYS_RESOURCE raises: whoever starts bulkhead has to. */
static void give_up_capabilities(void)
{
	static const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	static const int kept[] = { CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON };
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	unsigned i;
	int cap;

	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		data[kept[i] / 32].permitted |= 1U << kept[i] % 32;
	for (cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(data[cap / 32].permitted & 1U << cap % 32))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	for (i = 0; i < 2; i++)
		data[i].effective = data[i].permitted;
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) || syscall(SYS_capset, &header, data))
		_exit(126);
}

static void become(const char *line, int out)
{
	char copy[256], *words[20] = { "bulkhead" }, *place = NULL, *word;
	int n = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok_r(copy, " ", &place); word && n < 19; word = strtok_r(NULL, " ", &place))
		words[n++] = word;
	dup2(out, 1);
	dup2(out, 2);
	if (few_capabilities)
		give_up_capabilities();
	execv("/bulkhead", words);
	_exit(127);
}

/* Gives the end to read from. */
static int start(const char *line, pid_t *pid)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	fflush(stdout);
	*pid = fork();
	if (!*pid)
		become(line, ends[1]);
	close(ends[1]);
	return ends[0];
}

const struct ran *bulkhead(const char *line)
{
	static struct ran ran;
	size_t size = 0;
	ssize_t got;
	pid_t pid;
	int status, fd = start(line, &pid);

	while ((got = read(fd, ran.out + size, sizeof(ran.out) - 1 - size)) > 0)
		size += (size_t)got;
	ran.out[size] = 0;
	close(fd);
	ran.status = waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return &ran;
}

bool succeeds(const char *line)
{
	const struct ran *ran = bulkhead(line);

	if (ok(!ran->status, "%s", line))
		return true;
	printf("# exit %d: %s\n", ran->status, ran->out);
	return false;
}

/* ---- events ---- */

bool events_follow(struct follower *follower)
{
	memset(follower, 0, sizeof(*follower));
	follower->fd = start("-j events", &follower->pid);
	return follower->fd >= 0 && event_comes(follower, "\"remark\"", "from here on");
}

/* The line that has both. */
static bool is_seen(const struct follower *follower, const char *one, const char *other)
{
	const char *line = follower->seen, *end, *at;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		at = strstr(line, one);
		if (!at || at > end)
			continue;
		at = strstr(line, other);
		if (at && at < end)
			return true;
	}
	return false;
}

bool event_comes(struct follower *follower, const char *one, const char *other)
{
	struct pollfd wait = { .fd = follower->fd, .events = POLLIN };
	ssize_t got;

	while (!is_seen(follower, one, other)) {
		if (poll(&wait, 1, EVENT_MS) <= 0)
			return false;
		got = read(follower->fd, follower->seen + follower->size, sizeof(follower->seen) - 1 - follower->size);
		if (got <= 0)
			return false;
		follower->size += (size_t)got;
	}
	return true;
}

void events_stop(struct follower *follower)
{
	kill(follower->pid, SIGTERM);
	waitpid(follower->pid, NULL, 0);
	close(follower->fd);
}
