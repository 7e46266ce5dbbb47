/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/limits.h"

#include <stdio.h>
#include <string.h>

#include "bpf/fw_abi.h"
#include "loader/json.h"

void limit_set(struct fw_limit *limit, __u64 rate, __u32 burst)
{
	memset(limit, 0, sizeof(*limit));
	limit->ns_per_token = rate ? LIMIT_RATE_MAX / rate : 0;
	limit->burst = rate ? burst : 1; /* 0 would be none of its own */
}

__u64 limit_rate(const struct fw_limit *limit)
{
	return limit->ns_per_token ? LIMIT_RATE_MAX / limit->ns_per_token : 0;
}

const char *limit_print(const struct fw_limit *limit, char room[LIMIT_TEXT_MAX])
{
	if (!limit->ns_per_token)
		return "off";
	snprintf(room, LIMIT_TEXT_MAX, "rate %llu burst %u", (unsigned long long)limit_rate(limit), limit->burst);
	return room;
}

void limit_json(struct json *json, const struct fw_limit *limit)
{
	json_member_unsigned(json, "rate", limit_rate(limit));
	json_member_unsigned(json, "burst", limit->ns_per_token ? limit->burst : 0);
}
