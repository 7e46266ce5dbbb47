/* SPDX-License-Identifier: GPL-2.0 */
/*
 * event_bound FW_CONFIG EVENT_STATE [N]: how many events a second each processor may send, by the pins of both maps;
 * and prints how many were lost so far, on all processors.
 */
#include "tests/bench/tool.h"
#include "syscalls/bpf.h"
#include "bpf/fw_abi.h"
#include <stdio.h>

#define CPUS_MAX 1024

int main(int argc, char **argv)
{
	static struct fw_cpu states[CPUS_MAX];
	struct fw_config config;
	__u32 zero = 0;
	__u64 lost = 0;
	int map, error;

	if (argc < 3)
		fail("event_bound FW_CONFIG EVENT_STATE [N]", 0);
	if (argc > 3) {
		map = sys_bpf_obj_get(argv[1]);
		error = map < 0 ? map : sys_bpf_map_lookup(map, &zero, &config);
		if (error)
			fail(argv[1], error);
		config.events_per_second = number(argv[3], 0, ~0U);
		error = sys_bpf_map_update(map, &zero, &config, 0);
		if (error)
			fail(argv[1], error);
	}
	map = sys_bpf_obj_get(argv[2]);
	error = map < 0 ? map : sys_bpf_map_lookup(map, &zero, states);
	if (error)
		fail(argv[2], error);
	for (int i = 0; i < CPUS_MAX; i++)
		lost += states[i].lost;
	printf("%llu\n", (unsigned long long)lost);
	return 0;
}
