/* SPDX-License-Identifier: GPL-2.0 */
/* What a program needs besides its machine: map definitions, byte order, verdicts. */
#ifndef BPF_HELPERS_H
#define BPF_HELPERS_H

#include <linux/bpf.h>
#include "bpf/machine.h"

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))

/*
 * A function of its own, for its room on the stack or to be written out once. A program that has tail calls may have
 * none before 5.10, and where nothing compiles it for the processor: its file defines TAIL_CALLS.
 */
#ifdef TAIL_CALLS
#define __subprogram __always_inline
#else
#define __subprogram __noinline
#endif

/* A map's definition is its type's fields: BTF keeps the numbers as array lengths. */
#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name
#define __array(name, value) __typeof__(value) *name[]

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define be16(x) __builtin_bswap16(x)
#define be32(x) __builtin_bswap32(x)
#define be64(x) __builtin_bswap64(x)
#else
#define be16(x) (x)
#define be32(x) (x)
#define be64(x) (x)
#endif

#ifndef NULL
#define NULL ((void *)0)
#endif

#define TC_ACT_UNSPEC (-1) /* go on to the next program */
#define TC_ACT_SHOT 2

#endif
