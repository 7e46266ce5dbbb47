/* SPDX-License-Identifier: GPL-2.0 */
/* compat/plan*.c over hand-written specs and features: each fallback, and each refusal by name. No kernel is asked. */
#include "compat/plan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/btf.h>

#include "elf/error.h"

#define HOST_BIG (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
#define LD64 (BPF_LD | BPF_IMM | BPF_DW)
#define MOV                                                                                                            \
	{                                                                                                              \
		BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0                                                                \
	}
#define EXIT                                                                                                           \
	{                                                                                                              \
		BPF_JMP | BPF_EXIT, 0, 0, 0, 0                                                                         \
	}

/* One object: a map, and a program that loads 64 bits; tests change what they are about. */
struct object {
	struct insn insns[6];
	struct reloc_spec reloc;
	struct func_info func;
	struct line_info line;
	struct map_spec map;
	struct prog_spec prog;
	struct spec spec;
	struct features features;
	struct plan plan;
	struct error err;
};

static void set_all(struct features *features, enum tristate state)
{
	unsigned i;

	memset(features, 0, sizeof(*features));
	for (i = 0; i < FEATURE_N; i++)
		features->state[i] = state;
}

static struct object *fresh(struct object *o)
{
	static const struct insn insns[] = { { LD64, 1, 0, 0, 0 }, { 0 }, MOV, MOV, MOV, EXIT };

	memset(o, 0, sizeof(*o));
	memcpy(o->insns, insns, sizeof(insns));
	o->reloc = (struct reloc_spec) { .insn = 0, .kind = RELOC_MAP, .index = 0, .name = "name" };
	o->map = (struct map_spec) { .name = "table",
				     .type = BPF_MAP_TYPE_HASH,
				     .key_size = 4,
				     .value_size = 8,
				     .max_entries = 16,
				     .btf_key = 1,
				     .btf_value = 1 };
	o->prog = (struct prog_spec) { .name = "a_program_of_a_long_name",
				       .section = "xdp",
				       .type = BPF_PROG_TYPE_XDP,
				       .has_attach_type = true,
				       .attach_type = 37,
				       .insns = o->insns,
				       .n_insns = 6,
				       .relocs = &o->reloc,
				       .n_relocs = 1 };
	o->spec = (struct spec) {
		.maps = &o->map, .n_maps = 1, .progs = &o->prog, .n_progs = 1, .license = "GPL", .big_endian = HOST_BIG
	};
	set_all(&o->features, YES);
	return o;
}

static const struct constant constants[] = { { "other", 9 }, { "name", 0x1122334455667788ULL } };

static int build(struct object *o)
{
	return plan_build(&o->spec, &o->features, constants, 2, &o->plan, &o->err);
}

static void builds(struct object *o)
{
	assert_int_equal(build(o), 0);
	assert_int_equal(o->err.code, 0);
}

/* Refused with that errno, and a sentence that says that. */
static void refuses(struct object *o, int code, const char *says)
{
	assert_int_equal(build(o), code);
	assert_int_equal(o->err.code, code);
	if (!strstr(o->err.text, says))
		fail_msg("\"%s\" does not say \"%s\"", o->err.text, says);
	assert_null(o->plan.mem);
	assert_null(o->plan.maps);
}

static void makes_adaptable(struct object *o)
{
	o->reloc.kind = RELOC_CONSTANT;
}

static bool has_note(const struct plan *plan, enum feature feature, const char *fallback)
{
	size_t i;

	for (i = 0; i < plan->n_notes; i++)
		if (plan->notes[i].feature == feature)
			return !strcmp(plan->notes[i].fallback, fallback) && plan->notes[i].why[0];
	return false;
}

static void new_kernel_gets_everything(void **state)
{
	struct object o;

	(void)state;
	builds(fresh(&o));
	assert_string_equal(o.plan.progs[0].name, "a_program_of_a_");
	assert_int_equal(o.plan.progs[0].attach_type, 37);
	assert_string_equal(o.plan.maps[0].name, "table");
	assert_int_equal(o.plan.maps[0].btf_key, 0); /* the object has no types */
	assert_int_equal(o.plan.n_notes, 0);
	assert_ptr_equal(o.plan.spec, &o.spec);
	plan_free(&o.plan);
	plan_free(&o.plan);
}

