/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/firewall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/command.h"
#include "loader/pins.h"
#include "syscalls/bpf.h"

/* Where the sizes are 0 the loader neither reads nor writes entries, or the kernel's own kinds of map have other ones.
 */
static const struct {
	const char *name;
	__u32 key_size, value_size;
} maps[MAP_N] = {
	[MAP_CONFIG] = { "fw_config", sizeof(__u32), sizeof(struct fw_config) },
	[MAP_BLOCKED_IPS] = { "blocked_ips", sizeof(__u32), sizeof(struct fw_block) },
	[MAP_BLOCKED_IPS6] = { "blocked_ips6", sizeof(__u8[16]), sizeof(struct fw_block) },
	[MAP_BLOCKED_PREFIXES] = { "blocked_prefixes", sizeof(struct fw_prefix), sizeof(struct fw_block) },
	[MAP_BLOCKED_LENGTHS] = { "blocked_lengths", sizeof(__u32), sizeof(struct fw_lengths) },
	[MAP_BLOCKED_LINES] = { "blocked_lines", sizeof(__u32), sizeof(struct fw_block_line) },
	[MAP_CONTAINER_POLICIES] = { "container_policies", sizeof(__u32), sizeof(struct container_policy) },
	[MAP_CONTAINER_FACTS] = { "container_facts", sizeof(__u32), sizeof(struct fw_facts) },
	[MAP_CONTAINER_DEVS] = { "container_devs", sizeof(__u32), sizeof(__u32) },
	[MAP_CONTAINER_ADDRS] = { "container_addrs", sizeof(struct fw_container_addr), sizeof(__u32) },
	[MAP_CGROUP_IN] = { "cgroup_in", 0, 0 },
	[MAP_CGROUP_OUT] = { "cgroup_out", 0, 0 },
	[MAP_CGROUP_QUERIES] = { "cgroup_queries", 0, 0 },
	[MAP_CGROUP_CONNECT4] = { "cgroup_connect_ipv4", 0, 0 },
	[MAP_CGROUP_CONNECT6] = { "cgroup_connect_ipv6", 0, 0 },
	[MAP_CONTAINERS] = { "containers", sizeof(char[FW_NAME_MAX]), sizeof(struct fw_container) },
	[MAP_RULE_STATEMENTS] = { "rule_statements", sizeof(struct fw_statement), sizeof(struct fw_statement_info) },
	[MAP_FW_RULES] = { "fw_rules", sizeof(struct fw_prefix), sizeof(struct fw_prefix_rules) },
	[MAP_EGRESS_ALLOWLIST] = { "egress_allowlist", sizeof(struct fw_prefix), sizeof(struct fw_prefix_rules) },
	[MAP_FW_PORTS] = { "fw_ports", sizeof(struct fw_port_key), sizeof(struct fw_port_match) },
	[MAP_CONNTRACK] = { "conntrack", sizeof(struct five_tuple), sizeof(struct fw_connection) },
	[MAP_CONNTRACK_HALF_OPEN] = { "conntrack_half_open", sizeof(struct five_tuple), sizeof(struct fw_connection) },
	[MAP_CONNTRACK_ASKED] = { "conntrack_asked", sizeof(struct five_tuple), sizeof(struct fw_connection) },
	[MAP_CONNTRACK_SLOTS] = { "conntrack_slots", sizeof(struct fw_slot), sizeof(struct five_tuple) },
	[MAP_CONNTRACK_OWNERS] = { "conntrack_owners", sizeof(__u32), sizeof(struct fw_owner) },
	[MAP_CONNTRACK_COUNTS] = { "conntrack_counts", sizeof(struct fw_count_key), sizeof(struct fw_count) },
	[MAP_FRAGMENTED] = { "fragmented", sizeof(struct five_tuple), sizeof(struct fw_datagram) },
	[MAP_FW_NEIGHBOURS] = { "fw_neighbours", sizeof(struct fw_neighbour), sizeof(__u64) },
	[MAP_RATE_LIMITER] = { "rate_limiter", sizeof(struct fw_bucket_key), sizeof(struct fw_bucket) },
	[MAP_BLOCKED_DOMAINS] = { "blocked_domains", sizeof(struct fw_domain_key), sizeof(struct fw_domain) },
	[MAP_DNS_QUERIES] = { "dns_queries", sizeof(struct fw_query_key), sizeof(__u32) },
	[MAP_PKT_STATS] = { "pkt_stats", sizeof(__u32), sizeof(struct pkt_stats) },
	[MAP_PKT_PASSED] = { "pkt_passed", sizeof(__u32), sizeof(struct fw_passed) },
	[MAP_UPLINK_STATS] = { "uplink_stats", sizeof(__u32), sizeof(struct pkt_stats) },
	[MAP_FW_EVENTS] = { "fw_events", 0, 0 },
	[MAP_FW_CPU] = { "fw_cpu", sizeof(__u32), sizeof(struct fw_cpu) },
	[MAP_ATTACHMENTS] = { "attachments", sizeof(struct fw_attachment_key), sizeof(struct fw_attachment) },
};

const char *firewall_map_name(enum fw_map map)
{
	return maps[map].name;
}

int firewall_open_map(const struct options *options, enum fw_map map)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	int fd = pin_open(options, "maps", maps[map].name), code;

	if (fd < 0 || !maps[map].key_size)
		return fd;
	code = sys_bpf_info(fd, &info, &size);
	if (!code && (info.key_size != maps[map].key_size || info.value_size != maps[map].value_size))
		code = -EPROTO;
	if (!code)
		return fd;
	close(fd);
	return code;
}

