/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Containers that came with a policy: what runs them brings it, and takes it back when they end. Files know nothing of
 * them: `apply` leaves them as they are, and `export` leaves them out. But one that a file names is ruled by that file
 * from then on, and is like any other: when it ends its rules stay.
 */
#ifndef LOADER_BROUGHT_H
#define LOADER_BROUGHT_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"
#include "loader/policy.h"

struct firewall;

/* Who brings: FNV-1a goes on over a text and the zero at its end, from FNV1A_OFFSET_BASIS. */
__u64 brought_by(__u64 hash, const char *text);

/* What is in force of a name, to be put back where what is put in its place cannot stay. */
struct brought_before {
	bool is_there;
	struct fw_container record;
	struct policy policy; /* to be freed, in any case */
};

int brought_read(struct firewall *fw, const char *name, struct brought_before *out, struct error *err);
void brought_put_back(struct firewall *fw, const char *name, const struct brought_before *before);

/*
 * Puts a policy, which is about that container alone and in order, in the place of what the same `by` brought before.
 * as: 0: the container is its alone; FW_BROUGHT_JOINED: somebody else has attached it, by a device of its own, and that
 * stays when the policy goes; FW_BROUGHT_DEVICE: who brings the policy attaches its device. 0; -EEXIST: somebody else
 * has attached the name, or where that may be so, has given it rules; or -errno with a sentence, and what was in force
 * is so still. `before`: what brought_read has given. The firewall is open for changes.
 */
int brought_put(struct firewall *fw, const char *name, const struct policy *policy, __u64 by, enum fw_brought as,
		const struct brought_before *before, struct error *err);

/* Whether the container of that name was brought, and no file rules it. */
bool is_brought(struct firewall *fw, const char *name);

/*
 * Takes it back: the container is detached, and nothing of it stays; of one that was joined the device stays
 * attached. One that was not brought is left alone: that is no error. 0 or -errno with a sentence.
 */
int brought_take_back(struct firewall *fw, const char *name, struct error *err);

/*
 * Adds to a file's policy what is in force of brought containers that it says nothing of; the others it rules. `from`
 * is all that is in force. *rules: it rules one that it did not before, though it may say what was so.
 */
int brought_keep(struct firewall *fw, const struct policy *from, struct policy *to, bool *rules, struct error *err);

/* Takes out of a policy what is in force of brought containers. */
void brought_leave_out(struct firewall *fw, struct policy *policy);

#endif
