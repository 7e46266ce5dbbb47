/* SPDX-License-Identifier: GPL-2.0 */
/* Linux 5.10, by its sources: what each table is taken from stands above it. */
#include "tests/kernels/old_kernel.h"

#define UP_TO(field) (offsetof(union bpf_attr, field) + sizeof(((union bpf_attr *)0)->field))

/* kernel/bpf/syscall.c: the LAST_FIELD of each. */
static const struct command_row commands[] = {
	[BPF_MAP_CREATE] = { "MAP_CREATE", UP_TO(btf_vmlinux_value_type_id) },
	[BPF_MAP_LOOKUP_ELEM] = { "MAP_LOOKUP_ELEM", UP_TO(flags) },
	[BPF_MAP_UPDATE_ELEM] = { "MAP_UPDATE_ELEM", UP_TO(flags) },
	[BPF_MAP_DELETE_ELEM] = { "MAP_DELETE_ELEM", UP_TO(key) },
	[BPF_MAP_GET_NEXT_KEY] = { "MAP_GET_NEXT_KEY", UP_TO(next_key) },
	[BPF_PROG_LOAD] = { "PROG_LOAD", UP_TO(attach_prog_fd) },
	[BPF_OBJ_PIN] = { "OBJ_PIN", UP_TO(file_flags) },
	[BPF_OBJ_GET] = { "OBJ_GET", UP_TO(file_flags) },
	[BPF_PROG_ATTACH] = { "PROG_ATTACH", UP_TO(replace_bpf_fd) },
	[BPF_PROG_DETACH] = { "PROG_DETACH", UP_TO(attach_type) },
	[BPF_PROG_TEST_RUN] = { "PROG_TEST_RUN", UP_TO(test.cpu) },
	[BPF_PROG_GET_NEXT_ID] = { "PROG_GET_NEXT_ID", UP_TO(next_id) },
	[BPF_MAP_GET_NEXT_ID] = { "MAP_GET_NEXT_ID", UP_TO(next_id) },
	[BPF_PROG_GET_FD_BY_ID] = { "PROG_GET_FD_BY_ID", UP_TO(prog_id) },
	[BPF_MAP_GET_FD_BY_ID] = { "MAP_GET_FD_BY_ID", UP_TO(open_flags) },
	[BPF_OBJ_GET_INFO_BY_FD] = { "OBJ_GET_INFO_BY_FD", UP_TO(info.info) },
	[BPF_PROG_QUERY] = { "PROG_QUERY", UP_TO(query.prog_cnt) },
	[BPF_RAW_TRACEPOINT_OPEN] = { "RAW_TRACEPOINT_OPEN", UP_TO(raw_tracepoint.prog_fd) },
	[BPF_BTF_LOAD] = { "BTF_LOAD", UP_TO(btf_log_level) },
	[BPF_BTF_GET_FD_BY_ID] = { "BTF_GET_FD_BY_ID", UP_TO(btf_id) },
	[BPF_TASK_FD_QUERY] = { "TASK_FD_QUERY", UP_TO(task_fd_query.probe_addr) },
	[BPF_MAP_LOOKUP_AND_DELETE_ELEM] = { "MAP_LOOKUP_AND_DELETE_ELEM", UP_TO(value) },
	[BPF_MAP_FREEZE] = { "MAP_FREEZE", UP_TO(map_fd) },
	[BPF_BTF_GET_NEXT_ID] = { "BTF_GET_NEXT_ID", UP_TO(next_id) },
	[BPF_MAP_LOOKUP_BATCH] = { "MAP_LOOKUP_BATCH", UP_TO(batch.flags) },
	[BPF_MAP_LOOKUP_AND_DELETE_BATCH] = { "MAP_LOOKUP_AND_DELETE_BATCH", UP_TO(batch.flags) },
	[BPF_MAP_UPDATE_BATCH] = { "MAP_UPDATE_BATCH", UP_TO(batch.flags) },
	[BPF_MAP_DELETE_BATCH] = { "MAP_DELETE_BATCH", UP_TO(batch.flags) },
	[BPF_LINK_CREATE] = { "LINK_CREATE", UP_TO(link_create.iter_info_len) },
	[BPF_LINK_UPDATE] = { "LINK_UPDATE", UP_TO(link_update.old_prog_fd) },
	[BPF_LINK_GET_FD_BY_ID] = { "LINK_GET_FD_BY_ID", UP_TO(link_id) },
	[BPF_LINK_GET_NEXT_ID] = { "LINK_GET_NEXT_ID", UP_TO(next_id) },
	[BPF_ENABLE_STATS] = { "ENABLE_STATS", UP_TO(enable_stats.type) },
	[BPF_ITER_CREATE] = { "ITER_CREATE", UP_TO(iter_create.flags) },
	[BPF_LINK_DETACH] = { "LINK_DETACH", UP_TO(link_detach.link_fd) },
	[BPF_PROG_BIND_MAP] = { "PROG_BIND_MAP", UP_TO(prog_bind_map.flags) },
};

