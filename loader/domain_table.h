/* SPDX-License-Identifier: GPL-2.0 */
/* The blocked names as the programs read them: blocked_domains. */
#ifndef LOADER_DOMAIN_TABLE_H
#define LOADER_DOMAIN_TABLE_H

#include <stdbool.h>
#include "loader/domain.h"
#include "loader/firewall.h"

/* On the side that is read. */
bool domain_is_blocked(struct firewall *fw, const struct domain *domain);

/*
 * Blocks a name on both sides, with fw->other_side on that alone, and the other way about. The programs must have been
 * specialised for names. 0; -EEXIST: another name has the same hash; or -errno with a sentence. What is not there is no
 * error.
 */
int domain_block(struct firewall *fw, const struct domain *domain, struct error *err);
int domain_unblock(struct firewall *fw, const struct domain *domain, struct error *err);

/* Behind a switch: what is not on the side in force goes, and the rest is on both. 0 or -errno. */
int domain_table_settle(struct firewall *fw);

#endif
