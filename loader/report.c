/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "elf/error.h"
#include "loader/command.h"
#include "loader/json.h"

/* The names of the errors that the kernel answers here with; of another, its number is told, as a string too. */
static const struct {
	int code;
	const char *name;
} names[] = {
	{ EPERM, "EPERM" },   { ENOENT, "ENOENT" },      { ESRCH, "ESRCH" },     { EINTR, "EINTR" },
	{ EIO, "EIO" },       { E2BIG, "E2BIG" },        { ENOEXEC, "ENOEXEC" }, { EBADF, "EBADF" },
	{ EAGAIN, "EAGAIN" }, { ENOMEM, "ENOMEM" },      { EACCES, "EACCES" },   { EFAULT, "EFAULT" },
	{ EBUSY, "EBUSY" },   { EEXIST, "EEXIST" },      { ENODEV, "ENODEV" },   { ENOTDIR, "ENOTDIR" },
	{ EISDIR, "EISDIR" }, { EINVAL, "EINVAL" },      { EMFILE, "EMFILE" },   { EFBIG, "EFBIG" },
	{ ENOSPC, "ENOSPC" }, { EPIPE, "EPIPE" },        { ERANGE, "ERANGE" },   { ENAMETOOLONG, "ENAMETOOLONG" },
	{ ENOSYS, "ENOSYS" }, { EOPNOTSUPP, "ENOTSUP" },
};

static void put_code(struct json *json, int code)
{
	char number[16];
	size_t i;

	json_key(json, "code");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].code == -code) {
			json_string(json, names[i].name);
			return;
		}
	}
	snprintf(number, sizeof(number), "%d", -code);
	json_string(json, number);
}

/* A sentence may quote what the user wrote, which must not make it more lines or move the cursor. */
static void clean(const char *from, char *to, const char *new_line)
{
	for (; *from; from++) {
		if (*from == REPORT_LINE[0]) {
			strcpy(to, new_line);
			to += strlen(new_line);
		} else {
			*to++ = (unsigned char)*from < ' ' || *from == 0x7f ? '?' : *from;
		}
	}
	*to = '\0';
}

/* Where a damaged binary has no sentences, the kernel's word for it. */
static const char *sentence(const struct error *err)
{
	return err->text[0] ? err->text : strerror(-err->code);
}

void report_error_json(struct json *json, const struct error *err, int status)
{
	char text[4 * sizeof(err->text)];

	clean(sentence(err), text, "\n");
	json_object(json);
	json_member(json, "error", text);
	put_code(json, err->code);
	json_key(json, "exit");
	json_number(json, status);
	json_end_object(json);
}

void report_error(const struct options *options, const struct error *err, int status)
{
	char text[4 * sizeof(err->text)];
	struct json json;

	if (!err->code)
		return;
	if (!options->json) {
		clean(sentence(err), text, "\n  ");
		fprintf(stderr, "%s%s\n", err->in_file ? "" : "bulkhead: ", text);
		return;
	}
	json_begin(&json, stderr);
	report_error_json(&json, err, status);
	json_finish(&json);
}

void(report_remark)(const struct options *options, const char *format, ...)
{
	char text[1024];
	va_list arguments;
	struct json json;

	if (options->quiet)
		return;
	texts_open();
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (options->remarks) {
		json_string(options->remarks, text);
		return;
	}
	if (!options->json) {
		fprintf(stderr, "bulkhead: %s\n", text);
		return;
	}
	json_begin(&json, stderr);
	json_object(&json);
	json_member(&json, "remark", text);
	json_end_object(&json);
	json_finish(&json);
}
