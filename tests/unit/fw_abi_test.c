/* SPDX-License-Identifier: GPL-2.0 */
#include "bpf/fw_abi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "elf/arena.h"
#include "elf/btf.h"
#include "elf/elf_file.h"
#include "tests/unit/sample.h"

#define FIELD(type, member)                                                                                            \
	{                                                                                                              \
#type, sizeof(struct type), #member, offsetof(struct type, member),                                    \
			sizeof(((struct type *)NULL)->member)                                                          \
	}
static const struct {
	const char *type;
	size_t type_size;
	const char *member;
	size_t offset, size;
} fields[] = {
	FIELD(fw_limit, ns_per_token),
	FIELD(fw_limit, burst),
	FIELD(fw_limit, pad),
	FIELD(fw_config, abi),
	FIELD(fw_config, generation),
	FIELD(fw_config, next_container),
	FIELD(fw_config, next_rule),
	FIELD(fw_config, next_port_set),
	FIELD(fw_config, events_per_second),
	FIELD(fw_config, limit),
	FIELD(fw_config, timeout_ns),
	FIELD(fw_config, two_sided),
	FIELD(fw_config, pad),
	FIELD(fw_config, specialised),
	FIELD(fw_config, reloading),
	FIELD(fw_config, epoch),
	FIELD(fw_config, quota),
	FIELD(fw_config, confirm_until_ns),
	FIELD(fw_config, limit_before),
	FIELD(fw_config, timeout_before_ns),
	FIELD(fw_config, quota_before),
	FIELD(fw_config, pad2),
	FIELD(fw_prefix, rules),
	FIELD(fw_prefix, family),
	FIELD(fw_prefix, length),
	FIELD(fw_prefix, pad),
	FIELD(fw_prefix, high),
	FIELD(fw_prefix, low),
	FIELD(fw_lengths, length),
	FIELD(fw_block, expires_ns),
	FIELD(fw_block, hits),
	FIELD(fw_block, sides),
	FIELD(fw_block, pad),
	FIELD(fw_block_line, address),
	FIELD(fw_block_line, bits),
	FIELD(fw_block_line, hits),
	FIELD(fw_block_filter, word),
	FIELD(container_policy, cgroup_id),
	FIELD(container_policy, limit),
	FIELD(container_policy, default_action),
	FIELD(container_policy, has_device),
	FIELD(container_policy, has_addrs),
	FIELD(container_policy, ruled),
	FIELD(container_policy, in4),
	FIELD(container_policy, in6),
	FIELD(container_policy, out4),
	FIELD(container_policy, out6),
	FIELD(container_policy, quota),
	FIELD(container_policy, rules),
	FIELD(container_policy, pad2),
	FIELD(fw_facts, cgroup_id),
	FIELD(fw_facts, has_device),
	FIELD(fw_facts, pad),
	FIELD(fw_cgroup, container),
	FIELD(fw_cgroup, pad),
	FIELD(fw_container_addr, container),
	FIELD(fw_container_addr, family),
	FIELD(fw_container_addr, pad),
	FIELD(fw_container_addr, addr),
	FIELD(fw_addr, family),
	FIELD(fw_addr, pad),
	FIELD(fw_addr, addr),
	FIELD(fw_container, cgroup_id),
	FIELD(fw_container, brought_by),
	FIELD(fw_container, id),
	FIELD(fw_container, attached),
	FIELD(fw_container, default_action),
	FIELD(fw_container, n_devs),
	FIELD(fw_container, n_addrs),
	FIELD(fw_container, limit),
	FIELD(fw_container, quota),
	FIELD(fw_container, cgroup_left_out),
	FIELD(fw_container, default_stays),
	FIELD(fw_container, limits_stay),
	FIELD(fw_container, brought),
	FIELD(fw_container, ruled),
	FIELD(fw_container, pad),
	FIELD(fw_container, devs),
	FIELD(fw_container, addrs),
	FIELD(fw_container, cgroup),
	FIELD(fw_statement, rules),
	FIELD(fw_statement, direction),
	FIELD(fw_statement, action),
	FIELD(fw_statement, family),
	FIELD(fw_statement, length),
	FIELD(fw_statement, proto),
	FIELD(fw_statement, port_low),
	FIELD(fw_statement, port_high),
	FIELD(fw_statement, pad),
	FIELD(fw_statement, addr),
	FIELD(fw_statement_info, rule),
	FIELD(fw_statement_info, pad),
	FIELD(fw_prefix_rules, port_set),
	FIELD(fw_prefix_rules, any_rule),
	FIELD(fw_prefix_rules, any_match),
	FIELD(fw_prefix_rules, pad),
	FIELD(fw_port_key, prefixlen),
	FIELD(fw_port_key, set_be),
	FIELD(fw_port_key, proto),
	FIELD(fw_port_key, pad),
	FIELD(fw_port_key, port_be),
	FIELD(fw_port_match, rule),
	FIELD(fw_port_match, match),
	FIELD(fw_port_match, pad),
	FIELD(five_tuple, container),
	FIELD(five_tuple, family),
	FIELD(five_tuple, proto),
	FIELD(five_tuple, layer),
	FIELD(five_tuple, kind),
	FIELD(five_tuple, local_addr),
	FIELD(five_tuple, remote_addr),
	FIELD(five_tuple, local_port_be),
	FIELD(five_tuple, remote_port_be),
	FIELD(fw_tcp_side, end),
	FIELD(fw_tcp_side, acked),
	FIELD(fw_tcp_side, edge),
	FIELD(fw_tcp_side, scale),
	FIELD(fw_tcp_side, fin),
	FIELD(fw_tcp_side, widest),
	FIELD(fw_connection, last_seen_ns),
	FIELD(fw_connection, generation),
	FIELD(fw_connection, rule),
	FIELD(fw_connection, epoch),
	FIELD(fw_connection, slot),
	FIELD(fw_connection, opener),
	FIELD(fw_connection, state),
	FIELD(fw_connection, timeout),
	FIELD(fw_connection, in_doubt),
	FIELD(fw_connection, query_at),
	FIELD(fw_connection, side),
	FIELD(fw_connection, again),
	FIELD(fw_connection, again_scale),
	FIELD(fw_connection, pad),
	FIELD(fw_slot, container),
	FIELD(fw_slot, index),
	FIELD(fw_slot, layer),
	FIELD(fw_slot, pad),
	FIELD(fw_count_key, container),
	FIELD(fw_count_key, epoch),
	FIELD(fw_count_key, layer),
	FIELD(fw_count_key, pad),
	FIELD(fw_owner, container),
	FIELD(fw_owner, layer),
	FIELD(fw_count, established),
	FIELD(fw_count, pad),
	FIELD(fw_span, begin),
	FIELD(fw_span, end),
	FIELD(fw_datagram, first_seen_ns),
	FIELD(fw_datagram, generation),
	FIELD(fw_datagram, epoch),
	FIELD(fw_datagram, passed),
	FIELD(fw_datagram, total),
	FIELD(fw_datagram, span),
	FIELD(fw_query_key, tuple),
	FIELD(fw_query_key, seq),
	FIELD(fw_neighbour, container),
	FIELD(fw_neighbour, addr),
	FIELD(fw_bucket_key, container),
	FIELD(fw_bucket_key, family),
	FIELD(fw_bucket_key, pad),
	FIELD(fw_bucket_key, addr),
	FIELD(fw_bucket, full_at_ns),
	FIELD(fw_domain_key, hash),
	FIELD(fw_domain_key, length),
	FIELD(fw_domain_key, pad),
	FIELD(fw_domain, exact),
	FIELD(fw_domain, subtree),
	FIELD(fw_domain, pad),
	FIELD(fw_domain, name),
	FIELD(pkt_stats, rx_packets),
	FIELD(pkt_stats, tx_packets),
	FIELD(pkt_stats, rx_bytes),
	FIELD(pkt_stats, tx_bytes),
	FIELD(pkt_stats, dropped),
	FIELD(pkt_stats, rate_limited),
	FIELD(pkt_stats, drops),
	FIELD(fw_passed, container),
	FIELD(fw_passed, rx_packets),
	FIELD(fw_passed, tx_packets),
	FIELD(fw_passed, rx_bytes),
	FIELD(fw_passed, tx_bytes),
	FIELD(fw_cpu, window_start_ns),
	FIELD(fw_cpu, sent),
	FIELD(fw_cpu, lost),
	FIELD(fw_cpu, jiffy),
	FIELD(fw_cpu, jiffy_ns),
	FIELD(fw_cpu, device),
	FIELD(fw_cpu, device_generation),
	FIELD(fw_cpu, limit),
	FIELD(fw_cpu, limit_device),
	FIELD(fw_event, timestamp_ns),
	FIELD(fw_event, cgroup_id),
	FIELD(fw_event, container),
	FIELD(fw_event, ifindex),
	FIELD(fw_event, len),
	FIELD(fw_event, rule),
	FIELD(fw_event, src_addr),
	FIELD(fw_event, dst_addr),
	FIELD(fw_event, src_port_be),
	FIELD(fw_event, dst_port_be),
	FIELD(fw_event, family),
	FIELD(fw_event, proto),
	FIELD(fw_event, layer),
	FIELD(fw_event, action),
	FIELD(fw_event, reason),
	FIELD(fw_event, direction),
	FIELD(fw_event, domain_length),
	FIELD(fw_event, pad),
	FIELD(fw_event, domain),
	FIELD(fw_attachment_key, cgroup_id),
	FIELD(fw_attachment_key, ifindex),
	FIELD(fw_attachment_key, hook),
	FIELD(fw_attachment_key, pad),
	FIELD(fw_attachment, container),
	FIELD(fw_attachment, prio),
	FIELD(fw_attachment, handle),
	FIELD(fw_attachment, how),
	FIELD(fw_attachment, mode),
	FIELD(fw_attachment, made_qdisc),
	FIELD(fw_attachment, pad),
	FIELD(fw_attachment, ifname),
};
#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Where the object has the structure, it has it as here. Gives how many fields were compared. */
static unsigned compare_field(const struct btf_table *btf, const char *path, size_t field)
{
	__u32 id = btf_find(btf, BTF_STRUCT, fields[field].type);
	const struct btf_type *type = btf_type(btf, id);
	struct btf_member member = { 0 };
	unsigned i, found = 0;
	__u64 size = 0;

	if (!id)
		return 0;
	if (type->size_or_type != fields[field].type_size)
		fail_msg("%s: struct %s has %u bytes there", path, fields[field].type, type->size_or_type);
	for (i = 0; !found && i < type->n; i++) {
		assert_true(btf_member_at(btf, type, i, &member));
		found = !strcmp(member.name, fields[field].member);
	}
	assert_true(found);
	assert_true(btf_size(btf, member.type, &size));
	if (member.bit_offset != 8 * fields[field].offset || size != fields[field].size)
		fail_msg("%s: %s.%s is at bit %u, of %u bytes there", path, fields[field].type, fields[field].member,
			 member.bit_offset, (unsigned)size);
	return 1;
}

