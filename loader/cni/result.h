/* SPDX-License-Identifier: GPL-2.0 */
/* What the plugins before this one have made. */
#ifndef LOADER_CNI_RESULT_H
#define LOADER_CNI_RESULT_H

#include "loader/cni/attachment.h"

/* The interface's addresses, of prevResult: those that name it or no interface. -EINVAL and a sentence; -E2BIG. */
int cni_result_addrs(const struct cni_request *request, struct cni_attachment *out, struct error *err);

/*
 * The device of the host that is the other end of CNI_IFNAME in CNI_NETNS, by its number: what the kernel says, and not
 * the result. CNI_NO_DEVICE: there is none. CNI_ENVIRONMENT: there is no such namespace, or it is the host's own.
 */
enum cni_code cni_result_device(const struct cni_request *request, __u32 *ifindex, struct error *err);

#endif
