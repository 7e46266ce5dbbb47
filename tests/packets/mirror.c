/* SPDX-License-Identifier: GPL-2.0 */
#include "tests/packets/mirror.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/bpf.h>

#include "loader/constants.h"
#include "loader/firewall.h"
#include "loader/host_features.h"
#include "syscalls/bpf.h"
#include "tests/packets/host/host.h"
#include "tests/packets/world.h"

#define KEY_MAX 128
#define VALUE_MAX 2048

/* The first are of what begins with the time at which it was seen. */
static const enum fw_map written[] = {
	MAP_CONNTRACK,       MAP_CONNTRACK_HALF_OPEN, MAP_CONNTRACK_ASKED,     MAP_FRAGMENTED,
	MAP_CONNTRACK_SLOTS, MAP_CONNTRACK_COUNTS,    MAP_RATE_LIMITER,        MAP_FW_NEIGHBOURS,
	MAP_DNS_QUERIES,
};
#define N_TIMED 4
#define N_WRITTEN (sizeof(written) / sizeof(*written))

static int is_written(enum fw_map map)
{
	unsigned i;

	for (i = 0; i < N_WRITTEN; i++)
		if (written[i] == map)
			return 1;
	return 0;
}

/* A map on both sides. */
struct pair {
	int fd;
	struct bpf_map_info info;
	struct host_map *host;
};

static int pair_open(struct pair *pair, enum fw_map map)
{
	__u32 size = sizeof(pair->info);
	const char *name = firewall_map_name(map);

	memset(pair, 0, sizeof(*pair));
	pair->fd = world_firewall()->map_fd[map];
	if (sys_bpf_info(pair->fd, &pair->info, &size) || pair->info.key_size > KEY_MAX ||
	    pair->info.value_size > VALUE_MAX) {
		printf("# %s: its description cannot be read, or it is too large\n", name);
		return -1;
	}
	if (pair->info.key_size && pair->info.value_size)
		pair->host = host_map(name, pair->info.type, pair->info.key_size, pair->info.value_size,
				      pair->info.max_entries);
	return 0;
}

/* ---- copying ---- */

/* `with_values`: else they are zeroes. */
static int copy(const struct pair *pair, bool with_values)
{
	__u8 keys[2][KEY_MAX], value[VALUE_MAX] = { 0 };
	unsigned at = 0;
	int more;

	host_map_clear(pair->host);
	for (more = !sys_bpf_map_next_key(pair->fd, NULL, keys[0]); more; at = !at) {
		if (with_values && sys_bpf_map_lookup(pair->fd, keys[at], value))
			return -1;
		if (host_map_update(pair->host, keys[at], value, BPF_ANY))
			return -1;
		more = !sys_bpf_map_next_key(pair->fd, keys[at], keys[!at]);
	}
	return 0;
}

static int copy_constants(void)
{
	struct constant constants[CONSTANTS_N];
	struct error err = { 0 };
	struct features *features = host_features(&err);
	unsigned i;

	if (!features)
		return -1;
	constants_make(features, world_firewall()->config.specialised, 0, constants);
	for (i = 0; i < CONSTANTS_N; i++)
		host_constant_set(constants[i].name, constants[i].value);
	return 0;
}

static int copy_if_read(enum fw_map map)
{
	struct pair pair;

	if (is_written(map))
		return 0;
	if (pair_open(&pair, map))
		return -1;
	if (pair.info.type == BPF_MAP_TYPE_PERCPU_HASH)
		return copy(&pair, false);
	if (pair.info.type == BPF_MAP_TYPE_HASH || pair.info.type == BPF_MAP_TYPE_ARRAY ||
	    pair.info.type == BPF_MAP_TYPE_LPM_TRIE)
		return copy(&pair, true);
	return 0;
}

int mirror_policy(void)
{
	enum fw_map map;

	for (map = 0; map < MAP_N; map++) {
		if (copy_if_read(map)) {
			printf("# %s: cannot be copied\n", firewall_map_name(map));
			return -1;
		}
	}
	return copy_constants();
}

int mirror_tracked(void)
{
	struct pair pair;
	unsigned i;

	for (i = 0; i < N_WRITTEN; i++)
		if (pair_open(&pair, written[i]) || copy(&pair, true))
			return -1;
	return 0;
}

