/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hosts that have less: what works goes on working and `status` says what does not, or a command ends with exit
 * status 4 and the name of what the kernel would have to be built with.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "tests/packets/devices.h"
#include "tests/vm/guest.h"

#define REFUSED_MS 300
#define PASSED_MS 5000
#define LACKING 4

static char before[16384];

/* It ends with that status, and says that. */
static bool says(int status, const char *line, const char *text)
{
	const struct ran *ran = bulkhead(line);
	bool passed = ok(ran->status == status && strstr(ran->out, text), "%s: exit %d, says %s", line, status, text);

	if (!passed)
		printf("# exit %d: %s\n", ran->status, ran->out);
	return passed;
}

static bool is_as_before(const void *context)
{
	static char now[16384];

	(void)context;
	list_all(now, sizeof(now));
	return !strcmp(now, before);
}

static void put_down(void)
{
	succeeds("down");
	ok(comes_true(is_as_before, NULL, 5000), "nothing is left");
}

/* ---- without traffic control ---- */

/* XDP and cgroups do what they can. */
static void check_without_tc(const char *option)
{
	list_all(before, sizeof(before));
	says(0, "up up0", option);
	says(0, "-j status", "\"needs\":\"`bulkhead up up0` again");
	succeeds("block 203.0.113.0/24");
	ok(connect_from(OUTSIDE, "203.0.113.9", "10.77.1.2", 80, REFUSED_MS), "a blocked address is refused");
	ok(!connect_from(OUTSIDE, NULL, "10.77.1.2", 80, PASSED_MS), "another is not");
	says(LACKING, "attach web dev hweb", option);
	ok(!strstr(bulkhead("-j list")->out, "web"), "it is not listed");
}

static bool leave_module(const char *name)
{
	if (!syscall(SYS_delete_module, name, O_NONBLOCK))
		return true;
	printf("# module %s: %s: it stays\n", name, strerror(errno));
	return false;
}

static void without_module(const char *module, const char *option)
{
	if (!leave_module(module))
		return;
	setenv("BULKHEAD_WITHOUT", "tcx", 1);
	check_without_tc(option);
	ok(!connect_from(CONTAINER, NULL, "192.0.2.2", 80, PASSED_MS), "the container reaches a server outside");
	succeeds("attach web cgroup /web");
	ok(connect_from(CONTAINER, NULL, "192.0.2.2", 80, REFUSED_MS), "the cgroup is guarded");
	succeeds("allow web out tcp port 80");
	ok(!connect_from(CONTAINER, NULL, "192.0.2.2", 80, PASSED_MS), "by its rules");
	put_down();
	unsetenv("BULKHEAD_WITHOUT");
	modules_load();
}

/* ---- without a cgroup ---- */

/* The container's devices are guarded, by its process. */
static void check_devices_alone(const char *why)
{
	char attach[64];

	snprintf(attach, sizeof(attach), "attach web pid %d", (int)network_process());
	list_all(before, sizeof(before));
	succeeds("up up0");
	says(0, attach, why);
	succeeds("allow web in tcp port 80");
	ok(!connect_from(OUTSIDE, NULL, "10.77.1.2", 80, PASSED_MS), "allowed");
	ok(connect_from(OUTSIDE, NULL, "10.77.1.2", 81, REFUSED_MS), "not allowed");
	ok(!strstr(bulkhead("-j status")->out, "\"layer\":\"cgroup\""), "nothing is at a cgroup");
}

static void without_cgroup_programs(void)
{
	setenv("BULKHEAD_WITHOUT", "cgroup_skb", 1);
	check_devices_alone("CONFIG_CGROUP_BPF");
	says(0, "-j status", "\"needs\":\"CONFIG_CGROUP_BPF\"");
	says(0, "status", "no programs at cgroups");
	says(LACKING, "attach other cgroup /web", "CONFIG_CGROUP_BPF");
	put_down();
	unsetenv("BULKHEAD_WITHOUT");
}

/* All processes are in the second version's root there. */
static void first_version_of_cgroups(void)
{
	if (mount("cgroup", "/sys/fs/cgroup", "tmpfs", 0, NULL) || mkdir("/sys/fs/cgroup/cpu", 0755) ||
	    mount("cgroup", "/sys/fs/cgroup/cpu", "cgroup", 0, "cpu")) {
		printf("# the first version's cgroups: %s\n", strerror(errno));
		umount2("/sys/fs/cgroup", MNT_DETACH);
		return;
	}
	network_process_to_root();
	check_devices_alone("root cgroup");
	says(0, "status", "web: its process is guarded at its devices alone");
	put_down();
	umount2("/sys/fs/cgroup/cpu", MNT_DETACH);
	umount2("/sys/fs/cgroup", MNT_DETACH);
}

/* ---- without machine code, without its switches ---- */

static void check_status(const char *text)
{
	succeeds("up");
	says(0, "-j status", text);
	succeeds("down");
}

/* '0', '1', or '?' where there is none. */
static int compiler_switch(void)
{
	FILE *file = fopen("/proc/sys/net/core/bpf_jit_enable", "re");
	int c = file ? getc(file) : '?';

	if (file)
		fclose(file);
	return c;
}

/* The switch is in the first network namespace alone. */
static void without_a_compiler(void)
{
	bool is_there = compiler_switch() != '?';

	sysctl_set("net/core/bpf_jit_enable", "0");
	if (compiler_switch() == '1') {
		printf("# this kernel always compiles programs\n");
		check_status("\"lacks\":[]");
		return;
	}
	check_status(is_there ? "\"needs\":\"net.core.bpf_jit_enable=1, then `bulkhead up` again\""
			      : "\"needs\":\"CONFIG_BPF_JIT, then `bulkhead up` again\"");
	sysctl_set("net/core/bpf_jit_enable", "1");
}

static void without_its_switches(void)
{
	if (!ok(!mount("none", "/proc/sys/net/core", "tmpfs", 0, NULL), "nothing in /proc/sys/net/core"))
		return;
	check_status("\"up\":true");
	umount2("/proc/sys/net/core", MNT_DETACH);
}

int minimal_tests(void)
{
	without_a_compiler();
	without_its_switches();
	web_begin();
	serve_at(OUTSIDE, "192.0.2.2", 80, SOCK_STREAM);
	without_module("cls_bpf", "CONFIG_NET_CLS_BPF");
	without_module("sch_ingress", "CONFIG_NET_SCH_INGRESS");
	without_cgroup_programs();
	first_version_of_cgroups();
	return web_end();
}

/* A kernel that was built without CGROUP_BPF, NET_SCH_INGRESS, NET_CLS_BPF, IPV6 and BPF_JIT. */
int bare_tests(void)
{
	char attach[64];

	check_status("\"needs\":\"CONFIG_BPF_JIT, then");
	web_begin();
	snprintf(attach, sizeof(attach), "attach web pid %d", (int)network_process());
	ok(access("/proc/net/if_inet6", F_OK), "no IPv6");
	check_without_tc("CONFIG_NET_SCH_INGRESS");
	says(0, "-j status", "\"needs\":\"CONFIG_CGROUP_BPF\"");
	says(LACKING, "attach web cgroup /web", "CONFIG_CGROUP_BPF");
	says(LACKING, attach, "CONFIG_NET_SCH_INGRESS");
	says(0, "probe", "CONFIG_CGROUP_BPF");
	put_down();
	return web_end();
}
