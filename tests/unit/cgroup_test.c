/* SPDX-License-Identifier: GPL-2.0 */
/* cgroup.c: a process that ends while its cgroup is looked for. The rest needs cgroups: tests/e2e. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "loader/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "loader/command.h"

static const struct options options = { .bpffs = "/nowhere", .dry_run = true };
static pid_t process;
static bool ends;

/* In the C library's place: where it is to end, the process does so once its file is open. */
FILE *fopen(const char *path, const char *mode)
{
	int fd = open(path, *mode == 'r' ? O_RDONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/cgroup", (int)process);
	if (ends && !strcmp(path, name)) {
		kill(process, SIGKILL);
		waitpid(process, NULL, 0);
	}
	return fd < 0 ? NULL : fdopen(fd, mode);
}

static int start(void **state)
{
	(void)state;
	process = fork();
	if (!process) {
		for (;;)
			pause();
	}
	return process < 0 ? -1 : 0;
}

static int end(void **state)
{
	(void)state;
	kill(process, SIGKILL);
	waitpid(process, NULL, 0);
	return 0;
}

static int look(struct error *err)
{
	struct cgroup cgroup;
	int code = cgroup_of_pid(&options, (unsigned)process, &cgroup, err);

	cgroup_close(&cgroup);
	return code;
}

static void process_that_ends_meanwhile_is_not_in_the_root(void **state)
{
	struct error err = { 0 };

	(void)state;
	if (cgroup_check_programs(&options, NULL))
		skip();
	ends = true;
	assert_int_equal(look(&err), -ESRCH);
	assert_non_null(strstr(err.text, "no such process"));
}

static void process_that_lives_is_found_in_one(void **state)
{
	struct error err = { 0 };

	(void)state;
	ends = false;
	assert_int_not_equal(look(&err), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(process_that_ends_meanwhile_is_not_in_the_root, start, end),
		cmocka_unit_test_setup_teardown(process_that_lives_is_found_in_one, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
