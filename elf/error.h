/* SPDX-License-Identifier: GPL-2.0 */
/* An error is a negative errno and one sentence, made where the cause is known. Only the command line prints it. */
#ifndef ELF_ERROR_H
#define ELF_ERROR_H

#include "elf/texts.h"

struct error {
	int code;    /* negative errno; 0: none */
	int in_file; /* the sentence begins with FILE:LINE:COLUMN */
	char text[1024];
};

/*
 * Records the error, unless one is recorded already (the first cause is the one that matters), and gives `code` back,
 * so that a caller writes `return error_set(err, -EINVAL, "…")`. `err` may be NULL.
 */
int error_set(struct error *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "WHAT: " before a sentence already recorded, for a caller that knows more. Gives err->code back. */
int error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define error_set(err, code, format, ...) error_set(err, code, SENTENCE(format), ##__VA_ARGS__)
#define error_prefix(err, format, ...) error_prefix(err, SENTENCE(format), ##__VA_ARGS__)

#endif
