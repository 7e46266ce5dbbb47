/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/synopsis.h"

#include <string.h>
#include <linux/types.h>

#include "loader/container.h"

#define WORDS_MAX 62

/* Where the walk is, is a set: bit i says that i words may have been used up. */
struct walk {
	const char *synopsis;
	char **words;
	unsigned n;
	__u64 reached;
	synopsis_visit visit;
	void *context;
};

static __u64 alternatives(struct walk *walk, const char **at, __u64 from);

size_t synopsis_kind(const char *token, size_t length)
{
	size_t n = 0;

	while (n < length && token[n] >= 'A' && token[n] <= 'Z')
		n++;
	return n;
}

static bool is_kind(const char *kind, const char *token, size_t length)
{
	size_t n = synopsis_kind(token, length);

	return n == strlen(kind) && !memcmp(kind, token, n);
}

/* Kinds are told from words of the command by their looks; whether they are right is the command's business. */
static bool fits(const char *token, size_t length, const char *word)
{
	if (!synopsis_kind(token, length))
		return strlen(word) == length && !memcmp(word, token, length);
	if (is_kind("NAME", token, length))
		return !container_check_name(word, NULL);
	if (is_kind("N", token, length) || is_kind("NUMBER", token, length) || is_kind("SECONDS", token, length))
		return *word >= '0' && *word <= '9';
	if (is_kind("PREFIX", token, length) || is_kind("IP", token, length))
		return strpbrk(word, ".:") != NULL;
	if (is_kind("DEV", token, length) && !strcmp(word, "xdp"))
		return false;
	return *word != '-' || !word[1];
}

/* What stands behind "KIND := ", or NULL. */
static const char *definition(const char *synopsis, const char *token, size_t length)
{
	size_t n = synopsis_kind(token, length);

	while (n && (synopsis = strchr(synopsis, '\n')))
		if (!strncmp(++synopsis, token, n) && !strncmp(synopsis + n, " := ", 4))
			return synopsis + n + 4;
	return NULL;
}

static __u64 one_word(struct walk *walk, const char *token, size_t length, __u64 from)
{
	const char *defined = definition(walk->synopsis, token, length);
	__u64 to = 0;
	unsigned i;

	if (defined)
		return alternatives(walk, &defined, from);
	for (i = 0; i < walk->n; i++)
		if (from >> i & 1 && fits(token, length, walk->words[i]))
			to |= 2ULL << i;
	if (walk->visit && from >> walk->n & 1)
		walk->visit(token, length, walk->context);
	walk->reached |= to;
	return to;
}

/* Brackets within a word are part of it: N[-M]. */
static size_t word_length(const char *at)
{
	size_t n = 0;

	for (; at[n] && !strchr(" |]\n", at[n]) && strncmp(at + n, "...", 3); n++)
		if (at[n] == '[' && strchr(at + n, ']'))
			n += strcspn(at + n, "]");
	return n;
}

static __u64 once(struct walk *walk, const char **at, __u64 from)
{
	__u64 to = 0;
	size_t n;

	if (**at == '[') {
		++*at;
		to = alternatives(walk, at, from);
		*at += **at == ']';
		return to | from;
	}
	for (;; ++*at) {
		n = word_length(*at);
		to |= one_word(walk, *at, n, from);
		*at += n;
		if (**at != '|')
			return to;
	}
}

static __u64 item(struct walk *walk, const char **at, __u64 from)
{
	const char *begin = *at, *again;
	__u64 to = once(walk, at, from), fresh, more;

	if (strncmp(*at, "...", 3))
		return to;
	*at += 3;
	for (fresh = to & ~from; fresh; to |= more) {
		again = begin;
		more = once(walk, &again, fresh);
		fresh = more & ~(to | from);
	}
	return to;
}

static __u64 sequence(struct walk *walk, const char **at, __u64 from)
{
	for (;;) {
		while (**at == ' ')
			++*at;
		if (!**at || strchr("|]\n", **at))
			return from;
		from = item(walk, at, from);
	}
}

static __u64 alternatives(struct walk *walk, const char **at, __u64 from)
{
	__u64 to = sequence(walk, at, from);

	while (**at == '|') {
		++*at;
		to |= sequence(walk, at, from);
	}
	return to;
}

bool synopsis_walk(const char *synopsis, char **words, unsigned n, unsigned *fit, synopsis_visit visit, void *context)
{
	struct walk walk = { synopsis, words, n, 1, visit, context };
	__u64 end;

	*fit = n;
	if (n > WORDS_MAX)
		return true;
	end = alternatives(&walk, &synopsis, 1);
	while (!(walk.reached >> *fit & 1))
		--*fit;
	return end >> n & 1;
}
