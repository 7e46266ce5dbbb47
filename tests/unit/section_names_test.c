/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/section_names.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/bpf.h>

static void the_conventions_are_known(void **state)
{
	static const struct {
		const char *section;
		__u32 type, attach_type;
		bool has_attach_type;
		const char *attach_to;
	} rows[] = {
		{ "xdp", BPF_PROG_TYPE_XDP, BPF_XDP, true, "" },
		{ "xdp/devmap", BPF_PROG_TYPE_XDP, BPF_XDP_DEVMAP, true, "" },
		{ "xdp.frags", BPF_PROG_TYPE_XDP, BPF_XDP, true, "" },
		{ "tc", BPF_PROG_TYPE_SCHED_CLS, 0, false, "" },
		{ "classifier", BPF_PROG_TYPE_SCHED_CLS, 0, false, "" },
		{ "classifier/egress", BPF_PROG_TYPE_SCHED_CLS, 0, false, "egress" },
		{ "tcx/ingress", BPF_PROG_TYPE_SCHED_CLS, 46, true, "" },
		{ "socket", BPF_PROG_TYPE_SOCKET_FILTER, 0, false, "" },
		{ "cgroup_skb/ingress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, true, "" },
		{ "cgroup_skb/egress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, true, "" },
		{ "cgroup/connect6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_CONNECT, true, "" },
		{ "kprobe/do_exit", BPF_PROG_TYPE_KPROBE, 0, false, "do_exit" },
		{ "tracepoint/sched/sched_switch", BPF_PROG_TYPE_TRACEPOINT, 0, false, "sched/sched_switch" },
		{ "raw_tp/sys_enter", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, false, "sys_enter" },
		{ "fentry/tcp_connect", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, true, "tcp_connect" },
		{ "sk_lookup", BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, true, "" },
		{ "?xdp", BPF_PROG_TYPE_XDP, BPF_XDP, true, "" },
		{ "xdp_drop_all", BPF_PROG_TYPE_XDP, BPF_XDP, true, "drop_all" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct prog_spec prog = { 0 };

		section_name_read(rows[i].section, &prog);
		assert_int_equal(prog.type, rows[i].type);
		assert_int_equal(prog.attach_type, rows[i].attach_type);
		assert_int_equal(prog.has_attach_type, rows[i].has_attach_type);
		assert_string_equal(prog.attach_to, rows[i].attach_to);
	}
}

static void flags_come_from_the_name(void **state)
{
	struct prog_spec frags = { 0 }, sleepable = { 0 };

	(void)state;
	section_name_read("xdp.frags", &frags);
	assert_true(frags.frags);
	assert_false(frags.is_sleepable);
	section_name_read("fentry.s/x", &sleepable);
	assert_true(sleepable.is_sleepable);
	assert_false(sleepable.frags);
}

static void other_names_say_no_type(void **state)
{
	static const char *const names[] = { "", "?", ".text", "xdpx", "tcp", "kprobes", "nonsense/tc", "XDP" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct prog_spec prog = { 0 };

		section_name_read(names[i], &prog);
		assert_int_equal(prog.type, BPF_PROG_TYPE_UNSPEC);
		assert_string_equal(prog.attach_to, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_conventions_are_known),
		cmocka_unit_test(flags_come_from_the_name),
		cmocka_unit_test(other_names_say_no_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
