/* SPDX-License-Identifier: GPL-2.0 */
/* From an object's bytes to its spec: the order in which the parts are read. */
#include <errno.h>
#include <string.h>

#include "elf/object.h"

static int read_license(struct object *object, struct error *err)
{
	const struct elf_section *section = elf_section_named(&object->file, "license");

	object->spec->license = "";
	if (!section || !section->bytes.size)
		return 0;
	object->spec->license = view_string(section->bytes, 0);
	if (object->spec->license)
		return 0;
	return error_set(err, -EINVAL,
			 "object: section license: its text does not end: "
			 "write char _license[] SEC(\"license\") = \"GPL\"");
}

static int read_version(struct object *object, struct error *err)
{
	const struct elf_section *section = elf_section_named(&object->file, "version");

	if (!section || !section->bytes.size)
		return 0;
	if (view_u32(section->bytes, 0, object->file.big_endian, &object->spec->version))
		return 0;
	return error_set(err, -EINVAL,
			 "object: section version: is shorter than a number of 4 bytes: "
			 "write __u32 _version SEC(\"version\") = 0");
}

/* Maps before programs, whose instructions name them; their first contents last, since these name programs. */
static int read_object(struct view bytes, struct object *object, struct error *err)
{
	static int (*const parts[])(struct object *, struct error *) = {
		read_license,   read_version, maps_read_btf,   maps_read_legacy,
		maps_read_data, progs_read,   maps_read_slots,
	};
	int result = elf_read(bytes, object->spec->mem, &object->file, err);
	size_t i;

	if (!result)
		result = btf_read(&object->file, &object->btf, err);
	object->spec->big_endian = object->file.big_endian;
	object->spec->btf.raw = object->btf.raw;
	object->spec->btf.n_types = object->btf.n;
	for (i = 0; !result && i < sizeof(parts) / sizeof(parts[0]); i++)
		result = parts[i](object, err);
	return result;
}

int spec_parse(struct view bytes, struct spec *out, struct error *err)
{
	struct object object = { .spec = out };
	struct error unheard = { 0 };
	int result;

	if (!err)
		err = &unheard;
	memset(out, 0, sizeof(*out));
	out->mem = arena_new();
	if (!out->mem)
		return error_set(err, -ENOMEM, "object: out of memory: free some");
	result = read_object(bytes, &object, err);
	if (result)
		spec_free(out);
	return result;
}

void spec_free(struct spec *spec)
{
	if (spec->mem)
		arena_free(spec->mem);
	memset(spec, 0, sizeof(*spec));
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
