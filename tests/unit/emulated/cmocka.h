/* SPDX-License-Identifier: GPL-2.0 */
/* As much of cmocka's interface as the unit tests use, for architectures that have no cmocka for musl. */
#ifndef TESTS_UNIT_EMULATED_CMOCKA_H
#define TESTS_UNIT_EMULATED_CMOCKA_H

#include <stdint.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*test)(void **state);
	int (*setup)(void **state);
	int (*teardown)(void **state);
};

#define cmocka_unit_test(f)                                                                                            \
	{                                                                                                              \
#f, f, NULL, NULL                                                                                      \
	}
#define cmocka_unit_test_setup(f, setup)                                                                               \
	{                                                                                                              \
#f, f, setup, NULL                                                                                     \
	}
#define cmocka_unit_test_setup_teardown(f, setup, teardown)                                                            \
	{                                                                                                              \
#f, f, setup, teardown                                                                                 \
	}
#define cmocka_run_group_tests(tests, setup, teardown)                                                                 \
	run_tests(tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)

#define fail_msg(...) test_fails(__FILE__, __LINE__, __VA_ARGS__)
#define skip() test_ends(NULL, 0, NULL)
#define assert_true(c) ((c) ? (void)0 : test_ends(__FILE__, __LINE__, #c))
#define assert_false(c) assert_true(!(c))
#define assert_null(p) assert_true(!(p))
#define assert_non_null(p) assert_true(p)
#define assert_ptr_equal(a, b) assert_true((const void *)(a) == (const void *)(b))
#define assert_ptr_not_equal(a, b) assert_true((const void *)(a) != (const void *)(b))
/* As cmocka does: both as unsigned numbers of the widest type. */
#define assert_int_equal(a, b) compare((uintmax_t)(a), (uintmax_t)(b), 1, __FILE__, __LINE__, #a " == " #b)
#define assert_int_not_equal(a, b) compare((uintmax_t)(a), (uintmax_t)(b), 0, __FILE__, __LINE__, #a " != " #b)
#define assert_string_equal(a, b) compare_strings(a, b, 1, __FILE__, __LINE__)
#define assert_string_not_equal(a, b) compare_strings(a, b, 0, __FILE__, __LINE__)
#define assert_memory_equal(a, b, n) assert_true(!memcmp(a, b, n))

int run_tests(const struct CMUnitTest *tests, size_t n, int (*setup)(void **), int (*teardown)(void **));
/* The test that runs now has failed at a place, or without one, is skipped. */
_Noreturn void test_ends(const char *file, int line, const char *what);
_Noreturn void test_fails(const char *file, int line, const char *format, ...);
void print_error(const char *format, ...);
void compare(uintmax_t a, uintmax_t b, int equal, const char *file, int line, const char *what);
void compare_strings(const char *a, const char *b, int equal, const char *file, int line);

#endif
