/* SPDX-License-Identifier: GPL-2.0 */
/* stats_print.c and stats_prometheus.c: the forms of the counters. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "loader/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "loader/policy_state.h"

static struct stats_row rows[2];
static const struct stats two = { rows, 2, 3000000000, 9 };
static const struct stats none = { rows, 0, 0, 0 };

static int setup(void **state)
{
	(void)state;
	memset(rows, 0, sizeof(rows));
	rows[0].total.dropped = 4;
	rows[0].total.drops[FW_REASON_BLOCKLIST] = 4;
	strcpy(rows[1].name, "web");
	rows[1].container = 1;
	rows[1].cgroup_id = 18446744073709551615ULL;
	rows[1].total = (struct pkt_stats) { 100, 20, 150000, 999, 15, 2, { 0 } };
	rows[1].total.drops[FW_REASON_DNS] = 2;
	rows[1].total.drops[FW_REASON_DEFAULT_DENY] = 13;
	return 0;
}

static char *text;
static size_t text_size;

static FILE *capture(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &text_size);
}

static void bytes(void **state)
{
	static const struct {
		__u64 bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },        { 999, "999 B" },    { 1000, "0.9 KiB" },        { 1024, "1.0 KiB" },
		{ 1536, "1.5 KiB" }, { 10240, "10 KiB" }, { 1023 * 1024, "0.9 MiB" }, { 1ULL << 40, "1.0 TiB" },
		{ ~0ULL, "15 EiB" },
	};
	char room[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(stats_bytes_text(cases[i].bytes, room), cases[i].text);
}

static void rates(void **state)
{
	(void)state;
	assert_int_equal(stats_rate(30, 10, 2000000000), 10);
	assert_int_equal(stats_rate(10, 30, 2000000000), 0);
	assert_int_equal(stats_rate(30, 10, 0), 0);
	assert_int_equal(stats_rate(11, 10, 2000000000), 1);
	assert_int_equal(stats_rate(1ULL << 63, 0, 1000000000) > 1ULL << 60, 1);
}

static void reasons(void **state)
{
	char room[STATS_REASONS_MAX];
	struct pkt_stats worst;

	(void)state;
	assert_string_equal(stats_reasons_text(&rows[1].total, room), "default_deny 13, dns 2");
	memset(&worst, 0, sizeof(worst));
	assert_string_equal(stats_reasons_text(&worst, room), "");
	memset(&worst, 0xff, sizeof(worst));
	assert_true(strlen(stats_reasons_text(&worst, room)) < STATS_REASONS_MAX - 1);
}

static void table(void **state)
{
	FILE *out = capture();

	(void)state;
	stats_print_text(out, &two);
	fclose(out);
	assert_string_equal(text,
			    "CONTAINER  RX PACKETS  RX BYTES  TX PACKETS  TX BYTES  DROPPED  BECAUSE\n"
			    "(uplinks)           0       0 B           0       0 B        4  blocklist 4\n"
			    "web               100   146 KiB          20     999 B       15  default_deny 13, dns 2\n");
}

static void table_with_rates(void **state)
{
	struct stats_row earlier = rows[1];
	struct stats before = { &earlier, 1, 1000000000, 0 };
	FILE *out = capture();

	(void)state;
	earlier.total.rx_packets = 40;
	stats_print_rates(out, &two, &before);
	fclose(out);
	assert_non_null(strstr(text, "DROPPED  RX/S  TX/S  DROPS/S  BECAUSE\n"));
	assert_non_null(strstr(text, "      4     -     -        -  blocklist 4\n"));
	assert_non_null(strstr(text, "     15    30     0        0  default_deny 13, dns 2\n"));
}

static void json(void **state)
{
	FILE *out = capture();

	(void)state;
	stats_print_json(out, &two);
	fclose(out);
	assert_non_null(strstr(text,
			       "{\"container\":\"web\",\"cgroup_id\":\"18446744073709551615\",\"rx_packets\":100,"
			       "\"tx_packets\":20,\"rx_bytes\":150000,\"tx_bytes\":999,\"dropped\":15,"
			       "\"rate_limited\":2,\"drops\":{\"blocklist\":0,\"rate_limit\":0,\"dns\":2,\"rule\":0,"
			       "\"default_deny\":13,"));
	out = capture();
	stats_print_json(out, &none);
	fclose(out);
	assert_string_equal(text, "[]\n");
}

static void prometheus(void **state)
{
	FILE *out = capture();

	(void)state;
	strcpy(rows[1].name, "a\"\\\xc3\xa9\xff\xed\xa0\x80");
	stats_print_prometheus(out, &two, NULL);
	fclose(out);
	assert_non_null(strstr(text, "# TYPE bulkhead_packets_total counter\n"
				     "bulkhead_packets_total{container=\"\",direction=\"rx\"} 0\n"));
	assert_non_null(strstr(text,
			       "bulkhead_bytes_total{container=\"a\\\"\\\\\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
			       "\xef\xbf\xbd\",direction=\"rx\"} 150000\n"));
	assert_non_null(strstr(text, "bulkhead_dropped_packets_total{container=\"\",reason=\"blocklist\"} 4\n"));
	assert_non_null(strstr(text, "\nbulkhead_events_lost_total 9\n"));
	assert_null(strstr(text, "policy"));
}

static void prometheus_of_a_policy(void **state)
{
	struct policy_state policy = { .watch = { .applied_s = 1700000000, .generation = 7, .wrong = 1 },
				       .watched = true };
	FILE *out = capture();

	(void)state;
	stats_print_prometheus(out, &none, &policy);
	policy.watch = (struct fw_watch) { .generation = 1 };
	stats_print_prometheus(out, &none, &policy);
	fclose(out);
	assert_non_null(strstr(text, "# TYPE bulkhead_policy_wrong gauge\nbulkhead_policy_wrong 1\n"));
	assert_non_null(strstr(text, "\nbulkhead_policy_watched 1\n"));
	assert_non_null(strstr(text, "\nbulkhead_policy_generation 7\n"));
	assert_non_null(strstr(text, "\nbulkhead_policy_applied_timestamp_seconds 1700000000\n"));
	assert_non_null(strstr(text, "\nbulkhead_policy_wrong 0\n"));
	assert_null(strstr(text, "seconds 0\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(bytes, setup),
		cmocka_unit_test_setup(rates, setup),
		cmocka_unit_test_setup(reasons, setup),
		cmocka_unit_test_setup(table, setup),
		cmocka_unit_test_setup(table_with_rates, setup),
		cmocka_unit_test_setup(json, setup),
		cmocka_unit_test_setup(prometheus, setup),
		cmocka_unit_test_setup(prometheus_of_a_policy, setup),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(text);
	return failed;
}
