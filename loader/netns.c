/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include "loader/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "syscalls/netlink.h"

#define LOOPBACK_IFINDEX 1
#define SCOPE_HOST 254 /* RT_SCOPE_HOST, <linux/rtnetlink.h>: on no link */

/* Both sides of the namespace's border. */
struct border {
	struct netlink inside, outside;
	int inside_fd, outside_fd; /* of the namespaces */
	struct netns_view *out;
	struct error *err;
};

/* A socket keeps the namespace it was made in, so this process is elsewhere for one call only. */
static int open_inside(struct border *border)
{
	int code;

	if (setns(border->inside_fd, CLONE_NEWNET))
		return error_set(border->err, -errno,
				 "the network namespace cannot be entered: %s: it needs CAP_SYS_ADMIN; or name "
				 "the target by dev",
				 strerror(errno));
	code = netlink_open(&border->inside);
	if (setns(border->outside_fd, CLONE_NEWNET))
		code = error_set(border->err, -errno, "this process cannot return to its network namespace: %s",
				 strerror(errno));
	else if (code)
		error_set(border->err, code, "netlink: %s", strerror(-code));
	return code;
}

static int add_device(struct border *border, int ifindex, const char *inside)
{
	struct netns_view *out = border->out;

	if (out->n_devs == FW_DEVS_MAX)
		return error_set(border->err, -E2BIG,
				 "the namespace has more than %d devices that lead here: name the "
				 "targets by dev",
				 FW_DEVS_MAX);
	snprintf(out->inside[out->n_devs], sizeof(*out->inside), "%s", inside);
	out->devs[out->n_devs++] = (__u32)ifindex;
	return 0;
}

/* Whether a device's other end is in the namespace of that descriptor. One that has no number there yet knows none. */
static bool ends_in(struct netlink *netlink, const struct link_info *link, int netns_fd)
{
	int id;

	return link->peer_netns_id >= 0 && !netlink_netns_id(netlink, netns_fd, &id) && id == link->peer_netns_id;
}

/* The end on our side of a device inside: that must say the same of this one. */
static bool has_end_here(struct border *border, const struct link_info *link, struct link_info *end)
{
	return ends_in(&border->inside, link, border->outside_fd) &&
	       !netlink_link_get(&border->outside, link->peer_ifindex, end) && end->peer_ifindex == link->ifindex &&
	       ends_in(&border->outside, end, border->inside_fd);
}

/*
 * What lies below or behind it is in another namespace (macvlan, a tunnel that was moved here); or it is hardware,
 * which alone has no kind; or a process is behind it, which may be anywhere. Others send by devices of the namespace.
 */
static bool leads_away(const struct link_info *link)
{
	return link->peer_netns_id >= 0 || !*link->kind || !strcmp(link->kind, "tun");
}

static int visit_link(const struct link_info *link, void *context)
{
	struct border *border = context;
	struct netns_view *out = border->out;
	struct link_info end;

	if (link->ifindex == LOOPBACK_IFINDEX)
		return 0;
	if (has_end_here(border, link, &end))
		return add_device(border, end.ifindex, link->name);
	if (leads_away(link) && out->n_others < FW_DEVS_MAX)
		memcpy(out->others[out->n_others++], link->name, sizeof(link->name));
	return 0;
}

static int visit_addr(const struct addr_info *addr, void *context)
{
	struct border *border = context;
	struct netns_view *out = border->out;

	if (addr->ifindex == LOOPBACK_IFINDEX || addr->scope == SCOPE_HOST)
		return 0;
	if (out->n_addrs == FW_ADDRS_MAX)
		return error_set(border->err, -E2BIG,
				 "the namespace has more than %d addresses: give those that count by "
				 "addr",
				 FW_ADDRS_MAX);
	out->addrs[out->n_addrs].family = addr->family;
	memcpy(out->addrs[out->n_addrs++].addr, addr->addr, 16);
	return 0;
}

static int look_inside(struct border *border)
{
	int code = netlink_link_each(&border->inside, visit_link, border);

	if (!code)
		code = netlink_addr_each(&border->inside, visit_addr, border);
	if (code)
		error_set(border->err, code, "the network namespace cannot be read: %s", strerror(-code));
	return code;
}

static int look_across(struct border *border)
{
	int code = open_inside(border);

	if (code)
		return code;
	code = netlink_open(&border->outside);
	if (code)
		error_set(border->err, code, "netlink: %s", strerror(-code));
	else
		code = look_inside(border);
	if (border->outside.fd > 0)
		netlink_close(&border->outside);
	netlink_close(&border->inside);
	return code;
}

static int look(int netns_fd, struct netns_view *out, struct error *err)
{
	struct border border = { .inside_fd = netns_fd, .out = out, .err = err };
	int code;

	border.outside_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (border.outside_fd < 0)
		return error_set(err, -errno, "/proc/self/ns/net: %s: mount /proc, or name the target by dev",
				 strerror(errno));
	code = look_across(&border);
	close(border.outside_fd);
	return code;
}

static bool is_own(int netns_fd)
{
	struct stat own, other;

	return !stat("/proc/self/ns/net", &own) && !fstat(netns_fd, &other) && own.st_dev == other.st_dev &&
	       own.st_ino == other.st_ino;
}

static int look_by_fd(int fd, struct netns_view *out, struct error *err)
{
	memset(out, 0, sizeof(*out));
	out->is_own = is_own(fd);
	return out->is_own ? 0 : look(fd, out, err);
}

int process_refused(unsigned pid, int error, struct error *err)
{
	if (error == ENOENT && access("/proc/self", F_OK))
		return error_set(err, -EIO,
				 "pid %u: it cannot be looked up: /proc is not mounted: mount -t proc proc /proc", pid);
	if (error == ENOENT || error == ESRCH)
		return error_set(err, -ESRCH, "pid %u: there is no such process: give the pid of one of its processes",
				 pid);
	return error_set(err, -error, "pid %u: %s: run as root", pid, strerror(error));
}

int netns_of_pid(unsigned pid, struct netns_view *out, struct error *err)
{
	char path[64];
	int fd, code;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return process_refused(pid, errno, err);
	code = look_by_fd(fd, out, err);
	close(fd);
	return code;
}

int netns_of_path(const char *path, struct netns_view *out, struct error *err)
{
	struct statfs fs;
	int fd = open(path, O_RDONLY | O_CLOEXEC), code;

	if (fd < 0)
		return error_set(err, -errno, "%s: the network namespace cannot be opened: %s", path,
				 errno == ENOENT ? "it is not there" : strerror(errno));
	if (fstatfs(fd, &fs) || ((unsigned long)fs.f_type != 0x6e736673 /* NSFS_MAGIC, <linux/magic.h> */))
		code = error_set(err, -ENOENT,
				 "%s: it is not a network namespace: name a file such as /run/netns/NAME or "
				 "/proc/PID/ns/net",
				 path);
	else
		code = look_by_fd(fd, out, err);
	close(fd);
	return code;
}
