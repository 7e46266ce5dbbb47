/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "loader/attach.h"
#include "loader/conntrack.h"
#include "loader/container.h"
#include "loader/firewall.h"
#include "loader/gone.h"
#include "loader/rule_tables.h"
#include "loader/targets.h"

/* A device or cgroup belongs to one container. */
struct conflict {
	const struct targets *targets;
	char text[FW_NAME_MAX + 1];
	const char *what;
};

static int visit_conflict(const char *name, const struct fw_container *record, void *context)
{
	struct conflict *conflict = context;
	unsigned i, j;

	if (!record->attached || !strcmp(name, conflict->targets->name))
		return 0;
	strcpy(conflict->text, name);
	conflict->what = "cgroup";
	if (conflict->targets->cgroup.fd >= 0 && record->cgroup_id == conflict->targets->cgroup.id)
		return 1;
	conflict->what = "device";
	for (i = 0; i < record->n_devs; i++)
		for (j = 0; j < conflict->targets->n_devs; j++)
			if (record->devs[i] == conflict->targets->devs[j])
				return 1;
	return 0;
}

/* Takes out of the targets what the record has. */
static int visit_shared(const char *name, const struct fw_container *record, void *context)
{
	struct targets *targets = context;
	unsigned i, n = 0;

	if (!record->attached || !strcmp(name, targets->name))
		return 0;
	for (i = 0; i < targets->n_devs; i++)
		if (!container_has_device(record, targets->devs[i]))
			targets->devs[n++] = targets->devs[i];
	if (n < targets->n_devs)
		targets->n_addrs = 0;
	targets->n_devs = n;
	return 0;
}

int targets_leave_shared(struct firewall *fw, struct targets *targets, struct error *err)
{
	int code = container_each(fw, visit_shared, targets);

	return code ? error_set(err, code, "the containers cannot be read: %s", strerror(-code)) : 0;
}

static bool is_in_cgroup(struct firewall *fw, const char *name)
{
	struct error ignored = { 0 };
	struct fw_container record;

	return !container_find(fw, name, &record, &ignored) && record.cgroup_id && !cgroup_is_gone(&record);
}

int targets_check(struct firewall *fw, struct targets *targets, struct error *err)
{
	struct conflict conflict = { .targets = targets };
	int code = container_walk(fw, visit_conflict, &conflict);

	targets->has_cgroup = targets->cgroup.fd >= 0 || (!targets->no_cgroup.code && is_in_cgroup(fw, targets->name));
	if (code == 1)
		return error_set(err, -EBUSY,
				 "%s: its %s belongs to container %s: detach that first, or run "
				 "`bulkhead gc` where it has died",
				 targets->name, conflict.what, conflict.text);
	return code;
}

static int merge_devices(struct fw_container *record, const struct targets *targets, struct error *err)
{
	unsigned i, j;

	for (i = 0; i < targets->n_devs; i++) {
		for (j = 0; j < record->n_devs && record->devs[j] != targets->devs[i]; j++)
			;
		if (j < record->n_devs)
			continue;
		if (record->n_devs == FW_DEVS_MAX)
			return error_set(err, -E2BIG, "%s: a container has at most %d devices", targets->name,
					 FW_DEVS_MAX);
		record->devs[record->n_devs++] = targets->devs[i];
	}
	return 0;
}

static int merge_cgroup(struct fw_container *record, const struct targets *targets, struct error *err)
{
	if (targets->cgroup.fd < 0)
		return 0;
	if (record->cgroup_id && record->cgroup_id != targets->cgroup.id)
		return error_set(err, -EBUSY, "%s: it is attached to cgroup %s already: detach it first", targets->name,
				 record->cgroup);
	record->cgroup_id = targets->cgroup.id;
	memset(record->cgroup, 0, sizeof(record->cgroup));
	strcpy(record->cgroup, targets->cgroup.path);
	return 0;
}

static int merge(struct fw_container *record, const struct targets *targets, struct error *err)
{
	int code = merge_devices(record, targets, err);

	if (!code)
		code = merge_cgroup(record, targets, err);
	if (code)
		return code;
	if (targets->n_addrs) {
		memset(record->addrs, 0, sizeof(record->addrs));
		memcpy(record->addrs, targets->addrs, targets->n_addrs * sizeof(*targets->addrs));
		record->n_addrs = (__u8)targets->n_addrs;
	}
	if (targets->has_default) {
		record->default_action = targets->default_action;
		record->default_stays = 0;
	}
	if (targets->no_cgroup.code || targets->cgroup.fd >= 0)
		record->cgroup_left_out = targets->cgroup.fd < 0;
	record->attached = 1;
	return 0;
}

static int put_on_hooks(struct firewall *fw, const struct targets *targets, const struct fw_container *record,
			struct error *err)
{
	unsigned i;
	int code = 0;

	for (i = 0; !code && i < targets->n_devs; i++)
		code = attach_device(fw, (int)targets->devs[i], record->id, err);
	if (!code && targets->cgroup.fd >= 0)
		code = attach_cgroup(fw, targets->cgroup.fd, targets->cgroup.id, record->id, err);
	return code;
}

/* The policy stands before the first program is on its hook, so no packet is judged without one. */
static int bring_in(struct firewall *fw, const struct targets *targets, const struct fw_container *record,
		    struct error *err)
{
	int code = container_enter_addrs(fw, record, err);

	if (!code)
		code = container_save(fw, targets->name, record, err);
	if (!code)
		code = container_enter(fw, record, err);
	if (!code)
		code = put_on_hooks(fw, targets, record, err);
	return code;
}

/* What was in force before goes on without a gap; a name that was only made for this goes again. */
static void take_back(struct firewall *fw, const struct targets *targets, const struct fw_container *before,
		      const struct fw_container *record)
{
	const struct fw_container *kept = before->attached ? before : NULL;
	struct error ignored = { 0 };

	detach_container(fw, record->id, kept, &ignored);
	container_leave(fw, record, kept);
	if (kept || container_stays(before) || rules_count(fw, before->id))
		container_save(fw, targets->name, before, &ignored);
	else
		container_remove(fw, targets->name, before, &ignored);
}

/* What the new record has no more: devices and a cgroup that have gone, addresses that were replaced. */
static void forget(struct firewall *fw, const struct fw_container *before, const struct fw_container *record)
{
	struct error ignored = { 0 };

	detach_container(fw, record->id, record, &ignored);
	container_leave(fw, before, record);
}

/*
 * Within a change of policy. What has gone took its programs along, and gives its place to what came; with all of its
 * targets a container's connections have ended, and do not count against the next one's quota.
 */
static int attach_named(struct firewall *fw, const struct targets *targets, struct error *err)
{
	struct fw_container before, record;
	int code = container_ensure(fw, targets->name, &before, err);

	if (code)
		return code;
	record = before;
	if (gone_forget(fw, &record))
		conntrack_leave(fw, record.id);
	code = merge(&record, targets, err);
	if (!code) {
		container_leave_devs(fw, &before, &record);
		code = bring_in(fw, targets, &record, err);
	}
	if (code)
		take_back(fw, targets, &before, &record);
	else
		forget(fw, &before, &record);
	return code;
}

int targets_attach(struct firewall *fw, struct targets *targets, struct error *err)
{
	struct error later = { 0 };
	int code = targets_check(fw, targets, err);

	if (!code)
		code = policy_change_begin(fw, err);
	if (code)
		return code;
	code = attach_named(fw, targets, err);
	if (policy_change_end(fw, &later) && !code)
		code = error_set(err, later.code, "%s", later.text);
	return code;
}
