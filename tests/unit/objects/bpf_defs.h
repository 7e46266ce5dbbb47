/* SPDX-License-Identifier: GPL-2.0 */
/* What the test objects are written with. */
#ifndef TESTS_UNIT_OBJECTS_BPF_DEFS_H
#define TESTS_UNIT_OBJECTS_BPF_DEFS_H

#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int(*name)[value]
#define __type(name, type) __typeof__(type) *name
#define __array(name, type) __typeof__(type) *name[]
#define __noinline __attribute__((noinline))

static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static long (*const bpf_tail_call)(void *context, void *map, __u32 index) = (void *)BPF_FUNC_tail_call;

#endif
