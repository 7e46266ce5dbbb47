/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/brought.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "loader/container.h"
#include "loader/container_policy.h"
#include "loader/detach.h"
#include "loader/gone.h"
#include "loader/policy.h"

/* ---- one container's ---- */

bool is_brought(struct firewall *fw, const char *name)
{
	struct fw_container record;

	return !container_find(fw, name, &record, NULL) && record.brought;
}

__u64 brought_by(__u64 hash, const char *text)
{
	do
		hash = fnv1a_hash(hash, (__u8)*text);
	while (*text++);
	return hash;
}

static bool is_own(const struct fw_container *record, __u64 by)
{
	return record->brought && record->brought_by == by;
}

static int mark(struct firewall *fw, const char *name, __u64 by, enum fw_brought as, struct error *err)
{
	struct fw_container record;
	int code = container_ensure(fw, name, &record, err);

	if (code)
		return code;
	if (!is_own(&record, by))
		record.brought = FW_BROUGHT | (as == FW_BROUGHT_JOINED && !record.attached ? 0 : as);
	record.brought_by = by;
	return container_save(fw, name, &record, err);
}

/*
 * An author's policy never stands in the place of, or beside, what was said of the name by others. A policy that only
 * denies all leaves nothing to be seen of it but its mark.
 */
static bool is_said(const char *name, const struct brought_before *before, enum fw_brought as)
{
	if (!as)
		return !before->record.brought;
	return (as == FW_BROUGHT_JOINED && before->record.brought & FW_BROUGHT_DEVICE) ||
	       policy_says(&before->policy, name);
}

/* The mark comes first: whoever is killed behind it leaves what can be cleared. */
int brought_put(struct firewall *fw, const char *name, const struct policy *policy, __u64 by, enum fw_brought as,
		const struct brought_before *before, struct error *err)
{
	struct fw_container record;
	int code;

	if (before->is_there && !is_own(&before->record, by) && is_said(name, before, as))
		return error_set(
			err, -EEXIST,
			"%s: somebody else has attached it or given it rules: name the container otherwise, or "
			"take that back",
			name);
	code = mark(fw, name, by, as, err);
	if (!code)
		code = container_policy_put(fw, name, policy, err);
	if (code && before->is_there)
		container_save(fw, name, &before->record, NULL);
	else if (code && !container_find(fw, name, &record, NULL))
		container_remove(fw, name, &record, NULL);
	return code;
}

int brought_read(struct firewall *fw, const char *name, struct brought_before *out, struct error *err)
{
	int code = policy_new(&out->policy);

	if (code)
		return error_set(err, code, "no memory for the policy");
	out->is_there = !container_find(fw, name, &out->record, NULL);
	code = out->is_there ? container_policy_in_force(fw, name, &out->policy, err) : 0;
	policy_sort(&out->policy);
	return code;
}

/* The mark goes last. */
void brought_put_back(struct firewall *fw, const char *name, const struct brought_before *before)
{
	struct error ignored = { 0 };
	struct fw_container record;

	if (!before->is_there) {
		brought_take_back(fw, name, &ignored);
		return;
	}
	container_policy_put(fw, name, &before->policy, &ignored);
	if (container_find(fw, name, &record, NULL))
		return;
	record.brought = before->record.brought;
	record.brought_by = before->record.brought_by;
	container_save(fw, name, &record, &ignored);
}

/* The record goes last. */
static int clear(struct firewall *fw, const char *name, const struct fw_container *record, struct error *err)
{
	struct fw_container now;
	int code = record->attached ? container_detach(fw, name, record, err) : 0;

	if (!code)
		code = container_policy_put(fw, name, NULL, err);
	if (!code && !container_find(fw, name, &now, NULL))
		code = container_remove(fw, name, &now, err);
	return code;
}

/* As it was before it was joined, when it had no rules: what attached its device takes that off. */
static int part(struct firewall *fw, const char *name, struct error *err)
{
	struct fw_container record;
	int code = container_policy_put(fw, name, NULL, err);

	if (code || container_find(fw, name, &record, NULL))
		return code;
	record.brought = 0;
	record.brought_by = 0;
	return container_save(fw, name, &record, err);
}

int brought_take_back(struct firewall *fw, const char *name, struct error *err)
{
	struct fw_container record, living;
	int code = container_find(fw, name, &record, NULL);

	if (code || !record.brought)
		return code == -ENOENT ? 0 : code;
	living = record;
	if (record.attached && record.brought & FW_BROUGHT_JOINED && !gone_forget(fw, &living))
		return part(fw, name, err);
	return clear(fw, name, &record, err);
}

/* ---- and the others' ---- */

/* What is not said is asked for while `to` is in order, and added then. */
static int keep(struct firewall *fw, const struct policy *from, struct policy *to, bool *keeps)
{
	const struct policy_settings *settings = from->containers.item;
	const struct policy_rule *rule = from->rules.item;
	size_t i, n = from->containers.n;
	int code = 0;

	for (i = 0; i < n; i++)
		keeps[i] = is_brought(fw, settings[i].name) && !policy_says(to, settings[i].name);
	for (i = 0; i < from->rules.n; i++)
		keeps[n + i] = i && rule[i].name == rule[i - 1].name
				       ? keeps[n + i - 1]
				       : is_brought(fw, rule[i].name) && !policy_says(to, rule[i].name);
	for (i = 0; !code && i < n; i++)
		if (keeps[i])
			code = policy_take_settings(to, &settings[i]);
	for (i = 0; !code && i < from->rules.n; i++)
		if (keeps[n + i])
			code = policy_add_rule(to, rule[i].name, &rule[i].statement, rule[i].number);
	policy_sort(to);
	return code;
}

int brought_keep(struct firewall *fw, const struct policy *from, struct policy *to, struct error *err)
{
	bool *keeps = calloc(from->containers.n + from->rules.n + 1, sizeof(*keeps));
	int code = keeps ? keep(fw, from, to, keeps) : -ENOMEM;

	free(keeps);
	return code ? error_set(err, code, "no memory for the policy") : 0;
}

void brought_leave_out(struct firewall *fw, struct policy *policy)
{
	struct policy_settings *settings = policy->containers.item;
	struct policy_rule *rule = policy->rules.item;
	size_t i, n = 0;

	for (i = 0; i < policy->containers.n; i++)
		if (!is_brought(fw, settings[i].name))
			settings[n++] = settings[i];
	policy->containers.n = n;
	for (i = n = 0; i < policy->rules.n; i++)
		if (!is_brought(fw, rule[i].name))
			rule[n++] = rule[i];
	policy->rules.n = n;
}
