/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Containers that came with a policy: what runs them brings it, and takes it back when they end. Files know nothing of
 * them: `apply` leaves them as they are, and `export` leaves them out.
 */
#ifndef LOADER_BROUGHT_H
#define LOADER_BROUGHT_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"

struct firewall;
struct fw_container;
struct policy;

/*
 * Puts a policy, which is about that container alone, in the place of what was brought before. `by`: an enum fw_brought. 0;
 * -EEXIST: the name is somebody's who did not bring it; or -errno with a sentence, and what was in force is so still. The
 * firewall is open for changes.
 */
int brought_put(struct firewall *fw, const char *name, const struct policy *policy, __u8 by, struct error *err);

/*
 * Takes it back. Where nobody else has brought the container too, it is detached, and nothing of it stays. *done: whether
 * there was anything of `by`. A name that is not there is no error. 0 or -errno with a sentence.
 */
int brought_take_back(struct firewall *fw, const char *name, __u8 by, bool *done, struct error *err);

/* Whether it has brought the container of that name. */
bool brought_is_by(struct firewall *fw, const char *name, __u8 by);

/* The same as taking back, for one of which nothing is there any more, whoever brought it; its record is `record`. */
int brought_clear(struct firewall *fw, const char *name, const struct fw_container *record, struct error *err);

/* Adds to a policy what is in force of brought containers that it says nothing of. `from` is all that is in force. */
int brought_keep(struct firewall *fw, const struct policy *from, struct policy *to, struct error *err);

/* Takes out of a policy what is in force of brought containers. */
void brought_leave_out(struct firewall *fw, struct policy *policy);

#endif
