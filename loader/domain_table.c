/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/domain_table.h"

#include <errno.h>
#include <string.h>

#include "loader/map_walk.h"
#include "syscalls/bpf.h"

#define ROOM_MORE 1024

static int lookup(struct firewall *fw, const struct domain *domain, struct fw_domain *out)
{
	struct fw_domain_key key = domain_key(domain);

	return sys_bpf_map_lookup(fw->map_fd[MAP_BLOCKED_DOMAINS], &key, out);
}

static int store(struct firewall *fw, const struct fw_domain_key *key, const struct fw_domain *entry)
{
	if (!entry->exact && !entry->subtree)
		return sys_bpf_map_delete(fw->map_fd[MAP_BLOCKED_DOMAINS], key);
	return sys_bpf_map_update(fw->map_fd[MAP_BLOCKED_DOMAINS], key, entry, BPF_ANY);
}

/* FW_SIDE_BIT of the sides that are written. */
static __u8 sides_written(const struct firewall *fw)
{
	return (__u8)(fw->other_side ? 1 + firewall_side(fw) : FW_SIDE_BITS);
}

int domain_block(struct firewall *fw, const struct domain *domain, struct error *err)
{
	struct fw_domain_key key = domain_key(domain);
	char room[DOMAIN_TEXT_MAX];
	struct fw_domain entry;
	int code = lookup(fw, domain, &entry);

	if (code == -ENOENT) {
		memset(&entry, 0, sizeof(entry));
		memcpy(entry.name, domain->name, sizeof(entry.name));
	} else if (code) {
		return error_set(err, code, "the blocked domains cannot be read: %s", strerror(-code));
	}
	if (memcmp(entry.name, domain->name, sizeof(entry.name)))
		return error_set(err, -EEXIST, "%s: another blocked name has the same hash: unblock that first",
				 domain_text(entry.name, room));
	if (domain->exact)
		entry.exact |= sides_written(fw);
	else
		entry.subtree |= sides_written(fw);
	code = store(fw, &key, &entry);
	if (code == -E2BIG && !firewall_grow(fw, MAP_BLOCKED_DOMAINS, ROOM_MORE, err))
		code = store(fw, &key, &entry);
	return code ? error_set(err, code, "the blocked domains cannot be written: %s", strerror(-code)) : 0;
}

bool domain_is_blocked(struct firewall *fw, const struct domain *domain)
{
	__u32 side = 1 + firewall_side(fw);
	struct fw_domain entry;

	if (lookup(fw, domain, &entry))
		return false;
	return (domain->exact ? entry.exact : entry.subtree) & side;
}

int domain_unblock(struct firewall *fw, const struct domain *domain, struct error *err)
{
	struct fw_domain_key key = domain_key(domain);
	struct fw_domain entry;
	int code = lookup(fw, domain, &entry);

	if (code)
		return code == -ENOENT
			       ? 0
			       : error_set(err, code, "the blocked domains cannot be read: %s", strerror(-code));
	if (domain->exact)
		entry.exact &= ~sides_written(fw);
	else
		entry.subtree &= ~sides_written(fw);
	code = store(fw, &key, &entry);
	return code && code != -ENOENT
		       ? error_set(err, code, "the blocked domains cannot be written: %s", strerror(-code))
		       : 0;
}

static __u8 settled(__u8 sides, __u32 side)
{
	return sides & side ? FW_SIDE_BITS : 0;
}

static enum map_edit settle_entry(const void *key, void *value, void *context)
{
	const struct firewall *fw = context;
	struct fw_domain *entry = value;
	const struct fw_domain was = *entry;
	__u32 side = FW_SIDE_BIT(fw->config.generation);

	(void)key;
	entry->exact = settled(was.exact, side);
	entry->subtree = settled(was.subtree, side);
	if (entry->exact == was.exact && entry->subtree == was.subtree)
		return MAP_KEEP;
	return entry->exact || entry->subtree ? MAP_WRITE : MAP_REMOVE;
}

int domain_table_settle(struct firewall *fw)
{
	return map_edit(fw->map_fd[MAP_BLOCKED_DOMAINS], settle_entry, fw);
}
