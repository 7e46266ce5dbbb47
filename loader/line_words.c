/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/line_words.h"

#include <errno.h>
#include <stdbool.h>

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static bool is_control(char byte)
{
	return ((unsigned char)byte < ' ' && !is_blank(byte)) || byte == 0x7f;
}

/* The word at *at, whose end is put behind it once the caller has seen what stands there. false: a quote has no end. */
static bool take_word(char *text, size_t n, size_t *at, char **end)
{
	bool quoted = false;
	size_t quote = 0;

	for (*end = text + *at; *at < n; ++*at) {
		if (text[*at] == '"') {
			quoted = !quoted;
			quote = *at;
		} else if (!quoted && (is_blank(text[*at]) || text[*at] == '#')) {
			break;
		} else {
			*at += quoted && text[*at] == '\\' && *at + 1 < n;
			*(*end)++ = text[*at];
		}
	}
	if (quoted)
		*at = quote;
	return !quoted;
}

int line_words(char *text, size_t n, char **words, unsigned most, size_t *at, const char **why)
{
	unsigned found = 0;
	bool more = true;
	char *end;

	*why = "a control character: write text";
	for (*at = 0; *at < n; ++*at)
		if (is_control(text[*at]))
			return -EINVAL;
	for (*at = 0; more && *at < n && text[*at] != '#'; ++*at) {
		if (is_blank(text[*at]))
			continue;
		*why = "too many words: write several lines";
		if (found == most)
			return -EINVAL;
		words[found++] = text + *at;
		*why = "this quote has no end: write \" behind the word, and \\\" for one within";
		if (!take_word(text, n, at, &end))
			return -EINVAL;
		more = *at < n && text[*at] != '#';
		*end = '\0';
	}
	return (int)found;
}
