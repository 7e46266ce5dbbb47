/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/limits.h"

#include <string.h>

#include "bpf/fw_abi.h"
#include "loader/json.h"

void limit_set(struct fw_limit *limit, __u64 rate, __u32 burst)
{
	memset(limit, 0, sizeof(*limit));
	limit->ns_per_token = LIMIT_RATE_MAX / rate;
	limit->burst = burst;
}

__u64 limit_rate(const struct fw_limit *limit)
{
	return limit->ns_per_token ? LIMIT_RATE_MAX / limit->ns_per_token : 0;
}

void limit_json(struct json *json, const struct fw_limit *limit)
{
	json_member_unsigned(json, "rate", limit_rate(limit));
	json_member_unsigned(json, "burst", limit->burst);
}
