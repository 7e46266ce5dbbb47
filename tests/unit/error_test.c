/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void the_first_cause_stays(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(error_set(&err, -EINVAL, "first %d", 1), -EINVAL);
	assert_int_equal(error_set(&err, -ENOMEM, "second"), -ENOMEM);
	assert_int_equal(err.code, -EINVAL);
	assert_string_equal(err.text, "first 1");
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_int_equal(error_set(NULL, -EIO, "%s", "lost"), -EIO);
	assert_int_equal(error_prefix(NULL, "what"), 0);
}

static void a_prefix_says_what(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(error_prefix(&err, "nothing"), 0);
	assert_string_equal(err.text, "");
	error_set(&err, -EINVAL, "why");
	assert_int_equal(error_prefix(&err, "file %s", "a.o"), -EINVAL);
	assert_string_equal(err.text, "file a.o: why");
}

static void a_long_sentence_is_cut_and_terminated(void **state)
{
	char large[4096];
	struct error err = { 0 };

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	error_set(&err, -EINVAL, "%s", large);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	error_prefix(&err, "where");
	assert_memory_equal(err.text, "where: xxx", 10);
	assert_true(strlen(err.text) < sizeof(err.text));
}

static void what_could_steer_a_terminal_is_replaced(void **state)
{
	struct error err = { 0 };

	(void)state;
	error_set(&err, -EINVAL, "a\033[2Jb\nc\177");
	assert_string_equal(err.text, "a?[2Jb?c?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_cause_stays),
		cmocka_unit_test(nobody_has_to_listen),
		cmocka_unit_test(a_prefix_says_what),
		cmocka_unit_test(a_long_sentence_is_cut_and_terminated),
		cmocka_unit_test(what_could_steer_a_terminal_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
