/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/object_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/words.h"

#define BYTES_MAX (64l * 1024 * 1024)

static int wrong_file(const char *path, struct error *err, const char *why)
{
	char shown[WORD_SHOWN_MAX];

	return error_set(err, -EINVAL, "%s: %s: name an eBPF object file (clang -target bpf -c)",
			 word_shown(path, shown), why);
}

static int read_bytes(int fd, char *bytes, size_t n)
{
	size_t at = 0;
	ssize_t got;

	while (at < n) {
		got = read(fd, bytes + at, n - at);
		if (got < 0)
			return -errno;
		if (!got)
			return -EIO; /* it has become shorter */
		at += (size_t)got;
	}
	return 0;
}

static int read_file(const char *path, int fd, void **out, size_t *size, struct error *err)
{
	struct stat stat;
	int code;

	if (fstat(fd, &stat))
		return wrong_file(path, err, strerror(errno));
	if (S_ISDIR(stat.st_mode))
		return wrong_file(path, err, "it is a directory");
	if (!S_ISREG(stat.st_mode))
		return wrong_file(path, err, "it is no regular file");
	if (stat.st_size == 0)
		return wrong_file(path, err, "it is empty");
	if (stat.st_size > BYTES_MAX)
		return wrong_file(path, err, "it has over 64 MiB");
	*size = (size_t)stat.st_size;
	*out = malloc(*size);
	if (!*out)
		return error_set(err, -ENOMEM, "no memory for a file of %zu bytes", *size);
	code = read_bytes(fd, *out, *size);
	return code ? wrong_file(path, err, strerror(-code)) : 0;
}

int object_file_read(const char *path, struct object_file *out, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), code;
	char shown[WORD_SHOWN_MAX];
	size_t size = 0;

	memset(out, 0, sizeof(*out));
	if (fd < 0)
		return wrong_file(path, err, strerror(errno));
	code = read_file(path, fd, &out->bytes, &size, err);
	close(fd);
	if (!code) {
		code = spec_parse((struct view) { out->bytes, size }, &out->spec, err);
		if (code)
			error_prefix(err, "%s", word_shown(path, shown));
		if (code == -ENOEXEC || code == -E2BIG)
			code = -EINVAL;
	}
	if (code)
		object_file_free(out);
	return code;
}

void object_file_free(struct object_file *file)
{
	spec_free(&file->spec);
	free(file->bytes);
	memset(file, 0, sizeof(*file));
}
