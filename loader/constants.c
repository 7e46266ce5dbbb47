/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/constants.h"

#include <stdbool.h>
#include <string.h>
#include <sys/utsname.h>

#include "loader/firewall.h"

/*
 * Whether what a program writes for its CPU is not interrupted there by another packet's: words are written at once,
 * and no packet preempts another. Under PREEMPT_RT one may.
 */
static bool writes_for_each_cpu(void)
{
	struct utsname name;

	return sizeof(long) == 8 && !uname(&name) && !strstr(name.version, "PREEMPT_RT");
}

void constants_make(struct features *features, __u32 policy, __u32 container, struct constant out[CONSTANTS_N])
{
	out[0] = (struct constant) { "bulkhead_use_ringbuf", features_get(features, FEATURE_RINGBUF) == YES };
	out[1] = (struct constant) { "bulkhead_sees_gso", features_get(features, FEATURE_GSO_SIZE) == YES };
	out[2] = (struct constant) { "bulkhead_blocks_ipv6", (policy & POLICY_BLOCKS_IPV6) != 0 };
	out[3] = (struct constant) { "bulkhead_blocks_prefixes", (policy & POLICY_BLOCKS_PREFIXES) != 0 };
	out[4] = (struct constant) { "bulkhead_blocks_domains", (policy & POLICY_BLOCKS_DOMAINS) != 0 };
	out[5] = (struct constant) { "bulkhead_many_lengths", (policy & POLICY_MANY_LENGTHS) != 0 };
	out[6] = (struct constant) { "bulkhead_container", container };
	out[7] = (struct constant) { "bulkhead_marks_refused",
				     features_get(features, FEATURE_CGROUP_MARK) == YES &&
					     features_get(features, FEATURE_SHARED_STORAGE) == YES };
	out[8] = (struct constant) { "bulkhead_cgroup_events", features_get(features, FEATURE_CGROUP_EVENTS) == YES };
	out[9] = (struct constant) { "bulkhead_counts_hits", !(policy & POLICY_IS_TRIED) };
	out[10] = (struct constant) { "bulkhead_has_jiffies", features_get(features, FEATURE_JIFFIES) == YES };
	/* What it takes is too long for kernels that bound programs tightly. */
	out[11] = (struct constant) { "bulkhead_takes_shortcuts",
				      out[10].value && features_get(features, FEATURE_LARGE_PROGRAMS) == YES };
	/* A trial has one device be everybody's. */
	out[12] = (struct constant) { "bulkhead_keeps_devices",
				      out[11].value && writes_for_each_cpu() && !(policy & POLICY_IS_TRIED) };
	/* Verifiers are strict about alignment where the architecture is (no HAVE_EFFICIENT_UNALIGNED_ACCESS). */
#ifdef __riscv
	out[13] = (struct constant) { "bulkhead_reads_anywhere", 0 };
#else
	out[13] = (struct constant) { "bulkhead_reads_anywhere", out[11].value };
#endif
	features_get(features, FEATURE_MMAP_ARRAY);
	features_get(features, FEATURE_LARGE_PROGRAMS);
	out[14] = (struct constant) { "bulkhead_keeps_lines", plan_maps_arrays(features) };
}
