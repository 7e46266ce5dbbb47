/* SPDX-License-Identifier: GPL-2.0 */
/* list: the attached containers. */
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loader/address.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container.h"
#include "loader/gone.h"
#include "loader/json.h"
#include "loader/limits.h"
#include "loader/words.h"
#include "syscalls/bpf.h"

/* A device that has gone keeps its number, of which another may have the name. */
static const char *device_name(__u32 ifindex, bool is_gone, char room[IF_NAMESIZE + 8])
{
	if (is_gone || !if_indextoname(ifindex, room))
		snprintf(room, IF_NAMESIZE + 8, "#%u", ifindex);
	return room;
}

struct listing {
	struct firewall *fw;
	struct json *json;
};

static __u64 connections_at(struct firewall *fw, const struct fw_container *record, enum fw_layer layer)
{
	struct fw_count_key key = { record->id, fw->config.epoch, (__u8)layer, { 0 } };
	struct fw_count count;

	return sys_bpf_map_lookup(fw->map_fd[MAP_CONNTRACK_COUNTS], &key, &count) ? 0 : count.established;
}

/*
 * Established ones, and those that are idle past their timeout and not yet removed. A connection is tracked at each
 * layer that the container is attached to.
 */
static __u64 connections(struct firewall *fw, const struct fw_container *record)
{
	__u64 tc = connections_at(fw, record, FW_LAYER_TC), cgroup = connections_at(fw, record, FW_LAYER_CGROUP);

	return tc > cgroup ? tc : cgroup;
}

/* The devices and the cgroup that have gone, as they are called beside this. */
static void gone_json(struct firewall *fw, struct json *json, const struct fw_container *record)
{
	char room[IF_NAMESIZE + 8];
	unsigned i;

	json_key(json, "gone");
	json_array(json);
	for (i = 0; i < record->n_devs; i++)
		if (device_is_gone(fw, record, record->devs[i]))
			json_string(json, device_name(record->devs[i], true, room));
	if (cgroup_is_gone(record))
		json_string(json, record->cgroup);
	json_end_array(json);
}

static int print_json(const char *name, const struct fw_container *record, void *context)
{
	char room[PREFIX_TEXT_MAX];
	const struct listing *listing = context;
	struct json *json = listing->json;
	unsigned i;

	if (!record->attached)
		return 0;
	json_object(json);
	json_member(json, "name", name);
	json_key(json, "cgroup_id");
	json_id(json, record->cgroup_id);
	json_member(json, "cgroup", record->cgroup);
	json_key(json, "devs");
	json_array(json);
	for (i = 0; i < record->n_devs; i++)
		json_string(json,
			    device_name(record->devs[i], device_is_gone(listing->fw, record, record->devs[i]), room));
	json_end_array(json);
	json_key(json, "addrs");
	json_array(json);
	for (i = 0; i < record->n_addrs; i++) {
		address_print(record->addrs[i].family, record->addrs[i].addr, room);
		json_string(json, room);
	}
	json_end_array(json);
	gone_json(listing->fw, json, record);
	json_member(json, "default", action_print(record->default_action));
	if (record->limit.burst)
		limit_json(json, &record->limit);
	json_member_unsigned(json, "quota", record->quota ? record->quota : listing->fw->config.quota);
	json_member_unsigned(json, "connections", connections(listing->fw, record));
	json_end_object(json);
	return 0;
}

static int print_text(const char *name, const struct fw_container *record, void *context)
{
	const struct listing *listing = context;
	char room[PREFIX_TEXT_MAX], limit[LIMIT_TEXT_MAX];
	unsigned i;
	bool gone;

	if (!record->attached)
		return 0;
	printf("%s default %s", name, action_print(record->default_action));
	for (i = 0; i < record->n_devs; i++) {
		gone = device_is_gone(listing->fw, record, record->devs[i]);
		printf(" dev %s%s", device_name(record->devs[i], gone, room), gone ? " (gone)" : "");
	}
	if (record->cgroup_id)
		printf(" cgroup %s%s", record->cgroup, cgroup_is_gone(record) ? " (gone)" : "");
	for (i = 0; i < record->n_addrs; i++) {
		address_print(record->addrs[i].family, record->addrs[i].addr, room);
		printf("%s%s", i ? "," : " addr ", room);
	}
	if (record->limit.burst)
		printf(" %s%s", record->limit.ns_per_token ? "" : "limit ", limit_print(&record->limit, limit));
	if (record->quota)
		printf(" quota %u", record->quota);
	printf("\n");
	return 0;
}

int list_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct firewall fw;
	struct json json;
	struct listing listing = { &fw, &json };
	int code;

	(void)words;
	if (n_words)
		return usage_error(err, "list: it takes no words");
	code = firewall_open(&fw, options, FIREWALL_READ, err);
	if (code)
		return exit_status_of(code);
	if (options->json) {
		json_begin(&json, stdout);
		json_array(&json);
		code = container_each(&fw, print_json, &listing);
		json_end_array(&json);
		json_finish(&json);
	} else {
		code = container_each(&fw, print_text, &listing);
	}
	firewall_close(&fw);
	if (code)
		error_set(err, code, "the containers cannot be read: %s", strerror(-code));
	return exit_status_of(code);
}
