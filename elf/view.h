/* SPDX-License-Identifier: GPL-2.0 */
/* The one way to untrusted bytes: every read says where, and is refused where that is not inside. */
#ifndef ELF_VIEW_H
#define ELF_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "elf/spec.h"

/* A part of a view; false and an empty one where it does not lie inside. */
bool view_sub(struct view view, __u64 offset, __u64 size, struct view *out);

/* Numbers of the object's byte order at an offset; false and 0 where they do not lie inside. */
bool view_u8(struct view view, __u64 offset, __u8 *out);
bool view_u16(struct view view, __u64 offset, bool big_endian, __u16 *out);
bool view_u32(struct view view, __u64 offset, bool big_endian, __u32 *out);
bool view_u64(struct view view, __u64 offset, bool big_endian, __u64 *out);

/* The terminated string at an offset; NULL where it does not end inside. */
const char *view_string(struct view view, __u64 offset);

#endif
