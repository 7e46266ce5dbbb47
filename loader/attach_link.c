/* SPDX-License-Identifier: GPL-2.0 */
/* bpf_link: the attachment is an object of its own, and stays while its pin does. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include "loader/attach_method.h"
#include "syscalls/bpf.h"

/* Linux 6.6, newer than the oldest headers this is built with. */
#define TCX_INGRESS 46
#define TCX_EGRESS 47
#define FLAG_BEFORE (1u << 3) /* BPF_F_BEFORE; relative to nothing: at the head */

static int create_xdp(struct attaching *at)
{
	__u32 mode = at->record.mode == XDP_MODE_GENERIC ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;

	return sys_bpf_link_create(at->prog_fd, (int)at->key.ifindex, BPF_XDP, mode);
}

static int create_link(struct attaching *at)
{
	if (at->key.hook == HOOK_XDP)
		return create_xdp(at);
	if (hook_is_cgroup(at->key.hook))
		return sys_bpf_link_create(at->prog_fd, at->cgroup_fd, hook_cgroup_type(at->key.hook), 0);
	return sys_bpf_link_create_tcx(at->prog_fd, (int)at->key.ifindex,
				       hook_is_egress(at->key.hook) ? TCX_EGRESS : TCX_INGRESS, FLAG_BEFORE, 0);
}

static int link_replace(struct attaching *at)
{
	int fd = sys_bpf_obj_get(at->pin), code;

	if (fd < 0)
		return fd;
	code = sys_bpf_link_update(fd, at->prog_fd, 0);
	close(fd);
	return code;
}

static int link_detach(struct attaching *at)
{
	int fd = sys_bpf_obj_get(at->pin);

	/* Closing the last descriptor would do, but later: detaching is at once. Before 5.9 there is only the former.
	 */
	if (fd >= 0) {
		sys_bpf_link_detach(fd);
		close(fd);
	}
	if (unlink(at->pin) && errno != ENOENT)
		return -errno;
	return 0;
}

/* A pin that is there already is that of a link which a killed command had begun to take off. */
static int pin(struct attaching *at, int fd)
{
	int code = sys_bpf_obj_pin(fd, at->pin);

	if (code != -EEXIST)
		return code;
	code = link_detach(at);
	return code ? code : sys_bpf_obj_pin(fd, at->pin);
}

/* Until it is pinned a link vanishes with this process, so what is killed half way leaves nothing. */
static int link_attach(struct attaching *at)
{
	int fd = create_link(at), code;

	if (fd == -EBUSY && at->key.hook == HOOK_XDP)
		return -EEXIST;
	if (fd < 0)
		return fd;
	code = hook_is_cgroup(at->key.hook) ? cgroup_storage_write(at) : 0;
	if (!code)
		code = pin(at, fd);
	close(fd);
	return code;
}

const struct attach_method attach_by_link = {
	.how = FW_HOW_LINK,
	.attach = link_attach,
	.replace = link_replace,
	.detach = link_detach,
};
