/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A host, a host outside and a container in one process: a socket belongs to the namespace and cgroup it was made in.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/packets/devices.h"
#include "tests/vm/guest.h"

/* Not where bulkhead would look first. */
#define CGROUPS "/run/cgroup2"

static int namespaces[PLACES_N];
static pid_t container_process;

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), code = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		code = -errno;
	close(fd);
	return code;
}

/* ---- being there ---- */

static int enter(enum place place)
{
	if (place == CONTAINER && write_file(CGROUPS "/web/cgroup.procs", "0"))
		return -1;
	return setns(namespaces[place], CLONE_NEWNET);
}

static void leave(enum place place)
{
	if (place == CONTAINER)
		write_file(CGROUPS "/cgroup.procs", "0");
	if (setns(namespaces[HOST], CLONE_NEWNET))
		printf("# the way back: %s\n", strerror(errno));
}

/* ---- making it ---- */

static void quiet(void)
{
	sysctl_set("net/ipv4/conf/all/rp_filter", "0");
	sysctl_set("net/ipv4/conf/default/rp_filter", "0");
	sysctl_set("net/ipv6/conf/all/accept_ra", "0");
	sysctl_set("net/ipv6/conf/default/accept_ra", "0");
	sysctl_set("net/ipv6/conf/default/accept_dad", "0");
	sysctl_set("net/ipv6/conf/default/router_solicitations", "0");
	sysctl_set("net/ipv6/conf/default/autoconf", "0");
}

static int make_namespaces(void)
{
	int place;

	for (place = HOST; place < PLACES_N; place++) {
		if (unshare(CLONE_NEWNET))
			return -errno;
		namespaces[place] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (namespaces[place] < 0)
			return -errno;
		quiet();
		device_up("lo", NULL, 0);
	}
	return enter(HOST) ? -errno : 0;
}

/* A kernel may have no IPv6. */
static bool can_have(const char *address)
{
	return !strchr(address, ':') || !access("/proc/net/if_inet6", F_OK);
}

static int addresses(const char *device, const char *const *list)
{
	int code = device_up(device, NULL, 0);

	for (; !code && *list; list++)
		if (can_have(*list))
			code = address_add(device, *list);
	return code;
}

static int join_host(void)
{
	static const char *const up0[] = { "192.0.2.1/24", "2001:db8:1::1/64", NULL };
	static const char *const hweb[] = { "10.77.1.1/24", "fd77:1::1/64", NULL };
	int code = veth_add("up0", "out0");

	if (!code)
		code = veth_add("hweb", "eth0");
	if (!code)
		code = device_move("out0", namespaces[OUTSIDE]);
	if (!code)
		code = device_move("eth0", namespaces[CONTAINER]);
	if (!code)
		code = addresses("up0", up0);
	if (!code)
		code = addresses("hweb", hweb);
	sysctl_set("net/ipv4/ip_forward", "1");
	sysctl_set("net/ipv6/conf/all/forwarding", "1");
	return code ? code : default_route_add("192.0.2.2");
}

static int join_far(enum place place, const char *device, const char *const *list, const char *const gateways[2])
{
	int code = setns(namespaces[place], CLONE_NEWNET) ? -errno : addresses(device, list);

	if (!code)
		code = default_route_add(gateways[0]);
	if (!code && can_have(gateways[1]))
		code = default_route_add(gateways[1]);
	if (setns(namespaces[HOST], CLONE_NEWNET))
		code = -errno;
	return code;
}

static int join(void)
{
	static const char *const out0[] = { "192.0.2.2/24", "203.0.113.9/32", "2001:db8:1::2/64", NULL };
	static const char *const eth0[] = { "10.77.1.2/24", "fd77:1::2/64", NULL };
	static const char *const to_outside[2] = { "192.0.2.1", "2001:db8:1::1" };
	static const char *const to_container[2] = { "10.77.1.1", "fd77:1::1" };
	int code = join_host();

	if (!code)
		code = join_far(OUTSIDE, "out0", out0, to_outside);
	return code ? code : join_far(CONTAINER, "eth0", eth0, to_container);
}

