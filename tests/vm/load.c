/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs with all that they can be asked for are loaded; how many instructions the verifier walked for each,
 * where the kernel says so (5.16). That grows and shrinks with the kernel's age, and 1,000,000 is the end of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vm/guest.h"

#define NAME "\"name\":\""
#define VERIFIED "\"verified_instructions\":"

static void print_verified(const char *status)
{
	const char *at = status, *verified;

	while ((at = strstr(at, NAME))) {
		at += strlen(NAME);
		verified = strstr(at, VERIFIED);
		if (!verified)
			return;
		printf("# %.*s: %lu instructions verified\n", (int)strcspn(at, "\""), at,
		       strtoul(verified + strlen(VERIFIED), NULL, 10));
	}
}

int load_tests(void)
{
	succeeds("up");
	succeeds("block 203.0.113.0/24 2001:db8:bad::/48");
	succeeds("dns block example.com");
	print_verified(bulkhead("-j status")->out);
	succeeds("down");
	return tests_end();
}
