/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the five objects ask of old kernels, checked over the final plan: each instruction, helper, field of the
 * context, map, flag, and each command's attributes are in the tables of what that kernel knows. The kernel is one
 * inside the test, so its features are also asked for by the product's own probes, and must be those that its version
 * says. A listing of the 4.19 plan is printed.
 */
#include "elf/spec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/bpf.h>

#include "compat/plan.h"
#include "compat/probe.h"
#include "elf/error.h"
#include "loader/constants.h"
#include "loader/embedded.h"
#include "loader/firewall.h"
#include "loader/objects.h"
#include "syscalls/bpf.h"
#include "tests/kernels/live_code.h"
#include "tests/kernels/stack.h"
#include "tests/unit/fake_kernel.h"

#define STACK_MAX 512
#define POLICY_ALL (POLICY_BLOCKS_IPV6 | POLICY_BLOCKS_PREFIXES | POLICY_BLOCKS_DOMAINS | POLICY_MANY_LENGTHS)

/* What a kernel of this version has, by the versions that the features are said to be there since. */
static void features_of(const struct old_kernel *kernel, struct features *out)
{
	unsigned i;
	int major, minor;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < FEATURE_N; i++) {
		assert_int_equal(sscanf(feature_since(i), "%d.%d", &major, &minor), 2);
		out->state[i] = major < kernel->major || (major == kernel->major && minor <= kernel->minor) ? YES : NO;
	}
}

static void check_stack(const struct prog_spec *prog)
{
	long stack = program_stack(prog->insns, prog->n_insns);

	if (stack < 0 || stack > STACK_MAX)
		fail_msg("%s: %ld bytes of stack", prog->name, stack);
}

/*
 * A program that makes tail calls makes no others: before 5.10, and where there is no JIT that knows both, the kernel
 * refuses it. What it calls runs on its stack: the one that is attached takes all of it, see TAKE_WHOLE_STACK.
 */
static void check_tail_calls(const struct prog_spec *prog)
{
	size_t i, tail_calls = 0, calls = 0;

	for (i = 0; i < prog->n_insns; i++) {
		if (prog->insns[i].code != (BPF_JMP | BPF_CALL))
			continue;
		calls += prog->insns[i].src == BPF_PSEUDO_CALL;
		tail_calls += !prog->insns[i].src && prog->insns[i].imm == BPF_FUNC_tail_call;
	}
	if (tail_calls && calls)
		fail_msg("%s: functions beside tail calls", prog->name);
	if (!strcmp(prog->name, "dns_filter"))
		assert_int_equal(program_stack(prog->insns, prog->n_insns), STACK_MAX);
}

/*
 * Atomic additions to 64 bits are for maps whose entries are allocated at once: where others lie on 32-bit machines
 * they are a fault, see struct fw_count.
 */
static void check_additions(const struct prog_spec *prog)
{
	size_t i;

	for (i = 0; i < prog->n_insns; i++)
		if (prog->insns[i].code == (BPF_STX | BPF_XADD | BPF_DW) && strcmp(prog->name, "rate_limit"))
			fail_msg("%s: instruction %zu: adds to 64 bits", prog->name, i);
}

/* ---- the listing ---- */

static void list_once(char *list, size_t room, const char *word)
{
	char spaced[80];
	size_t n = strlen(list);

	snprintf(spaced, sizeof(spaced), " %s ", word);
	if (!strstr(list, spaced) && n + strlen(word) + 2 < room)
		snprintf(list + n, room - n, "%s%s ", n ? "" : " ", word);
}

static struct insn *decode(const struct prog_plan *prog)
{
	struct insn *insns = calloc(prog->n_insns, sizeof(*insns));
	size_t i;

	assert_non_null(insns);
	for (i = 0; i < prog->n_insns; i++)
		insns[i] = (struct insn) { prog->insns[i].code, prog->insns[i].dst_reg, prog->insns[i].src_reg,
					   prog->insns[i].off, prog->insns[i].imm };
	return insns;
}

