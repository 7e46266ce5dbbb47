/* SPDX-License-Identifier: GPL-2.0 */
/* The five objects, packed. */
	.section .rodata
	.global packed_objects
packed_objects:
	.incbin "build/packed/objects"
	.global packed_objects_end
packed_objects_end:

	.section .note.GNU-stack, "", %progbits