#define ACCESS_FLAGS (BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)
#define ARRAY_FLAGS (BPF_F_NUMA_NODE | BPF_F_MMAPABLE | ACCESS_FLAGS | BPF_F_PRESERVE_ELEMS | BPF_F_INNER_MAP)
#define HASH_FLAGS (BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE | ACCESS_FLAGS | BPF_F_ZERO_SEED)
#define LRU_FLAGS (BPF_F_NO_COMMON_LRU | BPF_F_NUMA_NODE | ACCESS_FLAGS | BPF_F_ZERO_SEED)
#define STORAGE_FLAGS (BPF_F_NO_PREALLOC | BPF_F_CLONE)

/* include/linux/bpf_types.h; *_map_alloc_check of kernel/bpf */
static const struct map_row maps[] = {
	[BPF_MAP_TYPE_HASH] = { "hash", HASH_FLAGS, false },
	[BPF_MAP_TYPE_ARRAY] = { "array", ARRAY_FLAGS, false },
	[BPF_MAP_TYPE_PROG_ARRAY] = { "prog_array", BPF_F_NUMA_NODE, true },
	[BPF_MAP_TYPE_PERF_EVENT_ARRAY] = { "perf_event_array", BPF_F_NUMA_NODE | BPF_F_PRESERVE_ELEMS, true },
	[BPF_MAP_TYPE_PERCPU_HASH] = { "percpu_hash", BPF_F_NO_PREALLOC | ACCESS_FLAGS | BPF_F_ZERO_SEED, false },
	[BPF_MAP_TYPE_PERCPU_ARRAY] = { "percpu_array", ACCESS_FLAGS, false },
	[BPF_MAP_TYPE_STACK_TRACE] = { "stack_trace", BPF_F_NUMA_NODE | ACCESS_FLAGS | BPF_F_STACK_BUILD_ID, true },
	[BPF_MAP_TYPE_CGROUP_ARRAY] = { "cgroup_array", BPF_F_NUMA_NODE, true },
	[BPF_MAP_TYPE_LRU_HASH] = { "lru_hash", LRU_FLAGS, false },
	[BPF_MAP_TYPE_LRU_PERCPU_HASH] = { "lru_percpu_hash", LRU_FLAGS & ~BPF_F_NUMA_NODE, false },
	[BPF_MAP_TYPE_LPM_TRIE] = { "lpm_trie", HASH_FLAGS & ~BPF_F_ZERO_SEED, false },
	[BPF_MAP_TYPE_ARRAY_OF_MAPS] = { "array_of_maps", BPF_F_NUMA_NODE, true },
	[BPF_MAP_TYPE_HASH_OF_MAPS] = { "hash_of_maps", HASH_FLAGS, true },
	[BPF_MAP_TYPE_DEVMAP] = { "devmap", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_SOCKMAP] = { "sockmap", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_CPUMAP] = { "cpumap", BPF_F_NUMA_NODE, true },
	[BPF_MAP_TYPE_XSKMAP] = { "xskmap", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_SOCKHASH] = { "sockhash", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_CGROUP_STORAGE] = { "cgroup_storage", BPF_F_NUMA_NODE | ACCESS_FLAGS, false },
	[BPF_MAP_TYPE_REUSEPORT_SOCKARRAY] = { "reuseport_sockarray", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE] = { "percpu_cgroup_storage", ACCESS_FLAGS, false },
	[BPF_MAP_TYPE_QUEUE] = { "queue", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_STACK] = { "stack", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_SK_STORAGE] = { "sk_storage", STORAGE_FLAGS, false },
	[BPF_MAP_TYPE_DEVMAP_HASH] = { "devmap_hash", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_STRUCT_OPS] = { "struct_ops", 0, false },
	[BPF_MAP_TYPE_RINGBUF] = { "ringbuf", BPF_F_NUMA_NODE, true },
	[BPF_MAP_TYPE_INODE_STORAGE] = { "inode_storage", STORAGE_FLAGS, false },
};

