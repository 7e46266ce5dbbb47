/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/port_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bpf/fw_abi.h"

#define PORTS 65536

/* What each port gets, said by the prefixes; a port in two of them ends the test. */
struct said {
	__u8 match[PORTS];
	__u32 rule[PORTS];
};

static void read_prefixes(const struct port_prefix *prefixes, size_t n, struct said *said)
{
	size_t i;
	__u32 port;

	memset(said, 0, sizeof(*said));
	for (i = 0; i < n; i++) {
		__u32 count = PORTS >> prefixes[i].length;

		assert_true(prefixes[i].length <= 16);
		assert_int_equal(prefixes[i].port % count, 0);
		for (port = prefixes[i].port; port < prefixes[i].port + count; port++) {
			assert_int_equal(said->match[port], 0);
			said->match[port] = prefixes[i].match;
			said->rule[port] = prefixes[i].rule;
		}
	}
}

static void check(const struct port_rule *rules, size_t n)
{
	static struct said said;
	struct port_prefix *prefixes;
	size_t n_prefixes, i;
	__u32 port;

	assert_int_equal(port_set_make(rules, n, &prefixes, &n_prefixes), 0);
	read_prefixes(prefixes, n_prefixes, &said);
	free(prefixes);
	for (port = 0; port < PORTS; port++) {
		__u8 wanted = 0;
		bool rule_says_so = false;

		for (i = 0; i < n; i++)
			if (port >= rules[i].low && port <= rules[i].high && rules[i].match > wanted)
				wanted = rules[i].match;
		for (i = 0; i < n; i++)
			rule_says_so |= port >= rules[i].low && port <= rules[i].high && rules[i].match == wanted &&
					rules[i].rule == said.rule[port];
		assert_int_equal(said.match[port], wanted);
		assert_true(!wanted || rule_says_so);
	}
}

static void edges_hold(void **state)
{
	const struct port_rule none[1] = { 0 }, all = { 0, 65535, FW_MATCH_ALLOW, 1 },
			       first = { 0, 0, FW_MATCH_ALLOW, 2 }, last = { 65535, 65535, FW_MATCH_DENY, 3 },
			       middle = { 1, 65534, FW_MATCH_DENY, 4 };
	const struct port_rule hole[] = { all, { 80, 80, FW_MATCH_DENY, 5 } }, twice[] = { all, all },
			       neighbours[] = { { 10, 19, FW_MATCH_ALLOW, 6 }, { 20, 29, FW_MATCH_ALLOW, 7 } };

	(void)state;
	check(none, 0);
	check(&all, 1);
	check(&first, 1);
	check(&last, 1);
	check(&middle, 1);
	check(hole, 2);
	check(twice, 2);
	check(neighbours, 2);
}

static void the_cover_is_small(void **state)
{
	const struct port_rule all = { 0, 65535, FW_MATCH_ALLOW, 1 }, worst = { 1, 65534, FW_MATCH_ALLOW, 1 };
	struct port_prefix *prefixes;
	size_t n;

	(void)state;
	assert_int_equal(port_set_make(&all, 1, &prefixes, &n), 0);
	assert_int_equal(n, 1);
	free(prefixes);
	assert_int_equal(port_set_make(&worst, 1, &prefixes, &n), 0);
	assert_int_equal(n, 30);
	free(prefixes);
}

static void any_rules_say_what_each_says_alone_deny_first(void **state)
{
	struct port_rule rules[8];
	unsigned round, i, n;

	(void)state;
	srand(7);
	for (round = 0; round < 300; round++) {
		n = (unsigned)rand() % 8 + 1;
		for (i = 0; i < n; i++) {
			__u16 low = (__u16)rand(), span = (__u16)(rand() >> rand() % 16);

			rules[i].low = low;
			rules[i].high = (__u16)(low + span < PORTS ? low + span : 65535);
			rules[i].match = rand() % 3 ? FW_MATCH_ALLOW : FW_MATCH_DENY;
			rules[i].rule = i + 1;
		}
		check(rules, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_hold),
		cmocka_unit_test(the_cover_is_small),
		cmocka_unit_test(any_rules_say_what_each_says_alone_deny_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
