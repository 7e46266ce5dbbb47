/* SPDX-License-Identifier: GPL-2.0 */
/* The features' names, and denying them by name. */
#include "compat/features.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

struct feature_words {
	const char *name, *since, *summary;
};

static const struct feature_words words[FEATURE_N] = {
	[FEATURE_NAMES] = { "names", "4.15", "names of programs and maps" },
	[FEATURE_ATTACH_TYPE] = { "attach_type", "4.17", "the attach type told when a program is loaded" },
	[FEATURE_BTF] = { "btf", "4.18", "type information (BTF)" },
	[FEATURE_BTF_FUNC] = { "btf_func", "5.0", "functions in BTF" },
	[FEATURE_BTF_FUNC_GLOBAL] = { "btf_func_global", "5.6", "linkage of functions in BTF" },
	[FEATURE_BTF_DATASEC] = { "btf_datasec", "5.2", "variables and data sections in BTF" },
	[FEATURE_BTF_FLOAT] = { "btf_float", "5.13", "floating point types in BTF" },
	[FEATURE_BTF_DECL_TAG] = { "btf_decl_tag", "5.16", "declaration tags in BTF" },
	[FEATURE_BTF_TYPE_TAG] = { "btf_type_tag", "5.17", "type tags in BTF" },
	[FEATURE_BTF_ENUM64] = { "btf_enum64", "6.0", "64-bit and signed enumerations in BTF" },
	[FEATURE_FUNC_INFO] = { "func_info", "5.0", "function and line information of programs" },
	[FEATURE_GLOBAL_DATA] = { "global_data", "5.2", "global variables" },
	[FEATURE_BOUNDED_LOOPS] = { "bounded_loops", "5.3", "loops in programs" },
	[FEATURE_JMP32] = { "jmp32", "5.1", "32-bit jump instructions" },
	[FEATURE_LARGE_PROGRAMS] = { "large_programs", "5.2", "programs of more than 4,096 instructions" },
	[FEATURE_LPM_TRIE] = { "lpm_trie", "4.11", "longest-prefix-match tables" },
	[FEATURE_LRU_HASH] = { "lru_hash", "4.10", "hash tables that evict the least recently used" },
	[FEATURE_CGROUP_STORAGE] = { "cgroup_storage", "4.19", "storage of a program at each cgroup" },
	[FEATURE_SHARED_STORAGE] = { "shared_storage", "5.9", "storage at a cgroup that several programs share" },
	[FEATURE_RINGBUF] = { "ringbuf", "5.8", "ring buffers" },
	[FEATURE_BATCH] = { "batch", "5.6", "batches of map operations" },
	[FEATURE_MMAP_ARRAY] = { "mmap_array", "5.5", "arrays mapped into memory" },
	[FEATURE_TEST_RUN] = { "test_run", "4.12", "test runs of programs" },
	[FEATURE_PROG_QUERY] = { "prog_query", "4.15", "listing what is attached to a cgroup" },
	[FEATURE_XDP] = { "xdp", "4.8", "XDP programs" },
	[FEATURE_SCHED_CLS] = { "sched_cls", "4.1", "traffic control programs" },
	[FEATURE_CGROUP_SKB] = { "cgroup_skb", "4.10", "packet programs at cgroups" },
	[FEATURE_CGROUP_MARK] = { "cgroup_mark", "4.20", "a packet's mark written by programs at cgroups" },
	[FEATURE_CGROUP_EVENTS] = { "cgroup_events", "5.4", "events in a perf event array by programs at cgroups" },
	[FEATURE_CGROUP_CONNECT] = { "cgroup_connect", "4.19", "programs at cgroups that judge connect(2)" },
	[FEATURE_CGROUP_LINK] = { "cgroup_link", "5.7", "links of programs to cgroups" },
	[FEATURE_XDP_LINK] = { "xdp_link", "5.9", "links of XDP programs to devices" },
	[FEATURE_TCX] = { "tcx", "6.6", "links of traffic control programs to devices (tcx)" },
	[FEATURE_MEMCG_ACCOUNT] = { "memcg_account", "5.11", "map memory charged to the memory cgroup" },
	[FEATURE_GSO_SIZE] = { "gso_size", "5.7", "the segment size in a packet's context" },
	[FEATURE_JIFFIES] = { "jiffies", "5.6", "a clock that is read without a call" },
	[FEATURE_LOG_TRUE_SIZE] = { "log_true_size", "6.4", "the verifier's log saying its full size" },
};

static const struct {
	const char *name;
	feature_set members;
} groups[] = {
	{ "link", FEATURE_BIT(FEATURE_CGROUP_LINK) | FEATURE_BIT(FEATURE_XDP_LINK) },
	{ "btf", FEATURE_BIT(FEATURE_BTF) | FEATURE_BIT(FEATURE_BTF_FUNC) | FEATURE_BIT(FEATURE_BTF_FUNC_GLOBAL) |
			 FEATURE_BIT(FEATURE_BTF_DATASEC) | FEATURE_BIT(FEATURE_BTF_FLOAT) |
			 FEATURE_BIT(FEATURE_BTF_DECL_TAG) | FEATURE_BIT(FEATURE_BTF_TYPE_TAG) |
			 FEATURE_BIT(FEATURE_BTF_ENUM64) | FEATURE_BIT(FEATURE_FUNC_INFO) },
	{ "memlock", FEATURE_BIT(FEATURE_MEMCG_ACCOUNT) },
	{ "cgroup_storage", FEATURE_BIT(FEATURE_CGROUP_STORAGE) | FEATURE_BIT(FEATURE_SHARED_STORAGE) },
};

const char *feature_name(enum feature feature)
{
	return words[feature].name;
}

const char *feature_since(enum feature feature)
{
	return words[feature].since;
}

const char *feature_summary(enum feature feature)
{
	return words[feature].summary;
}

const char *feature_option(enum feature feature)
{
	return FEATURES_AT_CGROUPS & FEATURE_BIT(feature) ? "CONFIG_CGROUP_BPF" : NULL;
}

static int same_word(const char *name, const char *word, size_t length)
{
	return strlen(name) == length && !memcmp(name, word, length);
}

/* What a word stands for; none: unknown. A group's name is asked first, as "btf" is both. */
static feature_set word_features(const char *word, size_t length)
{
	unsigned i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (same_word(groups[i].name, word, length))
			return groups[i].members;
	for (i = 0; i < FEATURE_N; i++)
		if (same_word(words[i].name, word, length))
			return FEATURE_BIT(i);
	return 0;
}

static void deny(struct features *features, feature_set denied)
{
	unsigned i;

	for (i = 0; i < FEATURE_N; i++) {
		if (!(denied & FEATURE_BIT(i)))
			continue;
		features->state[i] = NO;
		features->err[i] = 0;
		features->forced[i] = 1;
	}
}

int features_deny(struct features *features, const char *list, unsigned *at)
{
	feature_set denied = 0, word;
	size_t start = 0, length;

	for (;; start += length + 1) {
		length = strcspn(list + start, ",");
		word = word_features(list + start, length);
		if (length && !word) {
			*at = (unsigned)start;
			return -EINVAL;
		}
		denied |= word;
		if (!list[start + length])
			break;
	}
	deny(features, denied);
	return 0;
}

int features_have(const struct features *features, feature_set wanted)
{
	unsigned i;

	for (i = 0; i < FEATURE_N; i++)
		if (wanted & FEATURE_BIT(i) && features->state[i] != YES)
			return 0;
	return 1;
}
