/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/lines.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct seen {
	char text[256]; /* the words, each followed by a semicolon */
	const char *refuse;
};

static int take(const char *word, void *context, struct error *err)
{
	struct seen *seen = context;

	if (seen->refuse && !strcmp(word, seen->refuse))
		return error_set(err, -EINVAL, "%s: not this one", word);
	strcat(strcat(seen->text, word), ";");
	return 0;
}

static int read_bytes(const char *bytes, size_t n, struct seen *seen, struct error *err, char path[32])
{
	FILE *file;
	int code;

	strcpy(path, "/tmp/lines_test.XXXXXX");
	file = fdopen(mkstemp(path), "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	fclose(file);
	memset(err, 0, sizeof(*err));
	memset(seen->text, 0, sizeof(seen->text));
	code = lines_read(path, take, seen, err);
	unlink(path);
	return code;
}

static void words_come_without_what_is_around_them(void **state)
{
	static const char text[] = "# a comment\n\none\n\t two \t# three\r\n\r\nfour\r\nlast";
	struct seen seen = { .refuse = NULL };
	struct error err;
	char path[32];

	(void)state;
	assert_int_equal(read_bytes(text, strlen(text), &seen, &err, path), 0);
	assert_string_equal(seen.text, "one;two;four;last;");
	assert_int_equal(read_bytes("", 0, &seen, &err, path), 0);
	assert_string_equal(seen.text, "");
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	static const struct {
		const char *bytes, *place;
		size_t n;
	} rows[] = {
		{ "a\nb c\n", ":2:3: more than one word", 6 },    { "a\n\n  no # it\n", ":3:3: no: not this one", 13 },
		{ "a\nb\001\n", ":2:2: a control character", 5 }, { "a\0b\n", ":1:2: a control character", 4 },
		{ "\177ELF", ":1:1: a control character", 4 },
	};
	struct seen seen = { .refuse = "no" };
	struct error err;
	char path[32], wanted[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(read_bytes(rows[i].bytes, rows[i].n, &seen, &err, path), -EINVAL);
		snprintf(wanted, sizeof(wanted), "%s%s", path, rows[i].place);
		if (strncmp(err.text, wanted, strlen(wanted)))
			fail_msg("%s, not %s", err.text, wanted);
		assert_true(err.in_file);
	}
}

static void a_line_has_at_most_4095_bytes(void **state)
{
	struct seen seen = { .refuse = NULL };
	char *bytes = malloc(1 << 20), path[32];
	struct error err;

	(void)state;
	memset(bytes, ' ', 1 << 20);
	bytes[4094] = 'x';
	assert_int_equal(read_bytes(bytes, 4095, &seen, &err, path), 0);
	assert_string_equal(seen.text, "x;");
	assert_int_equal(read_bytes(bytes, 1 << 20, &seen, &err, path), -EINVAL);
	assert_non_null(strstr(err.text, ":1:4096: the line is too long"));
	free(bytes);
}

static void no_file_is_said(void **state)
{
	struct seen seen = { .refuse = NULL };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(lines_read("/nowhere/x", take, &seen, &err), -EINVAL);
	assert_non_null(strstr(err.text, "/nowhere/x: it cannot be opened: No such file"));
	memset(&err, 0, sizeof(err));
	assert_int_equal(lines_read("/tmp", take, &seen, &err), -EINVAL);
	assert_non_null(strstr(err.text, "/tmp: it is a directory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_come_without_what_is_around_them),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
		cmocka_unit_test(a_line_has_at_most_4095_bytes),
		cmocka_unit_test(no_file_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