static int open_directory(const struct options *options, struct error *err)
{
	char path[PIN_PATH_MAX];
	int fd;

	if (!pin_path(options, path, NULL, NULL))
		return error_set(err, -ENAMETOOLONG, "%.100s…: the path of bpffs is too long", options->bpffs);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		return error_set(err, -ENOENT, "the firewall is not up: run `bulkhead up` first");
	return error_set(err, -errno, "%s: %s: %s", path, strerror(errno),
			 errno == ENOTDIR ? "name a directory with --bpffs" : "run as root");
}

/* While this waited, `down` may have removed the directory that it waited for. */
static bool is_removed(int fd)
{
	struct stat stat;

	return fstat(fd, &stat) || stat.st_nlink == 0;
}

int firewall_lock(const struct options *options, struct error *err)
{
	int fd;

	for (;;) {
		fd = open_directory(options, err);
		if (fd < 0)
			return fd;
		if (flock(fd, LOCK_EX)) {
			int code = -errno;

			close(fd);
			return error_set(err, code, "%s/bulkhead: it cannot be locked: %s", options->bpffs,
					 strerror(-code));
		}
		if (!is_removed(fd))
			return fd;
		close(fd);
	}
}

#define ALL_MAPS (MAP_BIT(MAP_N) - 1)

/* Those of the set that are not open yet. */
static int open_maps(struct firewall *fw, enum firewall_access access, map_bits set, struct error *err)
{
	int map;

	for (map = 0; map < MAP_N; map++) {
		int fd;

		if (fw->map_fd[map] != -1 || !(set & MAP_BIT(map)))
			continue;
		fd = fw->map_fd[map] = firewall_open_map(fw->options, map);
		if ((fd == -ENOENT || fd == -EPROTO) && access == FIREWALL_REMOVE)
			continue;
		if (fd == -ENOENT)
			return error_set(err, fd,
					 "the firewall is not wholly up (map %s is missing): run `bulkhead up`",
					 maps[map].name);
		if (fd == -EPROTO)
			return error_set(err, fd,
					 "what is up was made by another version of bulkhead (its map %s has another "
					 "shape): run `bulkhead down`, then `bulkhead up`",
					 maps[map].name);
		if (fd < 0)
			return error_set(err, fd, "map %s cannot be opened: %s: run as root", maps[map].name,
					 strerror(-fd));
	}
	return 0;
}

static int read_config(struct firewall *fw, struct error *err)
{
	__u32 zero = 0;
	int code = sys_bpf_map_lookup(fw->map_fd[MAP_CONFIG], &zero, &fw->config);

	if (code)
		return error_set(err, code, "the configuration cannot be read: %s", strerror(-code));
	if (fw->config.abi != FW_ABI_VERSION)
		return error_set(err, -EPROTO,
				 "what is up was made by another version of bulkhead (layout %u, this one has "
				 "%u): run `bulkhead up` with this one first",
				 fw->config.abi, FW_ABI_VERSION);
	return 0;
}

int firewall_open_rest(struct firewall *fw, struct error *err)
{
	return open_maps(fw, FIREWALL_CHANGE, ALL_MAPS, err);
}

int firewall_open(struct firewall *fw, const struct options *options, enum firewall_access access, struct error *err)
{
	return firewall_open_some(fw, options, access, ALL_MAPS, err);
}

int firewall_open_some(struct firewall *fw, const struct options *options, enum firewall_access access, map_bits maps,
		       struct error *err)
{
	int code, map;

	memset(fw, 0, sizeof(*fw));
	fw->options = options;
	fw->lock_fd = -1;
	for (map = 0; map < MAP_N; map++)
		fw->map_fd[map] = -1;
	fw->lock_fd = access == FIREWALL_READ ? open_directory(options, err) : firewall_lock(options, err);
	code = fw->lock_fd < 0 ? fw->lock_fd : open_maps(fw, access, maps | MAP_BIT(MAP_CONFIG), err);
	if (!code && access == FIREWALL_REMOVE)
		read_config(fw, NULL);
	else if (!code)
		code = read_config(fw, err);
	fw->confirms = access == FIREWALL_CONFIRM;
	if (!code && (access == FIREWALL_CHANGE || access == FIREWALL_CONFIRM))
		code = firewall_mend(fw, err);
	if (code)
		firewall_close(fw);
	return code;
}

void firewall_close(struct firewall *fw)
{
	int map;

	for (map = 0; map < MAP_N; map++) {
		if (fw->map_fd[map] >= 0)
			close(fw->map_fd[map]);
		fw->map_fd[map] = -1;
	}
	if (fw->lock_fd >= 0)
		close(fw->lock_fd);
	fw->lock_fd = -1;
}

int firewall_write_config(struct firewall *fw, struct error *err)
{
	__u32 zero = 0;
	int code = sys_bpf_map_update(fw->map_fd[MAP_CONFIG], &zero, &fw->config, BPF_ANY);

	if (code)
		return error_set(err, code, "the configuration cannot be written: %s", strerror(-code));
	return 0;
}

int policy_change_begin(struct firewall *fw, struct error *err)
{
	if (fw->config.generation & 1)
		return 0;
	fw->config.generation++;
	return firewall_write_config(fw, err);
}

int policy_change_end(struct firewall *fw, struct error *err)
{
	if (fw->config.generation & 1)
		fw->config.generation += FW_GENERATION_STEP - 1;
	return firewall_write_config(fw, err);
}
