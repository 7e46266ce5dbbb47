/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is of the BPF machine alone: sections, the kernel's helpers by number, instructions that the compiler does not
 * make by itself. The same sources are compiled for the host, by tests/packets/host/machine.h in the place of this
 * file.
 */
#ifndef BPF_MACHINE_H
#define BPF_MACHINE_H

#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))

/*
 * A number that the loader puts into the instruction at load time: the verifier knows it, and prunes the branches that
 * it rules out. The name is an undefined symbol of the object.
 */
#ifndef LOAD_CONSTANT
#define LOAD_CONSTANT(name)                                                                                            \
	({                                                                                                             \
		__u64 value_;                                                                                          \
		asm("%0 = " #name " ll" : "=r"(value_));                                                               \
		value_;                                                                                                \
	})
#endif

/* Keeps the compiler from reasoning about a value, so that the bound it checks is the one the verifier sees. */
#define OPAQUE(value) asm volatile("" : "+r"(value))

/*
 * Has the verifier forget what it knows of a value, without changing it: it would else follow everything behind once
 * for each value that led there. `unknown` is any number of the packet's.
 */
#define FORGET(value, unknown)                                                                                         \
	({                                                                                                             \
		__u64 value_ = (value);                                                                                \
		__u64 unknown_ = (unknown);                                                                            \
		asm volatile("%0 += %1\n\t%0 -= %1" : "+&r"(value_) : "r"(unknown_));                                  \
		(value) = value_;                                                                                      \
	})

/*
 * For a program that others are called from by tail calls. Without a JIT they run on its stack, and from 6.9 on the
 * kernel gives it no more than it uses itself (commit 011832b97b31 has the verifier forget that it needs all): one that
 * uses more would write over the kernel's own.
 */
#define TAKE_WHOLE_STACK() asm volatile("*(u64 *)(r10 - 512) = %0" : : "r"(0ULL) : "memory")

typedef __u32 __attribute__((may_alias)) any_word;

/*
 * The same for a whole structure. By words of 4 bytes: what is stored as 8 is remembered as what it was, and where it
 * was written to later the verifier takes it for another.
 */
#define FORGET_ALL(object, unknown)                                                                                    \
	({                                                                                                             \
		any_word *words_ = (any_word *)(object);                                                               \
		_Pragma("unroll") for (unsigned i_ = 0; i_ < sizeof(*(object)) / sizeof(*words_); i_++)                \
			FORGET(words_[i_], unknown);                                                                   \
	})

/* A word of a packet. Where an architecture is strict the verifier knows whether it lies right. */
typedef any_word packet_word;

static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value,
					 __u64 flags) = (void *)BPF_FUNC_map_update_elem;
static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)BPF_FUNC_map_delete_elem;
static __u32 (*const bpf_get_prandom_u32)(void) = (void *)BPF_FUNC_get_prandom_u32;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)BPF_FUNC_ktime_get_ns;
static __u64 (*const bpf_jiffies64)(void) = (void *)BPF_FUNC_jiffies64;
static long (*const bpf_skb_load_bytes)(const void *skb, __u32 offset, void *to,
					__u32 size) = (void *)BPF_FUNC_skb_load_bytes;
static long (*const bpf_tail_call)(void *ctx, void *prog_array, __u32 index) = (void *)BPF_FUNC_tail_call;
static void *(*const bpf_get_local_storage)(void *map, __u64 flags) = (void *)BPF_FUNC_get_local_storage;
static long (*const bpf_perf_event_output)(void *ctx, void *map, __u64 flags, void *data,
					   __u64 size) = (void *)BPF_FUNC_perf_event_output;
static long (*const bpf_ringbuf_output)(void *map, void *data, __u64 size,
					__u64 flags) = (void *)BPF_FUNC_ringbuf_output;
static void *(*const bpf_ringbuf_reserve)(void *map, __u64 size, __u64 flags) = (void *)BPF_FUNC_ringbuf_reserve;
static void (*const bpf_ringbuf_submit)(void *data, __u64 flags) = (void *)BPF_FUNC_ringbuf_submit;

#endif
