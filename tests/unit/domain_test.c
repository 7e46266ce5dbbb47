/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/domain.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void a_name_becomes_labels(void **state)
{
	static const __u8 wire[] = "\7example\3com";
	struct error err = { 0 };
	struct domain domain;
	char room[DOMAIN_TEXT_MAX];
	size_t i;

	(void)state;
	assert_int_equal(domain_parse("eXample.COM", &domain, &err), 0);
	assert_false(domain.exact);
	assert_int_equal(domain.length, sizeof(wire));
	assert_memory_equal(domain.name, wire, sizeof(wire));
	for (i = sizeof(wire); i < sizeof(domain.name); i++)
		assert_int_equal(domain.name[i], 0);
	assert_string_equal(domain_text(domain.name, room), "example.com");
	assert_int_equal(domain_parse("=example.com.", &domain, &err), 0);
	assert_true(domain.exact);
	assert_memory_equal(domain.name, wire, sizeof(wire));
}

/* FNV-1a over the bytes from the last to the first, computed apart. */
static void the_key_is_the_hash_of_the_folded_name(void **state)
{
	struct error err = { 0 };
	struct domain lower, upper;
	struct fw_domain_key key, same;
	__u64 hash = 14695981039346656037ULL;
	static const __u8 backwards[] = { 0, 'b', 1, 'a', 1 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(backwards); i++)
		hash = (hash ^ backwards[i]) * 1099511628211ULL;
	assert_int_equal(domain_parse("a.b", &lower, &err), 0);
	assert_int_equal(domain_parse("A.B.", &upper, &err), 0);
	key = domain_key(&lower);
	same = domain_key(&upper);
	assert_int_equal(key.hash, hash);
	assert_int_equal(key.length, 5);
	assert_memory_equal(&key, &same, sizeof(key));
}

#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void limits_are_those_of_the_protocol(void **state)
{
	static const char longest[] = LABEL_63 "." LABEL_63 "." LABEL_63
					       ".bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
			  too_long[] = LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63;
	static const char *const wrong[] = {
		"",
		".",
		"=",
		"=.",
		"a..b",
		".a",
		"a..",
		too_long,
		"a" LABEL_63,
		"*.example.com",
		"a b",
		"a/b",
		"caf\303\251.fr",
		"a\001b",
		"==a",
		"a,b",
		"a:b",
	};
	char room[DOMAIN_TEXT_MAX];
	struct domain domain;
	struct error err;
	size_t i;

	(void)state;
	memset(&err, 0, sizeof(err));
	assert_int_equal(strlen(longest), 253);
	assert_int_equal(domain_parse(longest, &domain, &err), 0);
	assert_int_equal(domain.length, FW_DOMAIN_MAX);
	assert_string_equal(domain_text(domain.name, room), longest);
	assert_int_equal(domain_parse("_dmarc.x-1.example", &domain, &err), 0);
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		memset(&err, 0, sizeof(err));
		assert_int_equal(domain_parse(wrong[i], &domain, &err), -EINVAL);
		assert_true(strlen(err.text) > 10);
	}
}

/* An entry of a map is another's bytes: lengths that lead outside write nothing outside. */
static void any_bytes_have_a_text(void **state)
{
	__u8 name[FW_DOMAIN_MAX + 1];
	char room[DOMAIN_TEXT_MAX];
	unsigned byte;

	(void)state;
	for (byte = 0; byte < 256; byte++) {
		memset(name, (int)byte, sizeof(name));
		domain_text(name, room);
		assert_true(strlen(room) < DOMAIN_TEXT_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_becomes_labels),
		cmocka_unit_test(the_key_is_the_hash_of_the_folded_name),
		cmocka_unit_test(limits_are_those_of_the_protocol),
		cmocka_unit_test(any_bytes_have_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
