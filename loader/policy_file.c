/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/policy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "loader/policy.h"
#include "loader/policy_include.h"
#include "loader/policy_line.h"
#include "loader/words.h"

#define LINE_MAX_BYTES 4096
#define READ_BYTES 16384
#define WORDS_MAX 1024
#define DEPTH_MAX 16
#define ERRORS_MAX 100
#define FILES_MAX 1000
#define POLICY_NAMES "/*.policy"

struct define {
	struct define *next;
	char *name; /* the words of the line lie behind it */
	char **words;
	unsigned n;
};

struct reading {
	const struct policy_source *source;
	struct policy *policy;
	struct define *defines;
	void (*wrong)(const struct error *, void *);
	void *context;
	unsigned n_errors, n_files, depth;
	bool is_directory;
};

/* One line of a file, in words; each has its column, from 1. */
struct line {
	const struct line *from; /* whose include this file is; NULL: none's */
	dev_t device;
	ino_t inode;
	const char *file; /* as it is shown */
	const char *path;
	unsigned long number;
	char text[LINE_MAX_BYTES];
	char *word[WORDS_MAX + 1];
	unsigned column[WORDS_MAX + 1]; /* the last is behind the line's end */
	unsigned n;
	char read[READ_BYTES];
};

static void tell(struct reading *reading, const struct line *line, unsigned column, const struct error *why)
{
	struct error err = { 0 };

	reading->n_errors++;
	error_set(&err, -EINVAL, "%.200s:%lu:%u: %s", line->file, line->number, column, why->text);
	err.in_file = 1;
	reading->wrong(&err, reading->context);
}

static void __attribute__((format(printf, 4, 5)))
tell_that(struct reading *reading, const struct line *line, unsigned word, const char *format, ...)
{
	struct error why = { .code = -EINVAL };
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why.text, sizeof(why.text), format, arguments);
	va_end(arguments);
	tell(reading, line, line->column[word], &why);
}

/* ---- words ---- */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static bool add_word(struct reading *reading, struct line *line, char *word, unsigned column)
{
	if (line->n == WORDS_MAX) {
		line->column[0] = column;
		tell_that(reading, line, 0, "more than %d words on a line: use several lines", WORDS_MAX);
		return false;
	}
	line->word[line->n] = word;
	line->column[line->n++] = column;
	return true;
}

static const struct define *find_define(const struct reading *reading, const char *name)
{
	const struct define *define = reading->defines;

	while (define && strcmp(define->name, name))
		define = define->next;
	return define;
}

/* A word, or those that it stands for. */
static bool take_word(struct reading *reading, struct line *line, char *word, unsigned column)
{
	const struct define *define;
	char shown[WORD_SHOWN_MAX];
	unsigned i;

	if (*word != '$')
		return add_word(reading, line, word, column);
	define = find_define(reading, word + 1);
	if (!define) {
		line->column[0] = column;
		tell_that(reading, line, 0, "%s: it is not defined: write `define %s = WORD...` on a line before",
			  word_shown(word, shown), shown + 1);
		return false;
	}
	for (i = 0; i < define->n; i++)
		if (!add_word(reading, line, define->words[i], column))
			return false;
	return true;
}

static bool is_text(struct reading *reading, struct line *line, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if ((unsigned char)line->text[i] >= ' ' || line->text[i] == '\t' || line->text[i] == '\r')
			continue;
		line->column[0] = (unsigned)i + 1;
		tell_that(reading, line, 0, "a control character: this is no text file");
		return false;
	}
	return true;
}

/* False: it was told what is wrong. */
static bool split(struct reading *reading, struct line *line, size_t n)
{
	size_t at = 0, begin, end = n;

	line->n = 0;
	if (!is_text(reading, line, n))
		return false;
	while (at < end) {
		while (at < end && is_blank(line->text[at]))
			at++;
		for (begin = at; at < end && !is_blank(line->text[at]);)
			at++;
		if (at == begin || line->text[begin] == '#') {
			end = begin;
			break;
		}
		line->text[at] = '\0';
		if (!take_word(reading, line, line->text + begin, (unsigned)begin + 1))
			return false;
		at++;
	}
	line->word[line->n] = NULL;
	line->column[line->n] = (unsigned)end + 1;
	return true;
}

/* ---- define, include ---- */

