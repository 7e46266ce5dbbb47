/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices for tests, by rtnetlink and without any program of the host's. Each gives 0 or -errno. */
#ifndef TESTS_PACKETS_DEVICES_H
#define TESTS_PACKETS_DEVICES_H

#include <linux/types.h>

int veth_add(const char *name, const char *peer);
int bridge_add(const char *name);
int device_delete(const char *name);
int device_move(const char *name, int netns_fd);

/* Raises it; NULL and 0: its MAC address and MTU stay. */
int device_up(const char *name, const __u8 mac[6], unsigned mtu);

/* A raised port that learns nothing and floods nothing; the bridge sends to it what is for `mac`. */
int bridge_port_add(const char *bridge, const char *name, const __u8 mac[6], unsigned mtu);

/* "10.77.1.1/24" or "fd77:1::1/64", used at once. */
int address_add(const char *name, const char *address);

/* To everywhere of the gateway's family. */
int default_route_add(const char *gateway);

/* A file below /proc/sys, where it is there, of this thread's network namespace. */
void sysctl_set(const char *name, const char *value);

/* No device says anything of its own over IPv6, nor one that is made later. */
void ipv6_disable(void);

#endif
