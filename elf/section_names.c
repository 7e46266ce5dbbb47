/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/section_names.h"

#include <string.h>
#include <linux/bpf.h>

/* Newer than the oldest headers this is built with: enum bpf_attach_type of Linux 6.6 and 6.7. */
#define ATTACH_TCX_INGRESS 46
#define ATTACH_TCX_EGRESS 47
#define ATTACH_NETKIT_PRIMARY 54
#define ATTACH_NETKIT_PEER 55

enum form { EXACT, WITH_TARGET }; /* "xdp"; "kprobe/…" */

struct convention {
	const char *name;
	enum form form;
	__u32 type, attach_type;
	bool has_attach_type, sleepable, frags;
};

#define PLAIN(name, type)                                                                                              \
	{                                                                                                              \
		name, EXACT, BPF_PROG_TYPE_##type, 0, false, false, false                                              \
	}
#define ATTACHED(name, type, attach)                                                                                   \
	{                                                                                                              \
		name, EXACT, BPF_PROG_TYPE_##type, attach, true, false, false                                          \
	}
#define TARGET(name, type)                                                                                             \
	{                                                                                                              \
		name, WITH_TARGET, BPF_PROG_TYPE_##type, 0, false, false, false                                        \
	}
#define TARGET_ATTACHED(name, type, attach)                                                                            \
	{                                                                                                              \
		name, WITH_TARGET, BPF_PROG_TYPE_##type, attach, true, false, false                                    \
	}

/* The conventions of Documentation/bpf/libbpf/program_types.rst. */
static const struct convention conventions[] = {
	PLAIN("socket", SOCKET_FILTER),
	PLAIN("tc", SCHED_CLS),
	PLAIN("classifier", SCHED_CLS),
	PLAIN("action", SCHED_ACT),
	ATTACHED("tcx/ingress", SCHED_CLS, ATTACH_TCX_INGRESS),
	ATTACHED("tcx/egress", SCHED_CLS, ATTACH_TCX_EGRESS),
	ATTACHED("netkit/primary", SCHED_CLS, ATTACH_NETKIT_PRIMARY),
	ATTACHED("netkit/peer", SCHED_CLS, ATTACH_NETKIT_PEER),
	ATTACHED("xdp", XDP, BPF_XDP),
	{ "xdp.frags", EXACT, BPF_PROG_TYPE_XDP, BPF_XDP, true, false, true },
	ATTACHED("xdp/devmap", XDP, BPF_XDP_DEVMAP),
	{ "xdp.frags/devmap", EXACT, BPF_PROG_TYPE_XDP, BPF_XDP_DEVMAP, true, false, true },
	ATTACHED("xdp/cpumap", XDP, BPF_XDP_CPUMAP),
	{ "xdp.frags/cpumap", EXACT, BPF_PROG_TYPE_XDP, BPF_XDP_CPUMAP, true, false, true },
	ATTACHED("cgroup_skb/ingress", CGROUP_SKB, BPF_CGROUP_INET_INGRESS),
	ATTACHED("cgroup_skb/egress", CGROUP_SKB, BPF_CGROUP_INET_EGRESS),
	PLAIN("cgroup/skb", CGROUP_SKB),
	ATTACHED("cgroup/sock_create", CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE),
	ATTACHED("cgroup/sock_release", CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE),
	ATTACHED("cgroup/sock", CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE),
	ATTACHED("cgroup/post_bind4", CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND),
	ATTACHED("cgroup/post_bind6", CGROUP_SOCK, BPF_CGROUP_INET6_POST_BIND),
	ATTACHED("cgroup/dev", CGROUP_DEVICE, BPF_CGROUP_DEVICE),
	ATTACHED("cgroup/bind4", CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND),
	ATTACHED("cgroup/bind6", CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_BIND),
	ATTACHED("cgroup/connect4", CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT),
	ATTACHED("cgroup/connect6", CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_CONNECT),
	ATTACHED("cgroup/sendmsg4", CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_SENDMSG),
	ATTACHED("cgroup/sendmsg6", CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_SENDMSG),
	ATTACHED("cgroup/recvmsg4", CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_RECVMSG),
	ATTACHED("cgroup/recvmsg6", CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_RECVMSG),
	ATTACHED("cgroup/getpeername4", CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_GETPEERNAME),
	ATTACHED("cgroup/getpeername6", CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_GETPEERNAME),
	ATTACHED("cgroup/getsockname4", CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_GETSOCKNAME),
	ATTACHED("cgroup/getsockname6", CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_GETSOCKNAME),
	ATTACHED("cgroup/sysctl", CGROUP_SYSCTL, BPF_CGROUP_SYSCTL),
	ATTACHED("cgroup/getsockopt", CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT),
	ATTACHED("cgroup/setsockopt", CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT),
	ATTACHED("sockops", SOCK_OPS, BPF_CGROUP_SOCK_OPS),
	ATTACHED("sk_skb/stream_parser", SK_SKB, BPF_SK_SKB_STREAM_PARSER),
	ATTACHED("sk_skb/stream_verdict", SK_SKB, BPF_SK_SKB_STREAM_VERDICT),
	PLAIN("sk_skb", SK_SKB),
	ATTACHED("sk_msg", SK_MSG, BPF_SK_MSG_VERDICT),
	ATTACHED("sk_lookup", SK_LOOKUP, BPF_SK_LOOKUP),
	ATTACHED("sk_reuseport/migrate", SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT_OR_MIGRATE),
	ATTACHED("sk_reuseport", SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT),
	ATTACHED("flow_dissector", FLOW_DISSECTOR, BPF_FLOW_DISSECTOR),
	ATTACHED("lirc_mode2", LIRC_MODE2, BPF_LIRC_MODE2),
	PLAIN("perf_event", PERF_EVENT),
	PLAIN("lwt_in", LWT_IN),
	PLAIN("lwt_out", LWT_OUT),
	PLAIN("lwt_xmit", LWT_XMIT),
	PLAIN("lwt_seg6local", LWT_SEG6LOCAL),
	TARGET("kprobe", KPROBE),
	TARGET("kretprobe", KPROBE),
	TARGET("uprobe", KPROBE),
	TARGET("uretprobe", KPROBE),
	TARGET("tracepoint", TRACEPOINT),
	TARGET("tp", TRACEPOINT),
	TARGET("raw_tracepoint", RAW_TRACEPOINT),
	TARGET("raw_tp", RAW_TRACEPOINT),
	TARGET("raw_tp.w", RAW_TRACEPOINT_WRITABLE),
	TARGET_ATTACHED("tp_btf", TRACING, BPF_TRACE_RAW_TP),
	TARGET_ATTACHED("fentry", TRACING, BPF_TRACE_FENTRY),
	TARGET_ATTACHED("fmod_ret", TRACING, BPF_MODIFY_RETURN),
	TARGET_ATTACHED("fexit", TRACING, BPF_TRACE_FEXIT),
	{ "fentry.s", WITH_TARGET, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, true, true, false },
	{ "fexit.s", WITH_TARGET, BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, true, true, false },
	TARGET_ATTACHED("iter", TRACING, BPF_TRACE_ITER),
	TARGET("freplace", EXT),
	TARGET_ATTACHED("lsm", LSM, BPF_LSM_MAC),
	{ "lsm.s", WITH_TARGET, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, true, true, false },
	{ "syscall", EXACT, BPF_PROG_TYPE_SYSCALL, 0, false, true, false },
	TARGET("struct_ops", STRUCT_OPS),
	{ "struct_ops.s", WITH_TARGET, BPF_PROG_TYPE_STRUCT_OPS, 0, false, true, false },
};

