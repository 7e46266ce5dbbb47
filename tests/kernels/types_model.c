/* SPDX-License-Identifier: GPL-2.0 */
/* Types (BTF): kinds and names that an old kernel does not know make it refuse the whole. */
#include "tests/kernels/old_kernel.h"

#include <errno.h>
#include <string.h>
#include <linux/btf.h>

/* Bytes behind the head of a record, by kind and length. */
static size_t extra_bytes(unsigned kind, size_t n)
{
	switch (kind) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
		return 4;
	case BTF_KIND_ARRAY:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
		return kind == BTF_KIND_ARRAY ? 12 : n * 12;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return n * 8;
	default:
		return 0;
	}
}

static int type_refused(const struct old_kernel *kernel, const struct btf_type *type, unsigned id,
			struct refusal *refusal)
{
	unsigned kind = BTF_INFO_KIND(type->info);

	if (type->info & ~kernel->kind_info)
		return refuse(refusal, -EINVAL, "[%u] Invalid btf_info:%x", id, type->info);
	if (!kind || kind > kernel->last_kind)
		return refuse(refusal, -EINVAL, "[%u] Invalid kind:%u", id, kind);
	if (kind == BTF_KIND_FUNC && BTF_INFO_VLEN(type->info) && !kernel->global_functions)
		return refuse(refusal, -EINVAL, "[%u] vlen != 0", id);
	if (type->name_off > kernel->last_btf_name)
		return refuse(refusal, -EINVAL, "[%u] Invalid name_offset:%u", id, type->name_off);
	return 0;
}

int types_refused(const struct old_kernel *kernel, const void *raw, size_t size, struct refusal *refusal)
{
	const unsigned char *bytes = raw;
	struct btf_header header;
	struct btf_type type;
	size_t at, end;
	unsigned id = 1;
	int code = 0;

	if (size < sizeof(header))
		return refuse(refusal, -EINVAL, "no header");
	memcpy(&header, raw, sizeof(header));
	at = (size_t)header.hdr_len + header.type_off;
	end = at + header.type_len;
	if (header.magic != BTF_MAGIC || end > size || end < at)
		return refuse(refusal, -EINVAL, "no header of types");
	for (; !code && end - at >= sizeof(type); id++) {
		size_t length;

		memcpy(&type, bytes + at, sizeof(type));
		code = type_refused(kernel, &type, id, refusal);
		length = sizeof(type) + extra_bytes(BTF_INFO_KIND(type.info), BTF_INFO_VLEN(type.info));
		at = length < end - at ? at + length : end;
	}
	return code;
}