static void list_program(const struct old_kernel *kernel, const struct prog_plan *prog)
{
	struct liveness *live = calloc(prog->n_insns, sizeof(*live));
	char helpers[600] = "", dead[300] = "", fields[300] = "";
	struct insn *insns = decode(prog);
	size_t i, n_live = 0;

	assert_non_null(live);
	assert_int_equal(live_code_find(insns, prog->n_insns, live), 0);
	for (i = 0; i < prog->n_insns; i++) {
		const char *field;

		n_live += live[i].is_live;
		if (insns[i].code == (BPF_JMP | BPF_CALL) && !insns[i].src && live[i].is_live)
			list_once(helpers, sizeof(helpers), helper_name(insns[i].imm));
		if (live[i].touches_context && live[i].is_live) {
			old_kernel_lets_access(kernel, prog->type, insns[i].off, 4, false, &field);
			list_once(fields, sizeof(fields), field ? field : "?");
		}
	}
	for (i = 0; i < prog->n_insns; i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) && !insns[i].src && !live[i].is_live) {
			char spaced[80];

			snprintf(spaced, sizeof(spaced), " %s ", helper_name(insns[i].imm));
			if (!strstr(helpers, spaced))
				list_once(dead, sizeof(dead), helper_name(insns[i].imm));
		}
	printf("#   %-16s %-17s %4zu of %4zu instructions live, %zu functions, %3ld bytes of stack%s\n",
	       prog->spec->name, kernel->programs[prog->type].name, n_live, prog->n_insns, prog->spec->n_subprogs + 1,
	       program_stack(insns, prog->n_insns), prog->left_out ? ": left out" : "");
	printf("#     helpers%s\n#     context%s\n", helpers, fields);
	if (dead[0])
		printf("#     helpers in dead code%s\n", dead);
	free(insns);
	free(live);
}

static void list_map(const struct old_kernel *kernel, const struct map_plan *map)
{
	printf("#   %-20s %-16s key %3u value %5u entries %7u flags %#x\n", map->spec->name,
	       kernel->maps[map->type].name, map->key_size, map->value_size, map->max_entries, map->flags);
}

static void list_plan(const struct old_kernel *kernel, unsigned object, const struct plan *plan)
{
	size_t i;

	printf("# %s: %s, all that a policy can ask for\n", kernel->name, embedded_name(object));
	for (i = 0; i < plan->spec->n_maps; i++)
		list_map(kernel, &plan->maps[i]);
	for (i = 0; i < plan->spec->n_progs; i++)
		list_program(kernel, &plan->progs[i]);
}

static void list_commands(const struct old_kernel *kernel)
{
	unsigned i;

	printf("# %s: commands, and how far their attributes are filled\n", kernel->name);
	for (i = 0; i < kernel->n_commands; i++)
		if (fake_kernel_asked(i)->times)
			printf("#   %-20s %4u times, %3u of %3u bytes\n", kernel->commands[i].name,
			       fake_kernel_asked(i)->times, fake_kernel_asked(i)->bytes, kernel->commands[i].length);
}

/* ---- the plans ---- */

static void load_plan(const struct old_kernel *kernel, const struct plan *plan)
{
	struct error err = { 0 };
	struct objects objects;

	if (objects_create(plan, NULL, NULL, &objects, &err))
		fail_msg("%s: %s: %s", kernel->name, err.text, fake_kernel_refusal());
	objects_close(&objects);
}

static void check_object(const struct old_kernel *kernel, const struct spec *spec, unsigned object, __u32 policy)
{
	struct constant constants[CONSTANTS_N];
	struct error err = { 0 };
	struct features features;
	struct plan plan;
	size_t i;

	features_of(kernel, &features);
	constants_make(&features, policy, features.state[FEATURE_SHARED_STORAGE] == YES ? 0 : 7, constants);
	if (plan_build(spec, &features, constants, CONSTANTS_N, &plan, &err))
		fail_msg("%s: %s", kernel->name, err.text);
	if (policy == POLICY_ALL && kernel == &linux_4_19)
		list_plan(kernel, object, &plan);
	load_plan(kernel, &plan);
	for (i = 0; i < spec->n_progs; i++) {
		check_stack(&spec->progs[i]);
		check_tail_calls(&spec->progs[i]);
		check_additions(&spec->progs[i]);
	}
	plan_free(&plan);
}

