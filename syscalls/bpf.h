/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bpf(2), one function for each command: clear the attributes, fill them, call. Each gives a descriptor or 0, or
 * -errno. Descriptors are close-on-exec and above 2. Optional attributes stay zero when not asked for, since old
 * kernels answer E2BIG to bytes they do not know.
 */
#ifndef SYSCALLS_BPF_H
#define SYSCALLS_BPF_H

#include <stddef.h>
#include <linux/bpf.h>

struct bpf_map_create_args {
	__u32 type, key_size, value_size, max_entries, flags;
	int inner_fd; /* template of a map of maps; 0: none */
	int btf_fd;   /* 0: none */
	__u32 btf_key, btf_value;
	__u64 map_extra;
	const char *name; /* NULL or "": none; at most 15 bytes are sent */
	__u32 numa_node;  /* sent only with BPF_F_NUMA_NODE in flags */
};

struct bpf_prog_load_args {
	__u32 type, attach_type, flags;
	const char *name, *license;
	const struct bpf_insn *insns;
	__u32 n_insns;
	__u32 version;
	int btf_fd; /* 0: none; then no func_info or line_info either */
	const void *func_info;
	__u32 n_func_info;
	const void *line_info;
	__u32 n_line_info;
	char *log; /* NULL: none */
	__u32 log_size, log_level;
	__u32 log_true_size; /* out: 0 where the kernel does not say */
};

struct bpf_test_run_args {
	const void *data_in;
	__u32 data_in_size;
	void *data_out;
	__u32 data_out_size; /* in: room; out: used */
	const void *ctx_in;
	__u32 ctx_in_size;
	void *ctx_out;
	__u32 ctx_out_size;
	__u32 repeat, flags, batch_size;
	__u32 retval;      /* out */
	__u32 duration_ns; /* out: mean of one run */
};

int sys_bpf_map_create(const struct bpf_map_create_args *args);
int sys_bpf_map_lookup(int map_fd, const void *key, void *value);
int sys_bpf_map_update(int map_fd, const void *key, const void *value, __u64 flags);
int sys_bpf_map_delete(int map_fd, const void *key);
int sys_bpf_map_next_key(int map_fd, const void *key, void *next); /* key NULL: the first; -ENOENT: no more */
int sys_bpf_map_freeze(int map_fd);
/*
 * Batches. *count: in, entries in the arrays; out, how many were done, also on failure. lookup_batch gives -ENOENT with
 * the last entries; in_batch NULL starts; in_batch and out_batch have room for a key (4 bytes for a hash, at least).
 */
int sys_bpf_map_update_batch(int map_fd, const void *keys, const void *values, __u32 *count, __u64 flags);
int sys_bpf_map_delete_batch(int map_fd, const void *keys, __u32 *count);
int sys_bpf_map_lookup_batch(int map_fd, const void *in_batch, void *out_batch, void *keys, void *values, __u32 *count);
int sys_bpf_prog_load(struct bpf_prog_load_args *args); /* EAGAIN is tried again, a few times */
/* replace_fd: the program to take the place of, BPF_F_REPLACE is set for it; 0: none. */
int sys_bpf_prog_attach(int prog_fd, int target_fd, __u32 attach_type, __u32 flags, int replace_fd);
/* prog_fd 0: whichever program is there. */
int sys_bpf_prog_detach(int prog_fd, int target_fd, __u32 attach_type);
/* *count: in, room; out, how many there are. target_fd: a cgroup's descriptor, or for tcx an interface's index. */
int sys_bpf_prog_query(int target_fd, __u32 attach_type, __u32 *prog_ids, __u32 *count, __u32 *attach_flags);
int sys_bpf_prog_test_run(int prog_fd, struct bpf_test_run_args *args);
int sys_bpf_obj_pin(int fd, const char *path);
int sys_bpf_obj_get(const char *path);
/* *size: in, room in `info`, which the caller clears; out, bytes the kernel wrote. */
int sys_bpf_info(int fd, void *info, __u32 *size);
/* By id: a descriptor. next_id: the smallest id above `id`, -ENOENT: no more. Both need CAP_SYS_ADMIN. */
int sys_bpf_prog_by_id(__u32 id);
int sys_bpf_map_by_id(__u32 id);
int sys_bpf_link_by_id(__u32 id);
int sys_bpf_prog_next_id(__u32 id, __u32 *next);
int sys_bpf_map_next_id(__u32 id, __u32 *next);
int sys_bpf_link_next_id(__u32 id, __u32 *next);
int sys_bpf_btf_load(const void *btf, __u32 size, char *log, __u32 log_size, __u32 log_level);
/* target_fd is a cgroup's descriptor, or an interface's index for XDP. */
int sys_bpf_link_create(int prog_fd, int target_fd, __u32 attach_type, __u32 flags);
/* tcx: before everything else there where flags has BPF_F_BEFORE; relative_fd 0: none. */
int sys_bpf_link_create_tcx(int prog_fd, int ifindex, __u32 attach_type, __u32 flags, int relative_fd);
int sys_bpf_link_update(int link_fd, int new_prog_fd, int old_prog_fd); /* old 0: whatever is there */
int sys_bpf_link_detach(int link_fd);

/* perf_event_open(2) for a perf event array's slot on one CPU, woken at every `wakeup` samples. */
int sys_perf_event_open_bpf(int cpu, unsigned wakeup);
int sys_perf_event_enable(int fd);

#endif
