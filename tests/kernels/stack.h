/* SPDX-License-Identifier: GPL-2.0 */
/* How much stack a program's deepest chain of calls takes, as verifiers before 6.6 reckon it. */
#ifndef TESTS_KERNELS_STACK_H
#define TESTS_KERNELS_STACK_H

#include "elf/spec.h"

/* In bytes; -1: the calls recurse, or are too many to follow. */
long program_stack(const struct insn *insns, size_t n);

#endif