static void instructions_are_in_the_hosts_layout(void **state)
{
	struct object o;
	const struct bpf_insn *insns;

	(void)state;
	fresh(&o)->insns[3] = (struct insn) { BPF_STX | BPF_MEM | BPF_DW, 10, 6, -8, -2 };
	builds(&o);
	insns = o.plan.progs[0].insns;
	assert_int_equal(o.plan.progs[0].n_insns, 6);
	assert_int_equal(insns[3].code, BPF_STX | BPF_MEM | BPF_DW);
	assert_int_equal(insns[3].dst_reg, 10);
	assert_int_equal(insns[3].src_reg, 6);
	assert_int_equal(insns[3].off, -8);
	assert_int_equal(insns[3].imm, -2);
	plan_free(&o.plan);
}

static void relocations_are_placed(void **state)
{
	static const struct {
		enum reloc_kind kind;
		unsigned src;
		__u32 low, high;
	} rows[] = {
		{ RELOC_MAP, BPF_PSEUDO_MAP_FD, 0, 0 },
		{ RELOC_MAP_VALUE, BPF_PSEUDO_MAP_VALUE, 0, 24 },
		{ RELOC_CONSTANT, 0, 0x55667788, 0x11223344 },
		{ RELOC_SUBPROG, 4, 3, 0 },
	};
	struct object o;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fresh(&o)->reloc.kind = rows[i].kind;
		o.reloc.offset = 24;
		o.insns[0].imm = rows[i].kind == RELOC_SUBPROG ? 3 : 0;
		builds(&o);
		assert_int_equal(o.plan.progs[0].insns[0].src_reg, rows[i].src);
		assert_int_equal((__u32)o.plan.progs[0].insns[0].imm, rows[i].low);
		assert_int_equal((__u32)o.plan.progs[0].insns[1].imm, rows[i].high);
		plan_free(&o.plan);
	}
}

static void what_is_not_done_here_is_refused_by_name(void **state)
{
	struct object o;

	(void)state;
	fresh(&o)->reloc.kind = RELOC_CORE;
	o.reloc.name = "0:1:2";
	refuses(&o, -ENOTSUP, "CO-RE relocation (0:1:2)");
	fresh(&o)->reloc.kind = RELOC_EXTERN_CALL;
	o.reloc.name = "bpf_task_acquire";
	refuses(&o, -ENOTSUP, "bpf_task_acquire: is a function of the kernel (kfunc)");
	fresh(&o)->reloc.kind = RELOC_CONSTANT;
	o.reloc.name = "CONFIG_HZ";
	refuses(&o, -ENOTSUP, "CONFIG_HZ: is defined nowhere");
	fresh(&o)->map.type = BPF_MAP_TYPE_STRUCT_OPS;
	refuses(&o, -ENOTSUP, "map table: is a struct_ops");
	fresh(&o)->prog.type = BPF_PROG_TYPE_STRUCT_OPS;
	refuses(&o, -ENOTSUP, "struct_ops");
	fresh(&o)->prog.type = BPF_PROG_TYPE_TRACING;
	refuses(&o, -ENOTSUP, "by the kernel's own types");
	fresh(&o)->prog.type = 0;
	o.prog.section = "mine";
	refuses(&o, -EINVAL, "section mine: names no type");
	fresh(&o)->spec.big_endian = !HOST_BIG;
	refuses(&o, -ENOEXEC, "-endian");
	fresh(&o)->reloc.insn = 5;
	refuses(&o, -EINVAL, "instruction 5");
}

