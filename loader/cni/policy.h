/* SPDX-License-Identifier: GPL-2.0 */
/* Which policy a container gets. */
#ifndef LOADER_CNI_POLICY_H
#define LOADER_CNI_POLICY_H

#include "loader/cni/request.h"

struct policy;

/*
 * The first that there is of
 * - runtimeConfig.bulkhead, which the runtime passes as it is told to for this container: policyFile, policy, or both;
 * - the pod's file below policyDir: NAMESPACE/POD, else NAMESPACE/default;
 * - policyFile, policy or both of the network's configuration.
 * policyFile is a name below policyDir; policy is a list of lines. *has: there is one. `policy` is new, and gets what
 * is said of the container of that name.
 */
enum cni_code cni_policy_read(const struct cni_request *request, const char *name, struct policy *policy, bool *has,
			      struct error *err);

#endif
