/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which of a program's instructions a verifier comes to: behind a branch on a load-time constant only one way is taken.
 * And which of them touch the program's context. Where ways meet only what is the same on all of them is known, so more
 * may be taken for live than a verifier would, and never less.
 */
#ifndef TESTS_KERNELS_LIVE_CODE_H
#define TESTS_KERNELS_LIVE_CODE_H

#include "elf/spec.h"

/* Of one instruction. */
struct liveness {
	bool is_live;
	bool touches_context; /* a load or store whose address is the context, at the instruction's offset */
};

/* Fills n of them. 0 or -ENOMEM. */
int live_code_find(const struct insn *insns, size_t n, struct liveness *out);

#endif
