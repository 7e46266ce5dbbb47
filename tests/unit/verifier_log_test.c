/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/verifier_log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "loader/report.h"

static const char *appended(const char *log)
{
	static struct error err;
	char *copy = strdup(log);

	memset(&err, 0, sizeof(err));
	error_set(&err, -EACCES, "refused");
	verifier_log_append(&err, copy);
	free(copy);
	return err.text;
}

#define L REPORT_LINE

static void the_reason_stands_last(void **state)
{
	(void)state;
	assert_string_equal(appended(""), "refused");
	assert_string_equal(appended("R1 invalid mem access 'scalar'\n"), "refused" L "R1 invalid mem access 'scalar'");
	assert_string_equal(appended("0: (b7) r0 = 1\n1: (95) exit\nbad\nprocessed 2 insns (limit 1000000)\n"
				     "stack depth 0\npeak_states 1 mark_read 0\n"),
			    "refused" L "0: (b7) r0 = 1" L "1: (95) exit" L "bad");
}

/* That of the first instruction shown. */
static void the_source_line_goes_before(void **state)
{
	(void)state;
	assert_string_equal(appended("; old = 1;\n; int x = *p;\n1: a\n2: b\n3: c\n4: d\n5: e\nreason\n"),
			    "refused" L "; int x = *p;" L "2: b" L "3: c" L "4: d" L "5: e" L "reason");
	assert_string_equal(appended("; old = 1;\n1: a\n2: b\n; int x = *p;\n4: d\n5: e\nreason\n"),
			    "refused" L "; old = 1;" L "2: b" L "; int x = *p;" L "4: d" L "5: e" L "reason");
}

/* A log may have megabytes, and the names in it are the object's. */
static void what_is_long_or_harmful_does_not_pass(void **state)
{
	char *log = malloc(1 << 20);
	const char *text;
	size_t i;

	(void)state;
	memset(log, 'x', (1 << 20) - 1);
	for (i = 5000; i < (1 << 20) - 1; i += 5000)
		log[i] = '\n';
	log[(1 << 20) - 1] = '\0';
	text = appended(log);
	assert_true(strlen(text) < sizeof(((struct error *)NULL)->text));
	assert_true(strlen(text) > 500);
	free(log);
	assert_null(strchr(appended("a\033[31mb\n"), '\033'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reason_stands_last),
		cmocka_unit_test(the_source_line_goes_before),
		cmocka_unit_test(what_is_long_or_harmful_does_not_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
