/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a loaded program takes for one packet, by BPF_PROG_TEST_RUN:
 *
 *   test_run [-c CONTEXT] [-r REPEAT] [-n ROUNDS] [-p PAUSE] [-s AT,BASE,COUNT] PROGRAM FRAME
 *
 * PROGRAM is the path of a pin, id:N, empty:xdp or empty:tc; FRAME and CONTEXT are files. Prints a line for each round:
 * nanoseconds of processor time a run, and the verdict of the last run. With -s each run has a random word at byte AT,
 * from BASE to BASE + COUNT - 1; what that takes is in the figure. PAUSE is between rounds, in microseconds.
 */
#include "tests/bench/tool.h"
#include "syscalls/bpf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void read_shake(char *word, struct shake *shake)
{
	char *base = strchr(word, ','), *count = base ? strchr(base + 1, ',') : NULL;

	if (!count)
		fail(word, 0);
	*base++ = *count++ = 0;
	shake->at = number(word, 0, 2000);
	shake->base = number(base, 0, ~0U);
	shake->count = number(count, 1, 1U << 30);
}

int main(int argc, char **argv)
{
	static struct bytes frame, context;
	__u32 repeat = 1000000, rounds = 1, pause_us = 0;
	struct shake shake = { 0 };
	int option, program;

	while ((option = getopt(argc, argv, "c:r:n:p:s:")) != -1) {
		if (option == 'c')
			read_bytes(optarg, &context);
		else if (option == 'r')
			repeat = number(optarg, 1, 1U << 30);
		else if (option == 'n')
			rounds = number(optarg, 1, 1U << 20);
		else if (option == 'p')
			pause_us = number(optarg, 0, 1U << 20);
		else if (option == 's')
			read_shake(optarg, &shake);
		else
			return 2;
	}
	if (argc - optind != 2)
		fail("test_run [-c CONTEXT] [-r REPEAT] [-n ROUNDS] [-p PAUSE] [-s AT,BASE,COUNT] PROGRAM FRAME", 0);
	program = open_program(argv[optind]);
	read_bytes(argv[optind + 1], &frame);
	if (shake.count)
		program = load_shaker(program, &shake);
	while (rounds--) {
		struct bpf_test_run_args args = {
			.data_in = frame.data,
			.data_in_size = frame.size,
			.ctx_in = context.size ? context.data : NULL,
			.ctx_in_size = context.size,
			.repeat = repeat,
		};
		__u64 start = used_ns();
		int error = sys_bpf_prog_test_run(program, &args);

		if (error)
			fail("BPF_PROG_TEST_RUN", error);
		printf("%.2f %d\n", (double)(used_ns() - start) / repeat, (int)args.retval);
		if (rounds && pause_us)
			usleep(pause_us);
	}
	return 0;
}
