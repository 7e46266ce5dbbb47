/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "loader/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
	static const char *const lines[][3] = {
		{ "NAME", "N", "WHY" },
		{ "caf\xc3\xa9 au lait", "12", "a long reason" },
		{ "x", "1234", "" },
	};
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);
	struct table table;

	(void)state;
	table_begin(&table, "lrl");
	for (i = 0; i < 3; i++)
		table_measure(&table, lines[i]);
	for (i = 0; i < 3; i++)
		table_line(&table, out, lines[i]);
	fclose(out);
	assert_string_equal(text, "NAME             N  WHY\n"
				  "caf\xc3\xa9 au lait    12  a long reason\n"
				  "x             1234  \n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
