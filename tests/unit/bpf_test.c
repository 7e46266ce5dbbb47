/* SPDX-License-Identifier: GPL-2.0 */
/* syscalls/bpf*.c and perf.c against the running kernel (root). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "syscalls/bpf.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <net/if.h>
#include <sys/mount.h>
#include <linux/btf.h>

#define TCX_INGRESS 46

static const struct bpf_insn return_0[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};
static const struct bpf_insn return_7[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 7 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static int load(__u32 type, const struct bpf_insn *insns)
{
	struct bpf_prog_load_args args = {
		.type = type, .license = "GPL", .insns = insns, .n_insns = 2, .name = "test"
	};
	int fd = sys_bpf_prog_load(&args);

	assert_true(fd > 2);
	return fd;
}

static int hash(__u32 entries)
{
	struct bpf_map_create_args args = { .type = BPF_MAP_TYPE_HASH,
					    .key_size = 4,
					    .value_size = 8,
					    .max_entries = entries,
					    .name = "a_name_of_more_than_15" };
	int fd = sys_bpf_map_create(&args);

	assert_true(fd > 2);
	return fd;
}

static void needs_root(void)
{
	if (geteuid() != 0)
		skip();
}

static void map_entries_come_and_go(void **state)
{
	__u32 key = 3, next = 0;
	__u64 value = 5;
	int fd;

	(void)state;
	needs_root();
	fd = hash(4);
	assert_int_equal(sys_bpf_map_lookup(fd, &key, &value), -ENOENT);
	assert_int_equal(sys_bpf_map_update(fd, &key, &value, BPF_NOEXIST), 0);
	assert_int_equal(sys_bpf_map_update(fd, &key, &value, BPF_NOEXIST), -EEXIST);
	value = 0;
	assert_int_equal(sys_bpf_map_lookup(fd, &key, &value), 0);
	assert_int_equal(value, 5);
	assert_int_equal(sys_bpf_map_next_key(fd, NULL, &next), 0);
	assert_int_equal(next, 3);
	assert_int_equal(sys_bpf_map_next_key(fd, &key, &next), -ENOENT);
	assert_int_equal(sys_bpf_map_delete(fd, &key), 0);
	assert_int_equal(sys_bpf_map_delete(fd, &key), -ENOENT);
	assert_int_equal(sys_bpf_map_freeze(fd), 0);
	assert_int_equal(sys_bpf_map_update(fd, &key, &value, 0), -EPERM);
	close(fd);
}

/* The kernel answers 524, which is in no header of programs. */
static void what_a_map_cannot_do_has_a_known_number(void **state)
{
	struct bpf_map_create_args ring = { .type = BPF_MAP_TYPE_RINGBUF, .max_entries = 4096 };
	__u32 key = 0;
	int fd;

	(void)state;
	needs_root();
	fd = sys_bpf_map_create(&ring);
	if (fd == -EINVAL)
		skip();
	assert_true(fd >= 0);
	assert_int_equal(sys_bpf_map_next_key(fd, NULL, &key), -EOPNOTSUPP);
	close(fd);
}

static void batches_count_what_they_did(void **state)
{
	__u32 keys[4] = { 1, 2, 3, 4 }, out[4], count = 3, batch;
	__u64 values[4] = { 10, 20, 30, 40 }, read[4];
	int fd;

	(void)state;
	needs_root();
	fd = hash(3);
	assert_int_equal(sys_bpf_map_update_batch(fd, keys, values, &count, 0), 0);
	assert_int_equal(count, 3);
	count = 4;
	assert_int_equal(sys_bpf_map_update_batch(fd, keys, values, &count, 0), -E2BIG);
	assert_int_equal(count, 3);
	count = 4;
	assert_int_equal(sys_bpf_map_lookup_batch(fd, NULL, &batch, out, read, &count), -ENOENT);
	assert_int_equal(count, 3);
	count = 2;
	assert_int_equal(sys_bpf_map_delete_batch(fd, keys, &count), 0);
	assert_int_equal(count, 2);
	count = 2;
	assert_int_equal(sys_bpf_map_update_batch(-1, keys, values, &count, 0), -EBADF);
	assert_int_equal(count, 0);
	close(fd);
}

