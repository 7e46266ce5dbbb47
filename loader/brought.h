/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Containers that came with a policy: what runs them brings it, and takes it back when they end. Files know nothing of
 * them: `apply` leaves them as they are, and `export` leaves them out.
 */
#ifndef LOADER_BROUGHT_H
#define LOADER_BROUGHT_H

#include <stdbool.h>
#include <linux/types.h>
#include "elf/error.h"

struct firewall;
struct policy;

/*
 * Puts a policy, which is about that container alone and in order, in the place of what was brought before. `by`: whose
 * it is (fw_container's brought_by). `joins`: somebody else may have attached the container, by a device of its own;
 * then that stays when the policy goes. 0; -EEXIST: the name is somebody else's; or -errno with a sentence, and what
 * was in force is so still. The firewall is open for changes.
 */
int brought_put(struct firewall *fw, const char *name, const struct policy *policy, __u64 by, bool joins,
		struct error *err);

/* Whether the container of that name was brought. */
bool is_brought(struct firewall *fw, const char *name);

/*
 * Takes it back: the container is detached, and nothing of it stays; of one that was joined the device stays
 * attached. One that was not brought is left alone: that is no error. 0 or -errno with a sentence.
 */
int brought_take_back(struct firewall *fw, const char *name, struct error *err);

/* Adds to a policy what is in force of brought containers that it says nothing of. `from` is all that is in force. */
int brought_keep(struct firewall *fw, const struct policy *from, struct policy *to, struct error *err);

/* Takes out of a policy what is in force of brought containers. */
void brought_leave_out(struct firewall *fw, struct policy *policy);

#endif
