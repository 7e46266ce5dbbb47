/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/domain.h"

#include <errno.h>
#include <string.h>

#include "loader/words.h"

#define LABEL_MAX 63

static int is_label_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       byte == '-' || byte == '_';
}

static int wrong(const char *text, struct error *err, const char *why)
{
	char shown[WORD_SHOWN_MAX];

	return error_set(err, -EINVAL, "%s: %s", word_shown(text, shown), why);
}

static int check_label(const char *text, const char *label, size_t n, struct error *err)
{
	size_t i;

	if (!n)
		return wrong(text, err, "a domain has no empty label: write it as in example.com");
	if (n > LABEL_MAX)
		return wrong(text, err, "a label has over 63 bytes: no such domain can be (RFC 1035)");
	if (n == 1 && *label == '*')
		return wrong(text, err, "a blocked domain stands for all below it: leave out the *.");
	for (i = 0; i < n; i++)
		if (!is_label_byte(label[i]))
			return wrong(text, err,
				     "a domain is letters, digits, '-', '_' and dots: write others in their xn-- form");
	return 0;
}

static __u8 folded(char byte)
{
	return (__u8)(byte >= 'A' && byte <= 'Z' ? byte + 'a' - 'A' : byte);
}

static int put_label(const char *text, const char *label, size_t n, struct domain *out, struct error *err)
{
	int code = check_label(text, label, n, err);
	size_t i;

	if (code)
		return code;
	if (out->length + 1 + n + 1 > FW_DOMAIN_MAX)
		return wrong(text, err, "a domain has at most 253 characters (RFC 1035)");
	out->name[out->length++] = (__u8)n;
	for (i = 0; i < n; i++)
		out->name[out->length++] = folded(label[i]);
	return 0;
}

int domain_parse(const char *text, struct domain *out, struct error *err)
{
	const char *label = text;
	int code = 0;

	memset(out, 0, sizeof(*out));
	if (*label == '=') {
		out->exact = true;
		label++;
	}
	do {
		size_t n = strcspn(label, ".");

		code = put_label(text, label, n, out, err);
		label += n;
		label += *label == '.';
	} while (!code && *label);
	out->length++; /* the root's zero */
	return code;
}

struct fw_domain_key domain_key(const struct domain *domain)
{
	struct fw_domain_key key = { .hash = FNV1A_OFFSET_BASIS, .length = domain->length };
	__u32 i;

	for (i = domain->length; i-- > 0;)
		key.hash = fnv1a_hash(key.hash, domain->name[i]);
	return key;
}

const char *domain_text(const __u8 *name, char room[DOMAIN_TEXT_MAX])
{
	size_t at = 0, out = 0;

	while (at < FW_DOMAIN_MAX && name[at] && at + name[at] < FW_DOMAIN_MAX) {
		if (out)
			room[out++] = '.';
		memcpy(room + out, name + at + 1, name[at]);
		out += name[at];
		at += name[at] + 1u;
	}
	room[out] = '\0';
	return room;
}
