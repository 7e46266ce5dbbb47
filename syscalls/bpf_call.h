/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of bpf(2) share: the call itself. */
#ifndef SYSCALLS_BPF_CALL_H
#define SYSCALLS_BPF_CALL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/bpf.h>

/* Bytes of the attributes up to and with a field: what a command sends, and no more. */
#define ATTR_SIZE(field) (offsetof(union bpf_attr, field) + sizeof(((union bpf_attr *)0)->field))

static inline __u64 bpf_pointer(const void *pointer)
{
	return (uintptr_t)pointer;
}

/* At most 15 bytes of a name, the rest zero; `to` is cleared already. */
static inline void bpf_name(char to[BPF_OBJ_NAME_LEN], const char *name)
{
	if (name)
		memcpy(to, name, strnlen(name, BPF_OBJ_NAME_LEN - 1));
}

/* bpf(2): what it gives, or -errno. */
int bpf_call(enum bpf_cmd command, void *attr, size_t size);

/* The same for commands that give a descriptor: it is close-on-exec (the kernel's doing) and above 2. */
int bpf_call_fd(enum bpf_cmd command, void *attr, size_t size);

#endif
