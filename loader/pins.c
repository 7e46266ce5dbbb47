/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/pins.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "loader/command.h"
#include "loader/directory.h"
#include "syscalls/bpf.h"

#define BPFFS_MAGIC 0xcafe4a11 /* BPF_FS_MAGIC, <linux/magic.h> */

static const char *const directories[] = { "maps", "progs", "links" };
#define GONE "gone" /* the maps of a firewall that is being taken down: some of them are no firewall */
#define N_DIRECTORIES (sizeof(directories) / sizeof(*directories))

bool pin_path(const struct options *options, char out[PIN_PATH_MAX], const char *directory, const char *name)
{
	int n = snprintf(out, PIN_PATH_MAX, "%s/bulkhead%s%s%s%s", options->bpffs, directory ? "/" : "",
			 directory ? directory : "", name ? "/" : "", name ? name : "");

	return n > 0 && n < PIN_PATH_MAX;
}

bool path_is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (unsigned)fs.f_type == BPFFS_MAGIC;
}

static const char *what_to_do(int error)
{
	switch (error) {
	case ENODEV:
		return "this kernel has none (CONFIG_BPF_SYSCALL)";
	case ENOTDIR:
		return "name a directory with --bpffs";
	case ENOENT:
		return "mount sysfs on /sys, or give another with --bpffs";
	default:
		return "run as root, or mount it first";
	}
}

