/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/container_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/fw_abi.h"
#include "loader/cgroup_process.h"
#include "loader/directory.h"
#include "loader/words.h"

#define DIGITS 64      /* of an id that a runtime makes */
#define DIGITS_MIN 4   /* of those that are enough, where no other id begins with them */
#define SHOWN_MAX 3    /* of several that were found */
#define SHOWN_TEXT 200 /* bytes of each */

/* How runtimes name a container's cgroup. Those of monitors (libpod-conmon-, crio-conmon-, lxc.monitor.) fit none. */
static const struct shape {
	const char *before, *behind;
	bool is_docker;
	bool takes_names;   /* instead of an id of digits */
	const char *inside; /* the container's own, beside that of its supervisor */
} shapes[] = {
	{ .before = "docker-", .behind = ".scope", .is_docker = true },
	{ .before = "libpod-", .behind = ".scope" },
	{ .before = "libpod-", .behind = "" },
	{ .before = "libpod-payload-", .behind = "" },
	{ .before = "cri-containerd-", .behind = ".scope" },
	{ .before = "crio-", .behind = ".scope" },
	{ .before = "crio-", .behind = "" },
	{ .before = "nerdctl-", .behind = ".scope" },
	{ .before = "runc-", .behind = ".scope", .takes_names = true },
	{ .before = "crun-", .behind = ".scope", .takes_names = true },
	{ .before = "lxc.payload.", .behind = "", .takes_names = true },
	{ .before = "systemd-nspawn@", .behind = ".service", .takes_names = true, .inside = "/payload" },
	{ .before = "machine-", .behind = ".scope", .takes_names = true, .inside = "/payload" },
	{ .before = "",
	  .behind = "",
	  .takes_names = true }, /* the id alone: wherever cgroups are made without systemd */
};

struct search {
	const char *id;
	bool docker;
	size_t place;        /* bytes of `path` that are the mount point */
	char path[PATH_MAX]; /* where the walk is */
	unsigned n;
	bool by_name;                              /* what was found has nothing but its name to tell it */
	char found[SHOWN_MAX][FW_CGROUP_PATH_MAX]; /* the first of them, below the mount */
	struct error *err;
};

static bool is_digits(const char *text)
{
	return text[strspn(text, "0123456789abcdef")] == '\0';
}

/* What systemd calls its own, which no runtime calls a container. */
static bool is_unit(const char *name)
{
	static const char *const ends[] = { ".slice", ".service", ".scope", ".mount", ".socket", ".swap" };
	size_t i, n = strlen(name), end;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		end = strlen(ends[i]);
		if (n > end && !strcmp(name + n - end, ends[i]))
			return true;
	}
	return false;
}

static int hex_digit(char digit)
{
	const char *all = "0123456789abcdef", *at = digit ? strchr(all, digit) : NULL;

	return at ? (int)(at - all) : -1;
}

