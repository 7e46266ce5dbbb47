/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random rules, judged by the loaded programs and, one rule after the other, by the few lines here that say what they
 * mean.
 */
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
#define RULES_MAX 20
#define PACKETS 150

struct rule {
	bool out, deny;
	int family; /* 4, 6; 0: any address */
	__u8 addr[16];
	unsigned length;
	const char *proto;
	unsigned low, high; /* 0: no ports */
	char words[128];    /* behind "allow box" */
};

static void random_rule(struct rule *rule)
{
	static const char *const protos[] = { "tcp", "udp", "icmp", "any", "132", "6" };
	char address[INET6_ADDRSTRLEN], ports[32] = "", prefix[80] = "";

	memset(rule, 0, sizeof(*rule));
	rule->out = below(2);
	rule->deny = !below(3);
	rule->proto = protos[below(6)];
	rule->family = below(5) ? (below(2) ? 4 : 6) : 0;
	if (rule->family) {
		trial_address(rule->family, rule->addr);
		rule->length = below(rule->family == 4 ? 33 : 129);
		trial_mask(rule->addr, rule->length);
		inet_ntop(rule->family == 4 ? AF_INET : AF_INET6, rule->addr, address, sizeof(address));
		snprintf(prefix, sizeof(prefix), " %s %s/%u", rule->out ? "to" : "from", address, rule->length);
	}
	if (below(3) && (*rule->proto == 't' || *rule->proto == 'u')) {
		rule->low = below(20) + 1;
		rule->high = rule->low + below(20);
		snprintf(ports, sizeof(ports), " port %u-%u", rule->low, rule->high);
	}
	snprintf(rule->words, sizeof(rule->words), "%s %s%s%s", rule->out ? "out" : "in", rule->proto, prefix, ports);
}

/* ---- what the rules mean ---- */

static bool names_proto(const struct rule *rule, const struct trial *trial)
{
	if (!strcmp(rule->proto, "any"))
		return true;
	if (!strcmp(rule->proto, "icmp"))
		return trial->proto == ICMP;
	if (!strcmp(rule->proto, "tcp"))
		return trial->proto == TCP;
	if (!strcmp(rule->proto, "udp"))
		return trial->proto == UDP;
	return trial->proto == atoi(rule->proto);
}

static bool holds(const struct rule *rule, const struct trial *trial)
{
	__u8 addr[16];

	memcpy(addr, trial->addr, sizeof(addr));
	trial_mask(addr, rule->length);
	if (rule->out != trial->out || !names_proto(rule, trial))
		return false;
	if (rule->family && (rule->family != trial->family || memcmp(addr, rule->addr, sizeof(addr))))
		return false;
	return !rule->low || (trial->port >= rule->low && trial->port <= rule->high);
}

static enum fw_reason judged(const struct rule *rules, unsigned n, const struct trial *trial)
{
	enum fw_reason reason = FW_REASON_DEFAULT_DENY;
	unsigned i;

	for (i = 0; i < n; i++) {
		if (!holds(&rules[i], trial))
			continue;
		if (rules[i].deny)
			return FW_REASON_RULE;
		reason = FW_REASON_NONE;
	}
	return reason;
}

/* ---- packets ---- */

static void random_trial(struct trial *trial)
{
	static const __u8 protos[] = { TCP, TCP, UDP, UDP, ICMP, SCTP };

	trial->out = below(2);
	trial->family = below(2) ? 4 : 6;
	trial->proto = protos[below(6)];
	trial->port = below(42) + 1;
	trial_address(trial->family, trial->addr);
}

static void expect(const struct trial *trial, struct run *run, enum fw_reason expected, const char *after)
{
	struct outcome outcome;
	char address[INET6_ADDRSTRLEN];

	world_forget();
	outcome = world_run(run);
	if (!outcome.error && outcome.reason == expected)
		return;
	inet_ntop(trial->family == 4 ? AF_INET : AF_INET6, trial->addr, address, sizeof(address));
	fail_msg("%s: %s, %s, protocol %u port %u: reason %d and not %d, error %d; the last command: %s",
		 program_title(run->program), trial->out ? "out" : "in", address, trial->proto, trial->port,
		 outcome.reason, expected, outcome.error, after);
}

