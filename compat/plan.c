/* SPDX-License-Identifier: GPL-2.0 */
/* From what an object says and what the kernel can do, to what to ask for. */
#include "compat/plan.h"

#include <errno.h>
#include <string.h>

#include "compat/plan_parts.h"
#include "elf/arena.h"
#include "elf/error.h"

int refuse_feature(const struct plan_context *context, const char *kind, const char *name, enum feature feature)
{
	const char *option = feature_option(feature);

	if (context->features->err[feature] == -ENOSYS) /* there is no bpf(2) */
		option = "CONFIG_BPF_SYSCALL";
	return error_set(context->err, -ENOTSUP, "%s %s: needs %s, which this kernel lacks: use Linux %s or newer%s%s",
			 kind, name, feature_summary(feature), feature_since(feature), option ? ", built with " : "",
			 option ? option : "");
}

void kernel_name(char to[16], const char *name, bool dots)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t i;

	memset(to, 0, 16);
	for (i = 0; i < 15 && name[i]; i++)
		to[i] = strchr(plain, name[i]) || (dots && name[i] == '.') ? name[i] : '_';
}

static int check_byte_order(const struct spec *spec, struct error *err)
{
	static const char *const order[] = { "little", "big" };
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	if (spec->big_endian == big)
		return 0;
	return error_set(err, -ENOEXEC,
			 "object: is for %s-endian machines and this one is %s-endian: "
			 "compile it with -target %s",
			 order[spec->big_endian], order[big], big ? "bpfeb" : "bpfel");
}

static bool has_constants(const struct spec *spec)
{
	size_t i, k;

	for (i = 0; i < spec->n_progs; i++)
		for (k = 0; k < spec->progs[i].n_relocs; k++)
			if (spec->progs[i].relocs[k].kind == RELOC_CONSTANT)
				return true;
	return false;
}

static void *take(struct plan_context *context, size_t n, size_t size)
{
	void *memory = arena_alloc(context->mem, n && size ? n * size : 1);

	if (memory)
		memset(memory, 0, n * size);
	else
		error_set(context->err, -ENOMEM, "plan: out of memory: free some");
	return memory;
}

static int build(struct plan_context *context, struct plan *out)
{
	const struct spec *spec = context->spec;
	int result;
	size_t i;

	out->maps = take(context, spec->n_maps, sizeof(*out->maps));
	out->progs = take(context, spec->n_progs, sizeof(*out->progs));
	out->notes = take(context, FEATURE_N, sizeof(*out->notes));
	if (!out->maps || !out->progs || !out->notes)
		return -ENOMEM;
	result = btf_sanitise(spec->btf.raw, context->features, context->mem, &out->btf);
	context->has_btf = out->btf.size != 0;
	for (i = 0; !result && i < spec->n_maps; i++)
		result = plan_map(context, &spec->maps[i], &out->maps[i]);
	for (i = 0; !result && i < spec->n_progs; i++)
		result = plan_prog(context, &spec->progs[i], &out->progs[i]);
	if (!result)
		out->n_notes = plan_notes_for_features(context->features, plan_asks(spec), out->notes);
	return result;
}

int plan_build(const struct spec *spec, const struct features *features, const struct constant *constants,
	       size_t n_constants, struct plan *out, struct error *err)
{
	struct plan_context context = {
		.spec = spec,
		.features = features,
		.constants = constants,
		.n_constants = n_constants,
		.adaptable = has_constants(spec),
		.err = err,
	};
	int result;

	memset(out, 0, sizeof(*out));
	result = check_byte_order(spec, err);
	if (result)
		return result;
	context.mem = arena_new();
	if (!context.mem)
		return error_set(err, -ENOMEM, "plan: out of memory: free some");
	out->spec = spec;
	out->mem = context.mem;
	result = build(&context, out);
	if (result) {
		error_set(err, result, "plan: out of memory: free some"); /* where nothing more exact was said */
		plan_free(out);
	}
	return result;
}

void plan_free(struct plan *plan)
{
	if (plan->mem)
		arena_free(plan->mem);
	memset(plan, 0, sizeof(*plan));
}
