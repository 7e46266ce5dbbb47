/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/words.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bpf/fw_abi.h"

static void numbers_are_digits_and_nothing_else(void **state)
{
	static const struct {
		const char *word;
		__u64 max;
		int code;
		__u64 value;
	} rows[] = {
		{ "0", 0, 0, 0 },
		{ "1", 0, -ERANGE, 0 },
		{ "255", 255, 0, 255 },
		{ "256", 255, -ERANGE, 0 },
		{ "18446744073709551615", ~0ULL, 0, ~0ULL },
		{ "18446744073709551616", ~0ULL, -ERANGE, 0 },
		{ "99999999999999999999", 1000, -ERANGE, 0 },
		{ "", 9, -EINVAL, 0 },
		{ "-1", 9, -EINVAL, 0 },
		{ "+1", 9, -EINVAL, 0 },
		{ " 1", 9, -EINVAL, 0 },
		{ "1 ", 9, -EINVAL, 0 },
		{ "01", 9, -EINVAL, 0 },
		{ "0x1", 9, -EINVAL, 0 },
		{ "1e3", 9999, -EINVAL, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		__u64 value = 0;

		assert_int_equal(word_number(rows[i].word, rows[i].max, &value), rows[i].code);
		assert_true(value == rows[i].value);
	}
}

static void protocols_are_words_or_numbers(void **state)
{
	static const struct {
		const char *word;
		__u16 proto;
		const char *printed;
	} rows[] = {
		{ "tcp", 6, "tcp" },
		{ "udp", 17, "udp" },
		{ "6", 6, "tcp" },
		{ "17", 17, "udp" },
		{ "icmp", FW_PROTO_ICMP_BOTH, "icmp" },
		{ "any", FW_PROTO_ANY, "any" },
		{ "1", 1, "1" },
		{ "0", 0, "0" },
		{ "132", 132, "132" },
		{ "255", 255, "255" },
	};
	static const char *const wrong[] = { "", "256", "257", "TCP", "tcp ", "-1", "sctp", "6.0", "\n", "nonsense" };
	char room[8];
	__u16 proto;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(word_proto(rows[i].word, &proto, NULL), 0);
		assert_int_equal(proto, rows[i].proto);
		assert_string_equal(proto_print(proto, room), rows[i].printed);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct error err = { 0 };

		assert_int_equal(word_proto(wrong[i], &proto, &err), -EINVAL);
		assert_null(strchr(err.text, '\n'));
	}
}

static void ports_are_one_or_a_range(void **state)
{
	static const struct {
		const char *word;
		__u16 low, high;
	} rows[] = {
		{ "1", 1, 1 },           { "80", 80, 80 }, { "80-80", 80, 80 }, { "8000-8100", 8000, 8100 },
		{ "1-65535", 1, 65535 },
	};
	static const char *const wrong[] = {
		"",         "0",    "65536", "70000-1", "90-80",    "80-", "-80",   "-",    "-1",
		"80-81-82", "80 ",  "08",    "0-80",    "80-65536", "a",   "80,81", "80-b", "99999999999999",
		"http",     "1--2",
	};
	__u16 low, high;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(word_ports(rows[i].word, &low, &high, NULL), 0);
		assert_int_equal(low, rows[i].low);
		assert_int_equal(high, rows[i].high);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct error err = { 0 };

		assert_int_equal(word_ports(wrong[i], &low, &high, &err), -EINVAL);
		assert_non_null(strstr(err.text, ": "));
	}
}

static void words_are_shown_on_one_line(void **state)
{
	char room[WORD_SHOWN_MAX], longest[1000];

	(void)state;
	assert_string_equal(word_shown("abc", room), "abc");
	assert_string_equal(word_shown("", room), "(nothing)");
	assert_string_equal(word_shown("a\nb \x7f\xff", room), "a\\x0ab\\x20\\x7f\\xff");
	memset(longest, 1, sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_true(strlen(word_shown(longest, room)) < WORD_SHOWN_MAX);
	assert_string_equal(room + strlen(room) - 3, "...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_digits_and_nothing_else),
		cmocka_unit_test(protocols_are_words_or_numbers),
		cmocka_unit_test(ports_are_one_or_a_range),
		cmocka_unit_test(words_are_shown_on_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
