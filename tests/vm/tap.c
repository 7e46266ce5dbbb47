/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/vm/guest.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static unsigned n_tests, n_failed;

bool ok(bool passed, const char *format, ...)
{
	va_list words;

	n_failed += !passed;
	printf("%sok %u - ", passed ? "" : "not ", ++n_tests);
	va_start(words, format);
	vprintf(format, words);
	va_end(words);
	putchar('\n');
	fflush(stdout);
	return passed;
}

int tests_end(void)
{
	printf("1..%u\n", n_tests);
	return (int)n_failed;
}

bool comes_true(bool (*is_so)(const void *), const void *context, unsigned ms)
{
	unsigned waited;

	for (waited = 0; waited < ms; waited += 20) {
		if (is_so(context))
			return true;
		usleep(20000);
	}
	return is_so(context);
}
