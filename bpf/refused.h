/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All programs of a cgroup see a packet, whatever the first of them says. So the one that refuses a query marks it, and
 * the one behind counts and tracks nothing of it. Whoever sets this mark on a query of his own has it dropped.
 */
#ifndef BPF_REFUSED_H
#define BPF_REFUSED_H

#include "bpf/maps.h"

#define MARK_REFUSED 0x62756c6b

#define LOOPBACK_IFINDEX 1
#define CGROUP_PASS 1
#define CGROUP_DROP 0

/* Its own loopback, in a container that has a network of its own. */
static __always_inline int stays_in_container(const struct __sk_buff *skb, const struct fw_facts *facts)
{
	return facts && facts->has_device && skb->ifindex == LOOPBACK_IFINDEX;
}

#endif
