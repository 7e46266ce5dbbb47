/* SPDX-License-Identifier: GPL-2.0 */
/* Values of a text that json_read has checked: nothing here is asked twice. */
#include "loader/json_read.h"

#include <errno.h>
#include <string.h>

#include "loader/json_escape.h"
#include "loader/utf8.h"

enum json_kind json_kind(const struct json_value *value)
{
	switch (*value->at) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 'n':
		return JSON_NULL;
	case 't':
	case 'f':
		return JSON_BOOL;
	default:
		return JSON_NUMBER;
	}
}

/* ---- strings ---- */

/* The next bytes of a string, whose quotes are left out: 1 to 4 of them; 0 at its end. */
static size_t next_bytes(const char **at, const char *end, char out[4])
{
	if (*at == end)
		return 0;
	out[0] = *(*at)++;
	if (out[0] != '\\')
		return 1;
	out[0] = json_escape_letter(**at);
	if (*(*at)++ == 'u')
		return utf8_put((unsigned long)json_escape_unicode(at, end), out);
	return 1;
}

int json_get_string(const struct json_value *value, char *room, size_t size)
{
	const char *at = value->at + 1, *end = value->at + value->n - 1;
	size_t n, used = 0;
	char bytes[4];

	if (json_kind(value) != JSON_STRING)
		return -EINVAL;
	while ((n = next_bytes(&at, end, bytes))) {
		if (!bytes[0])
			return -EINVAL;
		if (n >= size - used)
			return -ENAMETOOLONG;
		memcpy(room + used, bytes, n);
		used += n;
	}
	room[used] = '\0';
	return 0;
}

bool json_string_is(const struct json_value *value, const char *text)
{
	const char *at = value->at + 1, *end = value->at + value->n - 1;
	size_t n, left = strlen(text);
	char bytes[4];

	if (json_kind(value) != JSON_STRING)
		return false;
	for (; (n = next_bytes(&at, end, bytes)); text += n, left -= n)
		if (n > left || memcmp(text, bytes, n))
			return false;
	return !left;
}

/* ---- numbers and words ---- */

int json_get_integer(const struct json_value *value, __s64 *out)
{
	bool is_negative = *value->at == '-';
	const char *at = value->at + is_negative, *end = value->at + value->n;
	__u64 most = (1ULL << 63) - !is_negative, sum = 0;

	if (json_kind(value) != JSON_NUMBER)
		return -EINVAL;
	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		if (sum > (most - (unsigned)(*at - '0')) / 10)
			return -ERANGE;
		sum = sum * 10 + (unsigned)(*at - '0');
	}
	if (at < end)
		return -EINVAL;
	*out = (__s64)(is_negative ? 0 - sum : sum);
	return 0;
}

int json_get_bool(const struct json_value *value, bool *out)
{
	if (json_kind(value) != JSON_BOOL)
		return -EINVAL;
	*out = *value->at == 't';
	return 0;
}

/* ---- what is in it ---- */

/* Behind the next quote that ends a string; `at` is behind the one that begins it. */
static const char *string_end(const char *at)
{
	for (; *at != '"'; at++)
		at += *at == '\\';
	return at + 1;
}

/* Behind the value that begins at `at`, and before `end`, which is the bracket of what it stands in. */
static const char *value_end(const char *at, const char *end)
{
	unsigned depth = 0;

	while (at < end) {
		if (*at == '"') {
			at = string_end(at + 1);
		} else {
			if (!depth && strchr(", \t\r\n", *at))
				break;
			depth += (*at == '[' || *at == '{');
			depth -= (*at == ']' || *at == '}');
			at++;
		}
	}
	return at;
}

static const char *skip(const char *at, const char *end)
{
	while (at < end && strchr(",: \t\r\n", *at))
		at++;
	return at;
}

void json_walk(struct json_walk *walk, const struct json_value *of)
{
	enum json_kind kind = json_kind(of);

	memset(walk, 0, sizeof(*walk));
	walk->is_object = kind == JSON_OBJECT;
	walk->at = of->at + 1;
	walk->end = kind == JSON_OBJECT || kind == JSON_ARRAY ? of->at + of->n - 1 : walk->at;
}

static void take(struct json_walk *walk, struct json_value *out)
{
	out->at = walk->at;
	walk->at = *walk->at == '"' ? string_end(walk->at + 1) : value_end(walk->at, walk->end);
	out->n = (size_t)(walk->at - out->at);
	walk->at = skip(walk->at, walk->end);
}

bool json_next(struct json_walk *walk)
{
	walk->at = skip(walk->at, walk->end);
	if (walk->at == walk->end)
		return false;
	if (walk->is_object)
		take(walk, &walk->key);
	take(walk, &walk->value);
	return true;
}

int json_find(const struct json_value *object, const char *key, struct json_value *out, struct error *err)
{
	struct json_walk walk;
	int code = -ENOENT;

	if (json_kind(object) != JSON_OBJECT)
		return -ENOENT;
	json_walk(&walk, object);
	while (json_next(&walk)) {
		if (!json_string_is(&walk.key, key))
			continue;
		if (!code)
			return error_set(err, -EINVAL, "\"%s\" stands twice in one object: leave one", key);
		*out = walk.value;
		code = 0;
	}
	return code;
}
