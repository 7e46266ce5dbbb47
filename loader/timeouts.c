/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/timeouts.h"

#include <stddef.h>
#include <string.h>

#include "loader/clock.h"
#include "loader/json.h"

static const struct {
	const char *name;
	__u32 seconds;
} timeouts[FW_TIMEOUT_N] = {
	[FW_TIMEOUT_SYN] = { "syn", 60 },
	[FW_TIMEOUT_ESTABLISHED] = { "established", 7200 },
	[FW_TIMEOUT_CLOSING] = { "closing", 10 },
	[FW_TIMEOUT_UDP] = { "udp", 60 },
	[FW_TIMEOUT_UDP_UNREPLIED] = { "unreplied", 30 },
	[FW_TIMEOUT_ICMP] = { "icmp", 30 },
	[FW_TIMEOUT_OTHER] = { "other", 600 },
	[FW_TIMEOUT_FRAGMENT] = { "fragment", 30 },
};

const char *timeout_name(enum fw_timeout timeout)
{
	return timeout < FW_TIMEOUT_N ? timeouts[timeout].name : NULL;
}

enum fw_timeout timeout_named(const char *name)
{
	enum fw_timeout timeout = 0;

	while (timeout < FW_TIMEOUT_N && strcmp(name, timeouts[timeout].name))
		timeout++;
	return timeout;
}

__u32 timeout_default(enum fw_timeout timeout)
{
	return timeouts[timeout].seconds;
}

__u64 timeout_seconds(const struct fw_config *config, enum fw_timeout timeout)
{
	return config->timeout_ns[timeout] / NS_PER_SECOND;
}

void timeout_set(struct fw_config *config, enum fw_timeout timeout, __u64 seconds)
{
	config->timeout_ns[timeout] = seconds * NS_PER_SECOND;
}

void timeouts_json(struct json *json, const struct fw_config *config)
{
	enum fw_timeout timeout;

	json_object(json);
	for (timeout = 0; timeout < FW_TIMEOUT_N; timeout++)
		json_member_unsigned(json, timeout_name(timeout), timeout_seconds(config, timeout));
	json_end_object(json);
}
