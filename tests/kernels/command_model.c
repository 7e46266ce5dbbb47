/* SPDX-License-Identifier: GPL-2.0 */
/* What an old kernel answers to commands of bpf(2) and to attributes that it does not know: kernel/bpf/syscall.c. */
#include "tests/kernels/old_kernel.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel's own number for what is not supported, include/linux/errno.h. */
#define KERNEL_ENOTSUPP 524

struct command {
	const struct old_kernel *kernel;
	const struct caller *caller;
	const union command_attr *given;
	const union bpf_attr *attr;
	struct refusal *refusal;
};

static bool all_zero(const union command_attr *attr, size_t from, size_t to)
{
	for (; from < to; from++)
		if (attr->bytes[from])
			return false;
	return true;
}

/* bpf_obj_name_cpy */
static int name_refused(const struct command *command, const char *name)
{
	size_t i;

	for (i = 0; i < BPF_OBJ_NAME_LEN && name[i]; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' &&
		    (name[i] != '.' || !command->kernel->dotted_names))
			return refuse(command->refusal, -EINVAL, "name %.16s", name);
	return 0;
}

static __u64 round_up(__u64 n, __u64 to)
{
	return (n + to - 1) / to * to;
}

/* As *_map_alloc reckon, within some bytes for each entry; what other maps use up is not counted. */
static __u64 map_cost(const union bpf_attr *attr)
{
	__u64 cpus = (__u64)sysconf(_SC_NPROCESSORS_CONF), value = round_up(attr->value_size, 8), n = attr->max_entries;

	switch (attr->map_type) {
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return n * value * cpus;
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return n * (64 + round_up(attr->key_size, 8) + value * cpus);
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LPM_TRIE:
		return n * (64 + round_up(attr->key_size, 8) + value);
	case BPF_MAP_TYPE_CGROUP_STORAGE:
		return 0;
	case BPF_MAP_TYPE_RINGBUF:
		return n;
	default:
		return n * value;
	}
}

static int memory_refused(const struct command *command, __u64 bytes)
{
	__u64 page = (__u64)sysconf(_SC_PAGESIZE);

	if (command->kernel->locks_memory && round_up(bytes, page) > command->caller->memory_limit)
		return refuse(command->refusal, -EPERM, "%llu bytes are over RLIMIT_MEMLOCK",
			      (unsigned long long)bytes);
	return 0;
}

static bool needs_admin(__u32 map_type)
{
	return map_type == BPF_MAP_TYPE_LRU_HASH || map_type == BPF_MAP_TYPE_LRU_PERCPU_HASH ||
	       map_type == BPF_MAP_TYPE_LPM_TRIE;
}

static int admin_refused(const struct command *command, const char *what)
{
	if (command->kernel->needs_admin && !command->caller->is_admin)
		return refuse(command->refusal, -EPERM, "%s without CAP_SYS_ADMIN", what);
	return 0;
}

static int map_create_refused(const struct command *command)
{
	const struct old_kernel *kernel = command->kernel;
	const union bpf_attr *attr = command->attr;
	const struct map_row *row = attr->map_type < kernel->n_maps ? &kernel->maps[attr->map_type] : NULL;
	int code;

	if (!row || !row->name)
		return refuse(command->refusal, -EINVAL, "map type %u", attr->map_type);
	if (attr->map_flags & ~row->flags)
		return refuse(command->refusal, -EINVAL, "flags %#x of a %s", attr->map_flags & ~row->flags, row->name);
	code = needs_admin(attr->map_type) ? admin_refused(command, row->name) : 0;
	if (!code)
		code = name_refused(command, attr->map_name);
	if (!code && row->no_types && (attr->btf_key_type_id || attr->btf_value_type_id))
		code = refuse(command->refusal, -KERNEL_ENOTSUPP, "types of a %s", row->name);
	return code ? code : memory_refused(command, map_cost(attr) + 4096);
}

static struct insn *read_insns(const struct command *command, size_t n)
{
	struct bpf_insn *raw = malloc(n * sizeof(*raw) + 1);
	struct insn *insns = malloc(n * sizeof(*insns) + 1);
	size_t i;

	if (!raw || !insns || command->caller->read(command->caller, command->attr->insns, raw, n * sizeof(*raw))) {
		free(raw);
		free(insns);
		return NULL;
	}
	for (i = 0; i < n; i++)
		insns[i] = (struct insn) { raw[i].code, raw[i].dst_reg, raw[i].src_reg, raw[i].off, raw[i].imm };
	free(raw);
	return insns;
}

/* bpf_cgroup_storage_assign, before 5.9: a map belongs to one program while that lives, and a program has one. */
static int storage_refused(const struct command *command, const struct insn *insns, size_t n)
{
	__u32 own = 0, id;
	size_t i;

	if (command->kernel->shared_storage)
		return 0;
	for (i = 0; i + 1 < n; i++) {
		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (insns[i].src == BPF_PSEUDO_MAP_FD &&
		    command->caller->map_of(command->caller, insns[i].imm, &id) == BPF_MAP_TYPE_CGROUP_STORAGE) {
			if ((own && own != id) || command->caller->map_is_used(command->caller, id))
				return refuse(command->refusal, -EBUSY, "only one cgroup storage is allowed");
			own = id;
		}
		i++;
	}
	return 0;
}

