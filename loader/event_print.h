/* SPDX-License-Identifier: GPL-2.0 */
/* An event as a line: for people, or as a JSON object. */
#ifndef LOADER_EVENT_PRINT_H
#define LOADER_EVENT_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"

/* The words that `events`, `stats` and `conntrack` share; "unknown" where the number is none of ours. */
const char *event_reason(__u8 reason);
const char *event_layer(__u8 layer);
/* "tcp", or the number. Gives `room` or a constant. */
const char *event_proto(__u8 proto, char room[8]);

/* "10.1.0.2:80", "[2001:db8::1]:80"; without the port where has_port is not set; "?" for no IP address. addr_be as in
 * struct fw_event. */
#define EVENT_ENDPOINT_MAX 64
const char *event_endpoint(__u8 family, const __u8 *addr_be, __u16 port_be, bool has_port,
			   char room[EVENT_ENDPOINT_MAX]);

/*
 * A name in wire format (RFC 1035, section 3.1) as text without the last dot; a byte that is not a plain letter of a
 * name is written \DDD as in master files. What is cut off or contradicts itself ends in "...". "." is the root.
 */
#define EVENT_DOMAIN_TEXT_MAX (4 * FW_DOMAIN_MAX + 8)
void event_domain_text(const __u8 *wire, size_t length, char room[EVENT_DOMAIN_TEXT_MAX]);

/*
 * Takes a record's bytes as the programs send them: at least FW_EVENT_SHORT, without the domain's unused end, which is
 * left as it was. 0, or -EINVAL for a record that is none of ours.
 */
int event_from_record(const void *bytes, size_t size, struct fw_event *out);

struct event_view {
	const struct fw_event *event;
	const char *container; /* "" for the host's uplinks */
	const char *ifname; /* "" where not known: an index in another network namespace, or a device that has gone */
	__s64 wall_ns;      /* CLOCK_REALTIME of the event */
};

/* `colour`: with the terminal's escape sequences. */
void event_print_text(FILE *out, const struct event_view *view, bool colour);
void event_print_json(FILE *out, const struct event_view *view);

void event_print_lost_text(FILE *out, __u64 lost, bool colour);
void event_print_lost_json(FILE *out, __u64 lost);

#endif
