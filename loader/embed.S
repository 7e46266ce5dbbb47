/* SPDX-License-Identifier: GPL-2.0 */
/* The five objects of this byte order, packed. */
	.section .rodata
	.global packed_objects
packed_objects:
	.incbin PACKED_OBJECTS
	.global packed_objects_end
packed_objects_end:

	.section .note.GNU-stack, "", %progbits