static bool is_name(const char *word)
{
	const char *letter = word;

	for (; *letter; letter++)
		if (!((*letter | 32) >= 'a' && (*letter | 32) <= 'z') && !(*letter >= '0' && *letter <= '9') &&
		    *letter != '_' && *letter != '-')
			return false;
	return *word != '\0';
}

/* A copy of the name and the words behind it, in one piece. */
static struct define *define_copy(const struct line *line)
{
	size_t size = sizeof(struct define) + line->n * sizeof(char *);
	struct define *define;
	unsigned i;
	char *to;

	for (i = 1; i < line->n; i++)
		size += strlen(line->word[i]) + 1;
	define = calloc(1, size);
	if (!define)
		return NULL;
	define->words = (char **)(define + 1);
	define->n = line->n - 3;
	to = (char *)(define->words + line->n);
	for (i = 1; i < line->n; i++) {
		strcpy(to, line->word[i]);
		if (i == 1)
			define->name = to;
		else if (i > 2)
			define->words[i - 3] = to;
		to += strlen(to) + 1;
	}
	return define;
}

static int take_define(struct reading *reading, const struct line *line, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	struct define *define;

	if (line->n < 2 || !is_name(line->word[1])) {
		tell_that(reading, line, 1,
			  "define: a name is expected, of letters, digits, - and _: write define "
			  "NAME = WORD...");
	} else if (line->n < 3 || strcmp(line->word[2], "=")) {
		tell_that(reading, line, 2, "define %s: = is expected: write define NAME = WORD...",
			  word_shown(line->word[1], shown));
	} else if (line->n < 4) {
		tell_that(reading, line, 3, "define %s: what it stands for is missing: write define NAME = WORD...",
			  word_shown(line->word[1], shown));
	} else if (find_define(reading, line->word[1])) {
		tell_that(reading, line, 1, "%s: it is defined already: choose another name",
			  word_shown(line->word[1], shown));
	} else {
		define = define_copy(line);
		if (!define)
			return error_set(err, -ENOMEM, "no memory for the policy");
		define->next = reading->defines;
		reading->defines = define;
	}
	return 0;
}

static int read_file(struct reading *reading, const char *path, const struct line *from, struct error *err);

struct including {
	struct reading *reading;
	const struct line *line;
	struct error *err;
	int code;
};

/* Gives 0, so that -errno of the walk is its own. */
static int include_one(const char *path, void *context)
{
	struct including *including = context;

	if (!including->code)
		including->code = read_file(including->reading, path, including->line, including->err);
	return 0;
}

static int note_include(struct reading *reading, const struct line *line)
{
	char *path = path_beside(line->path, line->word[1]);

	if (path)
		policy_reads(reading->policy, path);
	free(path);
	return path ? 0 : -ENOMEM;
}

static int take_include(struct reading *reading, const struct line *line, struct error *err)
{
	struct including including = { reading, line, err, 0 };
	char shown[WORD_SHOWN_MAX];
	int code;

	if (reading->source->text) {
		tell_that(reading, line, 0,
			  "include: these lines are in no file: write it in one that they are beside");
		return 0;
	}
	if (line->n != 2) {
		tell_that(reading, line, line->n < 2 ? 1 : 2, "include: one path is expected: write include GLOB");
		return 0;
	}
	if (reading->depth == DEPTH_MAX) {
		tell_that(reading, line, 0, "files include each other more than %d deep: does one include itself?",
			  DEPTH_MAX);
		return 0;
	}
	code = note_include(reading, line);
	if (!code)
		code = include_each(line->path, line->word[1], include_one, &including);
	if (code == -ENOMEM)
		return error_set(err, code, "no memory for the policy");
	if (code)
		tell_that(reading, line, 1, "%s: %s: name a file, or a pattern such as policy.d/*.policy",
			  word_shown(line->word[1], shown), strerror(-code));
	return including.code;
}

/* ---- lines ---- */

static int parse(const struct reading *reading, const struct line *line, struct policy *policy, char **words,
		 struct error *err)
{
	if (reading->source->container)
		return policy_line_parse_of(reading->source->container, policy, words, line->path, err);
	return policy_line_parse(policy, words, line->path, err);
}

/*
 * The word that an error is about: parsers do not tell, but they say the same of the words up to it alone. What is
 * missing is missing behind the last.
 */
