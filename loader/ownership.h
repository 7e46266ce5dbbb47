/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a program that is found on a hook is one of this firewall's, older ones included. */
#ifndef LOADER_OWNERSHIP_H
#define LOADER_OWNERSHIP_H

#include <stdbool.h>
#include "loader/attach.h"

/* Ours has the hook's program's name and one of our maps. */
bool program_is_ours(const struct firewall *fw, enum hook hook, int prog_fd);

/* The number of a program. 0: it cannot be asked. */
__u32 program_id(int prog_fd);

#endif
