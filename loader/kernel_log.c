/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/kernel_log.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "elf/error.h"

#define LINE_MAX_BYTES 900 /* the kernel takes about a thousand in one record (PRINTKRB_RECORD_MAX) */
#define PRIORITY "<27>"    /* LOG_DAEMON and LOG_ERR, <sys/syslog.h> */

/* A record is one write (Documentation/ABI/testing/dev-kmsg), and without its newline the next goes on with it. */
static bool write_kernels(const char *line, size_t n)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	bool done = fd >= 0 && write(fd, line, n) == (ssize_t)n;

	if (fd >= 0)
		close(fd);
	return done;
}

static void send_systems(const char *line, size_t n)
{
	const struct sockaddr_un log = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	sendto(fd, line, n, MSG_NOSIGNAL, (const struct sockaddr *)&log, sizeof(log));
	close(fd);
}

void kernel_log_error(const struct error *err)
{
	char line[LINE_MAX_BYTES];
	size_t n, i;

	snprintf(line, sizeof(line) - 1, PRIORITY "bulkhead: %.*s", LINE_MAX_BYTES - 20, err->text);
	n = strlen(line);
	for (i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[n] = '\n';
	if (!write_kernels(line, n + 1))
		send_systems(line, n);
}
