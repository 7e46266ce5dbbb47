/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each synopsis is the truth: what it says is taken, and of every word that the sources know, at every place, what it
 * does not say is refused. Each command runs with -n and without a firewall, so that nothing is changed.
 */
#include "loader/commands.h"

#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "loader/container.h"
#include "loader/synopsis.h"

#define WORDS_MAX 7
#define SHORT 4 /* up to so many words, each is replaced by each that the sources know */
#define NOWHERE "/nowhere"
#define NO_ID "0123456789abcdef"
#define OBJECT "build/bpf/rate_limit.o"

static char *known[2000], dead_pid[16], empty[] = "/tmp/commands_test.XXXXXX";
static size_t n_known;

/* A word of each kind that is well formed and, of what the machine has, not there. */
static const struct {
	const char *kind, *word;
} samples[] = {
	{ "NAME", "web" },         { "DEV", "nothing0" },     { "IFNAME", "nothing0" },   { "PATH", NOWHERE },
	{ "DIR", NOWHERE },        { "FILE", empty },         { "FILE.o", OBJECT },       { "COMMAND", "up" },
	{ "DOMAIN", "a.example" }, { "PREFIX", "192.0.2.1" }, { "IP[,IP]", "192.0.2.1" }, { "N", "5" },
	{ "NUMBER", "5" },         { "N[-M]", "80-90" },      { "SECONDS", "5" },         { "WORD", "word" },
	{ "DURATION", "10m" },     { "ID", NO_ID },           { "REASON", "spoof" },      { "IP", "192.0.2.1" },
	{ "ENTRIES", "4096" },
};

struct sentence {
	const struct command *command;
	char *words[WORDS_MAX + 2];
	unsigned n;
};

static char *sample(const char *token, size_t length, const char *before)
{
	static char room[400][24];
	static unsigned used;
	size_t i;

	if (before && !strcmp(before, "pid"))
		return dead_pid;
	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		if (strlen(samples[i].kind) == length && !memcmp(samples[i].kind, token, length))
			return (char *)(uintptr_t)samples[i].word;
	if (synopsis_kind(token, length))
		fail_msg("%.*s: give this kind of word a sample, and completion.c what it offers; or define it",
			 (int)length, token);
	for (i = 0; i < n_known; i++)
		if (strlen(known[i]) == length && !memcmp(known[i], token, length))
			return known[i];
	assert_true(used < 400 && length < 24);
	return memcpy(room[used++], token, length);
}

static const char *text(const struct sentence *sentence)
{
	static char line[512];
	unsigned i;

	strcpy(line, sentence->command->name);
	for (i = 0; i < sentence->n; i++)
		strcat(strcat(line, " "), sentence->words[i]);
	return line;
}

/* The status of the command, whose output goes nowhere. */
static int run(struct sentence *sentence, struct error *err)
{
	static const struct options options = { .dry_run = true, .quiet = true, .bpffs = NOWHERE };
	int status, out = dup(STDOUT_FILENO), null = open("/dev/null", O_RDWR);

	memset(err, 0, sizeof(*err));
	fflush(stdout);
	dup2(null, STDOUT_FILENO);
	sentence->words[sentence->n] = NULL;
	status = sentence->command->run(&options, (int)sentence->n, sentence->words, err);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	close(null);
	return status;
}

/* ---- what a synopsis says ---- */

struct tokens {
	const char *token[64];
	size_t length[64], n;
};

static void collect(const char *token, size_t length, void *context)
{
	struct tokens *tokens = context;

	assert_true(tokens->n < 64);
	tokens->token[tokens->n] = token;
	tokens->length[tokens->n++] = length;
}

/* Calls each with every sentence of at most so many words. */
static void every(struct sentence *sentence, unsigned most, void (*each)(struct sentence *sentence))
{
	struct tokens tokens = { .n = 0 };
	unsigned fit;
	size_t i;

	if (synopsis_walk(sentence->command->synopsis, sentence->words, sentence->n, &fit, collect, &tokens))
		each(sentence);
	for (i = 0; sentence->n < most && i < tokens.n; i++) {
		const char *before = sentence->n ? sentence->words[sentence->n - 1] : NULL;

		sentence->words[sentence->n++] = sample(tokens.token[i], tokens.length[i], before);
		every(sentence, most, each);
		sentence->n--;
	}
}

static void of_every_command(unsigned most, void (*each)(struct sentence *sentence))
{
	struct sentence sentence;

	memset(&sentence, 0, sizeof(sentence));
	for (sentence.command = commands; *sentence.command->name; sentence.command++)
		/* These read input; of what why takes, one word says what another may be; events takes each once. */
		if (sentence.command->run != batch_run && sentence.command->run != oci_hook_run &&
		    sentence.command->run != why_run && sentence.command->run != events_run)
			every(&sentence, most, each);
}

static unsigned sentences;

static bool has(const struct sentence *sentence, const char *word)
{
	unsigned i;

	for (i = 0; i < sentence->n; i++)
		if (!strcmp(sentence->words[i], word))
			return true;
	return false;
}

