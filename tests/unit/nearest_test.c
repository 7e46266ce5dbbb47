/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char *meant(const char *word, const char *const *of)
{
	static struct nearest nearest;

	nearest_begin(&nearest, word);
	for (; *of; of++)
		nearest_consider(&nearest, *of, strlen(*of));
	return nearest.word;
}

static void a_word_is_near_by_its_letters(void **state)
{
	static const char *const words[] = { "attach", "detach", "in", "udp", "established", NULL };

	(void)state;
	assert_string_equal(meant("attach", words), "attach");
	assert_string_equal(meant("atach", words), "attach");
	assert_string_equal(meant("attahc", words), "attach");
	assert_string_equal(meant("dettach", words), "detach");
	assert_string_equal(meant("established", words), "established");
	assert_string_equal(meant("estblishd", words), "established");
	assert_string_equal(meant("estalbihsed", words), "established");
	assert_string_equal(meant("estalbihse", words), "");
	assert_string_equal(meant("sblishd", words), "");
	assert_string_equal(meant("", words), "");
}

static void of_a_short_word_one_letter_may_be_wrong(void **state)
{
	static const char *const words[] = { "in", "udp", NULL };

	(void)state;
	assert_string_equal(meant("im", words), "in");
	assert_string_equal(meant("at", words), "");
	assert_string_equal(meant("utp", words), "udp");
	assert_string_equal(meant("upd", words), "udp");
	assert_string_equal(meant("dpu", words), "");
	assert_string_equal(meant("ni", words), "in");
	assert_string_equal(meant("tcp", words), "");
}

static void long_words_are_not_looked_at(void **state)
{
	static const char *const words[] = { "abcdefghijklmnopqrstuvwxyzabcde", "abcdefghijklmnopqrstuvwxyzabcdef",
					     NULL };

	(void)state;
	assert_string_equal(meant("abcdefghijklmnopqrstuvwxyzabcdef", words), words[0]);
	assert_string_equal(meant("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdef", words), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_near_by_its_letters),
		cmocka_unit_test(of_a_short_word_one_letter_may_be_wrong),
		cmocka_unit_test(long_words_are_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
