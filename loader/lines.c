/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/words.h"

#define LINE_MAX_BYTES 4096
#define READ_BYTES (4 * LINE_MAX_BYTES)

struct reader {
	int fd;
	const char *name;
	unsigned long line;
	char *text; /* the line, of n bytes, within `read` */
	size_t n;
	size_t from, end; /* what was read and is not taken yet */
	char read[READ_BYTES + 1];
};

static int wrong(const struct reader *reader, size_t column, struct error *err, const char *why)
{
	error_set(err, -EINVAL, "%.200s:%lu:%zu: %s", reader->name, reader->line, column + 1, why);
	err->in_file = 1;
	return -EINVAL;
}

/* Reads on, behind what is not taken yet. How many bytes, 0 at the file's end, or -errno. */
static ssize_t read_more(struct reader *reader, struct error *err)
{
	ssize_t n;

	reader->end -= reader->from;
	memmove(reader->read, reader->read + reader->from, reader->end);
	reader->from = 0;
	do
		n = read(reader->fd, reader->read + reader->end, READ_BYTES - reader->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_set(err, -errno, "%.200s: it cannot be read: %s", reader->name, strerror(errno));
	reader->end += (size_t)n;
	return n;
}

/* The next line without its end. 1, 0 at the file's end, or -errno. */
static int next_line(struct reader *reader, struct error *err)
{
	ssize_t more = 1;
	char *end;

	reader->line++;
	for (;;) {
		reader->text = reader->read + reader->from;
		reader->n = reader->end - reader->from;
		end = memchr(reader->text, '\n', reader->n);
		if (end)
			reader->n = (size_t)(end - reader->text);
		if (reader->n >= LINE_MAX_BYTES)
			return wrong(reader, LINE_MAX_BYTES - 1, err, "the line is too long: at most 4095 bytes");
		if (end || !more)
			break;
		more = read_more(reader, err);
		if (more < 0)
			return (int)more;
	}
	reader->from += reader->n + (end != NULL);
	return end || reader->n > 0;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Finds the one word; *word is NULL where there is none. */
static int split(struct reader *reader, char **word, struct error *err)
{
	size_t begin = 0, end, at, n = reader->n;
	char *text = reader->text;

	while (begin < n && is_blank(text[begin]))
		begin++;
	for (end = begin; end < n && text[end] != '#' && !is_blank(text[end]); end++)
		if ((unsigned char)text[end] < ' ' || text[end] == 0x7f)
			return wrong(reader, end, err, "a control character: this is no text file");
	for (at = end; at < n && text[at] != '#'; at++)
		if (!is_blank(text[at]))
			return wrong(reader, at, err, "more than one word on the line: write one a line");
	text[end] = '\0';
	*word = end > begin ? text + begin : NULL;
	return 0;
}

static int read_all(struct reader *reader, line_taker take, void *context, struct error *err)
{
	struct error why = { 0 };
	char *word = NULL;
	int code;

	while ((code = next_line(reader, err)) > 0) {
		code = split(reader, &word, err);
		if (code)
			return code;
		if (!word)
			continue;
		code = take(word, context, &why);
		if (code) {
			wrong(reader, (size_t)(word - reader->text), err, why.text);
			return code;
		}
	}
	return code;
}

static bool is_directory(int fd)
{
	struct stat stat;

	return !fstat(fd, &stat) && S_ISDIR(stat.st_mode);
}

int lines_read(const char *name, line_taker take, void *context, struct error *err)
{
	bool is_input = !strcmp(name, "-");
	struct reader reader;
	char shown[WORD_SHOWN_MAX];
	int code;

	reader.name = is_input ? "standard input" : name;
	reader.line = reader.from = reader.end = 0;
	reader.fd = is_input ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	if (reader.fd < 0)
		return error_set(err, errno == ENOMEM ? -ENOMEM : -EINVAL,
				 "%s: it cannot be opened: %s: name a file, or - for standard input",
				 word_shown(name, shown), strerror(errno));
	if (is_directory(reader.fd))
		code = error_set(err, -EINVAL, "%s: it is a directory: name a file", word_shown(name, shown));
	else
		code = read_all(&reader, take, context, err);
	if (!is_input)
		close(reader.fd);
	return code;
}
