/* SPDX-License-Identifier: GPL-2.0 */
/* object FILE.o: what an eBPF object holds, from its bytes alone. */
#include <errno.h>
#include <stdio.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/json.h"
#include "loader/object_file.h"

static const char *reloc_kind(enum reloc_kind kind)
{
	static const char *const words[] = {
		[RELOC_MAP] = "map",           [RELOC_MAP_VALUE] = "map_value",
		[RELOC_CONSTANT] = "constant", [RELOC_SUBPROG] = "subprogram",
		[RELOC_EXTERN_CALL] = "kfunc", [RELOC_CORE] = "core",
	};

	return words[kind];
}

static const char *reloc_target(const struct spec *spec, const struct reloc_spec *reloc)
{
	if (reloc->kind == RELOC_MAP || reloc->kind == RELOC_MAP_VALUE)
		return spec->maps[reloc->index].name;
	return reloc->name ? reloc->name : "";
}

static void map_json(struct json *json, const struct map_spec *map)
{
	char room[16];

	json_object(json);
	json_member(json, "name", map->name);
	json_member(json, "type", map_type_text(map->type, room));
	json_member_unsigned(json, "key_size", map->key_size);
	json_member_unsigned(json, "value_size", map->value_size);
	json_member_unsigned(json, "max_entries", map->max_entries);
	json_member_unsigned(json, "flags", map->flags);
	json_member(json, "section", map->section);
	json_key(json, "pinned_by_name");
	json_bool(json, map->pin_by_name);
	json_key(json, "read_only");
	json_bool(json, map->is_read_only);
	json_member_unsigned(json, "slots", map->n_slots);
	json_end_object(json);
}

static void relocs_json(struct json *json, const struct spec *spec, const struct prog_spec *prog)
{
	size_t i;

	json_key(json, "relocations");
	json_array(json);
	for (i = 0; i < prog->n_relocs; i++) {
		const struct reloc_spec *reloc = &prog->relocs[i];

		json_object(json);
		json_member_unsigned(json, "instruction", reloc->insn);
		json_member(json, "kind", reloc_kind(reloc->kind));
		json_member(json, "target", reloc_target(spec, reloc));
		if (reloc->kind == RELOC_MAP_VALUE)
			json_member_unsigned(json, "offset", reloc->offset);
		json_end_object(json);
	}
	json_end_array(json);
}

static void prog_json(struct json *json, const struct spec *spec, const struct prog_spec *prog)
{
	char room[16];

	json_object(json);
	json_member(json, "name", prog->name);
	json_member(json, "section", prog->section);
	json_member(json, "type", prog_type_text(prog->type, room));
	json_member(json, "attach_to", prog->attach_to ? prog->attach_to : "");
	json_member_unsigned(json, "instructions", prog->n_insns);
	json_member_unsigned(json, "subprograms", prog->n_subprogs);
	json_member_unsigned(json, "functions_described", prog->n_funcs);
	json_member_unsigned(json, "lines_described", prog->n_lines);
	relocs_json(json, spec, prog);
	json_end_object(json);
}

static void print_json(const struct spec *spec)
{
	struct json json;
	size_t i;

	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "license", spec->license);
	json_member(&json, "byte_order", spec->big_endian ? "big" : "little");
	json_member_unsigned(&json, "btf_types", spec->btf.n_types);
	json_key(&json, "maps");
	json_array(&json);
	for (i = 0; i < spec->n_maps; i++)
		map_json(&json, &spec->maps[i]);
	json_end_array(&json);
	json_key(&json, "programs");
	json_array(&json);
	for (i = 0; i < spec->n_progs; i++)
		prog_json(&json, spec, &spec->progs[i]);
	json_end_array(&json);
	json_end_object(&json);
	json_finish(&json);
}

/* The object's own words come from untrusted bytes: what could steer a terminal is not passed on. */
static void put(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 127 ? '?' : *text);
}

static void map_text(const struct map_spec *map)
{
	char room[16];

	printf("map ");
	put(map->name);
	printf(": %s, key %u bytes, value %u bytes, %u entries", map_type_text(map->type, room), map->key_size,
	       map->value_size, map->max_entries);
	if (map->flags)
		printf(", flags %#x", map->flags);
	if (map->n_slots)
		printf(", %zu slot%s filled", map->n_slots, map->n_slots == 1 ? "" : "s");
	printf("%s%s\n", map->pin_by_name ? ", pinned by name" : "", map->is_read_only ? ", read-only" : "");
}

static void prog_text(const struct spec *spec, const struct prog_spec *prog)
{
	char room[16];
	size_t i;

	printf("program ");
	put(prog->name);
	printf(": %s, section ", prog_type_text(prog->type, room));
	put(prog->section);
	printf(", %zu instructions", prog->n_insns);
	if (prog->n_subprogs)
		printf(", %zu function%s linked in", prog->n_subprogs, prog->n_subprogs == 1 ? "" : "s");
	printf("\n");
	for (i = 0; i < prog->n_relocs; i++) {
		printf("  at %-5zu %-10s ", prog->relocs[i].insn, reloc_kind(prog->relocs[i].kind));
		put(reloc_target(spec, &prog->relocs[i]));
		printf("\n");
	}
}

static void print_text(const struct spec *spec)
{
	size_t i;

	printf("%s-endian, licence ", spec->big_endian ? "big" : "little");
	put(*spec->license ? spec->license : "(none)");
	printf(", %u types\n", spec->btf.n_types);
	for (i = 0; i < spec->n_maps; i++)
		map_text(&spec->maps[i]);
	for (i = 0; i < spec->n_progs; i++)
		prog_text(spec, &spec->progs[i]);
}

int object_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct object_file file;
	int code;

	if (n_words != 1)
		return usage_error(err, "object: one file is needed: object FILE.o");
	code = object_file_read(words[0], &file, err);
	if (code)
		return code == -EINVAL ? EXIT_USAGE : exit_status_of(code);
	if (options->json)
		print_json(&file.spec);
	else
		print_text(&file.spec);
	object_file_free(&file);
	return EXIT_DONE;
}
