/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/array.h"
#include "loader/container_stats.h"
#include "loader/map_walk.h"
#include "loader/nearest.h"
#include "syscalls/bpf.h"

/* A name's key: zero-padded, not terminated where it uses all bytes. */
static void name_key(const char *name, char key[FW_NAME_MAX])
{
	size_t n = strlen(name);

	memset(key, 0, FW_NAME_MAX);
	memcpy(key, name, n < FW_NAME_MAX ? n : FW_NAME_MAX);
}

static int is_word_of_the_grammar(const char *name)
{
	static const char *const words[] = { "all", "watch", "prometheus", "count", "rate", "default" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(name, words[i]))
			return 1;
	return 0;
}

int container_check_name(const char *name, struct error *err)
{
	const unsigned char *byte;
	size_t n = strlen(name);

	if (n == 0 || n > FW_NAME_MAX)
		return error_set(err, -EINVAL, "container name: it has %zu bytes: use 1 to %d", n, FW_NAME_MAX);
	for (byte = (const unsigned char *)name; *byte; byte++)
		if (*byte <= ' ' || *byte == 0x7f || *byte == '/')
			return error_set(err, -EINVAL,
					 "container name: byte %zu is a control character, a space or '/': use "
					 "letters, digits, '-', '_' and '.'",
					 (size_t)(byte - (const unsigned char *)name) + 1);
	if (*name == '#' || *name == '$' || *name == '-')
		return error_set(
			err, -EINVAL,
			"container name: it begins with '%c', which files and commands read otherwise: choose another",
			*name);
	if (is_word_of_the_grammar(name))
		return error_set(err, -EINVAL, "container name: '%s' is a word of the commands: choose another", name);
	return 0;
}

/* -ENOENT without a sentence. */
static int look_up(struct firewall *fw, const char *name, struct fw_container *out, struct error *err)
{
	char key[FW_NAME_MAX];
	int code = container_check_name(name, err);

	if (code)
		return code;
	name_key(name, key);
	code = sys_bpf_map_lookup(fw->map_fd[MAP_CONTAINERS], key, out);
	if (code && code != -ENOENT)
		error_set(err, code, "%s: its record cannot be read: %s", name, strerror(-code));
	return code;
}

static int consider(const char *name, const struct fw_container *record, void *context)
{
	(void)record;
	nearest_consider(context, name, strlen(name));
	return 0;
}

static int not_found(struct firewall *fw, const char *name, struct error *err)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	container_each(fw, consider, &nearest);
	if (*nearest.word)
		return error_set(err, -ENOENT, "%s: there is no such container: did you mean `%s`?", name,
				 nearest.word);
	return error_set(err, -ENOENT, "%s: there is no such container: see `bulkhead list` and `bulkhead rules`",
			 name);
}

int container_find(struct firewall *fw, const char *name, struct fw_container *out, struct error *err)
{
	int code = look_up(fw, name, out, err);

	return code == -ENOENT && err ? not_found(fw, name, err) : code;
}

int container_ensure(struct firewall *fw, const char *name, struct fw_container *out, struct error *err)
{
	int code = look_up(fw, name, out, err);

	if (code != -ENOENT)
		return code;
	memset(out, 0, sizeof(*out));
	out->id = fw->config.next_container++;
	out->default_action = FW_DROP;
	code = firewall_write_config(fw, err);
	if (code)
		return code;
	return container_save(fw, name, out, err);
}

static void lengths_empty(struct fw_lengths *lengths)
{
	memset(lengths, 0, sizeof(*lengths));
	memset(lengths->length, FW_LENGTH_END, sizeof(lengths->length));
}

static void policy_begin(struct container_policy *policy, __u32 rules)
{
	memset(policy, 0, sizeof(*policy));
	policy->rules = rules;
	lengths_empty(&policy->in4);
	lengths_empty(&policy->in6);
	lengths_empty(&policy->out4);
	lengths_empty(&policy->out6);
}

static int facts_save(struct firewall *fw, const struct fw_container *record)
{
	const struct fw_facts facts = { .cgroup_id = record->cgroup_id, .has_device = record->n_devs > 0 };

	return sys_bpf_map_update(fw->map_fd[MAP_CONTAINER_FACTS], &record->id, &facts, BPF_ANY);
}

/* What a policy has of the record beside its settings. */
static void policy_take(struct container_policy *policy, const struct fw_container *record)
{
	policy->cgroup_id = record->cgroup_id;
	policy->has_device = record->n_devs > 0;
	policy->has_addrs = record->n_addrs > 0;
	policy->ruled = record->ruled;
}

