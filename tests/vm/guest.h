/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the guest share. It is the first process of a host that has nothing else: no shell, no libraries, no
 * file systems but those that are mounted here.
 */
#ifndef TESTS_VM_GUEST_H
#define TESTS_VM_GUEST_H

#include <stdbool.h>
#include <stddef.h>

/* ---- a test prints TAP; init runs each in a process of its own ---- */

struct test {
	const char *name;
	int (*run)(void); /* 0, or how many failed */
	unsigned seconds; /* after that it is killed */
};
extern const struct test probe_tests, attach_tests;

/* "ok" or "not ok"; gives `passed`. */
bool ok(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));
int tests_end(void);

/* The tests of single packets, with their mains by other names. */
int verdicts_test_main(void);
int wire_test_main(void);

/* ---- modules.c ---- */
void modules_load(void);

#endif
