/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include "tests/bench/tool.h"
#include "syscalls/bpf.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void fail(const char *what, int error)
{
	fprintf(stderr, "%s: %s%s%s\n", program_invocation_short_name, what, error ? ": " : "",
		error ? strerror(-error) : "");
	exit(1);
}

void read_bytes(const char *path, struct bytes *bytes)
{
	FILE *file = fopen(path, "re");

	if (!file)
		fail(path, -errno);
	bytes->size = (__u32)fread(bytes->data, 1, sizeof(bytes->data), file);
	if (ferror(file) || !feof(file))
		fail(path, -EFBIG);
	fclose(file);
}

__u32 number(const char *word, __u32 low, __u32 high)
{
	char *end;
	unsigned long long value = strtoull(word, &end, 0);

	if (end == word || *end || value < low || value > high)
		fail(word, -EINVAL);
	return (__u32)value;
}

__u64 used_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (__u64)now.tv_sec * 1000000000ULL + (__u64)now.tv_nsec;
}

int load_program(__u32 type, __u32 attach_type, __u32 flags, const struct bpf_insn *insns, __u32 n_insns)
{
	struct bpf_prog_load_args args = {
		.type = type,
		.attach_type = attach_type,
		.flags = flags,
		.name = "bench",
		.license = "GPL",
		.insns = insns,
		.n_insns = n_insns,
	};

	return sys_bpf_prog_load(&args);
}

static int pass_of(__u32 type)
{
	return type == BPF_PROG_TYPE_XDP ? 2 /* XDP_PASS */ : -1 /* TC_ACT_UNSPEC */;
}

static struct bpf_insn give(int value)
{
	return (struct bpf_insn) { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = value };
}

static const struct bpf_insn leave = { .code = BPF_JMP | BPF_EXIT };

int load_empty(__u32 type)
{
	struct bpf_insn insns[] = { give(pass_of(type)), leave };

	return load_program(type, 0, 0, insns, 2);
}

int open_program(const char *word)
{
	int fd;

	if (strcmp(word, "empty:xdp") == 0)
		fd = load_empty(BPF_PROG_TYPE_XDP);
	else if (strcmp(word, "empty:tc") == 0)
		fd = load_empty(BPF_PROG_TYPE_SCHED_CLS);
	else if (strncmp(word, "id:", 3) == 0)
		fd = sys_bpf_prog_by_id(number(word + 3, 1, ~0U));
	else
		fd = sys_bpf_obj_get(word);
	if (fd < 0)
		fail(word, fd);
	return fd;
}

__u32 type_of_program(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	int error = sys_bpf_info(fd, &info, &size);

	if (error)
		fail("what the kernel knows of a program", error);
	return info.type;
}

#define INSN(code_, dst, src, off_, imm_)                                                                              \
	((struct bpf_insn) {                                                                                           \
		.code = (code_), .dst_reg = (dst), .src_reg = (src), .off = (short)(off_), .imm = (int)(imm_) })

static int load_shaker_as(const struct shake *shake, __u32 type, __u32 attach_type, __u32 flags, int next)
{
	int xdp = type == BPF_PROG_TYPE_XDP;
	int data = xdp ? offsetof(struct xdp_md, data) : offsetof(struct __sk_buff, data);
	int data_end = xdp ? offsetof(struct xdp_md, data_end) : offsetof(struct __sk_buff, data_end);
	struct bpf_insn insns[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_prandom_u32),
		/* 32 random bits times count, of which the upper half is below count */
		INSN(BPF_ALU | BPF_MOV | BPF_X, BPF_REG_0, BPF_REG_0, 0, 0),
		INSN(BPF_ALU64 | BPF_MUL | BPF_K, BPF_REG_0, 0, 0, shake->count),
		INSN(BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_0, 0, 0, 32),
		INSN(BPF_ALU | BPF_ADD | BPF_K, BPF_REG_0, 0, 0, shake->base),
		INSN(BPF_ALU | BPF_END | BPF_TO_BE, BPF_REG_0, 0, 0, 32),
		INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_6, data, 0),
		INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_3, BPF_REG_6, data_end, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_4, BPF_REG_2, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_4, 0, 0, shake->at + 4),
		INSN(BPF_JMP | BPF_JGT | BPF_X, BPF_REG_4, BPF_REG_3, 6, 0),
		INSN(BPF_STX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_0, shake->at, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_6, 0, 0),
		INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_FD, 0, next),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_tail_call),
		give(99), /* no verdict: the tail call did not go on */
		leave,
	};

	return load_program(type, attach_type, flags, insns, sizeof(insns) / sizeof(*insns));
}

/* Of Linux 6.6: older headers do not have them. */
#define TCX_INGRESS 46
#define TCX_EGRESS 47

/* A tail call asks that both are of one kind, which nothing tells of a loaded program: each is tried. */
static int try_shaker(int program, const struct shake *shake, __u32 attach_type, __u32 flags)
{
	struct bpf_map_create_args args = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, .name = "bench" };
	int next = sys_bpf_map_create(&args), fd, error;
	__u32 zero = 0;

	if (next < 0)
		fail("an array of programs", next);
	fd = load_shaker_as(shake, type_of_program(program), attach_type, flags, next);
	if (fd < 0)
		return fd;
	error = sys_bpf_map_update(next, &zero, &program, 0);
	return error ? error : fd; /* `next` stays open: closed, it would be emptied */
}

int load_shaker(int program, const struct shake *shake)
{
	static const __u32 attach_types[] = { 0, BPF_XDP, TCX_INGRESS, TCX_EGRESS };
	static const __u32 flags[] = { 0, BPF_F_XDP_HAS_FRAGS };
	int fd = -EINVAL;

	for (size_t i = 0; i < sizeof(attach_types) / sizeof(*attach_types); i++)
		for (size_t j = 0; j < sizeof(flags) / sizeof(*flags); j++) {
			fd = try_shaker(program, shake, attach_types[i], flags[j]);
			if (fd >= 0)
				return fd;
		}
	fail("a program that goes on with that one", fd);
}
