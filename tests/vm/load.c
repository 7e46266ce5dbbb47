/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs are loaded for each policy that they can be made for, and the verifier says how many instructions it
 * walked: that differs much between kernels, and at 1,000,000 it refuses (4.19: at 131,072). Half of that is ours. The
 * product's own code runs here, and its calls to load a program come by this file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "syscalls/bpf.h"
#include "tests/vm/guest.h"

#define WALKED_MAX 500000
#define LOG_STATISTICS 4
#define PROBE_INSNS 100 /* what is smaller asks for a feature */

static bool counting;

int __real_sys_bpf_prog_load(struct bpf_prog_load_args *args);
int __wrap_sys_bpf_prog_load(struct bpf_prog_load_args *args);

int __wrap_sys_bpf_prog_load(struct bpf_prog_load_args *args)
{
	static const char before[] = "processed ";
	static char log[65536];
	struct bpf_prog_load_args asked = *args;
	const char *at;
	int fd;

	if (!counting || args->log || args->n_insns <= PROBE_INSNS)
		return __real_sys_bpf_prog_load(args);
	asked.log = log;
	asked.log_size = sizeof(log);
	asked.log_level = LOG_STATISTICS;
	fd = __real_sys_bpf_prog_load(&asked);
	at = strstr(log, before);
	at = at ? at + strlen(before) : "0";
	ok(fd >= 0 && strtoul(at, NULL, 10) <= WALKED_MAX, "%s: %u instructions, %.*s walked", args->name,
	   args->n_insns, (int)strspn(at, "0123456789"), at);
	return fd;
}

static void command(const char *line)
{
	struct options options = { .quiet = true, .bpffs = "/sys/fs/bpf" };
	char copy[128], *words[8] = { NULL }, *place = NULL, *word;
	struct error err = { 0 };
	int n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok_r(copy, " ", &place); word && n < 7; word = strtok_r(NULL, " ", &place))
		words[n++] = word;
	if (!ok(command_find(words[0])->run(&options, n - 1, words + 1, &err) == EXIT_DONE, "%s", line))
		printf("# %s\n", err.text);
}

int load_tests(void)
{
	counting = true;
	command("up");
	command("block 203.0.113.0/24 192.0.2.66 2001:db8:bad::/48 2001:db8:66::66");
	command("dns block example.com");
	/* More than FW_LENGTHS_FEW. */
	command("allow web out tcp to 10.0.0.0/8");
	command("allow web out tcp to 10.16.0.0/12");
	command("allow web out tcp to 10.17.0.0/16");
	command("allow web out tcp to 10.18.0.0/20");
	command("allow web out tcp to 10.19.0.0/24");
	command("down");
	return tests_end();
}
