/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/words.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "bpf/fw_abi.h"

#define PROTO_TCP 6
#define PROTO_UDP 17

const char *word_shown(const char *word, char room[WORD_SHOWN_MAX])
{
	size_t at = 0;

	if (!*word)
		return strcpy(room, "(nothing)");
	for (; *word && at < WORD_SHOWN_MAX - 8; word++) {
		unsigned char byte = (unsigned char)*word;

		if (byte > ' ' && byte < 0x7f)
			room[at++] = (char)byte;
		else
			at += (size_t)snprintf(room + at, WORD_SHOWN_MAX - at, "\\x%02x", byte);
	}
	strcpy(room + at, *word ? "..." : "");
	return room;
}

/* The library cuts a long name off, and the kernel what stands behind a colon. */
unsigned word_device(const char *word)
{
	return strlen(word) < IF_NAMESIZE && !strchr(word, ':') ? if_nametoindex(word) : 0;
}

int word_number(const char *word, __u64 max, __u64 *out)
{
	__u64 value = 0;
	const char *digit;

	for (digit = word; *digit; digit++)
		if (*digit < '0' || *digit > '9')
			return -EINVAL;
	if (digit == word || (word[0] == '0' && word[1]))
		return -EINVAL;
	for (digit = word; *digit; digit++) {
		unsigned next = (unsigned)(*digit - '0');

		if (value > max / 10 || value * 10 > max - next || next > max)
			return -ERANGE;
		value = value * 10 + next;
	}
	*out = value;
	return 0;
}

int word_proto(const char *word, __u16 *proto, struct error *err)
{
	static const struct {
		const char *word;
		__u16 proto;
	} names[] = {
		{ "tcp", PROTO_TCP },
		{ "udp", PROTO_UDP },
		{ "icmp", FW_PROTO_ICMP_BOTH },
		{ "any", FW_PROTO_ANY },
	};
	char shown[WORD_SHOWN_MAX];
	__u64 number;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(word, names[i].word)) {
			*proto = names[i].proto;
			return 0;
		}
	}
	if (word_number(word, 255, &number))
		return error_set(err, -EINVAL, "%s: no such protocol: use tcp, udp, icmp, any or a number of 0 to 255",
				 word_shown(word, shown));
	*proto = (__u16)number;
	return 0;
}

const char *proto_print(__u16 proto, char room[8])
{
	switch (proto) {
	case PROTO_TCP:
		return "tcp";
	case PROTO_UDP:
		return "udp";
	case FW_PROTO_ICMP_BOTH:
		return "icmp";
	case FW_PROTO_ANY:
		return "any";
	}
	snprintf(room, 8, "%u", proto);
	return room;
}

static int read_port(const char *text, size_t n, __u16 *port)
{
	char digits[8] = "";
	__u64 number;

	if (n == 0 || n >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, n);
	if (word_number(digits, 65535, &number) || number == 0)
		return -EINVAL;
	*port = (__u16)number;
	return 0;
}

int word_ports(const char *word, __u16 *low, __u16 *high, struct error *err)
{
	size_t first = strcspn(word, "-");
	const char *last = word[first] ? word + first + 1 : word;
	char shown[WORD_SHOWN_MAX];

	if (read_port(word, first, low) || read_port(last, strlen(last), high))
		return error_set(err, -EINVAL, "%s: not a port: use a number of 1 to 65535, or two as in 8000-8100",
				 word_shown(word, shown));
	if (*low > *high)
		return error_set(err, -EINVAL, "%s: the first port is above the last: write %u-%u", word, *high, *low);
	return 0;
}

int word_duration(const char *word, __u32 *seconds, struct error *err)
{
	static const struct {
		char unit;
		__u32 seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char number[16], shown[WORD_SHOWN_MAX];
	size_t n = strlen(word), i;
	__u32 unit = 1;
	__u64 count;

	for (i = 0; n && i < sizeof(units) / sizeof(*units); i++)
		if (word[n - 1] == units[i].unit)
			unit = units[i].seconds;
	if (n && (word[n - 1] < '0' || word[n - 1] > '9'))
		n--;
	snprintf(number, sizeof(number), "%.*s", (int)(n < sizeof(number) ? n : sizeof(number) - 1), word);
	if (n >= sizeof(number) || (word[n] && !strchr("smhd", word[n])) ||
	    word_number(number, WORD_SECONDS_MAX / unit, &count) || !count)
		return error_set(err, -EINVAL, "%s: not a time: use one as in 90s, 10m, 12h or 7d, at most a year",
				 word_shown(word, shown));
	*seconds = (__u32)count * unit;
	return 0;
}

bool word_action(const char *word, __u8 *action)
{
	*action = strcmp(word, "allow") ? FW_DROP : FW_PASS;
	return *action == FW_PASS || !strcmp(word, "deny");
}

const char *action_print(__u8 action)
{
	return action == FW_PASS ? "allow" : "deny";
}
