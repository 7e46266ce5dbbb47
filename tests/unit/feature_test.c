/* SPDX-License-Identifier: GPL-2.0 */
/* compat/feature.c: names, and denying by name. */
#include "compat/features.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void names_are_whole_and_different(void **state)
{
	unsigned i, k;

	(void)state;
	for (i = 0; i < FEATURE_N; i++) {
		assert_true(feature_name(i)[0] && feature_since(i)[0] && feature_summary(i)[0]);
		assert_int_equal(strspn(feature_name(i), "abcdefghijklmnopqrstuvwxyz0123456789_"),
				 strlen(feature_name(i)));
		for (k = 0; k < i; k++)
			assert_string_not_equal(feature_name(i), feature_name(k));
	}
}

static void word_denies_its_feature(void **state)
{
	struct features features;
	unsigned i, at = 0;

	(void)state;
	memset(&features, 0, sizeof(features));
	features.state[FEATURE_RINGBUF] = features.state[FEATURE_TCX] = features.state[FEATURE_BATCH] = YES;
	assert_int_equal(features_deny(&features, "ringbuf,tcx", &at), 0);
	for (i = 0; i < FEATURE_N; i++)
		assert_int_equal(features.forced[i], i == FEATURE_RINGBUF || i == FEATURE_TCX);
	assert_int_equal(features.state[FEATURE_RINGBUF], NO);
	assert_int_equal(features.state[FEATURE_BATCH], YES);
	assert_int_equal(features_get(&features, FEATURE_RINGBUF), NO); /* not asked again */
}

static void group_denies_its_members(void **state)
{
	struct features features;
	unsigned at = 0;

	(void)state;
	memset(&features, 0, sizeof(features));
	assert_int_equal(features_deny(&features, "link,memlock", &at), 0);
	assert_int_equal(features.state[FEATURE_CGROUP_LINK], NO);
	assert_int_equal(features.state[FEATURE_XDP_LINK], NO);
	assert_int_equal(features.state[FEATURE_MEMCG_ACCOUNT], NO);
	assert_int_equal(features.state[FEATURE_TCX], UNKNOWN);
	assert_int_equal(features_deny(&features, "btf", &at), 0);
	assert_int_equal(features.state[FEATURE_BTF], NO);
	assert_int_equal(features.state[FEATURE_BTF_ENUM64], NO);
	assert_int_equal(features.state[FEATURE_FUNC_INFO], NO);
	assert_int_equal(features_deny(&features, "cgroup_storage", &at), 0);
	assert_int_equal(features.state[FEATURE_CGROUP_STORAGE], NO);
	assert_int_equal(features.state[FEATURE_SHARED_STORAGE], NO);
}

static void unknown_word_denies_nothing(void **state)
{
	struct features features;
	unsigned at = 0;

	(void)state;
	memset(&features, 0, sizeof(features));
	assert_int_equal(features_deny(&features, "tcx,ringbuff", &at), -EINVAL);
	assert_int_equal(at, 4);
	assert_int_equal(features_deny(&features, " tcx", &at), -EINVAL);
	assert_int_equal(features_deny(&features, "TCX", &at), -EINVAL);
	assert_int_equal(features.state[FEATURE_TCX], UNKNOWN);
	assert_int_equal(features_deny(&features, "", &at), 0);
	assert_int_equal(features_deny(&features, ",,names,", &at), 0);
	assert_int_equal(features.state[FEATURE_NAMES], NO);
}

static void all_are_there_or_not(void **state)
{
	struct features features;

	(void)state;
	memset(&features, 0, sizeof(features));
	assert_true(features_have(&features, 0));
	features.state[FEATURE_CGROUP_CONNECT] = features.state[FEATURE_SHARED_STORAGE] =
		features.state[FEATURE_ATTACH_TYPE] = YES;
	assert_false(features_have(&features, FEATURES_JUDGE_CONNECT)); /* one is unknown */
	features.state[FEATURE_CGROUP_SKB] = YES;
	assert_true(features_have(&features, FEATURES_JUDGE_CONNECT));
	features.state[FEATURE_ATTACH_TYPE] = NO;
	assert_false(features_have(&features, FEATURES_JUDGE_CONNECT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_whole_and_different), cmocka_unit_test(word_denies_its_feature),
		cmocka_unit_test(group_denies_its_members),      cmocka_unit_test(unknown_word_denies_nothing),
		cmocka_unit_test(all_are_there_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
