/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash maps inside the test: bpf(2) is answered from them, and makes no other. The maps of a firewall have their enum
 * fw_map as descriptor.
 * Whoever includes this has syscall(2) replaced.
 */
#ifndef TESTS_UNIT_FAKE_MAPS_H
#define TESTS_UNIT_FAKE_MAPS_H

#include <stddef.h>
#include "loader/firewall.h"

/* Starts anew without any map; `fw` has all of them. */
void fake_maps_begin(struct firewall *fw);

void fake_map_make(enum fw_map map, size_t key_size, size_t value_size, unsigned room);

/* 0 or -errno, as the kernel's; `flags`: BPF_ANY... */
int fake_map_update(enum fw_map map, const void *key, const void *value, __u64 flags);
int fake_map_lookup(enum fw_map map, const void *key, void *value);
unsigned fake_map_count(enum fw_map map);

/* After so many updates one finds no memory. -1: none. */
void fake_maps_fail_after(int updates);

#endif
