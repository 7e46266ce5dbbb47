/* SPDX-License-Identifier: GPL-2.0 */
/* Whose device a packet crosses. The programs of one hook ask one after the other, and most packets are of the same. */
#ifndef BPF_DEVICE_H
#define BPF_DEVICE_H

#include "bpf/cpu.h"

DEFINE_CONTAINER_DEVS;

/* 0: no container's. */
static __always_inline __u32 device_look_up(__u32 ifindex)
{
	const __u32 *container = bpf_map_lookup_elem(&container_devs, &ifindex);

	return container ? *container : 0;
}

/*
 * The same, kept for as long as the policy's generation stands: attaching and detaching change that. The device and its
 * container are one word, so that no two answers mix; the generation they were asked under is written behind it.
 */
static __always_inline __u32 device_container(__u32 ifindex)
{
	const struct fw_config *config;
	struct fw_cpu *cpu;
	__u32 container, generation;

	if (!LOAD_CONSTANT(bulkhead_keeps_devices))
		return device_look_up(ifindex);
	config = config_get();
	cpu = cpu_get();
	if (!config || !cpu)
		return device_look_up(ifindex);
	generation = *(const volatile __u32 *)&config->generation;
	if (cpu->device >> 32 == ifindex && cpu->device_generation == generation && !(generation & 1))
		return (__u32)cpu->device;
	container = device_look_up(ifindex);
	KEEP(cpu->device) = (__u64)ifindex << 32 | container;
	KEEP(cpu->device_generation) = generation;
	return container;
}

#endif
