/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The policy of one container: what others say of it when it is made (CNI, OCI hooks), in lines that leave its name
 * out, and what is in force of it.
 */
#ifndef LOADER_CONTAINER_POLICY_H
#define LOADER_CONTAINER_POLICY_H

#include "elf/error.h"

struct firewall;
struct policy;

#define CONTAINER_POLICIES "/etc/bulkhead/policies"
#define CONTAINER_POLICY_PATH_MAX 1024

/*
 * DIR/NAME, where no part of NAME is empty or begins with a dot: it stays below DIR, as far as the links there do. 0;
 * -EINVAL with a sentence.
 */
int container_policy_path(const char *dir, const char *name, char path[CONTAINER_POLICY_PATH_MAX], struct error *err);

/*
 * Adds the lines of a file, or of a text that errors call `label`, to a policy that policy_new has made. 0; -EINVAL
 * with FILE:LINE:COLUMN and the first that is wrong; -ENOMEM.
 */
int container_policy_add_file(struct policy *policy, const char *container, const char *path, struct error *err);
int container_policy_add_text(struct policy *policy, const char *container, const char *label, const char *text,
			      struct error *err);

/* Adds what is in force of the container: its rules and settings. 0 or -errno with a sentence. */
int container_policy_in_force(struct firewall *fw, const char *container, struct policy *policy, struct error *err);

/*
 * Puts the policy, which is about that container alone and in order, in the place of what is in force of it, in one
 * step; NULL: nothing stays. A name that is new is attached to nothing yet; one that is, and of which nothing is
 * said, goes. 0; or -errno with a sentence, and what was in force is so still. The firewall is open for changes.
 */
int container_policy_put(struct firewall *fw, const char *container, const struct policy *policy, struct error *err);

#endif
