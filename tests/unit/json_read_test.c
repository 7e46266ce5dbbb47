/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/json_read.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "loader/utf8.h"

/* Reads a copy with not a byte more than is promised; the value lies in `text`. */
static int read_n(const char *text, size_t n, struct json_value *out, struct error *err)
{
	char *copy = malloc(n ? n : 1);
	int code;

	assert_non_null(copy);
	memcpy(copy, text, n);
	memset(err, 0, sizeof(*err));
	code = json_read("x", copy, n, out, err);
	if (!code)
		out->at = text + (out->at - copy);
	free(copy);
	return code;
}

static struct json_value value_of(const char *text)
{
	struct json_value value;
	struct error err;

	if (read_n(text, strlen(text), &value, &err))
		fail_msg("%s: %s", text, err.text);
	return value;
}

static void what_is_json_is_taken(void **state)
{
	static const struct {
		const char *text;
		enum json_kind kind;
		size_t n; /* of the value; 0: all of the text */
	} rows[] = {
		{ "null", JSON_NULL, 0 },
		{ " true\n", JSON_BOOL, 4 },
		{ "false", JSON_BOOL, 0 },
		{ "0", JSON_NUMBER, 0 },
		{ "-0", JSON_NUMBER, 0 },
		{ "-12.50e+10", JSON_NUMBER, 0 },
		{ "1E5", JSON_NUMBER, 0 },
		{ "1e-05\t", JSON_NUMBER, 5 },
		{ "\"\"", JSON_STRING, 0 },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD834\\udd1e\"", JSON_STRING, 0 },
		{ "\"\x7f\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\"", JSON_STRING, 0 },
		{ "\"\\u0000\"", JSON_STRING, 0 },
		{ "[]", JSON_ARRAY, 0 },
		{ "[ ]", JSON_ARRAY, 0 },
		{ "[1,[2,{}],\"]\"]", JSON_ARRAY, 0 },
		{ "{}", JSON_OBJECT, 0 },
		{ "\r\n{ \"a\" : 1 , \"\" : { \"a\" : [ ] } }\n", JSON_OBJECT, 32 },
		{ "{\"a\":1,\"a\":2}", JSON_OBJECT, 0 },
	};
	struct json_value value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		value = value_of(rows[i].text);
		assert_int_equal(json_kind(&value), rows[i].kind);
		assert_int_equal(value.n, rows[i].n ? rows[i].n : strlen(rows[i].text));
	}
}

static void what_is_not_is_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "1:1: a value" },
		{ " \n", "2:1: a value" },
		{ "\xef\xbb\xbf{}", "1:1: a value" },
		{ "nul", "1:1: a value" },
		{ "nulls", "1:5: nothing" },
		{ "True", "1:1: a value" },
		{ "NaN", "1:1: a value" },
		{ "Infinity", "1:1: a value" },
		{ "'a'", "1:1: a value" },
		{ "{} {}", "1:4: nothing" },
		{ "[1]]", "1:4: nothing" },
		{ "[1,]", "1:4: a value" },
		{ "[,1]", "1:2: a value" },
		{ "[1 2]", "1:4: , or ]" },
		{ "[1", "1:3: , or ]" },
		{ "[1}", "1:3: , or ]" },
		{ "[", "1:2: a value" },
		{ "{\"a\":1,}", "1:8: a key" },
		{ "{,}", "1:2: a key" },
		{ "{a:1}", "1:2: a key" },
		{ "{1:1}", "1:2: a key" },
		{ "{\"a\"}", "1:5: : is" },
		{ "{\"a\":}", "1:6: a value" },
		{ "{\"a\":1", "1:7: , or }" },
		{ "{\"a\":1]", "1:7: , or }" },
		{ "{", "1:2: a key" },
		{ "[1] // no", "1:5: nothing" },
		{ "01", "1:2: nothing" },
		{ "-", "1:1: this is no number" },
		{ "+1", "1:1: a value" },
		{ ".5", "1:1: a value" },
		{ "1.", "1:1: this is no number" },
		{ "1.e1", "1:1: this is no number" },
		{ "1e", "1:1: this is no number" },
		{ "-a", "1:1: this is no number" },
		{ "0x10", "1:2: nothing" },
		{ "\"", "1:1: this string" },
		{ "\"\\", "1:2: there is no such" },
		{ "\"\\\"", "1:1: this string" },
		{ "\"\\x41\"", "1:2: there is no such" },
		{ "\"\\U0041\"", "1:2: there is no such" },
		{ "\"\\u12\"", "1:2: \\u stands" },
		{ "\"\\u12g4\"", "1:2: \\u stands" },
		{ "\"\\ud834\"", "1:2: \\u stands" },
		{ "\"\\ud834\\n\"", "1:2: \\u stands" },
		{ "\"\\ud834\\u0041\"", "1:2: \\u stands" },
		{ "\"\\udd1e\\ud834\"", "1:2: \\u stands" },
		{ "\"a\tb\"", "1:3: a control" },
		{ "\"a\nb\"", "1:3: a control" },
		{ "[\n \"\xff\"]", "2:3: this is not UTF-8" },
		{ "\"\xc0\x80\"", "1:2: this is not UTF-8" },
		{ "\"\xed\xa0\x80\"", "1:2: this is not UTF-8" },
		{ "\"\xf4\x90\x80\x80\"", "1:2: this is not UTF-8" },
		{ "\"\xe2\x82", "1:2: this is not UTF-8" },
		{ "{\"\\ud834\":1}", "1:3: \\u stands" },
	};
	struct json_value value;
	struct error err;
	char want[80];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (read_n(rows[i].text, strlen(rows[i].text), &value, &err) != -EINVAL)
			fail_msg("%s: taken", rows[i].text);
		snprintf(want, sizeof(want), "x:%s", rows[i].want);
		if (strncmp(err.text, want, strlen(want)) || !err.in_file)
			fail_msg("%s: %s", rows[i].text, err.text);
	}
	assert_int_equal(read_n("[1\0]", 4, &value, &err), -EINVAL);
	assert_int_equal(read_n("\"\0\"", 3, &value, &err), -EINVAL);
	assert_int_equal(read_n("\0", 1, &value, &err), -EINVAL);
}

