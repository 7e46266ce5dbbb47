/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/packets/row.h"
static const struct row rows[] = { ROW("1", "SYN to 80", ALL, OPEN_SYN) };
const struct table icmp_rows = { rows, sizeof(rows) / sizeof(*rows) };
