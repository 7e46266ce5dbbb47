/* SPDX-License-Identifier: GPL-2.0 */
/* The five objects in the kernel: each way in which they are specialised to a policy. Needs root. */
#include "loader/programs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

static void load(__u32 policy)
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
	programs_close(&programs);
	map_set_close(&maps);
}

static void the_programs_load_for_every_policy(void **state)
{
	__u32 policy;

	if (is_refused(state))
		skip();
	for (policy = 0; policy < POLICIES; policy++)
		load(policy);
}

/* Denied features stay denied in one process: the last test of the file. */
static void they_load_without_ring_buffer_and_storage(void **state)
{
	struct error err = { 0 };

	if (is_refused(state))
		skip();
	setenv("BULKHEAD_WITHOUT", "ringbuf,cgroup_storage,gso_size,btf,names", 1);
	assert_non_null(host_features(&err));
	load(0);
	load(POLICIES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_programs_load_for_every_policy),
		cmocka_unit_test(they_load_without_ring_buffer_and_storage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
