/* SPDX-License-Identifier: GPL-2.0 */
/* Features found out by loading a program. */
#include "compat/probe.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "compat/insn.h"
#include "syscalls/bpf.h"

/* Loads, and lets go: 0 or -errno. */
static int try_load(struct bpf_prog_load_args *args)
{
	int fd = sys_bpf_prog_load(args);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int try_program(const struct bpf_insn *insns, unsigned n)
{
	struct bpf_prog_load_args args = {
		.type = BPF_PROG_TYPE_SCHED_CLS,
		.license = "GPL",
		.insns = insns,
		.n_insns = n,
	};

	return try_load(&args);
}

static const struct bpf_insn smallest[] = { INSN_MOV(0, 0), INSN_EXIT };

int probe_program(unsigned type)
{
	struct bpf_prog_load_args args = { .type = type, .license = "GPL", .insns = smallest, .n_insns = 2 };

	return sys_bpf_prog_load(&args);
}

static int try_type(unsigned type)
{
	struct bpf_prog_load_args args = { .type = type, .license = "GPL", .insns = smallest, .n_insns = 2 };

	return try_load(&args);
}

int ask_xdp(void)
{
	return try_type(BPF_PROG_TYPE_XDP);
}

int ask_sched_cls(void)
{
	return try_type(BPF_PROG_TYPE_SCHED_CLS);
}

/* The helper that finds a cgroup's storage came to this type of program later than the type. */
int ask_cgroup_connect(void)
{
	struct bpf_map_create_args storage = { .type = BPF_MAP_TYPE_CGROUP_STORAGE,
					       .key_size = sizeof(struct bpf_cgroup_storage_key),
					       .value_size = 8 };
	int result, fd = sys_bpf_map_create(&storage);
	const struct bpf_insn insns[] = { INSN_LD_IMM64(1, BPF_PSEUDO_MAP_FD, fd, 0), INSN_MOV(2, 0),
					  INSN_CALL(BPF_FUNC_get_local_storage), INSN_MOV(0, 1), INSN_EXIT };
	struct bpf_prog_load_args args = {
		.type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
		.attach_type = BPF_CGROUP_INET4_CONNECT,
		.license = "GPL",
		.insns = insns,
		.n_insns = sizeof(insns) / sizeof(insns[0]),
	};

	if (fd < 0)
		return fd;
	result = try_load(&args);
	close(fd);
	return result;
}

/* A program at a cgroup that finds its storage in the map. */
static int load_with_storage(int map_fd)
{
	const struct bpf_insn insns[] = { INSN_LD_IMM64(1, BPF_PSEUDO_MAP_FD, map_fd, 0), INSN_MOV(2, 0),
					  INSN_CALL(BPF_FUNC_get_local_storage), INSN_MOV(0, 1), INSN_EXIT };
	struct bpf_prog_load_args args = { .type = BPF_PROG_TYPE_CGROUP_SKB,
					   .license = "GPL",
					   .insns = insns,
					   .n_insns = sizeof(insns) / sizeof(insns[0]) };

	return sys_bpf_prog_load(&args);
}

/* Until 5.9 a map of cgroup storage belongs to one program, and the second is told EBUSY. */
int ask_shared_storage(void)
{
	struct bpf_map_create_args storage = { .type = BPF_MAP_TYPE_CGROUP_STORAGE,
					       .key_size = sizeof(struct bpf_cgroup_storage_key),
					       .value_size = 8 };
	int fd = sys_bpf_map_create(&storage), first, second;

	if (fd < 0)
		return fd;
	first = load_with_storage(fd);
	second = first < 0 ? first : load_with_storage(fd);
	if (first >= 0)
		close(first);
	if (second >= 0)
		close(second);
	close(fd);
	return second == -EBUSY ? -EINVAL : second;
}

int ask_cgroup_events(void)
{
	struct bpf_map_create_args array = {
		.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};
	int result, fd = sys_bpf_map_create(&array);
	const struct bpf_insn insns[] = {
		{ BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8, 0 },
		INSN_LD_IMM64(2, BPF_PSEUDO_MAP_FD, fd, 0),
		INSN_MOV(3, 0),
		{ BPF_ALU64 | BPF_MOV | BPF_X, 4, 10, 0, 0 },
		INSN_ADD(4, -8),
		INSN_MOV(5, 8),
		INSN_CALL(BPF_FUNC_perf_event_output),
		INSN_MOV(0, 1),
		INSN_EXIT,
	};
	struct bpf_prog_load_args args = { .type = BPF_PROG_TYPE_CGROUP_SKB,
					   .license = "GPL",
					   .insns = insns,
					   .n_insns = sizeof(insns) / sizeof(insns[0]) };

	if (fd < 0)
		return fd;
	result = try_load(&args);
	close(fd);
	return result;
}

/* A context that is shorter makes the verifier refuse the load, and say EACCES. */
int ask_gso_size(void)
{
	static const struct bpf_insn insns[] = {
		{ BPF_LDX | BPF_MEM | BPF_W, 0, 1, (short)offsetof(struct __sk_buff, gso_size), 0 },
		INSN_EXIT,
	};
	int answer = try_program(insns, 2);

	return answer == -EACCES ? -EINVAL : answer;
}

/* A field that may not be written makes the verifier refuse the load, and say EACCES. */
int ask_cgroup_mark(void)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV(0, 1),
		{ BPF_STX | BPF_MEM | BPF_W, 1, 0, (short)offsetof(struct __sk_buff, mark), 0 },
		INSN_EXIT,
	};
	struct bpf_prog_load_args args = {
		.type = BPF_PROG_TYPE_CGROUP_SKB, .license = "GPL", .insns = insns, .n_insns = 3
	};
	int answer = try_load(&args);

	return answer == -EACCES ? -EINVAL : answer;
}