static unsigned compare_object(const char *path)
{
	struct sample sample = sample_read_path(path);
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct btf_table btf;
	struct elf_file file;
	unsigned compared = 0;
	size_t i;

	assert_int_equal(elf_read(sample_view(&sample), arena, &file, &err), 0);
	assert_int_equal(btf_read(&file, arena, &btf, &err), 0);
	for (i = 0; i < N_FIELDS; i++)
		compared += compare_field(&btf, path, i);
	arena_free(arena);
	sample_free(&sample);
	return compared;
}

static void both_byte_orders_lay_out_every_field_alike(void **state)
{
	(void)state;
	assert_int_equal(compare_object("build/bpf-test/abi-el.o"), N_FIELDS);
	assert_int_equal(compare_object("build/bpf-test/abi-eb.o"), N_FIELDS);
}

static void the_objects_have_what_they_use(void **state)
{
	(void)state;
	assert_true(compare_object("build/bpf/xdp_firewall.o") > 0);
	assert_true(compare_object("build/bpf/rate_limit.o") > 0);
	assert_true(compare_object("build/bpf/dns_filter.o") > 0);
	assert_true(compare_object("build/bpf/tc_firewall.o") > 0);
	assert_true(compare_object("build/bpf/cgroup_firewall.o") > 0);
}

/* A byte that no field names would be whatever the stack held: in a key it makes another key. */
static void no_byte_is_without_a_name(void **state)
{
	size_t i, end = 0;

	(void)state;
	for (i = 0; i < N_FIELDS; i++) {
		if (i && strcmp(fields[i - 1].type, fields[i].type))
			end = 0;
		assert_int_equal(fields[i].offset, end);
		end += fields[i].size;
		if (i + 1 == N_FIELDS || strcmp(fields[i + 1].type, fields[i].type))
			assert_int_equal(end, fields[i].type_size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_byte_orders_lay_out_every_field_alike),
		cmocka_unit_test(the_objects_have_what_they_use),
		cmocka_unit_test(no_byte_is_without_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
