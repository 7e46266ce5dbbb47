/* SPDX-License-Identifier: GPL-2.0 */
/* More lines for blocked addresses than there are. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "loader/array.h"
#include "loader/block_lines.h"
#include "loader/grow.h"
#include "loader/map_walk.h"
#include "syscalls/bpf.h"

/* Of lines in such a map three places of five are taken on average: one in ten is full. */
static __u64 addresses_for(__u32 entries)
{
	return 3ULL * entries * FW_FILTER_LINES / (FW_FILTER_LINES + 1);
}

/* Two places taken, with an eighth more addresses. */
static __u32 lines_for(__u64 addresses)
{
	return (__u32)(addresses * 9 / 20);
}

/* An address that its new line has no room for. */
struct left_over {
	__u32 address;
	struct fw_block block;
};

struct refilling {
	struct block_lines larger;
	struct left_over *left;
	size_t n, room;
};

static int refill(struct block_lines *lines, __u32 address, struct block_place place, void *context)
{
	struct refilling *refilling = context;
	__u64 hits = place.line->hits[place.at];
	__u32 sides = block_place_sides(place);
	void *grown;

	(void)lines;
	if (block_lines_put(&refilling->larger, address, sides)) {
		place = block_lines_find(&refilling->larger, address);
		place.line->hits[place.at] = hits;
		return 0;
	}
	grown = array_room(refilling->left, refilling->n, &refilling->room, sizeof(*refilling->left));
	if (!grown)
		return -ENOMEM;
	refilling->left = grown;
	refilling->left[refilling->n++] =
		(struct left_over) { address, { .expires_ns = FW_FOREVER, .hits = hits, .sides = sides } };
	block_lines_expect_others(&refilling->larger, address);
	return 0;
}

/* They are in two places then, and the lines in force know it: what is removed is removed from both. */
static int write_left(struct firewall *fw, int ips_fd, const struct refilling *refilling)
{
	struct block_lines lines;
	size_t i;
	int code = 0, closed;

	block_lines_open(&lines, &fw->map_fd[MAP_BLOCKED_LINES], LINES_OF_MANY);
	for (i = 0; !code && i < refilling->n; i++) {
		code = block_lines_expect_others(&lines, refilling->left[i].address);
		if (!code)
			code = sys_bpf_map_update(ips_fd, &refilling->left[i].address, &refilling->left[i].block,
						  BPF_ANY);
	}
	closed = block_lines_close(&lines);
	return code ? code : closed;
}

/* The hash that the new programs will have: a larger one that comes in with the lines, or that in force. */
static int hash_of(const struct firewall *fw, const struct map_set *maps)
{
	int fd = map_set_find(maps, firewall_map_name(MAP_BLOCKED_IPS));

	return fd < 0 ? fw->map_fd[MAP_BLOCKED_IPS] : fd;
}

/* How many more entries a hash takes. */
static __u64 hash_left(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	__u64 n = map_count(fd);

	return sys_bpf_info(fd, &info, &size) || n > info.max_entries ? 0 : info.max_entries - n;
}

static int fill(struct firewall *fw, int larger_fd, struct map_set *maps, struct error *err)
{
	struct refilling refilling = { 0 };
	struct block_lines lines;
	int code = block_lines_begin(larger_fd, hash_of(fw, maps)), closed;

	block_lines_open(&lines, &fw->map_fd[MAP_BLOCKED_LINES], LINES_OF_MANY);
	block_lines_open(&refilling.larger, &larger_fd, LINES_OF_MANY);
	if (!code)
		code = block_lines_each(&lines, refill, &refilling);
	closed = block_lines_close(&lines);
	code = code ? code : closed;
	closed = block_lines_close(&refilling.larger);
	code = code ? code : closed;
	if (!code && refilling.n > hash_left(hash_of(fw, maps)))
		code = map_put_larger(fw, MAP_BLOCKED_IPS, map_count(fw->map_fd[MAP_BLOCKED_IPS]) + refilling.n, maps,
				      err);
	if (!code)
		code = write_left(fw, hash_of(fw, maps), &refilling);
	free(refilling.left);
	return code ? error_set(err, code, "map %s: its entries cannot be copied: %s",
				firewall_map_name(MAP_BLOCKED_LINES), strerror(-code))
		    : 0;
}

/* The hash comes before the lines in the set, so that it is pinned first: what they leave to it is there by then. */
int lines_put_larger(struct firewall *fw, __u64 needed, struct map_set *maps, struct error *err)
{
	struct bpf_map_info info;
	int code = map_info_of(fw, MAP_BLOCKED_LINES, &info, err), larger;

	if (code || !(info.map_flags & BPF_F_MMAPABLE) || needed <= addresses_for(info.max_entries))
		return code;
	code = check_needed(MAP_BLOCKED_LINES, needed, err);
	if (code)
		return code;
	larger = map_like(MAP_BLOCKED_LINES, &info, block_lines_entries(lines_for(needed)), err);
	if (larger < 0)
		return larger;
	code = fill(fw, larger, maps, err);
	if (!code)
		return map_set_put(maps, firewall_map_name(MAP_BLOCKED_LINES), larger, true);
	close(larger);
	return code;
}
