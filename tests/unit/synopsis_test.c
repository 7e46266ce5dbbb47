/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/synopsis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define WORDS 100

static void append(const char *token, size_t length, void *context)
{
	strncat(context, token, length);
	strcat(context, ";");
}

static unsigned split(char *line, char **words)
{
	unsigned n = 0;
	char *word;

	for (word = strtok(line, " "); word; word = strtok(NULL, " "))
		words[n++] = word;
	words[n] = NULL;
	return n;
}

static const struct row {
	const char *synopsis, *words;
	bool whole;
	unsigned fit;
	const char *next;
} rows[] = {
	{ "", "", true, 0, "" },
	{ "", "more", false, 0, "" },
	{ "NAME", "", false, 0, "NAME;" },
	{ "NAME", "web", true, 1, "" },
	{ "NAME", "all", false, 0, "" },
	{ "[NAME]", "", true, 0, "NAME;" },
	{ "[NAME] [count N]", "", true, 0, "NAME;count;" },
	{ "[NAME] [count N]", "count", false, 1, "N;" },
	{ "[NAME] [count N]", "web count x", false, 2, "" },
	{ "[NAME] [count N]", "web count 5", true, 3, "" },
	{ "[NAME] [count N]", "web count 5 more", false, 3, "" },
	{ "[[NAME] N|default]", "", true, 0, "NAME;N;default;" },
	{ "[[NAME] N|default]", "web", false, 1, "N;default;" },
	{ "[[NAME] N|default]", "web default", true, 2, "" },
	{ "[[NAME] N|default]", "default", true, 1, "" },
	{ "NAME in|out", "web", false, 1, "in;out;" },
	{ "NAME in|out", "web sideways", false, 1, "" },
	{ "PREFIX... | -f FILE | all", "", false, 0, "PREFIX;-f;all;" },
	{ "PREFIX... | -f FILE | all", "1.1.1.1 ::1", true, 2, "PREFIX;" },
	{ "PREFIX... | -f FILE | all", "-f", false, 1, "FILE;" },
	{ "PREFIX... | -f FILE | all", "-f -", true, 2, "" },
	{ "PREFIX... | -f FILE | all", "1.1.1.1 all", false, 1, "" },
	{ "block DOMAIN... | block -f FILE | unblock all", "block", false, 1, "DOMAIN;-f;" },
	{ "block DOMAIN... | block -f FILE | unblock all", "block -f", false, 2, "FILE;" },
	{ "[port N[-M]] [x]", "port", false, 1, "N[-M];" },
	{ "[port N[-M]] [x]", "port 80-90", true, 2, "x;" },
	{ "FILE.o DIR", "a.o", false, 1, "DIR;" },
	{ "[A B|c]... [d]", "1 c 2", false, 3, "B;c;" },
	{ "[A B|c]... [d]", "1 c 2 3", true, 4, "A;d;" },
	{ "NAME TARGET... [x]\nTARGET := pid N | dev IFNAME", "web", false, 1, "pid;dev;" },
	{ "NAME TARGET... [x]\nTARGET := pid N | dev IFNAME", "web pid 1", true, 3, "pid;dev;x;" },
	{ "NAME TARGET... [x]\nTARGET := pid N | dev IFNAME", "web pid 1 dev", false, 4, "IFNAME;" },
	{ "NAME TARGET... [x]\nTARGET := pid N | dev IFNAME", "web pit 1", false, 1, "" },
	{ "K... L\nK := a | b\nL := c | d", "a b", false, 2, "a;b;c;d;" },
};

static void a_synopsis_is_a_grammar(void **state)
{
	char line[128], next[128], *words[WORDS];
	const struct row *row;
	unsigned n, fit;

	(void)state;
	for (row = rows; row < rows + sizeof(rows) / sizeof(*rows); row++) {
		n = split(strcpy(line, row->words), words);
		next[0] = '\0';
		assert_int_equal(synopsis_walk(row->synopsis, words, n, &fit, append, next), row->whole);
		assert_int_equal(fit, row->fit);
		assert_string_equal(next, row->next);
	}
}

static void very_many_words_are_not_judged(void **state)
{
	char *words[WORDS];
	unsigned i, fit;

	(void)state;
	for (i = 0; i < WORDS; i++)
		words[i] = "1.1.1.1";
	assert_true(synopsis_walk("PREFIX...", words, 62, &fit, NULL, NULL));
	assert_int_equal(fit, 62);
	words[61] = "nonsense";
	assert_false(synopsis_walk("PREFIX...", words, 62, &fit, NULL, NULL));
	assert_int_equal(fit, 61);
	assert_true(synopsis_walk("PREFIX...", words, WORDS, &fit, NULL, NULL));
	assert_int_equal(fit, WORDS);
}

static void kinds_are_capitals(void **state)
{
	(void)state;
	assert_int_equal(synopsis_kind("NAME", 4), 4);
	assert_int_equal(synopsis_kind("N[-M]", 5), 1);
	assert_int_equal(synopsis_kind("FILE.o", 6), 4);
	assert_int_equal(synopsis_kind("rate", 4), 0);
	assert_int_equal(synopsis_kind("-f", 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_synopsis_is_a_grammar),
		cmocka_unit_test(very_many_words_are_not_judged),
		cmocka_unit_test(kinds_are_capitals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
