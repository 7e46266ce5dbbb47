/* SPDX-License-Identifier: GPL-2.0 */
/* What this host does without, and what its kernel would have to be built with. */
#ifndef LOADER_LACKS_H
#define LOADER_LACKS_H

struct firewall;

struct lack {
	const char *what;   /* "cgroup", "machine_code", "rate_limit" */
	const char *option; /* "CONFIG_CGROUP_BPF", or what to set: "net.core.bpf_jit_enable=1" */
	const char *effect; /* the sentence for people */
};

/* Calls visit for each, of a firewall that is up. n_interpreted: how many of its programs have no machine code. */
void lacks_each(struct firewall *fw, unsigned n_interpreted, void (*visit)(const struct lack *, void *), void *context);

#endif
