/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/packets/packet.h"

#include <arpa/inet.h>
#include <string.h>

/* What is being written. */
struct out {
	__u8 *data;
	unsigned n;
};

static void put(struct out *out, const void *data, unsigned n)
{
	if (n && out->n + n <= FRAME_MAX)
		memcpy(out->data + out->n, data, n);
	out->n += n;
}

static void put_8(struct out *out, unsigned value)
{
	__u8 byte = (__u8)value;

	put(out, &byte, 1);
}

static void put_16(struct out *out, unsigned value)
{
	put_8(out, value >> 8);
	put_8(out, value);
}

static void put_32(struct out *out, __u32 value)
{
	put_16(out, value >> 16);
	put_16(out, value);
}

static void put_zeroes(struct out *out, unsigned n)
{
	while (n--)
		put_8(out, 0);
}

const char *host_address(enum host host, int family)
{
	static const char *const addresses[HOST_N][2] = {
		[CONTAINER] = { "192.168.7.2", "fd00:7::2" },
		[PEER] = { "198.51.100.9", "2001:db8:9::9" },
		[NEIGHBOUR] = { "198.51.100.10", "2001:db8:9::10" },
		[SERVER] = { "10.1.2.3", "fd00:10::3" },
		[RESOLVER] = { "192.168.7.53", "fd00:7::53" },
		[BLOCKED] = { "203.0.113.7", "2001:db8:bad::7" },
		[BLOCKED_HOST] = { "192.0.2.66", "2001:db8:66::66" },
		[MAPPED] = { "10.1.2.3", "::ffff:10.1.2.3" },
		[NOBODY] = { "0.0.0.0", "::" },
		[LINK_LOCAL] = { "169.254.7.2", "fe80::2" },
		[GROUP] = { "224.0.0.1", "ff02::1" },
		[STRANGER] = { "198.51.100.200", "2001:db8:200::200" },
	};

	return addresses[host][family == 6];
}

static void put_address(struct out *out, enum host host, int family)
{
	__u8 addr[16] = { 0 };

	inet_pton(family == 4 ? AF_INET : AF_INET6, host_address(host, family), addr);
	put(out, addr, family == 4 ? 4 : 16);
}

/* ---- transport ---- */

static void put_tcp(struct out *out, const struct packet *packet, __u32 shift)
{
	put_16(out, packet->sport);
	put_16(out, packet->dport);
	put_32(out, packet->seq + shift);
	put_32(out, packet->flags & ACK ? packet->ack + shift : packet->ack);
	put_8(out, (packet->data_offset ? packet->data_offset : 5 + packet->tcp_options.n / 4) << 4);
	put_8(out, packet->flags);
	put_16(out, packet->window ? packet->window : 0xffff);
	put_32(out, 0xbeef0000);
	put(out, packet->tcp_options.data, packet->tcp_options.n);
}

static void put_udp(struct out *out, const struct packet *packet)
{
	put_16(out, packet->sport);
	put_16(out, packet->dport);
	put_16(out, packet->udp_len ? packet->udp_len : 8 + packet->payload.n + packet->zeroes);
	put_16(out, packet->no_checksum ? 0 : 0xbeef);
}

static void put_network(struct out *out, const struct packet *packet, const struct framing *framing);

static void put_icmp(struct out *out, const struct packet *packet, const struct framing *framing)
{
	static const struct {
		__u8 type[2], code[2];
	} messages[] = {
		[ECHO_REQUEST] = { { 8, 128 }, { 0, 0 } }, [ECHO_REPLY] = { { 0, 129 }, { 0, 0 } },
		[UNREACHABLE] = { { 3, 1 }, { 1, 0 } },    [TOO_BIG] = { { 3, 2 }, { 4, 0 } },
		[TIME_EXCEEDED] = { { 11, 3 }, { 0, 0 } }, [PARAMETER_PROBLEM] = { { 12, 4 }, { 0, 0 } },
	};
	struct framing other = *framing;
	struct out quoted;
	unsigned begin, v6 = framing->family == 6;

	put_8(out, packet->icmp ? messages[packet->icmp].type[v6] : packet->type);
	put_8(out, packet->icmp ? messages[packet->icmp].code[v6] : packet->code);
	put_16(out, 0xbeef);
	put_16(out, packet->id);
	put_16(out, 0);
	if (packet->target != BY_DIRECTION)
		put_address(out, packet->target, framing->family);
	if (!packet->quoted)
		return;
	/* The quoted packet went the other way. */
	begin = out->n;
	quoted = *out;
	other.way = framing->way == IN ? OUT : IN;
	put_network(&quoted, packet->quoted, &other);
	out->n = quoted.n;
	if (packet->quoted_len && out->n > begin + packet->quoted_len)
		out->n = begin + packet->quoted_len;
}

static void put_transport(struct out *out, const struct packet *packet, const struct framing *framing)
{
	unsigned begin = out->n;
	__u8 shape = packet->shape ? packet->shape : packet->proto ? packet->proto : TCP;

	/* A later fragment has no header, whatever it looks like. */
	if (packet->offset && !packet->shape)
		shape = 0;
	if (shape == TCP)
		put_tcp(out, packet, framing->shift);
	else if (shape == UDP)
		put_udp(out, packet);
	else if (shape == ICMP)
		put_icmp(out, packet, framing);
	if (packet->stream)
		put_16(out, packet->payload.n);
	put(out, packet->payload.data, packet->payload.n);
	put_zeroes(out, packet->zeroes);
	if (packet->transport && out->n > begin + packet->transport)
		out->n = begin + packet->transport;
}

