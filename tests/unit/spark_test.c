/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/spark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static char room[SPARK_TEXT_MAX];

static struct spark of(const __u64 *samples, size_t n)
{
	struct spark spark = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		spark_add(&spark, samples[i]);
	return spark;
}

static void each_level_has_a_block(void **state)
{
	static const __u64 samples[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct spark spark = of(samples, 8);

	(void)state;
	assert_string_equal(spark_text(&spark, 8, true, room), "▁▂▃▄▅▆▇█");
	assert_string_equal(spark_text(&spark, 8, false, room), "_.:-=+*#");
}

static void only_nothing_is_at_the_bottom(void **state)
{
	static const __u64 samples[] = { 0, 1, 1000000, 0 };
	static const __u64 quiet[] = { 0, 0, 0 };
	struct spark spark = of(samples, 4);

	(void)state;
	assert_string_equal(spark_text(&spark, 4, false, room), "_.#_");
	spark = of(quiet, 3);
	assert_string_equal(spark_text(&spark, 3, false, room), "___");
}

static void the_height_is_that_of_what_is_shown(void **state)
{
	static const __u64 samples[] = { 1000, 7, 1 };
	struct spark spark = of(samples, 3);

	(void)state;
	assert_string_equal(spark_text(&spark, 2, false, room), "#.");
}

static void what_is_young_has_blanks(void **state)
{
	static const __u64 samples[] = { 5 };
	struct spark spark = of(samples, 1);

	(void)state;
	assert_string_equal(spark_text(&spark, 4, true, room), "   █");
	spark.n = 0;
	assert_string_equal(spark_text(&spark, 4, true, room), "    ");
	assert_string_equal(spark_text(&spark, 0, true, room), "");
}

static void the_oldest_goes(void **state)
{
	struct spark spark = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i <= 2 * SPARK_MAX; i++)
		spark_add(&spark, i);
	assert_int_equal(spark.n, SPARK_MAX);
	assert_int_equal(spark.sample[0], SPARK_MAX + 1);
	assert_int_equal(spark.sample[SPARK_MAX - 1], 2 * SPARK_MAX);
	assert_int_equal(strlen(spark_text(&spark, 1000, true, room)), SPARK_TEXT_MAX - 1);
}

static void large_numbers_are_as_large_as_fits(void **state)
{
	static const __u64 samples[] = { ~0ULL, 1ULL << 31, ~0ULL };
	struct spark spark = of(samples, 3);

	(void)state;
	assert_string_equal(spark_text(&spark, 3, false, room), "#=#");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_level_has_a_block),
		cmocka_unit_test(only_nothing_is_at_the_bottom),
		cmocka_unit_test(the_height_is_that_of_what_is_shown),
		cmocka_unit_test(what_is_young_has_blanks),
		cmocka_unit_test(the_oldest_goes),
		cmocka_unit_test(large_numbers_are_as_large_as_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
