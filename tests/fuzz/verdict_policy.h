/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The policy that packets are fuzzed against, much as tests/packets/world.c has it: written into the host's maps by
 * hand.
 */
#ifndef TESTS_FUZZ_VERDICT_POLICY_H
#define TESTS_FUZZ_VERDICT_POLICY_H

#include <linux/types.h>

/* Containers by number: default deny, default allow, as the first. Each has a device; the last number is the uplink. */
enum { NO_CONTAINER, BOX, OPEN, TWIN, UPLINK };
#define IFINDEX_OF(whose) (10U + (whose)) /* 1 is the loopback's */

#define BLOCKED_PREFIX4 "203.0.113.0"
#define BLOCKED_PREFIX4_LENGTH 24
#define BLOCKED_PREFIX6 "2001:db8:bad::"
#define BLOCKED_PREFIX6_LENGTH 48

/* Once, before any program is run. */
void policy_write(void);

/* The one of these POLICY_ bits, as it is before the first packet. */
void policy_begin(unsigned bits);

/* Before a packet: what the bits have happen then. */
void policy_change(void);

/* Whether no rule allows anything now. */
int policy_is_revoked(void);

/* Whether programs of cgroups can send events: old kernels let them send none. */
int policy_tells_at_cgroup(void);

/*
 * Whether a socket's connect is left to its packets: one to a device's own address stays inside, and which of them are
 * its own is not known.
 */
int policy_leaves_connect(void);

/* No connection is tracked, every bucket is full, no event was sent. */
void policy_forget(void);

/* How many TCP connections are tracked. */
unsigned policy_connections(void);

/* Whose cgroup the cgroup programs run for. */
void policy_set_cgroup(__u32 container);

#endif
