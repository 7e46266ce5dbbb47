/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/embedded.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf/error.h"
#include "loader/unpack.h"

extern const unsigned char packed_objects[], packed_objects_end[];

/* In the order in which the Makefile's OBJECTS packs them. */
static const char *const names[EMBEDDED_N] = {
	"xdp_firewall", "rate_limit", "dns_filter", "tc_firewall", "cgroup_firewall",
};

const char *embedded_name(unsigned i)
{
	return names[i];
}

/* Whole pages within it. */
static void give_back(struct view bytes)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = ((uintptr_t)bytes.data + page - 1) & -page;
	uintptr_t to = ((uintptr_t)bytes.data + bytes.size) & -page;

	if (from < to)
		madvise((void *)from, to - from, MADV_DONTNEED);
}

int embedded_open(struct embedded *embedded, struct error *err)
{
	struct view packed = { packed_objects, (size_t)(packed_objects_end - packed_objects) };
	const unsigned char *at;
	unsigned i;
	int code;

	embedded->bytes = malloc(unpacked_size(packed) + 1);
	code = embedded->bytes ? unpack(packed, embedded->bytes) : -ENOMEM;
	if (code) {
		embedded_close(embedded);
		return error_set(err, code, "the programs in this file cannot be unpacked: %s: %s", strerror(-code),
				 code == -ENOMEM ? "free some memory" : "the file is damaged: copy it again");
	}
	give_back(packed); /* they are read from the file again where that is needed */
	for (i = 0, at = embedded->bytes; i < EMBEDDED_N; at += embedded->object[i++].size)
		embedded->object[i] = (struct view) { at, unpacked_file_size(packed, i) };
	return 0;
}

void embedded_drop(const struct embedded *embedded, unsigned i)
{
	give_back(embedded->object[i]);
}

void embedded_close(struct embedded *embedded)
{
	free(embedded->bytes);
	embedded->bytes = NULL;
}
