/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs a command on an old kernel's answers: shim KERNEL COMMAND... Its bpf(2), its netlink requests and whatever
 * system call is newer are looked at first; what the old kernel did not know gets the old kernel's answer, and the rest
 * goes on to the running kernel. The command is static, so no library can be put before it; seccomp's user notification
 * (Linux 5.9 and newer) stops nothing but the few calls in question, and is there without a debugger's rights.
 *
 * The command keeps this process's number, descriptors and end. A second process answers for the kernel, and ends with
 * it. The four calls for single map entries are not stopped: the unit tests see what they send.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernels/old_kernel.h"

#define CANNOT 125
#define AFTER_COMMAND_US 200000
#define LISTENER 3
#define LOG 4
#define CAPABILITY_ADMIN 21

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define ARCHITECTURE AUDIT_ARCH_S390X
#elif defined(__arm__)
#define ARCHITECTURE AUDIT_ARCH_ARM
#endif

static int fail(const char *what)
{
	fprintf(stderr, "shim: %s: %s\n", what, strerror(errno));
	return CANNOT;
}

/* ---- which calls are stopped ---- */

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF(test, value, then, otherwise) BPF_JUMP(BPF_JMP | (test) | BPF_K, value, then, otherwise)
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, what)

/* Numbers are the same everywhere from 424 on, where 5.1 began; below that x86_64's are known. */
static __u32 last_syscall(const struct old_kernel *kernel)
{
#if !defined(__x86_64__)
	if (kernel->last_syscall < 424)
		return 423;
#endif
	return (__u32)kernel->last_syscall;
}

static int listen_to_calls(const struct old_kernel *kernel)
{
	__u32 strict = kernel->strict_netlink ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | ENOPROTOOPT;
	__u32 memory = kernel->locks_memory ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW;
	struct sock_filter filter[] = {
		LOAD(arch),
		IF(BPF_JEQ, ARCHITECTURE, 1, 0),
		ANSWER(SECCOMP_RET_ALLOW),
		LOAD(nr),
		IF(BPF_JGT, last_syscall(kernel), 0, 1),
		ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
		IF(BPF_JEQ, __NR_bpf, 4, 0),
		IF(BPF_JEQ, __NR_sendto, 7, 0),
		IF(BPF_JEQ, __NR_setsockopt, 7, 0),
		IF(BPF_JEQ, __NR_prlimit64, 12, 0),
		ANSWER(SECCOMP_RET_ALLOW),
		/* bpf */
		LOAD(args[0]),
		IF(BPF_JEQ, BPF_MAP_CREATE, 2, 0),
		IF(BPF_JGT, BPF_MAP_GET_NEXT_KEY, 1, 0),
		ANSWER(SECCOMP_RET_ALLOW),
		/* bpf, sendto */
		ANSWER(SECCOMP_RET_USER_NOTIF),
		/* setsockopt */
		LOAD(args[1]),
		IF(BPF_JEQ, 270, 0, 2), /* SOL_NETLINK */
		LOAD(args[2]),
		IF(BPF_JEQ, NETLINK_GET_STRICT_CHK, 1, 0),
		ANSWER(SECCOMP_RET_ALLOW),
		ANSWER(strict),
		/* prlimit64 */
		LOAD(args[1]),
		IF(BPF_JEQ, RLIMIT_MEMLOCK, 1, 0),
		ANSWER(SECCOMP_RET_ALLOW),
		ANSWER(memory),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* ---- the process that answers ---- */

static int read_memory(const struct caller *caller, __u64 from, void *to, size_t size)
{
	struct iovec here = { to, size }, there = { (void *)(unsigned long)from, size };

	return process_vm_readv(caller->pid, &here, 1, &there, 1, 0) == (ssize_t)size ? 0 : -EFAULT;
}

static void write_memory(const struct caller *caller, __u64 to, const void *from, size_t size)
{
	struct iovec here = { (void *)from, size }, there = { (void *)(unsigned long)to, size };

	if (process_vm_writev(caller->pid, &here, 1, &there, 1, 0) != (ssize_t)size)
		return; /* it has gone, or the address is none: the running kernel will say so */
}

/* A number behind a name in a file of /proc, in that base; `otherwise` where there is none. */
static __u64 proc_number(const char *path, const char *name, int base, __u64 otherwise)
{
	FILE *file = fopen(path, "re");
	char line[256];
	__u64 number = otherwise;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			number = strtoull(line + strlen(name), NULL, base);
	if (file)
		fclose(file);
	return number;
}

static int map_of(const struct caller *caller, int fd, __u32 *id)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", caller->pid, fd);
	*id = (__u32)proc_number(path, "map_id:", 10, 0);
	return *id ? (int)proc_number(path, "map_type:", 10, 0) : -1;
}

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(__NR_bpf, command, attr, sizeof(*attr));
}

