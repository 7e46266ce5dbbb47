/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf/error.h"
#include "loader/words.h"

/* Whether the descriptor is what the path names: who had it locked before may have renamed it. */
static bool is_at(int fd, const char *path)
{
	struct stat open, there;

	return !fstat(fd, &open) && !lstat(path, &there) && open.st_ino == there.st_ino && open.st_dev == there.st_dev;
}

/* One writer at a time, and what one that was killed left is taken over. A descriptor, or -errno. */
static int open_fresh(const char *path)
{
	int fd, code = 0;

	do {
		fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX))
			code = -errno;
		else if (is_at(fd, path))
			break;
		close(fd);
	} while (!code);
	if (!code && (ftruncate(fd, 0) || fchmod(fd, 0644))) {
		code = -errno;
		unlink(path);
		close(fd);
	}
	return code ? code : fd;
}

/* It is renamed before it is closed, which ends the lock. */
static int write_and_rename(int fd, const char *fresh, const char *path, const struct stats *stats,
			    const struct policy_state *policy)
{
	FILE *out = fdopen(fd, "w");
	int code = 0;

	if (out)
		stats_print_prometheus(out, stats, policy);
	if (!out || fflush(out) || ferror(out) || rename(fresh, path)) {
		code = errno ? -errno : -EIO;
		unlink(fresh);
	}
	if (out)
		fclose(out);
	else
		close(fd);
	return code;
}

int stats_write_prometheus(const char *path, const struct stats *stats, const struct policy_state *policy,
			   struct error *err)
{
	char fresh[PATH_MAX], shown[WORD_SHOWN_MAX];
	int n = snprintf(fresh, sizeof(fresh), "%s.tmp", path);
	int fd = n > 0 && n < PATH_MAX ? open_fresh(fresh) : -ENAMETOOLONG;
	int code = fd < 0 ? fd : write_and_rename(fd, fresh, path, stats, policy);

	if (!code)
		return 0;
	/* That a folder is not there is no missing container. */
	return error_set(err, code == -ENOENT ? -EIO : code,
			 "stats: %s: it cannot be written: %s: name a file in a folder that can be written to",
			 word_shown(path, shown), strerror(-code));
}
