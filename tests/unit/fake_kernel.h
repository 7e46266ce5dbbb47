/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An old kernel inside the test: bpf(2) is answered from its tables, and what it knows succeeds without being done.
 * Whoever includes this has syscall(2), getrlimit(2) and setrlimit(2) replaced.
 */
#ifndef TESTS_UNIT_FAKE_KERNEL_H
#define TESTS_UNIT_FAKE_KERNEL_H

#include "tests/kernels/old_kernel.h"

/* Starts anew as this kernel; NULL: none, every call is answered with ENOSYS. */
void fake_kernel_boot(const struct old_kernel *kernel);

/* The last refusal, "" where there was none. */
const char *fake_kernel_refusal(void);

/* How often a command was asked for and known, and up to which byte it was filled at most. */
struct asked {
	unsigned times, bytes;
};
const struct asked *fake_kernel_asked(unsigned command);

#endif