static void ring_becomes_perf_array_where_the_object_chooses(void **state)
{
	struct object o;

	(void)state;
	fresh(&o)->map = (struct map_spec) { .name = "events", .type = BPF_MAP_TYPE_RINGBUF, .max_entries = 4096 };
	makes_adaptable(&o);
	builds(&o);
	assert_int_equal(o.plan.maps[0].type, BPF_MAP_TYPE_RINGBUF);
	assert_int_equal(o.plan.maps[0].max_entries, 4096);
	plan_free(&o.plan);
	o.features.state[FEATURE_RINGBUF] = NO;
	builds(&o);
	assert_int_equal(o.plan.maps[0].type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	assert_int_equal(o.plan.maps[0].key_size, 4);
	assert_int_equal(o.plan.maps[0].value_size, 4);
	assert_int_equal(o.plan.maps[0].max_entries, 0);
	assert_true(has_note(&o.plan, FEATURE_RINGBUF, "perf event array"));
	plan_free(&o.plan);
	o.features.state[FEATURE_RINGBUF] = UNKNOWN;
	builds(&o);
	assert_int_equal(o.plan.maps[0].type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	plan_free(&o.plan);
	o.reloc.kind = RELOC_MAP;
	builds(&o);
	assert_int_equal(o.plan.maps[0].type, BPF_MAP_TYPE_RINGBUF);
	plan_free(&o.plan);
	o.features.state[FEATURE_RINGBUF] = NO;
	refuses(&o, -ENOTSUP, "map events: needs ring buffers");
}

static void cgroup_storage_becomes_a_hash_where_the_object_chooses(void **state)
{
	struct object o;

	(void)state;
	fresh(&o)->map = (struct map_spec) {
		.name = "store", .type = BPF_MAP_TYPE_CGROUP_STORAGE, .key_size = 16, .value_size = 8
	};
	o.features.state[FEATURE_CGROUP_STORAGE] = NO;
	refuses(&o, -ENOTSUP, "map store: needs storage");
	memset(&o.err, 0, sizeof(o.err));
	o.features.state[FEATURE_SHARED_STORAGE] = NO;
	makes_adaptable(&o);
	builds(&o);
	assert_int_equal(o.plan.maps[0].type, BPF_MAP_TYPE_HASH);
	assert_int_equal(o.plan.maps[0].key_size, 16);
	assert_int_equal(o.plan.maps[0].value_size, 8);
	assert_int_equal(o.plan.maps[0].max_entries, 1);
	assert_true(has_note(&o.plan, FEATURE_CGROUP_STORAGE, "one program for each container"));
	plan_free(&o.plan);
}

/* What is loaded again while its older programs run needs a map for both; any other object does not. */
static void storage_that_is_not_shared_is_none_where_the_object_chooses(void **state)
{
	struct object o;

	(void)state;
	fresh(&o)->map = (struct map_spec) {
		.name = "store", .type = BPF_MAP_TYPE_CGROUP_STORAGE, .key_size = 16, .value_size = 8
	};
	o.features.state[FEATURE_SHARED_STORAGE] = NO;
	builds(&o);
	assert_int_equal(o.plan.maps[0].type, BPF_MAP_TYPE_CGROUP_STORAGE);
	plan_free(&o.plan);
	makes_adaptable(&o);
	builds(&o);
	assert_int_equal(o.plan.maps[0].type, BPF_MAP_TYPE_HASH);
	assert_true(has_note(&o.plan, FEATURE_SHARED_STORAGE, "one program for each container"));
	plan_free(&o.plan);
}

static void old_kernel_gets_no_names_and_no_attach_type(void **state)
{
	struct object o;

	(void)state;
	fresh(&o)->features.state[FEATURE_NAMES] = NO;
	o.features.state[FEATURE_ATTACH_TYPE] = NO;
	builds(&o);
	assert_string_equal(o.plan.maps[0].name, "");
	assert_string_equal(o.plan.progs[0].name, "");
	assert_int_equal(o.plan.progs[0].attach_type, 0);
	assert_true(has_note(&o.plan, FEATURE_NAMES, "no names"));
	assert_true(has_note(&o.plan, FEATURE_ATTACH_TYPE, "attach type left out"));
	plan_free(&o.plan);
}

static void names_are_made_fit(void **state)
{
	struct object o;

	(void)state;
	fresh(&o)->map.name = "my-object.rodata.x";
	builds(&o);
	assert_string_equal(o.plan.maps[0].name, "my_object.rodat");
	plan_free(&o.plan);
	o.features.state[FEATURE_GLOBAL_DATA] = NO;
	builds(&o);
	assert_string_equal(o.plan.maps[0].name, "my_object_rodat");
	plan_free(&o.plan);
}

static void what_nothing_replaces_is_refused_by_name(void **state)
{
	static const struct {
		enum feature feature;
		__u32 type;
		const char *says;
	} rows[] = {
		{ FEATURE_LPM_TRIE, BPF_MAP_TYPE_LPM_TRIE, "map table: needs longest-prefix-match tables" },
		{ FEATURE_LRU_HASH, BPF_MAP_TYPE_LRU_HASH, "map table: needs hash tables that evict" },
		{ FEATURE_LRU_HASH, BPF_MAP_TYPE_LRU_PERCPU_HASH, "map table: needs" },
		{ FEATURE_XDP, BPF_MAP_TYPE_HASH, "program a_program_of_a_long_name: needs XDP" },
	};
	struct object o;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fresh(&o)->map.type = rows[i].type;
		o.features.state[rows[i].feature] = NO;
		refuses(&o, -ENOTSUP, rows[i].says);
		memset(&o.err, 0, sizeof(o.err));
		o.features.state[rows[i].feature] = UNKNOWN; /* tried */
		builds(&o);
		plan_free(&o.plan);
	}
}

static void data_maps_need_global_data(void **state)
{
	struct object o;

	(void)state;
	fresh(&o)->map.is_data = true;
	o.map.is_read_only = true;
	o.map.type = BPF_MAP_TYPE_ARRAY;
	o.map.flags = BPF_F_MMAPABLE;
	builds(&o);
	assert_int_equal(o.plan.maps[0].flags, BPF_F_MMAPABLE | BPF_F_RDONLY_PROG);
	plan_free(&o.plan);
	o.features.state[FEATURE_MMAP_ARRAY] = NO;
	builds(&o);
	assert_int_equal(o.plan.maps[0].flags, BPF_F_RDONLY_PROG);
	plan_free(&o.plan);
	o.features.state[FEATURE_GLOBAL_DATA] = NO;
	refuses(&o, -ENOTSUP, "map table: needs global variables");
}

static void loops_are_told_from_jumps_back(void **state)
{
	struct object o;
	/* Jumps to 4, which jumps back to 2, which goes on to the end: no path comes back. */
	static const struct insn tangled[] = { { BPF_JMP | BPF_JA, 0, 0, 3, 0 },  MOV, MOV, EXIT,
					       { BPF_JMP | BPF_JA, 0, 0, -3, 0 }, EXIT };
	static const struct insn loop[] = { MOV, MOV, MOV, { BPF_JMP | BPF_JNE | BPF_K, 0, 0, -2, 0 }, MOV, EXIT };

	(void)state;
	fresh(&o)->prog.n_relocs = 0;
	o.features.state[FEATURE_BOUNDED_LOOPS] = NO;
	memcpy(o.insns, tangled, sizeof(tangled));
	builds(&o);
	plan_free(&o.plan);
	memcpy(o.insns, loop, sizeof(loop));
	assert_true(plan_asks(&o.spec) & FEATURE_BIT(FEATURE_BOUNDED_LOOPS));
	refuses(&o, -ENOTSUP, "has a loop");
	memset(&o.err, 0, sizeof(o.err));
	o.insns[3].off = -1; /* to itself */
	refuses(&o, -ENOTSUP, "has a loop");
	memset(&o.err, 0, sizeof(o.err));
	o.features.state[FEATURE_BOUNDED_LOOPS] = YES;
	builds(&o);
	plan_free(&o.plan);
}

static void new_instructions_are_refused_by_old_kernels(void **state)
{
	static struct insn many[4097];
	struct object o;

	(void)state;
	fresh(&o)->insns[3].code = BPF_JMP32 | BPF_JEQ;
	assert_true(plan_asks(&o.spec) & FEATURE_BIT(FEATURE_JMP32));
	o.features.state[FEATURE_JMP32] = NO;
	refuses(&o, -ENOTSUP, "-mcpu=v2");
	fresh(&o)->prog.insns = many;
	o.prog.n_insns = 4097;
	o.prog.n_relocs = 0;
	assert_true(plan_asks(&o.spec) & FEATURE_BIT(FEATURE_LARGE_PROGRAMS));
	o.features.state[FEATURE_LARGE_PROGRAMS] = NO;
	refuses(&o, -ENOTSUP, "4097 instructions");
	o.prog.n_insns = 4096;
	memset(&o.err, 0, sizeof(o.err));
	builds(&o);
	plan_free(&o.plan);
}

/* One integer: as small as types come. */
static void with_types(struct object *o)
{
	static struct {
		struct btf_header header;
		__u32 types[4];
		char strings[4];
	} raw = {
		.header = { BTF_MAGIC, BTF_VERSION, 0, sizeof(raw.header), 0, sizeof(raw.types), sizeof(raw.types), 3 },
		.types = { 1, BTF_KIND_INT << 24, 4, 32 },
		.strings = "\0x",
	};

	o->spec.btf.raw = (struct view) { (unsigned char *)&raw, sizeof(raw) - 1 };
	o->spec.btf.n_types = 1;
	o->prog.funcs = &o->func;
	o->prog.n_funcs = 1;
	o->prog.lines = &o->line;
	o->prog.n_lines = 1;
}

static void types_are_given_or_left_out(void **state)
{
	struct object o;

	(void)state;
	with_types(fresh(&o));
	builds(&o);
	assert_ptr_equal(o.plan.btf.data, o.spec.btf.raw.data);
	assert_int_equal(o.plan.maps[0].btf_key, 1);
	assert_true(o.plan.progs[0].with_func_info);
	assert_true(o.plan.progs[0].with_line_info);
	plan_free(&o.plan);
	o.map.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	builds(&o);
	assert_int_equal(o.plan.maps[0].btf_key, 0);
	plan_free(&o.plan);
	o.map.type = BPF_MAP_TYPE_HASH;
	o.features.state[FEATURE_FUNC_INFO] = NO;
	builds(&o);
	assert_false(o.plan.progs[0].with_func_info);
	assert_false(o.plan.progs[0].with_line_info);
	assert_int_equal(o.plan.maps[0].btf_key, 1);
	assert_true(has_note(&o.plan, FEATURE_FUNC_INFO, "no line information"));
	plan_free(&o.plan);
	o.features.state[FEATURE_BTF] = NO;
	builds(&o);
	assert_int_equal(o.plan.btf.size, 0);
	assert_int_equal(o.plan.maps[0].btf_key, 0);
	assert_true(has_note(&o.plan, FEATURE_BTF, "no type information"));
	plan_free(&o.plan);
}

static void incomplete_line_information_is_left_out(void **state)
{
	struct object o;

	(void)state;
	with_types(fresh(&o));
	o.line.insn = 2;
	builds(&o);
	assert_true(o.plan.progs[0].with_func_info);
	assert_false(o.plan.progs[0].with_line_info);
	plan_free(&o.plan);
	o.line.insn = 0;
	o.prog.n_subprogs = 1; /* of which nothing is said */
	builds(&o);
	assert_false(o.plan.progs[0].with_func_info);
	assert_false(o.plan.progs[0].with_line_info);
	plan_free(&o.plan);
}

static void attachment_fallbacks_are_noted_where_they_matter(void **state)
{
	struct object o;

	(void)state;
	fresh(&o)->features.state[FEATURE_XDP_LINK] = NO;
	o.features.state[FEATURE_TCX] = o.features.state[FEATURE_CGROUP_LINK] = NO;
	o.features.state[FEATURE_MEMCG_ACCOUNT] = NO;
	builds(&o);
	assert_int_equal(o.plan.n_notes, 2);
	assert_true(has_note(&o.plan, FEATURE_XDP_LINK, "netlink"));
	assert_true(has_note(&o.plan, FEATURE_MEMCG_ACCOUNT, "RLIMIT_MEMLOCK raised"));
	plan_free(&o.plan);
	o.prog.type = BPF_PROG_TYPE_SCHED_CLS;
	builds(&o);
	assert_true(has_note(&o.plan, FEATURE_TCX, "clsact and cls_bpf"));
	assert_int_equal(o.plan.progs[0].attach_type, 0);
	plan_free(&o.plan);
	o.prog.type = BPF_PROG_TYPE_CGROUP_SKB;
	builds(&o);
	assert_true(has_note(&o.plan, FEATURE_CGROUP_LINK, "prog_attach"));
	plan_free(&o.plan);
}

static void notes_cover_every_feature_once_in_order(void **state)
{
	struct note notes[FEATURE_N];
	struct features features;
	size_t i, n;

	(void)state;
	set_all(&features, NO);
	features.state[FEATURE_CGROUP_SKB] = UNKNOWN;
	n = plan_notes_for_features(&features, FEATURES_ALL, notes);
	assert_int_equal(n, FEATURE_N - 1);
	for (i = 0; i < n; i++) {
		assert_int_equal(notes[i].feature, i < FEATURE_CGROUP_SKB ? i : i + 1);
		assert_non_null(notes[i].fallback);
		assert_non_null(notes[i].why);
	}
	features.forced[FEATURE_RINGBUF] = 1;
	features.state[FEATURE_TCX] = UNKNOWN;
	features.state[FEATURE_XDP] = UNKNOWN;
	n = plan_notes_for_features(
		&features, FEATURE_BIT(FEATURE_RINGBUF) | FEATURE_BIT(FEATURE_TCX) | FEATURE_BIT(FEATURE_XDP), notes);
	assert_int_equal(n, 2);
	assert_string_equal(notes[0].why, "denied by BULKHEAD_WITHOUT");
	assert_non_null(strstr(notes[1].why, "could not be asked"));
	set_all(&features, YES);
	assert_int_equal(plan_notes_for_features(&features, FEATURES_ALL, notes), 0);
}

/* Where no program runs at a cgroup, what it would lack there is nobody's business; what is tried is not replaced. */
static void notes_of_cgroups_follow_their_programs(void **state)
{
	struct note notes[FEATURE_N];
	struct features features;

	(void)state;
	set_all(&features, YES);
	features.state[FEATURE_CGROUP_STORAGE] = features.state[FEATURE_SHARED_STORAGE] =
		features.state[FEATURE_PROG_QUERY] = features.state[FEATURE_CGROUP_MARK] =
			features.state[FEATURE_CGROUP_EVENTS] = features.state[FEATURE_CGROUP_CONNECT] =
				features.state[FEATURE_CGROUP_LINK] = NO;
	assert_int_equal(plan_notes_for_features(&features, FEATURES_ALL, notes), 7);
	features.state[FEATURE_CGROUP_SKB] = NO;
	assert_int_equal(plan_notes_for_features(&features, FEATURES_ALL, notes), 1);
	assert_int_equal(notes[0].feature, FEATURE_CGROUP_SKB);
	assert_string_equal(notes[0].fallback, "devices alone");
	features.state[FEATURE_CGROUP_SKB] = UNKNOWN;
	assert_int_equal(plan_notes_for_features(&features, FEATURES_ALL, notes), 7);
	assert_int_not_equal(notes[3].feature, FEATURE_CGROUP_SKB);
}

/* A kernel that answered bpf(2) was built with it. */
static void refusal_names_the_option_that_is_missing(void **state)
{
	struct object o;

	(void)state;
	fresh(&o)->features.state[FEATURE_XDP] = NO;
	o.features.err[FEATURE_XDP] = -EINVAL;
	refuses(&o, -ENOTSUP, "use Linux 4.8 or newer");
	assert_null(strstr(o.err.text, "CONFIG"));
	fresh(&o)->features.state[FEATURE_XDP] = NO;
	o.features.err[FEATURE_XDP] = -ENOSYS;
	refuses(&o, -ENOTSUP, "use Linux 4.8 or newer, built with CONFIG_BPF_SYSCALL");
	fresh(&o)->features.state[FEATURE_CGROUP_SKB] = NO;
	o.features.err[FEATURE_CGROUP_SKB] = -EINVAL;
	o.prog.type = BPF_PROG_TYPE_CGROUP_SKB;
	refuses(&o, -ENOTSUP, "use Linux 4.10 or newer, built with CONFIG_CGROUP_BPF");
}

static void program_flags_follow_the_section(void **state)
{
	struct object o;

	(void)state;
	fresh(&o)->prog.frags = true;
	builds(&o);
	assert_int_equal(o.plan.progs[0].flags, BPF_F_XDP_HAS_FRAGS);
	plan_free(&o.plan);
	fresh(&o)->prog.is_sleepable = true;
	builds(&o);
	assert_int_equal(o.plan.progs[0].flags, BPF_F_SLEEPABLE);
	plan_free(&o.plan);
}

static void empty_object_is_an_empty_plan(void **state)
{
	struct object o;

	(void)state;
	fresh(&o)->spec.n_maps = 0;
	o.spec.n_progs = 0;
	builds(&o);
	plan_free(&o.plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_kernel_gets_everything),
		cmocka_unit_test(instructions_are_in_the_hosts_layout),
		cmocka_unit_test(relocations_are_placed),
		cmocka_unit_test(what_is_not_done_here_is_refused_by_name),
		cmocka_unit_test(ring_becomes_perf_array_where_the_object_chooses),
		cmocka_unit_test(cgroup_storage_becomes_a_hash_where_the_object_chooses),
		cmocka_unit_test(storage_that_is_not_shared_is_none_where_the_object_chooses),
		cmocka_unit_test(old_kernel_gets_no_names_and_no_attach_type),
		cmocka_unit_test(names_are_made_fit),
		cmocka_unit_test(what_nothing_replaces_is_refused_by_name),
		cmocka_unit_test(data_maps_need_global_data),
		cmocka_unit_test(loops_are_told_from_jumps_back),
		cmocka_unit_test(new_instructions_are_refused_by_old_kernels),
		cmocka_unit_test(types_are_given_or_left_out),
		cmocka_unit_test(incomplete_line_information_is_left_out),
		cmocka_unit_test(attachment_fallbacks_are_noted_where_they_matter),
		cmocka_unit_test(notes_cover_every_feature_once_in_order),
		cmocka_unit_test(notes_of_cgroups_follow_their_programs),
		cmocka_unit_test(refusal_names_the_option_that_is_missing),
		cmocka_unit_test(program_flags_follow_the_section),
		cmocka_unit_test(empty_object_is_an_empty_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
