/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/json_read.h"

#include <errno.h>
#include <string.h>

#include "loader/json_escape.h"
#include "loader/utf8.h"

enum wants { WANTS_VALUE, WANTS_ITEM_OR_END, WANTS_KEY, WANTS_KEY_OR_END, WANTS_COMMA_OR_END };

struct scan {
	const char *name, *text, *at, *end;
	struct error *err;
	__u64 objects; /* bit N: what is open at depth N is an object; else an array */
	unsigned depth;
	enum wants wants;
};

_Static_assert(JSON_DEPTH_MAX <= 64, "a bit of `objects` for each depth");

static int wrong(const struct scan *scan, const char *at, const char *why)
{
	unsigned long line = 1, column = 1;
	const char *byte;

	for (byte = scan->text; byte < at; byte++) {
		column = *byte == '\n' ? 1 : column + 1;
		line += *byte == '\n';
	}
	error_set(scan->err, -EINVAL, "%.200s:%lu:%lu: %s", scan->name, line, column, why);
	if (scan->err)
		scan->err->in_file = 1;
	return -EINVAL;
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static const char *skip_space(const char *at, const char *end)
{
	while (at < end && is_space(*at))
		at++;
	return at;
}

static bool take_byte(struct scan *scan, char byte)
{
	if (scan->at == scan->end || *scan->at != byte)
		return false;
	scan->at++;
	return true;
}

/* ---- strings ---- */

static int check_escape(struct scan *scan)
{
	const char *escape = scan->at++;

	if (take_byte(scan, 'u'))
		return json_escape_unicode(&scan->at, scan->end) < 0
			       ? wrong(scan, escape,
				       SENTENCE("\\u stands before four hexadecimal digits, and a surrogate "
						"before its other half"))
			       : 0;
	if (scan->at == scan->end || !json_escape_letter(*scan->at++))
		return wrong(scan, escape, SENTENCE("there is no such escape"));
	return 0;
}

static int check_string(struct scan *scan)
{
	const char *begin = scan->at++;
	size_t length;
	int code = 0;

	while (!code && scan->at < scan->end && *scan->at != '"') {
		if (*scan->at == '\\') {
			code = check_escape(scan);
			continue;
		}
		if ((unsigned char)*scan->at < ' ')
			return wrong(scan, scan->at, SENTENCE("a control character in a string: write it as \\u00NN"));
		length = utf8_length((const unsigned char *)scan->at, (size_t)(scan->end - scan->at));
		if (!length)
			return wrong(scan, scan->at, SENTENCE("this is not UTF-8"));
		scan->at += length;
	}
	if (!code && !take_byte(scan, '"'))
		return wrong(scan, begin, SENTENCE("this string has no end"));
	return code;
}

/* ---- numbers and words ---- */

static bool take_digits(struct scan *scan)
{
	const char *begin = scan->at;

	while (scan->at < scan->end && is_digit(*scan->at))
		scan->at++;
	return scan->at > begin;
}

static int check_number(struct scan *scan)
{
	const char *begin = scan->at;
	bool is_right;

	take_byte(scan, '-');
	is_right = take_byte(scan, '0') || take_digits(scan);
	if (is_right && take_byte(scan, '.'))
		is_right = take_digits(scan);
	if (is_right && scan->at < scan->end && (*scan->at | 0x20) == 'e') {
		scan->at++;
		if (!take_byte(scan, '+'))
			take_byte(scan, '-');
		is_right = take_digits(scan);
	}
	return is_right ? 0 : wrong(scan, begin, SENTENCE("this is no number"));
}

static int check_word(struct scan *scan)
{
	static const char words[][6] = { "true", "false", "null" };
	size_t i, n;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		n = strlen(words[i]);
		if ((size_t)(scan->end - scan->at) < n || memcmp(scan->at, words[i], n))
			continue;
		scan->at += n;
		return 0;
	}
	return wrong(scan, scan->at, SENTENCE("a value is expected"));
}

/* ---- the whole ---- */

static int open_level(struct scan *scan, bool is_object)
{
	if (scan->depth == JSON_DEPTH_MAX)
		return wrong(scan, scan->at, SENTENCE("more than 64 arrays and objects within each other"));
	scan->objects &= ~(1ULL << scan->depth);
	scan->objects |= (__u64)is_object << scan->depth;
	scan->depth++;
	scan->at++;
	scan->wants = is_object ? WANTS_KEY_OR_END : WANTS_ITEM_OR_END;
	return 0;
}

static bool in_object(const struct scan *scan)
{
	return scan->objects >> (scan->depth - 1) & 1;
}

static bool close_level(struct scan *scan)
{
	if (!take_byte(scan, in_object(scan) ? '}' : ']'))
		return false;
	scan->depth--;
	scan->wants = WANTS_COMMA_OR_END;
	return true;
}

static int check_value(struct scan *scan)
{
	char first = scan->at < scan->end ? *scan->at : '\0';

	if (first == '{' || first == '[')
		return open_level(scan, first == '{');
	scan->wants = WANTS_COMMA_OR_END;
	if (first == '"')
		return check_string(scan);
	return first == '-' || is_digit(first) ? check_number(scan) : check_word(scan);
}

static int check_key(struct scan *scan)
{
	int code;

	if (scan->at == scan->end || *scan->at != '"')
		return wrong(scan, scan->at, SENTENCE("a key in quotes is expected"));
	code = check_string(scan);
	scan->at = skip_space(scan->at, scan->end);
	if (!code && !take_byte(scan, ':'))
		return wrong(scan, scan->at, SENTENCE(": is expected behind a key"));
	scan->wants = WANTS_VALUE;
	return code;
}

static int check_comma(struct scan *scan)
{
	if (take_byte(scan, ',')) {
		scan->wants = in_object(scan) ? WANTS_KEY : WANTS_VALUE;
		return 0;
	}
	return wrong(scan, scan->at, in_object(scan) ? SENTENCE(", or } is expected") : SENTENCE(", or ] is expected"));
}

static int step(struct scan *scan)
{
	bool may_end = scan->wants != WANTS_VALUE && scan->wants != WANTS_KEY;

	scan->at = skip_space(scan->at, scan->end);
	if (may_end && close_level(scan))
		return 0;
	if (scan->wants == WANTS_COMMA_OR_END)
		return check_comma(scan);
	if (scan->wants == WANTS_KEY || scan->wants == WANTS_KEY_OR_END)
		return check_key(scan);
	return check_value(scan);
}

int json_read(const char *name, const char *text, size_t n, struct json_value *out, struct error *err)
{
	struct scan scan = { .name = name, .text = text, .end = text + n, .err = err };
	int code;

	if (n > JSON_BYTES_MAX)
		return error_set(err, -E2BIG, "%.200s: more than %u bytes of JSON", name, JSON_BYTES_MAX);
	texts_open();
	scan.at = skip_space(text, scan.end);
	out->at = scan.at;
	do
		code = step(&scan);
	while (!code && (scan.depth || scan.wants != WANTS_COMMA_OR_END));
	if (code)
		return code;
	out->n = (size_t)(scan.at - out->at);
	scan.at = skip_space(scan.at, scan.end);
	return scan.at < scan.end ? wrong(&scan, scan.at, SENTENCE("nothing is expected behind the value")) : 0;
}
