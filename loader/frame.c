/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/frame.h"

#include <string.h>
#include <arpa/inet.h>

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define ICMP_HEADER 8
#define EXTENSIONS_MAX 6

static bool is_icmp(const struct flow *flow)
{
	return flow->proto == (flow->family == FW_IPV4 ? FRAME_ICMP : FRAME_ICMPV6);
}

/* ---- building ---- */

static void put16(__u8 *to, __u32 value)
{
	to[0] = (__u8)(value >> 8);
	to[1] = (__u8)value;
}

static void put32(__u8 *to, __u32 value)
{
	put16(to, value >> 16);
	put16(to + 2, value);
}

static __u32 sum_add(__u32 sum, const __u8 *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		sum += (__u32)bytes[i] << (i & 1 ? 0 : 8);
	return sum;
}

static __u16 sum_fold(__u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)~sum;
}

/* With the addresses, the length and the protocol before it, as all but ICMP in IPv4 have. */
static __u16 transport_sum(const struct flow *flow, const __u8 *bytes, size_t n)
{
	size_t size = flow->family == FW_IPV4 ? 4 : 16;
	__u32 sum = sum_add(0, bytes, n);

	if (flow->proto != FRAME_ICMP) {
		sum = sum_add(sum_add(sum, flow->src, size), flow->dst, size);
		sum += (__u32)n + flow->proto;
	}
	return sum_fold(sum);
}

static size_t put_tcp(const struct flow *flow, __u8 *to)
{
	put16(to, flow->src_port);
	put16(to + 2, flow->dst_port);
	put32(to + 4, flow->seq);
	put32(to + 8, flow->ack);
	to[12] = 5 << 4;
	to[13] = flow->tcp_flags;
	put16(to + 14, 0xffff);
	put16(to + 16, transport_sum(flow, to, 20));
	return 20;
}

static size_t put_udp(const struct flow *flow, struct view payload, __u8 *to)
{
	size_t size = 8 + payload.size;
	__u16 sum;

	put16(to, flow->src_port);
	put16(to + 2, flow->dst_port);
	put16(to + 4, (__u32)size);
	if (payload.size)
		memcpy(to + 8, payload.data, payload.size);
	sum = transport_sum(flow, to, size);
	put16(to + 6, sum ? sum : 0xffff);
	return size;
}

static size_t put_transport(const struct flow *flow, struct view payload, __u8 *to)
{
	if (flow->proto == FRAME_TCP)
		return put_tcp(flow, to);
	if (flow->proto == FRAME_UDP)
		return put_udp(flow, payload, to);
	if (is_icmp(flow)) {
		to[0] = flow->icmp_type;
		put16(to + 4, flow->src_port);
		put16(to + 2, transport_sum(flow, to, ICMP_HEADER));
	}
	return ICMP_HEADER;
}

static void put_ipv4(const struct flow *flow, size_t size, __u8 *to)
{
	to[0] = 0x45;
	put16(to + 2, (__u32)(IPV4_HEADER + size));
	to[6] = 0x40; /* don't fragment */
	to[8] = 64;
	to[9] = flow->proto;
	memcpy(to + 12, flow->src, 4);
	memcpy(to + 16, flow->dst, 4);
	put16(to + 10, sum_fold(sum_add(0, to, IPV4_HEADER)));
}

static void put_ipv6(const struct flow *flow, size_t size, __u8 *to)
{
	to[0] = 0x60;
	put16(to + 4, (__u32)size);
	to[6] = flow->proto;
	to[7] = 64;
	memcpy(to + 8, flow->src, 16);
	memcpy(to + 24, flow->dst, 16);
}

