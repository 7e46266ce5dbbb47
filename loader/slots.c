/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/slots.h"

#include <errno.h>
#include <string.h>
#include <linux/bpf.h>

#include "loader/container.h"
#include "loader/map_walk.h"
#include "syscalls/bpf.h"

/* One in a thousand free is found, nearly always; and to look at all of them, for each connection, takes minutes. */
#define SLOTS_TRIED 4096

/* The bits of all numbers below twice the quota: the programs look at no other slot of a container. */
static __u32 slots_mask(__u32 quota)
{
	__u32 mask = 1;

	while (mask < 2 * quota - 1)
		mask = mask << 1 | 1;
	return mask;
}

static __u32 mask_of(struct firewall *fw, __u32 container)
{
	struct container_policy policy;

	if (container_read_policy(fw, container, &policy) || !policy.quota)
		return slots_mask(fw->config.quota);
	return slots_mask(policy.quota);
}

static struct fw_slot slot_of(const struct five_tuple *tuple, __u32 index)
{
	return (struct fw_slot) { .container = tuple->container, .index = index, .layer = tuple->layer };
}

/* -EEXIST: it is another's. */
static int take(int slots, const struct five_tuple *tuple, __u32 index)
{
	struct fw_slot slot = slot_of(tuple, index);
	struct five_tuple there;
	int code = sys_bpf_map_update(slots, &slot, tuple, BPF_NOEXIST);

	if (code == -EEXIST && !sys_bpf_map_lookup(slots, &slot, &there) && !memcmp(&there, tuple, sizeof(there)))
		return 0;
	return code;
}

int slot_give(struct firewall *fw, int slots, const struct five_tuple *tuple, struct fw_connection *connection)
{
	__u32 index = connection->slot, mask, tried;
	int code = -EEXIST;

	if (index <= slots_mask(fw->config.quota))
		code = take(slots, tuple, index);
	if (code != -EEXIST)
		return code;
	mask = mask_of(fw, tuple->container);
	for (tried = 0; code == -EEXIST && tried <= mask && tried < SLOTS_TRIED; tried++) {
		index = (connection->slot + tried) & mask;
		code = take(slots, tuple, index);
	}
	if (!code)
		connection->slot = index;
	return code == -EEXIST ? -ENOSPC : code;
}

void slot_free(int slots, const struct five_tuple *tuple, const struct fw_connection *connection)
{
	struct fw_slot slot = slot_of(tuple, connection->slot);

	sys_bpf_map_delete(slots, &slot);
}

struct filling {
	struct firewall *fw;
	int slots, connections;
};

static int fill_one(const void *tuple, const void *value, void *context)
{
	const struct filling *filling = context;
	struct fw_connection connection = *(const struct fw_connection *)value;
	__u32 before = connection.slot;
	int code = slot_give(filling->fw, filling->slots, tuple, &connection);

	if (!code && connection.slot != before)
		code = sys_bpf_map_update(filling->connections, tuple, &connection, BPF_EXIST);
	return code;
}

int slots_fill(struct firewall *fw, int slots, int connections, struct error *err)
{
	struct filling filling = { fw, slots, connections };
	int code = map_walk(connections, fill_one, &filling);

	if (code == -ENOSPC)
		return error_set(err, code,
				 "room: a container has more connections than it would have room for: give more room, "
				 "or run `bulkhead flush conntrack` first");
	return code ? error_set(err, code, "the connections' slots cannot be written: %s", strerror(-code)) : 0;
}