int bpffs_ensure(const struct options *options, struct error *err)
{
	if (path_is_bpffs(options->bpffs))
		return 0;
	if (directory_has_entries(options->bpffs))
		return error_set(
			err, -EINVAL,
			"%s: no bpf file system is mounted there, and the directory is not empty: give an empty "
			"one, or mount it",
			options->bpffs);
	if (strcmp(options->bpffs, BPFFS_DEFAULT) && access(options->bpffs, F_OK) && errno == ENOENT)
		return error_set(
			err, -ENOENT,
			"%s: there is no such directory: make it, and a bpf file system is mounted there; or leave "
			"out --bpffs to use " BPFFS_DEFAULT,
			options->bpffs);
	if (access(options->bpffs, F_OK) && mkdir(options->bpffs, 0700))
		return error_set(err, errno == ENOENT ? -EIO : -errno,
				 "%s: the directory for the bpf file system cannot be made: %s: %s", options->bpffs,
				 strerror(errno), what_to_do(errno));
	if (mount("bpf", options->bpffs, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700"))
		return error_set(err, errno == ENODEV ? -ENOTSUP : -errno,
				 "%s: the bpf file system cannot be mounted there: %s: %s", options->bpffs,
				 strerror(errno), what_to_do(errno));
	return 0;
}

static int make_directory(const char *path, struct error *err)
{
	if (!mkdir(path, 0700))
		return 1;
	if (errno == EEXIST)
		return 0;
	return error_set(err, -errno, "%s: the directory cannot be made: %s: run as root", path, strerror(errno));
}

bool pin_is_there(const struct options *options, const char *directory, const char *name)
{
	char path[PIN_PATH_MAX];

	return pin_path(options, path, directory, name) && !access(path, F_OK);
}

bool pins_are_there(const struct options *options)
{
	return pin_is_there(options, directories[0], NULL);
}

int pins_make(const struct options *options, struct error *err)
{
	char path[PIN_PATH_MAX];
	int code;

	if (!pin_path(options, path, NULL, NULL))
		return error_set(err, -ENAMETOOLONG, "%.100s…: the path of bpffs is too long", options->bpffs);
	code = make_directory(path, err);
	return code < 0 ? code : 0;
}

static int empty_directory(const char *path, struct error *err)
{
	char entry[PIN_PATH_MAX + 300];
	DIR *directory = opendir(path);
	struct dirent *item;
	int code = 0;

	if (!directory)
		return errno == ENOENT ? 0 : error_set(err, -errno, "%s: it cannot be read: %s", path, strerror(errno));
	while (!code && (item = readdir(directory))) {
		if (!strcmp(item->d_name, ".") || !strcmp(item->d_name, ".."))
			continue;
		snprintf(entry, sizeof(entry), "%s/%s", path, item->d_name);
		if (unlink(entry) && errno != ENOENT)
			code = error_set(err, -errno, "%s: the pin cannot be removed: %s", entry, strerror(errno));
	}
	closedir(directory);
	if (!code && rmdir(path) && errno != ENOENT)
		code = error_set(err, -errno, "%s: the directory cannot be removed: %s", path, strerror(errno));
	return code;
}

static int remove_gone(const struct options *options, struct error *err)
{
	char path[PIN_PATH_MAX];

	return pin_path(options, path, GONE, NULL) ? empty_directory(path, err) : 0;
}

int pins_make_below(const struct options *options, bool *made, struct error *err)
{
	char path[PIN_PATH_MAX];
	size_t i;
	int code = remove_gone(options, err);

	for (i = 0; code >= 0 && i < N_DIRECTORIES; i++) {
		pin_path(options, path, directories[i], NULL);
		code = make_directory(path, err);
		*made = *made || code == 1;
	}
	return code < 0 ? code : 0;
}

int pins_remove(const struct options *options, struct error *err)
{
	char path[PIN_PATH_MAX], gone[PIN_PATH_MAX];
	size_t i;
	int code = remove_gone(options, err);

	if (!code && pin_path(options, path, directories[0], NULL) && pin_path(options, gone, GONE, NULL) &&
	    rename(path, gone) && errno != ENOENT)
		code = error_set(err, -errno, "%s: it cannot be renamed: %s", path, strerror(errno));
	if (!code)
		code = remove_gone(options, err);
	for (i = N_DIRECTORIES; !code && i-- > 0;) {
		if (!pin_path(options, path, directories[i], NULL))
			return 0;
		code = empty_directory(path, err);
	}
	pin_path(options, path, NULL, NULL);
	if (!code && rmdir(path) && errno != ENOENT)
		code = error_set(err, -errno, "%s: the directory cannot be removed: %s", path, strerror(errno));
	return code;
}

int pin_replace(const struct options *options, const char *directory, const char *name, int fd, struct error *err)
{
	char path[PIN_PATH_MAX], fresh[PIN_PATH_MAX + 8];
	int code;

	if (!pin_path(options, path, directory, name))
		return error_set(err, -ENAMETOOLONG, "%s: its pin's path is too long", name);
	snprintf(fresh, sizeof(fresh), "%s_new", path);
	unlink(fresh);
	code = sys_bpf_obj_pin(fd, fresh);
	if (!code && rename(fresh, path)) {
		code = -errno;
		unlink(fresh);
	}
	if (code)
		return error_set(err, code, "%s: it cannot be pinned: %s", path, strerror(-code));
	return 0;
}

void pin_remove(const struct options *options, const char *directory, const char *name)
{
	char path[PIN_PATH_MAX];

	if (pin_path(options, path, directory, name))
		unlink(path);
}

void pins_remove_others(const struct options *options, const char *directory, pin_is_kept *is_kept, const void *context)
{
	char path[PIN_PATH_MAX], entry[PIN_PATH_MAX + 300];
	struct dirent *item;
	DIR *open_directory;

	if (!pin_path(options, path, directory, NULL))
		return;
	open_directory = opendir(path);
	while (open_directory && (item = readdir(open_directory))) {
		if (item->d_name[0] == '.' || is_kept(item->d_name, context))
			continue;
		snprintf(entry, sizeof(entry), "%s/%s", path, item->d_name);
		unlink(entry);
	}
	if (open_directory)
		closedir(open_directory);
}

int pin_open(const struct options *options, const char *directory, const char *name)
{
	char path[PIN_PATH_MAX];

	return pin_path(options, path, directory, name) ? sys_bpf_obj_get(path) : -ENAMETOOLONG;
}
