/* SPDX-License-Identifier: GPL-2.0 */
/* The call, and what goes for maps, programs and links alike: pins, ids and descriptions. */
#include "syscalls/bpf.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscalls/bpf_call.h"
#include "syscalls/descriptor.h"

/* The kernel's own number for what is not supported, include/linux/errno.h: it slips out, and no one has a text for it.
 */
#define KERNEL_ENOTSUPP 524

int bpf_call(enum bpf_cmd command, void *attr, size_t size)
{
	long result = syscall(__NR_bpf, command, attr, size);

	if (result >= 0)
		return (int)result;
	return errno == KERNEL_ENOTSUPP ? -EOPNOTSUPP : -errno;
}

int bpf_call_fd(enum bpf_cmd command, void *attr, size_t size)
{
	return descriptor_above_2(bpf_call(command, attr, size));
}

int sys_bpf_obj_pin(int fd, const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = bpf_pointer(path);
	attr.bpf_fd = fd;
	return bpf_call(BPF_OBJ_PIN, &attr, ATTR_SIZE(bpf_fd));
}

int sys_bpf_obj_get(const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = bpf_pointer(path);
	return bpf_call_fd(BPF_OBJ_GET, &attr, ATTR_SIZE(bpf_fd));
}

int sys_bpf_info(int fd, void *info, __u32 *size)
{
	union bpf_attr attr;
	int result;

	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = fd;
	attr.info.info_len = *size;
	attr.info.info = bpf_pointer(info);
	result = bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr, ATTR_SIZE(info));
	if (!result)
		*size = attr.info.info_len;
	return result;
}

/* The three kinds' ids are one union at the front of the attributes. */
static int object_by_id(enum bpf_cmd command, __u32 id)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	return bpf_call_fd(command, &attr, ATTR_SIZE(open_flags));
}

int sys_bpf_prog_by_id(__u32 id)
{
	return object_by_id(BPF_PROG_GET_FD_BY_ID, id);
}

int sys_bpf_map_by_id(__u32 id)
{
	return object_by_id(BPF_MAP_GET_FD_BY_ID, id);
}

int sys_bpf_link_by_id(__u32 id)
{
	return object_by_id(BPF_LINK_GET_FD_BY_ID, id);
}

static int object_next_id(enum bpf_cmd command, __u32 id, __u32 *next)
{
	union bpf_attr attr;
	int result;

	memset(&attr, 0, sizeof(attr));
	attr.start_id = id;
	result = bpf_call(command, &attr, ATTR_SIZE(open_flags));
	if (!result)
		*next = attr.next_id;
	return result;
}

int sys_bpf_prog_next_id(__u32 id, __u32 *next)
{
	return object_next_id(BPF_PROG_GET_NEXT_ID, id, next);
}

int sys_bpf_map_next_id(__u32 id, __u32 *next)
{
	return object_next_id(BPF_MAP_GET_NEXT_ID, id, next);
}

int sys_bpf_link_next_id(__u32 id, __u32 *next)
{
	return object_next_id(BPF_LINK_GET_NEXT_ID, id, next);
}

int sys_bpf_btf_load(const void *btf, __u32 size, char *log, __u32 log_size, __u32 log_level)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.btf = bpf_pointer(btf);
	attr.btf_size = size;
	if (log) {
		attr.btf_log_buf = bpf_pointer(log);
		attr.btf_log_size = log_size;
		attr.btf_log_level = log_level;
	}
	return bpf_call_fd(BPF_BTF_LOAD, &attr, ATTR_SIZE(btf_log_level));
}
