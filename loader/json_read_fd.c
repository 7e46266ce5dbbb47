/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/json_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes up to the end, one more than may be read where there are too many; -errno. */
static ssize_t read_all(int fd, char *room, size_t size)
{
	size_t n = 0;
	ssize_t more;

	while (n < size) {
		more = read(fd, room + n, size - n);
		if (!more)
			break;
		if (more > 0)
			n += (size_t)more;
		else if (errno != EINTR)
			return -errno;
	}
	return (ssize_t)n;
}

int json_read_fd(int fd, const char *name, char **text, struct json_value *out, struct error *err)
{
	char *room = malloc(JSON_BYTES_MAX + 1);
	ssize_t n;
	int code;

	*text = NULL;
	if (!room)
		return error_set(err, -ENOMEM, "no memory");
	n = read_all(fd, room, JSON_BYTES_MAX + 1);
	if (n < 0)
		code = error_set(err, (int)n, "%.200s: it cannot be read: %s", name, strerror((int)-n));
	else
		code = json_read(name, room, (size_t)n, out, err);
	if (code)
		free(room);
	else
		*text = room;
	return code;
}
