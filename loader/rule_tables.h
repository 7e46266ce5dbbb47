/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules: rule_statements as they were written, and what the programs read of them (fw_rules, egress_allowlist, fw_ports
 * and the lists of prefix lengths in container_policies), which is always made from the statements.
 */
#ifndef LOADER_RULE_TABLES_H
#define LOADER_RULE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"
#include "loader/firewall.h"

/* A statement to add, or to take back. One that is there already, or not there, changes nothing. */
struct rule_change {
	struct fw_statement statement;
	bool remove;
};

/* What a set of changes comes to, worked out and checked before anything is written. */
struct rule_plan;

/*
 * Reads the statements once, whatever the number of changes. 0; -E2BIG: more rules or prefix lengths than there is room for;
 * -ENOMEM; or the kernel's answer. Nothing is written. Where 0, *out is to be freed.
 */
int rules_plan(struct firewall *fw, const struct rule_change *changes, size_t n, struct rule_plan **out,
	       struct error *err);

/* How many of the changes change something. */
size_t rules_plan_size(const struct rule_plan *plan);

/*
 * Writes it, between policy_change_begin and policy_change_end. Each prefix goes over to its new rules in one step; where the
 * kernel refuses one, the old rules are put back.
 */
int rules_carry_out(struct firewall *fw, struct rule_plan *plan, struct error *err);
void rules_plan_free(struct rule_plan *plan);

/* Makes every table anew from the statements, and removes what no statement accounts for. Needs an odd generation. */
int rules_rebuild_all(struct firewall *fw, struct error *err);

/* Whether the container has rules: 1, 0 or -errno. */
int rules_exist(struct firewall *fw, __u32 container);

#endif