static void send_packets(const struct rule *rules, unsigned n, unsigned count, const char *after)
{
	static __u8 frame[FRAME_MAX];
	struct run run = { .box = BOX, .frame = frame };
	enum fw_reason expected;
	struct trial trial;

	while (count--) {
		random_trial(&trial);
		/* Half of the packets to where a rule points. */
		if (n && below(2)) {
			const struct rule *rule = &rules[below(n)];

			if (rule->family) {
				trial.family = rule->family;
				memcpy(trial.addr, rule->addr, sizeof(trial.addr));
			}
			trial.out = rule->out;
		}
		if (trial.addr[0] != 10 && trial.addr[0] != 0xfd)
			trial.addr[0] = trial.family == 4 ? 10 : 0xfd;
		run.size = trial_build(&trial, frame);
		expected = judged(rules, n, &trial);
		run.program = trial.out ? TC_INGRESS : TC_EGRESS;
		expect(&trial, &run, expected, after);
		if (trial.out) {
			run.program = CGROUP_EGRESS;
			expect(&trial, &run, expected == FW_REASON_DEFAULT_DENY ? FW_REASON_EGRESS : expected, after);
		}
	}
}

static void command(const char *verb, const char *words, char line[200])
{
	snprintf(line, 200, "%s box %s", verb, words);
	assert_int_equal(world_command(line, BOX, 4), 0);
}

static bool is_there(const struct rule *rules, unsigned n, const char *words)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (!strcmp(rules[i].words, words))
			return true;
	return false;
}

static void rules_mean_what_they_say(void **state)
{
	static const char *const before[] = {
		"in tcp port 80",
		"out tcp to 10.0.0.0/8 port 443",
		"out tcp to fd00:10::/32 port 443",
		"out icmp to 10.0.0.0/8",
		"out icmp to fd00:10::/32",
		"out udp to 192.168.7.53 port 53",
		"out tcp to 192.168.7.53 port 53",
		"out udp to fd00:7::53 port 53",
		"out tcp to fd00:7::53 port 53",
	};
	struct rule rules[RULES_MAX];
	unsigned round, n, i;
	char line[200];

	(void)state;
	for (i = 0; i < sizeof(before) / sizeof(*before); i++)
		command("revoke", before[i], line);
	srand(11);
	for (round = 0; round < ROUNDS; round++) {
		unsigned wanted = 1 + below(RULES_MAX);

		for (n = 0; n < wanted;) {
			random_rule(&rules[n]);
			if (is_there(rules, n, rules[n].words))
				continue;
			command(rules[n].deny ? "deny" : "allow", rules[n].words, line);
			n++;
		}
		assert_int_equal(world_renew(), 0);
		send_packets(rules, n, PACKETS, line);
		while (n) {
			i = below(n);
			command("revoke", rules[i].words, line);
			rules[i] = rules[--n];
			if (!(n % 4))
				send_packets(rules, n, PACKETS / 4, line);
		}
	}
}

static void set_rule(struct rule *rule, unsigned port)
{
	memset(rule, 0, sizeof(*rule));
	rule->proto = "tcp";
	rule->low = rule->high = port;
	snprintf(rule->words, sizeof(rule->words), "in tcp port %u", port);
}

/* A rule that is gone from the list is gone from the tables, also where nothing can be written beside what is there. */
static void a_rule_is_revoked_from_full_tables(void **state)
{
	struct rule rules[2];
	char line[200];

	(void)state;
	set_rule(&rules[0], 20);
	set_rule(&rules[1], 21);
	command("allow", rules[0].words, line);
	command("allow", rules[1].words, line);
	assert_int_equal(world_renew(), 0);
	assert_int_equal(world_fill_ports(), 0);
	assert_int_equal(world_command("allow box in tcp port 22", BOX, 4), -1);
	send_packets(rules, 2, PACKETS, "allow, which has no room");
	command("revoke", rules[1].words, line);
	send_packets(rules, 1, PACKETS, line);
	command("revoke", rules[0].words, line);
	send_packets(rules, 0, PACKETS, line);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_mean_what_they_say),
		cmocka_unit_test(a_rule_is_revoked_from_full_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return world_main("random rules", NULL, run);
}