/* ---- both sides ---- */

static struct host_map *host_side(enum fw_map map)
{
	return host_map_named(firewall_map_name(map));
}

void mirror_forget(void)
{
	unsigned i;

	world_forget();
	for (i = 0; i < N_WRITTEN; i++)
		host_map_clear(host_side(written[i]));
}

static void age(const void *key, void *value, void *data)
{
	__u64 *seen_ns = value;

	(void)key;
	*seen_ns -= *(unsigned *)data * 1000000000ULL;
}

void mirror_age(unsigned seconds)
{
	unsigned i;

	world_age(seconds);
	for (i = 0; i < N_TIMED; i++)
		host_map_each(host_side(written[i]), age, &seconds);
}

void mirror_fill(void)
{
	world_fill();
	mirror_tracked();
}

/* ---- comparing ---- */

/* A value of either side. */
union value {
	__u8 bytes[VALUE_MAX];
	__u64 seen_ns;
	struct fw_connection connection;
	struct fw_bucket bucket;
};

/* What both sides cannot but have different: the time, and a slot that was found at random. */
static void forget(enum fw_map map, union value *value)
{
	unsigned i;

	for (i = 0; i < N_TIMED; i++)
		if (written[i] == map)
			value->seen_ns = 0;
	if (map == MAP_CONNTRACK)
		value->connection.slot = 0;
	if (map == MAP_RATE_LIMITER)
		value->bucket.full_at_ns /= 600000000000ULL; /* a token is an hour */
}

static int same_value(enum fw_map map, union value *a, union value *b, size_t size)
{
	forget(map, a);
	forget(map, b);
	if (map == MAP_RATE_LIMITER) /* which side of the limit the clock was on when each was read */
		return a->bucket.full_at_ns - b->bucket.full_at_ns + 1 < 3;
	return !memcmp(a->bytes, b->bytes, size);
}

static void print_bytes(const char *what, const void *bytes, unsigned n)
{
	unsigned i;

	printf("# %s", what);
	for (i = 0; i < n; i++)
		printf("%02x", ((const __u8 *)bytes)[i]);
	printf("\n");
}

static unsigned compare_entry(enum fw_map map, const struct pair *pair, const void *key, bool tell)
{
	union value kernel, host;
	const void *found = host_map_lookup(pair->host, key);

	if (!found || sys_bpf_map_lookup(pair->fd, key, kernel.bytes)) {
		if (tell)
			printf("# %s: an entry that is not on both sides\n", firewall_map_name(map));
		if (tell)
			print_bytes("key    ", key, pair->info.key_size);
		return 1;
	}
	memcpy(host.bytes, found, pair->info.value_size);
	if (same_value(map, &kernel, &host, pair->info.value_size))
		return 0;
	if (!tell)
		return 1;
	printf("# %s: an entry that differs\n", firewall_map_name(map));
	print_bytes("key    ", key, pair->info.key_size);
	print_bytes("kernel ", kernel.bytes, pair->info.value_size);
	print_bytes("host   ", host.bytes, pair->info.value_size);
	return 1;
}

static unsigned compare_map(enum fw_map map, const struct pair *pair, bool tell)
{
	__u8 keys[2][KEY_MAX];
	unsigned at = 0, n = 0, differ = 0;
	int more;

	for (more = !sys_bpf_map_next_key(pair->fd, NULL, keys[0]); more; at = !at, n++) {
		if (map != MAP_CONNTRACK_SLOTS) /* their keys are random */
			differ += compare_entry(map, pair, keys[at], tell);
		more = !sys_bpf_map_next_key(pair->fd, keys[at], keys[!at]);
	}
	if (n == host_map_count(pair->host))
		return differ;
	if (tell)
		printf("# %s: %u entries, and %u on the host\n", firewall_map_name(map), n, host_map_count(pair->host));
	return differ + 1;
}

unsigned mirror_compare(bool tell)
{
	static struct pair pairs[N_WRITTEN];
	unsigned i, differ = 0;

	for (i = 0; i < N_WRITTEN; i++) {
		if (!pairs[i].host && pair_open(&pairs[i], written[i]))
			return 1;
		differ += compare_map(written[i], &pairs[i], tell);
	}
	return differ;
}
