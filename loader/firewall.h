/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The running firewall, as the kernel holds it: pinned maps, programs and links below BPFFS/bulkhead. Opened by every
 * command that reads or changes it; there is nothing else to open, since there is no daemon.
 */
#ifndef LOADER_FIREWALL_H
#define LOADER_FIREWALL_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"

struct options;
struct progress;

enum fw_map {
	MAP_CONFIG,              /* fw_config */
	MAP_BLOCKED_IPS,         /* blocked_ips */
	MAP_BLOCKED_IPS6,        /* blocked_ips6 */
	MAP_BLOCKED_PREFIXES,    /* blocked_prefixes */
	MAP_BLOCKED_LENGTHS,     /* blocked_lengths */
	MAP_BLOCKED_LINES,       /* blocked_lines; room in it is counted in addresses */
	MAP_CONTAINER_POLICIES,  /* container_policies */
	MAP_CONTAINER_FACTS,     /* container_facts */
	MAP_CONTAINER_DEVS,      /* container_devs */
	MAP_CONTAINER_ADDRS,     /* container_addrs */
	MAP_CGROUP_IN,           /* cgroup_in */
	MAP_CGROUP_OUT,          /* cgroup_out */
	MAP_CGROUP_QUERIES,      /* cgroup_queries */
	MAP_CGROUP_CONNECT4,     /* cgroup_connect_ipv4 */
	MAP_CGROUP_CONNECT6,     /* cgroup_connect_ipv6 */
	MAP_CONTAINERS,          /* containers (made by the loader: in no object) */
	MAP_RULE_STATEMENTS,     /* rule_statements (made by the loader) */
	MAP_FW_RULES,            /* fw_rules */
	MAP_EGRESS_ALLOWLIST,    /* egress_allowlist */
	MAP_FW_PORTS,            /* fw_ports */
	MAP_CONNTRACK,           /* conntrack */
	MAP_CONNTRACK_HALF_OPEN, /* conntrack_half_open */
	MAP_CONNTRACK_ASKED,     /* conntrack_asked */
	MAP_CONNTRACK_SLOTS,     /* conntrack_slots */
	MAP_CONNTRACK_COUNTS,    /* conntrack_counts */
	MAP_CONNTRACK_OWNERS,    /* conntrack_owners */
	MAP_FRAGMENTED,          /* fragmented */
	MAP_FW_NEIGHBOURS,       /* fw_neighbours */
	MAP_RATE_LIMITER,        /* rate_limiter */
	MAP_BLOCKED_DOMAINS,     /* blocked_domains */
	MAP_DNS_QUERIES,         /* dns_queries */
	MAP_PKT_STATS,           /* pkt_stats */
	MAP_PKT_PASSED,          /* pkt_passed */
	MAP_UPLINK_STATS,        /* uplink_stats */
	MAP_FW_EVENTS,           /* fw_events */
	MAP_FW_CPU,              /* fw_cpu */
	MAP_ATTACHMENTS,         /* attachments (made by the loader) */
	MAP_N,
};

/* A pinned map as a descriptor; -EPROTO: its keys or values have other sizes than this binary's; -errno. */
int firewall_open_map(const struct options *options, enum fw_map map);

struct firewall {
	const struct options *options;
	int lock_fd; /* the pin directory, flock(2)ed */
	int map_fd[MAP_N];
	struct fw_config config;   /* as read at opening */
	struct progress *progress; /* of what takes long; NULL: nobody looks on */
	bool confirms;             /* what a policy that waits for that does not keep out */
	bool other_side;           /* the policy that is read and written is the one that is not in force */
};

/* The side of the policy that is read and written. */
static inline __u32 firewall_side(const struct firewall *fw)
{
	return FW_SIDE(fw->config.generation) ^ fw->other_side;
}

/* FIREWALL_REMOVE is for `down`: as a change, but of whatever is there; what is missing, or has
 * another shape, has the descriptor -errno, and config.abi tells whether that could be read.
 * FIREWALL_CONFIRM is as a change, but also while a policy waits to be confirmed. */
enum firewall_access { FIREWALL_READ, FIREWALL_CHANGE, FIREWALL_REMOVE, FIREWALL_CONFIRM };

/*
 * Opens what is up. FIREWALL_CHANGE waits for other commands' changes to end and keeps them out until closed, and mends
 * what a killed command left half done (an odd generation), saying so on standard error. -EBUSY: a policy waits to be
 * confirmed. 0, or -ENOENT ("not up: run
 * bulkhead up first"), -EPERM, or the kernel's answer.
 */
int firewall_open(struct firewall *fw, const struct options *options, enum firewall_access access, struct error *err);

/*
 * The same, with the configuration and the maps of a set (MAP_BIT) alone, for a command that asks for no other: most of
 * the time that a short one takes would go by with opening them. Whatever loads the programs again opens the rest.
 */
typedef __u64 map_bits;
#define MAP_BIT(map) (1ULL << (map))
_Static_assert(MAP_N <= 64, "a bit for each map");
int firewall_open_some(struct firewall *fw, const struct options *options, enum firewall_access access, map_bits maps,
		       struct error *err);
int firewall_open_rest(struct firewall *fw, struct error *err);
void firewall_close(struct firewall *fw);

/*
 * Brackets a change of policy. In between, the generation is odd and every packet of a tracked connection is judged
 * anew, so no half of a change is ever remembered; after it, each connection is judged once under the new policy.
 */
int policy_change_begin(struct firewall *fw, struct error *err);
int policy_change_end(struct firewall *fw, struct error *err);

/* BPFFS/bulkhead, locked against other changes: a descriptor; -ENOENT: not up. */
int firewall_lock(const struct options *options, struct error *err);

/* Completes what a command that was killed left half done, as fw->config tells, saying so on standard error. */
int firewall_mend(struct firewall *fw, struct error *err);

/* Writes fw->config back: after a number was taken from it, and before that is used, as a command may be killed
 * between. */
int firewall_write_config(struct firewall *fw, struct error *err);

/* A map's name; its descriptor's lookups go through syscalls/bpf.h. */
const char *firewall_map_name(enum fw_map map);

/*
 * Before entries are written: room for so many in all, of each map that only the loader writes (0: as it is; NULL: all
 * are), and the code that the policy needs (`needs`, a set of POLICY_ bits: load-time constants that specialise the
 * programs). Larger maps with the same entries take the place of others, and the programs are loaded again, once, and
 * replaced one by one while both hold the same entries. 0 where everything was there already.
 */
#define POLICY_BLOCKS_IPV6 1u
#define POLICY_BLOCKS_PREFIXES 2u
#define POLICY_BLOCKS_DOMAINS 4u
#define POLICY_MANY_LENGTHS 8u /* a list of prefix lengths has over FW_LENGTHS_FEW */
#define POLICY_IS_TRIED 16u    /* the programs judge nobody's packets: nothing is counted in the policy's entries */
int firewall_prepare(struct firewall *fw, const __u32 entries[MAP_N], __u32 needs, struct error *err);

/* Room for `wanted` more. */
int firewall_grow(struct firewall *fw, enum fw_map map, __u32 wanted, struct error *err);

/* The programs without the code for `needs` (POLICY_ bits), where they have it and nothing in the maps needs it any
 * more. */
int firewall_unspecialise(struct firewall *fw, __u32 needs, struct error *err);

/* The POLICY_ bits that a list of prefix lengths needs, and that a container's rules do. */
__u32 lengths_need(const struct fw_lengths *lengths);
__u32 container_policy_needs(const struct container_policy *policy);

#endif
