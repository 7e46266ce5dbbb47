/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs a command and prints its wall time in microseconds, its largest resident size in KiB and its processor time in
 * microseconds. With -o FILE the line goes to the end of FILE. SIGTERM is passed on as an interrupt, and the figures of
 * a command that ends by a signal are printed too. Small and static, because a child's figure starts from what its
 * parent had resident.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static long long used_us(const struct rusage *usage)
{
	return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000LL + usage->ru_utime.tv_usec +
	       usage->ru_stime.tv_usec;
}

static volatile pid_t command;

static void interrupt_command(int signal)
{
	(void)signal;
	if (command > 0)
		kill(command, SIGINT);
}

int main(int argc, char **argv)
{
	struct sigaction passed_on = { .sa_handler = interrupt_command };
	FILE *out = stdout;
	struct rusage usage;
	long long start;
	int status, ended;

	if (argc > 3 && strcmp(argv[1], "-o") == 0) {
		out = fopen(argv[2], "ae"); /* closed by exec: the command does not have it */
		argv += 2;
		argc -= 2;
	}
	if (argc < 2 || !out)
		return 2;
	start = now_us();
	command = fork();
	if (command == 0) {
		execv(argv[1], argv + 1);
		_exit(127);
	}
	sigaction(SIGTERM, &passed_on, NULL);
	do
		ended = wait4(command, &status, 0, &usage);
	while (ended < 0 && errno == EINTR);
	if (ended < 0)
		return 1;
	fprintf(out, "%lld %ld %lld\n", now_us() - start, usage.ru_maxrss, used_us(&usage));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
