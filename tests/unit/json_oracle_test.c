/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What Python's json takes and refuses, and which values it sees, beside ours: over texts that are changed at random.
 * Where the two are meant to differ is said in json_oracle.py: in each case we are the stricter one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "loader/json_read.h"

#define TEXTS 40000
#define ROOM 400

#define N_SEEDS (sizeof(seeds) / sizeof(*seeds))
static const char *const seeds[] = {
	"{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"prevResult\":{\"ips\":[{\"address\":\"192.0.2.1/"
	"24\"}],\"dns\":{}}}",
	"[0, -1, 12.5e-3, 9007199254740993, true, false, null, \"\", [[]], {\"a\": {\"b\": [1]}}]",
	"\"\\u0041\\ud834\\udd1e \xc3\xa9 \xf0\x9d\x84\x9e \\\"\\\\\\/\\b\\f\\n\\r\\t\"",
	" {\"a\" : \"b\" ,\n\t\"c\" : [ 1 , 2 ] } ",
	"\"\\u0000\"",
	"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	"[[[[{\"x\":[{\"y\":{}}]}]]]]",
};

/* Pieces that change what a text means. */
static const char *const pieces[] = {
	"{", "}", "[", "]", ",", ":", "\"", "\\", "\\u",  "d8",   "dc00", "\xc3", "\xa9", "\xed\xa0\x80", "-",
	"0", "1", ".", "e", "E", "+", " ",  "\n", "null", "true", "\t",   "\x01", "\x7f", "\"a\":"
};

static unsigned long state = 1;

static size_t below(size_t n)
{
	state = state * 6364136223846793005UL + 1442695040888963407UL;
	return (state >> 33) % n;
}

static size_t mutate(char *text, size_t n, size_t room)
{
	const char *piece = pieces[below(sizeof(pieces) / sizeof(*pieces))];
	size_t at = below(n + 1), length = strlen(piece), cut;

	switch (below(3)) {
	case 0:
		if (n + length > room)
			return n;
		memmove(text + at + length, text + at, n - at);
		memcpy(text + at, piece, length);
		return n + length;
	case 1:
		cut = n - at > 0 ? 1 + below(n - at < 4 ? n - at : 4) : 0;
		memmove(text + at, text + at + cut, n - at - cut);
		return n - cut;
	default:
		if (n > at)
			text[at] = below(2) ? *piece : (char)below(256);
		return n;
	}
}

/* ---- what we see ---- */

static void show(FILE *out, const struct json_value *value);

static void show_string(FILE *out, const struct json_value *value)
{
	char room[ROOM];
	size_t i;

	putc('"', out);
	if (json_get_string(value, room, sizeof(room))) {
		fputs("00", out); /* there is a NUL in it */
		return;
	}
	for (i = 0; room[i]; i++)
		fprintf(out, "%02x", (unsigned char)room[i]);
	assert_true(json_string_is(value, room));
}

static void show_items(FILE *out, const struct json_value *value)
{
	struct json_walk walk;

	json_walk(&walk, value);
	putc(walk.is_object ? '{' : '[', out);
	while (json_next(&walk)) {
		if (walk.is_object) {
			show_string(out, &walk.key);
			putc(':', out);
		}
		show(out, &walk.value);
		putc(';', out);
	}
	putc(walk.is_object ? '}' : ']', out);
}

static void show(FILE *out, const struct json_value *value)
{
	enum json_kind kind = json_kind(value);

	if (kind == JSON_ARRAY || kind == JSON_OBJECT)
		show_items(out, value);
	else if (kind == JSON_STRING)
		show_string(out, value);
	else
		fwrite(value->at, 1, value->n, out);
}

static void see(FILE *out, const char *text, size_t n)
{
	char *copy = malloc(n ? n : 1);
	struct json_value value;

	assert_non_null(copy);
	memcpy(copy, text, n);
	if (json_read("x", copy, n, &value, NULL))
		putc('-', out);
	else
		show(out, &value);
	putc('\n', out);
	free(copy);
}

/* ---- the two, side by side ---- */

static void put_hex(FILE *out, const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		fprintf(out, "%02x", (unsigned char)text[i]);
	putc('\n', out);
}

static void write_texts(FILE *texts, FILE *ours)
{
	char text[ROOM];
	unsigned i, changes;
	size_t n;

	for (i = 0; i < TEXTS; i++) {
		n = strlen(seeds[i % N_SEEDS]);
		memcpy(text, seeds[i % N_SEEDS], n);
		for (changes = (unsigned)below(4); changes; changes--)
			n = mutate(text, n, sizeof(text));
		put_hex(texts, text, n);
		see(ours, text, n);
	}
}

static void both_see_the_same(void **test)
{
	char texts_path[] = "/tmp/json_oracle.XXXXXX", command[128], *line = NULL, *want = NULL;
	size_t room = 0, want_room = 0, taken = 0, refused = 0;
	FILE *texts = fdopen(mkstemp(texts_path), "w"), *ours = tmpfile(), *theirs;

	(void)test;
	assert_non_null(texts);
	assert_non_null(ours);
	write_texts(texts, ours);
	assert_int_equal(fclose(texts), 0);
	rewind(ours);
	snprintf(command, sizeof(command), "python3 tests/unit/json_oracle.py <%s", texts_path);
	theirs = popen(command, "r");
	assert_non_null(theirs);
	while (getline(&line, &room, ours) > 0) {
		assert_true(getline(&want, &want_room, theirs) > 0);
		assert_string_equal(line, want);
		*line == '-' ? refused++ : taken++;
	}
	assert_int_equal(pclose(theirs), 0);
	unlink(texts_path);
	fclose(ours);
	free(line);
	free(want);
	assert_int_equal(taken + refused, TEXTS);
	assert_true(taken > TEXTS / 5);
	assert_true(refused > TEXTS / 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_see_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
