/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the guest share. It is the first process of a host that has nothing else: no shell, no libraries,
 * no file systems but those that are mounted here.
 */
#ifndef TESTS_VM_GUEST_H
#define TESTS_VM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* ---- init.c runs each test in a process of its own; a test prints TAP ---- */

struct test {
	const char *name;
	int (*run)(void); /* 0, or how many failed */
	unsigned seconds; /* after that it is killed */
};

/* The tests of single packets, with their mains by other names; the guest's own. */
int verdicts_test_main(void);
int wire_test_main(void);
int probe_tests(void);
int load_tests(void);
int mount_tests(void);
int attach_tests(void);     /* with what this kernel has */
int capability_tests(void); /* without CAP_SYS_ADMIN, where the kernel has CAP_BPF */
int fallback_tests(void);   /* each fallback by force */
int no_fallback_left(void); /* all of them at once */
int minimal_tests(void);    /* with parts of a host taken away */
int bare_tests(void);       /* on a kernel that was built without them */

/* "ok" or "not ok"; gives `passed`. */
bool ok(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));
int tests_end(void);

/* Tries until it is so, for this long. */
bool comes_true(bool (*is_so)(const void *), const void *context, unsigned ms);

/* ---- modules.c ---- */
void modules_load(void);

/* ---- command.c: bulkhead ---- */

struct ran {
	int status;      /* its exit status, -1: it did not exit */
	char out[32768]; /* both of its streams */
};
/* One command line, words with a blank between. */
const struct ran *bulkhead(const char *line);
/* The same, and it has to succeed. */
bool succeeds(const char *line);
/* Whether it is run with no more than CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON. */
extern bool few_capabilities;

struct follower {
	pid_t pid;
	int fd;
	size_t size;
	char seen[65536];
};
/* `bulkhead events -j` beside the test; whether an event with both texts comes within some seconds. */
bool events_follow(struct follower *follower);
bool event_comes(struct follower *follower, const char *one, const char *other);
void events_stop(struct follower *follower);

/* ---- left.c: what there is in the kernel that `down` has to take away, a line each ---- */
void list_all(char *room, size_t size);

/* ---- network.c ---- */

/*
 *   outside 192.0.2.2, 203.0.113.9  --up0-- this namespace --hweb-- container 10.77.1.2, fd77:1::2
 *           2001:db8:1::2
 *
 * The container has a process and a cgroup, /web. 0 or -errno.
 */
enum place { HOST, OUTSIDE, CONTAINER, PLACES_N };
int network_begin(void);
void network_end(void);
/* The same with a server in the container, at 10.77.1.2, ports 80 and 81; what fails is said. web_end ends the test. */
void web_begin(void);
int web_end(void);
pid_t network_process(void);
/* Leaves its cgroup. */
void network_process_to_root(void);

/* A socket made there: in its namespace and cgroup. */
int socket_at(enum place place, int family, int type);
/* Listens or is bound there; -errno. */
int serve_at(enum place place, const char *address, unsigned port, int type);
/* Connects by TCP: 0, or -errno, -ETIMEDOUT after `ms`. `from` NULL: any address. */
int connect_from(enum place place, const char *from, const char *to, unsigned port, unsigned ms);
/* Sends a DNS query for a name, to a server or to whichever port: 0 or -errno. */
int query_from(enum place place, const char *to, unsigned port, const char *name);
/* Whether a datagram comes. */
bool arrives(int fd, unsigned ms);

#endif
