/* SPDX-License-Identifier: GPL-2.0 */
/* What a section's name says of the program in it. */
#ifndef ELF_SECTION_NAMES_H
#define ELF_SECTION_NAMES_H

#include "elf/spec.h"

/* Fills type, attach_type, has_attach_type, is_sleepable, frags and attach_to. type 0 where the name is no convention.
 */
void section_name_read(const char *section, struct prog_spec *prog);

#endif
