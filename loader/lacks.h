/* SPDX-License-Identifier: GPL-2.0 */
/* What this host does without, and what its kernel would have to be built with. */
#ifndef LOADER_LACKS_H
#define LOADER_LACKS_H

struct firewall;

struct lack {
	const char *what; /* "cgroup", "machine_code", "rate_limit" */
	const char
		*option; /* "CONFIG_CGROUP_BPF", or what to do: "net.core.bpf_jit_enable=1, then `bulkhead up` again" */
	const char *effect; /* the sentence for people */
};

typedef void (*lack_visit)(const struct lack *lack, void *context);

/*
 * Calls visit for each, of a firewall that is up: what all lack, or an uplink or a container, by its name.
 * n_interpreted: how many of its programs have no machine code. 0, or -errno where the records cannot be read.
 */
int lacks_each(struct firewall *fw, unsigned n_interpreted, lack_visit visit, void *context);

#endif
