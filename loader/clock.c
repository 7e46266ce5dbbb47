/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/clock.h"

#include <time.h>

__u64 clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (__u64)now.tv_sec * NS_PER_SECOND + (__u64)now.tv_nsec;
}
