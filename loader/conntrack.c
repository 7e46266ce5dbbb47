/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/conntrack.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "loader/clock.h"
#include "loader/command.h"
#include "loader/container.h"
#include "loader/container_names.h"
#include "loader/event_print.h"
#include "loader/json.h"
#include "loader/table.h"

#define COLUMNS 9

struct listing {
	struct firewall fw;
	struct container_names names;
	struct tracked_list list;
	__u64 now_ns;
};

static const char *state_name(__u8 state)
{
	static const char *const names[] = {
		[FW_STATE_SYN_SENT] = "syn_sent",
		[FW_STATE_SYN_RECEIVED] = "syn_received",
		[FW_STATE_ESTABLISHED] = "established",
		[FW_STATE_CLOSING] = "closing",
		[FW_STATE_NEW] = "new",
		[FW_STATE_REPLIED] = "replied",
		[FW_STATE_SYN_AGAIN] = "syn_received",
	};

	return state && state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

/* By container, then by all of the tuple; the one seen last first among equals. */
static int compare(const void *left, const void *right)
{
	const struct tracked *a = left, *b = right;
	int order = memcmp(&a->tuple.family, &b->tuple.family, sizeof(a->tuple) - offsetof(struct five_tuple, family));

	if (a->tuple.container != b->tuple.container)
		return a->tuple.container < b->tuple.container ? -1 : 1;
	if (order)
		return order;
	return (a->connection.last_seen_ns < b->connection.last_seen_ns) -
	       (a->connection.last_seen_ns > b->connection.last_seen_ns);
}

static __u64 idle_ns(const struct listing *listing, const struct tracked *tracked)
{
	__u64 seen = tracked->connection.last_seen_ns;

	return listing->now_ns > seen ? listing->now_ns - seen : 0;
}

static __s64 left_ns(const struct listing *listing, const struct tracked *tracked)
{
	return connection_left_ns(&listing->fw.config, tracked, listing->now_ns);
}

/* Sorts, and leaves out what is expired, what is there twice and what is another container's. */
static void select_connections(struct listing *listing, __u32 container)
{
	struct tracked_list *list = &listing->list;
	size_t i, kept = 0;

	if (list->n)
		qsort(list->items, list->n, sizeof(*list->items), compare);
	for (i = 0; i < list->n; i++) {
		const struct tracked *item = &list->items[i];

		if (container && item->tuple.container != container)
			continue;
		if (left_ns(listing, item) < 0)
			continue;
		if (kept && !memcmp(&item->tuple, &list->items[kept - 1].tuple, sizeof(item->tuple)))
			continue;
		list->items[kept++] = *item;
	}
	list->n = kept;
}

static void json_endpoint(struct json *json, const char *ip_key, const char *port_key, const struct tracked *tracked,
			  bool local)
{
	const struct five_tuple *tuple = &tracked->tuple;
	char room[EVENT_ENDPOINT_MAX];

	json_member(json, ip_key,
		    event_endpoint(tuple->family, local ? tuple->local_addr : tuple->remote_addr, 0, false, room));
	json_member_unsigned(json, port_key, ntohs(local ? tuple->local_port_be : tuple->remote_port_be));
}

static void json_connection(struct json *json, const struct listing *listing, const struct tracked *tracked)
{
	__u64 idle = idle_ns(listing, tracked);
	char room[16];

	json_object(json);
	json_member(json, "container", container_name_text(&listing->names, tracked->tuple.container, room));
	json_member(json, "layer", event_layer(tracked->tuple.layer));
	json_member_unsigned(json, "proto", tracked->tuple.proto);
	json_member(json, "state", state_name(tracked->connection.state));
	json_member(json, "direction", tracked->connection.opener == FW_OUT ? "out" : "in");
	json_endpoint(json, "local_ip", "local_port", tracked, true);
	json_endpoint(json, "remote_ip", "remote_port", tracked, false);
	json_member_unsigned(json, "rule", tracked->connection.rule);
	json_member_unsigned(json, "idle_seconds", idle / NS_PER_SECOND);
	json_member_unsigned(json, "expires_seconds", (__u64)left_ns(listing, tracked) / NS_PER_SECOND);
	json_end_object(json);
}

static int print_json(const struct listing *listing)
{
	struct json json;
	size_t i;

	json_begin(&json, stdout);
	json_array(&json);
	for (i = 0; i < listing->list.n; i++)
		json_connection(&json, listing, &listing->list.items[i]);
	json_end_array(&json);
	return json_finish(&json);
}

struct line {
	const char *cells[COLUMNS];
	char name[16], proto[8], local[EVENT_ENDPOINT_MAX], remote[EVENT_ENDPOINT_MAX], idle[24], expires[24];
};

static void line_fill(struct line *line, const struct listing *listing, const struct tracked *tracked)
{
	const struct five_tuple *tuple = &tracked->tuple;
	bool has_port = tuple->proto == IPPROTO_TCP || tuple->proto == IPPROTO_UDP;
	__u64 idle = idle_ns(listing, tracked);
	const char **cells = line->cells;

	snprintf(line->idle, sizeof(line->idle), "%llus", (unsigned long long)(idle / NS_PER_SECOND));
	snprintf(line->expires, sizeof(line->expires), "%llus",
		 (unsigned long long)((__u64)left_ns(listing, tracked) / NS_PER_SECOND));
	cells[0] = container_name_text(&listing->names, tuple->container, line->name);
	cells[1] = event_layer(tuple->layer);
	cells[2] = event_proto(tuple->proto, line->proto);
	cells[3] = tracked->connection.opener == FW_OUT ? "out" : "in";
	cells[4] = event_endpoint(tuple->family, tuple->local_addr, tuple->local_port_be, has_port, line->local);
	cells[5] = event_endpoint(tuple->family, tuple->remote_addr, tuple->remote_port_be, has_port, line->remote);
	cells[6] = state_name(tracked->connection.state);
	cells[7] = line->idle;
	cells[8] = line->expires;
}

static int print_text(const struct listing *listing)
{
	static const char *const headings[COLUMNS] = {
		"CONTAINER", "LAYER", "PROTO", "OPENED", "LOCAL", "REMOTE", "STATE", "IDLE", "EXPIRES",
	};
	struct table table;
	struct line line;
	size_t i;

	table_begin(&table, "lllllllrr");
	table_measure(&table, headings);
	for (i = 0; i < listing->list.n; i++) {
		line_fill(&line, listing, &listing->list.items[i]);
		table_measure(&table, line.cells);
	}
	table_line(&table, stdout, headings);
	for (i = 0; i < listing->list.n; i++) {
		line_fill(&line, listing, &listing->list.items[i]);
		table_line(&table, stdout, line.cells);
	}
	return 0;
}

static int read_tables(struct listing *listing, struct error *err)
{
	int code = conntrack_read(&listing->fw, &listing->list, err);

	listing->now_ns = clock_now_ns();
	return code ? code : container_names_read(&listing->fw, &listing->names, err);
}

int conntrack_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct listing listing = { 0 };
	struct fw_container container = { 0 };
	int code;

	if (n_words > 1)
		return usage_error(err, "conntrack: \"%s\" is one word too many: give one container's name, or none",
				   words[1]);
	if (n_words && container_check_name(words[0], err))
		return EXIT_USAGE;
	code = firewall_open(&listing.fw, options, FIREWALL_READ, err);
	if (code)
		return exit_status_of(code);
	if (n_words)
		code = container_find(&listing.fw, words[0], &container, err);
	if (!code)
		code = read_tables(&listing, err);
	if (!code) {
		select_connections(&listing, container.id);
		code = options->json ? print_json(&listing) : print_text(&listing);
	}
	tracked_list_free(&listing.list);
	container_names_free(&listing.names);
	firewall_close(&listing.fw);
	return exit_status_of(code);
}