static void size_and_depth_have_bounds(void **state)
{
	char *text = malloc(JSON_BYTES_MAX + 2);
	struct json_value value;
	struct error err;
	size_t n;

	(void)state;
	assert_non_null(text);
	for (n = 1; n <= JSON_DEPTH_MAX + 1; n++) {
		memset(text, '[', n);
		memset(text + n, ']', n);
		assert_int_equal(read_n(text, 2 * n, &value, &err), n <= JSON_DEPTH_MAX ? 0 : -EINVAL);
	}
	memset(text, '[', JSON_BYTES_MAX);
	assert_int_equal(read_n(text, JSON_BYTES_MAX, &value, &err), -EINVAL);
	memset(text, ' ', JSON_BYTES_MAX + 1);
	text[0] = '1';
	assert_int_equal(read_n(text, JSON_BYTES_MAX, &value, &err), 0);
	assert_int_equal(read_n(text, JSON_BYTES_MAX + 1, &value, &err), -E2BIG);
	free(text);
}

static void strings_are_unescaped(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "\"\"", "" },
		{ "\"a\"", "a" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
		{ "\"\\u0041\\u00e9\\u20AC\\uD834\\udd1e\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e" },
		{ "\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf" },
		{ "\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf" },
	};
	struct json_value value;
	char room[64];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		n = strlen(rows[i].want);
		value = value_of(rows[i].text);
		assert_int_equal(json_get_string(&value, room, n + 1), 0);
		assert_string_equal(room, rows[i].want);
		if (n)
			assert_int_equal(json_get_string(&value, room, n), -ENAMETOOLONG);
		assert_true(json_string_is(&value, rows[i].want));
		room[n] = 'x';
		room[n + 1] = '\0';
		assert_false(json_string_is(&value, room));
		if (n) {
			room[n - 1] = '\0';
			assert_false(json_string_is(&value, room));
		}
	}
	value = value_of("\"a\\u0000b\"");
	assert_int_equal(json_get_string(&value, room, sizeof(room)), -EINVAL);
	assert_false(json_string_is(&value, "a"));
	value = value_of("12");
	assert_int_equal(json_get_string(&value, room, sizeof(room)), -EINVAL);
	assert_false(json_string_is(&value, ""));
}

static void numbers_are_whole(void **state)
{
	static const struct {
		const char *text;
		int code;
		__s64 want;
	} rows[] = {
		{ "0", 0, 0 },
		{ "-0", 0, 0 },
		{ "42", 0, 42 },
		{ "-1", 0, -1 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "9223372036854775808", -ERANGE, 0 },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "-9223372036854775809", -ERANGE, 0 },
		{ "99999999999999999999999", -ERANGE, 0 },
		{ "1.0", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "\"1\"", -EINVAL, 0 },
		{ "true", -EINVAL, 0 },
	};
	struct json_value value;
	__s64 number;
	size_t i;
	bool truth;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		value = value_of(rows[i].text);
		number = 0;
		assert_int_equal(json_get_integer(&value, &number), rows[i].code);
		assert_true(number == rows[i].want);
	}
	value = value_of("true");
	assert_int_equal(json_get_bool(&value, &truth), 0);
	assert_true(truth);
	value = value_of("false");
	assert_int_equal(json_get_bool(&value, &truth), 0);
	assert_false(truth);
	value = value_of("0");
	assert_int_equal(json_get_bool(&value, &truth), -EINVAL);
}

