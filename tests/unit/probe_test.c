/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat/probe*.c against the running kernel. A "no" on a kernel newer than the feature fails; being without the right
 * to ask, or out of descriptors, must be "unknown" and never "no".
 */
#include "compat/features.h"

#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>

static int version(const char *text)
{
	int major = 0, minor = 0;

	sscanf(text, "%d.%d", &major, &minor);
	return major * 1000 + minor;
}

static void kernel_has_what_its_version_has(void **state)
{
	struct features features;
	struct utsname name;
	int e, now;
	unsigned i;

	(void)state;
	if (geteuid() != 0)
		skip();
	uname(&name);
	now = version(name.release);
	features_probe(&features);
	for (i = 0; i < FEATURE_N; i++)
		if (now >= version(feature_since(i)) && features.state[i] != YES)
			fail_msg("%s: state %d, errno %d", feature_name(i), features.state[i], -features.err[i]);
	for (i = 0; i < FEATURE_N; i++)
		assert_int_equal(feature_probe(i, &e), features.state[i]);
}

static struct features as_root;

/* In a child, since neither the user nor the limit can be had back. */
static void in_child(int (*check)(void))
{
	int status = 0;
	pid_t pid;

	features_probe(&as_root);
	pid = fork();
	if (pid == 0)
		_exit(check());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int no_feature_is_denied(void)
{
	struct features features;
	int wrong = 0;
	unsigned i;

	features_probe(&features);
	for (i = 0; i < FEATURE_N; i++) {
		if (features.state[i] != NO || as_root.state[i] == NO)
			continue;
		fprintf(stderr, "%s: no, errno %d\n", feature_name(i), -features.err[i]);
		wrong++;
	}
	return wrong;
}

static int as_nobody(void)
{
	if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
		return 99;
	return no_feature_is_denied();
}

static int without_descriptors(void)
{
	struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_NOFILE, &none))
		return 99;
	return no_feature_is_denied();
}

static void nobody_is_told_nothing(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	in_child(as_nobody);
}

static void want_of_descriptors_is_no_answer(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	in_child(without_descriptors);
}

static void memlock_limit_is_put_back(void **state)
{
	struct rlimit before, after;
	struct features features;

	(void)state;
	getrlimit(RLIMIT_MEMLOCK, &before);
	features_probe(&features);
	getrlimit(RLIMIT_MEMLOCK, &after);
	assert_int_equal(before.rlim_cur, after.rlim_cur);
	assert_int_equal(before.rlim_max, after.rlim_max);
}

static void nothing_is_left_open(void **state)
{
	struct features features;
	int before = dup(0), after;

	(void)state;
	features_probe(&features);
	after = dup(0);
	assert_int_equal(after, before + 1);
	close(before);
	close(after);
}

static void only_what_is_wanted_is_asked(void **state)
{
	struct features features;

	(void)state;
	if (geteuid() != 0)
		skip();
	memset(&features, 0, sizeof(features));
	features_probe_set(&features, FEATURE_BIT(FEATURE_BTF) | FEATURE_BIT(FEATURE_XDP));
	assert_int_not_equal(features.state[FEATURE_XDP], UNKNOWN);
	assert_int_equal(features.state[FEATURE_TCX], UNKNOWN);
	features.state[FEATURE_XDP] = NO; /* known: not asked again */
	assert_int_equal(features_get(&features, FEATURE_XDP), NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_has_what_its_version_has),
		cmocka_unit_test(nobody_is_told_nothing),
		cmocka_unit_test(want_of_descriptors_is_no_answer),
		cmocka_unit_test(memlock_limit_is_put_back),
		cmocka_unit_test(nothing_is_left_open),
		cmocka_unit_test(only_what_is_wanted_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
