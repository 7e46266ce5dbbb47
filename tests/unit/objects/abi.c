/* SPDX-License-Identifier: GPL-2.0 */
/* Every structure that programs and loader share, as the compiler for programs lays it out. */
#include "bpf/fw_abi.h"

#define USE(name) struct name *use_##name;
USE(fw_limit)
USE(fw_config)
USE(fw_prefix)
USE(fw_lengths)
USE(fw_block)
USE(fw_block_line)
USE(fw_block_filter)
USE(container_policy)
USE(fw_facts)
USE(fw_cgroup)
USE(fw_container_addr)
USE(fw_addr)
USE(fw_container)
USE(fw_statement)
USE(fw_statement_info)
USE(fw_prefix_rules)
USE(fw_port_key)
USE(fw_port_match)
USE(five_tuple)
USE(fw_tcp_side)
USE(fw_connection)
USE(fw_slot)
USE(fw_count_key)
USE(fw_owner)
USE(fw_count)
USE(fw_span)
USE(fw_datagram)
USE(fw_query_key)
USE(fw_neighbour)
USE(fw_bucket_key)
USE(fw_bucket)
USE(fw_domain_key)
USE(fw_domain)
USE(pkt_stats)
USE(fw_passed)
USE(fw_cpu)
USE(fw_event)
USE(fw_attachment_key)
USE(fw_attachment)

__attribute__((section("xdp"), used)) int pass(void *ctx)
{
	(void)ctx;
	return 2;
}

__attribute__((section("license"), used)) char _license[] = "GPL";