static void check_objects(const struct old_kernel *kernel)
{
	struct error err = { 0 };
	struct embedded embedded;
	struct spec spec;
	unsigned i;

	fake_kernel_boot(kernel);
	assert_int_equal(embedded_open(&embedded, &err), 0);
	for (i = 0; i < EMBEDDED_N; i++) {
		assert_int_equal(spec_parse(embedded.object[i], &spec, &err), 0);
		assert_true(spec.n_progs > 0);
		check_object(kernel, &spec, i, 0);
		check_object(kernel, &spec, i, POLICY_ALL);
		spec_free(&spec);
	}
	embedded_close(&embedded);
	if (kernel == &linux_4_19)
		list_commands(kernel);
	fflush(stdout);
}

static void the_plan_for_4_19_is_of_what_it_knows(void **state)
{
	(void)state;
	check_objects(&linux_4_19);
}

static void the_plan_for_5_10_is_of_what_it_knows(void **state)
{
	(void)state;
	check_objects(&linux_5_10);
}

/* ---- the commands that no plan has ---- */

/* What attaching, pinning, listing and running take, as the loader uses them without links and batches. */
static void commands_are_of_what_4_19_knows(void **state)
{
	struct bpf_map_create_args args = {
		.type = BPF_MAP_TYPE_HASH, .key_size = 8, .value_size = 8, .max_entries = 1
	};
	unsigned char packet[64] = { 1 };
	struct bpf_test_run_args run = {
		.data_in = packet, .data_in_size = 64, .data_out = packet, .data_out_size = 64, .repeat = 1
	};
	struct bpf_prog_info prog_info = { 0 };
	struct bpf_map_info map_info = { 0 };
	__u32 size, id, flags, n = 1;
	__u64 key = 1;
	int map, prog;

	(void)state;
	fake_kernel_boot(&linux_4_19);
	map = sys_bpf_map_create(&args);
	prog = probe_program(BPF_PROG_TYPE_CGROUP_SKB);
	assert_true(map > 2 && prog > 2);
	assert_int_equal(sys_bpf_map_lookup(map, &key, &key), 0);
	assert_int_equal(sys_bpf_map_update(map, &key, &key, BPF_EXIST), 0);
	assert_int_equal(sys_bpf_map_next_key(map, &key, &key), 0);
	assert_int_equal(sys_bpf_map_delete(map, &key), 0);
	assert_int_equal(sys_bpf_prog_attach(prog, map, BPF_CGROUP_INET_EGRESS, BPF_F_ALLOW_MULTI, 0), 0);
	assert_int_equal(sys_bpf_prog_attach(prog, map, BPF_CGROUP_INET_EGRESS, BPF_F_ALLOW_MULTI, prog), -EINVAL);
	assert_int_equal(sys_bpf_prog_detach(prog, map, BPF_CGROUP_INET_EGRESS), 0);
	assert_int_equal(sys_bpf_prog_query(map, BPF_CGROUP_INET_EGRESS, &id, &n, &flags), 0);
	assert_int_equal(sys_bpf_prog_test_run(prog, &run), 0);
	assert_int_equal(sys_bpf_obj_pin(prog, "/pin"), 0);
	assert_int_equal(close(sys_bpf_obj_get("/pin")), 0);
	assert_int_equal(close(sys_bpf_prog_by_id(1)), 0);
	assert_int_equal(close(sys_bpf_map_by_id(1)), 0);
	assert_int_equal(sys_bpf_prog_next_id(0, &id), 0);
	assert_int_equal(sys_bpf_map_next_id(0, &id), 0);
	size = sizeof(prog_info);
	assert_int_equal(sys_bpf_info(prog, &prog_info, &size), 0);
	size = sizeof(map_info);
	assert_int_equal(sys_bpf_info(map, &map_info, &size), 0);
	assert_int_equal(sys_bpf_link_create(prog, map, BPF_CGROUP_INET_EGRESS, 0), -EINVAL);
	close(map);
	close(prog);
	list_commands(&linux_4_19);
}

