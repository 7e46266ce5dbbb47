/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void expect(const char *text, const char *wanted)
{
	char got[8 * SHA256_WORDS + 1];
	__u32 digest[SHA256_WORDS];
	unsigned i;

	sha256(text, digest);
	for (i = 0; i < SHA256_WORDS; i++)
		snprintf(got + 8 * i, 9, "%08x", digest[i]);
	got[strlen(wanted)] = '\0';
	assert_string_equal(got, wanted);
}

/* FIPS 180-4's examples: https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values */
static void examples(void **state)
{
	(void)state;
	expect("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* As sha256sum says. */
static void about_the_ends_of_blocks(void **state)
{
	static const struct {
		unsigned n;
		const char *begins;
	} letters[] = {
		{ 54, "a3f01b6939256127" },  { 55, "9f4390f8d30c2dd9" },  { 56, "b35439a4ac6f0948" },
		{ 63, "7d3e74a05d7db15b" },  { 64, "ffe054fe7ae0cb6d" },  { 65, "635361c48bb9eab1" },
		{ 118, "879dc4f05b19ebc3" }, { 119, "31eba51c313a5c08" }, { 120, "2f3d335432c70b58" },
		{ 128, "6836cf13bac400e9" },
	};
	char text[130];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(letters) / sizeof(*letters); i++) {
		memset(text, 'a', sizeof(text));
		text[letters[i].n] = '\0';
		expect(text, letters[i].begins);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(about_the_ends_of_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
