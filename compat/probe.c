/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asking the kernel: a row for each feature, read three ways. EINVAL and E2BIG (an unknown command, type, flag, opcode
 * or attribute) are a no; success, or the error that only a kernel with the feature gets as far as, is a yes; anything
 * else (EPERM, ENOMEM, EMFILE, …) says nothing about the kernel and is not remembered.
 */
#include "compat/probe.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "compat/features.h"

struct question {
	int (*ask)(void);
	int present; /* -errno that is a yes; 0: success alone */
};

static const struct question questions[FEATURE_N] = {
	[FEATURE_NAMES] = { ask_names, 0 },
	[FEATURE_ATTACH_TYPE] = { ask_attach_type, 0 },
	[FEATURE_BTF] = { ask_btf, 0 },
	[FEATURE_BTF_FUNC] = { ask_btf_func, 0 },
	[FEATURE_BTF_FUNC_GLOBAL] = { ask_btf_func_global, 0 },
	[FEATURE_BTF_DATASEC] = { ask_btf_datasec, 0 },
	[FEATURE_BTF_FLOAT] = { ask_btf_float, 0 },
	[FEATURE_BTF_DECL_TAG] = { ask_btf_decl_tag, 0 },
	[FEATURE_BTF_TYPE_TAG] = { ask_btf_type_tag, 0 },
	[FEATURE_BTF_ENUM64] = { ask_btf_enum64, 0 },
	[FEATURE_FUNC_INFO] = { ask_func_info, -EBADF },
	[FEATURE_GLOBAL_DATA] = { ask_global_data, 0 },
	[FEATURE_BOUNDED_LOOPS] = { ask_bounded_loops, 0 },
	[FEATURE_JMP32] = { ask_jmp32, 0 },
	[FEATURE_LARGE_PROGRAMS] = { ask_large_programs, 0 },
	[FEATURE_LPM_TRIE] = { ask_lpm_trie, 0 },
	[FEATURE_LRU_HASH] = { ask_lru_hash, 0 },
	[FEATURE_CGROUP_STORAGE] = { ask_cgroup_storage, 0 },
	[FEATURE_SHARED_STORAGE] = { ask_shared_storage, 0 },
	[FEATURE_RINGBUF] = { ask_ringbuf, 0 },
	[FEATURE_BATCH] = { ask_batch, 0 },
	[FEATURE_MMAP_ARRAY] = { ask_mmap_array, 0 },
	[FEATURE_TEST_RUN] = { ask_test_run, -EBADF },
	[FEATURE_PROG_QUERY] = { ask_prog_query, -EBADF },
	[FEATURE_XDP] = { ask_xdp, 0 },
	[FEATURE_SCHED_CLS] = { ask_sched_cls, 0 },
	[FEATURE_CGROUP_SKB] = { ask_cgroup_skb, -EBADF },
	[FEATURE_CGROUP_MARK] = { ask_cgroup_mark, 0 },
	[FEATURE_CGROUP_EVENTS] = { ask_cgroup_events, 0 },
	[FEATURE_CGROUP_CONNECT] = { ask_cgroup_connect, 0 },
	[FEATURE_CGROUP_LINK] = { ask_cgroup_link, -EBADF },
	[FEATURE_XDP_LINK] = { ask_xdp_link, -EBADF },
	[FEATURE_TCX] = { ask_tcx, -ENODEV },
	[FEATURE_MEMCG_ACCOUNT] = { ask_memcg_account, 0 },
	[FEATURE_GSO_SIZE] = { ask_gso_size, 0 },
	[FEATURE_JIFFIES] = { ask_jiffies, 0 },
	[FEATURE_LOG_TRUE_SIZE] = { ask_log_true_size, 0 },
};

static enum tristate read_answer(const struct question *question, int answer)
{
	if (answer >= 0 || (question->present && answer == question->present))
		return YES;
	/* ENOSYS: a kernel without bpf(2). */
	if (answer == -EINVAL || answer == -E2BIG || answer == -ENOSYS)
		return NO;
	return UNKNOWN;
}

static enum tristate ask(enum feature feature, int *err)
{
	int answer = questions[feature].ask();

	*err = answer < 0 ? answer : 0;
	return read_answer(&questions[feature], answer);
}

/*
 * Before 5.11 the pages of maps and programs count against RLIMIT_MEMLOCK until they are freed, which is later: a row
 * of probes uses up the usual 64 KiB and is told EPERM. Raises the limit as far as it may, and says in *old what it
 * was.
 */
static void raise_memlock(struct rlimit *old)
{
	struct rlimit wanted = { RLIM_INFINITY, RLIM_INFINITY };

	if (getrlimit(RLIMIT_MEMLOCK, old))
		*old = wanted;
	if (old->rlim_cur == RLIM_INFINITY || !setrlimit(RLIMIT_MEMLOCK, &wanted))
		return;
	wanted.rlim_cur = wanted.rlim_max = old->rlim_max;
	setrlimit(RLIMIT_MEMLOCK, &wanted);
}

static void restore_memlock(const struct rlimit *old)
{
	if (old->rlim_cur != RLIM_INFINITY)
		setrlimit(RLIMIT_MEMLOCK, old);
}

enum tristate feature_probe(enum feature feature, int *err)
{
	enum tristate state;
	struct rlimit old;

	raise_memlock(&old);
	state = ask(feature, err);
	restore_memlock(&old);
	return state;
}

void features_probe_set(struct features *features, feature_set wanted)
{
	struct rlimit old;
	unsigned i;

	raise_memlock(&old);
	for (i = 0; i < FEATURE_N; i++)
		if (wanted & FEATURE_BIT(i) && !features->forced[i] && features->state[i] == UNKNOWN)
			features->state[i] = ask(i, &features->err[i]);
	restore_memlock(&old);
}

void features_probe(struct features *out)
{
	memset(out, 0, sizeof(*out));
	features_probe_set(out, FEATURES_ALL);
}

enum tristate features_get(struct features *features, enum feature feature)
{
	features_probe_set(features, FEATURE_BIT(feature));
	return features->state[feature];
}
