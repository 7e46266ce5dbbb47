/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linked into bulkhead, with --wrap=sys_bpf_prog_load, for tests/bench/jit.py: writes each program as it goes to the
 * kernel into a file of its name, in the folder that $BENCH_PROGRAMS names:
 *
 *   __u32 type, attach type, flags, n_insns, n_lines, 0; then the instructions, with ids in the place of maps'
 *   descriptors; then the lines (struct bpf_line_info)
 */
#include "syscalls/bpf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int __real_sys_bpf_prog_load(struct bpf_prog_load_args *args);
int __wrap_sys_bpf_prog_load(struct bpf_prog_load_args *args);

static __u32 id_of_map(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	return sys_bpf_info(fd, &info, &size) ? 0 : info.id;
}

static void write_insns(FILE *file, const struct bpf_insn *insns, __u32 n)
{
	for (__u32 i = 0; i < n; i++) {
		struct bpf_insn insn = insns[i];

		if (insn.code == (BPF_LD | BPF_DW | BPF_IMM) &&
		    (insn.src_reg == BPF_PSEUDO_MAP_FD || insn.src_reg == BPF_PSEUDO_MAP_VALUE))
			insn.imm = (__s32)id_of_map(insn.imm);
		fwrite(&insn, sizeof(insn), 1, file);
	}
}

static void write_program(const char *folder, const struct bpf_prog_load_args *args)
{
	__u32 header[] = { args->type, args->attach_type, args->flags, args->n_insns, args->n_line_info, 0 };
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, args->name);
	file = fopen(path, "we");
	if (!file)
		return;
	fwrite(header, sizeof(header), 1, file);
	write_insns(file, args->insns, args->n_insns);
	if (args->n_line_info)
		fwrite(args->line_info, sizeof(struct bpf_line_info), args->n_line_info, file);
	if (fclose(file))
		remove(path);
}

int __wrap_sys_bpf_prog_load(struct bpf_prog_load_args *args)
{
	const char *folder = getenv("BENCH_PROGRAMS");
	int fd = __real_sys_bpf_prog_load(args);

	if (fd >= 0 && folder && args->name)
		write_program(folder, args);
	return fd;
}
