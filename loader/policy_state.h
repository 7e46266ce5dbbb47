/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the policy that `apply PATH watch` follows stands, in a pinned map of its own: who asks is another process. It is
 * made by the first that watches, and `down` removes it with the rest.
 */
#ifndef LOADER_POLICY_STATE_H
#define LOADER_POLICY_STATE_H

#include <stdbool.h>
#include <stdio.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"

struct json;
struct options;

struct policy_state {
	struct fw_watch watch;
	bool watched; /* somebody follows it now */
};

/* 0; -ENOENT: nobody has watched since the firewall came up; -errno. */
int policy_state_read(const struct options *options, struct policy_state *out);

/* Makes the map where there is none. 0 or -errno with a sentence. */
int policy_state_write(const struct options *options, const struct fw_watch *watch, struct error *err);

/*
 * Says, for as long as this process lives, that it watches: a descriptor, to be kept. -EBUSY: another one does. -errno;
 * each with a sentence.
 */
int policy_state_claim(const struct options *options, struct error *err);

/* Nothing is known any more, unless somebody watches. */
void policy_state_forget(const struct options *options);

/* The members of an object; a line. */
void policy_state_json(struct json *json, const struct policy_state *state);
void policy_state_text(FILE *out, const struct policy_state *state);

#endif
