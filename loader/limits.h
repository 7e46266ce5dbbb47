/* SPDX-License-Identifier: GPL-2.0 */
/* A rate limit in the user's numbers. */
#ifndef LOADER_LIMITS_H
#define LOADER_LIMITS_H

#include <linux/types.h>

struct fw_limit;
struct json;

#define LIMIT_RATE_MAX 1000000000ULL /* a token a nanosecond */

/* Between them a rate over 31622 is rounded up to what whole nanoseconds give. */
void limit_set(struct fw_limit *limit, __u64 rate, __u32 burst);
__u64 limit_rate(const struct fw_limit *limit);

/* rate and burst as members of an object that is open. */
void limit_json(struct json *json, const struct fw_limit *limit);

#endif