unsigned frame_build(const struct flow *flow, struct view payload, __u8 out[FRAME_BUILT_MAX])
{
	bool is_ipv4 = flow->family == FW_IPV4;
	size_t header = is_ipv4 ? IPV4_HEADER : IPV6_HEADER, size;
	__u8 *packet = out + FRAME_ETHERNET;

	memset(out, 0, FRAME_BUILT_MAX);
	put16(out + 12, is_ipv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
	size = put_transport(flow, payload, packet + header);
	if (is_ipv4)
		put_ipv4(flow, size, packet);
	else
		put_ipv6(flow, size, packet);
	return (unsigned)(FRAME_ETHERNET + header + size);
}

/* ---- reading ---- */

/* Everything from `at` on. */
static bool view_tail(struct view view, size_t at, struct view *out)
{
	return at <= view.size && view_sub(view, at, view.size - at, out);
}

static void read_icmp(struct view transport, struct flow *flow)
{
	bool is_ipv4 = flow->family == FW_IPV4;
	__u8 type;
	__u16 id;

	if (!view_u8(transport, 0, &type) || !view_u16(transport, 4, true, &id))
		return;
	flow->icmp_type = flow->icmp_kind = type;
	flow->icmp_quotes = is_ipv4 ? type == 3 || type == 4 || type == 11 || type == 12 : type >= 1 && type <= 4;
	if (is_ipv4 ? type == 8 || (type >= 13 && type <= 17 && type % 2) : type == 128)
		flow->icmp_kind = type == 8 ? 0 : type + 1;
	else if (is_ipv4 ? type && (type < 14 || type > 18 || type % 2) : type != 129)
		return;
	flow->src_port = flow->dst_port = id;
}

static void read_transport(struct view transport, struct flow *flow)
{
	if (is_icmp(flow)) {
		read_icmp(transport, flow);
		return;
	}
	if (flow->proto != FRAME_TCP && flow->proto != FRAME_UDP)
		return;
	view_u16(transport, 0, true, &flow->src_port);
	view_u16(transport, 2, true, &flow->dst_port);
	if (flow->proto == FRAME_UDP)
		return;
	view_u32(transport, 4, true, &flow->seq);
	view_u32(transport, 8, true, &flow->ack);
	view_u8(transport, 13, &flow->tcp_flags);
}

static void copy_address(struct view packet, __u64 at, size_t size, __u8 out[16])
{
	struct view address;

	if (view_sub(packet, at, size, &address))
		memcpy(out, address.data, size);
}

/* Where the transport header begins; 0: the packet is cut off before. */
static size_t read_ipv4(struct view packet, struct flow *flow)
{
	__u8 version, proto;
	__u16 fragment;

	if (packet.size < IPV4_HEADER || !view_u8(packet, 0, &version) || version >> 4 != 4 ||
	    !view_u16(packet, 6, true, &fragment) || !view_u8(packet, 9, &proto))
		return 0;
	flow->family = FW_IPV4;
	flow->proto = proto;
	copy_address(packet, 12, 4, flow->src);
	copy_address(packet, 16, 4, flow->dst);
	flow->later = fragment & 0x1fff;
	return (version & 15) * 4u;
}

/* One extension header at *at, which is moved behind it. false: there is none. */
static bool read_extension(struct view packet, struct flow *flow, size_t *at)
{
	__u8 next, length;
	__u16 offset;

	switch (flow->proto) {
	case 0:
	case 43:
	case 44:
	case 51:
	case 60:
		break;
	default:
		return false;
	}
	if (!view_u8(packet, *at, &next) || !view_u8(packet, *at + 1, &length))
		return false;
	if (flow->proto == 44) {
		length = 0;
		flow->later |= view_u16(packet, *at + 2, true, &offset) && offset >> 3;
	}
	*at += flow->proto == 51 ? (length + 2u) * 4 : (length + 1u) * 8;
	flow->proto = next;
	return !flow->later;
}

static size_t read_ipv6(struct view packet, struct flow *flow)
{
	size_t at = IPV6_HEADER;
	__u8 version, next;
	unsigned i;

	if (packet.size < IPV6_HEADER || !view_u8(packet, 0, &version) || version >> 4 != 6 ||
	    !view_u8(packet, 6, &next))
		return 0;
	flow->family = FW_IPV6;
	flow->proto = next;
	copy_address(packet, 8, 16, flow->src);
	copy_address(packet, 24, 16, flow->dst);
	for (i = 0; i < EXTENSIONS_MAX && read_extension(packet, flow, &at); i++)
		;
	return at;
}

/* What follows the transport header is left in *transport. */
static void read_packet(struct view packet, bool is_ipv4, struct flow *flow, struct view *transport)
{
	size_t at;

	memset(flow, 0, sizeof(*flow));
	at = is_ipv4 ? read_ipv4(packet, flow) : read_ipv6(packet, flow);
	if (at && !flow->later && view_tail(packet, at, transport))
		read_transport(*transport, flow);
}

void frame_read(struct view frame, struct flow *flow, struct flow *quoted)
{
	struct view packet, transport = { NULL, 0 };
	__u16 type = 0;

	memset(flow, 0, sizeof(*flow));
	memset(quoted, 0, sizeof(*quoted));
	view_u16(frame, FRAME_ETHERNET - 2, true, &type);
	if ((type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6) || !view_tail(frame, FRAME_ETHERNET, &packet))
		return;
	read_packet(packet, type == ETHERTYPE_IPV4, flow, &transport);
	if (flow->icmp_quotes && view_tail(transport, ICMP_HEADER, &packet))
		read_packet(packet, flow->family == FW_IPV4, quoted, &transport);
}

struct five_tuple flow_tuple(const struct flow *flow, __u32 container, enum fw_layer layer, enum fw_direction direction)
{
	struct five_tuple tuple = { .container = container, .family = flow->family, .proto = flow->proto };
	bool out = direction == FW_OUT;

	tuple.layer = (__u8)layer;
	tuple.kind = is_icmp(flow) ? flow->icmp_kind : 0;
	memcpy(tuple.local_addr, out ? flow->src : flow->dst, 16);
	memcpy(tuple.remote_addr, out ? flow->dst : flow->src, 16);
	tuple.local_port_be = htons(out ? flow->src_port : flow->dst_port);
	tuple.remote_port_be = htons(out ? flow->dst_port : flow->src_port);
	return tuple;
}
