/* SPDX-License-Identifier: GPL-2.0 */
/* This kernel's features, asked for once and when first needed, less what BULKHEAD_WITHOUT denies. */
#ifndef LOADER_HOST_FEATURES_H
#define LOADER_HOST_FEATURES_H

#include <stdbool.h>
#include "compat/features.h"
#include "elf/error.h"

/* What is known so far; features_probe_set and features_get fill it further. NULL: BULKHEAD_WITHOUT is wrong, -EINVAL.
 */
struct features *host_features(struct error *err);

/* Whether the kernel has it. What could not be found out counts as not there. */
bool host_has(enum feature feature);

/* The kernel is not asked: false where it is said, or known already, that it has none. */
bool host_may_have(enum feature feature);
bool host_has_all(feature_set wanted);

#endif
