/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/kernel_log.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "elf/error.h"

#define LINE_MAX_BYTES 900 /* the kernel takes about a thousand in one record (PRINTKRB_RECORD_MAX) */

/* A record is one write (Documentation/ABI/testing/dev-kmsg), and without its newline the next goes on with it. */
static bool write_record(const char *line, size_t n)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	bool done = fd >= 0 && write(fd, line, n) == (ssize_t)n;

	if (fd >= 0)
		close(fd);
	return done;
}

void kernel_log_error(const struct error *err)
{
	char line[LINE_MAX_BYTES], *byte;
	int n;

	snprintf(line, sizeof(line), "<%d>bulkhead: %.*s", LOG_ERR, LINE_MAX_BYTES - 20, err->text);
	for (byte = line, n = 0; *byte; byte++, n++)
		if ((unsigned char)*byte < ' ' || *byte == 0x7f)
			*byte = '?';
	line[n] = '\n';
	if (write_record(line, (size_t)n + 1))
		return;
	line[n] = '\0';
	openlog("bulkhead", LOG_PID, LOG_DAEMON);
	syslog(LOG_ERR, "%s", line + sizeof("<3>bulkhead: ") - 1);
	closelog();
}
