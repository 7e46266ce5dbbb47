/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/lines.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/words.h"

#define LINE_MAX_BYTES 4096

struct reader {
	FILE *file;
	const char *name;
	unsigned long line;
	char text[LINE_MAX_BYTES];
	size_t n;
};

static int wrong(const struct reader *reader, size_t column, struct error *err, const char *why)
{
	error_set(err, -EINVAL, "%.200s:%lu:%zu: %s", reader->name, reader->line, column + 1, why);
	err->in_file = 1;
	return -EINVAL;
}

/* The next line without its end. 1, 0 at the file's end, or -errno. */
static int next_line(struct reader *reader, struct error *err)
{
	int byte;

	reader->n = 0;
	reader->line++;
	while ((byte = getc(reader->file)) != EOF && byte != '\n') {
		if (reader->n == LINE_MAX_BYTES - 1)
			return wrong(reader, reader->n, err, "the line is too long: at most 4095 bytes");
		reader->text[reader->n++] = (char)byte;
	}
	reader->text[reader->n] = '\0';
	if (ferror(reader->file))
		return error_set(err, -errno, "%.200s: it cannot be read: %s", reader->name, strerror(errno));
	return byte != EOF || reader->n > 0;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Finds the one word; *word is NULL where there is none. */
static int split(struct reader *reader, char **word, struct error *err)
{
	size_t begin = 0, end, at;
	char *comment = memchr(reader->text, '#', reader->n);
	size_t n = comment ? (size_t)(comment - reader->text) : reader->n;

	while (begin < n && is_blank(reader->text[begin]))
		begin++;
	for (end = begin; end < n && !is_blank(reader->text[end]); end++)
		if ((unsigned char)reader->text[end] < ' ' || reader->text[end] == 0x7f)
			return wrong(reader, end, err, "a control character: this is no text file");
	for (at = end; at < n; at++)
		if (!is_blank(reader->text[at]))
			return wrong(reader, at, err, "more than one word on the line: write one a line");
	reader->text[end] = '\0';
	*word = end > begin ? reader->text + begin : NULL;
	return 0;
}

static int read_all(struct reader *reader, line_taker take, void *context, struct error *err)
{
	struct error why;
	char *word = NULL;
	int code;

	while ((code = next_line(reader, err)) > 0) {
		code = split(reader, &word, err);
		if (code)
			return code;
		if (!word)
			continue;
		memset(&why, 0, sizeof(why));
		code = take(word, context, &why);
		if (code) {
			wrong(reader, (size_t)(word - reader->text), err, why.text);
			return code;
		}
	}
	return code;
}

static bool is_directory(FILE *file)
{
	struct stat stat;

	return !fstat(fileno(file), &stat) && S_ISDIR(stat.st_mode);
}

int lines_read(const char *name, line_taker take, void *context, struct error *err)
{
	bool is_input = !strcmp(name, "-");
	struct reader reader = { .name = is_input ? "standard input" : name };
	char shown[WORD_SHOWN_MAX];
	int code;

	reader.file = is_input ? stdin : fopen(name, "re");
	if (!reader.file)
		return error_set(err, errno == ENOMEM ? -ENOMEM : -EINVAL,
				 "%s: it cannot be opened: %s: name a file, or - for standard input",
				 word_shown(name, shown), strerror(errno));
	if (is_directory(reader.file))
		code = error_set(err, -EINVAL, "%s: it is a directory: name a file", word_shown(name, shown));
	else
		code = read_all(&reader, take, context, err);
	if (!is_input)
		fclose(reader.file);
	return code;
}
