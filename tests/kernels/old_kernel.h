/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an old kernel knows, as tables, and its answers to what it does not know: one for the check of the final
 * instructions (tests/unit/old_kernels_test.c), and for the shim that puts the same answers before a running command
 * (shim.c). What an old kernel knows it is taken to do as the running one does.
 */
#ifndef TESTS_KERNELS_OLD_KERNEL_H
#define TESTS_KERNELS_OLD_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>

#include "elf/spec.h"

/*
 * A command of bpf(2): of its attributes everything behind `length` must be zero, or the answer is EINVAL (CHECK_ATTR).
 */
struct command_row {
	const char *name;
	unsigned length; /* 0: the command is not known */
};

struct map_row {
	const char *name; /* NULL: the type is not known */
	__u32 flags;      /* of map_flags */
	bool no_types;    /* map_check_no_btf: types of key and value are answered with ENOTSUPP */
};

enum access { NO_ACCESS, WHOLE, NARROW, WIDE }; /* NARROW: parts of a word too; WIDE: and two words at once */

/* A field of a program's context. */
struct field_row {
	const char *name; /* NULL: the last row */
	unsigned offset, size;
	enum access read, write;
};

struct program_row {
	const char *name;   /* NULL: the type is not known */
	const int *helpers; /* what its get_func_proto gives, up to a -1; NULL: everything up to last_helper */
	const struct field_row *fields; /* what its is_valid_access lets through; NULL: everything */
	const int *attach_types;        /* those that expected_attach_type may be, up to a -1; NULL: any */
};

struct old_kernel {
	const char *name; /* "4.19" */
	int major, minor;
	const struct command_row *commands;
	unsigned n_commands;
	unsigned attr_size; /* of union bpf_attr: nonzero bytes behind it are answered with E2BIG */
	const struct map_row *maps;
	unsigned n_maps;
	const struct program_row *programs;
	unsigned n_programs;
	const int *base_helpers; /* what every type of program has, up to a -1 */
	int last_helper;
	const bool *opcodes;       /* of 256 */
	unsigned last_pseudo_load; /* the highest src of a 64-bit load */
	unsigned max_insns;
	__u32 program_flags, attach_flags;
	int last_attach_type;
	unsigned log_max;
	bool loops;                   /* 5.3 */
	bool tail_calls_and_calls;    /* in one program, 5.10 */
	bool dotted_names;            /* 5.2 */
	bool shared_storage;          /* several programs with one map of cgroup storage, 5.9 */
	bool locks_memory;            /* maps and programs count against RLIMIT_MEMLOCK, before 5.11 */
	bool needs_admin;             /* CAP_SYS_ADMIN, before 5.8: there is no CAP_BPF */
	unsigned last_kind;           /* of BTF */
	__u32 kind_info;              /* bits of btf_type.info */
	bool global_functions;        /* FUNC's linkage, 5.6 */
	__u32 last_btf_name;          /* the highest offset of a name */
	unsigned prog_info, map_info; /* sizes of what OBJ_GET_INFO_BY_FD fills */
	__u32 xdp_flags;
	unsigned last_link_attribute, last_xdp_attribute;
	bool strict_netlink; /* NETLINK_GET_STRICT_CHK */
	int last_syscall;    /* x86_64 and asm-generic numbers are the same from 424 on */
};

extern const struct old_kernel linux_4_19, linux_5_10;

/* By name, NULL: none. */
const struct old_kernel *old_kernel_named(const char *name);

const char *helper_name(int helper);
bool old_kernel_has_helper(const struct old_kernel *kernel, __u32 program_type, int helper);

/* Whether it lets a program access `size` bytes there; *name is the field's, or NULL. */
bool old_kernel_lets_access(const struct old_kernel *kernel, __u32 program_type, int offset, unsigned size, bool write,
			    const char **name);

/* A refusal: -errno, and the sentence that the kernel's log has, or one like it. */
struct refusal {
	int code;
	char text[200];
};

int refuse(struct refusal *refusal, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* program_model.c: 0 or -errno. */
struct program {
	__u32 type, attach_type;
	const struct insn *insns;
	size_t n_insns;
};
int program_refused(const struct old_kernel *kernel, const struct program *program, struct refusal *refusal);

/* types_model.c: of BTF_LOAD's bytes. */
int types_refused(const struct old_kernel *kernel, const void *raw, size_t size, struct refusal *refusal);

/* command_model.c */
struct caller {
	/* Reads the caller's memory: 0 or -EFAULT. */
	int (*read)(const struct caller *caller, __u64 from, void *to, size_t size);
	/* Of a descriptor that is a map: its type and id, else -1. */
	int (*map_of)(const struct caller *caller, int fd, __u32 *id);
	/* Whether any program uses the map. */
	bool (*map_is_used)(const struct caller *caller, __u32 map_id);
	__u64 memory_limit; /* RLIMIT_MEMLOCK */
	bool is_admin;
	int pid;
};

union command_attr {
	union bpf_attr attr;
	unsigned char bytes[4096];
};

/*
 * 0 or -errno for what this kernel does not know. `attr` has `size` bytes, and zeroes behind. *info_max: for
 * OBJ_GET_INFO_BY_FD, as much as this kernel would fill.
 */
int command_refused(const struct old_kernel *kernel, const struct caller *caller, unsigned command,
		    const union command_attr *attr, size_t size, unsigned *info_max, struct refusal *refusal);

/*
 * netlink_model.c: changes a request of `size` bytes to what this kernel would have taken it for; whether anything was.
 */
bool netlink_as_understood(const struct old_kernel *kernel, unsigned char *request, size_t size);

#endif
