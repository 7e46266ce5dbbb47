/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat/plan.h"
#include "loader/constants.h"
#include "loader/embedded.h"
#include "loader/host_features.h"
#include "loader/objects.h"
#include "loader/pins.h"

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

/* The stages of the DNS filter are on no hook: it calls them where names are blocked. */
static bool is_wanted(const struct program_wish *wish, const char *name)
{
	bool has_hook = false;
	unsigned hook;

	for (hook = 1; hook < HOOK_N; hook++) {
		if (strcmp(hook_program(hook), name))
			continue;
		if (wish->hooks & HOOK_BIT(hook))
			return true;
		has_hook = true;
	}
	return !has_hook && (wish->hooks & HOOK_BIT(HOOK_TC_DNS)) && (wish->policy & POLICY_BLOCKS_DOMAINS);
}

/* Leaves out what is not wanted. Whether anything is. */
static bool leave_out(const struct program_wish *wish, struct plan *plan)
{
	bool any = false;
	size_t i;

	for (i = 0; i < plan->spec->n_progs; i++) {
		bool wanted = is_wanted(wish, plan->progs[i].spec->name);

		plan->progs[i].left_out |= !wanted;
		any |= wanted;
	}
	return any;
}

static int load_spec(const struct program_wish *wish, const struct spec *spec, struct program_set *out,
		     struct error *err)
{
	struct features *features = host_features(err);
	struct constant constants[CONSTANTS_N];
	struct objects objects;
	struct plan plan;
	int code = 0;

	if (!features)
		return -EINVAL;
	features_probe_set(features, plan_asks(spec));
	constants_make(features, wish->policy, wish->container, constants);
	code = plan_build(spec, features, constants, CONSTANTS_N, &plan, err);
	if (code)
		return code;
	if (leave_out(wish, &plan)) {
		code = objects_create(&plan, wish->source, wish->context, &objects, err);
		if (!code) {
			code = take_programs(&objects, out, err);
			objects_close(&objects);
		}
	}
	plan_free(&plan);
	return code;
}

static int load_object(const struct program_wish *wish, const struct embedded *embedded, unsigned i,
		       struct program_set *out, struct error *err)
{
	struct spec spec;
	int code = spec_parse(embedded->object[i], &spec, err);

	if (!code) {
		code = load_spec(wish, &spec, out, err);
		spec_free(&spec);
	}
	if (code)
		error_prefix(err, "%s", embedded_name(i));
	return code;
}

int programs_load_some(const struct program_wish *wish, struct program_set *out, struct error *err)
{
	struct embedded embedded;
	unsigned i;
	int code = embedded_open(&embedded, err);

	memset(out, 0, sizeof(*out));
	if (code)
		return code;
	for (i = 0; !code && i < EMBEDDED_N; i++) {
		code = load_object(wish, &embedded, i, out, err);
		embedded_drop(&embedded, i);
	}
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

int programs_load(struct map_set *maps, __u32 policy, struct program_set *out, struct error *err)
{
	const struct program_wish wish = {
		.source = map_set_source,
		.context = maps,
		.policy = policy,
		.container = host_has(FEATURE_SHARED_STORAGE) ? 0 : CONTAINER_NONE,
		.hooks = ~0u,
	};

	return programs_load_some(&wish, out, err);
}

static bool is_among(const char *name, const void *programs)
{
	return programs_have(programs, name);
}

int programs_pin(const struct program_set *programs, const struct options *options, struct error *err)
{
	unsigned i;
	int code = 0;

	for (i = 0; !code && i < programs->n; i++)
		code = pin_replace(options, "progs", programs->item[i].name, programs->item[i].fd, err);
	if (!code)
		pins_remove_others(options, "progs", is_among, programs);
	return code;
}

void programs_close(struct program_set *programs)
{
	while (programs->n)
		close(programs->item[--programs->n].fd);
}

int program_find(const struct program_set *programs, enum hook hook)
{
	unsigned i;

	for (i = 0; i < programs->n; i++)
		if (!strcmp(programs->item[i].name, hook_program(hook)))
			return programs->item[i].fd;
	return -ENOENT;
}

int program_for_container(struct firewall *fw, enum hook hook, __u32 container, struct error *err)
{
	struct map_set maps;
	struct program_set programs;
	const struct program_wish wish = {
		.source = map_set_source,
		.context = &maps,
		.policy = fw->config.specialised,
		.container = container,
		.hooks = HOOK_BIT(hook),
	};
	int code, fd = -ENOENT;

	map_set_begin(&maps, fw->options);
	code = programs_load_some(&wish, &programs, err);
	if (!code) {
		fd = program_find(&programs, hook);
		if (fd >= 0)
			fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		programs_close(&programs);
	}
	map_set_close(&maps);
	return code ? code : fd;
}