static int policy_save(struct firewall *fw, const struct fw_container *record)
{
	__u32 key = FW_RULES(record->id, firewall_side(fw));
	struct container_policy policy;
	int code = sys_bpf_map_lookup(fw->map_fd[MAP_CONTAINER_POLICIES], &key, &policy);

	if (code && code != -ENOENT)
		return code;
	if (code == -ENOENT)
		policy_begin(&policy, key);
	policy_take(&policy, record);
	policy.limit = record->limit;
	policy.default_action = record->default_action;
	policy.quota = record->quota;
	code = sys_bpf_map_update(fw->map_fd[MAP_CONTAINER_POLICIES], &key, &policy, BPF_ANY);
	return code ? code : facts_save(fw, record);
}

void container_make_policy(const struct firewall *fw, const struct fw_container *record, struct container_policy *out)
{
	policy_begin(out, FW_RULES(record->id, firewall_side(fw)));
	policy_take(out, record);
}

int container_read_policy(struct firewall *fw, __u32 id, struct container_policy *out)
{
	__u32 key = FW_RULES(id, firewall_side(fw));

	return sys_bpf_map_lookup(fw->map_fd[MAP_CONTAINER_POLICIES], &key, out);
}

bool container_stays(const struct fw_container *record)
{
	return record->ruled || (record->limits_stay && (record->limit.burst || record->quota)) ||
	       (record->default_stays && record->default_action != FW_DROP);
}

int container_settle(struct firewall *fw, const char *name, const struct fw_container *record, struct error *err)
{
	struct fw_container now = *record;
	__u32 other = FW_RULES(record->id, !firewall_side(fw));
	struct container_policy policy;
	int code = container_read_policy(fw, record->id, &policy);

	if (code)
		return error_set(err, code, "%s: its policy cannot be read: %s", name, strerror(-code));
	now.limit = policy.limit;
	now.quota = policy.quota;
	now.default_action = policy.default_action;
	now.ruled = policy.ruled;
	now.default_stays = 1;
	now.limits_stay = 1;
	sys_bpf_map_delete(fw->map_fd[MAP_CONTAINER_POLICIES], &other);
	return memcmp(&now, record, sizeof(now)) ? container_save(fw, name, &now, err) : 0;
}

int container_save(struct firewall *fw, const char *name, const struct fw_container *record, struct error *err)
{
	char key[FW_NAME_MAX];
	int code;

	name_key(name, key);
	code = policy_save(fw, record);
	if (!code)
		code = sys_bpf_map_update(fw->map_fd[MAP_CONTAINERS], key, record, BPF_ANY);
	if (code == -E2BIG)
		return error_set(err, code, "%s: there are %d containers already: detach one and revoke its rules",
				 name, FW_MAX_CONTAINERS);
	if (code)
		return error_set(err, code, "%s: its record cannot be written: %s", name, strerror(-code));
	return 0;
}

int container_remove(struct firewall *fw, const char *name, const struct fw_container *record, struct error *err)
{
	char key[FW_NAME_MAX];
	__u32 side, key_of_side;
	int code;

	name_key(name, key);
	code = sys_bpf_map_delete(fw->map_fd[MAP_CONTAINERS], key);
	if (code && code != -ENOENT)
		return error_set(err, code, "%s: its record cannot be removed: %s", name, strerror(-code));
	for (side = 0; side < FW_SIDES; side++) {
		key_of_side = FW_RULES(record->id, side);
		sys_bpf_map_delete(fw->map_fd[MAP_CONTAINER_POLICIES], &key_of_side);
	}
	sys_bpf_map_delete(fw->map_fd[MAP_CONTAINER_FACTS], &record->id);
	return 0;
}

static void addr_key(struct fw_container_addr *key, __u32 id, const struct fw_addr *addr)
{
	memset(key, 0, sizeof(*key));
	key->container = id;
	key->family = addr->family;
	memcpy(key->addr, addr->addr, sizeof(key->addr));
}

static const struct fw_addr any_link_local = { .family = FW_IPV6, .addr = { 0xfe, 0x80 } };

static bool is_link_local(const struct fw_addr *addr)
{
	return addr->family == FW_IPV6 && addr->addr[0] == 0xfe && (addr->addr[1] & 0xc0) == 0x80;
}

/* The keys of a container's addresses. Where none of them is link-local the prefix stands for any that it gives itself.
 */
static unsigned addr_keys(const struct fw_container *record, struct fw_container_addr keys[FW_ADDRS_MAX + 1])
{
	bool knows_link_local = false;
	unsigned i;

	for (i = 0; i < record->n_addrs; i++) {
		addr_key(&keys[i], record->id, &record->addrs[i]);
		knows_link_local |= is_link_local(&record->addrs[i]);
	}
	if (i && !knows_link_local)
		addr_key(&keys[i++], record->id, &any_link_local);
	return i;
}

static int enter_failed(int code, struct error *err)
{
	return code ? error_set(err, code, "the container's entries cannot be written: %s", strerror(-code)) : 0;
}

