/* SPDX-License-Identifier: GPL-2.0 */
/* A host that has mounted neither the bpf file system nor cgroup2. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "tests/packets/devices.h"
#include "tests/vm/guest.h"

#ifndef CGROUP2_SUPER_MAGIC
#define CGROUP2_SUPER_MAGIC 0x63677270
#endif

static bool is_mounted(const char *path, long magic)
{
	struct statfs found;

	return !statfs(path, &found) && (long)found.f_type == magic;
}

/* A container manager that keeps its cgroups to itself. */
static int make_cgroup(void)
{
	if (mkdir("/run/cgroup2", 0755) || mount("cgroup2", "/run/cgroup2", "cgroup2", 0, NULL))
		return -1;
	if (mkdir("/run/cgroup2/web", 0755))
		return -1;
	return umount2("/run/cgroup2", MNT_DETACH);
}

int mount_tests(void)
{
	ok(!unshare(CLONE_NEWNS | CLONE_NEWNET) && !veth_add("hweb", "eth0") && !make_cgroup(), "a container");
	ok(!is_mounted("/sys/fs/bpf", BPF_FS_MAGIC), "no bpf file system");
	succeeds("up");
	ok(is_mounted("/sys/fs/bpf", BPF_FS_MAGIC), "there is one");
	ok(!is_mounted("/sys/fs/cgroup", CGROUP2_SUPER_MAGIC), "no cgroup2");
	succeeds("attach web dev hweb cgroup /web");
	ok(is_mounted("/sys/fs/cgroup", CGROUP2_SUPER_MAGIC), "there is one");
	succeeds("list");
	succeeds("down");
	rmdir("/sys/fs/cgroup/web");
	umount2("/sys/fs/cgroup", MNT_DETACH);
	umount2("/sys/fs/bpf", MNT_DETACH);
	rmdir("/run/cgroup2");
	return tests_end();
}
