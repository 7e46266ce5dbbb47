/* SPDX-License-Identifier: GPL-2.0 */
/* A rate limit in the user's numbers. */
#ifndef LOADER_LIMITS_H
#define LOADER_LIMITS_H

#include <linux/types.h>

struct error;
struct fw_limit;
struct json;

#define LIMIT_RATE_MAX 1000000000ULL /* a token a nanosecond */

/* What is in force until it is changed. */
#define LIMIT_RATE_FIRST 100
#define LIMIT_BURST_FIRST 100

/* A rate of 0: no limit. From the one to the other a rate over 31622 is rounded up to what whole nanoseconds give. */
void limit_set(struct fw_limit *limit, __u64 rate, __u32 burst);
__u64 limit_rate(const struct fw_limit *limit);

/* As it is written, behind the name: "rate N burst N", or "off". What is given may be `room`. */
#define LIMIT_TEXT_MAX 48
const char *limit_print(const struct fw_limit *limit, char room[LIMIT_TEXT_MAX]);

struct limit_words {
	const char *name;  /* NULL: for all that have none of their own */
	__u64 rate, burst; /* 0: no limit */
};

/* Reads "[NAME] rate N burst N" or "[NAME] off", ended by NULL. 0, or EXIT_USAGE with a sentence. */
int limit_parse(char **words, struct limit_words *out, struct error *err);

struct quota_words {
	const char *name;  /* NULL: for all that have none of their own */
	__u64 connections; /* 0: the default */
};

/* Reads "[NAME] N|default", ended by NULL. 0, or EXIT_USAGE with a sentence. */
int quota_parse(int n_words, char **words, struct quota_words *out, struct error *err);

/* rate and burst, 0 where there is no limit, as members of an object that is open. */
void limit_json(struct json *json, const struct fw_limit *limit);

#endif
