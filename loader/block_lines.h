/* SPDX-License-Identifier: GPL-2.0 */
/*
 * blocked_lines: IPv4 addresses that are blocked and do not end, as the programs read them (bpf/fw_abi.h). The table is
 * mapped into memory a window at a time, since what is mapped counts as resident. Where the kernel maps no arrays
 * (before 5.5) there are no lines, and everything is in blocked_ips.
 */
#ifndef LOADER_BLOCK_LINES_H
#define LOADER_BLOCK_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "bpf/fw_abi.h"

/* How much is mapped at once: what one address needs, or what a walk through many does with few calls. */
enum lines_window { LINES_OF_ONE, LINES_OF_MANY };

struct block_lines {
	const int *map_fd; /* may be replaced by another one of the same map */
	__u32 n;           /* without the one that leads; 0: none */
	__u32 page, room;  /* entries in a page of memory, and in a window */
	struct lines_mapped {
		void *at;       /* NULL: nothing yet */
		__u32 first, n; /* entries of the map */
	} some, filter;         /* lines, and of the filter */
	int code;               /* why a window could not be mapped: 0 or -errno */
};

/* The lines of that map, 0 of them where it has none. `map_fd` stays the caller's. Always to be closed. */
void block_lines_open(struct block_lines *lines, const int *map_fd, enum lines_window window);

/* 0, or -errno: a window could not be mapped, so that something was not read or not done. */
int block_lines_close(struct block_lines *lines);

/* The place of an address (network byte order). */
struct block_place {
	struct fw_block_line *line; /* NULL: none */
	unsigned at;
};

/* That the address will be asked for soon: memory answers for many at once as fast as for one. There are lines. */
void block_lines_foresee(const struct block_lines *lines, __u32 address);

/* Where the address is, on whichever side; of what is not there .line is NULL. */
struct block_place block_lines_find(struct block_lines *lines, __u32 address);

/* Puts an address that is nowhere yet there, on those FW_SIDE_BITS. False: its line is full, or .code says why. */
bool block_lines_put(struct block_lines *lines, __u32 address, __u32 sides);

__u32 block_place_sides(struct block_place place);

/* On other sides, at once. */
void block_place_write(struct block_place place, __u32 sides);

/* Makes its place free, and the filter pass over it. */
void block_lines_remove(struct block_lines *lines, struct block_place place);

/*
 * Whether blocked_ips may have the address; and makes sure that it is looked for there, before it is: 0, or -errno, and
 * then nobody would.
 */
bool block_lines_others(struct block_lines *lines, __u32 address);
int block_lines_expect_others(struct block_lines *lines, __u32 address);

/* How many addresses they have. */
__u64 block_lines_count(struct block_lines *lines);

/* Calls visit for each address until it gives other than 0, and gives that. visit may write its place. */
typedef int (*block_lines_visit)(struct block_lines *lines, __u32 address, struct block_place place, void *context);
int block_lines_each(struct block_lines *lines, block_lines_visit visit, void *context);

/* How many entries a map has to have for so many lines. */
__u32 block_lines_entries(__u32 lines);

/*
 * Makes a new map's lines ready, empty but for what is in the hash (blocked_ips), which is expected there; leaves those
 * that are ready. 0 or -errno. Programs look into the hash until then.
 */
int block_lines_begin(int map_fd, int ips_fd);

/* Orders addresses by the windows of LINES_OF_MANY, so that each is mapped once. */
void block_lines_sort(const struct block_lines *lines, __u32 *address, size_t n);

#endif
