/* SPDX-License-Identifier: GPL-2.0 */
/* XDP on the uplink: a blocked source is dropped before the kernel spends an sk_buff on it. */
#define COUNTS_UPLINKS
#include "bpf/packet_xdp.h"
#include "bpf/network.h"
#include "bpf/blocklist.h"
#include "bpf/drop.h"

/* Only the source address decides here: TC judges the rest. */
static __always_inline int parse_packet_xdp(struct xdp_md *xdp, struct packet_info *packet)
{
	__u32 at = 0;
	int type = parse_link(xdp, &at);

	if (type < 0)
		return parse_invalid(packet);
	if (type == ETHERTYPE_IPV4) {
		struct ipv4_header header;

		packet->transport = at;
		if (parse_ipv4_addresses(xdp, packet, at, &header))
			return -1;
		packet->transport = at + (header.version_ihl & 15) * 4;
		packet->fragment = (be16(header.fragment_be) & 0x1fff) != 0;
		return 0;
	}
	if (type == ETHERTYPE_IPV6) {
		struct ipv6_header header;

		packet->transport = at + sizeof(header);
		return parse_ipv6_addresses(xdp, packet, at, &header);
	}
	return 0;
}

/* For the event alone: a header that is cut off, or of another protocol, has no ports. */
static __always_inline void read_ports(struct xdp_md *xdp, struct packet_info *packet)
{
	struct {
		__u16 src_be, dst_be;
	} ports;

	if (packet->fragment || (packet->proto != PROTO_TCP && packet->proto != PROTO_UDP) ||
	    packet_load(xdp, packet->transport, &ports, sizeof(ports)))
		return;
	packet->src_port_be = ports.src_be;
	packet->dst_port_be = ports.dst_be;
}

/* Who is where on the link, as ARP tells for IPv4: a neighbour with several addresses is else cut off by blocking one.
 */
static __always_inline int is_neighbour_discovery(struct xdp_md *xdp, const struct packet_info *packet)
{
	__u16 type_code_be;

	if (packet->family != FW_IPV6 || packet->proto != PROTO_ICMPV6 || packet->hop_limit != ND_HOP_LIMIT ||
	    packet_load(xdp, packet->transport, &type_code_be, sizeof(type_code_be)))
		return 0;
	return type_code_be == be16(ND_SOLICITATION << 8) || type_code_be == be16(ND_ADVERTISEMENT << 8);
}

/* What is told of it is read once more: most of a flood is counted alone. */
static __noinline int tell(struct xdp_md *xdp, struct fw_cpu *state, __u32 reason)
{
	struct packet_info packet = {};
	struct drop drop = {
		.ifindex = xdp->ingress_ifindex,
		.len = xdp->data_end - xdp->data,
		.layer = FW_LAYER_XDP,
		.reason = reason,
	};

	if (parse_packet_xdp(xdp, &packet) == 0 && reason != FW_REASON_INVALID)
		read_ports(xdp, &packet);
	tell_drop(xdp, &packet, &drop, state);
	return 0;
}

static __always_inline int refuse(struct xdp_md *xdp, __u32 reason)
{
	struct fw_cpu *state;

	count_drop(0, reason);
	state = event_take();
	if (state)
		tell(xdp, state, reason);
	return XDP_DROP;
}

SEC("xdp") int xdp_firewall(struct xdp_md *xdp)
{
	const struct fw_config *config = config_get();
	struct packet_info packet = {};

	if (!config)
		return XDP_PASS;
	if (parse_packet_xdp(xdp, &packet))
		return refuse(xdp, FW_REASON_INVALID);
	/* However many tags there were. */
	FORGET(packet.transport, packet.src_addr[0]);
	if (!packet.family || !blocklist_has(packet.src_addr, packet.family, FW_SIDE_BIT(config->generation)))
		return XDP_PASS;
	return is_neighbour_discovery(xdp, &packet) ? XDP_PASS : refuse(xdp, FW_REASON_BLOCKLIST);
}

char _license[] SEC("license") = "GPL";
