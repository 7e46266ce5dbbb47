/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_self_or_parent(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

bool directory_has_entries(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *item;
	bool has = false;

	while (directory && !has && (item = readdir(directory)))
		has = !is_self_or_parent(item->d_name);
	if (directory)
		closedir(directory);
	return has;
}

/* The names, and the empty one behind them. */
static int read_names(DIR *directory, char **names)
{
	struct dirent *item;
	size_t n = 0, more;
	char *grown;

	*names = calloc(1, 1);
	if (!*names)
		return -ENOMEM;
	while (errno = 0, (item = readdir(directory))) {
		if (item->d_type != DT_DIR || is_self_or_parent(item->d_name))
			continue;
		more = strlen(item->d_name) + 1;
		grown = realloc(*names, n + more + 1);
		if (!grown)
			return -ENOMEM;
		*names = grown;
		memcpy(grown + n, item->d_name, more);
		n += more;
		grown[n] = '\0';
	}
	return -errno;
}

int directory_below(int at, const char *path, char **names)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code;
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);

	*names = NULL;
	if (!directory) {
		code = -errno;
		if (fd >= 0)
			close(fd);
		return code;
	}
	code = read_names(directory, names);
	closedir(directory);
	if (code) {
		free(*names);
		*names = NULL;
	}
	return code;
}
