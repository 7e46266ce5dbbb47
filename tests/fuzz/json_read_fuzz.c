/* SPDX-License-Identifier: GPL-2.0 */
/* Any bytes as JSON: a sentence, or a value whose every part is one by itself, and lies within it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "loader/json_read.h"

static void must(int truth)
{
	if (!truth)
		abort();
}

static void check_value(const struct json_value *value, unsigned depth);

static void check_string(const struct json_value *value)
{
	char room[64];

	if (!json_get_string(value, room, sizeof(room)))
		must(json_string_is(value, room));
}

static void check_scalar(const struct json_value *value)
{
	__s64 number;
	bool truth;

	check_string(value);
	must(json_get_bool(value, &truth) == 0 || json_kind(value) != JSON_BOOL);
	must(json_get_integer(value, &number) != 0 || json_kind(value) == JSON_NUMBER);
}

static void check_items(const struct json_value *value, unsigned depth)
{
	const char *at = value->at;
	struct json_walk walk;
	struct json_value found;
	char key[64];

	json_walk(&walk, value);
	while (json_next(&walk)) {
		must(walk.value.at > at && walk.value.at + walk.value.n < value->at + value->n);
		at = walk.value.at;
		check_value(&walk.value, depth + 1);
		if (!walk.is_object)
			continue;
		must(json_kind(&walk.key) == JSON_STRING);
		if (json_get_string(&walk.key, key, sizeof(key)))
			continue;
		if (!json_find(value, key, &found, NULL))
			must(found.at == walk.value.at && found.n == walk.value.n);
	}
}

static void check_value(const struct json_value *value, unsigned depth)
{
	struct json_value again;

	must(depth <= JSON_DEPTH_MAX);
	if (depth < 3) {
		must(!json_read("x", value->at, value->n, &again, NULL));
		must(again.at == value->at && again.n == value->n);
	}
	check_scalar(value);
	check_items(value, depth);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	struct json_value value;

	if (json_read("x", (const char *)data, size, &value, &err))
		must(err.code < 0 && err.text[0]);
	else
		check_value(&value, 0);
	return 0;
}