static int log_refused(const struct command *command)
{
	const union bpf_attr *attr = command->attr;

	if (!attr->log_level && !attr->log_buf && !attr->log_size)
		return 0;
	if (attr->log_size < 128 || attr->log_size > command->kernel->log_max || !attr->log_level || !attr->log_buf)
		return refuse(command->refusal, -EINVAL, "a log of %u bytes, level %u", attr->log_size,
			      attr->log_level);
	return 0;
}

static int prog_load_refused(const struct command *command)
{
	const union bpf_attr *attr = command->attr;
	struct program program = { attr->prog_type, attr->expected_attach_type, NULL, attr->insn_cnt };
	struct insn *insns;
	int code;

	if (attr->prog_flags & ~command->kernel->program_flags)
		return refuse(command->refusal, -EINVAL, "flags %#x of a program", attr->prog_flags);
	if (!program.n_insns || program.n_insns > command->kernel->max_insns)
		return refuse(command->refusal, -E2BIG, "%zu instructions", program.n_insns);
	if (program.type != BPF_PROG_TYPE_SOCKET_FILTER && program.type != BPF_PROG_TYPE_CGROUP_SKB) {
		code = admin_refused(command, "PROG_LOAD");
		if (code)
			return code;
	}
	insns = read_insns(command, program.n_insns);
	if (!insns)
		return 0; /* the running kernel finds that out too */
	program.insns = insns;
	code = memory_refused(command, program.n_insns * sizeof(struct bpf_insn));
	if (!code)
		code = name_refused(command, attr->prog_name);
	if (!code)
		code = log_refused(command);
	if (!code)
		code = program_refused(command->kernel, &program, command->refusal);
	if (!code)
		code = storage_refused(command, insns, program.n_insns);
	free(insns);
	return code;
}

static int btf_load_refused(const struct command *command)
{
	size_t size = command->attr->btf_size;
	void *raw;
	int code = admin_refused(command, "BTF_LOAD");

	if (code || size > 16 << 20)
		return code;
	raw = malloc(size + 1);
	if (raw && !command->caller->read(command->caller, command->attr->btf, raw, size))
		code = types_refused(command->kernel, raw, size, command->refusal);
	free(raw);
	return code;
}

static int attach_type_refused(const struct command *command, __u32 type)
{
	if (type > (__u32)command->kernel->last_attach_type)
		return refuse(command->refusal, -EINVAL, "attach type %u", type);
	return 0;
}

static int prog_attach_refused(const struct command *command)
{
	if (command->attr->attach_flags & ~command->kernel->attach_flags)
		return refuse(command->refusal, -EINVAL, "flags %#x of attaching", command->attr->attach_flags);
	return attach_type_refused(command, command->attr->attach_type);
}

/* bpf_check_uarg_tail_zero: what the caller has room for beyond what is known must be zero. */
static int info_refused(const struct command *command, unsigned *info_max)
{
	const union bpf_attr *attr = command->attr;
	unsigned char tail[1024];
	__u32 id, known = command->kernel->prog_info;
	size_t i, n;

	if (command->caller->map_of(command->caller, (int)attr->info.bpf_fd, &id) >= 0)
		known = command->kernel->map_info;
	*info_max = known;
	if (attr->info.info_len <= known)
		return 0;
	n = attr->info.info_len - known;
	n = n < sizeof(tail) ? n : sizeof(tail);
	if (command->caller->read(command->caller, attr->info.info + known, tail, n))
		return 0;
	for (i = 0; i < n; i++)
		if (tail[i])
			return refuse(command->refusal, -E2BIG, "information of %u bytes", attr->info.info_len);
	return 0;
}

static int known_refused(const struct command *command, unsigned number, unsigned *info_max)
{
	switch (number) {
	case BPF_MAP_CREATE:
		return map_create_refused(command);
	case BPF_PROG_LOAD:
		return prog_load_refused(command);
	case BPF_BTF_LOAD:
		return btf_load_refused(command);
	case BPF_PROG_ATTACH:
		return prog_attach_refused(command);
	case BPF_PROG_DETACH:
		return attach_type_refused(command, command->attr->attach_type);
	case BPF_PROG_QUERY:
		return attach_type_refused(command, command->attr->query.attach_type);
	case BPF_LINK_CREATE:
		return attach_type_refused(command, command->attr->link_create.attach_type);
	case BPF_OBJ_GET_INFO_BY_FD:
		return info_refused(command, info_max);
	case BPF_PROG_TEST_RUN:
	case BPF_PROG_GET_NEXT_ID:
	case BPF_MAP_GET_NEXT_ID:
	case BPF_PROG_GET_FD_BY_ID:
	case BPF_MAP_GET_FD_BY_ID:
	case BPF_BTF_GET_FD_BY_ID:
		return admin_refused(command, command->kernel->commands[number].name);
	default:
		return 0;
	}
}

int command_refused(const struct old_kernel *kernel, const struct caller *caller, unsigned command,
		    const union command_attr *attr, size_t size, unsigned *info_max, struct refusal *refusal)
{
	struct command given = { kernel, caller, attr, &attr->attr, refusal };
	const struct command_row *row = command < kernel->n_commands ? &kernel->commands[command] : NULL;

	*info_max = 0;
	if (size > kernel->attr_size && !all_zero(attr, kernel->attr_size, size))
		return refuse(refusal, -E2BIG, "attributes of %zu bytes", size);
	if (!row || !row->length)
		return refuse(refusal, -EINVAL, "command %u", command);
	if (!all_zero(attr, row->length, kernel->attr_size))
		return refuse(refusal, -EINVAL, "%s with attributes behind byte %u", row->name, row->length);
	return known_refused(&given, command, info_max);
}
