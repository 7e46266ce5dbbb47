/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/block_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include "loader/array.h"
#include "loader/map_walk.h"
#include "syscalls/bpf.h"

#define WINDOW_LINES ((1u << 20) / sizeof(struct fw_block_line)) /* a page of memory is less everywhere */

/* ---- windows ---- */

/* Words of the table: the programs read them meanwhile. */
static void store(__u32 *word, __u32 value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Entries of each window; whole pages of them are mapped. */
static void set_windows(struct block_lines *lines, enum lines_window window)
{
	lines->page = (__u32)((size_t)sysconf(_SC_PAGESIZE) / sizeof(struct fw_block_line));
	lines->room = window == LINES_OF_MANY ? WINDOW_LINES : lines->page;
}

/* How many entries a map has with so many lines, and how many lines fit into one. */
__u32 block_lines_entries(__u32 lines)
{
	return fw_filter_at(lines, lines) + 1;
}

static __u32 lines_within(__u32 entries)
{
	__u32 lines = (__u32)((entries - 1ULL) * FW_FILTER_LINES / (FW_FILTER_LINES + 1));

	while (block_lines_entries(lines) > entries)
		lines--;
	return lines;
}

static void unmap(struct lines_mapped *mapped)
{
	if (mapped->at)
		munmap(mapped->at, mapped->n * sizeof(struct fw_block_line));
	mapped->at = NULL;
}

/* A window of `room` entries from that one on; a map's last page is there to its end, whatever of it the map has. */
static void map_window(struct block_lines *lines, struct lines_mapped *mapped, __u32 first, __u32 room)
{
	__u32 page = lines->page, left = block_lines_entries(lines->n) - first;
	void *window;

	unmap(mapped);
	mapped->first = first;
	mapped->n = ((left < room ? left : room) + page - 1) / page * page;
	window = mmap(NULL, mapped->n * sizeof(struct fw_block_line), PROT_READ | PROT_WRITE, MAP_SHARED,
		      *lines->map_fd, (off_t)first * (off_t)sizeof(struct fw_block_line));
	if (window == MAP_FAILED)
		lines->code = -errno;
	else
		mapped->at = window;
}

static bool is_mapped(const struct lines_mapped *mapped, __u32 entry)
{
	return mapped->at && entry >= mapped->first && entry - mapped->first < mapped->n;
}

static void *entry_at(const struct lines_mapped *mapped, __u32 entry)
{
	return mapped->at ? (struct fw_block_line *)mapped->at + (entry - mapped->first) : NULL;
}

static struct fw_block_line *line_at(struct block_lines *lines, __u32 at)
{
	if (!is_mapped(&lines->some, at))
		map_window(lines, &lines->some, at - at % lines->room, lines->room);
	return entry_at(&lines->some, at);
}

static __u32 line_number(const struct block_lines *lines, __u32 address)
{
	return fw_block_line(fw_block_hash(address), lines->n);
}

static struct fw_block_line *line_of(struct block_lines *lines, __u32 address)
{
	return lines->n ? line_at(lines, line_number(lines, address)) : NULL;
}

/* Whoever cannot look has them all in the hash: a kernel that maps no array has one entry of it. */
void block_lines_open(struct block_lines *lines, const int *map_fd, enum lines_window window)
{
	struct fw_block_line leading;
	__u32 zero = 0;

	memset(lines, 0, sizeof(*lines));
	lines->map_fd = map_fd;
	set_windows(lines, window);
	if (!sys_bpf_map_lookup(*map_fd, &zero, &leading))
		lines->n = leading.address[0];
}

int block_lines_close(struct block_lines *lines)
{
	unmap(&lines->some);
	unmap(&lines->filter);
	return lines->code;
}

/* ---- the filter ---- */

/* As much to either side as the lines' window has, so that whoever goes about in that one needs no other of these. */
static struct fw_block_filter *filter_of(struct block_lines *lines, __u32 line)
{
	__u32 at = fw_filter_at(line, lines->n), around = lines->room / FW_FILTER_LINES;
	__u32 first = (at < around ? 0 : at - around) / lines->page * lines->page;

	if (!is_mapped(&lines->filter, at))
		map_window(lines, &lines->filter, first, at - first + around + 1);
	return entry_at(&lines->filter, at);
}

static void add_to_filter(struct fw_block_filter *filter, __u32 address)
{
	__u64 hash = fw_block_hash(address);

	filter->word[FW_FILTER_WORD(hash)] |= FW_FILTER_BITS(hash);
}

/*
 * What its lines have, unless there are others, which nobody can tell. They are all in one window. A bit of what is
 * there is set before and after, so that it does not matter how words are written.
 */
static void make_filter_anew(struct block_lines *lines, __u32 line)
{
	__u32 at = line - line % FW_FILTER_LINES, end = at + FW_FILTER_LINES;
	struct fw_block_filter anew = { 0 }, *filter = filter_of(lines, line);
	struct block_place place;
	unsigned i;

	for (at += !at; at < end && at <= lines->n; at++) {
		place.line = line_at(lines, at);
		if (!place.line || !(place.line->bits & FW_LINE_HAS_ALL))
			return;
		for (place.at = 0; place.at < FW_LINE_ROOM; place.at++)
			if (block_place_sides(place))
				add_to_filter(&anew, place.line->address[place.at]);
	}
	for (i = 0; filter && i < FW_FILTER_WORDS; i++)
		filter->word[i] = anew.word[i];
}

static bool filter_expects(struct block_lines *lines, __u32 address)
{
	struct fw_block_filter *filter = filter_of(lines, line_number(lines, address));

	if (filter)
		add_to_filter(filter, address);
	return filter;
}

/* ---- places ---- */

__u32 block_place_sides(struct block_place place)
{
	return place.line->bits >> 2 * place.at & FW_SIDE_BITS;
}

void block_lines_foresee(const struct block_lines *lines, __u32 address)
{
	__u32 at = line_number(lines, address);

	if (is_mapped(&lines->some, at))
		__builtin_prefetch(entry_at(&lines->some, at), 1);
}

struct block_place block_lines_find(struct block_lines *lines, __u32 address)
{
	struct block_place place = { line_of(lines, address), 0 };

	for (; place.line && place.at < FW_LINE_ROOM; place.at++)
		if (place.line->address[place.at] == address && block_place_sides(place))
			return place;
	return (struct block_place) { 0 };
}

/*
 * What stands in a free place has another line, so that a program which sees a new address' bit before the address
 * itself blocks neither.
 */
static __u32 stranger(const struct block_lines *lines, __u32 address)
{
	__u32 line = line_number(lines, address), other = 0;

	while (line_number(lines, other) == line && other < 0xffff)
		other++;
	return other;
}

void block_place_write(struct block_place place, __u32 sides)
{
	__u32 bits = place.line->bits & ~FW_LINE_SIDES(FW_SIDE_BITS, place.at);

	store(&place.line->bits, bits | FW_LINE_SIDES(sides, place.at));
}

void block_lines_remove(struct block_lines *lines, struct block_place place)
{
	__u32 address = place.line->address[place.at];

	block_place_write(place, 0);
	store(&place.line->address[place.at], stranger(lines, address));
	make_filter_anew(lines, line_number(lines, address));
}

bool block_lines_put(struct block_lines *lines, __u32 address, __u32 sides)
{
	struct block_place place = { line_of(lines, address), 0 };

	for (; place.line && place.at < FW_LINE_ROOM; place.at++) {
		if (block_place_sides(place))
			continue;
		if (!filter_expects(lines, address))
			return false;
		place.line->hits[place.at] = 0;
		store(&place.line->address[place.at], address);
		block_place_write(place, sides);
		return true;
	}
	return false;
}

bool block_lines_others(struct block_lines *lines, __u32 address)
{
	const struct fw_block_line *line = line_of(lines, address);

	return !line || !(line->bits & FW_LINE_HAS_ALL);
}

int block_lines_expect_others(struct block_lines *lines, __u32 address)
{
	struct fw_block_line *line = line_of(lines, address);

	if (line && filter_expects(lines, address))
		store(&line->bits, line->bits & ~FW_LINE_HAS_ALL);
	return lines->code;
}

int block_lines_each(struct block_lines *lines, block_lines_visit visit, void *context)
{
	struct block_place place;
	__u32 at;
	int code = 0;

	for (at = 1; !code && at <= lines->n; at++) {
		place.line = line_at(lines, at);
		for (place.at = 0; place.line && !code && place.at < FW_LINE_ROOM; place.at++)
			if (block_place_sides(place))
				code = visit(lines, place.line->address[place.at], place, context);
	}
	return code;
}

static int count_one(struct block_lines *lines, __u32 address, struct block_place place, void *context)
{
	(void)lines;
	(void)address;
	(void)place;
	++*(__u64 *)context;
	return 0;
}

__u64 block_lines_count(struct block_lines *lines)
{
	__u64 n = 0;

	block_lines_each(lines, count_one, &n);
	return n;
}

/* ---- a new table ---- */

struct addresses {
	__u32 *item;
	size_t n, room;
};

static int take_address(const void *key, const void *value, void *context)
{
	struct addresses *addresses = context;
	void *grown = array_room(addresses->item, addresses->n, &addresses->room, sizeof(*addresses->item));

	(void)value;
	if (!grown)
		return -ENOMEM;
	addresses->item = grown;
	memcpy(&addresses->item[addresses->n++], key, sizeof(*addresses->item));
	return 0;
}

static int expect_all(struct block_lines *lines, int ips_fd)
{
	struct addresses addresses = { 0 };
	int code = map_walk(ips_fd, take_address, &addresses);
	size_t i;

	block_lines_sort(lines, addresses.item, addresses.n);
	for (i = 0; !code && i < addresses.n; i++)
		code = block_lines_expect_others(lines, addresses.item[i]);
	free(addresses.item);
	return code;
}

/* Zeros are free places of 0.0.0.0, which its own line may not have. */
static void clear(struct block_lines *lines)
{
	struct fw_block_line *line;
	__u32 at;
	unsigned i;

	for (at = 1; at <= lines->n; at++) {
		line = line_at(lines, at);
		if (line)
			line->bits = FW_LINE_HAS_ALL;
	}
	line = line_of(lines, 0);
	for (i = 0; line && i < FW_LINE_ROOM; i++)
		line->address[i] = stranger(lines, 0);
}

int block_lines_begin(int map_fd, int ips_fd)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	struct block_lines lines;
	struct fw_block_line *leading;
	int code = sys_bpf_info(map_fd, &info, &size);

	if (code || !(info.map_flags & BPF_F_MMAPABLE))
		return code;
	block_lines_open(&lines, &map_fd, LINES_OF_MANY);
	if (lines.n)
		return block_lines_close(&lines);
	lines.n = lines_within(info.max_entries);
	clear(&lines);
	code = expect_all(&lines, ips_fd);
	leading = line_at(&lines, 0);
	if (leading && !code && !lines.code)
		store(&leading->address[0], lines.n);
	return block_lines_close(&lines) ? lines.code : code;
}

