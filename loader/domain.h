/* SPDX-License-Identifier: GPL-2.0 */
/* A domain name between its text, its wire format and its key in blocked_domains. Pure. */
#ifndef LOADER_DOMAIN_H
#define LOADER_DOMAIN_H

#include <stdbool.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"

struct domain {
	bool exact;                   /* =DOMAIN: that name alone */
	__u32 length;                 /* of the wire format, with the root's zero */
	__u8 name[FW_DOMAIN_MAX + 1]; /* wire format (RFC 1035 section 3.1), lower case, the rest zero */
};

/*
 * Reads "DOMAIN" or "=DOMAIN": labels of 1 to 63 letters, digits, '-' and '_', 253 characters at most, with or without
 * the last dot. 0, or -EINVAL with a sentence.
 */
int domain_parse(const char *text, struct domain *out, struct error *err);

struct fw_domain_key domain_key(const struct domain *domain);

/* The text of an entry's name, without the last dot. Gives `room`. */
#define DOMAIN_TEXT_MAX 256
const char *domain_text(const __u8 *name, char room[DOMAIN_TEXT_MAX]);

#endif
