/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules: rule_statements as they were written, and what the programs read of them (fw_rules, egress_allowlist,
 * fw_ports and the lists of prefix lengths in container_policies), which is always made from the statements.
 */
#ifndef LOADER_RULE_TABLES_H
#define LOADER_RULE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"
#include "loader/firewall.h"
#include "loader/map_batch.h"
#include "loader/rule.h"

/* A container's rules (0: of all) on the side that is read and written, in no order, to be freed. 0 or -errno. */
int rules_read(struct firewall *fw, __u32 container, struct rule **out, size_t *n);

/*
 * Adds a rule, between policy_change_begin and policy_change_end; one that is there already changes nothing. 0, -E2BIG
 * where there is no room, or the kernel's answer, and then nothing is changed.
 */
int rules_add(struct firewall *fw, const struct fw_statement *statement, struct error *err);

/* Removes one, as rules_add. -ENOENT without a sentence where it is not there. */
int rules_remove(struct firewall *fw, const struct fw_statement *statement, struct error *err);

/* Within a switch to the other side, where nothing is yet: what is to be written there. */
struct rules_writing {
	struct firewall *fw;
	struct map_batch statements, ports, nodes[2], policies; /* nodes: by direction */
};

void rules_writing_begin(struct rules_writing *writing, struct firewall *fw);

/*
 * All the rules of a container, those without a number get one, and its policy, which gets the lists of their prefix
 * lengths. 0 or -errno with a sentence.
 */
int rules_write(struct rules_writing *writing, struct rule *rules, size_t n, struct container_policy *policy,
		struct error *err);

/* Writes what is not written yet, where code is 0, and gives what becomes of it, or the code. */
int rules_writing_end(struct rules_writing *writing, int code, struct error *err);

/*
 * Behind a switch: removes the rules of the side that is not in force; `is_whole`: what the programs read of these is
 * whole. *out: the containers of the others, sorted for rules_have, to be freed. 0 or -errno with a sentence.
 */
int rules_settle(struct firewall *fw, bool is_whole, __u32 **out, size_t *n, struct error *err);

/* Whether some of the n sorted ones are that `rules` (FW_RULES). */
bool rules_have(const __u32 *sorted, size_t n, __u32 rules);

/* Makes every table anew from the statements, and removes what no statement accounts for. Needs an odd generation. */
int rules_rebuild_all(struct firewall *fw, struct error *err);

/* How many rules the container has; 1 where that cannot be told. */
size_t rules_count(struct firewall *fw, __u32 container);

#endif
