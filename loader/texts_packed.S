/* SPDX-License-Identifier: GPL-2.0 */
/* What elf/texts.h speaks of, packed. */
	.section .rodata
	.global packed_texts
packed_texts:
	.incbin PACKED_TEXTS
	.global packed_texts_end
packed_texts_end:

	.section .note.GNU-stack, "", %progbits
