/* SPDX-License-Identifier: GPL-2.0 */
/* XDP on the uplink: a blocked source is dropped before the kernel spends an sk_buff on it. */
#include "packet_xdp.h"
#include "common.h"
#include "blocklist.h"
#include "drop.h"

/* Only the source address decides here: TC judges the rest. */
static __always_inline int parse_packet_xdp(struct xdp_md *xdp, struct packet_info *packet)
{
	__u32 at = 0;
	int type = parse_link(xdp, &at);

	if (type < 0)
		return parse_invalid(packet);
	if (type == ETHERTYPE_IPV4) {
		struct ipv4_header header;

		return parse_ipv4_addresses(xdp, packet, at, &header);
	}
	if (type == ETHERTYPE_IPV6) {
		struct ipv6_header header;

		return parse_ipv6_addresses(xdp, packet, at, &header);
	}
	return 0;
}

static __always_inline int refuse(struct xdp_md *xdp, const struct packet_info *packet, __u8 reason)
{
	struct drop drop = {
		.ifindex = xdp->ingress_ifindex,
		.len = xdp->data_end - xdp->data,
		.layer = FW_LAYER_XDP,
		.reason = reason,
	};

	drop_packet(xdp, packet, &drop);
	return XDP_DROP;
}

SEC("xdp") int xdp_firewall(struct xdp_md *xdp)
{
	struct packet_info packet = {};

	if (parse_packet_xdp(xdp, &packet))
		return refuse(xdp, &packet, FW_REASON_INVALID);
	if (packet.family && address_is_blocked(packet.src_addr, packet.family))
		return refuse(xdp, &packet, FW_REASON_BLOCKLIST);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