/* Any value does: for this type of program the kernel takes note of it, and no more. */
int ask_attach_type(void)
{
	struct bpf_prog_load_args args = {
		.type = BPF_PROG_TYPE_SCHED_CLS,
		.attach_type = BPF_CGROUP_INET_EGRESS,
		.license = "GPL",
		.insns = smallest,
		.n_insns = 2,
	};

	return try_load(&args);
}

/* With a descriptor that is none: a kernel that knows the attribute says EBADF. */
int ask_func_info(void)
{
	static const struct bpf_func_info first = { 0, 1 };
	struct bpf_prog_load_args args = {
		.type = BPF_PROG_TYPE_SCHED_CLS,
		.license = "GPL",
		.insns = smallest,
		.n_insns = 2,
		.btf_fd = -1,
		.func_info = &first,
		.n_func_info = 1,
	};

	return try_load(&args);
}

int ask_global_data(void)
{
	struct bpf_map_create_args map = {
		.type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};
	int result, fd = sys_bpf_map_create(&map);
	struct bpf_insn insns[] = { INSN_LD_IMM64(1, BPF_PSEUDO_MAP_VALUE, fd, 0), INSN_MOV(0, 0), INSN_EXIT };

	if (fd < 0)
		return fd;
	result = try_program(insns, sizeof(insns) / sizeof(insns[0]));
	close(fd);
	return result;
}

int ask_bounded_loops(void)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV(0, 2),
		INSN_ADD(0, -1),
		INSN_JUMP(BPF_JMP, BPF_JNE, 0, 0, -2),
		INSN_EXIT,
	};

	return try_program(insns, sizeof(insns) / sizeof(insns[0]));
}

int ask_jmp32(void)
{
	static const struct bpf_insn insns[] = {
		INSN_MOV(0, 0),
		INSN_JUMP(BPF_JMP32, BPF_JEQ, 0, 0, 1),
		INSN_MOV(0, 0),
		INSN_EXIT,
	};

	return try_program(insns, sizeof(insns) / sizeof(insns[0]));
}

/*
 * One instruction more than the old bound, jumped over so that the verifier is soon done. To one without the right to
 * load, the kernel says E2BIG too: a program of ordinary size is tried first.
 */
int ask_large_programs(void)
{
	struct bpf_insn insns[BPF_MAXINSNS + 1];
	const struct bpf_insn mov = INSN_MOV(0, 0), exit = INSN_EXIT;
	const struct bpf_insn jump = INSN_JUMP(BPF_JMP, BPF_JEQ, 0, 0, BPF_MAXINSNS - 2);
	int i, result = ask_sched_cls();

	if (result < 0)
		return result == -EINVAL ? -ENOTSUP : result;
	for (i = 0; i < BPF_MAXINSNS; i++)
		insns[i] = i == 1 ? jump : mov;
	insns[BPF_MAXINSNS] = exit;
	return try_program(insns, BPF_MAXINSNS + 1);
}

int ask_jiffies(void)
{
	static const struct bpf_insn insns[] = { INSN_CALL(BPF_FUNC_jiffies64), INSN_MOV(0, 0), INSN_EXIT };

	return try_program(insns, 3);
}

int ask_log_true_size(void)
{
	char log[4096];
	struct bpf_prog_load_args args = {
		.type = BPF_PROG_TYPE_SCHED_CLS,
		.license = "GPL",
		.insns = smallest,
		.n_insns = 2,
		.log = log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	int result = try_load(&args);

	if (result < 0)
		return result;
	return args.log_true_size ? 0 : -EINVAL;
}
