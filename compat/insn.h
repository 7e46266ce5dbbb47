/* SPDX-License-Identifier: GPL-2.0 */
/* Instructions in the host's layout, as initialisers; names and numbers are linux/bpf.h's. */
#ifndef COMPAT_INSN_H
#define COMPAT_INSN_H

#include <linux/bpf.h>

/* clang-format off */
#define INSN_MOV(dst, value) { BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value }
#define INSN_ADD(dst, value) { BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, value }
#define INSN_JUMP(class, test, dst, value, distance) { (class) | (test) | BPF_K, dst, 0, distance, value }
#define INSN_CALL(helper) { BPF_JMP | BPF_CALL, 0, 0, 0, helper }
#define INSN_EXIT { BPF_JMP | BPF_EXIT, 0, 0, 0, 0 }
/* Two of them. */
#define INSN_LD_IMM64(dst, src, low, high) { BPF_LD | BPF_IMM | BPF_DW, dst, src, 0, low }, { 0, 0, 0, 0, high }
/* clang-format on */

#endif
