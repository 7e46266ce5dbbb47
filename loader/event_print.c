/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/event_print.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "loader/json.h"
#include "loader/words.h"

#define NS_PER_SECOND 1000000000LL

const char *event_reason(__u8 reason)
{
	static const char *const names[FW_REASON_N] = {
		[FW_REASON_NONE] = "none",
		[FW_REASON_BLOCKLIST] = "blocklist",
		[FW_REASON_RATE_LIMIT] = "rate_limit",
		[FW_REASON_DNS] = "dns",
		[FW_REASON_RULE] = "rule",
		[FW_REASON_DEFAULT_DENY] = "default_deny",
		[FW_REASON_INVALID] = "invalid",
		[FW_REASON_FRAGMENT] = "fragment",
		[FW_REASON_NO_STATE] = "no_state",
		[FW_REASON_EGRESS] = "egress",
		[FW_REASON_SPOOF] = "spoof",
		[FW_REASON_TABLE_FULL] = "table_full",
	};

	return reason < FW_REASON_N ? names[reason] : "unknown";
}

const char *event_layer(__u8 layer)
{
	switch (layer) {
	case FW_LAYER_XDP:
		return "xdp";
	case FW_LAYER_TC:
		return "tc";
	case FW_LAYER_CGROUP:
		return "cgroup";
	}
	return "unknown";
}

const char *event_proto(__u8 proto, char room[8])
{
	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmp6";
	}
	snprintf(room, 8, "%u", proto);
	return room;
}

const char *event_endpoint(__u8 family, const __u8 *addr_be, __u16 port_be, bool has_port,
			   char room[EVENT_ENDPOINT_MAX])
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (family == FW_IPV4 || family == FW_IPV6)
		inet_ntop(family == FW_IPV4 ? AF_INET : AF_INET6, addr_be, text, sizeof(text));
	if (!has_port)
		snprintf(room, EVENT_ENDPOINT_MAX, "%s", text);
	else
		snprintf(room, EVENT_ENDPOINT_MAX, family == FW_IPV6 ? "[%s]:%u" : "%s:%u", text, ntohs(port_be));
	return room;
}

/* In lower case: letters of either case are the same name. */
static char *domain_byte(char *to, __u8 byte)
{
	if (byte >= 'A' && byte <= 'Z')
		byte |= 0x20;
	if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_') {
		*to++ = (char)byte;
		return to;
	}
	return to + sprintf(to, "\\%03u", byte);
}

void event_domain_text(const __u8 *wire, size_t length, char room[EVENT_DOMAIN_TEXT_MAX])
{
	size_t at = 0;
	char *to = room;

	if (length > FW_DOMAIN_MAX)
		length = FW_DOMAIN_MAX;
	while (at < length && wire[at]) {
		size_t end = at + 1 + wire[at];

		if (wire[at] > 63 || end > length)
			break;
		if (to != room)
			*to++ = '.';
		for (at++; at < end; at++)
			to = domain_byte(to, wire[at]);
	}
	if (at >= length || wire[at])
		strcpy(to, "...");
	else
		strcpy(to, to == room ? "." : "");
}

int event_from_record(const void *bytes, size_t size, struct fw_event *out)
{
	if (size < FW_EVENT_SHORT)
		return -EINVAL;
	if (size > sizeof(*out))
		size = sizeof(*out);
	memcpy(out, bytes, size);
	/* A perf event array pads what it carries, so a domain is there only where the whole of it is. */
	if (out->domain_length > size - FW_EVENT_SHORT)
		out->domain_length = 0;
	return 0;
}

/* The clock on the wall, "10:50:01.123", in the zone of the reader. */
static void wall_text(__s64 wall_ns, char *room, size_t size)
{
	time_t seconds = (time_t)(wall_ns / NS_PER_SECOND);
	struct tm tm = { 0 };

	localtime_r(&seconds, &tm);
	snprintf(room, size, "%02d:%02d:%02d.%03u", tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (unsigned)(wall_ns % NS_PER_SECOND / 1000000));
}

