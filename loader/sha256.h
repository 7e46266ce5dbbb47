/* SPDX-License-Identifier: GPL-2.0 */
/* SHA-256 (FIPS 180-4), for names that nobody can have another text made into. */
#ifndef LOADER_SHA256_H
#define LOADER_SHA256_H

#include <linux/types.h>

#define SHA256_WORDS 8

/* The digest of a text without its terminator, the most significant word first. */
void sha256(const char *text, __u32 digest[SHA256_WORDS]);

#endif
