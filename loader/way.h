/* SPDX-License-Identifier: GPL-2.0 */
/* The hooks that a packet to or from a container meets, tried one behind the other. */
#ifndef LOADER_WAY_H
#define LOADER_WAY_H

#include "loader/container.h"
#include "loader/trial.h"
#include "loader/verdict.h"
#include "syscalls/netlink.h"

/* A container and the hooks where it is attached. */
struct guarded {
	char name[FW_NAME_MAX + 1];
	struct fw_container record;
	__u32 hooks; /* HOOK_BIT each */
};

struct ways {
	struct firewall fw;
	struct trial trial;
	struct netlink netlink;
	const char *only; /* the one that is asked about; NULL: all that are attached */
	struct guarded *guarded;
	size_t n;
	size_t asked; /* which of them that one is */
	__u32 uplink_hooks;
};

/* What is asked: a packet of a container's, and the frame that it is. */
struct question {
	struct asked asked;
	struct flow quoted; /* what an ICMP error is about; family 0: it is none */
	struct view frame;
};

/* Opens what is up, for one container or for all. 0, or -errno: -ENOENT where it is not there, -ENOTSUP. */
int ways_open(struct ways *ways, const struct options *options, const char *only, struct error *err);
void ways_close(struct ways *ways);

/* Whose address it is, NULL: nobody's, or of one that is not asked about. */
const struct guarded *ways_owner(const struct ways *ways, __u8 family, const __u8 addr[16]);

/*
 * Tries the packet of a container's at the hooks that it meets, up to the first that drops it. What was tried before
 * counts: a capture's handshake makes a connection. 0, or -errno with a sentence.
 */
int ways_try(struct ways *ways, const struct guarded *guarded, enum fw_direction direction, struct question *question,
	     struct verdict *out, struct error *err);

#endif
