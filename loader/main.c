/* SPDX-License-Identifier: GPL-2.0 */
/* One invocation, and the one place where errors are printed. */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/commands.h"
#include "loader/invocation.h"
#include "loader/report.h"

/*
 * A standard stream that the caller closed is held by a descriptor that can be neither read nor written, so that no
 * socket or map takes its number and is written to by mistake.
 */
static void hold_standard_streams(void)
{
	int fd;

	do
		fd = open("/", O_PATH);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* What the command wrote has to have arrived; a reader that has gone away wanted no more, and that is no failure. */
static int finish_output(int status, struct error *err)
{
	int failed = fflush(stdout) ? errno : 0;

	if (!failed && ferror(stdout)) /* earlier, and nobody kept the reason */
		failed = write(STDOUT_FILENO, "\n", 1) < 0 ? errno : EIO;
	if (!failed || failed == EPIPE)
		return status;
	if (status == EXIT_DONE) {
		status = EXIT_REFUSED;
		error_set(err, -failed, "standard output: it cannot be written: %s", strerror(failed));
	}
	return status;
}

/* Called as bulkhead-NAME it is that command, as runtimes have a plugin by a name alone. */
static char **words_of(int argc, char **argv)
{
	static const char prefix[] = "bulkhead-";
	char *slash = argc ? strrchr(argv[0], '/') : NULL, *name = slash ? slash + 1 : argc ? argv[0] : "";

	if (strncmp(name, prefix, strlen(prefix)) || !command_find(name + strlen(prefix)))
		return argv + (argc > 0);
	argv[0] = name + strlen(prefix);
	return argv;
}

int main(int argc, char **argv)
{
	struct options options = { .bpffs = BPFFS_DEFAULT };
	struct error err = { 0 };
	int status;

	hold_standard_streams();
	setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	signal(SIGPIPE, SIG_IGN);
	status = invocation_run(&options, words_of(argc, argv), &err);
	status = finish_output(status, &err);
	if (status != EXIT_DONE)
		report_error(&options, &err, status);
	return status;
}
