/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/frame.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct view no_payload = { NULL, 0 };

static struct flow flow_of(__u8 family, __u8 proto)
{
	struct flow flow = { .family = family, .proto = proto, .src_port = 40000, .dst_port = 80, .seq = 7, .ack = 9 };

	inet_pton(family == FW_IPV4 ? AF_INET : AF_INET6, family == FW_IPV4 ? "198.51.100.7" : "2001:db8::7", flow.src);
	inet_pton(family == FW_IPV4 ? AF_INET : AF_INET6, family == FW_IPV4 ? "10.77.1.2" : "fd77:1::2", flow.dst);
	if (proto == FRAME_TCP)
		flow.tcp_flags = FRAME_SYN;
	else
		flow.seq = flow.ack = 0;
	if (proto != FRAME_TCP && proto != FRAME_UDP)
		flow.src_port = flow.dst_port = 0;
	if (proto == FRAME_ICMP || proto == FRAME_ICMPV6) {
		flow.src_port = flow.dst_port = 4711;
		flow.icmp_type = family == FW_IPV4 ? 8 : 128;
		flow.icmp_kind = family == FW_IPV4 ? 0 : 129;
	}
	return flow;
}

/* The sum over 16-bit words, of which a right checksum makes 0xffff (RFC 1071). */
static unsigned ones(unsigned sum, const __u8 *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		sum += i % 2 ? bytes[i] : bytes[i] * 256u;
	while (sum > 0xffff)
		sum = sum % 65536 + sum / 65536;
	return sum;
}

static void check_sums(const __u8 *frame, size_t size, __u8 family, __u8 proto)
{
	const __u8 *packet = frame + 14;
	size_t header = family == FW_IPV4 ? 20 : 40, rest = size - 14 - header;
	unsigned sum = ones(0, packet + header, rest);

	if (family == FW_IPV4) {
		assert_int_equal(ones(0, packet, 20), 0xffff);
		assert_int_equal(packet[2] * 256 + packet[3], size - 14);
	} else {
		assert_int_equal(packet[4] * 256 + packet[5], rest);
	}
	if (proto == FRAME_ICMP) {
		assert_int_equal(sum, 0xffff);
	} else if (proto == FRAME_TCP || proto == FRAME_UDP || proto == FRAME_ICMPV6) {
		sum = ones(sum, packet + (family == FW_IPV4 ? 12 : 8), family == FW_IPV4 ? 8 : 32);
		assert_int_equal(ones(sum + (unsigned)rest + proto, NULL, 0), 0xffff);
	}
}

static void what_is_built_is_right_and_reads_back(void **state)
{
	static const struct {
		__u8 family, proto;
		unsigned size;
	} rows[] = {
		{ FW_IPV4, FRAME_TCP, 54 }, { FW_IPV6, FRAME_TCP, 74 },  { FW_IPV4, FRAME_UDP, 42 },
		{ FW_IPV6, FRAME_UDP, 62 }, { FW_IPV4, FRAME_ICMP, 42 }, { FW_IPV6, FRAME_ICMPV6, 62 },
		{ FW_IPV4, 47, 42 },        { FW_IPV6, 132, 62 },
	};
	__u8 frame[FRAME_BUILT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct flow flow = flow_of(rows[i].family, rows[i].proto), read, quoted;
		unsigned size = frame_build(&flow, no_payload, frame);

		assert_int_equal(size, rows[i].size);
		check_sums(frame, size, rows[i].family, rows[i].proto);
		frame_read((struct view) { frame, size }, &read, &quoted);
		assert_memory_equal(&read, &flow, sizeof(flow));
		assert_int_equal(quoted.family, 0);
	}
}

static void a_payload_of_any_length_has_a_right_checksum(void **state)
{
	static const __u8 payload[] = "nine bytes";
	struct flow flow = flow_of(FW_IPV4, FRAME_UDP);
	__u8 frame[FRAME_BUILT_MAX];
	unsigned n, size;

	(void)state;
	for (n = 0; n < sizeof(payload); n++) {
		size = frame_build(&flow, (struct view) { payload, n }, frame);
		assert_int_equal(size, 42 + n);
		assert_memory_equal(frame + 42, payload, n);
		check_sums(frame, size, FW_IPV4, FRAME_UDP);
	}
}

/* Nothing is read beyond the end, whatever is missing. */
static void what_is_cut_off_has_less(void **state)
{
	struct flow flow = flow_of(FW_IPV6, FRAME_TCP), read, quoted;
	__u8 frame[FRAME_BUILT_MAX];
	unsigned size = frame_build(&flow, no_payload, frame), n;

	(void)state;
	for (n = 0; n < size; n++) {
		__u8 *exact = malloc(n + 1);

		memcpy(exact, frame, n);
		frame_read((struct view) { exact, n }, &read, &quoted);
		assert_int_equal(read.family, n < 54 ? 0 : FW_IPV6);
		assert_int_equal(read.dst_port, n < 58 ? 0 : 80);
		free(exact);
	}
}

static void an_icmp_error_has_what_it_quotes(void **state)
{
	struct flow flow = flow_of(FW_IPV4, FRAME_ICMP), quoted_flow = flow_of(FW_IPV4, FRAME_UDP), read, quoted;
	__u8 frame[FRAME_BUILT_MAX], inner[FRAME_BUILT_MAX];

	(void)state;
	flow.icmp_type = 3;
	frame_build(&flow, no_payload, frame);
	frame_build(&quoted_flow, no_payload, inner);
	memcpy(frame + 42, inner + 14, 28);
	frame_read((struct view) { frame, 70 }, &read, &quoted);
	assert_true(read.icmp_quotes);
	assert_int_equal(read.src_port, 0);
	assert_memory_equal(&quoted, &quoted_flow, sizeof(quoted));
	frame_read((struct view) { frame, 42 }, &read, &quoted);
	assert_int_equal(quoted.family, 0);
}

static void later_fragments_have_no_ports(void **state)
{
	struct flow flow = flow_of(FW_IPV4, FRAME_UDP), read, quoted;
	__u8 frame[FRAME_BUILT_MAX];
	unsigned size = frame_build(&flow, no_payload, frame);

	(void)state;
	frame[21] = 1;
	frame_read((struct view) { frame, size }, &read, &quoted);
	assert_true(read.later);
	assert_int_equal(read.dst_port, 0);
	assert_int_equal(read.family, FW_IPV4);
}

static void both_directions_have_one_tuple(void **state)
{
	struct flow out = flow_of(FW_IPV4, FRAME_TCP), in = out;
	struct five_tuple a, b;

	(void)state;
	memcpy(in.src, out.dst, 16);
	memcpy(in.dst, out.src, 16);
	in.src_port = out.dst_port;
	in.dst_port = out.src_port;
	a = flow_tuple(&out, 3, FW_LAYER_TC, FW_OUT);
	b = flow_tuple(&in, 3, FW_LAYER_TC, FW_IN);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(a.local_port_be, htons(40000));
	assert_int_equal(a.remote_port_be, htons(80));
	assert_int_equal(a.layer, FW_LAYER_TC);
	b = flow_tuple(&in, 3, FW_LAYER_CGROUP, FW_IN);
	assert_true(memcmp(&a, &b, sizeof(a)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_built_is_right_and_reads_back),
		cmocka_unit_test(a_payload_of_any_length_has_a_right_checksum),
		cmocka_unit_test(what_is_cut_off_has_less),
		cmocka_unit_test(an_icmp_error_has_what_it_quotes),
		cmocka_unit_test(later_fragments_have_no_ports),
		cmocka_unit_test(both_directions_have_one_tuple),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
