/* SPDX-License-Identifier: GPL-2.0 */
/* What the running kernel can do, found out by asking it. */
#ifndef COMPAT_FEATURES_H
#define COMPAT_FEATURES_H

#include <linux/types.h>

enum tristate { UNKNOWN = 0, YES, NO };

enum feature {
	FEATURE_NAMES,           /* names of programs and maps, 4.15 */
	FEATURE_ATTACH_TYPE,     /* expected_attach_type, 4.17 */
	FEATURE_BTF,             /* BTF_LOAD, 4.18 */
	FEATURE_BTF_FUNC,        /* FUNC and FUNC_PROTO in BTF, 5.0 */
	FEATURE_BTF_FUNC_GLOBAL, /* FUNC with linkage, 5.6 */
	FEATURE_BTF_DATASEC,     /* VAR and DATASEC, 5.2 */
	FEATURE_BTF_FLOAT,       /* 5.13 */
	FEATURE_BTF_DECL_TAG,    /* 5.16 */
	FEATURE_BTF_TYPE_TAG,    /* 5.17 */
	FEATURE_BTF_ENUM64,      /* 6.0 */
	FEATURE_FUNC_INFO,       /* func_info and line_info, 5.0 */
	FEATURE_GLOBAL_DATA,     /* 5.2 */
	FEATURE_BOUNDED_LOOPS,   /* 5.3 */
	FEATURE_JMP32,           /* 5.1 */
	FEATURE_LARGE_PROGRAMS,  /* more than 4,096 instructions, 5.2 */
	FEATURE_LPM_TRIE,        /* 4.11 */
	FEATURE_LRU_HASH,        /* 4.10 */
	FEATURE_CGROUP_STORAGE,  /* 4.19 */
	FEATURE_SHARED_STORAGE, /* a map of it that more than one program uses, also an older one and its successor, 5.9
				 */
	FEATURE_RINGBUF,        /* 5.8 */
	FEATURE_BATCH,          /* batch map operations, 5.6 */
	FEATURE_MMAP_ARRAY,     /* 5.5 */
	FEATURE_TEST_RUN,       /* 4.12 */
	FEATURE_PROG_QUERY,     /* 4.15 */
	FEATURE_XDP,            /* program type */
	FEATURE_SCHED_CLS,
	FEATURE_CGROUP_SKB,     /* program type, and CONFIG_CGROUP_BPF */
	FEATURE_CGROUP_MARK,    /* a packet's mark written at a cgroup, 4.20 */
	FEATURE_CGROUP_EVENTS,  /* perf events written at a cgroup, 5.4 */
	FEATURE_CGROUP_CONNECT, /* programs at connect(2) that have storage, 4.19 */
	FEATURE_CGROUP_LINK,    /* bpf_link for cgroups, 5.7 */
	FEATURE_XDP_LINK,       /* 5.9 */
	FEATURE_TCX,            /* 6.6 */
	FEATURE_MEMCG_ACCOUNT,  /* map memory charged to the memory cgroup, 5.11: no RLIMIT_MEMLOCK */
	FEATURE_GSO_SIZE,       /* gso_size in the context, 5.7 */
	FEATURE_LOG_TRUE_SIZE,  /* 6.4 */
	FEATURE_JIFFIES,        /* bpf_jiffies64, 5.6 */
	FEATURE_N,
};

struct features {
	enum tristate state[FEATURE_N];
	int err[FEATURE_N];              /* -errno that the answer was read from, 0: success */
	unsigned char forced[FEATURE_N]; /* denied by the environment, for tests */
};

/* A set of features: bit n is enum feature n. */
typedef __u64 feature_set;
#define FEATURE_BIT(feature) (1ULL << (feature))
#define FEATURES_ALL (FEATURE_BIT(FEATURE_N) - 1)
/* What CONFIG_CGROUP_BPF brings. */
#define FEATURES_AT_CGROUPS                                                                                            \
	(FEATURE_BIT(FEATURE_CGROUP_STORAGE) | FEATURE_BIT(FEATURE_SHARED_STORAGE) | FEATURE_BIT(FEATURE_PROG_QUERY) | \
	 FEATURE_BIT(FEATURE_CGROUP_SKB) | FEATURE_BIT(FEATURE_CGROUP_MARK) | FEATURE_BIT(FEATURE_CGROUP_EVENTS) |     \
	 FEATURE_BIT(FEATURE_CGROUP_CONNECT) | FEATURE_BIT(FEATURE_CGROUP_LINK))
/* What a program at connect(2) that knows its container takes. */
#define FEATURES_JUDGE_CONNECT                                                                                         \
	(FEATURE_BIT(FEATURE_CGROUP_SKB) | FEATURE_BIT(FEATURE_CGROUP_CONNECT) | FEATURE_BIT(FEATURE_SHARED_STORAGE) | \
	 FEATURE_BIT(FEATURE_ATTACH_TYPE))

/* The feature's name, as in `probe` and BULKHEAD_WITHOUT; its since-version for people ("5.8"); what it is, in words.
 */
const char *feature_name(enum feature feature);
const char *feature_since(enum feature feature);
const char *feature_summary(enum feature feature);
/* The kernel's configuration option without which no version has it, as "CONFIG_CGROUP_BPF"; NULL: bpf(2) is enough. */
const char *feature_option(enum feature feature);

/*
 * Asks for one feature, or all. Without the right to ask, the answer is UNKNOWN with -EPERM. Nothing is mounted,
 * attached or left behind; RLIMIT_MEMLOCK is raised meanwhile and put back.
 */
enum tristate feature_probe(enum feature feature, int *err);
void features_probe(struct features *out);

/*
 * For a command that wants only some answers, fast: start from a cleared struct features (after features_deny, where
 * there is something to deny) and ask for what plan_asks(spec) names. What has an answer already, or is denied, is not
 * asked again.
 */
void features_probe_set(struct features *features, feature_set wanted);
/* Whether all of these are known to be there. */
int features_have(const struct features *features, feature_set wanted);

/* One feature's answer, asked for now where it is not known yet. */
enum tristate features_get(struct features *features, enum feature feature);

/*
 * Denies what a comma-separated list names: a feature's name, or a group ("link" is cgroup_link and xdp_link, "btf" is
 * everything about types, "memlock" is memcg_account, "cgroup_storage" is shared_storage too). A denied feature stays
 * denied in later probes of the same struct. 0, or -EINVAL and the offending word's offset in *at.
 */
int features_deny(struct features *features, const char *list, unsigned *at);

#endif
