/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/statement.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "loader/json.h"

#define WORDS_MAX 16

/* As the shell would give them. */
static int parse(const char *line, struct fw_statement *out, struct error *err)
{
	char copy[256], *words[WORDS_MAX] = { NULL }, *rest = NULL;
	unsigned n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (words[n] = strtok_r(copy, " ", &rest); words[n]; words[n] = strtok_r(NULL, " ", &rest))
		assert_true(++n < WORDS_MAX);
	memset(err, 0, sizeof(*err));
	return statement_parse(words, out, err);
}

static void words_come_back_as_they_are_kept(void **state)
{
	static const struct {
		const char *given, *kept;
	} rows[] = {
		{ "in tcp", "in tcp" },
		{ "in tcp port 80", "in tcp port 80" },
		{ "in tcp from any port 80", "in tcp port 80" },
		{ "in tcp from 192.0.2.0/24 port 80-90", "in tcp from 192.0.2.0/24 port 80-90" },
		{ "in 6 from 192.0.2.1/32", "in tcp from 192.0.2.1" },
		{ "out udp to 2001:DB8::/32 port 53", "out udp to 2001:db8::/32 port 53" },
		{ "out any to 0.0.0.0/0", "out any to 0.0.0.0/0" },
		{ "out any to ::/0", "out any to ::/0" },
		{ "out icmp", "out icmp" },
		{ "out 132 to 10.0.0.0/8", "out 132 to 10.0.0.0/8" },
		{ "out tcp port 1-65535", "out tcp port 1-65535" },
		{ "in udp port 7-7", "in udp port 7" },
	};
	struct fw_statement statement, again;
	char room[STATEMENT_TEXT_MAX];
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (parse(rows[i].given, &statement, &err))
			fail_msg("%s: %s", rows[i].given, err.text);
		assert_string_equal(statement_text(&statement, room), rows[i].kept);
		assert_int_equal(parse(rows[i].kept, &again, &err), 0);
		assert_memory_equal(&statement, &again, sizeof(again));
		assert_int_equal(statement_compare(&statement, &again), 0);
	}
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *given, *said;
	} rows[] = {
		{ "", "direction is missing" },
		{ "inwards tcp", "inwards: no such direction" },
		{ "in", "protocol is missing" },
		{ "in tpc", "tpc" },
		{ "in 256", "256" },
		{ "in tcp to 10.0.0.1", "write from PREFIX" },
		{ "out tcp from 10.0.0.1", "write to PREFIX" },
		{ "in tcp from", "address is missing" },
		{ "in tcp from 1.2.3.4/33", "1.2.3.4/33" },
		{ "in tcp from 300.1.1.1", "300.1.1.1" },
		{ "in tcp from fe80::1%eth0", "fe80::1%eth0" },
		{ "in tcp port", "number is missing" },
		{ "in tcp port 0", "0" },
		{ "in tcp port 65536", "65536" },
		{ "in tcp port 70000-1", "70000-1" },
		{ "in tcp port 90-80", "90-80" },
		{ "in icmp port 80", "only tcp and udp have ports" },
		{ "in any port 80", "only tcp and udp have ports" },
		{ "in tcp port 80 port 81", "port: not understood here" },
		{ "in tcp port 80 from any", "from: not understood here" },
		{ "in tcp from any from any", "from: not understood here" },
	};
	struct fw_statement statement;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(parse(rows[i].given, &statement, &err), -EINVAL);
		if (!strstr(err.text, rows[i].said))
			fail_msg("%s: %s", rows[i].given, err.text);
	}
}

static void programs_get_the_parts(void **state)
{
	struct fw_statement statement;
	char *text = NULL;
	struct error err;
	struct json json;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	assert_int_equal(parse("out tcp to 192.0.2.0/24 port 80-90", &statement, &err), 0);
	statement.action = FW_DROP;
	json_begin(&json, out);
	json_object(&json);
	statement_json(&json, &statement);
	json_end_object(&json);
	assert_int_equal(json_finish(&json), 0);
	fclose(out);
	assert_string_equal(text,
			    "{\"action\":\"deny\",\"direction\":\"out\",\"proto\":\"tcp\",\"prefix\":\"192.0.2.0/24\","
			    "\"port\":\"80-90\"}\n");
	free(text);
}

static void the_order_is_total(void **state)
{
	static const char *const sorted[] = {
		"in icmp",
		"in tcp port 80",
		"in tcp from 10.0.0.0/8",
		"in tcp from 10.0.0.0/16",
		"in tcp from 10.1.0.0/16",
		"in tcp from 2001:db8::/32",
		"out tcp",
	};
	struct fw_statement a, b;
	struct error err;
	size_t i, k;

	(void)state;
	for (i = 1; i < sizeof(sorted) / sizeof(*sorted); i++)
		for (k = 1; k < sizeof(sorted) / sizeof(*sorted); k++) {
			assert_int_equal(parse(sorted[i], &a, &err), 0);
			assert_int_equal(parse(sorted[k], &b, &err), 0);
			assert_true((statement_compare(&a, &b) < 0) == (i < k));
			assert_true((statement_compare(&a, &b) > 0) == (i > k));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_come_back_as_they_are_kept),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(programs_get_the_parts),
		cmocka_unit_test(the_order_is_total),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
