/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/json.h"

#include <errno.h>
#include <string.h>

#include "loader/utf8.h"

void json_begin(struct json *json, FILE *out)
{
	memset(json, 0, sizeof(*json));
	json->out = out;
}

/* What stands before a value: a comma, unless it is the first or follows its key. */
static void separate(struct json *json)
{
	unsigned level = json->depth < sizeof(json->has_item) ? json->depth : sizeof(json->has_item) - 1;

	if (json->after_key)
		json->after_key = false;
	else if (json->has_item[level])
		putc(',', json->out);
	json->has_item[level] = 1;
}

static void open_level(struct json *json, char bracket)
{
	separate(json);
	putc(bracket, json->out);
	json->depth++;
	if (json->depth < sizeof(json->has_item))
		json->has_item[json->depth] = 0;
}

static void close_level(struct json *json, char bracket)
{
	json->depth--;
	putc(bracket, json->out);
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

static void put_escaped(FILE *out, unsigned char byte)
{
	if (byte == '"' || byte == '\\')
		fprintf(out, "\\%c", byte);
	else if (byte == '\n')
		fputs("\\n", out);
	else if (byte == '\t')
		fputs("\\t", out);
	else
		fprintf(out, "\\u%04x", byte);
}

static void put_quoted(FILE *out, const char *bytes, size_t n)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t i = 0, length;

	putc('"', out);
	while (i < n) {
		length = utf8_length(at + i, n - i);
		if (!length || at[i] < ' ' || at[i] == 0x7f || at[i] == '"' || at[i] == '\\') {
			put_escaped(out, at[i++]);
			continue;
		}
		fwrite(at + i, 1, length, out);
		i += length;
	}
	putc('"', out);
}

void json_key(struct json *json, const char *key)
{
	separate(json);
	put_quoted(json->out, key, strlen(key));
	putc(':', json->out);
	json->after_key = true;
}

void json_string_n(struct json *json, const char *bytes, size_t n)
{
	separate(json);
	put_quoted(json->out, bytes, n);
}

void json_string(struct json *json, const char *text)
{
	json_string_n(json, text, strlen(text));
}

void json_number(struct json *json, __s64 value)
{
	separate(json);
	fprintf(json->out, "%lld", (long long)value);
}

void json_unsigned(struct json *json, __u64 value)
{
	separate(json);
	fprintf(json->out, "%llu", (unsigned long long)value);
}

void json_id(struct json *json, __u64 value)
{
	separate(json);
	fprintf(json->out, "\"%llu\"", (unsigned long long)value);
}

void json_bool(struct json *json, bool value)
{
	separate(json);
	fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json)
{
	separate(json);
	fputs("null", json->out);
}

void json_raw(struct json *json, const char *bytes, size_t n)
{
	separate(json);
	fwrite(bytes, 1, n, json->out);
}

int json_finish(struct json *json)
{
	putc('\n', json->out);
	if (!fflush(json->out) && !ferror(json->out))
		return 0;
	return errno ? -errno : -EIO;
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