static unsigned wrong_word(const struct reading *reading, const struct line *line, const struct error *why)
{
	struct error err;
	unsigned n;

	for (n = 1; n < line->n; n++) {
		char *words[WORDS_MAX + 1];

		memcpy(words, line->word, n * sizeof(*words));
		words[n] = NULL;
		memset(&err, 0, sizeof(err));
		if (parse(reading, line, NULL, words, &err) && !strcmp(err.text, why->text))
			return n - 1;
	}
	return strstr(why->text, "missing") ? line->n : line->n - 1;
}

static int take_line(struct reading *reading, struct line *line, struct error *err)
{
	struct error why = { 0 };
	int code;

	if (!line->n)
		return 0;
	if (!strcmp(line->word[0], "define"))
		return take_define(reading, line, err);
	if (!strcmp(line->word[0], "include"))
		return take_include(reading, line, err);
	code = parse(reading, line, reading->policy, line->word, &why);
	if (code == -ENOMEM)
		return error_set(err, code, "no memory for the policy");
	if (code)
		tell(reading, line, line->column[wrong_word(reading, line, &why)], &why);
	return 0;
}

/* The next line's bytes: 1, 0 at the end, -errno. What is too long is told and left out. */
static int next_line(struct reading *reading, FILE *file, struct line *line, size_t *n)
{
	bool too_long = false;
	int byte;

	*n = 0;
	line->number++;
	while ((byte = getc_unlocked(file)) != EOF && byte != '\n') {
		too_long = *n == LINE_MAX_BYTES - 1;
		if (!too_long)
			line->text[(*n)++] = (char)byte;
	}
	line->text[*n] = '\0';
	if (ferror(file))
		return -errno;
	if (too_long) {
		line->column[0] = LINE_MAX_BYTES;
		tell_that(reading, line, 0, "the line is too long: at most %d bytes", LINE_MAX_BYTES - 1);
		*n = 0;
	}
	return byte != EOF || *n > 0 || too_long;
}

static int read_lines(struct reading *reading, FILE *file, struct line *line, struct error *err)
{
	size_t n;
	int code = 0;

	while (reading->n_errors < ERRORS_MAX && (code = next_line(reading, file, line, &n)) > 0)
		if (split(reading, line, n)) {
			code = take_line(reading, line, err);
			if (code)
				return code;
		}
	return code < 0 ? error_set(err, code, "%.200s: it cannot be read: %s", line->file, strerror(-code)) : 0;
}

/* What is wrong with reading it as a policy; NULL: nothing. `waits`: a pipe's writer may be waited for. */
static const char *wrong_kind(const struct stat *stat, bool waits)
{
	if (S_ISDIR(stat->st_mode))
		return "it is a directory";
	if (S_ISFIFO(stat->st_mode) || S_ISSOCK(stat->st_mode))
		return waits ? NULL : "it is a pipe, and no file";
	return S_ISREG(stat->st_mode) ? NULL : "it is a device";
}

/* A pipe is what a shell names in a command, and nothing that is found where files are. */
static FILE *open_file(const char *path, bool waits)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | (waits ? 0 : O_NONBLOCK));
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

static int cannot_open(struct reading *reading, const char *path, const char *why, const struct line *from,
		       struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	if (from) {
		tell_that(reading, from, 1, "%s: %s", word_shown(path, shown), why);
		return 0;
	}
	return error_set(err, -EINVAL, "%s: it cannot be opened: %s: name a policy file, or - for standard input",
			 word_shown(path, shown), why);
}

static bool is_open(const struct stat *stat, const struct line *line)
{
	while (line && (line->device != stat->st_dev || line->inode != stat->st_ino))
		line = line->from;
	return line != NULL;
}

static int read_open(struct reading *reading, FILE *file, const char *path, const struct stat *stat,
		     const struct line *from, struct error *err)
{
	struct line *line = calloc(1, sizeof(*line));
	int code;

	if (!line)
		return error_set(err, -ENOMEM, "no memory for the policy");
	line->from = from;
	line->device = stat->st_dev;
	line->inode = stat->st_ino;
	line->path = path;
	line->file = *path ? path : "standard input";
	if (*path)
		setvbuf(file, line->read, _IOFBF, sizeof(line->read));
	reading->depth++;
	code = read_lines(reading, file, line, err);
	reading->depth--;
	free(line);
	return code;
}

