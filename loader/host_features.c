/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/host_features.h"

#include <errno.h>
#include <stdlib.h>

struct features *host_features(struct error *err)
{
	static struct features features;
	static bool denied;
	const char *without = getenv("BULKHEAD_WITHOUT");
	unsigned at;

	if (denied || !without)
		return &features;
	if (features_deny(&features, without, &at)) {
		error_set(err, -EINVAL, "BULKHEAD_WITHOUT: '%s' is no feature: see `bulkhead probe` for their names",
			  without + at);
		return NULL;
	}
	denied = true;
	return &features;
}

bool host_has_all(feature_set wanted)
{
	struct features *features = host_features(NULL);

	if (!features)
		return false;
	features_probe_set(features, wanted);
	return features_have(features, wanted);
}

bool host_has(enum feature feature)
{
	return host_has_all(FEATURE_BIT(feature));
}

bool host_may_have(enum feature feature)
{
	const struct features *features = host_features(NULL);

	return features && features->state[feature] != NO;
}
