/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/conntrack.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
	unsigned steps = 2 * FW_MAX_CONNECTIONS;
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

static enum fw_timeout datagram_timeout(__u8 proto, __u8 state)
{
	switch (proto) {
	case IPPROTO_UDP:
		return state == FW_STATE_REPLIED ? FW_TIMEOUT_UDP : FW_TIMEOUT_UDP_UNREPLIED;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return FW_TIMEOUT_ICMP;
	}
	return FW_TIMEOUT_OTHER;
}

__u64 connection_timeout_ns(const struct fw_config *config, const struct five_tuple *tuple,
			    const struct fw_connection *connection)
{
	switch (connection->state) {
	case FW_STATE_SYN_SENT:
	case FW_STATE_SYN_RECEIVED:
		return config->timeout_ns[FW_TIMEOUT_SYN];
	case FW_STATE_ESTABLISHED:
		return config->timeout_ns[FW_TIMEOUT_ESTABLISHED];
	case FW_STATE_CLOSING:
		return config->timeout_ns[FW_TIMEOUT_CLOSING];
	}
	return config->timeout_ns[datagram_timeout(tuple->proto, connection->state)];
}

__u64 conntrack_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (__u64)now.tv_sec * 1000000000 + (__u64)now.tv_nsec;
}

static bool expired(const struct firewall *fw, const struct tracked *tracked)
{
	__u64 now = conntrack_now_ns(), seen = tracked->connection.last_seen_ns;

	return now > seen && now - seen > connection_timeout_ns(&fw->config, &tracked->tuple, &tracked->connection);
}

/* Looks again just before: the tuple may have been opened anew since the table was read. */
static int expire_one(struct firewall *fw, struct tracked *tracked)
{
	int map_fd = fw->map_fd[MAP_CONNTRACK];

	if (!expired(fw, tracked))
		return 0;
	if (sys_bpf_map_lookup(map_fd, &tracked->tuple, &tracked->connection) || !expired(fw, tracked))
		return 0;
	return !sys_bpf_map_delete(map_fd, &tracked->tuple);
}

int conntrack_expire(struct firewall *fw)
{
	struct tracked_list list = { 0 };
	int code = tracked_list_read(fw, MAP_CONNTRACK, &list);
	size_t i;

	for (i = 0; !(code < 0) && i < list.n; i++)
		code += expire_one(fw, &list.items[i]);
	tracked_list_free(&list);
	return code;
}

static int flush_map(struct firewall *fw, enum fw_map map, bool dry_run)
{
	struct tracked_list list = { 0 };
	int code = tracked_list_read(fw, map, &list);
	int removed = 0;
	size_t i;

	for (i = 0; !code && i < list.n; i++) {
		if (!dry_run)
			code = sys_bpf_map_delete(fw->map_fd[map], &list.items[i].tuple);
		if (!code)
			removed++;
		else if (code == -ENOENT)
			code = 0;
	}
	tracked_list_free(&list);
	return code ? code : removed;
}

int conntrack_flush(struct firewall *fw, bool dry_run)
{
	static const enum fw_map maps[] = { MAP_CONNTRACK, MAP_CONNTRACK_HALF_OPEN, MAP_CONNTRACK_DATAGRAMS };
	int code, removed = 0;
	size_t i;

	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		code = flush_map(fw, maps[i], dry_run);
		if (code < 0)
			return code;
		removed += code;
	}
	return removed;
}
