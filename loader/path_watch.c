/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/path_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/fw_abi.h"
#include "loader/array.h"
#include "loader/policy_include.h"

#define LINKS_MAX 40 /* the kernel's own bound */

/* On the way to a file names count; of the file itself its bytes and its mode too. */
#define NAMES                                                                                                          \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD)
#define CONTENTS (IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB)

/* Of the directory itself; the last three are of any. */
#define SELF (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED | IN_Q_OVERFLOW)

struct path_watched {
	int wd;     /* of the directory; -1: `name` is a path that is looked at */
	__u64 seen; /* what was there then, as a hash */
	char *name;
};

int path_watch_open(struct path_watch *watch)
{
	memset(watch, 0, sizeof(*watch));
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return watch->fd < 0 ? -errno : 0;
}

void path_watch_look(struct path_watch *watch)
{
	memset(watch, 0, sizeof(*watch));
	watch->fd = -1;
}

void path_watch_close(struct path_watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	while (watch->n)
		free(watch->item[--watch->n].name);
	free(watch->item);
	path_watch_look(watch);
}

/* ---- what is watched ---- */

static __u64 hash(__u64 so_far, const void *bytes, size_t n)
{
	const __u8 *byte = bytes;

	while (n--)
		so_far = fnv1a_hash(so_far, *byte++);
	return so_far;
}

/* Of what the path leads to; of a pattern, its directory: what fits is looked at by itself. 0: nothing is there. */
static __u64 look(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX];
	struct stat there;
	__u64 seen = FNV1A_OFFSET_BASIS;

	if (strpbrk(slash ? slash : path, "*?")) {
		snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
		path = directory;
	}
	if (stat(path, &there))
		return 0;
	seen = hash(seen, &there.st_dev, sizeof(there.st_dev));
	seen = hash(seen, &there.st_ino, sizeof(there.st_ino));
	seen = hash(seen, &there.st_mode, sizeof(there.st_mode));
	seen = hash(seen, &there.st_size, sizeof(there.st_size));
	return hash(seen, &there.st_ctim, sizeof(there.st_ctim));
}

static int keep(struct path_watch *watch, int wd, const char *name)
{
	struct path_watched *grown;
	size_t i;

	for (i = 0; i < watch->n; i++)
		if (watch->item[i].wd == wd && !strcmp(watch->item[i].name, name))
			return 0;
	grown = array_room(watch->item, watch->n, &watch->room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	watch->item = grown;
	grown[watch->n].wd = wd;
	grown[watch->n].seen = wd < 0 ? look(name) : 0;
	grown[watch->n].name = strdup(name);
	return grown[watch->n].name ? (watch->n++, 0) : -ENOMEM;
}

/* False: the way ends here. */
static bool watch_name(struct path_watch *watch, const char *directory, const char *name, bool is_last)
{
	int wd = inotify_add_watch(watch->fd, *directory ? directory : ".", NAMES | (is_last ? CONTENTS : 0));
	int code = wd < 0 ? -errno : keep(watch, wd, name);

	if ((code == -ENOSPC || code == -ENOMEM) && !watch->code)
		watch->code = code;
	return !code;
}

/* The way that is gone, and the way that is left to go; both end without a slash. */
struct way {
	char gone[PATH_MAX], left[PATH_MAX];
	unsigned links;
};

/* Goes one part on. False: it does not fit. */
static bool go_to(struct way *way, const char *name)
{
	size_t n = strlen(way->gone);
	const char *slash = n && way->gone[n - 1] != '/' ? "/" : "";

	return (size_t)snprintf(way->gone + n, sizeof(way->gone) - n, "%s%s", slash, name) < sizeof(way->gone) - n;
}

/* Where the name is a symbolic link the way goes on by what it says. False: it is none, or leads nowhere. */
static bool take_link(struct way *way, const char *name)
{
	char link[PATH_MAX], target[PATH_MAX], left[PATH_MAX];
	size_t n = strlen(way->gone);
	ssize_t size;

	if ((size_t)snprintf(link, sizeof(link), "%s%s%s", way->gone, n && way->gone[n - 1] != '/' ? "/" : "", name) >=
	    sizeof(link))
		return false;
	size = readlink(link, target, sizeof(target) - 1);
	if (size <= 0 || way->links++ == LINKS_MAX)
		return false;
	target[size] = '\0';
	if ((size_t)snprintf(left, sizeof(left), "%s/%s", target, way->left) >= sizeof(left))
		return false;
	if (*target == '/')
		strcpy(way->gone, "/");
	strcpy(way->left, left);
	return true;
}

/* Takes the next part off what is left; "" at the end. */
static const char *next_part(struct way *way, char name[NAME_MAX + 1])
{
	size_t begin = strspn(way->left, "/"), n = strcspn(way->left + begin, "/");

	if (n > NAME_MAX)
		n = 0;
	memcpy(name, way->left + begin, n);
	name[n] = '\0';
	begin += n;
	begin += strspn(way->left + begin, "/");
	memmove(way->left, way->left + begin, strlen(way->left + begin) + 1);
	return name;
}

static void follow_way(struct path_watch *watch, struct way *way)
{
	char name[NAME_MAX + 1];

	while (*next_part(way, name)) {
		if (!strcmp(name, "."))
			continue;
		if (strcmp(name, "..")) {
			if (!watch_name(watch, way->gone, name, !*way->left))
				return;
			if (take_link(way, name))
				continue;
		}
		if (!go_to(way, name))
			return;
	}
}

void path_watch_add(struct path_watch *watch, const char *path)
{
	struct way *way;

	if (watch->fd < 0) {
		keep(watch, -1, path);
		return;
	}
	way = calloc(1, sizeof(*way));
	if (!way) {
		watch->code = watch->code ? watch->code : -ENOMEM;
		return;
	}
	if (strlen(path) < sizeof(way->left)) {
		strcpy(way->gone, *path == '/' ? "/" : "");
		strcpy(way->left, path);
		follow_way(watch, way);
	}
	free(way);
}

/* ---- what has happened ---- */

static bool matters(const struct path_watch *watch, const struct inotify_event *event)
{
	size_t i;

	if (event->mask & SELF)
		return true;
	for (i = 0; i < watch->n; i++)
		if (watch->item[i].wd == event->wd && event->len && include_fits(watch->item[i].name, event->name))
			return true;
	return false;
}

static bool looks_different(struct path_watch *watch)
{
	bool different = false;
	size_t i;

	for (i = 0; i < watch->n; i++) {
		__u64 now = look(watch->item[i].name);

		different |= now != watch->item[i].seen;
		watch->item[i].seen = now;
	}
	return different;
}

bool path_watch_changed(struct path_watch *watch)
{
	char bytes[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *event;
	bool changed = false;
	ssize_t size, at;

	if (watch->fd < 0)
		return looks_different(watch);
	while ((size = read(watch->fd, bytes, sizeof(bytes))) > 0) {
		for (at = 0; at < size; at += (ssize_t)(sizeof(*event) + event->len)) {
			event = (const struct inotify_event *)(bytes + at);
			changed = changed || matters(watch, event);
		}
	}
	return changed;
}
