/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads JSON (RFC 8259): a text is checked once, as a whole, and its values are places in it. No memory is taken for
 * them. Stricter than the RFC asks: at most JSON_BYTES_MAX bytes and JSON_DEPTH_MAX arrays and objects within each
 * other, no half of a surrogate pair, no byte order mark; and an object that is asked for a key must not have it twice.
 */
#ifndef LOADER_JSON_READ_H
#define LOADER_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "elf/error.h"

#define JSON_BYTES_MAX (1u << 20)
#define JSON_DEPTH_MAX 64

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* A value as it stands in the text, from its first byte to its last: n bytes of JSON. Not ended by NUL. */
struct json_value {
	const char *at;
	size_t n;
};

/*
 * Checks n bytes of text, and gives its one value, for as long as the text stands. `name` is what an error calls it.
 * -EINVAL with NAME:LINE:COLUMN and what is wrong there; -E2BIG with a sentence.
 */
int json_read(const char *name, const char *text, size_t n, struct json_value *out, struct error *err);

/*
 * The same of what comes from a file descriptor, to its end. *text, in which the value lies, is to be freed; NULL where
 * this fails. Also -EIO or the like where it cannot be read, and -ENOMEM.
 */
int json_read_fd(int fd, const char *name, char **text, struct json_value *out, struct error *err);

/* ---- what a value is. Each takes one of a text that was checked ---- */

enum json_kind json_kind(const struct json_value *value);

/*
 * A string's bytes, ended by NUL; size is 1 at least. -EINVAL: no string, or one with a NUL in it; -ENAMETOOLONG: it
 * does not fit.
 */
int json_get_string(const struct json_value *value, char *room, size_t size);

/* Whether it is a string of these bytes. */
bool json_string_is(const struct json_value *value, const char *text);

/* -EINVAL: no number, or one with a fraction or an exponent; -ERANGE: one beyond 64 bits with sign. */
int json_get_integer(const struct json_value *value, __s64 *out);

/* -EINVAL: neither true nor false. */
int json_get_bool(const struct json_value *value, bool *out);

/* ---- what is in it ---- */

/*
 * The value of an object's member. -ENOENT, without a sentence: there is none, or `object` is no object; -EINVAL with a
 * sentence: several have that key.
 */
int json_find(const struct json_value *object, const char *key, struct json_value *out, struct error *err);

/* Each item of an array or member of an object; of any other value there is none. */
struct json_walk {
	const char *at, *end;
	bool is_object;
	struct json_value key; /* a string; of an object alone */
	struct json_value value;
};

void json_walk(struct json_walk *walk, const struct json_value *of);
bool json_next(struct json_walk *walk); /* false: there is no more */

#endif