/* kernel/bpf/helpers.c: bpf_base_func_proto; net/core/filter.c: bpf_sk_base_func_proto */
static const int base_helpers[] = {
	BPF_FUNC_map_lookup_elem,
	BPF_FUNC_map_update_elem,
	BPF_FUNC_map_delete_elem,
	BPF_FUNC_map_push_elem,
	BPF_FUNC_map_pop_elem,
	BPF_FUNC_map_peek_elem,
	BPF_FUNC_get_prandom_u32,
	BPF_FUNC_get_smp_processor_id,
	BPF_FUNC_get_numa_node_id,
	BPF_FUNC_tail_call,
	BPF_FUNC_ktime_get_ns,
	BPF_FUNC_ktime_get_boot_ns,
	BPF_FUNC_ringbuf_output,
	BPF_FUNC_ringbuf_reserve,
	BPF_FUNC_ringbuf_submit,
	BPF_FUNC_ringbuf_discard,
	BPF_FUNC_ringbuf_query,
	BPF_FUNC_spin_lock,
	BPF_FUNC_spin_unlock,
	BPF_FUNC_jiffies64,
	BPF_FUNC_per_cpu_ptr,
	BPF_FUNC_this_cpu_ptr,
	BPF_FUNC_trace_printk,
	BPF_FUNC_get_current_task,
	BPF_FUNC_probe_read_user,
	BPF_FUNC_probe_read_kernel,
	BPF_FUNC_probe_read_user_str,
	BPF_FUNC_probe_read_kernel_str,
	BPF_FUNC_snprintf_btf,
	BPF_FUNC_skc_to_tcp6_sock,
	BPF_FUNC_skc_to_tcp_sock,
	BPF_FUNC_skc_to_tcp_timewait_sock,
	BPF_FUNC_skc_to_tcp_request_sock,
	BPF_FUNC_skc_to_udp6_sock,
	-1,
};

/* cg_skb_func_proto, sk_filter_func_proto */
static const int cgroup_skb_helpers[] = {
	BPF_FUNC_get_local_storage,      BPF_FUNC_sk_fullsock,       BPF_FUNC_sk_storage_get,
	BPF_FUNC_sk_storage_delete,      BPF_FUNC_perf_event_output, BPF_FUNC_skb_cgroup_id,
	BPF_FUNC_skb_ancestor_cgroup_id, BPF_FUNC_sk_cgroup_id,      BPF_FUNC_sk_ancestor_cgroup_id,
	BPF_FUNC_sk_lookup_tcp,          BPF_FUNC_sk_lookup_udp,     BPF_FUNC_sk_release,
	BPF_FUNC_skc_lookup_tcp,         BPF_FUNC_tcp_sock,          BPF_FUNC_get_listener_sock,
	BPF_FUNC_skb_ecn_set_ce,         BPF_FUNC_skb_load_bytes,    BPF_FUNC_skb_load_bytes_relative,
	BPF_FUNC_get_socket_cookie,      BPF_FUNC_get_socket_uid,    -1,
};

/* sock_addr_func_proto */
static const int sock_addr_helpers[] = {
	BPF_FUNC_get_current_uid_gid,
	BPF_FUNC_bind,
	BPF_FUNC_get_socket_cookie,
	BPF_FUNC_get_netns_cookie,
	BPF_FUNC_get_local_storage,
	BPF_FUNC_perf_event_output,
	BPF_FUNC_get_current_pid_tgid,
	BPF_FUNC_get_current_comm,
	BPF_FUNC_get_current_cgroup_id,
	BPF_FUNC_get_current_ancestor_cgroup_id,
	BPF_FUNC_get_cgroup_classid,
	BPF_FUNC_sk_lookup_tcp,
	BPF_FUNC_sk_lookup_udp,
	BPF_FUNC_sk_release,
	BPF_FUNC_skc_lookup_tcp,
	BPF_FUNC_sk_storage_get,
	BPF_FUNC_sk_storage_delete,
	BPF_FUNC_setsockopt,
	BPF_FUNC_getsockopt,
	-1,
};

