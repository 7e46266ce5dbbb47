/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/kernel_prog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/verifier_log.h"
#include "syscalls/bpf.h"

#define LOG_FIRST (64u * 1024)
#define LOG_LAST (16u * 1024 * 1024 - 1) /* what kernels before 5.2 take at most */

/* From maps' numbers in the plan to their descriptors. */
static void place_maps(struct bpf_insn *insns, size_t n, const int *map_fds)
{
	size_t i;

	for (i = 0; i + 1 < n; i++) {
		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (insns[i].src_reg == BPF_PSEUDO_MAP_FD || insns[i].src_reg == BPF_PSEUDO_MAP_VALUE)
			insns[i].imm = map_fds[insns[i].imm];
		i++;
	}
}

/*
 * Once more, for the log. The kernel keeps the log's end since 6.4; before, its beginning, with ENOSPC where the room
 * was too little: then it is tried with more.
 */
static int refused(struct bpf_prog_load_args *args, const char *name, int code, struct error *err)
{
	char *log = NULL;
	__u32 size;

	for (size = LOG_FIRST;; size = size < LOG_LAST / 16 ? size * 16 : LOG_LAST) {
		int again;

		free(log);
		log = calloc(1, size);
		if (!log)
			break;
		args->log = log;
		args->log_size = size;
		args->log_level = 1;
		again = sys_bpf_prog_load(args);
		if (again != -ENOSPC || size == LOG_LAST)
			break;
	}
	error_set(err, code, "program %s: the kernel refuses it: %s%s", name, strerror(-code),
		  code == -EPERM ? ": run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN" : "");
	if (log)
		verifier_log_append(err, log);
	free(log);
	return code;
}

int kernel_prog_load(const struct plan *plan, size_t index, const int *map_fds, int btf_fd, struct error *err)
{
	const struct prog_plan *prog = &plan->progs[index];
	struct bpf_insn *insns = malloc(prog->n_insns * sizeof(*insns));
	struct bpf_prog_load_args args = {
		.type = prog->type,
		.attach_type = prog->attach_type,
		.flags = prog->flags,
		.name = prog->name,
		.license = plan->spec->license,
		.version = plan->spec->version,
		.insns = insns,
		.n_insns = (__u32)prog->n_insns,
	};
	int fd;

	if (!insns)
		return error_set(err, -ENOMEM, "program %s: no memory for its instructions", prog->spec->name);
	memcpy(insns, prog->insns, prog->n_insns * sizeof(*insns));
	place_maps(insns, prog->n_insns, map_fds);
	if (btf_fd > 0 && prog->with_func_info) {
		args.btf_fd = btf_fd;
		args.func_info = prog->spec->funcs;
		args.n_func_info = (__u32)prog->spec->n_funcs;
	}
	if (args.btf_fd && prog->with_line_info) {
		args.line_info = prog->spec->lines;
		args.n_line_info = (__u32)prog->spec->n_lines;
	}
	fd = sys_bpf_prog_load(&args);
	if (fd < 0)
		fd = refused(&args, prog->spec->name, fd, err);
	free(insns);
	return fd;
}
