/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types for older kernels. One kind that a kernel does not know and it refuses the whole, so each such type is written
 * as an older kind whose record has the same length: ids and strings stay as they are, and only tools that list types
 * see it.
 */
#include "compat/plan_parts.h"

#include <errno.h>
#include <string.h>
#include <linux/btf.h>

#include "elf/arena.h"

#define KIND_FLOAT 16
#define KIND_DECL_TAG 17
#define KIND_TYPE_TAG 18
#define KIND_ENUM64 19

#define TYPE_INFO(kind, vlen) ((__u32)(kind) << 24 | (vlen))

/* Where one type stands in the type section. */
struct cursor {
	struct view types;
	size_t at;
	__u32 id;
	struct btf_type type; /* a copy */
	size_t length;        /* of the record */
};

/* Bytes behind the head of a type's record, or -1 for a kind that is not known here either. */
static long extra_bytes(const struct btf_type *type)
{
	size_t n = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case KIND_ENUM64:
		return (long)(n * 12);
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return (long)(n * 8);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case KIND_FLOAT:
	case KIND_TYPE_TAG:
		return 0;
	default:
		return -1;
	}
}

/* The type section; empty where the header does not hold together. */
static struct view type_section(struct view raw)
{
	struct view none = { NULL, 0 }, types;
	struct btf_header header;

	if (raw.size < sizeof(header))
		return none;
	memcpy(&header, raw.data, sizeof(header));
	if (header.magic != BTF_MAGIC || header.hdr_len > raw.size || header.type_off > raw.size - header.hdr_len ||
	    header.type_len > raw.size - header.hdr_len - header.type_off)
		return none;
	types.data = raw.data + header.hdr_len + header.type_off;
	types.size = header.type_len;
	return types;
}

/* 1: at the next type; 0: at the end; -EINVAL: not readable from here. Starts from a cursor with only `types` set. */
static int next_type(struct cursor *cursor)
{
	size_t left;
	long extra;

	cursor->at += cursor->length;
	left = cursor->types.size - cursor->at;
	if (!left)
		return 0;
	if (left < sizeof(cursor->type))
		return -EINVAL;
	memcpy(&cursor->type, cursor->types.data + cursor->at, sizeof(cursor->type));
	extra = extra_bytes(&cursor->type);
	if (extra < 0 || (size_t)extra > left - sizeof(cursor->type))
		return -EINVAL;
	cursor->length = sizeof(cursor->type) + (size_t)extra;
	cursor->id++;
	return 1;
}

static feature_set type_needs(const struct btf_type *type)
{
	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_FUNC:
		return FEATURE_BIT(FEATURE_BTF_FUNC) |
		       (BTF_INFO_VLEN(type->info) ? FEATURE_BIT(FEATURE_BTF_FUNC_GLOBAL) : 0);
	case BTF_KIND_FUNC_PROTO:
		return FEATURE_BIT(FEATURE_BTF_FUNC);
	case BTF_KIND_VAR:
	case BTF_KIND_DATASEC:
		return FEATURE_BIT(FEATURE_BTF_DATASEC);
	case KIND_FLOAT:
		return FEATURE_BIT(FEATURE_BTF_FLOAT);
	case KIND_DECL_TAG:
		return FEATURE_BIT(FEATURE_BTF_DECL_TAG);
	case KIND_TYPE_TAG:
		return FEATURE_BIT(FEATURE_BTF_TYPE_TAG);
	case KIND_ENUM64:
		return FEATURE_BIT(FEATURE_BTF_ENUM64);
	case BTF_KIND_ENUM: /* a signed one is marked since the same version */
		return BTF_INFO_KFLAG(type->info) ? FEATURE_BIT(FEATURE_BTF_ENUM64) : 0;
	default:
		return 0;
	}
}

feature_set btf_asks(struct view raw)
{
	struct cursor cursor = { .types = type_section(raw) };
	feature_set asks = 0;

	while (next_type(&cursor) > 0)
		asks |= type_needs(&cursor.type);
	return asks;
}

/* What the rewriting of some kinds refers to. */
struct rewrite {
	feature_set missing;
	__u32 integer_id;   /* some integer type of at most 4 bytes, 0: none */
	__u32 integer_name; /* its name: an identifier for what needs one */
};

/* Gives -EINVAL where the types are not readable to their end. */
static int survey(struct view types, struct rewrite *rewrite)
{
	struct cursor cursor = { .types = types };
	int more;

	while ((more = next_type(&cursor)) > 0) {
		if (BTF_INFO_KIND(cursor.type.info) != BTF_KIND_INT || cursor.type.size > 4 || rewrite->integer_id)
			continue;
		rewrite->integer_id = cursor.id;
		rewrite->integer_name = cursor.type.name_off;
	}
	return more;
}