/* RFC 3339 in UTC, with all the digits. */
static void wall_rfc3339(__s64 wall_ns, char *room, size_t size)
{
	time_t seconds = (time_t)(wall_ns / NS_PER_SECOND);
	struct tm tm = { .tm_year = 70, .tm_mday = 1 };

	gmtime_r(&seconds, &tm);
	snprintf(room, size, "%04d-%02d-%02dT%02d:%02d:%02d.%09uZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		 tm.tm_hour, tm.tm_min, tm.tm_sec, (unsigned)(wall_ns % NS_PER_SECOND));
}

/* A socket that was refused at connect(2): no packet of it was ever made. */
static bool is_connect(const struct fw_event *event)
{
	return event->layer == FW_LAYER_CGROUP && !event->len;
}

static void print_place(FILE *out, const struct event_view *view)
{
	char shown[WORD_SHOWN_MAX];

	if (is_connect(view->event))
		fputs("  at connect\n", out);
	else if (*view->ifname)
		fprintf(out, "  %u bytes  %s\n", view->event->len, word_shown(view->ifname, shown));
	else
		fprintf(out, "  %u bytes  if %u\n", view->event->len, view->event->ifindex);
}

#define PLAIN "\033[m"
#define BOLD "\033[1m"
#define DIM "\033[2m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define CYAN "\033[36m"

/* One part of a line, at least `width` columns wide. */
static void part(FILE *out, const char *ink, int width, const char *text)
{
	fprintf(out, "%s%-*s%s", ink, width, text, *ink ? PLAIN : "");
}

static void print_ends(FILE *out, const struct fw_event *event)
{
	char source[EVENT_ENDPOINT_MAX], target[EVENT_ENDPOINT_MAX], proto[8];
	bool has_port = event->proto == IPPROTO_TCP || event->proto == IPPROTO_UDP;

	event_endpoint(event->family, event->src_addr, event->src_port_be, has_port, source);
	event_endpoint(event->family, event->dst_addr, event->dst_port_be, has_port, target);
	if (is_connect(event))
		fprintf(out, "  %-5s  -> %s", event_proto(event->proto, proto), target);
	else if (event->family)
		fprintf(out, "  %-5s  %s -> %s", event_proto(event->proto, proto), source, target);
	else
		fputs("  not IP", out);
}

void event_print_text(FILE *out, const struct event_view *view, bool colour)
{
	const struct fw_event *event = view->event;
	bool passed = event->action == FW_PASS;
	char clock[32], domain[EVENT_DOMAIN_TEXT_MAX];

	wall_text(view->wall_ns, clock, sizeof(clock));
	part(out, colour ? DIM : "", 14, clock);
	part(out, colour ? BOLD : "", 16, *view->container ? view->container : "(uplinks)");
	fprintf(out, "  %-6s  ", event_layer(event->layer));
	part(out, !colour ? "" : passed ? GREEN : RED, 5, passed ? "pass" : "drop");
	part(out, colour ? YELLOW : "", 12, event_reason(event->reason));
	print_ends(out, event);
	if (event->domain_length) {
		event_domain_text(event->domain, event->domain_length, domain);
		fputs("  ", out);
		part(out, colour ? CYAN : "", 0, domain);
	}
	print_place(out, view);
}

static void json_address(struct json *json, const char *key, const struct fw_event *event, const __u8 *addr_be)
{
	char room[EVENT_ENDPOINT_MAX] = "";

	if (event->family)
		event_endpoint(event->family, addr_be, 0, false, room);
	json_member(json, key, room);
}

static void json_domain(struct json *json, const struct fw_event *event)
{
	char domain[EVENT_DOMAIN_TEXT_MAX];

	if (!event->domain_length)
		return;
	event_domain_text(event->domain, event->domain_length, domain);
	json_member(json, "domain", domain);
}

void event_print_json(FILE *out, const struct event_view *view)
{
	const struct fw_event *event = view->event;
	char wall[64];
	struct json json;

	wall_rfc3339(view->wall_ns, wall, sizeof(wall));
	json_begin(&json, out);
	json_object(&json);
	json_member_unsigned(&json, "timestamp_ns", event->timestamp_ns);
	json_member(&json, "time", wall);
	json_member(&json, "layer", event_layer(event->layer));
	json_member(&json, "container", view->container);
	json_key(&json, "cgroup_id");
	json_id(&json, event->cgroup_id);
	json_address(&json, "src_ip", event, event->src_addr);
	json_address(&json, "dst_ip", event, event->dst_addr);
	json_member_unsigned(&json, "src_port", ntohs(event->src_port_be));
	json_member_unsigned(&json, "dst_port", ntohs(event->dst_port_be));
	json_member_unsigned(&json, "proto", event->proto);
	json_member(&json, "action", event->action == FW_PASS ? "pass" : "drop");
	json_member(&json, "reason", event_reason(event->reason));
	json_member(&json, "direction", event->direction == FW_OUT ? "out" : "in");
	json_member_unsigned(&json, "rule", event->rule);
	json_member_unsigned(&json, "ifindex", event->ifindex);
	json_member(&json, "ifname", view->ifname);
	json_member_unsigned(&json, "len", event->len);
	json_domain(&json, event);
	json_end_object(&json);
	putc('\n', out);
}

void event_print_lost_text(FILE *out, __u64 lost, bool colour)
{
	char text[64];

	snprintf(text, sizeof(text), "... %llu event%s lost", (unsigned long long)lost, lost == 1 ? "" : "s");
	part(out, colour ? RED : "", 0, text);
	putc('\n', out);
}

void event_print_lost_json(FILE *out, __u64 lost)
{
	fprintf(out, "{\"lost\":%llu}\n", (unsigned long long)lost);
}
