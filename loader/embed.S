/* SPDX-License-Identifier: GPL-2.0 */
/* The five objects, byte for byte. */
	.section .rodata
	.macro object name
	.balign 8
	.global object_\name
object_\name:
	.incbin "build/bpf/\name\().o"
	.global object_\name\()_end
object_\name\()_end:
	.endm

	object xdp_firewall
	object rate_limit
	object dns_filter
	object tc_firewall
	object cgroup_firewall

	.section .note.GNU-stack, "", %progbits