/* ---- the probes ---- */

static void probes_say(const struct old_kernel *kernel)
{
	struct features said, wanted;
	unsigned i;

	fake_kernel_boot(kernel);
	features_of(kernel, &wanted);
	features_probe(&said);
	for (i = 0; i < FEATURE_N; i++)
		if (said.state[i] != wanted.state[i])
			fail_msg("%s: %s: %d, and not %d: error %d, %s", kernel->name, feature_name(i), said.state[i],
				 wanted.state[i], said.err[i], fake_kernel_refusal());
}

static void probes_tell_4_19(void **state)
{
	(void)state;
	probes_say(&linux_4_19);
}

static void probes_tell_5_10(void **state)
{
	(void)state;
	probes_say(&linux_5_10);
}

/* ---- that the tables are looked at ---- */

#define MOV(dst, n)                                                                                                    \
	{                                                                                                              \
		BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, n                                                              \
	}
#define CALL(helper)                                                                                                   \
	{                                                                                                              \
		BPF_JMP | BPF_CALL, 0, 0, 0, helper                                                                    \
	}
#define CALL_FUNCTION(distance)                                                                                        \
	{                                                                                                              \
		BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, distance                                                    \
	}
#define EXIT                                                                                                           \
	{                                                                                                              \
		BPF_JMP | BPF_EXIT, 0, 0, 0, 0                                                                         \
	}
#define LOAD(n)                                                                                                        \
	{ BPF_LD | BPF_IMM | BPF_DW, 1, 0, 0, n },                                                                     \
	{                                                                                                              \
		0, 0, 0, 0, 0                                                                                          \
	}
#define IF_ZERO(distance)                                                                                              \
	{                                                                                                              \
		BPF_JMP | BPF_JEQ | BPF_K, 1, 0, distance, 0                                                           \
	}