/* tc_cls_act_func_proto */
static const int sched_cls_helpers[] = {
	BPF_FUNC_skb_store_bytes,
	BPF_FUNC_skb_load_bytes,
	BPF_FUNC_skb_load_bytes_relative,
	BPF_FUNC_skb_pull_data,
	BPF_FUNC_csum_diff,
	BPF_FUNC_csum_update,
	BPF_FUNC_csum_level,
	BPF_FUNC_l3_csum_replace,
	BPF_FUNC_l4_csum_replace,
	BPF_FUNC_clone_redirect,
	BPF_FUNC_get_cgroup_classid,
	BPF_FUNC_skb_vlan_push,
	BPF_FUNC_skb_vlan_pop,
	BPF_FUNC_skb_change_proto,
	BPF_FUNC_skb_change_type,
	BPF_FUNC_skb_adjust_room,
	BPF_FUNC_skb_change_tail,
	BPF_FUNC_skb_change_head,
	BPF_FUNC_skb_get_tunnel_key,
	BPF_FUNC_skb_set_tunnel_key,
	BPF_FUNC_skb_get_tunnel_opt,
	BPF_FUNC_skb_set_tunnel_opt,
	BPF_FUNC_redirect,
	BPF_FUNC_redirect_neigh,
	BPF_FUNC_redirect_peer,
	BPF_FUNC_get_route_realm,
	BPF_FUNC_get_hash_recalc,
	BPF_FUNC_set_hash_invalid,
	BPF_FUNC_set_hash,
	BPF_FUNC_perf_event_output,
	BPF_FUNC_skb_under_cgroup,
	BPF_FUNC_get_socket_cookie,
	BPF_FUNC_get_socket_uid,
	BPF_FUNC_fib_lookup,
	BPF_FUNC_sk_fullsock,
	BPF_FUNC_sk_storage_get,
	BPF_FUNC_sk_storage_delete,
	BPF_FUNC_skb_get_xfrm_state,
	BPF_FUNC_skb_cgroup_classid,
	BPF_FUNC_skb_cgroup_id,
	BPF_FUNC_skb_ancestor_cgroup_id,
	BPF_FUNC_sk_lookup_tcp,
	BPF_FUNC_sk_lookup_udp,
	BPF_FUNC_sk_release,
	BPF_FUNC_tcp_sock,
	BPF_FUNC_get_listener_sock,
	BPF_FUNC_skc_lookup_tcp,
	BPF_FUNC_tcp_check_syncookie,
	BPF_FUNC_skb_ecn_set_ce,
	BPF_FUNC_tcp_gen_syncookie,
	BPF_FUNC_sk_assign,
	-1,
};

/* xdp_func_proto */
static const int xdp_helpers[] = {
	BPF_FUNC_perf_event_output,   BPF_FUNC_csum_diff,         BPF_FUNC_xdp_adjust_head,
	BPF_FUNC_xdp_adjust_meta,     BPF_FUNC_redirect,          BPF_FUNC_redirect_map,
	BPF_FUNC_xdp_adjust_tail,     BPF_FUNC_fib_lookup,        BPF_FUNC_sk_lookup_udp,
	BPF_FUNC_sk_lookup_tcp,       BPF_FUNC_sk_release,        BPF_FUNC_skc_lookup_tcp,
	BPF_FUNC_tcp_check_syncookie, BPF_FUNC_tcp_gen_syncookie, -1,
};

#define FIELD(type, field, read, write)                                                                                \
	{                                                                                                              \
#field, offsetof(struct type, field), sizeof(((struct type *)0)->field), read, write                   \
	}
#define SKB(field, read, write) FIELD(__sk_buff, field, read, write)

/* cg_skb_is_valid_access */
static const struct field_row cgroup_skb_fields[] = {
	SKB(len, NARROW, NO_ACCESS),
	SKB(pkt_type, NARROW, NO_ACCESS),
	SKB(mark, NARROW, WHOLE),
	SKB(queue_mapping, NARROW, NO_ACCESS),
	SKB(protocol, NARROW, NO_ACCESS),
	SKB(vlan_present, NARROW, NO_ACCESS),
	SKB(vlan_tci, NARROW, NO_ACCESS),
	SKB(vlan_proto, NARROW, NO_ACCESS),
	SKB(priority, NARROW, WHOLE),
	SKB(ingress_ifindex, NARROW, NO_ACCESS),
	SKB(ifindex, NARROW, NO_ACCESS),
	SKB(tc_index, NARROW, NO_ACCESS),
	SKB(cb, WIDE, WIDE),
	SKB(hash, NARROW, NO_ACCESS),
	SKB(data, WHOLE, NO_ACCESS),
	SKB(data_end, WHOLE, NO_ACCESS),
	SKB(napi_id, NARROW, NO_ACCESS),
	SKB(family, WHOLE, NO_ACCESS),
	SKB(remote_ip4, WHOLE, NO_ACCESS),
	SKB(local_ip4, WHOLE, NO_ACCESS),
	SKB(remote_ip6, WHOLE, NO_ACCESS),
	SKB(local_ip6, WHOLE, NO_ACCESS),
	SKB(remote_port, WHOLE, NO_ACCESS),
	SKB(local_port, WHOLE, NO_ACCESS),
	SKB(tstamp, WHOLE, WHOLE),
	SKB(gso_segs, NARROW, NO_ACCESS),
	SKB(sk, WHOLE, NO_ACCESS),
	SKB(gso_size, NARROW, NO_ACCESS),
	{ 0 },
};

