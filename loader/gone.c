/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/gone.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "loader/attach_method.h"
#include "loader/cgroup.h"
#include "loader/cgroup_process.h"
#include "syscalls/bpf.h"

/* 1: the link is on its device; 0: that has gone, or it was taken off; -errno: it does not say. */
static int link_tells(struct firewall *fw, const struct fw_attachment_key *key)
{
	struct attaching at = { .fw = fw, .key = *key };
	struct bpf_link_info info = { 0 };
	__u32 size = sizeof(info);
	int fd, code;

	attaching_name_pin(&at);
	fd = sys_bpf_obj_get(at.pin);
	if (fd < 0)
		return fd;
	code = sys_bpf_info(fd, &info, &size);
	close(fd);
	return code ? code : info.xdp.ifindex != 0; /* in the same place as tcx's, which older headers lack */
}

bool device_is_gone(struct firewall *fw, const struct fw_container *record, __u32 ifindex)
{
	struct fw_attachment_key key = { .ifindex = ifindex };
	struct fw_attachment attachment;
	char name[IF_NAMESIZE];
	bool is_here = if_indextoname(ifindex, name), is_off = false;
	int tells;

	for (key.hook = HOOK_TC_RATE_LIMIT; key.hook <= HOOK_TC_EGRESS; key.hook++) {
		if (sys_bpf_map_lookup(fw->map_fd[MAP_ATTACHMENTS], &key, &attachment) ||
		    attachment.container != record->id)
			continue;
		if (is_here && !strcmp(name, attachment.ifname))
			return false;
		tells = attachment.how == FW_HOW_LINK ? link_tells(fw, &key) : -1;
		if (tells > 0)
			return false;
		is_off |= !tells;
	}
	return !is_here || is_off;
}

bool device_is_guarded(struct firewall *fw, const struct fw_container *record, __u32 ifindex)
{
	struct fw_attachment_key key = { .ifindex = ifindex };
	struct fw_attachment attachment;

	for (key.hook = HOOK_TC_INGRESS; key.hook <= HOOK_TC_EGRESS; key.hook++)
		if (sys_bpf_map_lookup(fw->map_fd[MAP_ATTACHMENTS], &key, &attachment) ||
		    attachment.container != record->id || (attachment.how == FW_HOW_LINK && link_tells(fw, &key) <= 0))
			return false;
	return true;
}

bool cgroup_is_gone(const struct fw_container *record)
{
	return record->cgroup_id && !cgroup_is_there(record->cgroup, record->cgroup_id);
}

bool gone_forget(struct firewall *fw, struct fw_container *record)
{
	bool had_some = record->n_devs || record->cgroup_id;
	__u8 i, n = 0;

	for (i = 0; i < record->n_devs; i++)
		if (!device_is_gone(fw, record, record->devs[i]))
			record->devs[n++] = record->devs[i];
	memset(record->devs + n, 0, (FW_DEVS_MAX - n) * sizeof(*record->devs));
	record->n_devs = n;
	if (cgroup_is_gone(record)) {
		record->cgroup_id = 0;
		memset(record->cgroup, 0, sizeof(record->cgroup));
	}
	return had_some && !record->n_devs && !record->cgroup_id;
}

bool container_lives(struct firewall *fw, const struct fw_container *record)
{
	struct fw_container living = *record;

	gone_forget(fw, &living);
	return record->attached && (living.n_devs || living.cgroup_id);
}

int container_process(const struct fw_container *record, unsigned *pid)
{
	struct cgroup cgroup;
	int code;

	if (!record->cgroup_id || cgroup_reopen(record->cgroup, &cgroup, NULL))
		return -ESRCH;
	code = cgroup.id == record->cgroup_id ? cgroup_process(&cgroup, false, pid, NULL) : -ESRCH;
	cgroup_close(&cgroup);
	return code;
}
