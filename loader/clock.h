/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOADER_CLOCK_H
#define LOADER_CLOCK_H

#include <linux/types.h>

#define NS_PER_SECOND 1000000000ULL

/* CLOCK_MONOTONIC in nanoseconds: what bpf_ktime_get_ns() gives the programs. */
__u64 clock_now_ns(void);

#endif
