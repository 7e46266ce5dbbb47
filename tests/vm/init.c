/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's first process: mounts what a program may count on and no more, runs the tests that the kernel's command
 * line names behind "--" (none: all), each in a process of its own, and ends the machine. Each test's lines are printed
 * indented, and behind them one for the test as a whole, with its seconds.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "tests/packets/devices.h"
#include "tests/vm/guest.h"

static const struct test tests[] = {
	{ "probe", probe_tests, 60 },
	{ "load", load_tests, 800 },
	{ "mounts", mount_tests, 60 },
	{ "attach", attach_tests, 300 },
	{ "capabilities", capability_tests, 300 },
	{ "no-fallback", no_fallback_left, 300 },
	{ "minimal", minimal_tests, 300 },
	{ "bare", bare_tests, 120 },
	{ "fallbacks", fallback_tests, 600 },
	{ "verdicts", verdicts_test_main, 1200 },
	{ "wire", wire_test_main, 1200 },
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A line ends in one byte, as the host reads it. */
static void plain_lines(void)
{
	struct termios console;

	if (tcgetattr(1, &console))
		return;
	console.c_oflag &= ~(tcflag_t)ONLCR;
	tcsetattr(1, TCSANOW, &console);
}

/* Neither bpf nor cgroup2 is mounted: bulkhead has to. */
static void begin(void)
{
	struct utsname host;

	setvbuf(stdout, NULL, _IOLBF, 0);
	plain_lines();
	if (mount("proc", "/proc", "proc", 0, NULL) || mount("sysfs", "/sys", "sysfs", 0, NULL))
		printf("# /proc, /sys: %s\n", strerror(errno));
	uname(&host);
	printf("# Linux %s %s, %.1f s after its start\n", host.release, host.machine, now());
	modules_load();
	if (device_up("lo", NULL, 0))
		printf("# lo does not rise\n");
	sysctl_set("net/ipv6/conf/all/autoconf", "0");
	sysctl_set("net/ipv6/conf/default/autoconf", "0");
	sysctl_set("kernel/printk", "3");
	setenv("PACKETS_EMULATED", "1", 1);
}

/* ---- one test ---- */

/* Each line indented, also where it comes in pieces. */
struct output {
	char line[512];
	size_t length;
};

static void print_output(struct output *output, const char *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (bytes[i] != '\n' && output->length < sizeof(output->line) - 1) {
			output->line[output->length++] = bytes[i];
			continue;
		}
		printf("    %.*s\n", (int)output->length, output->line);
		output->length = 0;
	}
}

/* What it mounts, and pins there, goes with it, also where it is killed. */
static void child(const struct test *test, const int ends[2])
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		printf("# mounts of its own: %s\n", strerror(errno));
	dup2(ends[1], 1);
	dup2(ends[1], 2);
	close(ends[0]);
	close(ends[1]);
	setpgid(0, 0);
	exit(test->run() ? 1 : 0);
}

/* Until the test closes its end, or its time is over. */
static bool follow(int fd, double until)
{
	struct output output = { .length = 0 };
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char bytes[4096];
	ssize_t size;

	for (;;) {
		if (now() >= until)
			return false;
		if (poll(&wait, 1, 100) <= 0)
			continue;
		size = read(fd, bytes, sizeof(bytes));
		if (size <= 0)
			return true;
		print_output(&output, bytes, (size_t)size);
	}
}

static bool run(const struct test *test)
{
	int ends[2], status = -1;
	bool ended;
	pid_t pid;

	if (pipe(ends))
		return false;
	fflush(stdout);
	pid = fork();
	if (!pid)
		child(test, ends);
	close(ends[1]);
	ended = follow(ends[0], now() + test->seconds);
	if (!ended) {
		printf("# %s: killed after %u s\n", test->name, test->seconds);
		kill(-pid, SIGKILL);
	}
	close(ends[0]);
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("# %s: signal %d\n", test->name, WTERMSIG(status));
	return ended && WIFEXITED(status) && !WEXITSTATUS(status);
}

static bool is_wanted(const struct test *test, int n_words, char **words)
{
	int i;

	for (i = 1; i < n_words; i++)
		if (!strcmp(words[i], test->name))
			return true;
	return n_words < 2;
}

int main(int n_words, char **words)
{
	unsigned i, n = 0;
	double start;
	bool passed;

	begin();
	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		if (!is_wanted(&tests[i], n_words, words))
			continue;
		start = now();
		passed = run(&tests[i]);
		printf("%sok %u - %s # %.1f s\n", passed ? "" : "not ", ++n, tests[i].name, now() - start);
	}
	printf("1..%u\n# the end\n", n);
	fflush(stdout);
	sync();
	reboot(RB_AUTOBOOT);
	return 0;
}
