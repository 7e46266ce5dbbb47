/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The questions that probe.c puts to the kernel. Each gives 0 or more, or -errno as the kernel answered, and leaves
 * nothing behind.
 */
#ifndef COMPAT_PROBE_H
#define COMPAT_PROBE_H

/* probe_prog.c: by loading a program */
int ask_attach_type(void);
int ask_func_info(void);
int ask_global_data(void);
int ask_bounded_loops(void);
int ask_jmp32(void);
int ask_large_programs(void);
int ask_xdp(void);
int ask_sched_cls(void);
int ask_cgroup_connect(void);
int ask_cgroup_mark(void);
int ask_cgroup_events(void);
int ask_shared_storage(void);
int ask_gso_size(void);
int ask_jiffies(void);
int ask_log_true_size(void);

/* probe_map.c: by making a map */
int ask_names(void);
int ask_lpm_trie(void);
int ask_lru_hash(void);
int ask_cgroup_storage(void);
int ask_ringbuf(void);
int ask_batch(void);
int ask_mmap_array(void);
int ask_memcg_account(void);

/* probe_btf.c: by loading types */
int ask_btf(void);
int ask_btf_func(void);
int ask_btf_func_global(void);
int ask_btf_datasec(void);
int ask_btf_float(void);
int ask_btf_decl_tag(void);
int ask_btf_type_tag(void);
int ask_btf_enum64(void);

/* probe_attach.c: by attaching to what is not there */
int ask_test_run(void);
int ask_prog_query(void);
int ask_cgroup_skb(void);
int ask_cgroup_link(void);
int ask_xdp_link(void);
int ask_tcx(void);

/* The smallest program of a type, which returns 0 and is on no hook: a descriptor or -errno. */
int probe_program(unsigned type);

#endif
