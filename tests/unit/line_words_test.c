/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/line_words.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Each word in <>, or the place and the reason. */
static const char *cut(const char *line, size_t n, unsigned most)
{
	static char out[256];
	char *text = malloc(n + 1), *words[8]; /* not a byte more than is promised */
	const char *why;
	size_t at;
	int found, i;

	assert_non_null(text);
	memcpy(text, line, n);
	found = line_words(text, n, words, most, &at, &why);
	out[0] = '\0';
	for (i = 0; i < found; i++)
		strcat(strcat(strcat(out, "<"), words[i]), ">");
	if (found < 0) {
		assert_int_equal(found, -EINVAL);
		out[0] = (char)('0' + at);
		strcpy(out + 1, why);
		*strchr(out, ':') = '\0';
		if (strchr(out, ' '))
			memmove(out + 1, strrchr(out, ' '), strlen(strrchr(out, ' ')) + 1);
	}
	free(text);
	return out;
}

static void a_line_is_words(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{ "", "" },
		{ " \t\r", "" },
		{ "# all of it", "" },
		{ "up", "<up>" },
		{ "  up\teth0 \r", "<up><eth0>" },
		{ "up #eth0", "<up>" },
		{ "up#eth0", "<up>" },
		{ "\"a b\" c", "<a b><c>" },
		{ "a\" \"b", "<a b>" },
		{ "\"\" x", "<><x>" },
		{ "\"a#b\"#c", "<a#b>" },
		{ "\"a\\\"b\\\\c\\d\"", "<a\"b\\cd>" },
		{ "a\\b", "<a\\b>" },
		{ "\"a\"\"b\"", "<ab>" },
		{ "\xc3\xa9", "<\xc3\xa9>" },
		{ "a b c d e", "<a><b><c><d><e>" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(cut(rows[i].line, strlen(rows[i].line), 5), rows[i].want);
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	(void)state;
	assert_string_equal(cut("ab\0c", 4, 5), "2 character");
	assert_string_equal(cut("a\x1b", 2, 5), "1 character");
	assert_string_equal(cut("a\nb", 3, 5), "1 character");
	assert_string_equal(cut("# \x7f", 3, 5), "2 character");
	assert_string_equal(cut("a \"b", 4, 5), "2 end");
	assert_string_equal(cut("a\"b\"\"", 5, 5), "4 end");
	assert_string_equal(cut("\"b\\\"", 4, 5), "0 end");
	assert_string_equal(cut("\"b\\", 3, 5), "0 end");
	assert_string_equal(cut("a b c", 5, 2), "4 words");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_words),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
