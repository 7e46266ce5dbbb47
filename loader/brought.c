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
#include "loader/rule_tables.h"

/* ---- one container's ---- */

bool is_brought(struct firewall *fw, const char *name)
{
	struct fw_container record;

	return !container_find(fw, name, &record, NULL) && record.brought && !record.ruled;
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
static bool is_said(const char *name, const struct brought_before *before, __u64 by, enum fw_brought as)
{
	const struct fw_container *record = &before->record;

	if (record->ruled)
		return true;
	if (is_own(record, by))
		return false;
	if (!as)
		return !record->brought;
	return record->brought || policy_says(&before->policy, name);
}

/* The mark comes first: whoever is killed behind it leaves what can be cleared. */
int brought_put(struct firewall *fw, const char *name, const struct policy *policy, __u64 by, enum fw_brought as,
		const struct brought_before *before, struct error *err)
{
	struct fw_container record;
	int code;

	if (before->is_there && is_said(name, before, by, as))
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

/* As one that was never brought. */
static int unmark(struct firewall *fw, const char *name, struct fw_container *record, struct error *err)
{
	record->brought = 0;
	record->brought_by = 0;
	return container_save(fw, name, record, err);
}

/* As it was before it was joined, when it had no rules: what attached its device takes that off. */
static int part(struct firewall *fw, const char *name, struct error *err)
{
	struct fw_container record;
	int code = container_policy_put(fw, name, NULL, err);

	if (!code && !container_find(fw, name, &record, NULL))
		code = unmark(fw, name, &record, err);
	return code;
}

/* The rules are a file's, and tell that it rules; where there are none, because it denies all, its mark does. */
static int let_go(struct firewall *fw, const char *name, struct fw_container *record, bool detaches, struct error *err)
{
	int code;

	record->ruled = 0;
	record->ruled = !container_stays(record) && !rules_count(fw, record->id);
	code = unmark(fw, name, record, err);
	return code || !detaches ? code : container_detach(fw, name, record, err);
}

int brought_take_back(struct firewall *fw, const char *name, struct error *err)
{
	struct fw_container record, living;
	int code = container_find(fw, name, &record, NULL);
	bool stays;

	if (code || !record.brought)
		return code == -ENOENT ? 0 : code;
	living = record;
	gone_forget(fw, &living);
	stays = record.attached && record.brought & FW_BROUGHT_JOINED && living.n_devs;
	if (record.ruled)
		return let_go(fw, name, &record, !stays, err);
	return stays ? part(fw, name, err) : clear(fw, name, &record, err);
}

/* ---- and the others' ---- */

struct known {
	char name[FW_NAME_MAX + 1];
	bool is_said, was_ruled;
};

struct knowing {
	const struct policy *to;
	struct policy_list all; /* of struct known */
	bool *rules;
};

static int visit_known(const char *name, const struct fw_container *record, void *context)
{
	struct knowing *knowing = context;
	struct known *one = record->brought ? policy_append(&knowing->all, sizeof(*one)) : NULL;

	if (!one)
		return record->brought ? -ENOMEM : 0;
	strcpy(one->name, name);
	one->is_said = policy_says(knowing->to, name);
	one->was_ruled = record->ruled;
	*knowing->rules |= one->is_said && !one->was_ruled;
	return 0;
}

/* Adds what is said of it to a policy, or that it is ruled by that. */
static int add_known(const struct policy *from, struct policy *to, const struct known *one)
{
	struct policy_settings *own;

	if (one->is_said) {
		own = policy_settings(to, one->name);
		if (own)
			own->ruled = true;
		return own ? 0 : -ENOMEM;
	}
	/* A file that does not name it any more may have ruled it. */
	return one->was_ruled ? 0 : policy_take_container(to, from, one->name);
}

/* What is said is asked for while `to` is in order, and added then. */
int brought_keep(struct firewall *fw, const struct policy *from, struct policy *to, bool *rules, struct error *err)
{
	struct knowing knowing = { .to = to, .rules = rules };
	const struct known *one;
	size_t i;
	int code;

	*rules = false;
	code = container_each(fw, visit_known, &knowing);
	one = knowing.all.item;
	for (i = 0; !code && i < knowing.all.n; i++)
		code = add_known(from, to, &one[i]);
	free(knowing.all.item);
	policy_sort(to);
	return code ? error_set(err, code, "what came with containers cannot be kept: %s", strerror(-code)) : 0;
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
