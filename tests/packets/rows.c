/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/packets/row.h"

#include <stddef.h>

const struct table *const row_tables[] = {
	&parsing_rows, &blocklist_rows, &fragment_rows, &tcp_rows, &icmp_rows, &dns_rows, &policy_rows, NULL,
};