int container_enter_addrs(struct firewall *fw, const struct fw_container *record, struct error *err)
{
	struct fw_container_addr keys[FW_ADDRS_MAX + 1];
	unsigned i, n = addr_keys(record, keys);
	__u32 one = 1;
	int code = 0;

	for (i = 0; !code && i < n; i++)
		code = sys_bpf_map_update(fw->map_fd[MAP_CONTAINER_ADDRS], &keys[i], &one, BPF_ANY);
	return enter_failed(code, err);
}

int container_enter(struct firewall *fw, const struct fw_container *record, struct error *err)
{
	int code = container_enter_addrs(fw, record, err), i;

	if (code)
		return code;
	code = container_stats_enter(fw, record->id);
	for (i = 0; !code && i < record->n_devs; i++)
		code = sys_bpf_map_update(fw->map_fd[MAP_CONTAINER_DEVS], &record->devs[i], &record->id, BPF_ANY);
	return enter_failed(code, err);
}

bool container_has_device(const struct fw_container *record, __u32 ifindex)
{
	unsigned i;

	for (i = 0; i < record->n_devs; i++)
		if (record->devs[i] == ifindex)
			return true;
	return false;
}

static bool has_key(const struct fw_container_addr *keys, unsigned n, const struct fw_container_addr *key)
{
	while (n--)
		if (!memcmp(&keys[n], key, sizeof(*key)))
			return true;
	return false;
}

void container_leave_devs(struct firewall *fw, const struct fw_container *record, const struct fw_container *kept)
{
	unsigned i;

	for (i = 0; i < record->n_devs; i++)
		if (!kept || !container_has_device(kept, record->devs[i]))
			sys_bpf_map_delete(fw->map_fd[MAP_CONTAINER_DEVS], &record->devs[i]);
}

void container_leave(struct firewall *fw, const struct fw_container *record, const struct fw_container *kept)
{
	struct fw_container_addr keys[FW_ADDRS_MAX + 1], kept_keys[FW_ADDRS_MAX + 1];
	unsigned i, n = addr_keys(record, keys), n_kept = kept ? addr_keys(kept, kept_keys) : 0;

	container_leave_devs(fw, record, kept);
	for (i = 0; i < n; i++)
		if (!has_key(kept_keys, n_kept, &keys[i]))
			sys_bpf_map_delete(fw->map_fd[MAP_CONTAINER_ADDRS], &keys[i]);
	if (!kept)
		container_stats_leave(fw, record->id);
}

struct names {
	char (*item)[FW_NAME_MAX];
	size_t n, room;
};

static int take_name(const void *key, const void *record, void *context)
{
	struct names *names = context;
	void *grown = array_room(names->item, names->n, &names->room, sizeof(*names->item));

	(void)record;
	if (!grown)
		return -ENOMEM;
	names->item = grown;
	memcpy(names->item[names->n++], key, FW_NAME_MAX);
	return 0;
}

static int compare_keys(const void *left, const void *right)
{
	return memcmp(left, right, FW_NAME_MAX);
}

int container_each(struct firewall *fw,
		   int (*visit)(const char *name, const struct fw_container *record, void *context), void *context)
{
	struct names names = { 0 };
	struct fw_container record;
	char name[FW_NAME_MAX + 1] = "";
	int code = map_walk(fw->map_fd[MAP_CONTAINERS], take_name, &names);
	size_t i;

	if (!code && names.n)
		qsort(names.item, names.n, FW_NAME_MAX, compare_keys);
	for (i = 0; !code && i < names.n; i++) {
		if (sys_bpf_map_lookup(fw->map_fd[MAP_CONTAINERS], names.item[i], &record))
			continue;
		memcpy(name, names.item[i], FW_NAME_MAX);
		code = visit(name, &record, context);
	}
	free(names.item);
	return code;
}

struct walking {
	int (*visit)(const char *name, const struct fw_container *record, void *context);
	void *context;
};

static int visit_record(const void *key, const void *record, void *context)
{
	const struct walking *walking = context;
	char name[FW_NAME_MAX + 1] = "";

	memcpy(name, key, FW_NAME_MAX);
	return walking->visit(name, record, walking->context);
}

int container_walk(struct firewall *fw,
		   int (*visit)(const char *name, const struct fw_container *record, void *context), void *context)
{
	struct walking walking = { visit, context };

	return map_walk(fw->map_fd[MAP_CONTAINERS], visit_record, &walking);
}

struct wanted {
	__u32 id;
	char *name;
};

static int match_id(const char *name, const struct fw_container *record, void *context)
{
	struct wanted *wanted = context;

	if (record->id != wanted->id)
		return 0;
	strcpy(wanted->name, name);
	return 1;
}

int container_name_of(struct firewall *fw, __u32 id, char name[FW_NAME_MAX + 1])
{
	struct wanted wanted = { id, name };

	name[0] = '\0';
	return container_walk(fw, match_id, &wanted) == 1 ? 0 : -ENOENT;
}
