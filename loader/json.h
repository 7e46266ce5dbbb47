/* SPDX-License-Identifier: GPL-2.0 */
/* Writes JSON on a stdio stream: commas and quotes are its business. Strings are bytes; what is not UTF-8 is escaped.
 */
#ifndef LOADER_JSON_H
#define LOADER_JSON_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

struct json {
	FILE *out;
	unsigned depth;
	unsigned char has_item[16];
	bool after_key;
};

void json_begin(struct json *json, FILE *out);
void json_object(struct json *json);
void json_end_object(struct json *json);
void json_array(struct json *json);
void json_end_array(struct json *json);
void json_key(struct json *json, const char *key);
void json_string(struct json *json, const char *text);
void json_string_n(struct json *json, const char *bytes, size_t n);
void json_number(struct json *json, __s64 value);
void json_unsigned(struct json *json, __u64 value); /* counters: a plain number */
void json_id(struct json *json, __u64 value); /* 64-bit identifiers: a string, since readers lose bits of numbers */
void json_bool(struct json *json, bool value);
void json_null(struct json *json);
void json_raw(struct json *json, const char *bytes, size_t n); /* a value that is JSON already */
/* Ends the document with a newline, flushes; -errno where the reader has gone. */
int json_finish(struct json *json);

/* Key and value in one. */
void json_member(struct json *json, const char *key, const char *text);
void json_member_unsigned(struct json *json, const char *key, __u64 value);

#endif
