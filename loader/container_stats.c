/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/container_stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>

#include "loader/cpus.h"
#include "syscalls/bpf.h"

/* `room` is that of a pkt_stats for each CPU, here and below, and its contents are lost. */
static bool counts(struct firewall *fw, __u32 container, void *room)
{
	return container && sys_bpf_map_lookup(fw->map_fd[MAP_PKT_STATS], &container, room) != -ENOENT;
}

/* Its slot in pkt_passed, from zero; unless another that counts has it. */
static int slot_take(struct firewall *fw, __u32 id, void *room)
{
	struct fw_passed *slot = room;
	__u32 at = id % FW_PASSED_SLOTS, owner;
	unsigned cpu;
	int code = sys_bpf_map_lookup(fw->map_fd[MAP_PKT_PASSED], &at, room);

	if (code)
		return code;
	owner = (__u32)slot->container;
	if (owner != id && counts(fw, owner, room))
		return 0;
	memset(room, 0, cpus_bound() * sizeof(*slot));
	for (cpu = 0; cpu < cpus_bound(); cpu++)
		slot[cpu].container = id;
	return sys_bpf_map_update(fw->map_fd[MAP_PKT_PASSED], &at, room, BPF_ANY);
}

/* The slot first: a command that is killed in between leaves no entry beside what the slot had before. */
static int begin(struct firewall *fw, __u32 id, void *room)
{
	int code = slot_take(fw, id, room);

	memset(room, 0, cpus_bound() * sizeof(struct pkt_stats));
	return code ? code : sys_bpf_map_update(fw->map_fd[MAP_PKT_STATS], &id, room, BPF_NOEXIST);
}

int container_stats_enter(struct firewall *fw, __u32 id)
{
	void *room = percpu_room(sizeof(struct pkt_stats));
	int code;

	if (!room)
		return -ENOMEM;
	code = sys_bpf_map_lookup(fw->map_fd[MAP_PKT_STATS], &id, room);
	if (code == -ENOENT)
		code = begin(fw, id, room);
	free(room);
	return code;
}

void container_stats_leave(struct firewall *fw, __u32 id)
{
	sys_bpf_map_delete(fw->map_fd[MAP_PKT_STATS], &id);
}

void container_stats_add_slot(const struct fw_passed *slot, struct pkt_stats *stats)
{
	struct fw_passed sum = { 0 };

	percpu_add(slot, (__u64 *)(void *)&sum, sizeof(sum) / sizeof(__u64));
	stats->rx_packets += sum.rx_packets;
	stats->tx_packets += sum.tx_packets;
	stats->rx_bytes += sum.rx_bytes;
	stats->tx_bytes += sum.tx_bytes;
}

int container_stats_add_passed(const struct firewall *fw, __u32 id, void *room, struct pkt_stats *stats)
{
	const struct fw_passed *slot = room;
	__u32 at = id % FW_PASSED_SLOTS;
	int code = percpu_lookup(fw->map_fd[MAP_PKT_PASSED], &at, room, sizeof(*slot) / sizeof(__u64));

	if (!code && slot->container == id)
		container_stats_add_slot(slot, stats);
	return code;
}
