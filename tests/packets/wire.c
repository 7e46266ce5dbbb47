/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/packets/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include "tests/packets/devices.h"

/* The far ends: a container's each, and outside for each path. */
enum { OUTSIDE = BOX_N, ENDS_N = OUTSIDE + PATHS_N };

static int sockets[ENDS_N];

static const __u8 macs[ENDS_N][6] = {
	[BOX] = { 2, 0, 0, 0, 0, 2 },
	[OPEN] = { 2, 0, 0, 0, 0, 3 },
	[TWIN] = { 2, 0, 0, 0, 0, 4 },
	[OUTSIDE + UPLINK] = { 2, 0, 0, 0, 0, 0x10 },
	[OUTSIDE + UPLINK_GENERIC] = { 2, 0, 0, 0, 0, 0x11 },
	[OUTSIDE + ASIDE] = { 2, 0, 0, 0, 0, 0x12 },
};

static int end_of(const struct sending *sending, bool outside)
{
	return outside ? OUTSIDE + (int)sending->path : (int)sending->box;
}

/* ---- making it ---- */

static const char *const far_names[ENDS_N] = { "box1", "open1", "twin1", "up1", "gen1", "side1" };
static const char *const port_names[ENDS_N] = { "box0", "open0", "twin0", "up0", "gen0", "side0" };

/* XDP takes no frame that is larger than a page, so an uplink lets none pass. */
static unsigned mtu_of(int end)
{
	return end == OUTSIDE + UPLINK || end == OUTSIDE + UPLINK_GENERIC ? 1500 : 9000;
}

/* A frame goes to the port that is written down for its address, and to no other; netfilter does not look into it. */
static int join(void)
{
	int end, code;

	ipv6_disable();
	sysctl_set("net/bridge/bridge-nf-call-iptables", "0");
	sysctl_set("net/bridge/bridge-nf-call-ip6tables", "0");
	sysctl_set("net/bridge/bridge-nf-call-arptables", "0");
	code = bridge_add("br0");
	if (!code)
		code = device_up("br0", NULL, 0);
	for (end = 0; !code && end < ENDS_N; end++)
		code = bridge_port_add("br0", port_names[end], macs[end], mtu_of(end));
	if (code)
		printf("# the bridge: %s\n", strerror(-code));
	return code;
}

static int open_socket(const char *device)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int on = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	at.sll_ifindex = (int)if_nametoindex(device);
	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)))
		return -1;
	return fd;
}

static int far_ends(void)
{
	int end, code;

	ipv6_disable();
	for (end = 0; end < ENDS_N; end++) {
		code = device_up(far_names[end], macs[end], mtu_of(end));
		if (code)
			return code;
		sockets[end] = open_socket(far_names[end]);
		if (sockets[end] < 0)
			return -1;
	}
	return 0;
}

static int move_far_ends(int far)
{
	int end, code;

	code = veth_add("gen0", "gen1");
	if (!code)
		code = veth_add("side0", "side1");
	for (end = 0; !code && end < ENDS_N; end++)
		code = device_move(far_names[end], far);
	return code;
}

static int part(void)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), far, code;

	if (home < 0 || unshare(CLONE_NEWNET))
		return -1;
	far = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (far < 0 || setns(home, CLONE_NEWNET))
		return -1;
	code = move_far_ends(far);
	if (!code)
		code = setns(far, CLONE_NEWNET);
	if (!code)
		code = far_ends();
	if (setns(home, CLONE_NEWNET))
		code = -1;
	close(far);
	close(home);
	return code;
}

/* A link takes a while to rise: ARP passes everybody. */
static int rises(enum box box, enum path path, enum way way)
{
	static const struct packet packet = { .arp = 1 };
	static __u8 frame[FRAME_MAX];
	struct sending sending = { .box = box, .path = path, .way = way, .frame = frame };
	int tries;

	sending.size = packet_build(&packet, &(const struct framing) { .family = 4, .way = way }, frame);
	for (tries = 0; tries < 5; tries++)
		if (wire_cross(&sending).arrived)
			return 0;
	printf("# nothing passes %s container %d by path %d\n", way == IN ? "to" : "from", (int)box, (int)path);
	return -1;
}

int wire_prepare(void)
{
	if (!part() && !join() && !world_command("up up0", BOX, 4) && !world_command("up gen0 xdp generic", BOX, 4))
		return 0;
	printf("# the devices are not joined\n");
	return -1;
}

