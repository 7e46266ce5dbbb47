/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/rule_ports.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "loader/array.h"
#include "loader/map_walk.h"

#define PROTOCOLS 256

static void port_key(struct fw_port_key *key, __u32 set, __u8 proto, const struct port_prefix *prefix)
{
	memset(key, 0, sizeof(*key));
	key->prefixlen = FW_PORT_KEY_BITS - 16u + prefix->length;
	key->set_be[0] = (__u8)(set >> 24);
	key->set_be[1] = (__u8)(set >> 16);
	key->set_be[2] = (__u8)(set >> 8);
	key->set_be[3] = (__u8)set;
	key->proto = proto;
	key->port_be[0] = (__u8)(prefix->port >> 8);
	key->port_be[1] = (__u8)prefix->port;
}

void rule_ports_begin(struct map_batch *batch, struct firewall *fw)
{
	map_batch_begin(batch, fw, MAP_FW_PORTS, sizeof(struct fw_port_key), sizeof(struct fw_port_match));
}

/* The ports of one protocol, under the set's number. */
static int add_proto(struct map_batch *to, const struct rule_ports *rules, size_t n, __u8 proto, __u32 set)
{
	struct port_rule one, *ports = n > 1 ? malloc(n * sizeof(*ports)) : &one;
	struct port_prefix *prefixes = NULL;
	struct fw_port_key key;
	size_t n_ports = 0, n_prefixes = 0, i;
	int code;

	if (!ports)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		if (rules[i].proto == proto)
			ports[n_ports++] = rules[i].ports;
	code = port_set_make(ports, n_ports, &prefixes, &n_prefixes);
	for (i = 0; !code && i < n_prefixes; i++) {
		struct fw_port_match match = { .rule = prefixes[i].rule, .match = prefixes[i].match };

		port_key(&key, set, proto, &prefixes[i]);
		code = map_batch_add(to, &key, &match);
	}
	free(prefixes);
	if (ports != &one)
		free(ports);
	return code;
}

int rule_ports_add(struct map_batch *to, const struct rule_ports *rules, size_t n, __u32 *set)
{
	struct fw_config *config = &to->fw->config;
	bool done[PROTOCOLS] = { false };
	size_t i;
	int code = 0;

	*set = 0;
	if (!n)
		return 0;
	if (!config->next_port_set) /* round: 0 is none */
		config->next_port_set = 1;
	*set = config->next_port_set++;
	for (i = 0; !code && i < n; i++) {
		if (done[rules[i].proto])
			continue;
		done[rules[i].proto] = true;
		code = add_proto(to, rules, n, rules[i].proto, *set);
	}
	return code;
}

int rule_ports_write(struct firewall *fw, const struct rule_ports *rules, size_t n, __u32 *set)
{
	struct map_batch batch;
	int code;

	rule_ports_begin(&batch, fw);
	code = rule_ports_add(&batch, rules, n, set);
	if (!code)
		code = map_batch_send(&batch);
	map_batch_free(&batch);
	return code;
}

static __u32 set_of(const struct fw_port_key *key)
{
	return (__u32)key->set_be[0] << 24 | (__u32)key->set_be[1] << 16 | (__u32)key->set_be[2] << 8 | key->set_be[3];
}

struct keys {
	const __u32 *sets; /* sorted */
	size_t n_sets;
	bool others; /* what is taken: those of other sets, or of these */
	struct fw_port_key *item;
	size_t n, room;
};

static int take_key(const void *key, const void *match, void *context)
{
	struct keys *keys = context;
	__u32 set = set_of(key);
	void *grown;

	(void)match;
	if (!bsearch(&set, keys->sets, keys->n_sets, sizeof(set), compare_u32) != keys->others)
		return 0;
	grown = array_room(keys->item, keys->n, &keys->room, sizeof(*keys->item));
	if (!grown)
		return -ENOMEM;
	keys->item = grown;
	keys->item[keys->n++] = *(const struct fw_port_key *)key;
	return 0;
}

/* A trie that is walked while entries go begins anew at each, so they go behind the walk. */
static int drop(struct firewall *fw, struct keys *keys)
{
	int map = fw->map_fd[MAP_FW_PORTS], code = map_walk(map, take_key, keys);

	if (!code)
		code = map_remove(map, keys->item, keys->n, sizeof(*keys->item));
	free(keys->item);
	return code;
}

void rule_ports_drop(struct firewall *fw, __u32 set)
{
	struct keys keys = { .sets = &set, .n_sets = 1 };

	drop(fw, &keys);
}

int rule_ports_drop_others(struct firewall *fw, __u32 *sets, size_t n)
{
	static const __u32 none;
	struct keys keys = { .sets = n ? sets : &none, .n_sets = n, .others = true };

	if (n)
		qsort(sets, n, sizeof(*sets), compare_u32);
	return drop(fw, &keys);
}
