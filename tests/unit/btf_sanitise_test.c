/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat/btf_sanitise.c: types with every newer kind, for kernels that lack one or all; as root, the result is loaded.
 */
#include "compat/plan_parts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/btf.h>

#include "elf/arena.h"
#include "syscalls/bpf.h"

#define T(name, kind, vlen, value) name, (__u32)(kind) << 24 | (vlen), value
#define SIGNED (1u << 31)

static const char strings[] = "\0int\0long double\0any thing: a tag\0x";
#define INT_NAME 1
#define DOUBLE_NAME 5
#define TAG_NAME 17
#define X_NAME 34

/* clang-format off */
static const __u32 types[] = {
	/*  1 */ T(INT_NAME, BTF_KIND_INT, 0, 4), BTF_INT_SIGNED << 24 | 32,
	/*  2 */ T(0, BTF_KIND_FUNC_PROTO, 2, 1), 0, 1, X_NAME, 1, /* the first parameter has no name */
	/*  3 */ T(X_NAME, BTF_KIND_FUNC, BTF_FUNC_GLOBAL, 13),
	/*  4 */ T(X_NAME, BTF_KIND_VAR, 0, 1), BTF_VAR_GLOBAL_ALLOCATED,
	/*  5 */ T(X_NAME, BTF_KIND_DATASEC, 2, 12), 4, 0, 4, 4, 8, 4,
	/*  6 */ T(DOUBLE_NAME, 16, 0, 16),
	/*  7 */ T(TAG_NAME, 17, 0, 4), (__u32)-1,
	/*  8 */ T(TAG_NAME, 18, 0, 1),
	/*  9 */ T(0, BTF_KIND_PTR, 0, 8),
	/* 10 */ T(X_NAME, 19, 2, 8), X_NAME, 1, 2, INT_NAME, 3, 4,
	/* 11 */ X_NAME, SIGNED | (__u32)BTF_KIND_ENUM << 24 | 1, 4, X_NAME, (__u32)-1,
	/* 12 */ T(X_NAME, BTF_KIND_STRUCT, 1, 16), X_NAME, 6, 0,
	/* 13 */ T(0, BTF_KIND_FUNC_PROTO, 1, 1), X_NAME, 1,
};
/* clang-format on */

static _Alignas(8) unsigned char raw[sizeof(struct btf_header) + sizeof(types) + sizeof(strings)];

static struct view make(void)
{
	struct btf_header header = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(header),
		.type_len = sizeof(types),
		.str_off = sizeof(types),
		.str_len = sizeof(strings),
	};

	memcpy(raw, &header, sizeof(header));
	memcpy(raw + sizeof(header), types, sizeof(types));
	memcpy(raw + sizeof(header) + sizeof(types), strings, sizeof(strings));
	return (struct view) { raw, sizeof(raw) };
}

static void all(struct features *features, enum tristate state)
{
	unsigned i;

	memset(features, 0, sizeof(*features));
	for (i = 0; i < FEATURE_N; i++)
		features->state[i] = state;
}

/* The running kernel takes them, where it knows all kinds that are left and there is the right to ask; says why not. */
static void loads(struct view btf)
{
	static char log[65536];
	struct features features;
	unsigned i;
	int fd;

	features_probe(&features);
	for (i = 0; i < FEATURE_N; i++)
		if (btf_asks(btf) & FEATURE_BIT(i) && features.state[i] != YES)
			return;
	if (geteuid() != 0)
		return;
	fd = sys_bpf_btf_load(btf.data, (__u32)btf.size, NULL, 0, 0);
	if (fd < 0)
		sys_bpf_btf_load(btf.data, (__u32)btf.size, log, sizeof(log), 1);
	if (fd < 0)
		fail_msg("%d: %s", fd, log);
	close(fd);
}

static void kernel_that_knows_all_gets_the_bytes_themselves(void **state)
{
	struct arena *mem = arena_new();
	struct features features;
	struct view out;

	(void)state;
	all(&features, YES);
	assert_int_equal(btf_sanitise(make(), &features, mem, &out), 0);
	assert_ptr_equal(out.data, raw);
	assert_int_equal(out.size, sizeof(raw));
	loads(out);
	arena_free(mem);
}

static void each_need_is_seen(void **state)
{
	feature_set asks = btf_asks(make());
	unsigned i;

	(void)state;
	for (i = FEATURE_BTF_FUNC; i <= FEATURE_BTF_ENUM64; i++)
		assert_true(asks & FEATURE_BIT(i));
}

static void each_kind_alone_is_rewritten(void **state)
{
	struct features features;
	struct arena *mem = arena_new();
	struct view out;
	unsigned i;

	(void)state;
	for (i = FEATURE_BTF_FUNC; i <= FEATURE_BTF_ENUM64; i++) {
		all(&features, YES);
		features.state[i] = NO;
		assert_int_equal(btf_sanitise(make(), &features, mem, &out), 0);
		assert_int_equal(out.size, sizeof(raw));
		assert_ptr_not_equal(out.data, raw);
		assert_false(btf_asks(out) & FEATURE_BIT(i));
		loads(out);
	}
	arena_free(mem);
}

static void oldest_kernel_gets_only_what_it_knows(void **state)
{
	struct features features;
	struct arena *mem = arena_new();
	struct view out;

	(void)state;
	all(&features, NO);
	features.state[FEATURE_BTF] = YES;
	assert_int_equal(btf_sanitise(make(), &features, mem, &out), 0);
	assert_int_equal(out.size, sizeof(raw));
	assert_int_equal(btf_asks(out), 0);
	loads(out);
	features.state[FEATURE_BTF] = NO;
	assert_int_equal(btf_sanitise(make(), &features, mem, &out), 0);
	assert_int_equal(out.size, 0);
	arena_free(mem);
}

static void broken_types_are_left_out(void **state)
{
	struct features features;
	struct arena *mem = arena_new();
	struct view out, cut = make();
	const __u32 unknown = 31u << 24; /* a kind that nobody knows */
	size_t size;

	(void)state;
	all(&features, NO);
	features.state[FEATURE_BTF] = YES;
	for (size = 0; size < sizeof(struct btf_header) + sizeof(types); size++) {
		cut.size = size;
		assert_int_equal(btf_sanitise(cut, &features, mem, &out), 0);
		assert_int_equal(out.size, 0);
	}
	make();
	memcpy(raw + sizeof(struct btf_header) + 4, &unknown, sizeof(unknown));
	cut.size = sizeof(raw);
	assert_int_equal(btf_sanitise(cut, &features, mem, &out), 0);
	assert_int_equal(out.size, 0);
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_that_knows_all_gets_the_bytes_themselves),
		cmocka_unit_test(each_need_is_seen),
		cmocka_unit_test(each_kind_alone_is_rewritten),
		cmocka_unit_test(oldest_kernel_gets_only_what_it_knows),
		cmocka_unit_test(broken_types_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
