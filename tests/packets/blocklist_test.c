/* SPDX-License-Identifier: GPL-2.0 */
/* Random blocklists, judged by the loaded program and, one entry after the other, by what a prefix means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "tests/packets/trial.h"
#include "tests/packets/world.h"

#define ROUNDS 24
#define BLOCKED_MAX 40
#define PACKETS 200

struct blocked {
	int family;
	__u8 addr[16];
	unsigned length;
	char words[INET6_ADDRSTRLEN + 8];
};

static void random_blocked(struct blocked *blocked)
{
	char address[INET6_ADDRSTRLEN];
	unsigned bits;

	memset(blocked, 0, sizeof(*blocked));
	blocked->family = below(2) ? 4 : 6;
	bits = blocked->family == 4 ? 32 : 128;
	trial_address(blocked->family, blocked->addr);
	/* Most are addresses; the shortest would block the whole small world. */
	blocked->length = below(2) ? bits : 9 + below(bits - 8) + (blocked->family == 6 ? 30 : 0);
	blocked->length = blocked->length < bits ? blocked->length : bits;
	trial_mask(blocked->addr, blocked->length);
	inet_ntop(blocked->family == 4 ? AF_INET : AF_INET6, blocked->addr, address, sizeof(address));
	snprintf(blocked->words, sizeof(blocked->words), "%s/%u", address, blocked->length);
}

static bool is_blocked(const struct blocked *list, unsigned n, const struct trial *trial)
{
	__u8 addr[16];
	unsigned i;

	for (i = 0; i < n; i++) {
		memcpy(addr, trial->addr, sizeof(addr));
		trial_mask(addr, list[i].length);
		if (list[i].family == trial->family && !memcmp(addr, list[i].addr, sizeof(addr)))
			return true;
	}
	return false;
}

static void send_packets(const struct blocked *list, unsigned n, unsigned count)
{
	static __u8 frame[FRAME_MAX];
	struct run run = { .program = XDP_FIREWALL, .uplink = 1, .frame = frame };
	struct trial trial = { .proto = UDP, .port = 9 };

	while (count--) {
		enum fw_reason expected;
		struct outcome outcome;

		trial.family = below(2) ? 4 : 6;
		trial_address(trial.family, trial.addr);
		if (n && below(2)) {
			const struct blocked *near = &list[below(n)];

			trial.family = near->family;
			memcpy(trial.addr, near->addr, sizeof(trial.addr));
			trial.addr[below(trial.family == 4 ? 4 : 16)] ^= (__u8)(below(2) << below(8));
		}
		run.size = trial_build(&trial, frame);
		expected = is_blocked(list, n, &trial) ? FW_REASON_BLOCKLIST : FW_REASON_NONE;
		outcome = world_run(&run);
		if (trial.addr[0] == (trial.family == 4 ? 10 : 0xfd) && (outcome.error || outcome.reason != expected))
			fail_msg("IPv%d %02x%02x:%02x%02x:…: reason %d and not %d, error %d", trial.family,
				 trial.addr[0], trial.addr[1], trial.addr[2], trial.addr[3], outcome.reason, expected,
				 outcome.error);
	}
}

static void command(const char *verb, const char *words)
{
	char line[200];

	snprintf(line, sizeof(line), "%s %s", verb, words);
	assert_int_equal(world_command(line, BOX, 4), 0);
}

static bool is_there(const struct blocked *list, unsigned n, const char *words)
{
	while (n--)
		if (!strcmp(list[n].words, words))
			return true;
	return false;
}

static void blocked_is_what_was_named_and_nothing_else(void **state)
{
	struct blocked list[BLOCKED_MAX];
	unsigned round, n, i, wanted;

	(void)state;
	command("unblock", "203.0.113.0/24 2001:db8:bad::/48 192.0.2.66 2001:db8:66::66");
	srand(13);
	for (round = 0; round < ROUNDS; round++) {
		for (n = 0, wanted = 1 + below(BLOCKED_MAX); n < wanted;) {
			random_blocked(&list[n]);
			if (is_there(list, n, list[n].words))
				continue;
			command("block", list[n++].words);
		}
		assert_int_equal(world_renew(), 0);
		send_packets(list, n, PACKETS);
		while (n) {
			i = below(n);
			command("unblock", list[i].words);
			list[i] = list[--n];
			if (!(n % 8))
				send_packets(list, n, PACKETS / 4);
		}
	}
}

static int run(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(blocked_is_what_was_named_and_nothing_else) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return world_main("random blocklists", NULL, run);
}
