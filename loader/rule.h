/* SPDX-License-Identifier: GPL-2.0 */
/* A rule: what was written, and its number. */
#ifndef LOADER_RULE_H
#define LOADER_RULE_H

#include <linux/types.h>
#include "bpf/fw_abi.h"

struct rule {
	struct fw_statement statement;
	__u32 number; /* in events and verdicts; 0: none yet */
};

#endif
