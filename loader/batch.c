/* SPDX-License-Identifier: GPL-2.0 */
/*
 * batch: commands from standard input, an answer of one line for each. The commands print to standard output as ever:
 * that is a file in memory while they run, and what they printed is put into the answer.
 */
#define _GNU_SOURCE /* memfd_create, O_PATH */
#include "loader/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/commands.h"
#include "loader/invocation.h"
#include "loader/json.h"
#include "loader/line_words.h"
#include "loader/report.h"

#define LINE_BYTES_MAX 65535
#define WORDS_MAX 8192

struct batch {
	const struct options *options;
	FILE *in, *out; /* standard input and output, as they were */
	__u64 line;
	size_t n;
	bool is_cut; /* nothing ends it */
	char text[LINE_BYTES_MAX + 1];
	char *words[WORDS_MAX + 1];
};

int batch_check(const struct command *command, char **words, struct error *err)
{
	bool ends = command->run != batch_run && command->run != events_run;

	if (command->run == oci_hook_run)
		return usage_error(err, "oci-hook: standard input holds the commands: run it outside of batch");
	for (; *words; words++) {
		if (!strcmp(*words, "-"))
			return usage_error(err, "-: standard input holds the commands: name a file");
		ends &= command->run != stats_run || strcmp(*words, "watch");
		ends &= command->run != apply_run || (strcmp(*words, "confirm") && strcmp(*words, "watch"));
	}
	if (command->run == cni_run)
		return usage_error(err,
				   "cni: it reads standard input, which holds the commands: run it outside of batch");
	return ends ? 0 : usage_error(err, "%s: it does not end by itself: run it outside of batch", command->name);
}

/* ---- a line ---- */

static int wrong(const struct batch *batch, size_t at, const char *why, struct error *err)
{
	error_set(err, -EINVAL, "standard input:%llu:%zu: %s", (unsigned long long)batch->line, at + 1, why);
	err->in_file = 1;
	return -EINVAL;
}

/* Of one that is too long the rest is read and let go. false: there is no more. */
static bool next_line(struct batch *batch)
{
	int byte;

	batch->line++;
	for (batch->n = 0; (byte = getc(batch->in)) != EOF && byte != '\n'; batch->n += batch->n <= LINE_BYTES_MAX)
		if (batch->n < LINE_BYTES_MAX)
			batch->text[batch->n] = (char)byte;
	batch->is_cut = byte == EOF;
	return byte != EOF || batch->n;
}

/* How many words, or -EINVAL. One that is cut off may be the beginning of another command than was meant. */
static int split(struct batch *batch, struct error *err)
{
	const char *why;
	size_t at = LINE_BYTES_MAX;
	int n;

	if (batch->n > LINE_BYTES_MAX)
		return wrong(batch, at, "the line is too long: at most 65535 bytes", err);
	if (batch->is_cut)
		return wrong(batch, batch->n, "the line is cut off: end it with a newline", err);
	n = line_words(batch->text, batch->n, batch->words, WORDS_MAX, &at, &why);
	if (n < 0)
		return wrong(batch, at, why, err);
	batch->words[n] = NULL;
	return n;
}

/* ---- its answer ---- */

/* Each line that was printed is JSON: several are a list. */
static void put_lines(struct json *json, const char *text, size_t n)
{
	const char *end = memchr(text, '\n', n), *stop = text + n;
	bool several = end + 1 < stop;

	if (several)
		json_array(json);
	for (; text < stop; text = end + 1) {
		end = memchr(text, '\n', (size_t)(stop - text));
		json_raw(json, text, (size_t)(end - text));
	}
	if (several)
		json_end_array(json);
}

static void put_output(struct json *json)
{
	off_t n = lseek(STDOUT_FILENO, 0, SEEK_END);
	char *text = n > 0 ? mmap(NULL, (size_t)n, PROT_READ, MAP_SHARED, STDOUT_FILENO, 0) : MAP_FAILED;

	json_key(json, "output");
	if (text != MAP_FAILED && text[n - 1] == '\n')
		put_lines(json, text, (size_t)n);
	else
		json_null(json);
	if (text != MAP_FAILED)
		munmap(text, (size_t)n);
}

