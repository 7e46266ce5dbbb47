/* SPDX-License-Identifier: GPL-2.0 */
/* Linux 4.19, by its sources: what each table is taken from stands above it. */
#include "tests/kernels/old_kernel.h"

#define UP_TO(field) (offsetof(union bpf_attr, field) + sizeof(((union bpf_attr *)0)->field))

/* kernel/bpf/syscall.c: the LAST_FIELD of each. */
static const struct command_row commands[] = {
	[BPF_MAP_CREATE] = { "MAP_CREATE", UP_TO(btf_value_type_id) },
	[BPF_MAP_LOOKUP_ELEM] = { "MAP_LOOKUP_ELEM", UP_TO(value) },
	[BPF_MAP_UPDATE_ELEM] = { "MAP_UPDATE_ELEM", UP_TO(flags) },
	[BPF_MAP_DELETE_ELEM] = { "MAP_DELETE_ELEM", UP_TO(key) },
	[BPF_MAP_GET_NEXT_KEY] = { "MAP_GET_NEXT_KEY", UP_TO(next_key) },
	[BPF_PROG_LOAD] = { "PROG_LOAD", UP_TO(expected_attach_type) },
	[BPF_OBJ_PIN] = { "OBJ_PIN", UP_TO(file_flags) },
	[BPF_OBJ_GET] = { "OBJ_GET", UP_TO(file_flags) },
	[BPF_PROG_ATTACH] = { "PROG_ATTACH", UP_TO(attach_flags) },
	[BPF_PROG_DETACH] = { "PROG_DETACH", UP_TO(attach_type) },
	[BPF_PROG_TEST_RUN] = { "PROG_TEST_RUN", UP_TO(test.duration) },
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
};

#define ACCESS_FLAGS (BPF_F_RDONLY | BPF_F_WRONLY)
#define ARRAY_FLAGS (BPF_F_NUMA_NODE | ACCESS_FLAGS) /* ARRAY_CREATE_FLAG_MASK */
#define HASH_FLAGS (BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE | ACCESS_FLAGS)
#define LRU_FLAGS (BPF_F_NO_COMMON_LRU | BPF_F_NUMA_NODE | ACCESS_FLAGS)

