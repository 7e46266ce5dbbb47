/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include "loader/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "loader/attach.h"
#include "loader/command.h"
#include "loader/directory.h"
#include "loader/host_features.h"
#include "loader/netns.h"
#include "loader/pins.h"

#define CGROUP2_MAGIC 0x63677270 /* CGROUP2_SUPER_MAGIC, <linux/magic.h> */
#define UNIFIED_DIRECTORY "/sys/fs/cgroup"

static bool is_cgroup2(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (unsigned long)fs.f_type == CGROUP2_MAGIC;
}

/* One line of /proc/self/mountinfo (proc(5)): the mount point if it is a whole cgroup2. A shadowed mount is listed too.
 */
static bool mount_of_line(char *line, char mount[PATH_MAX])
{
	enum { ROOT = 3, MOUNT_POINT = 4 };
	char *separator = strstr(line, " - "), *rest = NULL, *field;
	int i;

	if (!separator || strncmp(separator + 3, "cgroup2 ", 8))
		return false;
	field = strtok_r(line, " ", &rest);
	for (i = 0; field && i < MOUNT_POINT; i++) {
		if (i == ROOT && strcmp(field, "/"))
			return false;
		field = strtok_r(NULL, " ", &rest);
	}
	if (!field || strlen(field) >= PATH_MAX)
		return false;
	strcpy(mount, field);
	return is_cgroup2(mount);
}

static int mount_find(char mount[PATH_MAX])
{
	FILE *info = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	if (info) {
		while (!found && getline(&line, &room, info) > 0)
			found = mount_of_line(line, mount);
		free(line);
		fclose(info);
	} else if (is_cgroup2(UNIFIED_DIRECTORY)) {
		strcpy(mount, UNIFIED_DIRECTORY);
		found = true;
	}
	return found ? 0 : -ENOENT;
}

/* One `up` pins all programs that it has. */
static bool was_left_out(const struct options *options)
{
	return pin_is_there(options, "progs", hook_program(HOOK_XDP)) &&
	       !pin_is_there(options, "progs", hook_program(HOOK_CGROUP_EGRESS));
}

int cgroup_check_programs(const struct options *options, struct error *err)
{
	struct features *features = host_features(err);

	if (!features)
		return -EINVAL;
	if (features_get(features, FEATURE_CGROUP_SKB) == NO)
		return error_set(err, -ENOTSUP,
				 "cgroups: this kernel runs no programs there: it was built without %s: name the "
				 "target by dev or netns",
				 feature_option(FEATURE_CGROUP_SKB));
	if (was_left_out(options))
		return error_set(err, -ENOTSUP,
				 "cgroups: `up` left their programs out, as the kernel was said to run none (%s): run "
				 "`bulkhead up` again, or name the target by dev or netns",
				 feature_option(FEATURE_CGROUP_SKB));
	return 0;
}

/* Where a host keeps it: on /sys/fs/cgroup, or below where that has the first version's controllers, which must not be
 * hidden. */
int cgroup_place(bool may_mount, char place[PATH_MAX], struct error *err)
{
	if (!mount_find(place))
		return 0;
	strcpy(place, UNIFIED_DIRECTORY);
	if (directory_has_entries(place))
		strcat(place, "/unified");
	if (!may_mount)
		return error_set(err, -ENOENT, "cgroup2: it is not mounted: without -n it would be mounted on %s",
				 place);
	mkdir(place, 0755);
	if (!mount("cgroup2", place, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return 0;
	if (errno == ENODEV)
		return error_set(err, -ENOTSUP,
				 "cgroup2: this kernel has none: it was built without CONFIG_CGROUPS: name the target "
				 "by dev or netns");
	return error_set(err, -errno,
			 "cgroup2: it is not mounted, and mounting it on %s failed: %s: mount it, or name the target "
			 "by dev or netns",
			 place, strerror(errno));
}

/* Since Linux 5.5 the inode's number is the cgroup's id where it has 64 bits; the handle has it everywhere. */
static __u64 id_of(int fd)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(__u64)];
	} request = { .handle = { .handle_bytes = sizeof(__u64) } };
	struct stat status;
	__u64 id;
	int mount_id;

	if (!name_to_handle_at(fd, "", &request.handle, &mount_id, AT_EMPTY_PATH)) {
		memcpy(&id, request.handle.f_handle, sizeof(id));
		return id;
	}
	return fstat(fd, &status) ? 0 : status.st_ino;
}

/* Not in a cgroup namespace of its own, where what is above is not seen: the first inode is the hierarchy's root. */
static bool is_whole(const char *place)
{
	struct stat status;

	return !stat(place, &status) && status.st_ino == 1;
}

/* How many bytes of a path are the mount point: `place`, or another of the whole hierarchy. 0: none. */
static size_t mount_bytes(const char *place, const char *full)
{
	size_t n = strlen(place);
	char path[PATH_MAX];

	if (!strncmp(full, place, n) && (full[n] == '/' || !full[n]))
		return n;
	n = strlen(full);
	if (n >= sizeof(path))
		return 0;
	strcpy(path, full);
	for (; n; n--) {
		if (full[n] && full[n] != '/')
			continue;
		path[n] = '\0';
		if (is_cgroup2(path) && is_whole(path))
			break;
	}
	return n;
}

static int path_below(const char *place, const char *full, char out[1024], struct error *err)
{
	const char *below = full + mount_bytes(place, full);

	if (!*below)
		below = "/";
	if (strlen(below) >= 1024)
		return error_set(err, -ENAMETOOLONG, "%s: the cgroup's path is longer than 1023 bytes", full);
	strcpy(out, below);
	return 0;
}

