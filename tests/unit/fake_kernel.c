/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include "tests/unit/fake_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DESCRIPTORS 256
#define COMMANDS 64
#define MAPS_OF_A_PROGRAM 64

enum what { NOTHING, MAP, PROGRAM, OTHER };

static struct {
	const struct old_kernel *kernel;
	struct refusal refusal;
	struct asked asked[COMMANDS];
	struct {
		enum what what;
		int map_type;
		__u32 maps[MAPS_OF_A_PROGRAM];
		unsigned n_maps;
	} at[DESCRIPTORS];
} fake;

/* As it was set everywhere before 5.16. It belongs to the process, and so outlives a kernel. */
static struct rlimit locked_memory = { 65536, 65536 };

void fake_kernel_boot(const struct old_kernel *kernel)
{
	memset(&fake, 0, sizeof(fake));
	fake.kernel = kernel;
}

const char *fake_kernel_refusal(void)
{
	return fake.refusal.text;
}

const struct asked *fake_kernel_asked(unsigned command)
{
	return &fake.asked[command];
}

static bool is_open(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS && fcntl(fd, F_GETFD) >= 0;
}

static int read_own(const struct caller *caller, __u64 from, void *to, size_t size)
{
	(void)caller;
	memcpy(to, (const void *)(unsigned long)from, size);
	return 0;
}

/* A map's id is its descriptor's number: no test has it twice. */
static int map_of(const struct caller *caller, int fd, __u32 *id)
{
	(void)caller;
	*id = (__u32)fd + 1;
	return is_open(fd) && fake.at[fd].what == MAP ? fake.at[fd].map_type : -1;
}

static bool map_is_used(const struct caller *caller, __u32 map_id)
{
	unsigned fd, i;

	(void)caller;
	for (fd = 0; fd < DESCRIPTORS; fd++)
		for (i = 0; i < fake.at[fd].n_maps; i++)
			if (fake.at[fd].what == PROGRAM && fake.at[fd].maps[i] == map_id && is_open((int)fd))
				return true;
	return false;
}

static void note_maps(int fd, const union bpf_attr *attr)
{
	const struct bpf_insn *insns = (const void *)(unsigned long)attr->insns;
	__u32 i;

	for (i = 0; i < attr->insn_cnt; i++)
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) && insns[i].src_reg == BPF_PSEUDO_MAP_FD &&
		    fake.at[fd].n_maps < MAPS_OF_A_PROGRAM)
			fake.at[fd].maps[fake.at[fd].n_maps++] = (__u32)insns[i].imm + 1;
}

static long new_descriptor(enum what what, const union bpf_attr *attr)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0 || fd >= DESCRIPTORS) {
		errno = EMFILE;
		return -1;
	}
	memset(&fake.at[fd], 0, sizeof(fake.at[fd]));
	fake.at[fd].what = what;
	fake.at[fd].map_type = what == MAP ? (int)attr->map_type : 0;
	if (what == PROGRAM)
		note_maps(fd, attr);
	return fd;
}

static long needs_open(int fd, long result)
{
	if (is_open(fd))
		return result;
	errno = EBADF;
	return -1;
}

static long carry_out(unsigned command, const union bpf_attr *attr)
{
	switch (command) {
	case BPF_MAP_CREATE:
		return new_descriptor(MAP, attr);
	case BPF_PROG_LOAD:
		if (needs_open((int)attr->prog_btf_fd, 0))
			return -1;
		return new_descriptor(PROGRAM, attr);
	case BPF_BTF_LOAD:
	case BPF_OBJ_GET:
	case BPF_PROG_GET_FD_BY_ID:
	case BPF_MAP_GET_FD_BY_ID:
		return new_descriptor(OTHER, attr);
	case BPF_PROG_ATTACH:
		return needs_open((int)attr->target_fd, 0);
	case BPF_PROG_QUERY:
		return needs_open((int)attr->query.target_fd, 0);
	case BPF_PROG_TEST_RUN:
		return needs_open((int)attr->test.prog_fd, 0);
	case BPF_LINK_CREATE:
		return needs_open((int)attr->link_create.prog_fd, 0) || needs_open((int)attr->link_create.target_fd, 0)
			       ? -1
			       : new_descriptor(OTHER, attr);
	default:
		return 0;
	}
}

static void note_asked(unsigned command, const union command_attr *attr, size_t size)
{
	fake.asked[command].times++;
	while (size && !attr->bytes[size - 1])
		size--;
	if (fake.asked[command].bytes < size)
		fake.asked[command].bytes = (unsigned)size;
}

static long answer(unsigned command, const void *given, size_t size)
{
	struct caller caller = { read_own, map_of, map_is_used, locked_memory.rlim_cur, true, 0 };
	static union command_attr attr;
	unsigned info_max;
	int code;

	memset(&attr, 0, sizeof(attr));
	memcpy(&attr, given, size < sizeof(attr) ? size : sizeof(attr));
	code = command_refused(fake.kernel, &caller, command, &attr, size, &info_max, &fake.refusal);
	if (code) {
		errno = -code;
		return -1;
	}
	note_asked(command, &attr, size);
	return carry_out(command, &attr.attr);
}

/* In the C library's place; who checks addresses asks for other limits before that has begun. */
__attribute__((no_sanitize("address"))) int getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
	if (resource != RLIMIT_MEMLOCK)
		return prlimit(0, resource, NULL, limit);
	*limit = locked_memory;
	return 0;
}

/* It may be raised. */
__attribute__((no_sanitize("address"))) int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	if (resource != RLIMIT_MEMLOCK)
		return prlimit(0, resource, limit, NULL);
	locked_memory = *limit;
	return 0;
}

long syscall(long number, ...)
{
	va_list words;
	unsigned command;
	const void *attr;
	size_t size;

	va_start(words, number);
	command = va_arg(words, unsigned);
	attr = va_arg(words, const void *);
	size = va_arg(words, size_t);
	va_end(words);
	if (number == __NR_bpf && fake.kernel)
		return answer(command, attr, size);
	errno = ENOSYS;
	return -1;
}