/* The values within, each in <>; keys before theirs. */
static const char *walked(const char *text)
{
	static char out[256];
	struct json_value value = value_of(text);
	struct json_walk walk;
	size_t n = 0;

	out[0] = '\0';
	json_walk(&walk, &value);
	while (json_next(&walk)) {
		if (walk.is_object)
			n += (size_t)sprintf(out + n, "%.*s", (int)walk.key.n, walk.key.at);
		n += (size_t)sprintf(out + n, "<%.*s>", (int)walk.value.n, walk.value.at);
	}
	return out;
}

static void values_are_walked(void **state)
{
	(void)state;
	assert_string_equal(walked("[]"), "");
	assert_string_equal(walked("{ }"), "");
	assert_string_equal(walked("12"), "");
	assert_string_equal(walked("\"[1]\""), "");
	assert_string_equal(walked("[1]"), "<1>");
	assert_string_equal(walked("[ 1 , -2e5,null ,\"a,\\\"]\" ]"), "<1><-2e5><null><\"a,\\\"]\">");
	assert_string_equal(walked("[[], [ 1, [2] ] ,{\"a\": \"}\"} , {}]"), "<[]><[ 1, [2] ]><{\"a\": \"}\"}><{}>");
	assert_string_equal(walked("{\"a\":1,\"b\" : [ 1 ] , \"\\\\\":\"\\\\\"}"),
			    "\"a\"<1>\"b\"<[ 1 ]>\"\\\\\"<\"\\\\\">");
}

static void a_member_is_found(void **state)
{
	struct json_value object = value_of("{\"a\":1,\"ab\":{\"c\":\"d\"},\"\\u0061b\\u0000\":3,\"b\":null}");
	struct error err = { 0 };
	struct json_value value, inner;

	(void)state;
	assert_int_equal(json_find(&object, "a", &value, &err), 0);
	assert_memory_equal(value.at, "1,", 2);
	assert_int_equal(json_find(&object, "ab", &value, &err), 0);
	assert_int_equal(value.n, strlen("{\"c\":\"d\"}"));
	assert_int_equal(json_find(&value, "c", &inner, &err), 0);
	assert_true(json_string_is(&inner, "d"));
	assert_int_equal(json_find(&object, "c", &value, &err), -ENOENT);
	assert_int_equal(json_find(&object, "", &value, &err), -ENOENT);
	assert_int_equal(json_find(&inner, "c", &value, &err), -ENOENT);
	assert_int_equal(err.code, 0);
	object = value_of("{\"a\":1,\"b\":2,\"\\u0061\":3}");
	assert_int_equal(json_find(&object, "b", &value, &err), 0);
	assert_int_equal(json_find(&object, "a", &value, &err), -EINVAL);
	assert_non_null(strstr(err.text, "twice"));
}

static void a_descriptor_is_read_to_its_end(void **state)
{
	struct json_value value = { 0 };
	struct error err = { 0 };
	FILE *file = tmpfile();
	char *text;
	size_t i;

	(void)state;
	assert_non_null(file);
	fputs(" {\"a\": 1}\n", file);
	rewind(file);
	assert_int_equal(json_read_fd(fileno(file), "x", &text, &value, &err), 0);
	assert_int_equal(value.n, 8);
	assert_ptr_equal(value.at, text + 1);
	free(text);
	for (i = 0; i < JSON_BYTES_MAX; i++)
		fputc(' ', file);
	rewind(file);
	assert_int_equal(json_read_fd(fileno(file), "x", &text, &value, &err), -E2BIG);
	assert_null(text);
	fclose(file);
	memset(&err, 0, sizeof(err));
	assert_int_equal(json_read_fd(-1, "x", &text, &value, &err), -EBADF);
	assert_null(text);
}

static void each_point_has_its_bytes(void **state)
{
	unsigned long point;
	char out[4];
	size_t n;

	(void)state;
	for (point = 0; point < 0x110000; point++) {
		if (point == 0xd800)
			point = 0xe000;
		n = utf8_put(point, out);
		assert_int_equal(utf8_length((const unsigned char *)out, n), n);
		assert_int_equal(utf8_length((const unsigned char *)out, n - (n > 1)), n > 1 ? 0 : 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_json_is_taken),      cmocka_unit_test(what_is_not_is_refused),
		cmocka_unit_test(size_and_depth_have_bounds), cmocka_unit_test(strings_are_unescaped),
		cmocka_unit_test(numbers_are_whole),          cmocka_unit_test(values_are_walked),
		cmocka_unit_test(a_member_is_found),          cmocka_unit_test(a_descriptor_is_read_to_its_end),
		cmocka_unit_test(each_point_has_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
