/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/address.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>

static void what_is_read_is_printed_in_one_form(void **state)
{
	static const char *const rows[][2] = {
		{ "1.2.3.4", "1.2.3.4" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255/32", "255.255.255.255" },
		{ "10.0.0.0/8", "10.0.0.0/8" },
		{ "10.128.0.0/9", "10.128.0.0/9" },
		{ "0.0.0.0/0", "0.0.0.0/0" },
		{ "::/0", "::/0" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:0db8:0:0:0:0:2:1/128", "2001:db8::2:1" },
		{ "2001:db8:bad::/48", "2001:db8:bad::/48" },
		{ "2001:db8:8000::/33", "2001:db8:8000::/33" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
		{ "0:0:1::", "0:0:1::" },
		{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
		{ "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" },
		{ "::ffff:1.2.3.4", "1.2.3.4" },
		{ "::ffff:102:304", "1.2.3.4" },
		{ "::ffff:1.2.3.0/120", "1.2.3.0/24" },
		{ "::ffff:0:0/96", "0.0.0.0/0" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct error err = { 0 };
		struct prefix prefix, again;
		char room[PREFIX_TEXT_MAX];

		assert_int_equal(prefix_parse(rows[i][0], &prefix, &err), 0);
		assert_string_equal(prefix_print(&prefix, room), rows[i][1]);
		assert_int_equal(prefix_parse(room, &again, &err), 0);
		assert_memory_equal(&prefix, &again, sizeof(prefix));
	}
}

static void what_is_wrong_is_refused_with_a_sentence(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		"/",
		"/8",
		"1.2.3.4/",
		"1.2.3.4/33",
		"1.2.3.4/-1",
		"1.2.3.4/08",
		"1.2.3.4/8/8",
		"1.2.3.4/99999999999999999999",
		"1.2.3.4/24",
		"10.0.0.1/8",
		"300.1.1.1",
		"1.2.3.256",
		"1.2.3",
		"1.2.3.",
		".1.2.3.4",
		"1..2.3",
		"1.2.3.4.5",
		"1.2.3.4 ",
		"1.2.3.4\n",
		"010.1.1.1",
		"1.2.3.04",
		"0x1.2.3.4",
		"+1.2.3.4",
		"1234.1.1.1",
		"16909060",
		"example.com",
		"localhost",
		"fe80::1%eth0",
		"fe80::1%",
		"1.2.3.4%lo",
		":",
		":::",
		":1",
		"1:",
		"1::2::3",
		"2001:db8::1::2",
		"1:::2",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8::",
		"::1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:1.2.3.4",
		"1:2:3:4:5:6:7:8:1.2.3.4",
		"1.2.3.4::",
		"::1.2.3",
		"::1.2.3.4:5",
		"::01.2.3.4",
		"12345::",
		"g::",
		"[::1]",
		"2001:db8::/129",
		"2001:db8::1/64",
		"::ffff:1.2.3.4/24",
		"::ffff:1.2.3.4/120",
		"\xff\xfe",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct error err = { 0 };
		struct prefix prefix;

		assert_int_equal(prefix_parse(rows[i], &prefix, &err), -EINVAL);
		assert_int_equal(err.code, -EINVAL);
		assert_non_null(strstr(err.text, ": "));
		assert_null(strchr(err.text, '\n'));
	}
}

static void bits_beyond_the_length_name_the_prefix_meant(void **state)
{
	struct error err = { 0 };
	struct prefix prefix;

	(void)state;
	assert_int_equal(prefix_parse("10.1.2.3/9", &prefix, &err), -EINVAL);
	assert_non_null(strstr(err.text, "10.0.0.0/9"));
	memset(&err, 0, sizeof(err));
	assert_int_equal(prefix_parse("2001:db8::1/64", &prefix, &err), -EINVAL);
	assert_non_null(strstr(err.text, "2001:db8::/64"));
}

static void an_address_takes_no_length(void **state)
{
	struct error err = { 0 };
	struct fw_addr addr;

	(void)state;
	assert_int_equal(address_parse("10.0.0.1/32", &addr, &err), -EINVAL);
	assert_int_equal(address_parse("10.0.0.1", &addr, NULL), 0);
	assert_int_equal(addr.family, FW_IPV4);
	assert_memory_equal(addr.addr, ((__u8[16]) { 10, 0, 0, 1 }), 16);
	assert_int_equal(address_parse("::ffff:10.0.0.1", &addr, NULL), 0);
	assert_int_equal(addr.family, FW_IPV4);
	assert_memory_equal(addr.addr, ((__u8[16]) { 10, 0, 0, 1 }), 16);
	assert_int_equal(address_parse("fe80::1", &addr, NULL), 0);
	assert_int_equal(addr.family, FW_IPV6);
	assert_memory_equal(addr.addr, ((__u8[16]) { 0xfe, 0x80, [15] = 1 }), 16);
}

/* Every sixteen bytes are printed as something that the C library reads as the same bytes. */
static void any_bytes_are_printed_as_themselves(void **state)
{
	int i, j;

	(void)state;
	srand(1);
	for (i = 0; i < 20000; i++) {
		__u8 addr[16], again[16];
		char room[ADDRESS_TEXT_MAX];
		struct fw_addr read;

		for (j = 0; j < 16; j++)
			addr[j] = rand() % 3 ? 0 : (__u8)rand();
		address_print(FW_IPV6, addr, room);
		assert_int_equal(inet_pton(AF_INET6, room, again), 1);
		assert_memory_equal(addr, again, 16);
		assert_int_equal(address_parse(room, &read, NULL), 0);
		if (read.family == FW_IPV6)
			assert_memory_equal(addr, read.addr, 16);
	}
}

static void keys_are_numbers_of_the_machine(void **state)
{
	struct prefix prefix, back;
	struct fw_prefix key;

	(void)state;
	assert_int_equal(prefix_parse("10.1.0.0/16", &prefix, NULL), 0);
	key = prefix_key(7, &prefix);
	assert_int_equal(key.rules, 7);
	assert_int_equal(key.family, FW_IPV4);
	assert_int_equal(key.length, 16);
	assert_int_equal(key.pad, 0);
	assert_true(key.high == 0 && key.low == 0x0a010000);
	back = prefix_of_key(&key);
	assert_memory_equal(&prefix, &back, sizeof(prefix));

	assert_int_equal(prefix_parse("2001:db8:1:2:3:4:5:6", &prefix, NULL), 0);
	key = prefix_key(0, &prefix);
	assert_true(key.high == 0x20010db800010002ULL && key.low == 0x0003000400050006ULL);
	back = prefix_of_key(&key);
	assert_memory_equal(&prefix, &back, sizeof(prefix));
}

static void prefixes_have_an_order(void **state)
{
	static const char *const rows[] = { "0.0.0.0/0", "9.255.0.0/16", "10.0.0.0/8", "10.0.0.0/9", "10.0.0.0",
					    "10.0.0.1",  "200.0.0.0/8",  "::/0",       "::1",        "2001:db8::/32" };
	struct prefix left, right;
	int i, j, order, n = sizeof(rows) / sizeof(*rows);

	(void)state;
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			prefix_parse(rows[i], &left, NULL);
			prefix_parse(rows[j], &right, NULL);
			order = prefix_compare(&left, &right);
			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_printed_in_one_form),
		cmocka_unit_test(what_is_wrong_is_refused_with_a_sentence),
		cmocka_unit_test(bits_beyond_the_length_name_the_prefix_meant),
		cmocka_unit_test(an_address_takes_no_length),
		cmocka_unit_test(any_bytes_are_printed_as_themselves),
		cmocka_unit_test(keys_are_numbers_of_the_machine),
		cmocka_unit_test(prefixes_have_an_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
