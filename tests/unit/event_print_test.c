/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "loader/event_print.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

/* 2025-11-23 10:50:01.123456789 UTC */
#define WALL_NS (1763895001LL * 1000000000 + 123456789)

static struct fw_event tcp_drop(void)
{
	struct fw_event event = {
		.timestamp_ns = 12345678901234,
		.cgroup_id = 18446744073709551615ULL,
		.container = 1,
		.ifindex = 7,
		.len = 60,
		.rule = 3,
		.src_addr = { 10, 1, 0, 2 },
		.dst_addr = { 1, 1, 1, 1 },
		.src_port_be = htons(40000),
		.dst_port_be = htons(443),
		.family = FW_IPV4,
		.proto = IPPROTO_TCP,
		.layer = FW_LAYER_TC,
		.action = FW_DROP,
		.reason = FW_REASON_RULE,
		.direction = FW_OUT,
	};

	return event;
}

static bool colour;

static char *printed(const struct fw_event *event, const char *container, const char *ifname, bool json)
{
	struct event_view view = { event, container, ifname, WALL_NS };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	setenv("TZ", "UTC", 1);
	tzset();
	if (json)
		event_print_json(out, &view);
	else
		event_print_text(out, &view, colour);
	fclose(out);
	return text;
}

static void expect(const struct fw_event *event, const char *container, const char *ifname, bool json,
		   const char *wanted)
{
	char *text = printed(event, container, ifname, json);

	assert_string_equal(text, wanted);
	free(text);
}

static void text_of_a_tcp_drop(void **state)
{
	struct fw_event event = tcp_drop();

	(void)state;
	expect(&event, "web", "veth0", false,
	       "10:50:01.123  web               tc      drop rule          tcp    10.1.0.2:40000 -> 1.1.1.1:443"
	       "  60 bytes  veth0\n");
}

static void text_of_the_uplink_and_of_ipv6(void **state)
{
	struct fw_event event = tcp_drop();

	(void)state;
	event.family = FW_IPV6;
	inet_pton(AF_INET6, "2001:db8::1", event.src_addr);
	inet_pton(AF_INET6, "::ffff:8.8.8.8", event.dst_addr);
	event.proto = IPPROTO_UDP;
	event.layer = FW_LAYER_XDP;
	event.reason = FW_REASON_BLOCKLIST;
	expect(&event, "", "", false,
	       "10:50:01.123  (uplinks)         xdp     drop blocklist     udp    [2001:db8::1]:40000 -> "
	       "[::ffff:8.8.8.8]:443  60 bytes  if 7\n");
}

static void text_without_ports_or_addresses(void **state)
{
	struct fw_event event = tcp_drop();

	(void)state;
	event.proto = IPPROTO_ICMP;
	expect(&event, "web", "veth0", false,
	       "10:50:01.123  web               tc      drop rule          icmp   10.1.0.2 -> 1.1.1.1  60 bytes  "
	       "veth0\n");
	event.proto = 132;
	expect(&event, "web", "veth0", false,
	       "10:50:01.123  web               tc      drop rule          132    10.1.0.2 -> 1.1.1.1  60 bytes  "
	       "veth0\n");
	event.family = 0;
	expect(&event, "web", "veth0", false,
	       "10:50:01.123  web               tc      drop rule          not IP  60 bytes  veth0\n");
}

static void json_has_the_promised_keys(void **state)
{
	struct fw_event event = tcp_drop();

	(void)state;
	expect(&event, "we\"b", "veth0", true,
	       "{\"timestamp_ns\":12345678901234,\"time\":\"2025-11-23T10:50:01.123456789Z\",\"layer\":\"tc\","
	       "\"container\":\"we\\\"b\",\"cgroup_id\":\"18446744073709551615\",\"src_ip\":\"10.1.0.2\","
	       "\"dst_ip\":\"1.1.1.1\",\"src_port\":40000,\"dst_port\":443,\"proto\":6,\"action\":\"drop\","
	       "\"reason\":\"rule\",\"direction\":\"out\",\"rule\":3,\"ifindex\":7,\"ifname\":\"veth0\",\"len\":60}\n");
}

static void a_dns_drop_names_its_domain(void **state)
{
	struct fw_event event = tcp_drop();
	char *text;

	(void)state;
	memcpy(event.domain, "\003www\007eXample\003com", 17);
	event.domain_length = 17;
	text = printed(&event, "web", "", true);
	assert_non_null(strstr(text, "\"len\":60,\"domain\":\"www.example.com\"}\n"));
	free(text);
	text = printed(&event, "web", "", false);
	assert_non_null(strstr(text, "1.1.1.1:443  www.example.com  60 bytes"));
	free(text);
}

static void a_refused_connect_has_no_packet(void **state)
{
	struct fw_event event = tcp_drop();
	char *text;

	(void)state;
	event.layer = FW_LAYER_CGROUP;
	event.reason = FW_REASON_EGRESS;
	event.len = event.ifindex = event.src_port_be = 0;
	memset(event.src_addr, 0, sizeof(event.src_addr));
	text = printed(&event, "web", "", false);
	assert_non_null(strstr(text, "cgroup  drop egress        tcp    -> "));
	assert_non_null(strstr(text, ":443  at connect\n"));
	free(text);
}

