/* SPDX-License-Identifier: GPL-2.0 */
/* Errors, warnings and progress on standard error, as the options want them. */
#ifndef LOADER_REPORT_H
#define LOADER_REPORT_H

#include "elf/texts.h"

struct error;
struct json;
struct options;

/* In a sentence: a line of its own follows. Any other control character is printed as '?'. */
#define REPORT_LINE "\x1e"

/* "bulkhead: SENTENCE", or with -j {"error", "code", "exit"}. Nothing where there is no sentence. */
void report_error(const struct options *options, const struct error *err, int status);

/* The object that it prints with -j. */
void report_error_json(struct json *json, const struct error *err, int status);

/* A remark of one line, with -j {"remark"}; not with -q. Where options have remarks, a string there. */
void report_remark(const struct options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define report_remark(options, format, ...) report_remark(options, SENTENCE(format), ##__VA_ARGS__)

#endif
