/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/json.h"

#include <errno.h>
#include <string.h>

void json_begin(struct json *json, FILE *out)
{
	memset(json, 0, sizeof(*json));
	json->out = out;
}

/* What stands between this item and the last. */
static void item(struct json *json)
{
	if (json->after_key) {
		json->after_key = false;
		return;
	}
	if (json->has_item[json->depth])
		fputc(',', json->out);
	json->has_item[json->depth] = 1;
}

static void open_level(struct json *json, int bracket)
{
	item(json);
	fputc(bracket, json->out);
	if (json->depth + 1 < sizeof(json->has_item))
		json->depth++;
	json->has_item[json->depth] = 0;
}

static void close_level(struct json *json, int bracket)
{
	if (json->depth)
		json->depth--;
	fputc(bracket, json->out);
}

void json_object(struct json *json)
{
	open_level(json, '{');
}

void json_end_object(struct json *json)
{
	close_level(json, '}');
}

void json_array(struct json *json)
{
	open_level(json, '[');
}

void json_end_array(struct json *json)
{
	close_level(json, ']');
}

/* The length of a well-formed UTF-8 sequence (RFC 3629 section 4), 0: none. */
static size_t utf8_length(const unsigned char *at, size_t left)
{
	size_t n = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0, i;

	if (!n || n > left)
		return 0;
	for (i = 1; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) || (at[0] == 0xf0 && at[1] < 0x90) ||
	    (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return n;
}

static void quoted(struct json *json, const char *bytes, size_t n)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t i = 0, step;

	fputc('"', json->out);
	for (; i < n; i += step) {
		step = utf8_length(at + i, n - i);
		if (at[i] == '"' || at[i] == '\\')
			fprintf(json->out, "\\%c", at[i]);
		else if (at[i] < 0x20 || at[i] == 0x7f || !step)
			fprintf(json->out, "\\u%04x", at[i]);
		else
			fwrite(at + i, 1, step, json->out);
		step = step ? step : 1;
	}
	fputc('"', json->out);
}

void json_key(struct json *json, const char *key)
{
	item(json);
	quoted(json, key, strlen(key));
	fputc(':', json->out);
	json->after_key = true;
}

void json_string_n(struct json *json, const char *bytes, size_t n)
{
	item(json);
	quoted(json, bytes, n);
}

void json_string(struct json *json, const char *text)
{
	json_string_n(json, text, strlen(text));
}

void json_number(struct json *json, __s64 value)
{
	item(json);
	fprintf(json->out, "%lld", (long long)value);
}

void json_unsigned(struct json *json, __u64 value)
{
	item(json);
	fprintf(json->out, "%llu", (unsigned long long)value);
}

void json_id(struct json *json, __u64 value)
{
	item(json);
	fprintf(json->out, "\"%llu\"", (unsigned long long)value);
}

void json_bool(struct json *json, bool value)
{
	item(json);
	fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json)
{
	item(json);
	fputs("null", json->out);
}

int json_finish(struct json *json)
{
	fputc('\n', json->out);
	errno = 0;
	if (fflush(json->out) || ferror(json->out))
		return errno ? -errno : -EIO;
	return 0;
}

void json_member(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	json_string(json, text);
}

void json_member_unsigned(struct json *json, const char *key, __u64 value)
{
	json_key(json, key);
	json_unsigned(json, value);
}
