/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each CPU keeps for itself: a clock that costs next to nothing, and whose device was met last. Calls into the
 * kernel are what a packet waits for, so what one of them told is kept for as long as it holds.
 */
#ifndef BPF_CPU_H
#define BPF_CPU_H

#include "bpf/maps.h"

DEFINE_FW_CONFIG;
DEFINE_MAP(fw_cpu, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct fw_cpu, 1, 0);

/*
 * A value of it that is written here and now, one before the other, what says that they hold the last: a program that
 * interrupts another leaves what is asked for again.
 */
#define KEEP(value) (*(volatile __u64 *)&(value))

static __always_inline const struct fw_config *config_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&fw_config, &zero);
}

static __always_inline struct fw_cpu *cpu_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&fw_cpu, &zero);
}

/*
 * CLOCK_MONOTONIC, behind by no more than what the kernel takes for one jiffy: the clock is read once in each. Kernels
 * without the helper (bpf_jiffies64, 5.6) read it each time.
 */
static __always_inline __u64 clock_coarse(void)
{
	struct fw_cpu *cpu;
	__u64 jiffy, now;

	if (!LOAD_CONSTANT(bulkhead_has_jiffies))
		return bpf_ktime_get_ns();
	cpu = cpu_get();
	if (!cpu)
		return bpf_ktime_get_ns();
	jiffy = bpf_jiffies64();
	if (cpu->jiffy == jiffy)
		return cpu->jiffy_ns;
	now = bpf_ktime_get_ns();
	KEEP(cpu->jiffy_ns) = now;
	KEEP(cpu->jiffy) = jiffy;
	return now;
}

#endif