/* tc_cls_act_is_valid_access */
static const struct field_row sched_cls_fields[] = {
	SKB(len, NARROW, NO_ACCESS),
	SKB(pkt_type, NARROW, NO_ACCESS),
	SKB(mark, NARROW, WHOLE),
	SKB(queue_mapping, NARROW, WHOLE),
	SKB(protocol, NARROW, NO_ACCESS),
	SKB(vlan_present, NARROW, NO_ACCESS),
	SKB(vlan_tci, NARROW, NO_ACCESS),
	SKB(vlan_proto, NARROW, NO_ACCESS),
	SKB(priority, NARROW, WHOLE),
	SKB(ingress_ifindex, NARROW, NO_ACCESS),
	SKB(ifindex, NARROW, NO_ACCESS),
	SKB(tc_index, NARROW, WHOLE),
	SKB(cb, WIDE, WIDE),
	SKB(hash, NARROW, NO_ACCESS),
	SKB(tc_classid, NARROW, WHOLE),
	SKB(data, WHOLE, NO_ACCESS),
	SKB(data_end, WHOLE, NO_ACCESS),
	SKB(napi_id, NARROW, NO_ACCESS),
	SKB(data_meta, WHOLE, NO_ACCESS),
	SKB(tstamp, WHOLE, WHOLE),
	SKB(wire_len, NARROW, NO_ACCESS),
	SKB(gso_segs, NARROW, NO_ACCESS),
	SKB(sk, WHOLE, NO_ACCESS),
	SKB(gso_size, NARROW, NO_ACCESS),
	{ 0 },
};

/* xdp_is_valid_access: egress_ifindex is for device maps alone */
static const struct field_row xdp_fields[] = {
	FIELD(xdp_md, data, WHOLE, NO_ACCESS),           FIELD(xdp_md, data_end, WHOLE, NO_ACCESS),
	FIELD(xdp_md, data_meta, WHOLE, NO_ACCESS),      FIELD(xdp_md, ingress_ifindex, WHOLE, NO_ACCESS),
	FIELD(xdp_md, rx_queue_index, WHOLE, NO_ACCESS), { 0 },
};

/* sock_addr_is_valid_access */
static const struct field_row sock_addr_fields[] = {
	FIELD(bpf_sock_addr, user_family, WHOLE, NO_ACCESS),
	FIELD(bpf_sock_addr, user_ip4, NARROW, WHOLE),
	FIELD(bpf_sock_addr, user_ip6, WIDE, WIDE),
	FIELD(bpf_sock_addr, user_port, NARROW, WHOLE),
	FIELD(bpf_sock_addr, family, WHOLE, NO_ACCESS),
	FIELD(bpf_sock_addr, type, WHOLE, NO_ACCESS),
	FIELD(bpf_sock_addr, protocol, WHOLE, NO_ACCESS),
	FIELD(bpf_sock_addr, msg_src_ip4, NARROW, WHOLE),
	FIELD(bpf_sock_addr, msg_src_ip6, WIDE, WIDE),
	FIELD(bpf_sock_addr, sk, WHOLE, NO_ACCESS),
	{ 0 },
};

