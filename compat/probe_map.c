/* SPDX-License-Identifier: GPL-2.0 */
/* Features found out by making a map. */
#include "compat/probe.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

#include "syscalls/bpf.h"

/* Makes, and lets go: 0 or -errno. */
static int try_map(const struct bpf_map_create_args *args)
{
	int fd = sys_bpf_map_create(args);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int ask_names(void)
{
	return try_map(&(struct bpf_map_create_args) {
		.type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1, .name = "bulkhead" });
}

int ask_lpm_trie(void)
{
	return try_map(&(struct bpf_map_create_args) { .type = BPF_MAP_TYPE_LPM_TRIE,
						       .key_size = 8,
						       .value_size = 4,
						       .max_entries = 1,
						       .flags = BPF_F_NO_PREALLOC });
}

int ask_lru_hash(void)
{
	return try_map(&(struct bpf_map_create_args) {
		.type = BPF_MAP_TYPE_LRU_HASH, .key_size = 4, .value_size = 4, .max_entries = 1 });
}

int ask_cgroup_storage(void)
{
	return try_map(&(struct bpf_map_create_args) { .type = BPF_MAP_TYPE_CGROUP_STORAGE,
						       .key_size = sizeof(struct bpf_cgroup_storage_key),
						       .value_size = 8 });
}

/* A page is the smallest. */
int ask_ringbuf(void)
{
	return try_map(&(struct bpf_map_create_args) { .type = BPF_MAP_TYPE_RINGBUF,
						       .max_entries = (__u32)sysconf(_SC_PAGESIZE) });
}

int ask_mmap_array(void)
{
	return try_map(&(struct bpf_map_create_args) { .type = BPF_MAP_TYPE_ARRAY,
						       .key_size = 4,
						       .value_size = 8,
						       .max_entries = 1,
						       .flags = BPF_F_MMAPABLE });
}

/* Of a hash, the kind that is filled in bulk; prefix tables learnt it in 5.14 only. */
int ask_batch(void)
{
	struct bpf_map_create_args args = {
		.type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1, .flags = BPF_F_NO_PREALLOC
	};
	__u32 key = 1, value = 1, count = 1;
	int result, fd = sys_bpf_map_create(&args);

	if (fd < 0)
		return fd;
	result = sys_bpf_map_update_batch(fd, &key, &value, &count, 0);
	close(fd);
	return result;
}

/*
 * Where a map can be made although nothing may be locked in memory, its memory is charged elsewhere. That it can be
 * made with the limit as it is comes first, since EPERM is also the answer to one without the right.
 */
int ask_memcg_account(void)
{
	static const struct bpf_map_create_args args = {
		.type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};
	struct rlimit old, none;
	int result = try_map(&args);

	if (result < 0)
		return result == -EINVAL ? -ENOTSUP : result;
	if (getrlimit(RLIMIT_MEMLOCK, &old))
		return -errno;
	none = old;
	none.rlim_cur = 0;
	if (setrlimit(RLIMIT_MEMLOCK, &none))
		return -EACCES; /* not EPERM, which would be a no */
	result = try_map(&args);
	setrlimit(RLIMIT_MEMLOCK, &old);
	return result == -EPERM ? -EINVAL : result;
}