/* ---- many at once ---- */

static __u32 window_of(const struct block_lines *lines, __u32 address)
{
	return line_number(lines, address) / (__u32)WINDOW_LINES;
}

/* Each window's addresses are swapped to where they belong: American flag sort (McIlroy, Bostic and McIlroy, 1993). */
static void swap_to_windows(const struct block_lines *lines, __u32 *address, size_t *next, const size_t *end,
			    __u32 n_windows)
{
	__u32 window, to;

	for (window = 0; window < n_windows; window++)
		while (next[window] < end[window]) {
			__u32 moved = address[next[window]];

			for (to = window_of(lines, moved); to != window; to = window_of(lines, moved)) {
				__u32 other = address[next[to]];

				address[next[to]++] = moved;
				moved = other;
			}
			address[next[window]++] = moved;
		}
}

void block_lines_sort(const struct block_lines *lines, __u32 *address, size_t n)
{
	/* Without room for this they stay as they came, which costs more calls. */
	__u32 n_windows = lines->n / (__u32)WINDOW_LINES + 1, window;
	size_t *next = calloc(2 * (size_t)n_windows, sizeof(*next)), *end = next + n_windows, i, begin = 0;

	if (!next)
		return;
	for (i = 0; i < n; i++)
		end[window_of(lines, address[i])]++;
	for (window = 0; window < n_windows; window++) {
		next[window] = begin;
		begin = end[window] += begin;
	}
	swap_to_windows(lines, address, next, end, n_windows);
	free(next);
}
