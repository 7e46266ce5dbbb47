/* SPDX-License-Identifier: GPL-2.0 */
/* The state of a container as an OCI runtime tells it to a hook: JSON on standard input (runtime-spec, State). */
#ifndef LOADER_OCI_STATE_H
#define LOADER_OCI_STATE_H

#include <linux/types.h>
#include "elf/error.h"

#define OCI_ID_MAX 1023 /* bytes */

struct oci_state {
	char id[OCI_ID_MAX + 1];
	__u64 digest;        /* FNV-1a of its id and its bundle: ids are one runtime's, and another may have the same */
	char status[16];     /* creating, created, running, stopped */
	unsigned pid;        /* as this process sees it; 0: it has none, or none any more */
	char *policy, *name; /* annotations bulkhead.policy, bulkhead.name; NULL: none; a pod's sandbox has none */
};

/*
 * Reads it from a file descriptor to its end. What the specification requires must be there and be what it says;
 * what it does not name is let be. -EINVAL with a sentence; -E2BIG: more than a megabyte; -errno. To be freed where
 * it gives 0.
 */
int oci_state_read(int fd, struct oci_state *out, struct error *err);
void oci_state_free(struct oci_state *state);

#endif
