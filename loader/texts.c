/* SPDX-License-Identifier: GPL-2.0 */
#include "elf/texts.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "loader/unpack.h"

/* Of the linker: where the texts belong, from the beginning of a page. None where they are not packed. */
extern char texts_begin[] __attribute__((weak)), texts_end[] __attribute__((weak));
extern const unsigned char packed_texts[] __attribute__((weak)), packed_texts_end[] __attribute__((weak));

void texts_open(void)
{
	struct view packed = { packed_texts, (size_t)(packed_texts_end - packed_texts) };
	size_t room = (size_t)(texts_end - texts_begin);
	static bool open;

	if (open || !packed.data)
		return;
	open = true;
	if (unpacked_size(packed) > room || unpack(packed, (unsigned char *)texts_begin))
		memset(texts_begin, 0, room);
	mprotect(texts_begin, room, PROT_READ);
}
