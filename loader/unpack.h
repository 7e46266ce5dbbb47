/* SPDX-License-Identifier: GPL-2.0 */
/* What loader/pack put into the binary, as it was. */
#ifndef LOADER_UNPACK_H
#define LOADER_UNPACK_H

#include <stddef.h>
#include "elf/spec.h"

/* How many bytes the files of a packed stream have in all; 0: it is none. */
size_t unpacked_size(struct view packed);

/* The number of files, and the size of one. 0 where there is no such file. */
unsigned unpacked_files(struct view packed);
size_t unpacked_file_size(struct view packed, unsigned file);

/* Writes all files, one behind the other, to room of unpacked_size() bytes. 0, or -EINVAL: a broken stream. */
int unpack(struct view packed, unsigned char *out);

#endif