static bool prog_uses(int fd, __u32 map_id)
{
	__u32 ids[64], i;
	struct bpf_prog_info info = { .nr_map_ids = 64, .map_ids = (unsigned long)ids };
	union bpf_attr attr = { .info = { (__u32)fd, sizeof(info), (unsigned long)&info } };

	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
		return false;
	for (i = 0; i < info.nr_map_ids && i < 64; i++)
		if (ids[i] == map_id)
			return true;
	return false;
}

static bool map_is_used(const struct caller *caller, __u32 map_id)
{
	union bpf_attr next = { .start_id = 0 };
	bool used = false;

	(void)caller;
	while (!used && !bpf(BPF_PROG_GET_NEXT_ID, &next)) {
		union bpf_attr attr = { .prog_id = next.next_id };
		int fd = (int)bpf(BPF_PROG_GET_FD_BY_ID, &attr);

		next.start_id = next.next_id;
		if (fd < 0)
			continue;
		used = prog_uses(fd, map_id);
		close(fd);
	}
	return used;
}

/* RLIMIT_MEMLOCK of the command, as it was set everywhere before 5.16. */
static struct rlimit64 locked_memory = { 65536, 65536 };

static struct caller caller_of(int pid)
{
	struct caller caller = { read_memory, map_of, map_is_used, locked_memory.rlim_cur, true, pid };
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	caller.is_admin = proc_number(path, "CapEff:", 16, ~0ull) >> CAPABILITY_ADMIN & 1;
	return caller;
}

static void tell(const struct old_kernel *kernel, const struct refusal *refusal)
{
	dprintf(LOG, "%s: %d %s\n", kernel->name, -refusal->code, refusal->text);
}

/* Where the caller gave room for the verifier's log, the sentence goes there. */
static void write_log(const struct caller *caller, const union bpf_attr *attr, const struct refusal *refusal)
{
	char line[sizeof(refusal->text) + 2];
	int n = snprintf(line, sizeof(line), "%s\n", refusal->text);

	if (attr->log_buf && attr->log_level && attr->log_size > (__u32)n)
		write_memory(caller, attr->log_buf, line, (size_t)n + 1);
}

/* 0: let it go on; -errno. */
static int answer_bpf(const struct old_kernel *kernel, const struct seccomp_notif *call)
{
	struct caller caller = caller_of((int)call->pid);
	static union command_attr attr;
	struct refusal refusal = { 0 };
	__u64 address = call->data.args[1];
	size_t size = (__u32)call->data.args[2];
	unsigned info_max;
	int code;

	memset(&attr, 0, sizeof(attr));
	if (size > sizeof(attr) || read_memory(&caller, address, &attr, size))
		return 0;
	code = command_refused(kernel, &caller, (__u32)call->data.args[0], &attr, size, &info_max, &refusal);
	if (code) {
		tell(kernel, &refusal);
		if (call->data.args[0] == BPF_PROG_LOAD)
			write_log(&caller, &attr.attr, &refusal);
	} else if (info_max && attr.attr.info.info_len > info_max) {
		write_memory(&caller, address + offsetof(union bpf_attr, info.info_len), &info_max, sizeof(info_max));
	}
	return code;
}

/*
 * The limit is the shim's own, so that it means something where the running kernel does not count against it. Who is
 * the administrator may raise it. 1: done.
 */
static long answer_limit(const struct seccomp_notif *call)
{
	struct caller caller = caller_of((int)call->pid);
	struct rlimit64 old = locked_memory, new;

	if (call->data.args[2]) {
		if (read_memory(&caller, call->data.args[2], &new, sizeof(new)))
			return -EFAULT;
		if (new.rlim_cur > new.rlim_max)
			return -EINVAL;
		if (new.rlim_max > old.rlim_max && !caller.is_admin)
			return -EPERM;
		locked_memory = new;
	}
	if (call->data.args[3])
		write_memory(&caller, call->data.args[3], &old, sizeof(old));
	return 1;
}

static bool is_route_socket(int fd)
{
	int domain = -1, protocol = -1;
	socklen_t size = sizeof(int);

	return fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) && domain == AF_NETLINK &&
	       !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) && protocol == NETLINK_ROUTE;
}

/* The other process's socket, as a descriptor here. */
static int borrow(int pid, int fd)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0);
	int borrowed = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, fd, 0);

	if (process >= 0)
		close(process);
	return borrowed;
}

/*
 * A request that says another thing to the old kernel is sent from here, as that. 0: let it go on; else bytes or
 * -errno.
 */