/* include/linux/bpf_types.h; *_map_alloc_check of kernel/bpf/{arraymap,hashtab,lpm_trie,local_storage}.c */
static const struct map_row maps[] = {
	[BPF_MAP_TYPE_HASH] = { "hash", HASH_FLAGS, false },
	[BPF_MAP_TYPE_ARRAY] = { "array", ARRAY_FLAGS, false },
	[BPF_MAP_TYPE_PROG_ARRAY] = { "prog_array", BPF_F_NUMA_NODE, true },
	[BPF_MAP_TYPE_PERF_EVENT_ARRAY] = { "perf_event_array", BPF_F_NUMA_NODE, true },
	[BPF_MAP_TYPE_PERCPU_HASH] = { "percpu_hash", BPF_F_NO_PREALLOC | ACCESS_FLAGS, false },
	[BPF_MAP_TYPE_PERCPU_ARRAY] = { "percpu_array", ACCESS_FLAGS, false },
	[BPF_MAP_TYPE_STACK_TRACE] = { "stack_trace", BPF_F_NUMA_NODE | ACCESS_FLAGS | BPF_F_STACK_BUILD_ID, true },
	[BPF_MAP_TYPE_CGROUP_ARRAY] = { "cgroup_array", BPF_F_NUMA_NODE, true },
	[BPF_MAP_TYPE_LRU_HASH] = { "lru_hash", LRU_FLAGS, false },
	[BPF_MAP_TYPE_LRU_PERCPU_HASH] = { "lru_percpu_hash", BPF_F_NO_COMMON_LRU | ACCESS_FLAGS, false },
	[BPF_MAP_TYPE_LPM_TRIE] = { "lpm_trie", HASH_FLAGS, false },
	[BPF_MAP_TYPE_ARRAY_OF_MAPS] = { "array_of_maps", BPF_F_NUMA_NODE, true },
	[BPF_MAP_TYPE_HASH_OF_MAPS] = { "hash_of_maps", HASH_FLAGS, true },
	[BPF_MAP_TYPE_DEVMAP] = { "devmap", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_SOCKMAP] = { "sockmap", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_CPUMAP] = { "cpumap", BPF_F_NUMA_NODE, true },
	[BPF_MAP_TYPE_XSKMAP] = { "xskmap", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_SOCKHASH] = { "sockhash", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_CGROUP_STORAGE] = { "cgroup_storage", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
	[BPF_MAP_TYPE_REUSEPORT_SOCKARRAY] = { "reuseport_sockarray", BPF_F_NUMA_NODE | ACCESS_FLAGS, true },
};

/* net/core/filter.c: bpf_base_func_proto */
static const int base_helpers[] = {
	BPF_FUNC_map_lookup_elem,
	BPF_FUNC_map_update_elem,
	BPF_FUNC_map_delete_elem,
	BPF_FUNC_get_prandom_u32,
	BPF_FUNC_get_smp_processor_id,
	BPF_FUNC_get_numa_node_id,
	BPF_FUNC_tail_call,
	BPF_FUNC_ktime_get_ns,
	BPF_FUNC_trace_printk,
	-1,
};

/* cg_skb_func_proto, sk_filter_func_proto: no perf_event_output, which came in 5.4 */
static const int cgroup_skb_helpers[] = {
	BPF_FUNC_get_local_storage, BPF_FUNC_skb_load_bytes, BPF_FUNC_skb_load_bytes_relative,
	BPF_FUNC_get_socket_cookie, BPF_FUNC_get_socket_uid, -1,
};

/* sock_addr_func_proto: no perf_event_output, which came in 5.8 */
static const int sock_addr_helpers[] = {
	BPF_FUNC_get_current_uid_gid, BPF_FUNC_bind, BPF_FUNC_get_socket_cookie, BPF_FUNC_get_local_storage, -1,
};

/* tc_cls_act_func_proto */
static const int sched_cls_helpers[] = {
	BPF_FUNC_skb_store_bytes,
	BPF_FUNC_skb_load_bytes,
	BPF_FUNC_skb_load_bytes_relative,
	BPF_FUNC_skb_pull_data,
	BPF_FUNC_csum_diff,
	BPF_FUNC_csum_update,
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
	BPF_FUNC_skb_get_tunnel_key,
	BPF_FUNC_skb_set_tunnel_key,
	BPF_FUNC_skb_get_tunnel_opt,
	BPF_FUNC_skb_set_tunnel_opt,
	BPF_FUNC_redirect,
	BPF_FUNC_get_route_realm,
	BPF_FUNC_get_hash_recalc,
	BPF_FUNC_set_hash_invalid,
	BPF_FUNC_set_hash,
	BPF_FUNC_perf_event_output,
	BPF_FUNC_skb_under_cgroup,
	BPF_FUNC_get_socket_cookie,
	BPF_FUNC_get_socket_uid,
	BPF_FUNC_fib_lookup,
	BPF_FUNC_skb_get_xfrm_state,
	BPF_FUNC_skb_cgroup_id,
	BPF_FUNC_skb_ancestor_cgroup_id,
	-1,
};

/* xdp_func_proto */
static const int xdp_helpers[] = {
	BPF_FUNC_perf_event_output, BPF_FUNC_csum_diff,  BPF_FUNC_xdp_adjust_head,
	BPF_FUNC_xdp_adjust_meta,   BPF_FUNC_redirect,   BPF_FUNC_redirect_map,
	BPF_FUNC_xdp_adjust_tail,   BPF_FUNC_fib_lookup, -1,
};

#define FIELD(type, field, read, write)                                                                                \
	{                                                                                                              \
#field, offsetof(struct type, field), sizeof(((struct type *)0)->field), read, write                   \
	}
#define SKB(field, read, write) FIELD(__sk_buff, field, read, write)

/*
 * sk_filter_is_valid_access: neither the packet's bytes, nor the mark to write, before cg_skb_is_valid_access of 4.20
 */
static const struct field_row cgroup_skb_fields[] = {
	SKB(len, NARROW, NO_ACCESS),
	SKB(pkt_type, NARROW, NO_ACCESS),
	SKB(mark, NARROW, NO_ACCESS),
	SKB(queue_mapping, NARROW, NO_ACCESS),
	SKB(protocol, NARROW, NO_ACCESS),
	SKB(vlan_present, NARROW, NO_ACCESS),
	SKB(vlan_tci, NARROW, NO_ACCESS),
	SKB(vlan_proto, NARROW, NO_ACCESS),
	SKB(priority, NARROW, NO_ACCESS),
	SKB(ingress_ifindex, NARROW, NO_ACCESS),
	SKB(ifindex, NARROW, NO_ACCESS),
	SKB(tc_index, NARROW, NO_ACCESS),
	SKB(cb, WIDE, WIDE),
	SKB(hash, NARROW, NO_ACCESS),
	SKB(napi_id, NARROW, NO_ACCESS),
	{ 0 },
};

/* tc_cls_act_is_valid_access */
static const struct field_row sched_cls_fields[] = {
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
	SKB(tc_index, NARROW, WHOLE),
	SKB(cb, WIDE, WIDE),
	SKB(hash, NARROW, NO_ACCESS),
	SKB(tc_classid, NARROW, WHOLE),
	SKB(data, WHOLE, NO_ACCESS),
	SKB(data_end, WHOLE, NO_ACCESS),
	SKB(napi_id, NARROW, NO_ACCESS),
	SKB(data_meta, WHOLE, NO_ACCESS),
	{ 0 },
};

/* xdp_is_valid_access */
static const struct field_row xdp_fields[] = {
	FIELD(xdp_md, data, WHOLE, NO_ACCESS),           FIELD(xdp_md, data_end, WHOLE, NO_ACCESS),
	FIELD(xdp_md, data_meta, WHOLE, NO_ACCESS),      FIELD(xdp_md, ingress_ifindex, WHOLE, NO_ACCESS),
	FIELD(xdp_md, rx_queue_index, WHOLE, NO_ACCESS), { 0 },
};

/* sock_addr_is_valid_access */
static const struct field_row sock_addr_fields[] = {
	FIELD(bpf_sock_addr, user_family, WHOLE, NO_ACCESS), FIELD(bpf_sock_addr, user_ip4, NARROW, WHOLE),
	FIELD(bpf_sock_addr, user_ip6, NARROW, WHOLE),       FIELD(bpf_sock_addr, user_port, WHOLE, WHOLE),
	FIELD(bpf_sock_addr, family, WHOLE, NO_ACCESS),      FIELD(bpf_sock_addr, type, WHOLE, NO_ACCESS),
	FIELD(bpf_sock_addr, protocol, WHOLE, NO_ACCESS),    FIELD(bpf_sock_addr, msg_src_ip4, NARROW, WHOLE),
	FIELD(bpf_sock_addr, msg_src_ip6, NARROW, WHOLE),    { 0 },
};

/* bpf_prog_load_check_attach_type */
static const int sock_attach_types[] = {
	BPF_CGROUP_INET_INGRESS, /* none said */
	BPF_CGROUP_INET_SOCK_CREATE, BPF_CGROUP_INET4_POST_BIND, BPF_CGROUP_INET6_POST_BIND, -1,
};
static const int sock_addr_attach_types[] = {
	BPF_CGROUP_INET4_BIND,
	BPF_CGROUP_INET6_BIND,
	BPF_CGROUP_INET4_CONNECT,
	BPF_CGROUP_INET6_CONNECT,
	BPF_CGROUP_UDP4_SENDMSG,
	BPF_CGROUP_UDP6_SENDMSG,
	-1,
};

/* include/linux/bpf_types.h */
static const struct program_row programs[] = {
	[BPF_PROG_TYPE_SOCKET_FILTER] = { "socket_filter" },
	[BPF_PROG_TYPE_KPROBE] = { "kprobe" },
	[BPF_PROG_TYPE_SCHED_CLS] = { "sched_cls", sched_cls_helpers, sched_cls_fields },
	[BPF_PROG_TYPE_SCHED_ACT] = { "sched_act", sched_cls_helpers, sched_cls_fields },
	[BPF_PROG_TYPE_TRACEPOINT] = { "tracepoint" },
	[BPF_PROG_TYPE_XDP] = { "xdp", xdp_helpers, xdp_fields },
	[BPF_PROG_TYPE_PERF_EVENT] = { "perf_event" },
	[BPF_PROG_TYPE_CGROUP_SKB] = { "cgroup_skb", cgroup_skb_helpers, cgroup_skb_fields },
	[BPF_PROG_TYPE_CGROUP_SOCK] = { "cgroup_sock", NULL, NULL, sock_attach_types },
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
};

/* kernel/bpf/core.c: BPF_INSN_MAP, which bpf_opcode_in_insntable reads. No JMP32 (5.1), no 32-bit ARSH (5.0). */
#define BOTH(class, op) [(class) | (op) | BPF_K] = true, [(class) | (op) | BPF_X] = true
#define ARITHMETIC(class)                                                                                              \
	BOTH(class, BPF_ADD), BOTH(class, BPF_SUB), BOTH(class, BPF_MUL), BOTH(class, BPF_DIV), BOTH(class, BPF_OR),   \
		BOTH(class, BPF_AND), BOTH(class, BPF_LSH), BOTH(class, BPF_RSH), BOTH(class, BPF_MOD),                \
		BOTH(class, BPF_XOR), BOTH(class, BPF_MOV), [(class) | BPF_NEG] = true
#define SIZES(class, mode)                                                                                             \
	[(class) | (mode) | BPF_B] = true, [(class) | (mode) | BPF_H] = true, [(class) | (mode) | BPF_W] = true

static const bool opcodes[256] = {
	ARITHMETIC(BPF_ALU),
	ARITHMETIC(BPF_ALU64),
	BOTH(BPF_ALU64, BPF_ARSH),
	[BPF_ALU | BPF_END | BPF_TO_BE] = true,
	[BPF_ALU | BPF_END | BPF_TO_LE] = true,
	BOTH(BPF_JMP, BPF_JEQ),
	BOTH(BPF_JMP, BPF_JNE),
	BOTH(BPF_JMP, BPF_JGT),
	BOTH(BPF_JMP, BPF_JGE),
	BOTH(BPF_JMP, BPF_JLT),
	BOTH(BPF_JMP, BPF_JLE),
	BOTH(BPF_JMP, BPF_JSGT),
	BOTH(BPF_JMP, BPF_JSGE),
	BOTH(BPF_JMP, BPF_JSLT),
	BOTH(BPF_JMP, BPF_JSLE),
	BOTH(BPF_JMP, BPF_JSET),
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

const struct old_kernel linux_4_19 = {
	.name = "4.19",
	.major = 4,
	.minor = 19,
	.commands = commands,
	.n_commands = sizeof(commands) / sizeof(*commands),
	.attr_size = ROUND_8(UP_TO(expected_attach_type)), /* the longest of its structures */
	.maps = maps,
	.n_maps = sizeof(maps) / sizeof(*maps),
	.programs = programs,
	.n_programs = sizeof(programs) / sizeof(*programs),
	.base_helpers = base_helpers,
	.last_helper = BPF_FUNC_skb_ancestor_cgroup_id,
	.opcodes = opcodes,
	.last_pseudo_load = BPF_PSEUDO_MAP_FD,
	.max_insns = 4096,
	.program_flags = BPF_F_STRICT_ALIGNMENT,
	.attach_flags = BPF_F_ALLOW_OVERRIDE | BPF_F_ALLOW_MULTI,
	.last_attach_type = BPF_LIRC_MODE2,
	.log_max = 0xffffffffu >> 8, /* bpf_check */
	.locks_memory = true,
	.needs_admin = true,
	.last_kind = 11,          /* RESTRICT */
	.kind_info = 0x0f00ffffu, /* BTF_INFO_MASK: no kind_flag, which came in 5.0 */
	.last_btf_name = 0xffff,  /* BTF_MAX_NAME_OFFSET */
	.prog_info = offsetof(struct bpf_prog_info, jited_func_lens) + 8,
	.map_info = ROUND_8(offsetof(struct bpf_map_info, btf_value_type_id) + 4),
	.xdp_flags = 0xf,          /* XDP_FLAGS_MASK: no REPLACE, which came in 5.7 */
	.last_link_attribute = 51, /* IFLA_MAX_MTU */
	.last_xdp_attribute = 7,   /* IFLA_XDP_HW_PROG_ID */
	.last_syscall = 334,       /* rseq */
};
