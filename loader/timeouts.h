/* SPDX-License-Identifier: GPL-2.0 */
/* The timeouts of tracked connections: their words, and what they are at first. */
#ifndef LOADER_TIMEOUTS_H
#define LOADER_TIMEOUTS_H

#include "bpf/fw_abi.h"

struct error;
struct json;

#define TIMEOUT_SECONDS_MAX 31536000 /* a year */

/* "established"; NULL: there are no more. */
const char *timeout_name(enum fw_timeout timeout);

/* FW_TIMEOUT_N: no timeout has that name. */
enum fw_timeout timeout_named(const char *name);

/* Seconds that it has until it is changed. */
__u32 timeout_default(enum fw_timeout timeout);

/* Whole seconds of what a configuration holds, and the other way about. */
__u64 timeout_seconds(const struct fw_config *config, enum fw_timeout timeout);
void timeout_set(struct fw_config *config, enum fw_timeout timeout, __u64 seconds);

/* Reads "NAME SECONDS|default", the first two of `words`. 0, or EXIT_USAGE with a sentence. */
int timeout_parse(char **words, enum fw_timeout *timeout, __u32 *seconds, struct error *err);

/* {"syn": 60, ...}, in seconds. */
void timeouts_json(struct json *json, const struct fw_config *config);

#endif
