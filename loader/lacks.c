/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/lacks.h"

#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#include "loader/attach.h"
#include "loader/cgroup.h"
#include "loader/container.h"
#include "loader/host_features.h"
#include "syscalls/bpf.h"

#define SYSCTL "/proc/sys/net/core/"
#define UP_AGAIN ", then `bulkhead up` again"

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
		return "CONFIG_BPF_JIT" UP_AGAIN;
	else
		return "CONFIG_BPF_JIT and net.core.bpf_jit_enable=1" UP_AGAIN;
	return c == '0' ? "net.core.bpf_jit_enable=1" UP_AGAIN : "a kernel whose compiler knows functions" UP_AGAIN;
}

struct visiting {
	struct firewall *fw;
	lack_visit visit;
	void *context;
};

/* Why it has none only `up` can find out. */
static int visit_uplink(const struct fw_attachment_key *key, const struct fw_attachment *record, void *context)
{
	const struct visiting *to = context;
	struct fw_attachment_key limiter = *key;
	struct fw_attachment found;
	char needs[64], effect[80], name[IF_NAMESIZE];

	limiter.hook = HOOK_UPLINK_RATE_LIMIT;
	if (key->hook != HOOK_XDP || !if_indextoname(key->ifindex, name) ||
	    !sys_bpf_map_lookup(to->fw->map_fd[MAP_ATTACHMENTS], &limiter, &found))
		return 0;
	(void)record;
	snprintf(needs, sizeof(needs), "`bulkhead up %s` again, which says why not", name);
	snprintf(effect, sizeof(effect), "%s: XDP alone guards it, without a rate limit", name);
	to->visit(&(struct lack) { "rate_limit", needs, effect }, to->context);
	return 0;
}

static int visit_container(const char *name, const struct fw_container *record, void *context)
{
	const struct visiting *to = context;
	char effect[FW_NAME_MAX + 80];

	if (!record->attached || !record->cgroup_left_out)
		return 0;
	snprintf(effect, sizeof(effect), "%s: its process is guarded at its devices alone: its cgroup was left out",
		 name);
	to->visit(&(struct lack) { "cgroup", "a cgroup of its own, then `bulkhead attach` again", effect },
		  to->context);
	return 0;
}

/* Where the host has none, a container's are not worth a word. */
static int visit_cgroups(struct visiting *to)
{
	struct features *features = host_features(NULL);
	struct lack lack = { "cgroup", "`bulkhead up` again",
			     "no programs at cgroups: containers are guarded at their devices alone" };

	if (!cgroup_check_programs(to->fw->options, NULL))
		return container_each(to->fw, visit_container, to);
	if (features && features_get(features, FEATURE_CGROUP_SKB) == NO)
		lack.option = feature_option(FEATURE_CGROUP_SKB);
	to->visit(&lack, to->context);
	return 0;
}

int lacks_each(struct firewall *fw, unsigned n_interpreted, lack_visit visit, void *context)
{
	struct visiting to = { fw, visit, context };
	int code = visit_cgroups(&to);

	if (code)
		return code;
	if (n_interpreted)
		visit(&(struct lack) { "machine_code", compiler_option(),
				       "programs are interpreted, which takes several times as long" },
		      context);
	return attachments_each(fw, visit_uplink, &to);
}