/* systemd writes bytes of a name as \xNN (unit_name_escape). */
static void unescape(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && text[1] == 'x' && hex_digit(text[2]) >= 0 && hex_digit(text[3]) >= 0) {
			*to++ = (char)(hex_digit(text[2]) << 4 | hex_digit(text[3]));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

/* The part of a directory's name that a shape has for the id. */
static bool part_of(const struct shape *shape, const char *name, char part[NAME_MAX + 1])
{
	size_t before = strlen(shape->before), behind = strlen(shape->behind), n = strlen(name);

	if (n <= before + behind || n > NAME_MAX || strncmp(name, shape->before, before) ||
	    strcmp(name + n - behind, shape->behind))
		return false;
	memcpy(part, name + before, n - before - behind);
	part[n - before - behind] = '\0';
	if (shape->inside)
		unescape(part);
	return true;
}

/* Whether the directory that the walk is in has that name. */
static bool is_in(const struct search *search, const char *name)
{
	const char *last = strrchr(search->path + search->place, '/');

	return last && !strcmp(last + 1, name);
}

static bool is_dockers(const struct search *search, const struct shape *shape)
{
	return shape->is_docker || (!*shape->before && is_in(search, "docker"));
}

static int add_found(struct search *search, const struct shape *shape, const char *name, bool by_name)
{
	const char *below = search->path + search->place, *inside = shape->inside ? shape->inside : "";
	char *found = search->found[search->n < SHOWN_MAX ? search->n : SHOWN_MAX - 1];

	if (strlen(below) + strlen(name) + strlen(inside) + 2 > FW_CGROUP_PATH_MAX)
		return error_set(search->err, -ENAMETOOLONG, "%s: its cgroup's path is longer than 1023 bytes",
				 search->id);
	if (search->n < SHOWN_MAX)
		sprintf(found, "%s/%s%s", below, name, inside);
	search->by_name = by_name;
	search->n++;
	return 0;
}

/* Digits may be the first of an id, where they are enough; a name is there whole. */
static bool is_meant(const struct search *search, const struct shape *shape, const char *name, const char *part,
		     bool digits)
{
	size_t n = strlen(search->id);

	if (search->docker && !(digits && is_dockers(search, shape)))
		return false;
	if (digits)
		return n >= DIGITS_MIN && !strncmp(part, search->id, n);
	return shape->takes_names && !strcmp(part, search->id) && (*shape->before || !is_unit(name));
}

/*
 * Takes a directory that the id names. *is_container: it is one, that or another, and what is below it is its own
 * affair. A pod of podman's has an id too, and containers below.
 */
static int look_at(struct search *search, const char *name, bool *is_container)
{
	const struct shape *shape;
	char part[NAME_MAX + 1];
	bool digits;
	size_t i;

	for (i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		shape = &shapes[i];
		if (!part_of(shape, name, part))
			continue;
		digits = strlen(part) == DIGITS && is_digits(part);
		*is_container = digits ? *shape->before || !is_in(search, "libpod_parent")
				       : shape->takes_names && *shape->before;
		if (is_meant(search, shape, name, part, digits)) {
			*is_container |= !digits;
			return add_found(search, shape, name, !digits && !*shape->before);
		}
		if (digits || *is_container)
			return 0;
	}
	return 0;
}

static int walk(struct search *search);

static int walk_into(struct search *search, const char *name)
{
	size_t n = strlen(search->path);
	bool is_container = false;
	int code = look_at(search, name, &is_container);

	if (code || is_container || n + strlen(name) + 2 > sizeof(search->path))
		return code;
	sprintf(search->path + n, "/%s", name);
	code = walk(search);
	search->path[n] = '\0';
	return code;
}

/* What cannot be read may hold another of the same id. */
static int walk(struct search *search)
{
	char *names, *name;
	int code = directory_below(AT_FDCWD, search->path, &names);

	if (code == -ENOENT || code == -ENODEV) /* it has gone meanwhile */
		return 0;
	if (code)
		return error_set(search->err, code, "%s: it cannot be read: %s", search->path, strerror(-code));
	for (name = names; !code && *name; name += strlen(name) + 1)
		code = walk_into(search, name);
	free(names);
	return code;
}

static int check_id(const char *id, bool docker, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	size_t n = strlen(id);

	if (docker && (n < DIGITS_MIN || n > DIGITS || !is_digits(id)))
		return error_set(err, -EINVAL,
				 "docker %s: it is not an id: give %d digits of it or more, as `docker ps` shows them",
				 word_shown(id, shown), DIGITS_MIN);
	if (!n || n > NAME_MAX || id[0] == '.' || strchr(id, '/'))
		return error_set(err, -EINVAL,
				 "container %s: it is not an id: give its first digits or its name, as its runtime "
				 "lists them",
				 word_shown(id, shown));
	return 0;
}

static int check_found(const struct search *search)
{
	const char *what = search->docker ? "docker" : "container";
	char shown[WORD_SHOWN_MAX], text[SHOWN_MAX * (SHOWN_TEXT + 2) + 1] = "";
	unsigned i;

	word_shown(search->id, shown);
	if (!search->n)
		return error_set(
			search->err, -ENOENT,
			"%s %s: no cgroup has that id as runtimes write it: it does not run, or name it by pid "
			"or cgroup",
			what, shown);
	if (search->n == 1)
		return 0;
	for (i = 0; i < search->n && i < SHOWN_MAX; i++)
		sprintf(text + strlen(text), "%s%.*s", i ? ", " : "", SHOWN_TEXT, search->found[i]);
	return error_set(search->err, -EINVAL, "%s %s: it may be %s%s: give more digits, or name one by cgroup", what,
			 shown, text, search->n > SHOWN_MAX ? " and others" : "");
}

static int take(const struct search *search, struct cgroup *out, unsigned *pid)
{
	int code = cgroup_reopen(search->found[0], out, search->err);

	if (code)
		return code;
	code = cgroup_process(out, search->by_name, pid, search->err);
	if (code)
		cgroup_close(out);
	return code;
}

int container_cgroup_find(const char *id, bool docker, bool may_mount, struct cgroup *out, unsigned *pid,
			  struct error *err)
{
	struct search *search = calloc(1, sizeof(*search));
	int code = search ? check_id(id, docker, err) : error_set(err, -ENOMEM, "no memory");

	out->fd = -1;
	if (!code) {
		search->id = id;
		search->docker = docker;
		search->err = err;
		code = cgroup_place(may_mount, search->path, err);
	}
	if (!code) {
		search->place = strlen(search->path);
		code = walk(search);
	}
	if (!code)
		code = check_found(search);
	if (!code)
		code = take(search, out, pid);
	free(search);
	return code;
}