static int make_process(void)
{
	char byte = 0;
	int ready[2];

	if ((mkdir(CGROUPS, 0755) && errno != EEXIST) || mount("cgroup2", CGROUPS, "cgroup2", 0, NULL))
		return -errno;
	rmdir(CGROUPS "/web"); /* of a test that was killed, with all that is attached to it */
	if (mkdir(CGROUPS "/web", 0755) || pipe2(ready, O_CLOEXEC))
		return -errno;
	container_process = fork();
	if (!container_process) {
		if (enter(CONTAINER) || write(ready[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return -ESRCH;
	close(ready[0]);
	return 0;
}

int network_begin(void)
{
	int code = make_namespaces();

	if (!code)
		code = join();
	return code ? code : make_process();
}

void network_end(void)
{
	int place;

	kill(container_process, SIGKILL);
	waitpid(container_process, NULL, 0);
	rmdir(CGROUPS "/web");
	umount2(CGROUPS, MNT_DETACH);
	rmdir(CGROUPS);
	for (place = HOST; place < PLACES_N; place++)
		close(namespaces[place]);
}

pid_t network_process(void)
{
	return container_process;
}

void network_process_to_root(void)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", (int)container_process);
	if (write_file(CGROUPS "/cgroup.procs", number))
		printf("# the process stays in its cgroup: %s\n", strerror(errno));
}

/* ---- traffic ---- */

int socket_at(enum place place, int family, int type)
{
	int fd;

	if (enter(place))
		return -errno;
	fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		fd = -errno;
	leave(place);
	return fd;
}

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Gives its size. */
static socklen_t name_of(const char *address, unsigned port, union name *name)
{
	memset(name, 0, sizeof(*name));
	if (strchr(address, ':')) {
		name->v6.sin6_family = AF_INET6;
		name->v6.sin6_port = htons((unsigned short)port);
		inet_pton(AF_INET6, address, &name->v6.sin6_addr);
		return sizeof(name->v6);
	}
	name->v4.sin_family = AF_INET;
	name->v4.sin_port = htons((unsigned short)port);
	inet_pton(AF_INET, address, &name->v4.sin_addr);
	return sizeof(name->v4);
}

static int bind_to(int fd, const char *address, unsigned port)
{
	union name name;
	socklen_t size = name_of(address, port, &name);
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return bind(fd, &name.any, size) ? -errno : 0;
}

int serve_at(enum place place, const char *address, unsigned port, int type)
{
	int fd = socket_at(place, strchr(address, ':') ? AF_INET6 : AF_INET, type), code;

	if (fd < 0)
		return fd;
	code = bind_to(fd, address, port);
	if (!code && type == SOCK_STREAM && listen(fd, 64))
		code = -errno;
	if (!code)
		return fd;
	close(fd);
	return code;
}

static int finish_connecting(int fd, unsigned ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0;

	if (poll(&wait, 1, (int)ms) <= 0)
		return -ETIMEDOUT;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return -error;
}

int connect_from(enum place place, const char *from, const char *to, unsigned port, unsigned ms)
{
	union name name;
	socklen_t size = name_of(to, port, &name);
	int fd = socket_at(place, name.any.sa_family, SOCK_STREAM), code;

	if (fd < 0)
		return fd;
	code = from ? bind_to(fd, from, 0) : 0;
	if (!code && connect(fd, &name.any, size))
		code = errno == EINPROGRESS ? finish_connecting(fd, ms) : -errno;
	close(fd);
	return code;
}

/* The name's labels, then the root, type A and class IN. */
static size_t write_query(const char *text, unsigned char query[128])
{
	static const unsigned char head[12] = { 0x12, 0x34, 1, 0, 0, 1 }, tail[5] = { 0, 0, 1, 0, 1 };
	size_t at = sizeof(head), length;

	memcpy(query, head, sizeof(head));
	for (; *text; text += length + (text[length] == '.')) {
		length = strcspn(text, ".");
		query[at++] = (unsigned char)length;
		memcpy(query + at, text, length);
		at += length;
	}
	memcpy(query + at, tail, sizeof(tail));
	return at + sizeof(tail);
}

int query_from(enum place place, const char *to, unsigned port, const char *name)
{
	unsigned char query[128];
	size_t length = write_query(name, query);
	union name target;
	socklen_t size = name_of(to, port, &target);
	int fd = socket_at(place, target.any.sa_family, SOCK_DGRAM), code = 0;

	if (fd < 0)
		return fd;
	if (sendto(fd, query, length, 0, &target.any, size) < 0)
		code = -errno;
	close(fd);
	return code;
}

bool arrives(int fd, unsigned ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char bytes[512];

	return poll(&wait, 1, (int)ms) > 0 && read(fd, bytes, sizeof(bytes)) > 0;
}

void web_begin(void)
{
	int code = network_begin();

	if (code)
		printf("# the network: %s\n", strerror(-code));
	serve_at(CONTAINER, "10.77.1.2", 80, SOCK_STREAM);
	serve_at(CONTAINER, "10.77.1.2", 81, SOCK_STREAM);
}

int web_end(void)
{
	network_end();
	return tests_end();
}
