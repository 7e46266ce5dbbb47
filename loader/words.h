/* SPDX-License-Identifier: GPL-2.0 */
/* The words of the command line that several commands share: numbers, protocols, ports. */
#ifndef LOADER_WORDS_H
#define LOADER_WORDS_H

#include <stdbool.h>
#include <linux/types.h>
#include "elf/error.h"

/*
 * A word of the user's as an error may show it: on one line, cut off after some bytes, what is not printable ASCII as
 * \xNN, nothing as (nothing). Gives `room`.
 */
#define WORD_SHOWN_MAX 80
const char *word_shown(const char *word, char room[WORD_SHOWN_MAX]);

/* The number of the network device of that name; 0: there is none. */
unsigned word_device(const char *word);

/* Decimal digits and nothing else, without leading zeros, 0 to max. 0, -EINVAL: not that; -ERANGE: a number over max.
 */
int word_number(const char *word, __u64 max, __u64 *out);

/* allow or deny, as enum fw_action; false: neither. And the word for it. */
bool word_action(const char *word, __u8 *action);
const char *action_print(__u8 action);

/*
 * tcp, udp, icmp, any or 0 to 255, as struct fw_statement has it. icmp is FW_PROTO_ICMP_BOTH, any is FW_PROTO_ANY.
 * -EINVAL and a sentence.
 */
int word_proto(const char *word, __u16 *proto, struct error *err);

/* The word for it: a constant or `room`. */
const char *proto_print(__u16 proto, char room[8]);

/* Seconds of "90", "90s", "10m", "12h" or "7d", 1 to a year of them. -EINVAL and a sentence. */
#define WORD_SECONDS_MAX 31536000u
int word_duration(const char *word, __u32 *seconds, struct error *err);

/* "N" or "N-M", 1 to 65535, N not above M. -EINVAL and a sentence. */
int word_ports(const char *word, __u16 *low, __u16 *high, struct error *err);

#endif
