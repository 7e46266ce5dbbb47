/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/packets/program.h"

#include <errno.h>
#include <string.h>
#include <linux/bpf.h>

const char *program_title(enum program program)
{
	static const char *const titles[PROGRAM_N] = {
		"xdp_firewall", "rate_limit",     "dns_filter", "tc_ingress",
		"tc_egress",    "cgroup_ingress", "cgroup_dns", "cgroup_egress"
	};

	return titles[program];
}

void programs_met(enum way way, enum fw_layer layer, bool uplink, enum program out[PROGRAMS_MET_MAX])
{
	static const enum program incoming[PROGRAMS_MET_MAX] = { XDP_FIREWALL, TC_EGRESS, PROGRAM_N };
	static const enum program at_uplink[PROGRAMS_MET_MAX] = { XDP_FIREWALL, RATE_LIMIT, PROGRAM_N };
	static const enum program outgoing[PROGRAMS_MET_MAX] = { RATE_LIMIT, DNS_FILTER, TC_INGRESS, PROGRAM_N };
	static const enum program cgroup[2][PROGRAMS_MET_MAX] = {
		[IN] = { CGROUP_INGRESS, PROGRAM_N }, [OUT] = { CGROUP_DNS, CGROUP_EGRESS, PROGRAM_N }
	};
	const enum program *met = way == OUT ? outgoing : uplink ? at_uplink : incoming;

	if (layer == FW_LAYER_CGROUP)
		met = cgroup[way];
	memcpy(out, met, sizeof(*met) * PROGRAMS_MET_MAX);
}

static enum fw_action action_of(enum program program, __u32 retval)
{
	static const __u32 pass[PROGRAM_N] = {
		[XDP_FIREWALL] = XDP_PASS, [RATE_LIMIT] = (__u32)-1, [DNS_FILTER] = (__u32)-1, [TC_INGRESS] = (__u32)-1,
		[TC_EGRESS] = (__u32)-1,   [CGROUP_INGRESS] = 1,     [CGROUP_DNS] = 1,         [CGROUP_EGRESS] = 1,
	};

	return retval == pass[program] ? FW_PASS : FW_DROP;
}

/* Whether it is what the kernel takes for a drop, and not some number that is merely not a pass. */
static int is_verdict(enum program program, __u32 retval)
{
	static const __u32 drop[PROGRAM_N] = {
		[XDP_FIREWALL] = XDP_DROP, [RATE_LIMIT] = 2, [DNS_FILTER] = 2, [TC_INGRESS] = 2, [TC_EGRESS] = 2
	};

	return action_of(program, retval) == FW_PASS || retval == drop[program];
}

void outcome_set(struct outcome *outcome, enum program program, const struct pkt_stats *before,
		 const struct pkt_stats *after)
{
	unsigned reason;

	outcome->action = action_of(program, outcome->retval);
	if (!outcome->error && !is_verdict(program, outcome->retval))
		outcome->error = -EPROTO;
	for (reason = 0; reason < FW_REASON_N; reason++) {
		if (after->drops[reason] == before->drops[reason])
			continue;
		outcome->reason = reason;
		outcome->counted += (unsigned)(after->drops[reason] - before->drops[reason]);
	}
}
