/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/cgroup_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/array.h"
#include "loader/cgroup.h"
#include "loader/directory.h"
#include "loader/netns.h"

struct process {
	unsigned pid;
	bool is_near; /* in the cgroup itself, or where systemd puts itself below */
};

struct processes {
	struct process *item;
	size_t n, room;
};

static int add(struct processes *all, unsigned pid, bool is_near)
{
	void *grown = array_room(all->item, all->n, &all->room, sizeof(*all->item));

	if (!grown)
		return -ENOMEM;
	all->item = grown;
	all->item[all->n++] = (struct process) { pid, is_near };
	return 0;
}

/* Those of other pid namespaces are 0. A threaded cgroup lists none: they are in the list of the one above. */
static int read_list(int directory, struct processes *all, bool is_near)
{
	int fd = openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC), code = 0;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL;
	size_t room = 0;
	unsigned pid;

	if (!file)
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	while (!code && getline(&line, &room, file) > 0) {
		pid = (unsigned)strtoul(line, NULL, 10);
		code = pid ? add(all, pid, is_near) : 0;
	}
	if (!code && ferror(file) && errno != EOPNOTSUPP && errno != ENODEV)
		code = -errno;
	free(line);
	fclose(file);
	return code;
}

static int read_all(int at, const char *path, struct processes *all, bool is_near, bool is_top)
{
	int directory = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code;
	char *names = NULL, *name;

	if (directory < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	code = read_list(directory, all, is_near);
	if (!code)
		code = directory_below(directory, ".", &names);
	for (name = names; !code && *name; name += strlen(name) + 1)
		code = read_all(directory, name, all, is_top && !strcmp(name, "init.scope"), false);
	free(names);
	close(directory);
	return code == -ENODEV ? 0 : code;
}

static int compare(const void *left, const void *right)
{
	unsigned a = ((const struct process *)left)->pid, b = ((const struct process *)right)->pid;

	return (a > b) - (a < b);
}

/* The fourth field of /proc/PID/stat (proc(5)), behind a name that may hold anything. */
static int parent_of(unsigned pid, unsigned *parent)
{
	char path[32], text[256], *behind;
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -ESRCH;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	behind = strrchr(text, ')');
	if (!behind || strlen(behind) < 4)
		return -ESRCH;
	*parent = (unsigned)strtoul(behind + 4, NULL, 10);
	return 0;
}

static bool is_from_outside(const struct processes *all, unsigned pid)
{
	struct process parent = { 0 };

	return !parent_of(pid, &parent.pid) && !bsearch(&parent, all->item, all->n, sizeof(parent), compare);
}

/* The number of its network namespace; 0: it has ended. */
static ino_t netns_number(unsigned pid)
{
	struct stat status;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	return stat(path, &status) ? 0 : status.st_ino;
}

static int choose(const struct cgroup *cgroup, const struct processes *all, bool itself, unsigned *pid,
		  struct error *err)
{
	ino_t one = 0, other;
	size_t i;

	for (i = 0; i < all->n; i++) {
		unsigned next = all->item[i].pid;

		other = is_from_outside(all, next) ? netns_number(next) : 0;
		if (!other)
			continue;
		if (itself && !all->item[i].is_near)
			return error_set(err, -EINVAL,
					 "cgroup %s: its processes are in cgroups below, so it may be a group of "
					 "containers: name one by pid, or all by cgroup",
					 cgroup->path);
		if (one && one != other)
			return error_set(err, -EINVAL,
					 "cgroup %s: its processes %u and %u are in different network namespaces: name "
					 "the container by pid",
					 cgroup->path, *pid, next);
		one = other;
		*pid = next;
	}
	if (one)
		return 0;
	return error_set(err, -ESRCH, "cgroup %s: no process is in it: start the container, or name it by cgroup",
			 cgroup->path);
}

int cgroup_process(const struct cgroup *cgroup, bool itself, unsigned *pid, struct error *err)
{
	struct processes all = { 0 };
	int code = read_all(cgroup->fd, ".", &all, true, true);

	if (code) {
		error_set(err, code, "cgroup %s: its processes cannot be read: %s", cgroup->path, strerror(-code));
	} else {
		if (all.n)
			qsort(all.item, all.n, sizeof(*all.item), compare);
		code = choose(cgroup, &all, itself, pid, err);
	}
	free(all.item);
	return code;
}

int cgroup_check_process(const struct cgroup *cgroup, unsigned pid, struct error *err)
{
	size_t n = strlen(cgroup->path);
	char path[PATH_MAX];
	int code = cgroup_path_of_pid(pid, path, err);

	if (code || (!strncmp(path, cgroup->path, n) && (!path[n] || path[n] == '/')))
		return code;
	return error_set(err, -ESRCH, "cgroup %s: its process %u has ended: try again", cgroup->path, pid);
}
