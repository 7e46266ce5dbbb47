/* SPDX-License-Identifier: GPL-2.0 */
/* PROG_ATTACH to a cgroup, with ALLOW_MULTI: OVERRIDE would let a cgroup below undo what is attached here. */
#include <errno.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "loader/attach_method.h"
#include "syscalls/bpf.h"

#define PROGRAMS_MAX 64 /* the kernel's own bound for one cgroup */

static int prog_attach(struct attaching *at)
{
	__u32 type = hook_cgroup_type(at->key.hook);
	int code = sys_bpf_prog_attach(at->prog_fd, at->cgroup_fd, type, BPF_F_ALLOW_MULTI, 0);

	if (code)
		return code == -EPERM ? -EEXIST : code;
	code = cgroup_storage_write(at);
	if (code)
		sys_bpf_prog_detach(at->prog_fd, at->cgroup_fd, type);
	return code;
}

static int same_name(int fd, enum hook hook)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	const char *name = hook_program(hook);
	unsigned i;

	if (sys_bpf_info(fd, &info, &size))
		return 0;
	for (i = 0; i < BPF_OBJ_NAME_LEN - 1 && name[i]; i++)
		if (info.name[i] != name[i])
			return 0;
	return !info.name[i];
}

/* Of the programs on the cgroup, the one of our name that is not the pinned one: what an earlier `up` put there. */
static int older_program(struct attaching *at)
{
	struct bpf_prog_info own = { 0 };
	__u32 ids[PROGRAMS_MAX], n = PROGRAMS_MAX, flags, i, size = sizeof(own);

	sys_bpf_info(at->prog_fd, &own, &size);
	if (sys_bpf_prog_query(at->cgroup_fd, hook_cgroup_type(at->key.hook), ids, &n, &flags))
		return -ENOENT;
	for (i = 0; i < n; i++) {
		int fd = ids[i] == own.id ? -1 : sys_bpf_prog_by_id(ids[i]);

		if (fd < 0)
			continue;
		if (same_name(fd, at->key.hook))
			return fd;
		close(fd);
	}
	return -ENOENT;
}

static int prog_replace(struct attaching *at)
{
	__u32 type = hook_cgroup_type(at->key.hook);
	int old = older_program(at), code;

	if (old < 0)
		return 0;
	code = sys_bpf_prog_attach(at->prog_fd, at->cgroup_fd, type, BPF_F_ALLOW_MULTI, old);
	if (code) {
		/* Before 5.5 there is no replacing: both judge alike, so both may run for a moment. */
		code = sys_bpf_prog_attach(at->prog_fd, at->cgroup_fd, type, BPF_F_ALLOW_MULTI, 0);
		if (!code)
			code = sys_bpf_prog_detach(old, at->cgroup_fd, type);
	}
	close(old);
	return code;
}

static int prog_detach(struct attaching *at)
{
	__u32 type = hook_cgroup_type(at->key.hook);
	int old, code;

	if (at->cgroup_fd < 0)
		return 0;
	code = sys_bpf_prog_detach(at->prog_fd, at->cgroup_fd, type);
	old = older_program(at);
	if (old >= 0) {
		code = sys_bpf_prog_detach(old, at->cgroup_fd, type);
		close(old);
	}
	return code == -ENOENT ? 0 : code;
}

const struct attach_method attach_by_prog_attach = {
	.how = FW_HOW_PROG_ATTACH,
	.attach = prog_attach,
	.replace = prog_replace,
	.detach = prog_detach,
};
