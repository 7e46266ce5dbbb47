/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/reload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/attach.h"
#include "loader/block_lines.h"
#include "loader/container.h"
#include "loader/map_walk.h"
#include "loader/pins.h"
#include "syscalls/bpf.h"

static bool has_entries(int map_fd)
{
	char key[64];

	return !sys_bpf_map_next_key(map_fd, NULL, key);
}

__u32 lengths_need(const struct fw_lengths *lengths)
{
	return lengths->length[FW_LENGTHS_FEW] == FW_LENGTH_END ? 0 : POLICY_MANY_LENGTHS;
}

__u32 container_policy_needs(const struct container_policy *policy)
{
	return lengths_need(&policy->in4) | lengths_need(&policy->in6) | lengths_need(&policy->out4) |
	       lengths_need(&policy->out6);
}

static __u32 blocked_lengths_need(int lengths_fd)
{
	static const __u32 families[] = { FW_IPV4, FW_IPV6 };
	struct fw_lengths lengths;
	__u32 needs = 0;
	unsigned i;

	for (i = 0; i < 2; i++)
		if (!sys_bpf_map_lookup(lengths_fd, &families[i], &lengths))
			needs |= lengths_need(&lengths);
	return needs;
}

static int take_needs(const void *key, const void *policy, void *context)
{
	(void)key;
	*(__u32 *)context |= container_policy_needs(policy);
	return 0;
}

__u32 policy_needs(const struct firewall *fw)
{
	__u32 needs = 0;

	if (has_entries(fw->map_fd[MAP_BLOCKED_IPS6]))
		needs |= POLICY_BLOCKS_IPV6;
	if (has_entries(fw->map_fd[MAP_BLOCKED_PREFIXES]))
		needs |= POLICY_BLOCKS_PREFIXES;
	if (has_entries(fw->map_fd[MAP_BLOCKED_DOMAINS]))
		needs |= POLICY_BLOCKS_DOMAINS;
	map_walk(fw->map_fd[MAP_CONTAINER_POLICIES], take_needs, &needs);
	return needs | blocked_lengths_need(fw->map_fd[MAP_BLOCKED_LENGTHS]);
}

/* The descriptors of those maps that the set has. */
static int take_maps(struct firewall *fw, const struct map_set *maps, struct error *err)
{
	int map;

	for (map = 0; map < MAP_N; map++) {
		int fd = map_set_find(maps, firewall_map_name(map)), own;

		if (fd < 0)
			continue;
		own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (own < 0)
			return error_set(err, -errno, "map %s: %s", firewall_map_name(map), strerror(errno));
		if (fw->map_fd[map] >= 0)
			close(fw->map_fd[map]);
		fw->map_fd[map] = own;
	}
	return 0;
}

int firewall_adopt(struct firewall *fw, const struct map_set *maps, int lock_fd, struct error *err)
{
	int map, code;

	memset(fw, 0, sizeof(*fw));
	fw->options = maps->options;
	fw->lock_fd = lock_fd;
	for (map = 0; map < MAP_N; map++)
		fw->map_fd[map] = -1;
	code = take_maps(fw, maps, err);
	for (map = 0; !code && map < MAP_N; map++)
		if (fw->map_fd[map] < 0)
			code = error_set(err, -ENOENT, "map %s: no object has it", firewall_map_name(map));
	return code;
}

/* The stages of the DNS filter find each other in a program array, which belongs to one loading of them. */
#define STAGES "dns_stages"

static int pin_stages(struct map_set *maps, char name[32], struct error *err)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	int fd = map_set_find(maps, STAGES), code = fd < 0 ? fd : sys_bpf_info(fd, &info, &size);

	if (code)
		return error_set(err, code, "map %s: it cannot be asked about: %s", STAGES, strerror(-code));
	snprintf(name, 32, STAGES "_%u", info.id);
	return pin_replace(maps->options, "maps", name, fd, err);
}

static bool is_other_map(const char *name, const void *stages)
{
	return strncmp(name, STAGES "_", strlen(STAGES "_")) || !strcmp(name, stages);
}

struct successors {
	struct firewall *fw;
	const struct program_set *programs;
	struct error *err;
};

static int check_successor(const struct fw_attachment_key *key, const struct fw_attachment *record, void *context)
{
	struct successors *successors = context;
	const char *program = hook_program(key->hook);
	char name[FW_NAME_MAX + 1];

	if (programs_have(successors->programs, program))
		return 0;
	container_name_of(successors->fw, record->container, name);
	return error_set(successors->err, -ENOTSUP,
			 "%s: container %s has it on its hook, and this kernel is now said to run no such program (see "
			 "`bulkhead probe`): nothing is changed: detach %s first",
			 program, name, name);
}

static int check_successors(struct firewall *fw, const struct program_set *programs, struct error *err)
{
	struct successors successors = { fw, programs, err };
	int code = attachments_each(fw, check_successor, &successors);

	return code ? error_set(err, code, "the attachments cannot be read: %s", strerror(-code)) : 0;
}

static int begin_lines(const struct map_set *maps, struct error *err)
{
	int code = block_lines_begin(map_set_find(maps, firewall_map_name(MAP_BLOCKED_LINES)),
				     map_set_find(maps, firewall_map_name(MAP_BLOCKED_IPS)));

	return code ? error_set(err, code, "map %s: it cannot be filled: %s", firewall_map_name(MAP_BLOCKED_LINES),
				strerror(-code))
		    : 0;
}

int firewall_install(struct firewall *fw, struct map_set *maps, const struct program_set *programs, __u32 policy,
		     struct error *err)
{
	char stages[32];
	int code = check_successors(fw, programs, err);

	if (!code)
		code = begin_lines(maps, err);
	if (code)
		return code;
	fw->config.reloading = 1;
	fw->config.specialised = policy;
	code = firewall_write_config(fw, err);
	if (!code)
		code = pin_stages(maps, stages, err);
	if (!code)
		code = map_set_pin(maps, err);
	if (!code)
		code = take_maps(fw, maps, err);
	if (!code)
		code = programs_pin(programs, fw->options, err);
	if (!code)
		code = attachments_replace_programs(fw, err);
	if (code)
		return code;
	pins_remove_others(fw->options, "maps", is_other_map, stages);
	fw->config.reloading = 0;
	return firewall_write_config(fw, err);
}

int firewall_reload(struct firewall *fw, struct map_set *larger, __u32 policy, struct error *err)
{
	struct map_set none, *maps = larger ? larger : &none;
	struct program_set programs;
	int code;

	map_set_begin(&none, fw->options);
	code = firewall_open_rest(fw, err);
	if (!code)
		code = programs_load(maps, policy, &programs, err);
	if (!code) {
		code = firewall_install(fw, maps, &programs, policy, err);
		programs_close(&programs);
	}
	map_set_close(&none);
	return code;
}

int firewall_unspecialise(struct firewall *fw, __u32 needs, struct error *err)
{
	int code = fw->config.specialised & needs ? firewall_open_rest(fw, err) : 0;

	if (code || !(fw->config.specialised & needs) || (policy_needs(fw) & needs))
		return code;
	return firewall_reload(fw, NULL, fw->config.specialised & ~needs, err);
}
