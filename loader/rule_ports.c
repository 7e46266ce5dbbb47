/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/rule_ports.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "syscalls/bpf.h"

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

/* The ports of one protocol, written under the set's number. */
static int write_proto(struct firewall *fw, const struct rule_ports *rules, size_t n, __u8 proto, __u32 set)
{
	struct port_rule *ports = malloc((n + 1) * sizeof(*ports));
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
		code = sys_bpf_map_update(fw->map_fd[MAP_FW_PORTS], &key, &match, BPF_ANY);
	}
	free(prefixes);
	free(ports);
	return code;
}

int rule_ports_write(struct firewall *fw, const struct rule_ports *rules, size_t n, __u32 *set)
{
	bool done[PROTOCOLS] = { false };
	size_t i;
	int code;

	*set = 0;
	if (!n)
		return 0;
	if (!fw->config.next_port_set) /* round: 0 is none */
		fw->config.next_port_set = 1;
	*set = fw->config.next_port_set++;
	code = firewall_write_config(fw, NULL);
	for (i = 0; !code && i < n; i++) {
		if (done[rules[i].proto])
			continue;
		done[rules[i].proto] = true;
		code = write_proto(fw, rules, n, rules[i].proto, *set);
	}
	return code;
}

static __u32 set_of(const struct fw_port_key *key)
{
	return (__u32)key->set_be[0] << 24 | (__u32)key->set_be[1] << 16 | (__u32)key->set_be[2] << 8 | key->set_be[3];
}

void rule_ports_drop(struct firewall *fw, __u32 set)
{
	struct fw_port_key key, next;
	int map = fw->map_fd[MAP_FW_PORTS];
	bool more = !sys_bpf_map_next_key(map, NULL, &key);

	while (more) {
		__u32 of = set_of(&key);

		more = !sys_bpf_map_next_key(map, &key, &next);
		if (of == set)
			sys_bpf_map_delete(map, &key);
		key = next;
	}
}

static int compare_numbers(const void *left, const void *right)
{
	__u32 a = *(const __u32 *)left, b = *(const __u32 *)right;

	return (a > b) - (a < b);
}

void rule_ports_drop_others(struct firewall *fw, __u32 *sets, size_t n)
{
	struct fw_port_key key, next;
	int map = fw->map_fd[MAP_FW_PORTS];
	bool more = !sys_bpf_map_next_key(map, NULL, &key);

	if (n)
		qsort(sets, n, sizeof(*sets), compare_numbers);
	while (more) {
		__u32 set = set_of(&key);

		more = !sys_bpf_map_next_key(map, &key, &next);
		if (!n || !bsearch(&set, sets, n, sizeof(*sets), compare_numbers))
			sys_bpf_map_delete(map, &key);
		key = next;
	}
}
