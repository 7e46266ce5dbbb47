/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/conntrack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/clock.h"
#include "loader/command.h"
#include "loader/rooms.h"
#include "syscalls/bpf.h"

#define BATCH 1024

static int list_reserve(struct tracked_list *list, size_t more)
{
	struct tracked *items;
	size_t room = list->room ? list->room : BATCH;

	while (room < list->n + more)
		room *= 2;
	if (room == list->room)
		return 0;
	items = realloc(list->items, room * sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	list->room = room;
	return 0;
}

static int list_add(struct tracked_list *list, const struct five_tuple *tuple, const struct fw_connection *connection)
{
	if (list_reserve(list, 1))
		return -ENOMEM;
	list->items[list->n].tuple = *tuple;
	list->items[list->n++].connection = *connection;
	return 0;
}

void tracked_list_free(struct tracked_list *list)
{
	free(list->items);
	memset(list, 0, sizeof(*list));
}

struct batch {
	struct five_tuple keys[BATCH];
	struct fw_connection values[BATCH];
};

static int read_batches(int map_fd, struct batch *batch, struct tracked_list *list)
{
	__u32 position, count, i;
	const void *from = NULL;
	int code;

	do {
		count = BATCH;
		code = sys_bpf_map_lookup_batch(map_fd, from, &position, batch->keys, batch->values, &count);
		if (code && code != -ENOENT)
			return code;
		from = &position;
		for (i = 0; i < count; i++)
			if (list_add(list, &batch->keys[i], &batch->values[i]))
				return -ENOMEM;
	} while (!code);
	return 0;
}

/*
 * Next-key starts anew where the key it was given has been deleted meanwhile, so the walk is bounded by the size of the
 * table and not by its end.
 */
static int read_singly(int map_fd, struct tracked_list *list)
{
	struct five_tuple key, next;
	struct fw_connection connection;
	unsigned steps = 2 * ROOM_MOST;
	int code = sys_bpf_map_next_key(map_fd, NULL, &next);

	while (!code && steps--) {
		key = next;
		code = sys_bpf_map_lookup(map_fd, &key, &connection);
		if (!code)
			code = list_add(list, &key, &connection);
		if (code && code != -ENOENT)
			return code;
		code = sys_bpf_map_next_key(map_fd, &key, &next);
	}
	return code == -ENOENT ? 0 : code;
}

static bool lacks_batches(int code)
{
	return code == -EINVAL || code == -EOPNOTSUPP || code == -ENOSPC;
}

int tracked_list_read(struct firewall *fw, enum fw_map map, struct tracked_list *list)
{
	struct batch *batch = malloc(sizeof(*batch));
	size_t before = list->n;
	int code;

	if (!batch)
		return -ENOMEM;
	code = read_batches(fw->map_fd[map], batch, list);
	free(batch);
	if (!lacks_batches(code))
		return code;
	list->n = before;
	return read_singly(fw->map_fd[map], list);
}

__s64 connection_left_ns(const struct fw_config *config, const struct tracked *tracked, __u64 now_ns)
{
	const struct fw_connection *connection = &tracked->connection;
	__u64 idle = now_ns > connection->last_seen_ns ? now_ns - connection->last_seen_ns : 0;

	if (connection->epoch != config->epoch)
		return -1;
	return (__s64)(config->timeout_ns[connection->timeout % FW_TIMEOUT_N] - idle);
}

static const enum fw_map tables[] = { MAP_CONNTRACK, MAP_CONNTRACK_HALF_OPEN, MAP_CONNTRACK_ASKED };
#define N_TABLES (sizeof(tables) / sizeof(*tables))

int conntrack_read(struct firewall *fw, struct tracked_list *list, struct error *err)
{
	int code = 0;
	size_t i;

	for (i = 0; !code && i < N_TABLES; i++) {
		code = tracked_list_read(fw, tables[i], list);
		if (code)
			error_set(err, code, "%s: it cannot be read: %s", firewall_map_name(tables[i]),
				  strerror(-code));
	}
	return code;
}

static int count_alive(const struct fw_config *config, const struct tracked_list *list)
{
	__u64 now = clock_now_ns();
	int n = 0;
	size_t i;

	for (i = 0; i < list->n; i++)
		n += connection_left_ns(config, &list->items[i], now) >= 0;
	return n;
}

static void remove_from_tables(struct firewall *fw, const struct tracked *item)
{
	struct fw_slot slot = { item->tuple.container, item->connection.slot, item->tuple.layer, { 0 } };
	size_t i;

	for (i = 0; i < N_TABLES; i++)
		if (!sys_bpf_map_delete(fw->map_fd[tables[i]], &item->tuple) && tables[i] == MAP_CONNTRACK)
			sys_bpf_map_delete(fw->map_fd[MAP_CONNTRACK_SLOTS], &slot);
}

/* Whether one that was opened anew meanwhile has taken its place. */
static bool is_of_epoch(struct firewall *fw, const struct five_tuple *tuple, __u32 epoch)
{
	struct fw_connection connection;
	size_t i;

	for (i = 0; i < N_TABLES; i++)
		if (!sys_bpf_map_lookup(fw->map_fd[tables[i]], tuple, &connection) && connection.epoch == epoch)
			return true;
	return false;
}

/* A connection that ended leaves its count, of none; so the counts are looked through, and not the connections. */
static void remove_flushed_counts(struct firewall *fw)
{
	int map = fw->map_fd[MAP_CONNTRACK_COUNTS];
	struct fw_count_key key, next;
	bool more = !sys_bpf_map_next_key(map, NULL, &key);

	while (more) {
		more = !sys_bpf_map_next_key(map, &key, &next);
		if (key.epoch != fw->config.epoch)
			sys_bpf_map_delete(map, &key);
		key = next;
	}
}

/* Those of another epoch are nothing to the programs any more; their room is given back all the same. */
static void remove_flushed(struct firewall *fw, const struct tracked_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!is_of_epoch(fw, &list->items[i].tuple, fw->config.epoch))
			remove_from_tables(fw, &list->items[i]);
	remove_flushed_counts(fw);
}

void conntrack_leave(struct firewall *fw, __u32 container)
{
	struct fw_count_key count = { container, fw->config.epoch, FW_LAYER_TC, { 0 } };
	struct tracked_list list = { 0 };
	struct error ignored = { 0 };
	size_t i;

	conntrack_read(fw, &list, &ignored);
	for (i = 0; i < list.n; i++)
		if (list.items[i].tuple.container == container)
			remove_from_tables(fw, &list.items[i]);
	sys_bpf_map_delete(fw->map_fd[MAP_CONNTRACK_COUNTS], &count);
	count.layer = FW_LAYER_CGROUP;
	sys_bpf_map_delete(fw->map_fd[MAP_CONNTRACK_COUNTS], &count);
	tracked_list_free(&list);
}

int conntrack_flush(struct firewall *fw, struct error *err)
{
	struct tracked_list list = { 0 };
	int code = conntrack_read(fw, &list, err), n;

	n = count_alive(&fw->config, &list);
	if (!code && !fw->options->dry_run) {
		fw->config.epoch++;
		code = firewall_write_config(fw, err);
		if (!code)
			remove_flushed(fw, &list);
	}
	tracked_list_free(&list);
	return code ? code : n;
}
