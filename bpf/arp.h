/* SPDX-License-Identifier: GPL-2.0 */
/* ARP (RFC 826) passes, whatever the policy: but not with another's address in the container's mouth. */
#ifndef BPF_ARP_H
#define BPF_ARP_H

#include "bpf/conntrack.h"

#define ARP_ETHERNET 1

struct arp_message {
	__u16 hardware_be, protocol_be;
	__u8 hardware_len, protocol_len;
	__u16 operation_be;
	__u8 sender_mac[6], sender_addr[4];
	__u8 target_mac[6], target_addr[4];
};

/* The tuple is for room: its container is set. */
static __attribute__((unused)) __noinline verdict arp_judge(PACKET *ctx, const struct scene *scene,
							    struct five_tuple *tuple, const struct packet_info *packet)
{
	struct arp_message arp;

	if (packet_load(ctx, packet->transport, &arp, sizeof(arp)) || arp.hardware_be != be16(ARP_ETHERNET) ||
	    arp.protocol_be != be16(ETHERTYPE_IPV4) || arp.hardware_len != 6 || arp.protocol_len != 4)
		return VERDICT(FW_REASON_INVALID, 0);
	if (scene->direction != FW_OUT || !scene->policy->has_addrs)
		return 0;
	tuple->family = FW_IPV4;
	__builtin_memcpy(tuple->local_addr, arp.sender_addr, 4);
	/* Who asks whether an address is free has none yet (RFC 5227 section 2.1.1). */
	if (!(arp.sender_addr[0] | arp.sender_addr[1] | arp.sender_addr[2] | arp.sender_addr[3]) || !is_spoofed(tuple))
		return 0;
	return VERDICT(FW_REASON_SPOOF, 0);
}

#endif
