/* SPDX-License-Identifier: GPL-2.0 */
/* Without glob(3), which brings user names, wide characters and 25 KB along. */
#include "loader/policy_include.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/array.h"

/* A star is tried with as little as does, and with more where the rest does not fit. */
bool include_fits(const char *pattern, const char *name)
{
	const char *star = NULL, *behind = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			behind = name;
		} else if (*pattern && (*pattern == '?' || *pattern == *name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++behind;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

struct paths {
	char **item;
	size_t n, room;
};

static char *join(const char *directory, size_t n, const char *name)
{
	char *path = malloc(n + strlen(name) + 1);

	if (path) {
		memcpy(path, directory, n);
		strcpy(path + n, name);
	}
	return path;
}

static int paths_add(struct paths *paths, char *path)
{
	void *grown = path ? array_room(paths->item, paths->n, &paths->room, sizeof(*paths->item)) : NULL;

	if (!grown) {
		free(path);
		return -ENOMEM;
	}
	paths->item = grown;
	paths->item[paths->n++] = path;
	return 0;
}

/* The first n bytes of `path` are its directory, with the slash. */
static int find_in_directory(const char *path, size_t n, struct paths *paths)
{
	char *directory = join(path, n, n ? "" : ".");
	DIR *dir = directory ? opendir(directory) : NULL;
	const struct dirent *entry;
	int code = directory ? 0 : -ENOMEM;

	free(directory);
	if (!code && !dir)
		return -errno;
	for (errno = 0; !code && (entry = readdir(dir)); errno = 0)
		if ((entry->d_name[0] != '.' || path[n] == '.') && include_fits(path + n, entry->d_name))
			code = paths_add(paths, join(path, n, entry->d_name));
	if (!code && errno)
		code = -errno;
	if (dir)
		closedir(dir);
	return code;
}

static int compare_paths(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static int find(const char *path, struct paths *paths)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) + 1 : 0;
	int code;

	if (!strpbrk(path + n, "*?"))
		return access(path, F_OK) ? -errno : paths_add(paths, join(path, 0, path));
	code = find_in_directory(path, n, paths);
	if (paths->n)
		qsort(paths->item, paths->n, sizeof(*paths->item), compare_paths);
	return code;
}

char *path_beside(const char *from, const char *path)
{
	const char *slash = *path != '/' ? strrchr(from, '/') : NULL;

	return join(from, slash ? (size_t)(slash - from) + 1 : 0, path);
}

int include_each(const char *from, const char *pattern, int (*visit)(const char *path, void *context), void *context)
{
	char *path = path_beside(from, pattern);
	struct paths paths = { 0 };
	int code = path ? find(path, &paths) : -ENOMEM;
	size_t i;

	free(path);
	for (i = 0; !code && i < paths.n; i++)
		code = visit(paths.item[i], context);
	for (i = 0; i < paths.n; i++)
		free(paths.item[i]);
	free(paths.item);
	return code;
}