/* What was printed has gone before the next command prints. */
static void forget_output(void)
{
	clearerr(stdout);
	lseek(STDOUT_FILENO, 0, SEEK_SET);
	if (ftruncate(STDOUT_FILENO, 0))
		_exit(EXIT_REFUSED); /* nothing that is answered from here on would be true */
}

static int run(struct options *options, char **words, struct error *err)
{
	int status = invocation_run(options, words, err);

	if ((fflush(stdout) || ferror(stdout)) && status == EXIT_DONE) {
		status = EXIT_REFUSED;
		error_set(err, -ENOMEM, "no memory for what it printed");
	}
	return status;
}

/* 0, or -errno where nobody takes the answer. */
static int answer(struct batch *batch)
{
	struct options options = *batch->options;
	struct error err = { 0 };
	struct json json;
	int n = split(batch, &err), status = EXIT_USAGE;

	if (!n)
		return 0;
	json_begin(&json, batch->out);
	json_object(&json);
	json_member_unsigned(&json, "id", batch->line);
	json_key(&json, "remarks");
	json_array(&json);
	options.json = true;
	options.remarks = &json;
	if (n > 0)
		status = run(&options, batch->words, &err);
	json_end_array(&json);
	json_key(&json, "exit");
	json_number(&json, status);
	put_output(&json);
	forget_output();
	if (status != EXIT_DONE && err.code) {
		json_key(&json, "error");
		report_error_json(&json, &err, status);
	}
	json_end_object(&json);
	return json_finish(&json);
}

/* ---- the streams ---- */

static FILE *move(int fd, const char *mode)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	FILE *file = moved < 0 ? NULL : fdopen(moved, mode);

	if (!file && moved >= 0)
		close(moved);
	return file;
}

static int put_in_place(int fd, int place)
{
	int code = fd < 0 || dup2(fd, place) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return code;
}

/* No command reads the commands. */
static int streams_open(struct batch *batch, struct error *err)
{
	int code;

	batch->in = move(STDIN_FILENO, "r");
	batch->out = move(STDOUT_FILENO, "w");
	code = batch->in && batch->out ? 0 : -errno;
	if (!code)
		code = put_in_place(open("/", O_PATH | O_CLOEXEC), STDIN_FILENO);
	if (!code)
		code = put_in_place(memfd_create("batch", MFD_CLOEXEC), STDOUT_FILENO);
	if (code == -ENOSYS)
		return error_set(err, -ENOTSUP, "batch: this kernel has no files in memory (CONFIG_MEMFD_CREATE)");
	return code ? error_set(err, code, "batch: %s", strerror(-code)) : 0;
}

static void streams_close(struct batch *batch)
{
	if (batch->in) {
		dup2(fileno(batch->in), STDIN_FILENO);
		fclose(batch->in);
	}
	if (batch->out) {
		dup2(fileno(batch->out), STDOUT_FILENO);
		fclose(batch->out);
	}
}

/* A reader that has gone wanted no more. */
static int serve(struct batch *batch, struct error *err)
{
	int code = 0;

	while (!code && next_line(batch))
		code = answer(batch);
	if (code == -EPIPE)
		return 0;
	if (code)
		return error_set(err, code, "standard output: it cannot be written: %s", strerror(-code));
	if (ferror(batch->in))
		return error_set(err, -errno, "standard input: it cannot be read: %s", strerror(errno));
	return 0;
}

int batch_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct batch *batch;
	int code;

	(void)words;
	if (n_words)
		return usage_error(err, "batch: it takes no words: the commands come from standard input");
	batch = calloc(1, sizeof(*batch));
	if (!batch)
		return exit_status_of(error_set(err, -ENOMEM, "no memory"));
	batch->options = options;
	code = streams_open(batch, err);
	if (!code)
		code = serve(batch, err);
	streams_close(batch);
	free(batch);
	return exit_status_of(code);
}