static int refuse_root(int code, const char *what, struct error *err)
{
	return error_set(
		err, code,
		"%s the root cgroup, which is the whole host: move it to one of its own, or name the target by "
		"dev or netns",
		what);
}

static bool is_root(const char *place, const struct cgroup *cgroup)
{
	int fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool same = fd >= 0 && id_of(fd) == cgroup->id;

	if (fd >= 0)
		close(fd);
	return same || !strcmp(cgroup->path, "/");
}

static int open_full(const char *place, const char *full, struct cgroup *out, struct error *err)
{
	struct stat status;

	out->fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (out->fd < 0)
		return error_set(err, -errno, "%s: the cgroup cannot be opened: %s: name a directory below %s", full,
				 errno == ENOENT ? "it is not there" : strerror(errno), place);
	if (!is_cgroup2(full) || fstat(out->fd, &status)) {
		cgroup_close(out);
		return error_set(err, -ENOENT, "%s: it is not a cgroup of the unified hierarchy: name one below %s",
				 full, place);
	}
	out->id = id_of(out->fd);
	return path_below(place, full, out->path, err);
}

static int open_named(const char *place, const char *path, struct cgroup *out, struct error *err)
{
	char full[PATH_MAX], joined[2 * PATH_MAX];

	if (path[0] == '/' && realpath(path, full) && is_cgroup2(full))
		return open_full(place, full, out, err);
	if (path[0] == '/' && !access(path, F_OK))
		return error_set(err, -ENOENT, "%s: it is not a cgroup of the unified hierarchy: name one below %s",
				 path, place);
	snprintf(joined, sizeof(joined), "%s/%s", place, path[0] == '/' ? path + 1 : path);
	if (!realpath(joined, full))
		return error_set(err, -ENOENT, "%s: there is no such cgroup, here or below %s", path, place);
	return open_full(place, full, out, err);
}

int cgroup_open(const struct options *options, const char *path, struct cgroup *out, struct error *err)
{
	char place[PATH_MAX], what[PATH_MAX + 16];
	int code;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	code = cgroup_check_programs(options, err);
	if (!code)
		code = cgroup_place(!options->dry_run, place, err);
	if (!code)
		code = open_named(place, path, out, err);
	if (code || !is_root(place, out))
		return code;
	cgroup_close(out);
	snprintf(what, sizeof(what), "cgroup %s: it is", path);
	return refuse_root(-EINVAL, what, err);
}

/* One that was named on another mount, of a part of cgroup2, is kept by its whole path. */
static void full_path(const char *place, const char *path, char full[2 * PATH_MAX])
{
	snprintf(full, 2 * PATH_MAX, "%s%s", place, path);
	if (access(full, F_OK) && is_cgroup2(path))
		snprintf(full, 2 * PATH_MAX, "%s", path);
}

static int open_below(const char *path, bool may_mount, struct cgroup *out, struct error *err)
{
	char place[PATH_MAX], full[2 * PATH_MAX];
	int code;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	code = cgroup_place(may_mount, place, err);
	if (code)
		return code;
	full_path(place, path, full);
	return open_full(place, full, out, err);
}

int cgroup_reopen(const char *path, struct cgroup *out, struct error *err)
{
	return open_below(path, true, out, err);
}

bool cgroup_is_there(const char *path, __u64 id)
{
	char place[PATH_MAX], full[2 * PATH_MAX];
	bool same;
	int fd;

	if (mount_find(place) || !is_whole(place))
		return true;
	full_path(place, path, full);
	fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno != ENOENT && errno != ENODEV;
	same = id_of(fd) == id;
	close(fd);
	return same;
}

/*
 * The line "0::PATH" of /proc/PID/cgroup (cgroups(7)), which is not there before cgroup2 was mounted for the first
 * time: then all are in its root.
 */
int cgroup_path_of_pid(unsigned pid, char path[PATH_MAX], struct error *err)
{
	char name[64], *line = NULL;
	size_t room = 0;
	FILE *file;
	int code = 0;

	if (access("/proc/self/cgroup", F_OK) && errno == ENOENT)
		return error_set(err, -ENOTSUP,
				 "pid %u: this kernel has no cgroups: it was built without CONFIG_CGROUPS: name the "
				 "target by dev or netns",
				 pid);
	snprintf(name, sizeof(name), "/proc/%u/cgroup", pid);
	file = fopen(name, "re");
	if (!file)
		return process_refused(pid, errno, err);
	strcpy(path, "/");
	while (getline(&line, &room, file) > 0) {
		if (strncmp(line, "0::", 3))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(path, PATH_MAX, "%s", line + 3);
	}
	if (ferror(file)) /* it has ended meanwhile: that is not the root */
		code = process_refused(pid, errno, err);
	free(line);
	fclose(file);
	return code;
}

int cgroup_of_pid(const struct options *options, unsigned pid, struct cgroup *out, struct error *err)
{
	char path[PATH_MAX], what[32];
	int code = cgroup_check_programs(options, err);

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	if (!code)
		code = cgroup_path_of_pid(pid, path, err);
	if (code)
		return code;
	snprintf(what, sizeof(what), "pid %u: it is in", pid);
	if (!strcmp(path, "/"))
		return refuse_root(CGROUP_IN_ROOT, what, err);
	return open_below(path, !options->dry_run, out, err);
}

void cgroup_close(struct cgroup *cgroup)
{
	if (cgroup->fd >= 0)
		close(cgroup->fd);
	cgroup->fd = -1;
}