/* What no synopsis can say, and the details do. */
static bool is_wrong_otherwise(const struct sentence *sentence)
{
	if (has(sentence, "in") ? has(sentence, "to") : has(sentence, "out") && has(sentence, "from"))
		return true;
	if (has(sentence, "port") && !has(sentence, "tcp") && !has(sentence, "udp"))
		return true;
	if (has(sentence, "prometheus") && has(sentence, "watch"))
		return true;
	/* Its files are read even so. */
	if ((sentence->command->run == apply_run || sentence->command->run == check_run) && has(sentence, NOWHERE))
		return true;
	return sentence->command->run == attach_run && has(sentence, "addr") && !has(sentence, "pid") &&
	       !has(sentence, "dev") && !has(sentence, "cgroup") && !has(sentence, "netns") &&
	       !has(sentence, "docker") && !has(sentence, "container");
}

static void is_taken(struct sentence *sentence)
{
	struct error err;

	sentences++;
	if ((run(sentence, &err) == EXIT_USAGE) != is_wrong_otherwise(sentence))
		fail_msg("%s: %s", text(sentence), err.code ? err.text : "it was taken");
}

static void what_a_synopsis_says_is_taken(void **state)
{
	(void)state;
	of_every_command(WORDS_MAX, is_taken);
	assert_true(sentences > 500);
}

/* ---- what it does not say: unless it fails before, for what is not there ---- */

static unsigned refused;

/* They find a name wrong when they look for it in the firewall. */
static bool looks_at_names_later(const struct sentence *sentence)
{
	bool has_wrong_name = false;
	unsigned i;

	for (i = 0; i < sentence->n; i++)
		has_wrong_name |= container_check_name(sentence->words[i], NULL) != 0;
	return has_wrong_name && (sentence->command->run == events_run || sentence->command->run == stats_run);
}

static void is_refused_unless_said(struct sentence *sentence)
{
	struct error err;
	unsigned fit;

	if (synopsis_walk(sentence->command->synopsis, sentence->words, sentence->n, &fit, NULL, NULL))
		return;
	if (looks_at_names_later(sentence))
		return;
	if (run(sentence, &err) == EXIT_USAGE)
		refused++;
	else if (!strstr(err.text, "nothing0") && !strstr(err.text, NOWHERE) && !strstr(err.text, NO_ID) &&
		 !strstr(err.text, dead_pid))
		fail_msg("%s: it was taken, and its synopsis does not say so", text(sentence));
}

static void in_the_place_of_each(struct sentence *sentence)
{
	char *was;
	unsigned i;
	size_t j;

	for (i = 0; i < sentence->n; i++) {
		was = sentence->words[i];
		for (j = 0; j < n_known; j++) {
			sentence->words[i] = known[j];
			is_refused_unless_said(sentence);
		}
		sentence->words[i] = was;
	}
	sentence->n++;
	for (j = 0; j < n_known; j++) {
		sentence->words[sentence->n - 1] = known[j];
		is_refused_unless_said(sentence);
	}
	sentence->n--;
}

static void what_it_does_not_say_is_refused(void **state)
{
	(void)state;
	of_every_command(SHORT, in_the_place_of_each);
	assert_true(refused > 50000);
}

static void help_fits_a_terminal(void **state)
{
	const struct command *command;
	const char *line;

	(void)state;
	for (command = commands; *command->name; command++)
		for (line = command->details; *line; line += strcspn(line, "\n"), line += *line == '\n')
			if (strcspn(line, "\n") > 112)
				fail_msg("%s: %.20s...: a long line", command->name, line);
}

/* ---- the words that the sources know: each string of theirs that is one word of small letters ---- */

static void learn_line(const char *line)
{
	const char *end;

	while ((line = strchr(line, '"'))) {
		end = ++line;
		while ((*end >= 'a' && *end <= 'z') || *end == '-')
			end++;
		if (*end != '"' || end == line || end - line > 12 || n_known == 2000 || *line == '-')
			continue;
		known[n_known] = strndup(line, (size_t)(end - line));
		n_known++;
		line = end + 1;
	}
}

static int compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void learn(void)
{
	char line[512];
	size_t i, j, kept = 0;
	glob_t files;
	FILE *file;

	assert_int_equal(glob("loader/*.c", 0, NULL, &files), 0);
	for (i = 0; i < files.gl_pathc; i++) {
		file = fopen(files.gl_pathv[i], "r");
		while (fgets(line, sizeof(line), file))
			learn_line(line);
		fclose(file);
	}
	globfree(&files);
	qsort(known, n_known, sizeof(*known), compare);
	for (j = 0; j < n_known; j++) {
		if (kept && !strcmp(known[kept - 1], known[j]))
			free(known[j]);
		else
			known[kept++] = known[j];
	}
	n_known = kept;
}

/* A pid that no process has: its process ended. */
static int prepare(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	snprintf(dead_pid, sizeof(dead_pid), "%d", (int)pid);
	close(mkstemp(empty));
	learn();
	return n_known < 100;
}

static int clear(void **state)
{
	(void)state;
	unlink(empty);
	while (n_known)
		free(known[--n_known]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_synopsis_says_is_taken),
		cmocka_unit_test(what_it_does_not_say_is_refused),
		cmocka_unit_test(help_fits_a_terminal),
	};

	return cmocka_run_group_tests(tests, prepare, clear);
}