static void as_small_integer(struct btf_type *type)
{
	const __u32 encoding = 8; /* bits */

	type->name_off = 0;
	type->info = TYPE_INFO(BTF_KIND_INT, 0);
	type->size = 1;
	memcpy(type + 1, &encoding, sizeof(encoding));
}

/* A section's variables become a structure's members, without names. */
static void as_structure(struct btf_type *type)
{
	struct btf_var_secinfo *variable = (struct btf_var_secinfo *)(type + 1);
	struct btf_member member = { 0 };
	__u32 i, n = BTF_INFO_VLEN(type->info);

	for (i = 0; i < n; i++) {
		member.type = variable[i].type;
		member.offset = variable[i].offset * 8;
		memcpy(&variable[i], &member, sizeof(member));
	}
	type->name_off = 0;
	type->info = TYPE_INFO(BTF_KIND_STRUCT, n);
}

/* Parameters become an enumeration's values, which must have names. */
static void as_enumeration(struct btf_type *type, const struct rewrite *rewrite)
{
	struct btf_enum *value = (struct btf_enum *)(type + 1);
	__u32 i, n = BTF_INFO_VLEN(type->info);

	for (i = 0; i < n; i++)
		if (!value[i].name_off)
			value[i].name_off = rewrite->integer_name;
	type->info = TYPE_INFO(BTF_KIND_ENUM, n);
	type->size = 4;
}

static void as_union(struct btf_type *type, const struct rewrite *rewrite)
{
	struct btf_member *member = (struct btf_member *)(type + 1);
	__u32 i, n = BTF_INFO_VLEN(type->info);

	for (i = 0; i < n; i++) {
		member[i].type = rewrite->integer_id;
		member[i].offset = 0;
	}
	type->info = TYPE_INFO(BTF_KIND_UNION, n);
}

static void rewrite_type(struct btf_type *type, const struct rewrite *rewrite)
{
	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_VAR:
	case KIND_DECL_TAG:
		as_small_integer(type);
		break;
	case BTF_KIND_DATASEC:
		as_structure(type);
		break;
	case BTF_KIND_FUNC_PROTO:
		as_enumeration(type, rewrite);
		break;
	case BTF_KIND_FUNC:
		if (rewrite->missing & FEATURE_BIT(FEATURE_BTF_FUNC))
			type->info = TYPE_INFO(BTF_KIND_TYPEDEF, 0);
		else
			type->info = TYPE_INFO(BTF_KIND_FUNC, BTF_FUNC_STATIC);
		break;
	case KIND_FLOAT: /* of the same size, without members; "long double" is no structure's name */
		type->name_off = 0;
		type->info = TYPE_INFO(BTF_KIND_STRUCT, 0);
		break;
	case KIND_TYPE_TAG:
		type->name_off = 0;
		type->info = TYPE_INFO(BTF_KIND_CONST, 0);
		break;
	case KIND_ENUM64:
		as_union(type, rewrite);
		break;
	case BTF_KIND_ENUM:
		type->info = TYPE_INFO(BTF_KIND_ENUM, BTF_INFO_VLEN(type->info));
		break;
	}
}

static void rewrite_types(unsigned char *types, size_t size, const struct rewrite *rewrite)
{
	struct cursor cursor = { .types = { types, size } };

	while (next_type(&cursor) > 0)
		if (type_needs(&cursor.type) & rewrite->missing)
			rewrite_type((struct btf_type *)(types + cursor.at), rewrite);
}

static feature_set missing_features(feature_set asks, const struct features *features)
{
	feature_set missing = 0;
	unsigned i;

	for (i = 0; i < FEATURE_N; i++)
		if (asks & FEATURE_BIT(i) && features->state[i] != YES)
			missing |= FEATURE_BIT(i);
	/* What a tag is on must not have become something that takes no tags. */
	if (missing & (FEATURE_BIT(FEATURE_BTF_FUNC) | FEATURE_BIT(FEATURE_BTF_DATASEC)))
		missing |= FEATURE_BIT(FEATURE_BTF_DECL_TAG);
	return missing;
}

int btf_sanitise(struct view raw, const struct features *features, struct arena *mem, struct view *out)
{
	struct rewrite rewrite = { .missing = missing_features(btf_asks(raw), features) };
	struct view types = type_section(raw);
	unsigned char *copy;

	out->data = NULL;
	out->size = 0;
	if (!types.size || !has_feature(features, FEATURE_BTF) || survey(types, &rewrite))
		return 0;
	if (!rewrite.missing) {
		*out = raw;
		return 0;
	}
	if (!rewrite.integer_id || (types.data - raw.data) % 4) /* never from a compiler */
		return 0;
	copy = arena_alloc(mem, raw.size);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, raw.data, raw.size);
	rewrite_types(copy + (types.data - raw.data), types.size, &rewrite);
	out->data = copy;
	out->size = raw.size;
	return 0;
}
