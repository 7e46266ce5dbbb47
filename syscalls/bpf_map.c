/* SPDX-License-Identifier: GPL-2.0 */
#include "syscalls/bpf.h"

#include "syscalls/bpf_call.h"

int sys_bpf_map_create(const struct bpf_map_create_args *args)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = args->type;
	attr.key_size = args->key_size;
	attr.value_size = args->value_size;
	attr.max_entries = args->max_entries;
	attr.map_flags = args->flags;
	if (args->flags & BPF_F_NUMA_NODE)
		attr.numa_node = args->numa_node;
	attr.inner_map_fd = args->inner_fd;
	attr.btf_fd = args->btf_fd;
	attr.btf_key_type_id = args->btf_key;
	attr.btf_value_type_id = args->btf_value;
	attr.map_extra = args->map_extra;
	bpf_name(attr.map_name, args->name);
	return bpf_call_fd(BPF_MAP_CREATE, &attr, ATTR_SIZE(map_extra));
}

static int element_call(enum bpf_cmd command, int map_fd, const void *key, const void *value, __u64 flags)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map_fd;
	attr.key = bpf_pointer(key);
	attr.value = bpf_pointer(value);
	attr.flags = flags;
	return bpf_call(command, &attr, ATTR_SIZE(flags));
}

int sys_bpf_map_lookup(int map_fd, const void *key, void *value)
{
	return element_call(BPF_MAP_LOOKUP_ELEM, map_fd, key, value, 0);
}

int sys_bpf_map_update(int map_fd, const void *key, const void *value, __u64 flags)
{
	return element_call(BPF_MAP_UPDATE_ELEM, map_fd, key, value, flags);
}

int sys_bpf_map_delete(int map_fd, const void *key)
{
	return element_call(BPF_MAP_DELETE_ELEM, map_fd, key, NULL, 0);
}

int sys_bpf_map_next_key(int map_fd, const void *key, void *next)
{
	return element_call(BPF_MAP_GET_NEXT_KEY, map_fd, key, next, 0);
}

int sys_bpf_map_freeze(int map_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map_fd;
	return bpf_call(BPF_MAP_FREEZE, &attr, ATTR_SIZE(map_fd));
}

static int batch_call(enum bpf_cmd command, union bpf_attr *attr, __u32 *count)
{
	int result;

	attr->batch.count = *count;
	result = bpf_call(command, attr, ATTR_SIZE(batch));
	*count = attr->batch.count;
	return result;
}

/* The kernel counts what it did, unless it refused before the first: then the count is still what was asked for. */
static int batch_change(enum bpf_cmd command, union bpf_attr *attr, __u32 *count)
{
	__u32 asked = *count;
	int result = batch_call(command, attr, count);

	if (result && *count == asked)
		*count = 0;
	return result;
}

int sys_bpf_map_update_batch(int map_fd, const void *keys, const void *values, __u32 *count, __u64 flags)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.batch.map_fd = map_fd;
	attr.batch.keys = bpf_pointer(keys);
	attr.batch.values = bpf_pointer(values);
	attr.batch.elem_flags = flags;
	return batch_change(BPF_MAP_UPDATE_BATCH, &attr, count);
}

int sys_bpf_map_delete_batch(int map_fd, const void *keys, __u32 *count)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.batch.map_fd = map_fd;
	attr.batch.keys = bpf_pointer(keys);
	return batch_change(BPF_MAP_DELETE_BATCH, &attr, count);
}

int sys_bpf_map_lookup_batch(int map_fd, const void *in_batch, void *out_batch, void *keys, void *values, __u32 *count)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.batch.map_fd = map_fd;
	attr.batch.in_batch = bpf_pointer(in_batch);
	attr.batch.out_batch = bpf_pointer(out_batch);
	attr.batch.keys = bpf_pointer(keys);
	attr.batch.values = bpf_pointer(values);
	return batch_call(BPF_MAP_LOOKUP_BATCH, &attr, count);
}
