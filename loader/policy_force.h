/* SPDX-License-Identifier: GPL-2.0 */
/* The policy in force, and another in its place. */
#ifndef LOADER_POLICY_FORCE_H
#define LOADER_POLICY_FORCE_H

#include <stdbool.h>
#include "loader/firewall.h"

struct policy;

/* Reads what is in force into `out`, which is new. 0 or -errno with a sentence. */
int policy_read(struct firewall *fw, struct policy *out, struct error *err);

/*
 * Puts `to` in the place of `from`, which is in force and was read under the same lock: it is written to the other
 * side, and then one write to the configuration makes that the side in force. `wait_s`: how long it waits to be
 * confirmed, and `from` with it; 0: it does not, and `from` is removed. 0; or -errno with a sentence, and `from` is in
 * force still.
 */
int policy_switch(struct firewall *fw, const struct policy *from, const struct policy *to, __u32 wait_s,
		  struct error *err);

/* Until the policy that waits to be confirmed is taken back, in whole seconds, rounded up; 0: now, or none waits. */
__u64 policy_seconds_left(const struct fw_config *config);

/* A policy that waits to be confirmed: the side in force stays, or the one before it comes back. 0 or -errno. */
int policy_confirm(struct firewall *fw, struct error *err);
int policy_go_back(struct firewall *fw, struct error *err);

/*
 * Removes what is not on the side in force, behind a switch or a command that failed or was killed in one. `is_whole`:
 * it was not, so that all that is there is accounted for. 0 or -errno.
 */
int policy_settle(struct firewall *fw, bool is_whole, struct error *err);

#endif