static const struct {
	const char *what;
	__u32 type;
	bool on_4_19, on_5_10;
	size_t n;
	struct insn insns[8];
} rows[] = {
	{ "a new helper", BPF_PROG_TYPE_XDP, false, true, 3, { CALL(BPF_FUNC_ringbuf_output), MOV(0, 0), EXIT } },
	{ "a newer one", BPF_PROG_TYPE_XDP, false, false, 3, { CALL(BPF_FUNC_loop), MOV(0, 0), EXIT } },
	{ "a helper of other programs", BPF_PROG_TYPE_XDP, false, false, 2, { CALL(BPF_FUNC_skb_load_bytes), EXIT } },
	{ "events at TC", BPF_PROG_TYPE_SCHED_CLS, true, true, 2, { CALL(BPF_FUNC_perf_event_output), EXIT } },
	{ "events at a cgroup", BPF_PROG_TYPE_CGROUP_SKB, false, true, 2, { CALL(BPF_FUNC_perf_event_output), EXIT } },
	{ "behind a false constant",
	  BPF_PROG_TYPE_XDP,
	  true,
	  true,
	  6,
	  { LOAD(0), IF_ZERO(1), CALL(BPF_FUNC_loop), MOV(0, 0), EXIT } },
	{ "behind a true constant",
	  BPF_PROG_TYPE_XDP,
	  false,
	  false,
	  6,
	  { LOAD(1), IF_ZERO(1), CALL(BPF_FUNC_loop), MOV(0, 0), EXIT } },
	{ "a mark read at a cgroup",
	  BPF_PROG_TYPE_CGROUP_SKB,
	  true,
	  true,
	  2,
	  { { BPF_LDX | BPF_MEM | BPF_W, 0, 1, offsetof(struct __sk_buff, mark), 0 }, EXIT } },
	{ "and written",
	  BPF_PROG_TYPE_CGROUP_SKB,
	  false,
	  true,
	  3,
	  { MOV(0, 0), { BPF_STX | BPF_MEM | BPF_W, 1, 0, offsetof(struct __sk_buff, mark), 0 }, EXIT } },
	{ "by way of the stack",
	  BPF_PROG_TYPE_CGROUP_SKB,
	  false,
	  true,
	  5,
	  { { BPF_STX | BPF_MEM | BPF_DW, 10, 1, -8, 0 },
	    { BPF_LDX | BPF_MEM | BPF_DW, 6, 10, -8, 0 },
	    MOV(0, 0),
	    { BPF_STX | BPF_MEM | BPF_W, 6, 0, offsetof(struct __sk_buff, mark), 0 },
	    EXIT } },
	{ "half a port of connect(2)",
	  BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
	  false,
	  true,
	  2,
	  { { BPF_LDX | BPF_MEM | BPF_H, 0, 1, offsetof(struct bpf_sock_addr, user_port), 0 }, EXIT } },
	{ "tail calls beside calls",
	  BPF_PROG_TYPE_XDP,
	  false,
	  true,
	  5,
	  { CALL(BPF_FUNC_tail_call), CALL_FUNCTION(1), EXIT, MOV(0, 0), EXIT } },
	{ "a 32-bit jump",
	  BPF_PROG_TYPE_XDP,
	  false,
	  true,
	  4,
	  { MOV(0, 0), { BPF_JMP32 | BPF_JEQ | BPF_K, 0, 0, 1, 0 }, MOV(0, 1), EXIT } },
	{ "a loop",
	  BPF_PROG_TYPE_XDP,
	  false,
	  true,
	  3,
	  { MOV(0, 0), { BPF_JMP | BPF_JEQ | BPF_K, 0, 0, -2, 0 }, EXIT } },
	{ "an atomic of 5.12",
	  BPF_PROG_TYPE_XDP,
	  false,
	  false,
	  3,
	  { MOV(0, 0), { BPF_STX | BPF_XADD | BPF_DW, 10, 0, -8, 1 }, EXIT } },
	{ "sign extension of 6.6",
	  BPF_PROG_TYPE_XDP,
	  false,
	  false,
	  3,
	  { MOV(0, 0), { BPF_ALU64 | BPF_MOV | BPF_X, 0, 0, 8, 0 }, EXIT } },
	{ "an address in a map",
	  BPF_PROG_TYPE_XDP,
	  false,
	  true,
	  4,
	  { { BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_VALUE, 0, 0 }, { 0 }, MOV(0, 0), EXIT } },
	{ "a type of program", BPF_PROG_TYPE_SK_LOOKUP, false, true, 2, { MOV(0, 1), EXIT } },
};

static void what_is_newer_is_refused(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct old_kernel *const kernels[] = { &linux_4_19, &linux_5_10 };
		const bool wanted[] = { rows[i].on_4_19, rows[i].on_5_10 };
		struct program program = { rows[i].type, 0, rows[i].insns, rows[i].n };

		if (program.type == BPF_PROG_TYPE_CGROUP_SOCK_ADDR)
			program.attach_type = BPF_CGROUP_INET4_CONNECT;
		for (k = 0; k < 2; k++) {
			struct refusal refusal = { 0 };
			int code = program_refused(kernels[k], &program, &refusal);

			if ((code == 0) != wanted[k])
				fail_msg("%s on %s: %d %s", rows[i].what, kernels[k]->name, code, refusal.text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_newer_is_refused),
		cmocka_unit_test(probes_tell_4_19),
		cmocka_unit_test(probes_tell_5_10),
		cmocka_unit_test(the_plan_for_4_19_is_of_what_it_knows),
		cmocka_unit_test(commands_are_of_what_4_19_knows),
		cmocka_unit_test(the_plan_for_5_10_is_of_what_it_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
