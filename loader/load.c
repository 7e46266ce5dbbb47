/* SPDX-License-Identifier: GPL-2.0 */
/* load FILE.o DIR: any object, with its maps and programs pinned in DIR. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/host_features.h"
#include "loader/json.h"
#include "loader/kernel_map.h"
#include "loader/object_file.h"
#include "loader/objects.h"
#include "loader/pins.h"
#include "syscalls/bpf.h"

/* ---- maps that are shared by name: pinned in the bpf file system's root ---- */

static bool shared_path(const struct options *options, const char *name, char path[PIN_PATH_MAX])
{
	int n = snprintf(path, PIN_PATH_MAX, "%s/%s", options->bpffs, name);

	return n > 0 && n < PIN_PATH_MAX;
}

static int shared_map(const struct map_plan *map, void *context, struct error *err)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	char path[PIN_PATH_MAX];
	int fd, code;

	if (!map->spec->pin_by_name || !shared_path(context, map->spec->name, path))
		return MAP_ANEW;
	fd = sys_bpf_obj_get(path);
	if (fd == -ENOENT)
		return MAP_ANEW;
	code = fd < 0 ? fd : sys_bpf_info(fd, &info, &size);
	if (!code && (info.type != map->type || info.key_size != map->key_size || info.value_size != map->value_size ||
		      info.max_entries != kernel_map_entries(map) || info.map_flags != map->flags))
		code = error_set(err, -EEXIST,
				 "map %s: %s is a map of another shape: unlink it, or give this one another name",
				 map->spec->name, path);
	if (!code)
		return fd;
	if (fd >= 0)
		close(fd);
	return error_set(err, code, "map %s: %s cannot be used: %s", map->spec->name, path, strerror(-code));
}

/* ---- pins ---- */

struct pinning {
	const struct options *options;
	const char *directory;
	char (*made)[PIN_PATH_MAX]; /* what this call has pinned */
	size_t n_made;
};

/* bpffs takes no dots in names. */
static bool pin_name(const char *directory, const char *name, char path[PIN_PATH_MAX])
{
	int n = snprintf(path, PIN_PATH_MAX, "%s/%s", directory, name);
	char *at;

	if (n <= 0 || n >= PIN_PATH_MAX)
		return false;
	for (at = path + strlen(directory) + 1; *at; at++)
		if (*at == '.' || *at == '/')
			*at = '_';
	return true;
}

static int pin(struct pinning *pinning, const char *path, int fd, struct error *err)
{
	int code = sys_bpf_obj_pin(fd, path);

	if (code == -EEXIST)
		return error_set(err, code, "%s: something is pinned there already: name another directory", path);
	if (code)
		return error_set(err, code, "%s: it cannot be pinned: %s", path, strerror(-code));
	memcpy(pinning->made[pinning->n_made++], path, PIN_PATH_MAX);
	return 0;
}

static int pin_in_directory(struct pinning *pinning, const char *name, int fd, struct error *err)
{
	char path[PIN_PATH_MAX] = "";

	if (!pin_name(pinning->directory, name, path))
		return error_set(err, -ENAMETOOLONG, "%.100s: the path of a pin is too long: use a shorter DIR", name);
	return pin(pinning, path, fd, err);
}

/* One that was there already keeps its pin. */
static int pin_shared(struct pinning *pinning, const char *name, int fd, struct error *err)
{
	char path[PIN_PATH_MAX] = "";
	int code;

	if (!shared_path(pinning->options, name, path))
		return error_set(err, -ENAMETOOLONG, "%.100s: the path of a pin is too long", name);
	if (!access(path, F_OK))
		return 0;
	code = pin(pinning, path, fd, err);
	return code;
}

static int pin_all(struct pinning *pinning, const struct objects *objects, struct error *err)
{
	const struct spec *spec = objects->plan->spec;
	size_t i;
	int code = 0;

	pinning->made = calloc(2 * spec->n_maps + spec->n_progs + 1, PIN_PATH_MAX);
	if (!pinning->made)
		return error_set(err, -ENOMEM, "no memory for the pins' names");
	for (i = 0; !code && i < spec->n_maps; i++) {
		code = pin_in_directory(pinning, spec->maps[i].name, objects->map_fds[i], err);
		if (!code && spec->maps[i].pin_by_name)
			code = pin_shared(pinning, spec->maps[i].name, objects->map_fds[i], err);
	}
	for (i = 0; !code && i < spec->n_progs; i++)
		code = pin_in_directory(pinning, spec->progs[i].name, objects->prog_fds[i], err);
	while (code && pinning->n_made)
		unlink(pinning->made[--pinning->n_made]);
	return code;
}

/* ---- the command ---- */

static int load_planned(const struct options *options, const struct plan *plan, const char *directory,
			struct error *err)
{
	struct pinning pinning = { .options = options, .directory = directory };
	struct objects objects;
	bool made = !mkdir(directory, 0700);
	int code;

	if (!made && errno != EEXIST)
		return error_set(err, -errno,
				 "%s: the directory cannot be made: %s: name one on a bpf file system, such "
				 "as /sys/fs/bpf/NAME",
				 directory, strerror(errno));
	code = path_is_bpffs(directory)
		       ? 0
		       : error_set(err, -EIO, "%s: it is not on a bpf file system: name a directory below %s",
				   directory, options->bpffs);
	if (!code)
		code = objects_create(plan, shared_map, (void *)(size_t)options, &objects, err);
	if (!code) {
		code = pin_all(&pinning, &objects, err);
		objects_close(&objects);
	}
	free(pinning.made);
	if (code && made)
		rmdir(directory);
	return code;
}

static void report(const struct options *options, const struct spec *spec, const char *directory)
{
	struct json json;
	size_t i;

	if (!options->json) {
		if (!options->quiet)
			printf("%s: %zu programs and %zu maps\n", directory, spec->n_progs, spec->n_maps);
		return;
	}
	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "directory", directory);
	json_key(&json, "programs");
	json_array(&json);
	for (i = 0; i < spec->n_progs; i++)
		json_string(&json, spec->progs[i].name);
	json_end_array(&json);
	json_key(&json, "maps");
	json_array(&json);
	for (i = 0; i < spec->n_maps; i++)
		json_string(&json, spec->maps[i].name);
	json_end_array(&json);
	json_end_object(&json);
	json_finish(&json);
}

static int load_spec(const struct options *options, const struct spec *spec, const char *directory, struct error *err)
{
	struct features *features = host_features(err);
	struct plan plan;
	int code;

	if (!features)
		return -EINVAL;
	features_probe_set(features, plan_asks(spec));
	code = plan_build(spec, features, NULL, 0, &plan, err);
	if (code)
		return code;
	if (!options->dry_run) {
		code = bpffs_ensure(options, err);
		if (!code)
			code = load_planned(options, &plan, directory, err);
	}
	plan_free(&plan);
	return code;
}

/* A contradiction in the object is the file's fault; what the kernel answers is not. */
static int status_of(int code)
{
	return code == -EINVAL || code == -ENOEXEC ? EXIT_USAGE : exit_status_of(code);
}

int load_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct object_file file;
	int code;

	if (n_words != 2)
		return usage_error(err, "load: a file and a directory are needed: load FILE.o DIR");
	code = object_file_read(words[0], &file, err);
	if (code)
		return status_of(code);
	code = load_spec(options, &file.spec, words[1], err);
	if (!code)
		report(options, &file.spec, words[1]);
	object_file_free(&file);
	return status_of(code);
}