static bool matches(const struct convention *convention, const char *section)
{
	size_t n = strlen(convention->name);

	if (strncmp(section, convention->name, n))
		return false;
	return !section[n] || (convention->form == WITH_TARGET && section[n] == '/');
}

/* Old objects write "xdp_drop", "classifier/foo" or "tc_ingress_firewall": the word up to '_' or '/' is what counts. */
static bool matches_old(const struct convention *convention, const char *section)
{
	size_t n = strlen(convention->name);

	if (convention->form != EXACT || strchr(convention->name, '/') || strchr(convention->name, '.'))
		return false;
	return !strncmp(section, convention->name, n) && (section[n] == '/' || section[n] == '_');
}

static void take(const struct convention *convention, const char *section, struct prog_spec *prog)
{
	size_t n = strlen(convention->name);

	prog->type = convention->type;
	prog->attach_type = convention->attach_type;
	prog->has_attach_type = convention->has_attach_type;
	prog->is_sleepable = convention->sleepable;
	prog->frags = convention->frags;
	prog->attach_to = section[n] ? section + n + 1 : "";
}

void section_name_read(const char *section, struct prog_spec *prog)
{
	size_t i, n = sizeof(conventions) / sizeof(*conventions);

	prog->attach_to = "";
	if (section[0] == '?') /* "do not load unless asked", a convention of newer objects */
		section++;
	for (i = 0; i < n; i++)
		if (matches(&conventions[i], section)) {
			take(&conventions[i], section, prog);
			return;
		}
	for (i = 0; i < n; i++)
		if (matches_old(&conventions[i], section)) {
			take(&conventions[i], section, prog);
			return;
		}
}
