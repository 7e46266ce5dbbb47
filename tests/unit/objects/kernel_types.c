/* SPDX-License-Identifier: GPL-2.0 */
/* What is read, and refused later: a CO-RE relocation, a kernel function, a kernel symbol. */
#include "bpf_defs.h"

struct task {
	int before;
	int pid;
} __attribute__((preserve_access_index));

extern int kernel_function(int x) __attribute__((section(".ksyms")));
extern const int kernel_symbol __attribute__((section(".ksyms")));

SEC("kprobe/do_exit")
int reads_kernel(struct task *task)
{
	return task->pid + kernel_function(3) + ((long)&kernel_symbol > 9);
}

char _license[] SEC("license") = "GPL";
