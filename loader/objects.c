/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/objects.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/kernel_map.h"
#include "loader/kernel_prog.h"
#include "syscalls/bpf.h"

/* Types that are refused are done without: they are for listings. */
static void load_types(struct objects *objects)
{
	const struct view *btf = &objects->plan->btf;
	int fd;

	if (!btf->size)
		return;
	fd = sys_bpf_btf_load(btf->data, (__u32)btf->size, NULL, 0, 0);
	if (fd >= 0)
		objects->btf_fd = fd;
}

static int make_maps(struct objects *objects, map_source source, void *context, struct error *err)
{
	const struct plan *plan = objects->plan;
	size_t i;

	for (i = 0; i < plan->spec->n_maps; i++) {
		int fd = source ? source(&plan->maps[i], context, err) : MAP_ANEW;

		if (fd == MAP_ANEW)
			fd = kernel_map_make(&plan->maps[i], objects->btf_fd, err);
		if (fd < 0)
			return fd;
		objects->map_fds[i] = fd;
	}
	return 0;
}

static int load_programs(struct objects *objects, struct error *err)
{
	size_t i;

	for (i = 0; i < objects->plan->spec->n_progs; i++) {
		int fd;

		if (objects->plan->progs[i].left_out)
			continue;
		fd = kernel_prog_load(objects->plan, i, objects->map_fds, objects->btf_fd, err);
		if (fd < 0)
			return fd;
		objects->prog_fds[i] = fd;
	}
	return 0;
}

/* Maps in maps before the programs, which may need them; programs in maps when there are programs. */
static int fill_slots(struct objects *objects, bool maps, struct error *err)
{
	const struct spec *spec = objects->plan->spec;
	size_t i, k;

	for (i = 0; i < spec->n_maps; i++) {
		for (k = 0; k < spec->maps[i].n_slots; k++) {
			const struct map_slot *slot = &spec->maps[i].slots[k];
			const int *fds = slot->is_map ? objects->map_fds : objects->prog_fds;
			int code;

			if (slot->is_map != maps || fds[slot->target] < 0)
				continue;
			code = sys_bpf_map_update(objects->map_fds[i], &slot->index, &fds[slot->target], BPF_ANY);
			if (code)
				return error_set(err, code, "map %s: slot %u cannot be filled: %s", spec->maps[i].name,
						 slot->index, strerror(-code));
		}
	}
	return 0;
}

static int *no_descriptors(size_t n)
{
	int *fds = malloc((n + 1) * sizeof(*fds));
	size_t i;

	for (i = 0; fds && i < n; i++)
		fds[i] = -1;
	return fds;
}

int objects_create(const struct plan *plan, map_source source, void *context, struct objects *out, struct error *err)
{
	int code = 0;

	memset(out, 0, sizeof(*out));
	out->plan = plan;
	out->map_fds = no_descriptors(plan->spec->n_maps);
	out->prog_fds = no_descriptors(plan->spec->n_progs);
	if (!out->map_fds || !out->prog_fds)
		code = error_set(err, -ENOMEM, "no memory for the object's maps and programs");
	kernel_memory_unlock();
	if (!code) {
		load_types(out);
		code = make_maps(out, source, context, err);
	}
	if (!code)
		code = fill_slots(out, true, err);
	if (!code)
		code = load_programs(out, err);
	if (!code)
		code = fill_slots(out, false, err);
	if (code)
		objects_close(out);
	return code;
}

static void close_all(int *fds, size_t n)
{
	size_t i;

	for (i = 0; fds && i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(fds);
}

void objects_close(struct objects *objects)
{
	if (!objects->plan)
		return;
	close_all(objects->prog_fds, objects->plan->spec->n_progs);
	close_all(objects->map_fds, objects->plan->spec->n_maps);
	if (objects->btf_fd > 0)
		close(objects->btf_fd);
	memset(objects, 0, sizeof(*objects));
}
