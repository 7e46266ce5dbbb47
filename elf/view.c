/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/view.h"

#include <string.h>

bool view_sub(struct view view, __u64 offset, __u64 size, struct view *out)
{
	out->data = NULL;
	out->size = 0;
	if (offset > view.size || size > view.size - offset)
		return false;
	out->data = view.data ? view.data + offset : NULL; /* to which not even 0 may be added */
	out->size = (size_t)size;
	return true;
}

static bool number(struct view view, __u64 offset, unsigned bytes, bool big_endian, __u64 *out)
{
	struct view at;
	unsigned i;

	*out = 0;
	if (!view_sub(view, offset, bytes, &at))
		return false;
	for (i = 0; i < bytes; i++)
		*out |= (__u64)at.data[i] << 8 * (big_endian ? bytes - 1 - i : i);
	return true;
}

bool view_u8(struct view view, __u64 offset, __u8 *out)
{
	__u64 value;
	bool inside = number(view, offset, 1, false, &value);

	*out = (__u8)value;
	return inside;
}

bool view_u16(struct view view, __u64 offset, bool big_endian, __u16 *out)
{
	__u64 value;
	bool inside = number(view, offset, 2, big_endian, &value);

	*out = (__u16)value;
	return inside;
}

bool view_u32(struct view view, __u64 offset, bool big_endian, __u32 *out)
{
	__u64 value;
	bool inside = number(view, offset, 4, big_endian, &value);

	*out = (__u32)value;
	return inside;
}

bool view_u64(struct view view, __u64 offset, bool big_endian, __u64 *out)
{
	return number(view, offset, 8, big_endian, out);
}

const char *view_string(struct view view, __u64 offset)
{
	if (offset >= view.size || !memchr(view.data + offset, 0, view.size - (size_t)offset))
		return NULL;
	return (const char *)view.data + offset;
}
