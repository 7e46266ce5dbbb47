/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOADER_UTF8_H
#define LOADER_UTF8_H

#include <stddef.h>

/* Bytes of the well-formed UTF-8 sequence there (RFC 3629, section 4), of which 1 or more may be read. 0: none. */
size_t utf8_length(const unsigned char *at, size_t left);

/* Writes a code point that is no surrogate and not over 0x10ffff. Gives its bytes, 1 to 4. */
size_t utf8_put(unsigned long point, char out[4]);

#endif
