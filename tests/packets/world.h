/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A firewall that is up, of this process alone: its own namespaces, a bpf file system that nobody else sees, three
 * containers with a device each. Its loaded programs are run on frames one at a time.
 */
#ifndef TESTS_PACKETS_WORLD_H
#define TESTS_PACKETS_WORLD_H

#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "tests/packets/program.h"

enum box { BOX, OPEN, TWIN, BOX_N }; /* default deny; default allow; as the first, with the same addresses */

/*
 * What a main does: runs the tests in a world that is there for them, or says in TAP why not. Gives the exit status.
 * `prepare` (NULL: nothing): 0 or -1, when the firewall is up and has no policy yet, so that its programs are soon
 * loaded.
 */
int world_main(const char *what, int (*prepare)(void), int (*run)(void));

/* One command line, words with blanks between: BOX stands for the container, a host's name for its address. 0 or -1. */
int world_command(const char *line, enum box box, int family);

/* After commands that may have loaded the programs again: those in force are run from now on. 0 or -1. */
int world_renew(void);

/* The same where they were loaded again for another policy. 0 or -1. */
int world_follow(void);

/* No connection is tracked and every bucket is full. */
void world_forget(void);

/* Every tracked connection was last seen this much earlier. */
void world_age(unsigned seconds);

/* The table of established connections has no room left. */
void world_fill(void);

/* The same by the containers but this one: each has its quota at both layers, which was last seen so long ago. */
void world_fill_others(enum box box, unsigned idle_seconds);

/* The table of the rules' ports has no room left. 0, or -1 where it has. */
int world_fill_ports(void);

/* How many connections are tracked. */
unsigned world_connections(void);

/* The counters of a container; BOX_N: of what is no container's, as at the uplink. */
void world_stats(enum box box, struct pkt_stats *out);

/* On a container's device or cgroup; at an uplink for XDP_FIREWALL, and for RATE_LIMIT with `uplink`. */
struct run {
	enum program program;
	enum box box;
	int uplink;
	__u32 gso_size;
	const __u8 *frame;
	unsigned size;
};
struct outcome world_run(const struct run *run);

/* What the programs that run were loaded for, and see. */
struct firewall;
const struct firewall *world_firewall(void);
__u32 world_container(const struct run *run);
__u32 world_ifindex(const struct run *run);

#endif