static long answer_sendto(const struct old_kernel *kernel, const struct seccomp_notif *call)
{
	static unsigned char request[65536];
	struct caller caller = { .pid = (int)call->pid };
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	size_t size = call->data.args[2];
	long sent = 0;
	int fd;

	if (size > sizeof(request) || read_memory(&caller, call->data.args[1], request, size) ||
	    !netlink_as_understood(kernel, request, size))
		return 0;
	fd = borrow((int)call->pid, (int)call->data.args[0]);
	if (is_route_socket(fd)) {
		dprintf(LOG, "%s: netlink request %u as understood\n", kernel->name,
			((struct nlmsghdr *)request)->nlmsg_type);
		sent = sendto(fd, request, size, 0, (struct sockaddr *)&to, sizeof(to));
		sent = sent < 0 ? -errno : sent;
	}
	if (fd >= 0)
		close(fd);
	return sent;
}

static void answer(const struct old_kernel *kernel, const struct seccomp_notif *call)
{
	struct seccomp_notif_resp response = { .id = call->id };
	long result;

	if (call->data.nr == __NR_bpf)
		result = answer_bpf(kernel, call);
	else if (call->data.nr == __NR_sendto)
		result = answer_sendto(kernel, call);
	else
		result = answer_limit(call);
	if (!result)
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else if (result < 0)
		response.error = (int)result;
	else if (call->data.nr == __NR_sendto)
		response.val = result;
	ioctl(LISTENER, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static void answer_all(const struct old_kernel *kernel)
{
	static struct {
		struct seccomp_notif call;
		unsigned char room[256]; /* of a newer kernel */
	} notif;
	struct pollfd ready = { .fd = LISTENER, .events = POLLIN };

	while (poll(&ready, 1, -1) >= 0 || errno == EINTR) {
		if (ready.revents & (POLLHUP | POLLERR | POLLNVAL))
			break;
		if (!(ready.revents & POLLIN))
			continue;
		memset(&notif, 0, sizeof(notif));
		if (!ioctl(LISTENER, SECCOMP_IOCTL_NOTIF_RECV, &notif))
			answer(kernel, &notif.call);
	}
}

/* Nothing of the command's is kept open: who reads its output waits for the end of it. */
static int become_kernel(const struct old_kernel *kernel, int channel)
{
	const char *log = getenv("OLD_KERNEL_LOG");
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), log_fd, fd, listener;
	int command = getppid();

	channel = fcntl(channel, F_DUPFD, 64);
	if (read(channel, &fd, sizeof(fd)) != sizeof(fd))
		return CANNOT;
	listener = borrow(command, fd);
	log_fd = open(log ? log : "/dev/null", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (listener < 0 || log_fd < 0 || null < 0)
		return CANNOT;
	listener = fcntl(listener, F_DUPFD, 64);
	log_fd = fcntl(log_fd, F_DUPFD, 64);
	null = fcntl(null, F_DUPFD, 64);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	dup2(listener, LISTENER);
	dup2(log_fd, LOG);
	if (write(channel, "", 1) != 1)
		return CANNOT;
	syscall(SYS_close_range, LOG + 1, ~0u, 0);
	setsid();
	if (chdir("/"))
		return CANNOT;
	answer_all(kernel);
	/*
	 * From Linux 6.11 on the listener hangs up before the command has ended. Were this one to end first, whoever
	 * waits for the command would be told of both at once, which is one SIGCHLD: crun then waits until its hook's
	 * timeout.
	 */
	usleep(AFTER_COMMAND_US);
	return 0;
}

/* ---- the command ---- */

static int become_command(const struct old_kernel *kernel, int channel, char **words)
{
	char ready;
	int listener;

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 && geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail("no_new_privs");
	listener = listen_to_calls(kernel);
	if (listener < 0)
		return fail("seccomp");
	if (write(channel, &listener, sizeof(listener)) != sizeof(listener) || read(channel, &ready, 1) != 1)
		return fail("the answering process");
	close(listener);
	close(channel);
	execv(words[0], words);
	return fail(words[0]);
}

int main(int argc, char **argv)
{
	const struct old_kernel *kernel = argc > 2 ? old_kernel_named(argv[1]) : NULL;
	int channel[2];
	pid_t pid;

	if (!kernel) {
		fprintf(stderr, "usage: shim 4.19|5.10 COMMAND...\n");
		return CANNOT;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel))
		return fail("socketpair");
	pid = fork();
	if (pid < 0)
		return fail("fork");
	if (!pid) {
		close(channel[0]);
		_exit(become_kernel(kernel, channel[1]));
	}
	close(channel[1]);
	return become_command(kernel, channel[0], argv + 2);
}
