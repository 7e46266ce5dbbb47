/* SPDX-License-Identifier: GPL-2.0 */
/* The one bounded accessor for untrusted bytes: each function says false, or NULL, where the view ends before. */
#ifndef ELF_VIEW_H
#define ELF_VIEW_H

#include "elf/spec.h"

/* `size` bytes from `at`. On failure `out` is empty. */
bool view_sub(struct view from, __u64 at, __u64 size, struct view *out);

/* An unsigned number at `at`, big-endian or little-endian. On failure *out is 0. */
bool view_u8(struct view from, __u64 at, __u8 *out);
bool view_u16(struct view from, __u64 at, bool big, __u16 *out);
bool view_u32(struct view from, __u64 at, bool big, __u32 *out);
bool view_u64(struct view from, __u64 at, bool big, __u64 *out);

/* The string at `at`, whose NUL must be in the view. */
const char *view_string(struct view from, __u64 at);

#endif
