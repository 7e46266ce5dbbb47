/* SPDX-License-Identifier: GPL-2.0 */
/* An object from a file. */
#ifndef LOADER_OBJECT_FILE_H
#define LOADER_OBJECT_FILE_H

#include "elf/error.h"
#include "elf/spec.h"

struct object_file {
	void *bytes;
	struct spec spec; /* points into the bytes */
};

/* Reads and parses it. 0; -EINVAL: the file is wrong, or not to be read; -ENOTSUP: it names what is not read here;
 * -ENOMEM. */
int object_file_read(const char *path, struct object_file *out, struct error *err);
void object_file_free(struct object_file *file);

/* The kernel's names for types: "xdp", "lru_hash"; "type 99" (in `room`) for what has none here. */
const char *prog_type_text(__u32 type, char room[16]);
const char *map_type_text(__u32 type, char room[16]);

#endif
