/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char *text;
static size_t size;

static void begin(struct json *json)
{
	json_begin(json, open_memstream(&text, &size));
}

static void ends_as(struct json *json, const char *wanted)
{
	assert_int_equal(json_finish(json), 0);
	fclose(json->out);
	assert_string_equal(text, wanted);
	free(text);
}

static void commas_stand_where_they_belong(void **state)
{
	struct json json;

	(void)state;
	begin(&json);
	json_object(&json);
	json_member(&json, "a", "b");
	json_key(&json, "list");
	json_array(&json);
	json_unsigned(&json, 18446744073709551615ULL);
	json_number(&json, -1);
	json_object(&json);
	json_end_object(&json);
	json_array(&json);
	json_end_array(&json);
	json_bool(&json, true);
	json_bool(&json, false);
	json_null(&json);
	json_end_array(&json);
	json_key(&json, "id");
	json_id(&json, 18446744073709551615ULL);
	json_member_unsigned(&json, "n", 0);
	json_end_object(&json);
	ends_as(&json, "{\"a\":\"b\",\"list\":[18446744073709551615,-1,{},[],true,false,null],"
		       "\"id\":\"18446744073709551615\",\"n\":0}\n");
	begin(&json);
	json_array(&json);
	json_end_array(&json);
	ends_as(&json, "[]\n");
}

static void strings_are_quoted(void **state)
{
	static const struct {
		const char *bytes, *quoted;
	} rows[] = {
		{ "", "\"\"\n" },
		{ "a\"b\\c/d", "\"a\\\"b\\\\c/d\"\n" },
		{ "\n\t\r\033\177", "\"\\n\\t\\u000d\\u001b\\u007f\"\n" },
		{ "caf\303\251 \342\202\254 \360\237\230\200", "\"caf\303\251 \342\202\254 \360\237\230\200\"\n" },
		{ "\377", "\"\\u00ff\"\n" },            /* no UTF-8 */
		{ "\303", "\"\\u00c3\"\n" },            /* cut off */
		{ "\300\257", "\"\\u00c0\\u00af\"\n" }, /* overlong */
		{ "\340\200\257", "\"\\u00e0\\u0080\\u00af\"\n" },
		{ "\355\240\200", "\"\\u00ed\\u00a0\\u0080\"\n" },            /* a surrogate */
		{ "\364\220\200\200", "\"\\u00f4\\u0090\\u0080\\u0080\"\n" }, /* beyond U+10FFFF */
	};
	struct json json;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin(&json);
		json_string(&json, rows[i].bytes);
		ends_as(&json, rows[i].quoted);
	}
	begin(&json);
	json_string_n(&json, "a\0b", 3);
	ends_as(&json, "\"a\\u0000b\"\n");
}

static void a_reader_that_has_gone_is_told(void **state)
{
	struct json json;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	json_begin(&json, full);
	json_null(&json);
	assert_true(json_finish(&json) < 0);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_stand_where_they_belong),
		cmocka_unit_test(strings_are_quoted),
		cmocka_unit_test(a_reader_that_has_gone_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
