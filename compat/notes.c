/* SPDX-License-Identifier: GPL-2.0 */
/* What is used in place of what a kernel lacks, in words; and which features matter to an object. */
#include "compat/plan_parts.h"

#include <linux/bpf.h>

static const struct {
	const char *fallback; /* NULL: nothing replaces it */
	const char *why;
} words[FEATURE_N] = {
	[FEATURE_NAMES] = { "no names",
			    "this kernel keeps no names of programs and maps, so listings show numbers only" },
	[FEATURE_ATTACH_TYPE] = { "attach type left out", "this kernel takes the attach type only when attaching" },
	[FEATURE_BTF] = { "no type information", "this kernel takes no BTF, so listings show raw bytes" },
	[FEATURE_BTF_FUNC] = { "functions rewritten", "this kernel knows no functions in BTF" },
	[FEATURE_BTF_FUNC_GLOBAL] = { "functions marked static", "this kernel knows no linkage of functions in BTF" },
	[FEATURE_BTF_DATASEC] = { "sections rewritten", "this kernel knows no variables and data sections in BTF" },
	[FEATURE_BTF_FLOAT] = { "floats rewritten", "this kernel knows no floating point types in BTF" },
	[FEATURE_BTF_DECL_TAG] = { "declaration tags rewritten", "this kernel knows no declaration tags in BTF" },
	[FEATURE_BTF_TYPE_TAG] = { "type tags rewritten", "this kernel knows no type tags in BTF" },
	[FEATURE_BTF_ENUM64] = { "enumerations rewritten",
				 "this kernel knows no 64-bit or signed enumerations in BTF" },
	[FEATURE_FUNC_INFO] = { "no line information", "this kernel takes none, so its refusals name no source lines" },
	[FEATURE_GLOBAL_DATA] = { NULL, "objects with global variables are refused; bulkhead's own have none" },
	[FEATURE_BOUNDED_LOOPS] = { NULL, "objects with loops are refused; bulkhead's own have none" },
	[FEATURE_JMP32] = { NULL, "objects with 32-bit jumps are refused; bulkhead's own have none" },
	[FEATURE_LARGE_PROGRAMS] = { NULL, "programs of more than 4,096 instructions are refused; bulkhead's own are "
					   "smaller" },
	[FEATURE_LPM_TRIE] = { NULL, "rules with port ranges need it, and up is refused" },
	[FEATURE_LRU_HASH] = { NULL, "connection tracking and rate limits need it, and up is refused" },
	[FEATURE_CGROUP_STORAGE] = { "one program for each container", "this kernel stores nothing at a cgroup, so the "
								       "container is a constant of the program" },
	[FEATURE_SHARED_STORAGE] = { "one program for each container",
				     "this kernel has one program alone use a cgroup's storage, so the container is a "
				     "constant of the program" },
	[FEATURE_RINGBUF] = { "perf event array",
			      "this kernel has no ring buffers, so each CPU has a buffer of its own" },
	[FEATURE_BATCH] = { "one entry at a time", "this kernel changes one map entry with each call" },
	[FEATURE_MMAP_ARRAY] = { "ordinary arrays", "this kernel maps no arrays into memory" },
	[FEATURE_TEST_RUN] = { NULL, "this kernel runs no program on demand, so why is refused" },
	[FEATURE_PROG_QUERY] = { "bulkhead's own record", "this kernel does not list what is attached to a cgroup" },
	[FEATURE_XDP] = { NULL, "this kernel has no XDP, and up is refused" },
	[FEATURE_SCHED_CLS] = { NULL, "this kernel has no traffic control programs, and up is refused" },
	[FEATURE_CGROUP_SKB] = { "devices alone", "this kernel runs no programs at cgroups (CONFIG_CGROUP_BPF), so "
						  "containers are guarded at their devices" },
	[FEATURE_CGROUP_MARK] = { "names refused at devices alone",
				  "this kernel lets no program at a cgroup tell the next "
				  "what it refused" },
	[FEATURE_CGROUP_EVENTS] = { "counted as lost", "without ring buffers this kernel has programs at cgroups tell "
						       "nothing, so what they drop is counted alone" },
	[FEATURE_CGROUP_CONNECT] = { "refused by the packet",
				     "this kernel asks no program that has storage at connect(2), "
				     "so what is refused there times out" },
	[FEATURE_CGROUP_LINK] = { "prog_attach",
				  "this kernel has no links to cgroups, so programs are attached with ALLOW_MULTI" },
	[FEATURE_XDP_LINK] = { "netlink", "this kernel has no links of XDP programs, so they are attached by netlink" },
	[FEATURE_TCX] = { "clsact and cls_bpf", "this kernel has no tcx, so filters are attached by netlink" },
	[FEATURE_MEMCG_ACCOUNT] = { "RLIMIT_MEMLOCK raised", "this kernel counts map memory as locked, so the limit is "
							     "raised where that is allowed" },
	[FEATURE_GSO_SIZE] = { "packets judged by their own length",
			       "this kernel does not say which packets it will still cut into segments" },
	[FEATURE_JIFFIES] = { "the long way",
			      "this kernel has no clock that is read without a call, so each packet of a "
			      "connection is judged by all steps" },
	[FEATURE_LOG_TRUE_SIZE] = { "larger logs tried", "this kernel does not say how long a refusal's log is" },
};

static const char *reason(const struct features *features, unsigned feature)
{
	if (features->forced[feature])
		return "denied by BULKHEAD_WITHOUT";
	if (features->state[feature] == UNKNOWN)
		return "the kernel could not be asked, so the older way is taken";
	return words[feature].why;
}

/* Programs at cgroups are left out where the kernel says no, and so tried where it said nothing, as what has none. */
static bool is_replaced(const struct features *features, unsigned feature)
{
	bool has_fallback = words[feature].fallback && feature != FEATURE_CGROUP_SKB;

	if (features->state[feature] == YES || (features->state[feature] == UNKNOWN && !has_fallback))
		return false;
	return feature == FEATURE_CGROUP_SKB || !(FEATURES_AT_CGROUPS & FEATURE_BIT(feature)) ||
	       !lacks_feature(features, FEATURE_CGROUP_SKB);
}

size_t plan_notes_for_features(const struct features *features, feature_set asked, struct note notes[FEATURE_N])
{
	size_t n = 0;
	unsigned i;

	for (i = 0; i < FEATURE_N; i++) {
		if (!(asked & FEATURE_BIT(i)) || !is_replaced(features, i))
			continue;
		notes[n].feature = i;
		notes[n].fallback = words[i].fallback ? words[i].fallback : "none";
		notes[n++].why = reason(features, i);
	}
	return n;
}