static void losses(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	event_print_lost_json(out, 12);
	event_print_lost_text(out, 12, false);
	event_print_lost_text(out, 1, true);
	fclose(out);
	assert_string_equal(text, "{\"lost\":12}\n... 12 events lost\n\033[31m... 1 event lost\033[m\n");
	free(text);
}

static void domains(void **state)
{
	static const struct {
		const char *wire;
		size_t length;
		const char *text;
	} rows[] = {
		{ "\003com", 5, "com" },
		{ "\001a\002bc\000", 6, "a.bc" },
		{ "", 1, "." },
		{ "\003a.b", 5, "a\\046b" },
		{ "\003a\n\377", 5, "a\\010\\255" },
		{ "\003com", 4, "com..." },         /* no root at its end */
		{ "\005com", 5, "..." },            /* a label beyond it */
		{ "\003com\300\014", 6, "com..." }, /* a pointer */
		{ "", 0, "..." },
	};
	char room[EVENT_DOMAIN_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		event_domain_text((const __u8 *)rows[i].wire, rows[i].length, room);
		assert_string_equal(room, rows[i].text);
	}
}

static void the_longest_domain_fits(void **state)
{
	__u8 wire[FW_DOMAIN_MAX + 1] = { 0 };
	char room[EVENT_DOMAIN_TEXT_MAX];
	unsigned at;

	(void)state;
	for (at = 0; at < 252; at += 63)
		wire[at] = 62;
	event_domain_text(wire, sizeof(wire), room);
	assert_int_equal(strlen(room), 4 * 62 * 4 + 3);
	memset(wire, 1, sizeof(wire));
	event_domain_text(wire, sizeof(wire), room);
	assert_string_equal(room + strlen(room) - 3, "...");
}

static void records_may_be_short_or_padded(void **state)
{
	struct fw_event event = tcp_drop(), read;
	unsigned char bytes[sizeof(event) + 8];

	(void)state;
	event.domain_length = 5;
	memcpy(event.domain, "\003com", 5);
	memset(bytes, 0xee, sizeof(bytes));
	memcpy(bytes, &event, sizeof(event));
	assert_int_equal(event_from_record(bytes, FW_EVENT_SHORT - 1, &read), -EINVAL);
	assert_int_equal(event_from_record(bytes, FW_EVENT_SHORT + 4, &read), 0);
	assert_int_equal(read.domain_length, 0);
	assert_int_equal(event_from_record(bytes, sizeof(bytes), &read), 0);
	assert_int_equal(read.domain_length, 5);
	assert_memory_equal(&read, &event, sizeof(event));
}

static void every_reason_and_layer_has_a_word(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < FW_REASON_N; i++)
		assert_non_null(event_reason((__u8)i));
	assert_string_equal(event_reason(FW_REASON_N), "unknown");
	assert_string_equal(event_layer(FW_LAYER_CGROUP), "cgroup");
	assert_string_equal(event_layer(0), "unknown");
}

/* Without its escape sequences a line in colour is the plain one. */
static void colours_change_no_word(void **state)
{
	struct fw_event event = tcp_drop();
	char *plain, *inked, *from, *to;

	(void)state;
	event.domain_length = 5;
	memcpy(event.domain, "\003com", 5);
	plain = printed(&event, "web", "veth0", false);
	colour = true;
	inked = printed(&event, "web", "veth0", false);
	colour = false;
	assert_non_null(strstr(inked, "\033[31mdrop \033[m\033[33mrule        \033[m"));
	for (from = to = inked; *from; from++) {
		if (*from == '\033')
			from = strchr(from, 'm');
		else
			*to++ = *from;
	}
	*to = '\0';
	assert_string_equal(inked, plain);
	free(plain);
	free(inked);
}

static void a_device_cannot_speak_to_the_terminal(void **state)
{
	struct fw_event event = tcp_drop();
	char *text = printed(&event, "web", "e\033[2Jh", false);

	(void)state;
	assert_non_null(strstr(text, "  60 bytes  e\\x1b[2Jh\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_a_tcp_drop),
		cmocka_unit_test(text_of_the_uplink_and_of_ipv6),
		cmocka_unit_test(text_without_ports_or_addresses),
		cmocka_unit_test(json_has_the_promised_keys),
		cmocka_unit_test(a_dns_drop_names_its_domain),
		cmocka_unit_test(a_refused_connect_has_no_packet),
		cmocka_unit_test(losses),
		cmocka_unit_test(colours_change_no_word),
		cmocka_unit_test(a_device_cannot_speak_to_the_terminal),
		cmocka_unit_test(domains),
		cmocka_unit_test(the_longest_domain_fits),
		cmocka_unit_test(records_may_be_short_or_padded),
		cmocka_unit_test(every_reason_and_layer_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
