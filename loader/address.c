/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const __u8 mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static unsigned bits_of(__u8 family)
{
	return family == FW_IPV4 ? 32 : 128;
}

/* inet_pton is strict about IPv4: four decimal numbers, none above 255, no leading zeroes. */
static int parse_bytes(const char *text, __u8 *family, __u8 addr[16])
{
	memset(addr, 0, 16);
	if (inet_pton(AF_INET, text, addr) == 1) {
		*family = FW_IPV4;
		return 0;
	}
	memset(addr, 0, 16);
	if (inet_pton(AF_INET6, text, addr) != 1)
		return -EINVAL;
	*family = FW_IPV6;
	return 0;
}

static int refuse(const char *text, struct error *err)
{
	if (strchr(text, '%'))
		return error_set(err, -EINVAL, "%.100s: a zone ('%%…') is not part of a prefix: leave it away", text);
	return error_set(err, -EINVAL,
			 "%.100s: not an IPv4 or IPv6 address: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32", text);
}

static bool is_mapped(__u8 family, const __u8 addr[16])
{
	return family == FW_IPV6 && !memcmp(addr, mapped, sizeof(mapped));
}

static void unmap(__u8 *family, __u8 addr[16])
{
	*family = FW_IPV4;
	memmove(addr, addr + 12, 4);
	memset(addr + 4, 0, 12);
}

int address_parse(const char *text, struct fw_addr *out, struct error *err)
{
	memset(out, 0, sizeof(*out));
	if (parse_bytes(text, &out->family, out->addr))
		return refuse(text, err);
	if (is_mapped(out->family, out->addr))
		unmap(&out->family, out->addr);
	return 0;
}

static int parse_length(const char *text, const char *digits, unsigned most, __u8 *out, struct error *err)
{
	unsigned value = 0;
	const char *at;

	for (at = digits; *at >= '0' && *at <= '9' && value <= 128; at++)
		value = value * 10 + (unsigned)(*at - '0');
	if (at == digits || *at || value > most || (digits[0] == '0' && digits[1]))
		return error_set(err, -EINVAL, "%.100s: the prefix length is 0 to %u here", text, most);
	*out = (__u8)value;
	return 0;
}

static void mask(__u8 addr[16], unsigned length)
{
	unsigned i;

	for (i = 0; i < 16; i++) {
		if (length >= 8 * (i + 1))
			continue;
		addr[i] &= length <= 8 * i ? 0 : (__u8)(0xff << (8 - (length - 8 * i)));
	}
}

static int check_host_bits(const char *text, const struct prefix *prefix, struct error *err)
{
	struct prefix masked = *prefix;
	char meant[PREFIX_TEXT_MAX];

	mask(masked.addr, masked.length);
	if (!memcmp(masked.addr, prefix->addr, 16))
		return 0;
	prefix_print(&masked, meant);
	return error_set(err, -EINVAL, "%.100s: bits behind the prefix length are set: write %s", text, meant);
}

int prefix_parse(const char *text, struct prefix *out, struct error *err)
{
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN + 1];
	size_t n = slash ? (size_t)(slash - text) : strlen(text);

	memset(out, 0, sizeof(*out));
	if (n >= sizeof(address))
		return refuse(text, err);
	memcpy(address, text, n);
	address[n] = '\0';
	if (parse_bytes(address, &out->family, out->addr))
		return refuse(text, err);
	out->length = (__u8)bits_of(out->family);
	if (slash && parse_length(text, slash + 1, bits_of(out->family), &out->length, err))
		return -EINVAL;
	if (is_mapped(out->family, out->addr) && out->length >= 96) {
		unmap(&out->family, out->addr);
		out->length -= 96;
	}
	return check_host_bits(text, out, err);
}

void address_print(__u8 family, const __u8 addr[16], char out[PREFIX_TEXT_MAX])
{
	out[0] = '\0';
	if (family)
		inet_ntop(family == FW_IPV4 ? AF_INET : AF_INET6, addr, out, PREFIX_TEXT_MAX);
}

void prefix_print(const struct prefix *prefix, char out[PREFIX_TEXT_MAX])
{
	size_t n;

	if (!prefix->family) {
		strcpy(out, "any");
		return;
	}
	address_print(prefix->family, prefix->addr, out);
	n = strlen(out);
	if (prefix->length != bits_of(prefix->family))
		snprintf(out + n, PREFIX_TEXT_MAX - n, "/%u", prefix->length);
}

static __u64 word(const __u8 *bytes, unsigned n)
{
	__u64 value = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		value = value << 8 | bytes[i];
	return value;
}

static void put_word(__u8 *bytes, unsigned n, __u64 value)
{
	while (n--) {
		bytes[n] = (__u8)value;
		value >>= 8;
	}
}

void prefix_to_key(const struct prefix *prefix, __u32 container, struct fw_prefix *out)
{
	memset(out, 0, sizeof(*out));
	out->container = container;
	out->family = prefix->family;
	out->length = prefix->length;
	if (prefix->family == FW_IPV4) {
		out->low = word(prefix->addr, 4);
	} else {
		out->high = word(prefix->addr, 8);
		out->low = word(prefix->addr + 8, 8);
	}
}

void prefix_of_key(const struct fw_prefix *key, struct prefix *out)
{
	memset(out, 0, sizeof(*out));
	out->family = key->family;
	out->length = key->length;
	if (key->family == FW_IPV4) {
		put_word(out->addr, 4, key->low);
	} else {
		put_word(out->addr, 8, key->high);
		put_word(out->addr + 8, 8, key->low);
	}
}

int prefix_compare(const struct prefix *left, const struct prefix *right)
{
	int addr = memcmp(left->addr, right->addr, 16);

	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	return addr ? addr : (int)left->length - (int)right->length;
}
