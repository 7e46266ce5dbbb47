/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/lacks.h"

#include <stdio.h>
#include <unistd.h>

#include "loader/attach.h"
#include "loader/firewall.h"
#include "loader/host_features.h"
#include "syscalls/bpf.h"

#define SYSCTL "/proc/sys/net/core/"

/*
 * The switch is there where the kernel has a compiler, in the first network namespace, as is the other file; where it
 * is on, the compiler has refused the programs.
 */
static const char *compiler_option(void)
{
	FILE *file = fopen(SYSCTL "bpf_jit_enable", "re");
	int c = file ? getc(file) : '?';

	if (file)
		fclose(file);
	else if (!access(SYSCTL "netdev_max_backlog", F_OK))
		return "CONFIG_BPF_JIT";
	else
		return "CONFIG_BPF_JIT and net.core.bpf_jit_enable=1";
	return c == '0' ? "net.core.bpf_jit_enable=1" : "a kernel whose compiler knows functions";
}

struct uplinks {
	struct firewall *fw;
	unsigned n_unlimited;
};

static int count_unlimited(const struct fw_attachment_key *key, const struct fw_attachment *record, void *context)
{
	struct uplinks *uplinks = context;
	struct fw_attachment_key limiter = *key;
	struct fw_attachment found;

	(void)record;
	if (key->hook != HOOK_XDP)
		return 0;
	limiter.hook = HOOK_UPLINK_RATE_LIMIT;
	if (sys_bpf_map_lookup(uplinks->fw->map_fd[MAP_ATTACHMENTS], &limiter, &found))
		uplinks->n_unlimited++;
	return 0;
}

void lacks_each(struct firewall *fw, unsigned n_interpreted, void (*visit)(const struct lack *, void *), void *context)
{
	struct features *features = host_features(NULL);
	struct uplinks uplinks = { .fw = fw };

	if (features && features_get(features, FEATURE_CGROUP_SKB) == NO)
		visit(&(struct lack) { "cgroup", feature_option(FEATURE_CGROUP_SKB),
				       "no programs at cgroups: containers are guarded at their devices alone" },
		      context);
	if (n_interpreted)
		visit(&(struct lack) { "machine_code", compiler_option(),
				       "programs are interpreted, which takes several times as long" },
		      context);
	attachments_each(fw, count_unlimited, &uplinks);
	if (uplinks.n_unlimited)
		visit(&(struct lack) { "rate_limit", "CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF",
				       "no traffic control: XDP guards the uplinks alone, without a rate limit" },
		      context);
}
