/* SPDX-License-Identifier: GPL-2.0 */
#include "syscalls/bpf.h"

#include <errno.h>

#include "syscalls/bpf_call.h"

#define LOAD_TRIES 5

/* BPF_PROG_LOAD's attributes, with what came in 6.4 behind them. */
union prog_load_attr {
	union bpf_attr attr;
	struct {
		unsigned char before[offsetof(union bpf_attr, core_relo_rec_size) + sizeof(__u32)];
		__u32 log_true_size;
	};
};

static void fill_debug_info(union bpf_attr *attr, const struct bpf_prog_load_args *args)
{
	if (!args->btf_fd)
		return;
	attr->prog_btf_fd = args->btf_fd;
	if (args->n_func_info) {
		attr->func_info_rec_size = sizeof(struct bpf_func_info);
		attr->func_info = bpf_pointer(args->func_info);
		attr->func_info_cnt = args->n_func_info;
	}
	if (args->n_line_info) {
		attr->line_info_rec_size = sizeof(struct bpf_line_info);
		attr->line_info = bpf_pointer(args->line_info);
		attr->line_info_cnt = args->n_line_info;
	}
}

static void fill_load(union bpf_attr *attr, const struct bpf_prog_load_args *args)
{
	attr->prog_type = args->type;
	attr->insn_cnt = args->n_insns;
	attr->insns = bpf_pointer(args->insns);
	attr->license = bpf_pointer(args->license ? args->license : "");
	attr->kern_version = args->version;
	attr->prog_flags = args->flags;
	attr->expected_attach_type = args->attach_type;
	bpf_name(attr->prog_name, args->name);
	if (args->log && args->log_size) {
		attr->log_buf = bpf_pointer(args->log);
		attr->log_size = args->log_size;
		attr->log_level = args->log_level;
	}
	fill_debug_info(attr, args);
}

int sys_bpf_prog_load(struct bpf_prog_load_args *args)
{
	union prog_load_attr load;
	int tries, fd = -EAGAIN;

	/* The verifier gives up with EAGAIN when a signal is pending (c3494801cd17, 4.20): by then it has been handled.
	 */
	for (tries = 0; tries < LOAD_TRIES && fd == -EAGAIN; tries++) {
		memset(&load, 0, sizeof(load));
		fill_load(&load.attr, args);
		fd = bpf_call_fd(BPF_PROG_LOAD, &load, offsetof(union prog_load_attr, log_true_size) + sizeof(__u32));
	}
	args->log_true_size = load.log_true_size;
	return fd;
}

int sys_bpf_prog_attach(int prog_fd, int target_fd, __u32 attach_type, __u32 flags, int replace_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = target_fd;
	attr.attach_bpf_fd = prog_fd;
	attr.attach_type = attach_type;
	attr.attach_flags = flags;
	if (replace_fd > 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = replace_fd;
	}
	return bpf_call(BPF_PROG_ATTACH, &attr, ATTR_SIZE(replace_bpf_fd));
}

int sys_bpf_prog_detach(int prog_fd, int target_fd, __u32 attach_type)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = target_fd;
	attr.attach_bpf_fd = prog_fd;
	attr.attach_type = attach_type;
	return bpf_call(BPF_PROG_DETACH, &attr, ATTR_SIZE(attach_type));
}

int sys_bpf_prog_query(int target_fd, __u32 attach_type, __u32 *prog_ids, __u32 *count, __u32 *attach_flags)
{
	union bpf_attr attr;
	int result;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = target_fd;
	attr.query.attach_type = attach_type;
	attr.query.prog_ids = bpf_pointer(prog_ids);
	attr.query.prog_cnt = *count;
	result = bpf_call(BPF_PROG_QUERY, &attr, ATTR_SIZE(query.prog_cnt));
	*count = attr.query.prog_cnt;
	if (attach_flags)
		*attach_flags = attr.query.attach_flags;
	return result;
}

int sys_bpf_prog_test_run(int prog_fd, struct bpf_test_run_args *args)
{
	union bpf_attr attr;
	int result;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = prog_fd;
	attr.test.data_in = bpf_pointer(args->data_in);
	attr.test.data_size_in = args->data_in_size;
	attr.test.data_out = bpf_pointer(args->data_out);
	attr.test.data_size_out = args->data_out_size;
	attr.test.ctx_in = bpf_pointer(args->ctx_in);
	attr.test.ctx_size_in = args->ctx_in_size;
	attr.test.ctx_out = bpf_pointer(args->ctx_out);
	attr.test.ctx_size_out = args->ctx_out_size;
	attr.test.repeat = args->repeat;
	attr.test.flags = args->flags;
	attr.test.batch_size = args->batch_size;
	result = bpf_call(BPF_PROG_TEST_RUN, &attr, ATTR_SIZE(test));
	args->data_out_size = attr.test.data_size_out;
	args->ctx_out_size = attr.test.ctx_size_out;
	args->retval = attr.test.retval;
	args->duration_ns = attr.test.duration;
	return result;
}