/* ---- network ---- */

static enum host source(const struct packet *packet, enum way way)
{
	if (packet->src != BY_DIRECTION)
		return packet->src;
	return way == IN ? PEER : CONTAINER;
}

static enum host destination(const struct packet *packet, enum way way)
{
	if (packet->dst != BY_DIRECTION)
		return packet->dst;
	return way == IN ? CONTAINER : PEER;
}

static void set_16(struct out *out, unsigned at, unsigned value)
{
	out->data[at] = (__u8)(value >> 8);
	out->data[at + 1] = (__u8)value;
}

static void put_ipv4(struct out *out, const struct packet *packet, const struct framing *framing)
{
	unsigned begin = out->n, words = 5 + packet->options.n / 4;

	put_8(out, (packet->version ? packet->version : 4) << 4 | (packet->ihl ? packet->ihl : words));
	put_8(out, 0);
	put_16(out, 0);
	put_16(out, packet->fragment_id);
	put_16(out, (packet->more ? 0x2000 : 0) | packet->offset / 8);
	put_8(out, packet->ttl ? packet->ttl : 64);
	put_8(out, packet->proto ? packet->proto : TCP);
	put_16(out, 0xbeef);
	put_address(out, source(packet, framing->way), 4);
	put_address(out, destination(packet, framing->way), 4);
	put(out, packet->options.data, packet->options.n);
	put_transport(out, packet, framing);
	set_16(out, begin + 2, packet->ip_len ? packet->ip_len : packet->ip_len_zero ? 0 : out->n - begin);
}

static void put_extension(struct out *out, const struct extension *extension, __u8 next)
{
	unsigned size = 8 + extension->len * 8;

	if (extension->proto == FRAGMENT)
		size = 8;
	if (extension->proto == AUTHENTICATION)
		size = 8 + extension->len * 4;
	put_8(out, next);
	put_8(out, extension->len);
	put_16(out, extension->bits);
	put_32(out, extension->id);
	put_zeroes(out, size - 8);
}

static void put_ipv6(struct out *out, const struct packet *packet, const struct framing *framing)
{
	struct extension chain[EXTENSIONS_MAX + 1];
	unsigned begin = out->n, n = packet->n_extensions, i;
	__u8 last = packet->proto == ICMP ? 58 : packet->proto ? packet->proto : TCP;

	memcpy(chain, packet->extensions, sizeof(packet->extensions));
	if (packet->more || packet->offset)
		chain[n++] = (struct extension) { .proto = FRAGMENT,
						  .bits = (__u16)(packet->offset | packet->more),
						  .id = packet->fragment_id };
	put_32(out, (__u32)(packet->version ? packet->version : 6) << 28);
	put_16(out, 0);
	put_8(out, n ? chain[0].proto : last);
	put_8(out, packet->ttl ? packet->ttl : 64);
	put_address(out, source(packet, framing->way), 6);
	put_address(out, destination(packet, framing->way), 6);
	for (i = 0; i < n; i++)
		put_extension(out, &chain[i], i + 1 < n ? chain[i + 1].proto : last);
	put_transport(out, packet, framing);
	set_16(out, begin + 4, packet->ip_len ? packet->ip_len : packet->ip_len_zero ? 0 : out->n - begin - 40);
}

static void put_network(struct out *out, const struct packet *packet, const struct framing *framing)
{
	if (framing->family == 4)
		put_ipv4(out, packet, framing);
	else
		put_ipv6(out, packet, framing);
}

/* RFC 826: Ethernet and IPv4, the sender's address and the target's. */
static void put_arp(struct out *out, const struct packet *packet, enum way way)
{
	static const __u8 mac[6] = { 2, 0, 0, 0, 0, 9 };

	put_16(out, 1);
	put_16(out, 0x0800);
	put_16(out, 0x0604);
	put_16(out, packet->arp);
	put(out, mac, sizeof(mac));
	put_address(out, source(packet, way), 4);
	put_zeroes(out, sizeof(mac));
	put_address(out, destination(packet, way), 4);
	put_zeroes(out, packet->zeroes);
}

unsigned packet_build(const struct packet *packet, const struct framing *framing, __u8 frame[FRAME_MAX])
{
	static const __u8 macs[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 9 };
	struct out out = { .data = frame };
	unsigned n_tags = framing->tags + packet->tags, ipv4 = framing->family == 4;

	put(&out, macs, sizeof(macs));
	/* 802.1ad outside, 802.1Q inside. */
	for (; n_tags; n_tags--) {
		put_16(&out, n_tags > 1 ? 0x88a8 : 0x8100);
		put_16(&out, 100 + n_tags);
	}
	put_16(&out, packet->ethertype ? packet->ethertype : packet->arp ? 0x0806 : ipv4 ? 0x0800 : 0x86dd);
	if (packet->arp)
		put_arp(&out, packet, framing->way);
	else
		put_network(&out, packet, framing);
	return packet->frame && packet->frame < out.n ? packet->frame : out.n - packet->cut;
}
