/* SPDX-License-Identifier: GPL-2.0 */
/* What the tools that measure share: files, clocks, programs. Each error ends the tool with a sentence. */
#ifndef TESTS_BENCH_TOOL_H
#define TESTS_BENCH_TOOL_H

#include <stddef.h>
#include <linux/bpf.h>

struct bytes {
	unsigned char data[4096];
	__u32 size;
};

void fail(const char *what, int error) __attribute__((noreturn)); /* error: -errno, or 0: `what` says it all */
void read_bytes(const char *path, struct bytes *bytes);
__u32 number(const char *word, __u32 low, __u32 high);

/* Processor time of this thread in nanoseconds: what others do meanwhile on the same core is not in it. */
__u64 used_ns(void);

/* PATH of a pin, id:N, empty:xdp or empty:tc (a program that lets every packet pass). A descriptor. */
int open_program(const char *word);
__u32 type_of_program(int fd); /* enum bpf_prog_type */
int load_program(__u32 type, __u32 attach_type, __u32 flags, const struct bpf_insn *insns, __u32 n_insns);
int load_empty(__u32 type);

/*
 * A program that writes `base` + a random number below `count` as a big-endian word at byte `at` of the packet, then
 * goes on with `program`.
 */
struct shake {
	__u32 at, base, count;
};
int load_shaker(int program, const struct shake *shake);

#endif
