/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat/plan.h"
#include "loader/constants.h"
#include "loader/embedded.h"
#include "loader/host_features.h"
#include "loader/objects.h"
#include "loader/pins.h"

/* What is taken from one object once it is in the kernel. */
struct loading {
	struct map_set *maps;
	__u32 policy, container;
	struct program_set *out;
};

static int take_programs(const struct objects *objects, struct program_set *out, struct error *err)
{
	size_t i;

	for (i = 0; i < objects->plan->spec->n_progs; i++) {
		const char *name = objects->plan->progs[i].spec->name;
		int fd;

		if (objects->plan->progs[i].left_out)
			continue;
		fd = out->n < PROGRAMS_MAX ? fcntl(objects->prog_fds[i], F_DUPFD_CLOEXEC, 3) : -1;
		if (fd < 0)
			return error_set(err, -EMFILE, "program %s: no descriptor is left for it", name);
		snprintf(out->item[out->n].name, sizeof(out->item[out->n].name), "%s", name);
		out->item[out->n++].fd = fd;
	}
	return 0;
}

static int load_spec(const struct loading *loading, const struct spec *spec, struct error *err)
{
	struct features *features = host_features(err);
	struct constant constants[CONSTANTS_N];
	struct objects objects;
	struct plan plan;
	int code;

	if (!features)
		return -EINVAL;
	features_probe_set(features, plan_asks(spec));
	constants_make(features, loading->policy, loading->container, constants);
	code = plan_build(spec, features, constants, CONSTANTS_N, &plan, err);
	if (code)
		return code;
	code = objects_create(&plan, map_set_source, loading->maps, &objects, err);
	if (!code) {
		code = take_programs(&objects, loading->out, err);
		objects_close(&objects);
	}
	plan_free(&plan);
	return code;
}

static int load_object(const struct loading *loading, const struct embedded *embedded, unsigned i, struct error *err)
{
	struct spec spec;
	int code = spec_parse(embedded->object[i], &spec, err);

	if (!code) {
		code = load_spec(loading, &spec, err);
		spec_free(&spec);
	}
	if (code)
		error_prefix(err, "%s", embedded_name(i));
	return code;
}

int programs_load(struct map_set *maps, __u32 policy, struct program_set *out, struct error *err)
{
	struct loading loading = { .maps = maps, .policy = policy, .out = out };
	struct embedded embedded;
	unsigned i;
	int code = embedded_open(&embedded, err);

	memset(out, 0, sizeof(*out));
	if (code)
		return code;
	if (!host_has(FEATURE_SHARED_STORAGE))
		loading.container = CONTAINER_NONE;
	for (i = 0; !code && i < EMBEDDED_N; i++)
		code = load_object(&loading, &embedded, i, err);
	embedded_close(&embedded);
	if (code)
		programs_close(out);
	return code;
}

bool programs_have(const struct program_set *programs, const char *name)
{
	unsigned i;

	for (i = 0; i < programs->n; i++)
		if (!strcmp(programs->item[i].name, name))
			return true;
	return false;
}

int programs_pin(const struct program_set *programs, const struct options *options, struct error *err)
{
	unsigned i;
	int code = 0, hook;

	for (i = 0; !code && i < programs->n; i++)
		code = pin_replace(options, "progs", programs->item[i].name, programs->item[i].fd, err);
	for (hook = 1; !code && hook < HOOK_N; hook++)
		if (!programs_have(programs, hook_program((enum hook)hook)))
			pin_remove(options, "progs", hook_program((enum hook)hook));
	return code;
}

void programs_close(struct program_set *programs)
{
	while (programs->n)
		close(programs->item[--programs->n].fd);
}

int program_for_container(struct firewall *fw, enum hook hook, __u32 container, struct error *err)
{
	struct program_set programs = { .n = 0 };
	struct map_set maps;
	struct loading loading = {
		.maps = &maps,
		.policy = fw->config.specialised,
		.container = container,
		.out = &programs,
	};
	struct embedded embedded;
	unsigned i;
	int code = embedded_open(&embedded, err), fd = -ENOENT;

	if (code)
		return code;
	map_set_begin(&maps, fw->options);
	code = load_object(&loading, &embedded, hook == HOOK_CGROUP_DNS ? EMBEDDED_DNS : EMBEDDED_CGROUP, err);
	embedded_close(&embedded);
	for (i = 0; !code && i < programs.n; i++)
		if (!strcmp(programs.item[i].name, hook_program(hook)))
			fd = fcntl(programs.item[i].fd, F_DUPFD_CLOEXEC, 3);
	programs_close(&programs);
	map_set_close(&maps);
	return code ? code : fd;
}
