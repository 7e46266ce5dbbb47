/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/unit/emulated/cmocka.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

enum end { RUNS, FAILED, SKIPPED };

static jmp_buf ends;

_Noreturn void test_ends(const char *file, int line, const char *what)
{
	if (file)
		printf("# %s:%d: %s\n", file, line, what);
	longjmp(ends, file ? FAILED : SKIPPED);
}

_Noreturn void test_fails(const char *file, int line, const char *format, ...)
{
	char what[1000];
	va_list values;

	va_start(values, format);
	vsnprintf(what, sizeof(what), format, values);
	va_end(values);
	test_ends(file, line, what);
}

void print_error(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
}

void compare(uintmax_t a, uintmax_t b, int equal, const char *file, int line, const char *what)
{
	if ((a == b) == equal)
		return;
	printf("# %#" PRIxMAX " and %#" PRIxMAX "\n", a, b);
	test_ends(file, line, what);
}

void compare_strings(const char *a, const char *b, int equal, const char *file, int line)
{
	if ((strcmp(a, b) == 0) == equal)
		return;
	printf("# \"%s\" and \"%s\"\n", a, b);
	test_ends(file, line, "strings");
}

static enum end run_test(const struct CMUnitTest *test, void **state)
{
	enum end end = (enum end)setjmp(ends);

	if (end == RUNS) {
		if (test->setup && test->setup(state))
			test_ends(test->name, 0, "its setup failed");
		test->test(state);
	}
	if (test->teardown)
		test->teardown(state);
	return end;
}

int run_tests(const struct CMUnitTest *tests, size_t n, int (*setup)(void **), int (*teardown)(void **))
{
	void *group = NULL;
	int failed = 0;
	size_t i;

	if (setup && setup(&group)) {
		printf("not ok 1 - the group's setup failed\n");
		return 1;
	}
	for (i = 0; i < n; i++) {
		void *state = group;
		enum end end = run_test(&tests[i], &state);

		printf("%s %zu - %s%s\n", end == FAILED ? "not ok" : "ok", i + 1, tests[i].name,
		       end == SKIPPED ? " # SKIP" : "");
		failed += end == FAILED;
	}
	if (teardown)
		teardown(&group);
	printf("1..%zu\n", n);
	return failed;
}
