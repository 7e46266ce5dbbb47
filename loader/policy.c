/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/policy.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "elf/arena.h"
#include "loader/array.h"

int policy_new(struct policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->text = arena_new();
	return policy->text ? 0 : -ENOMEM;
}

void policy_free(struct policy *policy)
{
	while (policy->names)
		tdelete(*(char **)policy->names, &policy->names, (int (*)(const void *, const void *))strcmp);
	free(policy->containers.item);
	free(policy->rules.item);
	free(policy->domains.item);
	prefix_list_free(&policy->blocked);
	if (policy->text)
		arena_free(policy->text);
	memset(policy, 0, sizeof(*policy));
}

/* The one address of a name. */
static const char *name_of(struct policy *policy, const char *name)
{
	char *copy = (char *)name, **found = tfind(name, &policy->names, (int (*)(const void *, const void *))strcmp);

	if (found)
		return *found;
	copy = arena_text(policy->text, name, strlen(name));
	found = copy ? tsearch(copy, &policy->names, (int (*)(const void *, const void *))strcmp) : NULL;
	return found ? *found : NULL;
}

void *policy_append(struct policy_list *list, size_t size)
{
	void *item, *grown;

	grown = array_room(list->item, list->n, &list->room, size);
	if (!grown)
		return NULL;
	list->item = grown;
	item = (char *)list->item + list->n++ * size;
	return memset(item, 0, size);
}

int policy_add_rule(struct policy *policy, const char *name, const struct fw_statement *statement, __u32 number)
{
	const char *kept = name_of(policy, name);
	struct policy_rule *rule = kept ? policy_append(&policy->rules, sizeof(*rule)) : NULL;

	if (!rule)
		return -ENOMEM;
	rule->name = kept;
	rule->statement = *statement;
	rule->statement.rules = 0;
	rule->number = number;
	return 0;
}

int policy_add_domain(struct policy *policy, const char *text)
{
	char *copy = arena_text(policy->text, text, strlen(text));
	const char **domain = copy ? policy_append(&policy->domains, sizeof(*domain)) : NULL;

	if (!domain)
		return -ENOMEM;
	*domain = copy;
	return 0;
}

struct policy_settings *policy_settings(struct policy *policy, const char *name)
{
	struct policy_settings *item = policy->containers.item;
	const char *kept = name_of(policy, name);
	size_t i;

	if (!kept)
		return NULL;
	for (i = policy->containers.n; i-- > 0;)
		if (item[i].name == kept)
			return &item[i];
	item = policy_append(&policy->containers, sizeof(*item));
	if (item)
		item->name = kept;
	return item;
}

int policy_take_settings(struct policy *policy, const struct policy_settings *from)
{
	struct policy_settings *settings = policy_settings(policy, from->name);

	if (!settings)
		return -ENOMEM;
	if (!settings->limit.burst)
		settings->limit = from->limit;
	if (!settings->quota)
		settings->quota = from->quota;
	settings->default_action |= from->default_action;
	settings->said |= from->said;
	settings->ruled |= from->ruled;
	return 0;
}
