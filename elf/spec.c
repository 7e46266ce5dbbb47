/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/spec.h"

#include <errno.h>
#include <string.h>

#include "elf/code.h"
#include "elf/object.h"
#include "elf/section_names.h"

static int read_license(struct object *object, struct error *err)
{
	const struct elf_section *license = elf_section_named(&object->file, "license");
	const struct elf_section *version = elf_section_named(&object->file, "version");

	object->spec->license = "";
	if (license) {
		object->spec->license = view_string(license->bytes, 0);
		if (!object->spec->license)
			return error_set(err, -EINVAL, "section license: it is no terminated string");
	}
	if (version && !view_u32(version->bytes, 0, object->file.big_endian, &object->spec->version))
		return error_set(err, -EINVAL, "section version: %zu bytes: it is a number of 4", version->bytes.size);
	return 0;
}

/* A static function that a program array holds is a program. */
static int want_program(struct object *object, const struct slot_place *slot, void *context, struct error *err)
{
	const struct code *code = context;
	size_t i;

	(void)object;
	(void)err;
	for (i = 0; i < code->n_functions; i++)
		if (code->functions[i].section == slot->section && code->functions[i].start * 8 == slot->offset)
			code->functions[i].is_program = true;
	return 0;
}

int progs_read(struct object *object, struct error *err)
{
	struct spec *spec = object->spec;
	struct code code;
	size_t i, n = 0;
	int result = code_read(object, &code, err);

	if (!result)
		result = slots_each(object, want_program, &code, err);
	if (result)
		return result;
	for (i = 0; i < code.n_functions; i++)
		n += code.functions[i].is_program;
	if (n > PROGS_MAX)
		return error_set(err, -E2BIG, "%zu programs: at most %d", n, PROGS_MAX);
	spec->progs = arena_array(spec->mem, n, sizeof(*spec->progs));
	object->prog_places = arena_array(object->file.mem, n, sizeof(*object->prog_places));
	if (!spec->progs || !object->prog_places)
		return error_set(err, -ENOMEM, "no memory for %zu programs", n);
	result = link_prepare(object, &code, err);
	for (i = 0; !result && i < code.n_functions; i++) {
		struct prog_spec *prog;

		if (!code.functions[i].is_program)
			continue;
		object->prog_places[spec->n_progs] = (struct prog_place) { code.functions[i].section,
									   code.functions[i].start };
		prog = &spec->progs[spec->n_progs++];
		prog->name = code.functions[i].name;
		prog->section = object->file.sections[code.functions[i].section].name;
		section_name_read(prog->section, prog);
		result = program_link(object, &code, &code.functions[i], prog, err);
	}
	return result;
}

static int read_all(struct object *object, struct view bytes, struct arena *scratch, struct error *err)
{
	int code = elf_read(bytes, scratch, &object->file, err);

	object->spec->big_endian = object->file.big_endian;
	if (!code)
		code = read_license(object, err);
	if (!code)
		code = btf_read(&object->file, object->spec->mem, &object->btf, err);
	if (!code)
		code = maps_read_btf(object, err);
	if (!code)
		code = maps_read_legacy(object, err);
	if (!code)
		code = maps_read_data(object, err);
	if (!code)
		code = progs_read(object, err);
	if (!code)
		code = maps_read_slots(object, err);
	object->spec->btf.raw = object->btf.raw;
	object->spec->btf.n_types = object->btf.n;
	return code;
}

int spec_parse(struct view bytes, struct spec *out, struct error *err)
{
	struct object object = { .spec = out };
	struct arena *scratch = arena_new();
	int code;

	memset(out, 0, sizeof(*out));
	out->license = "";
	out->mem = arena_new();
	if (out->mem && scratch)
		code = read_all(&object, bytes, scratch, err);
	else
		code = error_set(err, -ENOMEM, "no memory to read an object");
	arena_free(scratch);
	if (code)
		spec_free(out);
	return code;
}

void spec_free(struct spec *spec)
{
	arena_free(spec->mem);
	memset(spec, 0, sizeof(*spec));
	spec->license = "";
}

const struct map_spec *spec_map(const struct spec *spec, const char *name)
{
	size_t i;

	for (i = 0; i < spec->n_maps; i++)
		if (!strcmp(spec->maps[i].name, name))
			return &spec->maps[i];
	return NULL;
}

const struct prog_spec *spec_prog(const struct spec *spec, const char *name)
{
	size_t i;

	for (i = 0; i < spec->n_progs; i++)
		if (!strcmp(spec->progs[i].name, name))
			return &spec->progs[i];
	return NULL;
}
