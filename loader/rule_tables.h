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

/* A container's statements (0: of all) on the side that is read and written, in no order, to be freed. 0 or -errno. */
int rules_read(struct firewall *fw, __u32 container, struct fw_statement **out, size_t *n);

/*
 * Adds statements of one container, between policy_change_begin and policy_change_end; those that are there already
 * change nothing. All of them, or none: -E2BIG where there is no room, or the kernel's answer.
 */
int rules_add(struct firewall *fw, const struct fw_statement *statements, size_t n, struct error *err);

/* Removes one, as rules_add. -ENOENT without a sentence where it is not there. */
int rules_remove(struct firewall *fw, const struct fw_statement *statement, struct error *err);

/*
 * Within a switch to the other side: writes all the rules of a container there (`rules` of the statements is set).
 * Those that the side in force has too keep their numbers. 0 or -errno with a sentence.
 */
int rules_write(struct firewall *fw, __u32 container, struct fw_statement *statements, size_t n, struct error *err);

/*
 * Behind a switch: removes the rules of the side that is not in force. *out: the others, sorted for rules_have, to be
 * freed. 0 or -errno with a sentence.
 */
int rules_settle(struct firewall *fw, struct fw_statement **out, size_t *n, struct error *err);

/* Whether some of the n sorted ones have that `rules` (FW_RULES). */
bool rules_have(const struct fw_statement *sorted, size_t n, __u32 rules);

/* Makes every table anew from the statements, and removes what no statement accounts for. Needs an odd generation. */
int rules_rebuild_all(struct firewall *fw, struct error *err);

/* How many rules the container has; 1 where that cannot be told. */
size_t rules_count(struct firewall *fw, __u32 container);

#endif