int wire_rise(void)
{
	int box, path;

	for (box = 0; box < BOX_N; box++)
		for (path = 0; path < PATHS_N; path++)
			if (rises(box, path, IN) || rises(box, path, OUT))
				return -1;
	return 0;
}

/* ---- what arrives ---- */

/* The kernel takes the outermost tag out of the frame and tells it beside. */
static unsigned put_tag_back(struct msghdr *message, __u8 *frame, unsigned size)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	struct tpacket_auxdata aux;
	__u16 tag_be[2];

	if (!control || control->cmsg_level != SOL_PACKET || control->cmsg_type != PACKET_AUXDATA)
		return size;
	memcpy(&aux, CMSG_DATA(control), sizeof(aux));
	if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
		return size;
	tag_be[0] = htons(aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : ETH_P_8021Q);
	tag_be[1] = htons(aux.tp_vlan_tci);
	memmove(frame + 16, frame + 12, size - 12);
	memcpy(frame + 12, tag_be, 4);
	return size + 4;
}

/* The next frame's size, 0: there is none. */
static unsigned receive(int fd, __u8 frame[FRAME_MAX + 4])
{
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))] __attribute__((aligned(8)));
	struct sockaddr_ll from;
	struct iovec room = { .iov_base = frame, .iov_len = FRAME_MAX };
	struct msghdr message;
	ssize_t size;

	do {
		message = (struct msghdr) { .msg_name = &from,
					    .msg_namelen = sizeof(from),
					    .msg_iov = &room,
					    .msg_iovlen = 1,
					    .msg_control = control,
					    .msg_controllen = sizeof(control) };
		size = recvmsg(fd, &message, 0);
	} while (size >= 0 && from.sll_pkttype == PACKET_OUTGOING);
	return size < 12 ? 0 : put_tag_back(&message, frame, (unsigned)size);
}

static void collect(const struct sending *sending, struct crossing *crossing)
{
	static __u8 frame[FRAME_MAX + 4];
	int end, target = end_of(sending, sending->way == OUT);
	unsigned size;

	for (end = 0; end < ENDS_N; end++) {
		while ((size = receive(sockets[end], frame))) {
			if (end == target && size == sending->size && !memcmp(frame, sending->frame, size))
				crossing->arrived++;
			else
				crossing->strays++;
		}
	}
}

unsigned wire_strays(void)
{
	static const struct sending none;
	struct crossing crossing = { 0 };

	collect(&none, &crossing);
	return crossing.strays;
}

/* ---- what is counted ---- */

static void read_counters(struct pkt_stats stats[BOX_N + 1])
{
	int where;

	for (where = 0; where <= BOX_N; where++)
		world_stats(where, &stats[where]);
}

static void compare(const struct pkt_stats before[BOX_N + 1], struct crossing *crossing)
{
	struct pkt_stats after[BOX_N + 1];
	unsigned reason;
	int where;

	read_counters(after);
	crossing->counted = 0;
	for (where = 0; where <= BOX_N; where++) {
		for (reason = 0; reason < FW_REASON_N; reason++) {
			if (after[where].drops[reason] == before[where].drops[reason])
				continue;
			crossing->counted += (unsigned)(after[where].drops[reason] - before[where].drops[reason]);
			crossing->where = where;
			crossing->reason = reason;
		}
	}
}

/* ---- sending ---- */

#define WAIT_MS 2000

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int send_frame(const struct sending *sending)
{
	int from = end_of(sending, sending->way == IN);

	memcpy(sending->frame, macs[end_of(sending, sending->way == OUT)], 6);
	memcpy(sending->frame + 6, macs[from], 6);
	return send(sockets[from], sending->frame, sending->size, 0) == (ssize_t)sending->size ? 0 : -errno;
}

struct crossing wire_cross(const struct sending *sending)
{
	struct crossing crossing = { .strays = wire_strays() };
	struct pkt_stats before[BOX_N + 1];
	long long until = now_ms() + WAIT_MS;

	read_counters(before);
	crossing.error = send_frame(sending);
	if (crossing.error)
		return crossing;
	for (;;) {
		collect(sending, &crossing);
		compare(before, &crossing);
		if (crossing.arrived || crossing.counted || now_ms() >= until)
			break;
		usleep(50);
	}
	collect(sending, &crossing);
	return crossing;
}