static void map_describes_itself_and_is_found_by_id(void **state)
{
	struct bpf_map_info info;
	__u32 size = sizeof(info), id;
	int fd, again;

	(void)state;
	needs_root();
	memset(&info, 0, sizeof(info));
	fd = hash(4);
	assert_int_equal(sys_bpf_info(fd, &info, &size), 0);
	assert_string_equal(info.name, "a_name_of_more_");
	assert_int_equal(sys_bpf_map_next_id(info.id - 1, &id), 0);
	assert_int_equal(id, info.id);
	again = sys_bpf_map_by_id(id);
	assert_true(again > 2);
	assert_true(fcntl(again, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(sys_bpf_map_next_id(0x7ffffff0, &id), -ENOENT);
	assert_int_equal(sys_bpf_prog_by_id(0x7ffffff0), -ENOENT);
	assert_int_equal(sys_bpf_link_next_id(0x7ffffff0, &id), -ENOENT);
	close(fd);
	close(again);
}

static void descriptors_stay_above_2(void **state)
{
	int saved, fd, closed_on_exec;

	(void)state;
	needs_root();
	saved = fcntl(0, F_DUPFD_CLOEXEC, 10);
	close(0);
	fd = hash(1);
	closed_on_exec = fcntl(fd, F_GETFD) & FD_CLOEXEC;
	assert_int_equal(fcntl(0, F_GETFD), -1);
	if (saved >= 0) {
		dup2(saved, 0);
		close(saved);
	}
	assert_true(fd > 2 && closed_on_exec);
	close(fd);
}

static void refusal_comes_with_its_log(void **state)
{
	char log[4096] = "";
	struct bpf_insn insns[32]; /* that read a register nobody set, at last */
	struct bpf_prog_load_args args = {
		.type = BPF_PROG_TYPE_XDP,
		.license = "GPL",
		.insns = insns,
		.n_insns = 32,
		.log = log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	unsigned i;

	(void)state;
	needs_root();
	for (i = 0; i < 30; i++)
		insns[i] = return_0[0];
	insns[30] = (struct bpf_insn) { .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 0, .src_reg = 9 };
	insns[31] = return_0[1];
	assert_int_equal(sys_bpf_prog_load(&args), -EACCES);
	assert_non_null(strstr(log, "R9 !read_ok"));
	args.log_size = 128; /* the smallest that every kernel takes */
	assert_int_equal(sys_bpf_prog_load(&args), -ENOSPC);
	if (args.log_true_size)
		assert_true(args.log_true_size > 128);
}

static void program_runs_on_demand(void **state)
{
	unsigned char packet[64] = { 0 }, out[64];
	struct bpf_test_run_args args = { .data_in = packet,
					  .data_in_size = sizeof(packet),
					  .data_out = out,
					  .data_out_size = sizeof(out),
					  .repeat = 3 };
	int fd;

	(void)state;
	needs_root();
	fd = load(BPF_PROG_TYPE_SCHED_CLS, return_7);
	assert_int_equal(sys_bpf_prog_test_run(fd, &args), 0);
	assert_int_equal(args.retval, 7);
	assert_int_equal(args.data_out_size, sizeof(packet));
	close(fd);
}

/* In a mount namespace of this test's own, so that nothing is left behind. */
static bool mounted(const char *type)
{
	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount(type, "/mnt", type, 0, NULL) == 0;
}

static void pin_is_got_back(void **state)
{
	int fd, again;

	(void)state;
	needs_root();
	if (!mounted("bpf"))
		skip();
	fd = hash(1);
	assert_int_equal(sys_bpf_obj_pin(fd, "/mnt/map"), 0);
	assert_int_equal(sys_bpf_obj_pin(fd, "/mnt/map"), -EEXIST);
	again = sys_bpf_obj_get("/mnt/map");
	assert_true(again > 2);
	assert_int_equal(sys_bpf_obj_get("/mnt/none"), -ENOENT);
	assert_int_equal(unlink("/mnt/map"), 0);
	close(fd);
	close(again);
	umount("/mnt");
}

static void cgroup_takes_programs_and_links(void **state)
{
	char path[] = "/mnt/bulkhead_test_XXXXXX";
	int first, second, cgroup, link;
	__u32 ids[4], count = 4, attach_flags = 0;

	(void)state;
	needs_root();
	if (!mounted("cgroup2") || !mkdtemp(path))
		skip();
	cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	first = load(BPF_PROG_TYPE_CGROUP_SKB, return_0);
	second = load(BPF_PROG_TYPE_CGROUP_SKB, return_0);
	assert_int_equal(sys_bpf_prog_attach(first, cgroup, BPF_CGROUP_INET_EGRESS, BPF_F_ALLOW_MULTI, 0), 0);
	assert_int_equal(sys_bpf_prog_attach(first, cgroup, BPF_CGROUP_INET_EGRESS, BPF_F_ALLOW_MULTI, 0), -EINVAL);
	assert_int_equal(sys_bpf_prog_attach(second, cgroup, BPF_CGROUP_INET_EGRESS, BPF_F_ALLOW_MULTI, first), 0);
	assert_int_equal(sys_bpf_prog_query(cgroup, BPF_CGROUP_INET_EGRESS, ids, &count, &attach_flags), 0);
	assert_int_equal(count, 1);
	assert_int_equal(attach_flags, BPF_F_ALLOW_MULTI);
	assert_int_equal(sys_bpf_prog_detach(first, cgroup, BPF_CGROUP_INET_EGRESS), -ENOENT);
	assert_int_equal(sys_bpf_prog_detach(second, cgroup, BPF_CGROUP_INET_EGRESS), 0);
	link = sys_bpf_link_create(first, cgroup, BPF_CGROUP_INET_EGRESS, 0);
	assert_true(link > 2);
	assert_int_equal(sys_bpf_link_update(link, second, second), -EPERM);
	assert_int_equal(sys_bpf_link_update(link, second, first), 0);
	assert_int_equal(sys_bpf_link_update(link, first, 0), 0);
	assert_int_equal(sys_bpf_link_detach(link), 0);
	close(link);
	close(first);
	close(second);
	close(cgroup);
	assert_int_equal(rmdir(path), 0);
	umount("/mnt");
}

static void devices_take_links(void **state)
{
	int first, second, xdp, link, before, ifindex;
	__u32 ids[4], count = 4;

	(void)state;
	needs_root();
	if (unshare(CLONE_NEWNET))
		skip();
	ifindex = (int)if_nametoindex("lo");
	first = load(BPF_PROG_TYPE_SCHED_CLS, return_0);
	second = load(BPF_PROG_TYPE_SCHED_CLS, return_7);
	xdp = load(BPF_PROG_TYPE_XDP, return_0);
	link = sys_bpf_link_create(xdp, ifindex, BPF_XDP, 1U << 1 /* XDP_FLAGS_SKB_MODE */);
	assert_true(link > 2);
	close(link);
	link = sys_bpf_link_create_tcx(first, ifindex, TCX_INGRESS, 0, 0);
	if (link == -EINVAL) /* before 6.6 */
		skip();
	before = sys_bpf_link_create_tcx(second, ifindex, TCX_INGRESS, 1U << 3 /* BPF_F_BEFORE */, first);
	assert_true(link > 2 && before > 2);
	assert_int_equal(sys_bpf_prog_query(ifindex, TCX_INGRESS, ids, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_true(ids[0] > ids[1]); /* the second program is first */
	close(link);
	close(before);
	close(first);
	close(second);
	close(xdp);
}

static void types_are_loaded(void **state)
{
	struct {
		struct btf_header header;
		__u32 types[4];
		char strings[4];
	} raw = {
		.header = { BTF_MAGIC, BTF_VERSION, 0, sizeof(raw.header), 0, sizeof(raw.types), sizeof(raw.types), 3 },
		.types = { 1, BTF_KIND_INT << 24, 4, 32 },
		.strings = "\0x",
	};
	char log[1024] = "";
	int fd;

	(void)state;
	needs_root();
	fd = sys_bpf_btf_load(&raw, sizeof(raw) - 1, log, sizeof(log), 1);
	assert_true(fd > 2);
	close(fd);
	raw.types[2] = 3;
	assert_int_equal(sys_bpf_btf_load(&raw, sizeof(raw) - 1, log, sizeof(log), 1), -EINVAL);
	assert_true(log[0]);
}

static void perf_event_is_opened(void **state)
{
	int fd;

	(void)state;
	needs_root();
	fd = sys_perf_event_open_bpf(0, 1);
	if (fd == -ENOENT || fd == -EACCES || fd == -ENOSYS)
		skip();
	assert_true(fd > 2);
	assert_int_equal(sys_perf_event_enable(fd), 0);
	assert_int_equal(sys_perf_event_enable(-1), -EBADF);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_entries_come_and_go),
		cmocka_unit_test(what_a_map_cannot_do_has_a_known_number),
		cmocka_unit_test(batches_count_what_they_did),
		cmocka_unit_test(map_describes_itself_and_is_found_by_id),
		cmocka_unit_test(descriptors_stay_above_2),
		cmocka_unit_test(refusal_comes_with_its_log),
		cmocka_unit_test(program_runs_on_demand),
		cmocka_unit_test(pin_is_got_back),
		cmocka_unit_test(cgroup_takes_programs_and_links),
		cmocka_unit_test(devices_take_links),
		cmocka_unit_test(types_are_loaded),
		cmocka_unit_test(perf_event_is_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