/* bpf_prog_load_check_attach */
static const int sock_addr_attach_types[] = {
	BPF_CGROUP_INET4_BIND,
	BPF_CGROUP_INET6_BIND,
	BPF_CGROUP_INET4_CONNECT,
	BPF_CGROUP_INET6_CONNECT,
	BPF_CGROUP_INET4_GETPEERNAME,
	BPF_CGROUP_INET6_GETPEERNAME,
	BPF_CGROUP_INET4_GETSOCKNAME,
	BPF_CGROUP_INET6_GETSOCKNAME,
	BPF_CGROUP_UDP4_SENDMSG,
	BPF_CGROUP_UDP6_SENDMSG,
	BPF_CGROUP_UDP4_RECVMSG,
	BPF_CGROUP_UDP6_RECVMSG,
	-1,
};
static const int cgroup_skb_attach_types[] = { BPF_CGROUP_INET_INGRESS, BPF_CGROUP_INET_EGRESS, -1 };

/* include/linux/bpf_types.h */
static const struct program_row programs[] = {
	[BPF_PROG_TYPE_SOCKET_FILTER] = { "socket_filter" },
	[BPF_PROG_TYPE_KPROBE] = { "kprobe" },
	[BPF_PROG_TYPE_SCHED_CLS] = { "sched_cls", sched_cls_helpers, sched_cls_fields },
	[BPF_PROG_TYPE_SCHED_ACT] = { "sched_act", sched_cls_helpers, sched_cls_fields },
	[BPF_PROG_TYPE_TRACEPOINT] = { "tracepoint" },
	[BPF_PROG_TYPE_XDP] = { "xdp", xdp_helpers, xdp_fields },
	[BPF_PROG_TYPE_PERF_EVENT] = { "perf_event" },
	[BPF_PROG_TYPE_CGROUP_SKB] = { "cgroup_skb", cgroup_skb_helpers, cgroup_skb_fields, cgroup_skb_attach_types },
	[BPF_PROG_TYPE_CGROUP_SOCK] = { "cgroup_sock" },
	[BPF_PROG_TYPE_LWT_IN] = { "lwt_in" },
	[BPF_PROG_TYPE_LWT_OUT] = { "lwt_out" },
	[BPF_PROG_TYPE_LWT_XMIT] = { "lwt_xmit" },
	[BPF_PROG_TYPE_SOCK_OPS] = { "sock_ops" },
	[BPF_PROG_TYPE_SK_SKB] = { "sk_skb" },
	[BPF_PROG_TYPE_CGROUP_DEVICE] = { "cgroup_device" },
	[BPF_PROG_TYPE_SK_MSG] = { "sk_msg" },
	[BPF_PROG_TYPE_RAW_TRACEPOINT] = { "raw_tracepoint" },
	[BPF_PROG_TYPE_CGROUP_SOCK_ADDR] = { "cgroup_sock_addr", sock_addr_helpers, sock_addr_fields,
					     sock_addr_attach_types },
	[BPF_PROG_TYPE_LWT_SEG6LOCAL] = { "lwt_seg6local" },
	[BPF_PROG_TYPE_LIRC_MODE2] = { "lirc_mode2" },
	[BPF_PROG_TYPE_SK_REUSEPORT] = { "sk_reuseport" },
	[BPF_PROG_TYPE_FLOW_DISSECTOR] = { "flow_dissector" },
	[BPF_PROG_TYPE_CGROUP_SYSCTL] = { "cgroup_sysctl" },
	[BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE] = { "raw_tracepoint_writable" },
	[BPF_PROG_TYPE_CGROUP_SOCKOPT] = { "cgroup_sockopt" },
	[BPF_PROG_TYPE_TRACING] = { "tracing" },
	[BPF_PROG_TYPE_STRUCT_OPS] = { "struct_ops" },
	[BPF_PROG_TYPE_EXT] = { "ext" },
	[BPF_PROG_TYPE_LSM] = { "lsm" },
	[BPF_PROG_TYPE_SK_LOOKUP] = { "sk_lookup" },
};

/* kernel/bpf/core.c: BPF_INSN_MAP. No atomics but the plain addition: the others came in 5.12. */
#define BOTH(class, op) [(class) | (op) | BPF_K] = true, [(class) | (op) | BPF_X] = true
#define ARITHMETIC(class)                                                                                              \
	BOTH(class, BPF_ADD), BOTH(class, BPF_SUB), BOTH(class, BPF_MUL), BOTH(class, BPF_DIV), BOTH(class, BPF_OR),   \
		BOTH(class, BPF_AND), BOTH(class, BPF_LSH), BOTH(class, BPF_RSH), BOTH(class, BPF_MOD),                \
		BOTH(class, BPF_XOR), BOTH(class, BPF_MOV), BOTH(class, BPF_ARSH), [(class) | BPF_NEG] = true
