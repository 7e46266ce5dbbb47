/* SPDX-License-Identifier: GPL-2.0 */
/* Features found out by loading a few types. */
#include "compat/probe.h"

#include <string.h>
#include <unistd.h>
#include <linux/btf.h>

#include "syscalls/bpf.h"

#ifndef BTF_KIND_ENUM64
#define BTF_KIND_ENUM64 19
#endif

/* One name for everything that needs one. */
static const char strings[] = "\0x";
#define NAME 1

#define TYPE(name, kind, vlen, size_or_type) name, (unsigned)(kind) << 24 | (vlen), size_or_type
#define INT32 TYPE(NAME, BTF_KIND_INT, 0, 4), 32

static int try_types(const __u32 *types, unsigned size)
{
	struct {
		struct btf_header header;
		unsigned char body[128];
	} btf = {
		.header = {
			.magic = BTF_MAGIC,
			.version = BTF_VERSION,
			.hdr_len = sizeof(btf.header),
			.type_len = size,
			.str_off = size,
			.str_len = sizeof(strings),
		},
	};
	int fd;

	memcpy(btf.body, types, size);
	memcpy(btf.body + size, strings, sizeof(strings));
	fd = sys_bpf_btf_load(&btf, (__u32)(sizeof(btf.header) + size + sizeof(strings)), NULL, 0, 0);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int ask_btf(void)
{
	static const __u32 types[] = { INT32 };

	return try_types(types, sizeof(types));
}

static int try_func(unsigned linkage)
{
	const __u32 types[] = {
		INT32,
		TYPE(0, BTF_KIND_FUNC_PROTO, 0, 1),
		TYPE(NAME, BTF_KIND_FUNC, linkage, 2),
	};

	return try_types(types, sizeof(types));
}

int ask_btf_func(void)
{
	return try_func(BTF_FUNC_STATIC);
}

int ask_btf_func_global(void)
{
	return try_func(BTF_FUNC_GLOBAL);
}

int ask_btf_datasec(void)
{
	static const __u32 types[] = {
		INT32, TYPE(NAME, BTF_KIND_VAR, 0, 1), BTF_VAR_STATIC, TYPE(NAME, BTF_KIND_DATASEC, 1, 4), 2, 0, 4,
	};

	return try_types(types, sizeof(types));
}

int ask_btf_float(void)
{
	static const __u32 types[] = { TYPE(NAME, BTF_KIND_FLOAT, 0, 4) };

	return try_types(types, sizeof(types));
}

int ask_btf_decl_tag(void)
{
	static const __u32 types[] = {
		INT32, TYPE(NAME, BTF_KIND_VAR, 0, 1), BTF_VAR_STATIC, TYPE(NAME, BTF_KIND_DECL_TAG, 0, 2), (__u32)-1,
	};

	return try_types(types, sizeof(types));
}

int ask_btf_type_tag(void)
{
	static const __u32 types[] = {
		INT32,
		TYPE(NAME, BTF_KIND_TYPE_TAG, 0, 1),
		TYPE(0, BTF_KIND_PTR, 0, 2),
	};

	return try_types(types, sizeof(types));
}

int ask_btf_enum64(void)
{
	static const __u32 types[] = { TYPE(NAME, BTF_KIND_ENUM64, 1, 8), NAME, 0, 0 };

	return try_types(types, sizeof(types));
}
