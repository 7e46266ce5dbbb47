/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/view.h"

#include <string.h>

bool view_sub(struct view from, __u64 at, __u64 size, struct view *out)
{
	bool inside = at <= from.size && size <= from.size - at;

	out->data = inside ? from.data + at : NULL;
	out->size = inside ? (size_t)size : 0;
	return inside;
}

static bool number(struct view from, __u64 at, unsigned size, bool big, __u64 *out)
{
	struct view bytes;
	unsigned i;

	*out = 0;
	if (!view_sub(from, at, size, &bytes))
		return false;
	for (i = 0; i < size; i++)
		*out = *out << 8 | bytes.data[big ? i : size - 1 - i];
	return true;
}

bool view_u8(struct view from, __u64 at, __u8 *out)
{
	__u64 value;
	bool inside = number(from, at, sizeof(*out), false, &value);

	*out = (__u8)value;
	return inside;
}

bool view_u16(struct view from, __u64 at, bool big, __u16 *out)
{
	__u64 value;
	bool inside = number(from, at, sizeof(*out), big, &value);

	*out = (__u16)value;
	return inside;
}

bool view_u32(struct view from, __u64 at, bool big, __u32 *out)
{
	__u64 value;
	bool inside = number(from, at, sizeof(*out), big, &value);

	*out = (__u32)value;
	return inside;
}

bool view_u64(struct view from, __u64 at, bool big, __u64 *out)
{
	return number(from, at, sizeof(*out), big, out);
}

const char *view_string(struct view from, __u64 at)
{
	if (at >= from.size || !memchr(from.data + at, 0, from.size - at))
		return NULL;
	return (const char *)from.data + at;
}