#define COMPARISONS(class)                                                                                             \
	BOTH(class, BPF_JEQ), BOTH(class, BPF_JNE), BOTH(class, BPF_JGT), BOTH(class, BPF_JGE), BOTH(class, BPF_JLT),  \
		BOTH(class, BPF_JLE), BOTH(class, BPF_JSGT), BOTH(class, BPF_JSGE), BOTH(class, BPF_JSLT),             \
		BOTH(class, BPF_JSLE), BOTH(class, BPF_JSET)
#define SIZES(class, mode)                                                                                             \
	[(class) | (mode) | BPF_B] = true, [(class) | (mode) | BPF_H] = true, [(class) | (mode) | BPF_W] = true

static const bool opcodes[256] = {
	ARITHMETIC(BPF_ALU),
	ARITHMETIC(BPF_ALU64),
	COMPARISONS(BPF_JMP),
	COMPARISONS(BPF_JMP32),
	[BPF_ALU | BPF_END | BPF_TO_BE] = true,
	[BPF_ALU | BPF_END | BPF_TO_LE] = true,
	[BPF_JMP | BPF_JA] = true,
	[BPF_JMP | BPF_CALL] = true,
	[BPF_JMP | BPF_EXIT] = true,
	SIZES(BPF_LDX, BPF_MEM),
	SIZES(BPF_STX, BPF_MEM),
	SIZES(BPF_ST, BPF_MEM),
	SIZES(BPF_LD, BPF_ABS),
	SIZES(BPF_LD, BPF_IND),
	[BPF_LDX | BPF_MEM | BPF_DW] = true,
	[BPF_STX | BPF_MEM | BPF_DW] = true,
	[BPF_ST | BPF_MEM | BPF_DW] = true,
	[BPF_STX | BPF_XADD | BPF_W] = true,
	[BPF_STX | BPF_XADD | BPF_DW] = true,
	[BPF_LD | BPF_IMM | BPF_DW] = true,
};

#define ROUND_8(n) (((n) + 7) / 8 * 8)

const struct old_kernel linux_5_10 = {
	.name = "5.10",
	.major = 5,
	.minor = 10,
	.commands = commands,
	.n_commands = sizeof(commands) / sizeof(*commands),
	.attr_size = ROUND_8(UP_TO(attach_prog_fd)), /* the longest of its structures */
	.maps = maps,
	.n_maps = sizeof(maps) / sizeof(*maps),
	.programs = programs,
	.n_programs = sizeof(programs) / sizeof(*programs),
	.base_helpers = base_helpers,
	.last_helper = BPF_FUNC_redirect_peer,
	.opcodes = opcodes,
	.last_pseudo_load = BPF_PSEUDO_BTF_ID,
	.max_insns = 1000000, /* BPF_COMPLEXITY_LIMIT_INSNS */
	.program_flags = BPF_F_STRICT_ALIGNMENT | BPF_F_ANY_ALIGNMENT | BPF_F_TEST_RND_HI32 | BPF_F_TEST_STATE_FREQ |
			 BPF_F_SLEEPABLE,
	.attach_flags = BPF_F_ALLOW_OVERRIDE | BPF_F_ALLOW_MULTI | BPF_F_REPLACE,
	.last_attach_type = BPF_XDP,
	.log_max = 0xffffffffu >> 2, /* bpf_check */
	.loops = true,
	.tail_calls_and_calls = true, /* where the compiled code is run, and on x86_64 alone */
	.dotted_names = true,
	.shared_storage = true,
	.locks_memory = true,
	.last_kind = 15,          /* DATASEC */
	.kind_info = 0x8f00ffffu, /* BTF_INFO_MASK */
	.global_functions = true,
	.last_btf_name = 0xffffff, /* BTF_MAX_NAME_OFFSET */
	.prog_info = ROUND_8(offsetof(struct bpf_prog_info, run_cnt) + 8),
	.map_info = ROUND_8(offsetof(struct bpf_map_info, btf_value_type_id) + 4),
	.xdp_flags = 0x1f,         /* XDP_FLAGS_MASK */
	.last_link_attribute = 55, /* IFLA_PROTO_DOWN_REASON */
	.last_xdp_attribute = 8,   /* IFLA_XDP_EXPECTED_FD */
	.strict_netlink = true,    /* 4.20 */
	.last_syscall = 440,       /* process_madvise */
};
