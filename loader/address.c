/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/address.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loader/words.h"

#define MAPPED_BITS 96 /* of an IPv4-mapped address before the IPv4 part */

static const char form[] = "write it as 192.0.2.1 or 2001:db8::1; names are not looked up";

bool address_is_among(const struct fw_addr *list, unsigned n, const struct fw_addr *addr)
{
	while (n)
		if (!memcmp(&list[--n], addr, sizeof(*addr)))
			return true;
	return false;
}

__u8 address_bits(__u8 family)
{
	return family == FW_IPV4 ? 32 : 128;
}

/* The readers give NULL, or what is wrong. */
static const char *read_ipv4(const char *text, size_t n, __u8 addr[4])
{
	size_t at = 0;
	int part;

	for (part = 0; part < 4; part++) {
		size_t from = at;
		unsigned value = 0;

		for (; at < n && text[at] >= '0' && text[at] <= '9' && at - from < 3; at++)
			value = value * 10 + (unsigned)(text[at] - '0');
		if (at == from)
			return "not an address";
		if (at - from > 1 && text[from] == '0')
			return "a number begins with 0, which some read as octal";
		if (value > 255)
			return "a number of an IPv4 address is over 255";
		addr[part] = (__u8)value;
		if (part < 3 && (at == n || text[at++] != '.'))
			return "not the four numbers of an IPv4 address";
	}
	return at == n ? NULL : "something follows the four numbers of an IPv4 address";
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* An IPv6 address while it is read, RFC 4291 section 2.2. */
struct groups {
	__u8 *addr;
	unsigned filled; /* bytes */
	int gap;         /* where "::" stands; -1: nowhere */
};

/* One group, or the dotted end; moves *at behind it. */
static const char *read_group(struct groups *groups, const char *text, size_t n, size_t *at)
{
	size_t from = *at;
	unsigned value = 0;

	for (; *at < n && hex_digit(text[*at]) >= 0; ++*at)
		value = (value & 0xfff) << 4 | (unsigned)hex_digit(text[*at]);
	if (*at < n && text[*at] == '.' && groups->filled <= 12) {
		*at = n;
		groups->filled += 4;
		return read_ipv4(text + from, n - from, groups->addr + groups->filled - 4);
	}
	if (*at == from)
		return "not an address";
	if (*at - from > 4)
		return "a group has more than four digits";
	if (groups->filled == 16)
		return "it has more than eight groups";
	groups->addr[groups->filled++] = (__u8)(value >> 8);
	groups->addr[groups->filled++] = (__u8)value;
	return NULL;
}

static const char *close_gap(struct groups *groups)
{
	unsigned behind;

	if (groups->gap < 0)
		return groups->filled == 16 ? NULL : "not the eight groups of an IPv6 address";
	if (groups->filled == 16)
		return "its '::' stands for nothing";
	behind = groups->filled - (unsigned)groups->gap;
	memmove(groups->addr + 16 - behind, groups->addr + groups->gap, behind);
	memset(groups->addr + groups->gap, 0, 16 - groups->filled);
	return NULL;
}

static const char *read_ipv6(const char *text, size_t n, __u8 addr[16])
{
	struct groups groups = { addr, 0, -1 };
	bool behind_group = false;
	const char *wrong;
	size_t at = 0;

	while (at < n) {
		if (n - at >= 2 && text[at] == ':' && text[at + 1] == ':') {
			if (groups.gap >= 0)
				return "'::' stands in it twice";
			groups.gap = (int)groups.filled;
			at += 2;
			behind_group = false;
			continue;
		}
		if (behind_group && text[at++] != ':')
			return "not an address";
		wrong = read_group(&groups, text, n, &at);
		if (wrong)
			return wrong;
		behind_group = true;
	}
	return close_gap(&groups);
}

static bool is_mapped(const __u8 addr[16])
{
	static const __u8 mapped[MAPPED_BITS / 8] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(addr, mapped, sizeof(mapped));
}

/* Reads n bytes of `word`. */
static int read_address(const char *word, size_t n, __u8 *family, __u8 addr[16], struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	const char *wrong;

	memset(addr, 0, 16);
	/* What lists have most of first. */
	*family = FW_IPV4;
	if (!read_ipv4(word, n, addr))
		return 0;
	memset(addr, 0, 16);
	if (memchr(word, '%', n))
		return error_set(err, -EINVAL, "%s: a zone means nothing here: leave out the '%%' and what follows it",
				 word_shown(word, shown));
	*family = memchr(word, ':', n) ? FW_IPV6 : FW_IPV4;
	wrong = *family == FW_IPV6 ? read_ipv6(word, n, addr) : read_ipv4(word, n, addr);
	if (wrong)
		return error_set(err, -EINVAL, "%s: %s: %s", word_shown(word, shown), wrong, form);
	return 0;
}

static void unmap(__u8 *family, __u8 addr[16])
{
	memcpy(addr, addr + MAPPED_BITS / 8, 4);
	memset(addr + 4, 0, 12);
	*family = FW_IPV4;
}

int address_parse(const char *text, struct fw_addr *out, struct error *err)
{
	int code;

	memset(out, 0, sizeof(*out));
	code = read_address(text, strlen(text), &out->family, out->addr, err);
	if (!code && out->family == FW_IPV6 && is_mapped(out->addr))
		unmap(&out->family, out->addr);
	return code;
}

/* Clears what lies beyond the length. Whether there was anything. */
static bool mask(struct prefix *prefix)
{
	bool beyond = false;
	unsigned i;

	for (i = 0; i < 16; i++) {
		unsigned keep = prefix->length > 8 * i ? prefix->length - 8 * i : 0;
		__u8 bits = keep >= 8 ? 0xff : (__u8)(0xff00 >> keep);

		beyond |= prefix->addr[i] & ~bits;
		prefix->addr[i] &= bits;
	}
	return beyond;
}

static int read_length(const char *word, const char *length, struct prefix *out, struct error *err)
{
	unsigned bits = address_bits(out->family);
	char shown[WORD_SHOWN_MAX];
	__u64 number;

	if (word_number(length, bits, &number))
		return error_set(err, -EINVAL, "%s: not a length of an IPv%u prefix: use /0 to /%u",
				 word_shown(word, shown), out->family, bits);
	out->length = (__u8)number;
	return 0;
}

int prefix_parse(const char *text, struct prefix *out, struct error *err)
{
	char meant[PREFIX_TEXT_MAX];
	size_t n = 0;
	int code;

	while (text[n] && text[n] != '/')
		n++;
	memset(out, 0, sizeof(*out));
	code = read_address(text, n, &out->family, out->addr, err);
	if (code)
		return code;
	out->length = address_bits(out->family);
	if (text[n])
		code = read_length(text, text + n + 1, out, err);
	if (code)
		return code;
	if (out->family == FW_IPV6 && is_mapped(out->addr)) {
		if (out->length < MAPPED_BITS)
			return error_set(err, -EINVAL, "%s: IPv4 in IPv6 has 96 bits more: write the IPv4 prefix",
					 text);
		unmap(&out->family, out->addr);
		out->length -= MAPPED_BITS;
	}
	if (text[n] && mask(out))
		return error_set(err, -EINVAL, "%s: bits are set beyond its length: write %s if that is meant", text,
				 prefix_print(out, meant));
	return 0;
}

/* The first of the longest runs of zero groups, if it has two or more: RFC 5952, section 4.2. */
static void longest_run(const unsigned groups[8], int *from, int *length)
{
	int i, run = 0;

	*from = -1;
	*length = 1;
	for (i = 0; i < 8; i++) {
		run = groups[i] ? 0 : run + 1;
		if (run > *length) {
			*length = run;
			*from = i - run + 1;
		}
	}
}

static void print_ipv6(const __u8 *addr, char *to)
{
	unsigned groups[8];
	int from, length, i;

	for (i = 0; i < 8; i++)
		groups[i] = (unsigned)addr[2 * i] << 8 | addr[2 * i + 1];
	longest_run(groups, &from, &length);
	for (i = 0; i < 8; i++) {
		if (i == from) {
			to += sprintf(to, "::");
			i += length - 1;
			continue;
		}
		to += sprintf(to, i && i != from + length ? ":%x" : "%x", groups[i]);
	}
}

const char *address_print(__u8 family, const __u8 *addr_be, char room[ADDRESS_TEXT_MAX])
{
	if (family == FW_IPV4)
		sprintf(room, "%u.%u.%u.%u", addr_be[0], addr_be[1], addr_be[2], addr_be[3]);
	else
		print_ipv6(addr_be, room);
	return room;
}

const char *prefix_print(const struct prefix *prefix, char room[PREFIX_TEXT_MAX])
{
	address_print(prefix->family, prefix->addr, room);
	if (prefix->length < address_bits(prefix->family))
		sprintf(room + strlen(room), "/%u", prefix->length);
	return room;
}

static __u64 bytes_to_number(const __u8 *bytes, unsigned n)
{
	__u64 number = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		number = number << 8 | bytes[i];
	return number;
}

static void number_to_bytes(__u64 number, __u8 *bytes, unsigned n)
{
	for (; n; number >>= 8)
		bytes[--n] = (__u8)number;
}

struct fw_prefix prefix_key(__u32 rules, const struct prefix *prefix)
{
	struct fw_prefix key = { .rules = rules, .family = prefix->family, .length = prefix->length };

	if (prefix->family == FW_IPV4) {
		key.low = bytes_to_number(prefix->addr, 4);
	} else {
		key.high = bytes_to_number(prefix->addr, 8);
		key.low = bytes_to_number(prefix->addr + 8, 8);
	}
	return key;
}

struct prefix prefix_of_key(const struct fw_prefix *key)
{
	struct prefix prefix = { .family = key->family, .length = key->length };

	if (key->family == FW_IPV4) {
		number_to_bytes(key->low, prefix.addr, 4);
	} else {
		number_to_bytes(key->high, prefix.addr, 8);
		number_to_bytes(key->low, prefix.addr + 8, 8);
	}
	return prefix;
}

int prefix_compare(const void *left, const void *right)
{
	const struct prefix *a = left, *b = right;
	int order = (int)a->family - b->family;

	if (!order)
		order = memcmp(a->addr, b->addr, sizeof(a->addr));
	return order ? order : (int)a->length - b->length;
}
