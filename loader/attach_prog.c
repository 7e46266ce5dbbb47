/* SPDX-License-Identifier: GPL-2.0 */
/* PROG_ATTACH to a cgroup, with ALLOW_MULTI: OVERRIDE would let a cgroup below undo what is attached here. */
#include <errno.h>
#include <stdbool.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "loader/attach_method.h"
#include "loader/ownership.h"
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

/* Of the programs on the cgroup, ours that is not the pinned one: what an earlier `up` put there. *own_is_there: that
 * too. */
static int older_program(struct attaching *at, bool *own_is_there)
{
	__u32 ids[PROGRAMS_MAX], n = PROGRAMS_MAX, flags, i, own = program_id(at->prog_fd);

	*own_is_there = true; /* what a kernel does not list is taken at the record's word */
	if (sys_bpf_prog_query(at->cgroup_fd, hook_cgroup_type(at->key.hook), ids, &n, &flags))
		return -ENOENT;
	*own_is_there = false;
	for (i = 0; i < n; i++)
		*own_is_there = *own_is_there || ids[i] == own;
	for (i = 0; i < n; i++) {
		int fd = ids[i] == own ? -1 : sys_bpf_prog_by_id(ids[i]);

		if (fd < 0)
			continue;
		if (program_is_ours(at->fw, at->key.hook, fd))
			return fd;
		close(fd);
	}
	return -ENOENT;
}

static int prog_replace(struct attaching *at)
{
	__u32 type = hook_cgroup_type(at->key.hook);
	bool is_there;
	int old = older_program(at, &is_there), code;

	if (old < 0)
		return is_there ? 0 : -ENOENT;
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
	bool is_there;
	int old, code;

	if (at->cgroup_fd < 0)
		return 0;
	code = at->prog_fd < 0 ? -ENOENT : sys_bpf_prog_detach(at->prog_fd, at->cgroup_fd, type);
	old = older_program(at, &is_there);
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
