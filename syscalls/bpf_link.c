/* SPDX-License-Identifier: GPL-2.0 */
#include "syscalls/bpf.h"

#include "syscalls/bpf_call.h"

/* BPF_LINK_CREATE as of 6.6 (linux/bpf.h, link_create.tcx); older headers lack the last two. */
struct link_create_attr {
	__u32 prog_fd;
	__u32 target;
	__u32 attach_type;
	__u32 flags;
	__u32 relative_fd;
	__u32 pad;
	__u64 expected_revision;
};

int sys_bpf_link_create(int prog_fd, int target_fd, __u32 attach_type, __u32 flags)
{
	struct link_create_attr attr = {
		.prog_fd = prog_fd,
		.target = target_fd,
		.attach_type = attach_type,
		.flags = flags,
	};

	return bpf_call_fd(BPF_LINK_CREATE, &attr, offsetof(struct link_create_attr, relative_fd));
}

int sys_bpf_link_create_tcx(int prog_fd, int ifindex, __u32 attach_type, __u32 flags, int relative_fd)
{
	struct link_create_attr attr = {
		.prog_fd = prog_fd,
		.target = ifindex,
		.attach_type = attach_type,
		.flags = flags,
		.relative_fd = relative_fd,
	};

	return bpf_call_fd(BPF_LINK_CREATE, &attr, sizeof(attr));
}

int sys_bpf_link_update(int link_fd, int new_prog_fd, int old_prog_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_update.link_fd = link_fd;
	attr.link_update.new_prog_fd = new_prog_fd;
	if (old_prog_fd > 0) {
		attr.link_update.flags = BPF_F_REPLACE;
		attr.link_update.old_prog_fd = old_prog_fd;
	}
	return bpf_call(BPF_LINK_UPDATE, &attr, ATTR_SIZE(link_update));
}

int sys_bpf_link_detach(int link_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_detach.link_fd = link_fd;
	return bpf_call(BPF_LINK_DETACH, &attr, ATTR_SIZE(link_detach));
}
