/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A whole policy: what a file says, and what is in force. Files, the kernel's maps and differences are made from it and
 * into it. Each part is sorted and has nothing twice, so that two policies that say the same are the same.
 */
#ifndef LOADER_POLICY_H
#define LOADER_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/fw_abi.h"
#include "elf/error.h"
#include "loader/blocklist.h"
#include "loader/rooms.h"

struct arena;
struct options;

struct policy_rule {
	const char *name;              /* of the container; one address for one name within a policy */
	struct fw_statement statement; /* `rules` is 0 */
	__u32 number;                  /* where it is in force; else 0 */
};

/* What is not as it is at first. A container's: 0 where it has none of its own. */
struct policy_settings {
	const char *name; /* NULL: for all */
	struct fw_limit limit;
	__u32 quota;
	__u8 default_action;
	__u32 timeout_s[FW_TIMEOUT_N]; /* for all alone; 0: as at first */
	__u32 room[ROOM_N];            /* likewise */
	bool said;                     /* a file has a setting of it, if only what is so at first */
	bool ruled;                    /* that was so of the policy in force: fw_container's ruled */
	bool denies;                   /* said or ruled, and nothing else: policy_sort finds out */
};

struct policy_list {
	void *item;
	size_t n, room;
};

/* Room for one more item, zeroed; NULL: no memory. The list's memory is to be freed. */
void *policy_append(struct policy_list *list, size_t size);

struct policy {
	struct arena *text; /* the names */
	void *names;        /* for tsearch(3) */
	struct policy_settings all;
	struct policy_list containers; /* of struct policy_settings: those that have any of their own, or are named */
	struct policy_list rules;      /* of struct policy_rule */
	struct policy_list domains;    /* of const char *: "example.org", "=example.org" */
	struct prefix_list blocked;    /* without those that end */

	/* While it is read: called with each path (its last part may be a pattern) before that is opened; or NULL. */
	void (*on_path)(const char *path, void *context);
	void *on_path_context;
};

static inline void policy_reads(const struct policy *policy, const char *path)
{
	if (policy->on_path)
		policy->on_path(path, policy->on_path_context);
}

/* -ENOMEM. What is new is to be freed, in any case. */
int policy_new(struct policy *policy);
void policy_free(struct policy *policy);

/* One more, in any order. 0 or -ENOMEM. */
int policy_add_rule(struct policy *policy, const char *name, const struct fw_statement *statement, __u32 number);
int policy_add_domain(struct policy *policy, const char *text);

/* A container's settings, made where there are none; NULL: no memory. Until the next call. */
struct policy_settings *policy_settings(struct policy *policy, const char *name);

/* Takes a container's from another policy, for what it has not of its own; allow adds to deny. 0 or -ENOMEM. */
int policy_take_settings(struct policy *policy, const struct policy_settings *from);

/* Sorts each part, and leaves out what is there twice and what is as it is at first. */
void policy_sort(struct policy *policy);

/* A container's settings, NULL: none of its own; its rules, in their order. */
const struct policy_settings *policy_settings_of(const struct policy *policy, const char *name);
const struct policy_rule *policy_rules_of(const struct policy *policy, const char *name, size_t *n);

/* Takes all that is said of a container from another policy, which is in order. 0 or -ENOMEM. */
int policy_take_container(struct policy *policy, const struct policy *from, const char *name);

/* Whether it says anything of the container. */
bool policy_says(const struct policy *policy, const char *name);

/*
 * Calls visit for each line by which the two differ, as a policy file has it: '-' before one that only `from` has, '+'
 * before one that only `to` has; `from` NULL: each line of `to`. Until it gives other than 0, and gives that.
 */
typedef int (*policy_visit)(char sign, const char *line, void *context);
int policy_compare(const struct policy *from, const struct policy *to, policy_visit visit, void *context);

/* How many lines only `to` has, and how many only `from`. */
struct policy_difference {
	size_t added, removed;
};
struct policy_difference policy_difference(const struct policy *from, const struct policy *to);

#endif