static int read_file(struct reading *reading, const char *path, const struct line *from, struct error *err)
{
	bool is_input = !from && !reading->source->container && !strcmp(path, "-");
	bool waits = !from && !reading->source->container && !reading->is_directory && !reading->policy->on_path;
	const char *wrong = NULL;
	struct stat stat;
	FILE *file;
	int code;

	if (!is_input)
		policy_reads(reading->policy, path);
	file = is_input ? stdin : open_file(path, waits);
	if (!file)
		return cannot_open(reading, path, strerror(errno), from, err);
	if (fstat(fileno(file), &stat))
		wrong = strerror(errno);
	else if (!is_input)
		wrong = is_open(&stat, from) ? "it includes itself" : wrong_kind(&stat, waits);
	if (!wrong && reading->n_files++ >= FILES_MAX)
		wrong = "there are too many files";
	code = wrong ? cannot_open(reading, path, wrong, from, err)
		     : read_open(reading, file, is_input ? "" : path, &stat, from, err);
	if (!is_input)
		fclose(file);
	return code;
}

/* ---- a directory ---- */

/* Gives 0 or -errno of the reading, which ends the walk; n_files tells whether there was one. */
static int take_file(const char *path, void *context)
{
	struct including *including = context;

	including->code = read_file(including->reading, path, NULL, including->err);
	return including->code;
}

static bool is_directory(const char *name)
{
	struct stat status;

	return strcmp(name, "-") && !stat(name, &status) && S_ISDIR(status.st_mode);
}

/* The pattern of the names of a directory's files; to be freed, NULL: no memory. */
static char *names_in(const char *directory)
{
	char *pattern = malloc(strlen(directory) + sizeof(POLICY_NAMES));

	if (pattern)
		strcat(strcpy(pattern, directory), POLICY_NAMES);
	return pattern;
}

void policy_file_paths(const char *name, void (*visit)(const char *path, void *context), void *context)
{
	char *pattern = names_in(name);

	visit(name, context);
	if (pattern && is_directory(name))
		visit(pattern, context);
	free(pattern);
}

/* Its files, as if each stood behind the one before. */
static int read_directory(struct reading *reading, const char *name, struct error *err)
{
	struct including including = { .reading = reading, .err = err };
	char shown[WORD_SHOWN_MAX], *pattern = names_in(name);
	int code;

	reading->is_directory = true;
	code = pattern ? include_each("", pattern, take_file, &including) : -ENOMEM;

	free(pattern);
	if (including.code)
		return including.code;
	if (code == -ENOMEM)
		return error_set(err, code, "no memory for the policy");
	if (code)
		return error_set(err, -EINVAL, "%s: it cannot be read: %s", word_shown(name, shown), strerror(-code));
	if (reading->n_files)
		return 0;
	return error_set(err, -EINVAL, "%s: no file in it is named *.policy: an empty one is an empty policy",
			 word_shown(name, shown));
}

/* Lines that are there already, as a file of their own. */
static int read_text(struct reading *reading, struct error *err)
{
	static const struct stat none;
	const char *text = reading->source->text;
	FILE *file;
	int code;

	if (!*text)
		return 0;
	file = fmemopen((void *)text, strlen(text), "r");
	if (!file)
		return error_set(err, -ENOMEM, "no memory for the policy");
	code = read_open(reading, file, reading->source->name, &none, NULL, err);
	fclose(file);
	return code;
}

void policy_file_first(const struct error *wrong, void *first)
{
	struct error *kept = first;

	if (!kept->code)
		*kept = *wrong;
}

int policy_source_read(const struct policy_source *source, struct policy *out,
		       void (*wrong)(const struct error *, void *), void *context, struct error *err)
{
	struct reading reading = { .source = source, .policy = out, .wrong = wrong, .context = context };
	struct define *next;
	int code;

	if (source->text)
		code = read_text(&reading, err);
	else if (!source->container && is_directory(source->name))
		code = read_directory(&reading, source->name, err);
	else
		code = read_file(&reading, source->name, NULL, err);

	for (; reading.defines; reading.defines = next) {
		next = reading.defines->next;
		free(reading.defines);
	}
	if (reading.n_errors >= ERRORS_MAX)
		error_set(err, -EINVAL, "%.80s: it was read up to error number %d", source->name, ERRORS_MAX);
	return !code && reading.n_errors ? -EINVAL : code;
}

int policy_file_read(const char *name, struct policy *out, void (*wrong)(const struct error *, void *), void *context,
		     struct error *err)
{
	const struct policy_source source = { .name = name };

	return policy_source_read(&source, out, wrong, context, err);
}
