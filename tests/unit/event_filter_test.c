/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/event_filter.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "loader/command.h"
#include "loader/event_print.h"

static struct error err;

/* Takes all the words; the status of the first that is refused. */
static int take(struct event_filter *filter, char **words)
{
	int status = 0;

	memset(&err, 0, sizeof(err));
	memset(filter, 0, sizeof(*filter));
	for (; !status && *words; words++)
		status = event_filter_take(filter, &words, &err);
	return status;
}

#define TAKE(filter, ...) take(filter, (char *[]) { __VA_ARGS__, NULL })

static struct fw_event event_of(__u8 layer, __u8 reason, const char *from, const char *to)
{
	struct fw_event event = { .layer = layer, .reason = reason };
	bool is_ipv6 = from && strchr(from, ':');

	if (!from)
		return event;
	event.family = is_ipv6 ? FW_IPV6 : FW_IPV4;
	assert_int_equal(inet_pton(is_ipv6 ? AF_INET6 : AF_INET, from, event.src_addr), 1);
	assert_int_equal(inet_pton(is_ipv6 ? AF_INET6 : AF_INET, to, event.dst_addr), 1);
	return event;
}

static bool passes(const struct event_filter *filter, __u8 layer, __u8 reason, const char *from, const char *to)
{
	struct fw_event event = event_of(layer, reason, from, to);

	return event_filter_matches(filter, &event, sizeof(event));
}

static void none_passes_all(void **state)
{
	struct event_filter filter = { 0 };

	(void)state;
	assert_true(passes(&filter, FW_LAYER_XDP, FW_REASON_BLOCKLIST, NULL, NULL));
	assert_true(passes(&filter, FW_LAYER_TC, FW_REASON_RULE, "10.0.0.1", "10.0.0.2"));
}

static void layers_and_reasons(void **state)
{
	struct event_filter filter;
	__u8 reason;

	(void)state;
	assert_int_equal(TAKE(&filter, "layer", "tc", "reason", "dns"), 0);
	assert_true(passes(&filter, FW_LAYER_TC, FW_REASON_DNS, "10.0.0.1", "10.0.0.2"));
	assert_false(passes(&filter, FW_LAYER_CGROUP, FW_REASON_DNS, "10.0.0.1", "10.0.0.2"));
	assert_false(passes(&filter, FW_LAYER_TC, FW_REASON_RULE, "10.0.0.1", "10.0.0.2"));
	for (reason = FW_REASON_NONE + 1; reason < FW_REASON_N; reason++) {
		assert_int_equal(TAKE(&filter, "reason", (char *)event_reason(reason)), 0);
		assert_int_equal(filter.reason, reason);
	}
}

static void addresses(void **state)
{
	struct event_filter filter;

	(void)state;
	assert_int_equal(TAKE(&filter, "from", "10.0.0.0/9", "to", "192.0.2.1"), 0);
	assert_true(passes(&filter, FW_LAYER_TC, FW_REASON_RULE, "10.127.255.255", "192.0.2.1"));
	assert_false(passes(&filter, FW_LAYER_TC, FW_REASON_RULE, "10.128.0.0", "192.0.2.1"));
	assert_false(passes(&filter, FW_LAYER_TC, FW_REASON_RULE, "10.0.0.1", "192.0.2.0"));
	assert_false(passes(&filter, FW_LAYER_TC, FW_REASON_RULE, "192.0.2.1", "10.0.0.1"));
	assert_false(passes(&filter, FW_LAYER_TC, FW_REASON_INVALID, NULL, NULL));
	assert_false(passes(&filter, FW_LAYER_TC, FW_REASON_RULE, "a00::1", "c000:201::"));
	assert_int_equal(TAKE(&filter, "to", "2001:db8::/33"), 0);
	assert_true(passes(&filter, FW_LAYER_TC, FW_REASON_RULE, "::1", "2001:db8:7fff::1"));
	assert_false(passes(&filter, FW_LAYER_TC, FW_REASON_RULE, "::1", "2001:db8:8000::1"));
	assert_int_equal(TAKE(&filter, "from", "0.0.0.0/0"), 0);
	assert_true(passes(&filter, FW_LAYER_TC, FW_REASON_RULE, "255.0.0.1", "10.0.0.1"));
	assert_false(passes(&filter, FW_LAYER_TC, FW_REASON_RULE, "::1", "::2"));
}

static void a_container_by_its_name(void **state)
{
	struct event_filter filter;

	(void)state;
	assert_int_equal(TAKE(&filter, "reason", "rule", "web"), 0);
	assert_string_equal(filter.container, "web");
	assert_int_equal(TAKE(&filter, "container", "layer", "layer", "xdp"), 0);
	assert_string_equal(filter.container, "layer");
	assert_int_equal(filter.layer, FW_LAYER_XDP);
}

static void expect_refusal(char **words, const char *says)
{
	struct event_filter filter;

	assert_int_equal(take(&filter, words), EXIT_USAGE);
	assert_non_null(strstr(err.text, says));
}

static void what_is_wrong_is_said(void **state)
{
	(void)state;
	expect_refusal((char *[]) { "layer", "udp", NULL }, "layer udp: there is none: give xdp, tc or cgroup");
	expect_refusal((char *[]) { "layer", NULL }, "is missing: write layer xdp, tc or cgroup");
	expect_refusal((char *[]) { "reason", "why", NULL },
		       "reason why: there is none: give one of blocklist, rate_limit");
	expect_refusal((char *[]) { "reason", "none", NULL }, "reason none: there is none");
	expect_refusal((char *[]) { "reason", "dns", "reason", "rule", NULL }, "reason: it is there twice");
	expect_refusal((char *[]) { "from", "10.0.0.1/8", NULL }, "10.0.0.0/8");
	expect_refusal((char *[]) { "to", "web", NULL }, "web");
	expect_refusal((char *[]) { "web", "db", NULL }, "\"db\" is one word too many");
	expect_refusal((char *[]) { "web", "container", "db", NULL }, "\"db\" is one word too many");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_passes_all),
		cmocka_unit_test(layers_and_reasons),
		cmocka_unit_test(addresses),
		cmocka_unit_test(a_container_by_its_name),
		cmocka_unit_test(what_is_wrong_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
