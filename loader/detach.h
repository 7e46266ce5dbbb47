/* SPDX-License-Identifier: GPL-2.0 */
/* Taking a container off its hooks. */
#ifndef LOADER_DETACH_H
#define LOADER_DETACH_H

#include "elf/error.h"

struct firewall;
struct fw_container;

/* As the command does: its rules stay, and the record with them. A change of policy of its own. 0 or -errno. */
int container_detach(struct firewall *fw, const char *name, const struct fw_container *attached, struct error *err);

/* From what `kept` does not have any more: some of its devices, and their addresses. 0 or -errno. */
int container_detach_part(struct firewall *fw, const char *name, const struct fw_container *attached,
			  const struct fw_container *kept, struct error *err);

#endif
