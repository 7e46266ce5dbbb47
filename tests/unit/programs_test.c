/* SPDX-License-Identifier: GPL-2.0 */
/* The five objects in the kernel: each way in which they are specialised to a policy. Needs root. */
#include "loader/programs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "loader/command.h"
#include "loader/host_features.h"
#include "syscalls/bpf.h"

#define POLICIES 16 /* every set of POLICY_ bits */

static const struct options options = { .bpffs = "/nowhere" };

static int is_refused(void **state)
{
	int fd = sys_bpf_map_create(&(struct bpf_map_create_args) {
		.type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 });

	(void)state;
	if (fd < 0)
		return 1;
	close(fd);
	return 0;
}

#define VERIFIED_MAX_4_19 131072

/*
 * How many instructions the verifier went through, all ways taken together; 0: this kernel does not say (before 5.16).
 * 4.19 gives up at its maximum, and finds fewer states alike: its number is higher, so to be below here is the least.
 */
static unsigned verified(int prog_fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	return sys_bpf_info(prog_fd, &info, &size) ? 0 : info.verified_insns;
}

static void list_verified(const struct program_set *programs, __u32 policy, unsigned max)
{
	unsigned i;

	printf("# policy %2u:", policy);
	for (i = 0; i < programs->n; i++)
		printf(" %s %u", programs->item[i].name, verified(programs->item[i].fd));
	printf(" instructions verified\n");
	for (i = 0; i < programs->n; i++)
		assert_true(verified(programs->item[i].fd) <= max);
}

static void load(__u32 policy, unsigned verified_max)
{
	struct program_set programs;
	struct error err = { 0 };
	struct map_set maps;
	int code;

	map_set_begin(&maps, &options);
	code = programs_load(&maps, policy, &programs, &err);
	if (code)
		print_error("policy %u: %s\n", policy, err.text);
	assert_int_equal(code, 0);
	assert_true(programs.n >= 7);
	if (!policy || policy == POLICIES - 1)
		list_verified(&programs, policy, verified_max);
	programs_close(&programs);
	map_set_close(&maps);
}

static void the_programs_load_for_every_policy(void **state)
{
	__u32 policy;

	if (is_refused(state))
		skip();
	for (policy = 0; policy < POLICIES; policy++)
		load(policy, ~0u);
}

/* The features that came after 4.19, as BULKHEAD_WITHOUT has them. */
static void newer_than_4_19(char *list, size_t room)
{
	int major, minor;
	size_t n = 0;
	unsigned i;

	for (i = 0; i < FEATURE_N; i++) {
		assert_int_equal(sscanf(feature_since(i), "%d.%d", &major, &minor), 2);
		if (major * 100 + minor > 419)
			n += (size_t)snprintf(list + n, room - n, "%s%s", n ? "," : "", feature_name(i));
	}
	assert_true(n < room);
}

/* Denied features stay denied in one process: the last test of the file. */
static void they_load_as_for_4_19(void **state)
{
	struct error err = { 0 };
	char list[1024];

	if (is_refused(state))
		skip();
	newer_than_4_19(list, sizeof(list));
	setenv("BULKHEAD_WITHOUT", list, 1);
	assert_non_null(host_features(&err));
	load(0, VERIFIED_MAX_4_19);
	load(POLICIES - 1, VERIFIED_MAX_4_19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_programs_load_for_every_policy),
		cmocka_unit_test(they_load_as_for_4_19),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
